"""The pages of the canned queries: the list of them, and each with its form, answer and text."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import dropwhile, groupby
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from harvester.errors import UsageError
from harvester.query.canned import Query
from harvester.query.results import GRAPHS, ROWS
from harvester.serve.core.serving import Serving
from harvester.serve.html.links import Download, editor_address, label
from harvester.serve.html.preview import Preview
from harvester.serve.html.rendering import page
from harvester.serve.html.words import Words, words_of
from harvester.serve.http.negotiation import content_type
from harvester.serve.http.problem import Problem, problem_from
from harvester.serve.queries.call import HTML, MAX_ROWS, Call, formats
from harvester.serve.queries.chart import answer_in, figure
from harvester.serve.queries.examples import example
from harvester.serve.queries.fields import fields
from harvester.serve.queries.openapi import PATH


async def query_list(request: Request, queries: Sequence[Query], tag: str | None) -> Response:
    """Show queries, in groups if they are not those of one tag."""
    words = words_of(request)
    groups = [("", list(queries))] if tag is not None else _grouped(queries, words)
    tags = {tag: tag_name(words, tag) for query in queries for tag in query.header.tags}
    context = {
        "groups": [group for group in groups if group[1]],
        "tag": tag,
        "about": tag_name(words, tag) if tag else "",
        "tags": sorted(tags.items(), key=lambda named: named[1]),
    }
    return await page(request, "queries.html", context)


async def query_page(request: Request, serving: Serving, call: Call) -> Response:
    """Show a query: its form, the answer if there are values enough, what is wrong with them if anything."""
    query, words = call.query, words_of(request)
    call = call.for_reader(words.language)
    told = query.header.told(words.language)
    preview, problem, text, bound = None, None, query.text, False
    try:
        if not call.missing:
            text, bound = call.text(), True
            preview = await answer_in(words, request, call)
    except UsageError as error:
        problem = problem_from(error)
    except Problem as error:
        problem = error
    address = serving.path(PATH + quote(query.name))
    links = call.links(more=preview is not None and preview.more)
    shown = without_header(text)
    context = {
        "query": query,
        "told": told,
        "call": call,
        "address": address,
        "fields": fields(call, words),
        "problem": problem,
        "answer": preview,
        "chart": figure(serving, call, preview, words) if preview else None,
        "headline": _headline(call, preview, words) if preview else "",
        "note": _note(call, preview, words) if preview else "",
        "downloads": downloads(call, address) if bound else [],
        "pages": {"prev": "", "next": ""} | {rel: address + to.search() for rel, to in links.items()},
        "example": "" if preview else await _example(request, serving, call),
        "text": shown,
        "editor": editor_address(serving, shown) if bound else "",
    }
    return await page(request, "query.html", context, problem)


def downloads(call: Call, address: str) -> list[Download]:
    """Return the files in which the same answer comes."""
    outputs = GRAPHS if call.query.form.gives_graph else ROWS
    search = replace(call, format=None).search()
    return [
        Download(label(outputs[name]), f"{address}.{name}{search}", content_type(outputs[name]))
        for name in formats(call.query.form)
        if name != HTML
    ]


async def _example(request: Request, serving: Serving, call: Call) -> str:
    values = await example(request, serving, call.query)
    return Call(call.query, values).search() if values else ""


def _headline(call: Call, preview: Preview, words: Words) -> str:
    size = call.query.header.pagination
    if not size or preview.table is None:
        return preview.headline(words)
    rows = len(preview.table.rows)
    if call.page == 1 and not preview.more:
        return preview.headline(words)
    if not rows:
        return words.gettext("No rows")
    first = (call.page - 1) * size + 1
    numbers = {"first": words.number(first), "last": words.number(first + rows - 1)}
    return words.gettext("Rows %(first)s to %(last)s") % numbers


def _note(call: Call, preview: Preview, words: Words) -> str:
    if preview.table is not None and not preview.table.rows and preview.table.truth is None:
        if call.page > 1:
            return words.gettext("There is no page %(number)s.") % {"number": words.number(call.page)}
        return words.gettext("Nothing in the catalogue fits.")
    if not preview.more or call.query.header.pagination:
        return ""
    if call.query.form.gives_graph:
        most = words.ngettext("%(num)s triple", "%(num)s triples", MAX_ROWS)
    else:
        most = words.ngettext("%(num)s row", "%(num)s rows", MAX_ROWS)
    note = words.gettext(
        "There is more than is shown here. The files hold up to %(most)s; the SPARQL endpoint gives all."
    )
    return note % {"most": most}


def tag_name(words: Words, tag: str) -> str:
    """Return the word for a tag of queries; one of the operator's own is a word as it stands."""
    return words.pgettext("tag", tag)


def _grouped(queries: Sequence[Query], words: Words) -> list[tuple[str, list[Query]]]:
    """Group queries by their first tag, the largest group first; those alone with theirs go before all."""
    by_tag = [(tag, list(group)) for tag, group in groupby(sorted(queries, key=_first_tag), key=_first_tag)]
    alone = sorted((group[0] for _, group in by_tag if len(group) == 1), key=lambda query: query.name)
    groups = [(_heading(tag_name(words, tag)), group) for tag, group in by_tag if len(group) > 1]
    return [(words.gettext("The catalogue"), alone), *sorted(groups, key=lambda group: -len(group[1]))]


def _heading(text: str) -> str:
    return text[:1].upper() + text[1:]


def _first_tag(query: Query) -> str:
    return next(iter(query.header.tags), "")


def without_header(text: str) -> str:
    """Return the query behind its header."""
    lines = text.splitlines(keepends=True)
    return "".join(dropwhile(lambda line: line.startswith("#") or not line.strip(), lines)).rstrip()
