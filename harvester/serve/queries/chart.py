"""Charts of canned queries: pictures at /charts/NAME.svg, and the figures that pages put them into."""

from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.errors import HarvesterError, UsageError
from harvester.query.canned import Query
from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.html.charts import Plot, plot_of
from harvester.serve.html.drawing import WIDTH, draw, height
from harvester.serve.html.preview import Preview
from harvester.serve.html.rendering import tagged
from harvester.serve.html.rows import Table
from harvester.serve.html.words import LANGUAGES, Words, words_in, words_of
from harvester.serve.http.problem import Problem, problem_from
from harvester.serve.queries.call import HTML, Call, control
from harvester.serve.queries.openapi import PATH
from harvester.serve.queries.shelf import BrokenQuery, find

CHARTS = "/charts/"
SVG = "image/svg+xml"
_ROWS = 40
"""Most rows of the table behind a figure; the query's page has all."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of an answer with its words: `alt` tells what it shows, `query` and `csv` lead behind it.

    `note` says which rows are drawn if those are not all.
    """

    title: str
    language: str
    image: str
    width: int
    height: int
    alt: str
    note: str
    query: str
    csv: str
    table: Table


async def picture(request: Request) -> Response:
    """Draw the chart of a query."""
    serving = serving_of(request)
    name = request.path_params["name"]
    try:
        query = find(serving.library, name)
        if query is None or query.header.chart is None:
            raise Problem(404, "There is no such chart", "begin at /queries: the pages of queries show them")
        words, items = _language(query, request)
        call = Call.read(query, items).for_reader(words.language)
        plot = _plot(call, await answer_in(words, request, call), words)
    except HarvesterError as error:
        raise problem_from(error) from error
    if plot is None:
        raise Problem(404, "The answer has nothing to draw", "see the query's page for what it gives")
    return tagged(await to_thread(draw, plot, words), SVG, words.language)


def _language(query: Query, request: Request) -> tuple[Words, list[tuple[str, str]]]:
    """Return the words that ?language= asks for, otherwise the reader's, and the query's own parameters."""
    name, words, items = control(query, "language"), words_of(request), []
    for item in request.query_params.multi_items():
        if item[0] != name:
            items.append(item)
        elif item[1] in LANGUAGES:
            words = words_in(item[1])
        elif item[1]:
            raise UsageError(f"There are no words in {item[1][:20]!r}", fix=f"use {' or '.join(LANGUAGES)}")
    return words, items


async def figure_of(request: Request, name: str, values: Mapping[str, str] | None = None) -> Figure | None:
    """Return the figure of a query, None if it has none, or nothing to draw. Raises Problem."""
    serving, words = serving_of(request), words_of(request)
    try:
        query = find(serving.library, name)
        if query is None or query.header.chart is None:
            return None
        call = Call(query, values or {}).for_reader(words.language)
        preview = await answer_in(words, request, call)
    except BrokenQuery:
        return None
    except HarvesterError as error:
        raise problem_from(error) from error
    return figure(serving, call, preview, words)


def figure(serving: Serving, call: Call, preview: Preview, words: Words) -> Figure | None:
    """Return the figure of an answer in a reader's words, None if there is nothing to draw."""
    plot = _plot(call, preview, words)
    if plot is None or preview.table is None:
        return None
    name, search = quote(call.query.name), call.search()
    return Figure(
        title=plot.title,
        language=call.query.header.told(words.language).language,
        image=f"{serving.path(CHARTS)}{name}.svg{search}",
        width=WIDTH,
        height=height(plot),
        alt=plot.sentence(words),
        note=_note(call, plot, words),
        query=f"{serving.path(PATH)}{name}{search}",
        csv=f"{serving.path(PATH)}{name}.csv{search}",
        table=replace(preview.table, rows=preview.table.rows[:_ROWS]),
    )


def _note(call: Call, plot: Plot, words: Words) -> str:
    """Say which rows are drawn, "" if it is all of them."""
    shown = len(plot.labels) if plot.kind == "bar" else plot.total
    before = (call.page - 1) * (call.query.header.pagination or 0)
    if before or plot.more:
        said = {"first": words.number(before + 1), "last": words.number(before + shown)}
        return words.gettext("Rows %(first)s to %(last)s") % said
    if shown == plot.total:
        return ""
    said = {"shown": words.number(shown), "total": words.number(plot.total)}
    return words.gettext("The first %(shown)s of %(total)s.") % said


async def answer_in(words: Words, request: Request, call: Call) -> Preview:
    """Return the answer to a query in a reader's words. Raises UsageError, Problem."""
    preview = await Preview.of(await serving_of(request).engine.answer(call.task(HTML), request))
    if preview.table is None:
        return preview
    table = preview.table.told(call.query.header.told(words.language))
    return await replace(preview, table=table).labelled(request)


def _plot(call: Call, preview: Preview, words: Words) -> Plot | None:
    header = call.query.header
    if header.chart is None or preview.table is None:
        return None
    return plot_of(preview.table, header.chart, header.told(words.language).summary, more=preview.more)


ROUTES = [Route(CHARTS + "{name}.svg", picture)]
