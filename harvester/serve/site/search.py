"""/search: finding records by words and facets, as a page, and as JSON at /search.json."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.search.terms import NO_INDEX
from harvester.serve.core.serving import serving_of
from harvester.serve.html.rendering import page
from harvester.serve.html.words import LANGUAGES, words_of
from harvester.serve.http.problem import Problem
from harvester.serve.queries.rows import query_address
from harvester.serve.site.asked import Asked
from harvester.serve.site.findings import Found, find, shown, tabs

PATH = "/search"
TITLES = "search-titles"
"""The canned query that searches without an index."""


async def search(request: Request) -> Response:
    """Show what is found."""
    asked = Asked.read(request.query_params.multi_items())
    return await findings_page(
        request, asked, "search.html", PATH, lambda found: {"tabs": tabs(request, asked, found["kinds"])}
    )


async def findings_page(
    request: Request, asked: Asked, template: str, home: str, more: Callable[[Found], Mapping[str, Any]]
) -> Response:
    """Show what a search finds on the page at `home`, whose template takes `more` values."""
    try:
        found = await find(request, asked)
    except Problem as problem:
        if problem.slug != NO_INDEX:
            raise
        return await _unsearchable(request, asked, problem)
    return await page(request, template, {**await shown(request, asked, found, home), **more(found)})


async def as_json(request: Request) -> Response:
    """Answer the same search for programs, with links to the pages beside it."""
    serving = serving_of(request)
    items = request.query_params.multi_items()
    asked = Asked.read(items)
    language = dict(items).get("language", "")
    if language and language not in LANGUAGES:
        raise Problem(400, f"There are no labels in {language[:40]!r}", f"use {' or '.join(LANGUAGES)}")
    answer = await serving.engine.answer(asked.task(language or words_of(request).language), request)
    last = asked.last_page(int(answer.facts["total"]))
    beside = {"first": 1, "prev": min(asked.page - 1, last), "next": asked.page + 1}
    said = f"&language={language}" if language else ""
    links = [
        f'<{serving.url("/search.json")}{asked.turned(number).search() or "?"}{said}>; rel="{relation}"'
        for relation, number in beside.items()
        if 1 <= number <= max(last, 1)
    ]
    return answer.response({"Link": ", ".join(links), "Vary": "Accept-Language, Cookie"})


async def _unsearchable(request: Request, asked: Asked, problem: Problem) -> Response:
    """Say that there is no index, and where titles can be searched."""
    serving = serving_of(request)
    titles = query_address(serving, TITLES, {}) if TITLES in serving.library.paths else ""
    context = {"asked": asked, "titles": titles}
    return await page(request, "unsearchable.html", context, problem)


ROUTES = [Route(PATH, search), Route(f"{PATH}.json", as_json)]
