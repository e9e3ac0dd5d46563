"""Charts of canned queries: pictures at /charts/NAME.svg, and the figures that pages put them into."""

from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.errors import HarvesterError
from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.html.charts import WIDTH, Plot, draw, plot_of
from harvester.serve.html.labels import labels
from harvester.serve.html.preview import Preview
from harvester.serve.html.rendering import tagged
from harvester.serve.html.rows import Table
from harvester.serve.html.words import Words, words_of
from harvester.serve.http.problem import Problem, problem_from
from harvester.serve.queries.call import HTML, Call
from harvester.serve.queries.openapi import PATH
from harvester.serve.queries.shelf import BrokenQuery, find

CHARTS = "/charts/"
SVG = "image/svg+xml"
_ROWS = 40
"""Most rows of the table behind a figure; the query's page has all."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of an answer with its words: `alt` tells what it shows, `query` and `csv` lead behind it.

    `note` says how many rows are drawn if those are not all.
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
    serving, words = serving_of(request), words_of(request)
    name = request.path_params["name"]
    try:
        query = find(serving.library, name)
        if query is None or query.header.chart is None:
            raise Problem(404, "There is no such chart", "begin at /queries: the pages of queries show them")
        call = Call.read(query, request.query_params.multi_items()).for_reader(words.language)
        plot = _plot(call, await answer_table(request, call, words), words)
    except HarvesterError as error:
        raise problem_from(error) from error
    if plot is None:
        raise Problem(404, "The answer has nothing to draw", "see the query's page for what it gives")
    return tagged(await to_thread(draw, plot, words), SVG, words.language)


async def figure_of(request: Request, name: str, values: Mapping[str, str] | None = None) -> Figure | None:
    """Return the figure of a query, None if it has none, or nothing to draw. Raises Problem."""
    serving, words = serving_of(request), words_of(request)
    try:
        query = find(serving.library, name)
        if query is None or query.header.chart is None:
            return None
        call = Call(query, values or {}).for_reader(words.language)
        table = await answer_table(request, call, words)
    except BrokenQuery:
        return None
    except HarvesterError as error:
        raise problem_from(error) from error
    return figure(serving, call, table, words)


def figure(serving: Serving, call: Call, table: Table, words: Words) -> Figure | None:
    """Return the figure of an answer in a reader's words, None if there is nothing to draw."""
    plot = _plot(call, table, words)
    if plot is None:
        return None
    name, search = quote(call.query.name), call.search()
    shown, note = len(plot.labels), ""
    if plot.kind == "bar" and plot.total > shown:
        said = {"shown": words.number(shown), "total": words.number(plot.total)}
        note = words.gettext("The first %(shown)s of %(total)s.") % said
    return Figure(
        title=plot.title,
        language=call.query.header.told(words.language).language,
        image=f"{serving.path(CHARTS)}{name}.svg{search}",
        width=WIDTH,
        height=plot.height,
        alt=plot.sentence(words),
        note=note,
        query=f"{serving.path(PATH)}{name}{search}",
        csv=f"{serving.path(PATH)}{name}.csv{search}",
        table=Table(table.columns, table.rows[:_ROWS]),
    )


async def answer_table(request: Request, call: Call, words: Words) -> Table:
    """Return the answer to a query of rows in a reader's words. Raises HarvesterError."""
    preview = await Preview.of(await serving_of(request).engine.answer(call.task(HTML), request))
    table = (preview.table or Table()).told(call.query.header.told(words.language))
    return table.labelled(await labels(request, table.iris))


def _plot(call: Call, table: Table, words: Words) -> Plot | None:
    header = call.query.header
    return plot_of(table, header.chart, header.told(words.language).summary) if header.chart else None


ROUTES = [Route(CHARTS + "{name}.svg", picture)]
