"""/reuses: the gallery of what people made."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import serving_of
from harvester.serve.html.rendering import page
from harvester.serve.html.words import words_of
from harvester.serve.http.problem import Problem
from harvester.serve.queries.openapi import PATH as PATH_OF_QUERIES
from harvester.serve.queries.shelf import usable
from harvester.serve.site.asked import REUSE, Asked
from harvester.serve.site.findings import find, shown
from harvester.serve.site.search import NO_INDEX, unsearchable

PATH = "/reuses"
_SIZE = 24
"""Cards of a page: rows of two, three and four are full."""
_BESIDE = ("most-viewed-reuses", "reuses-by-type-and-topic", "reuses-over-time", "reuses-without-dataset")
"""Queries about reuses that the gallery leads to."""


async def gallery(request: Request) -> Response:
    """Show reuses as cards."""
    serving, language = serving_of(request), words_of(request).language
    asked = Asked.read(request.query_params.multi_items(), _SIZE, REUSE)
    try:
        found = await find(request, asked)
    except Problem as problem:
        if problem.slug != NO_INDEX:
            raise
        return await unsearchable(request, asked, problem)
    context = await shown(request, asked, found, PATH)
    context["queries"] = [
        (query.header.told(language).summary, serving.path(PATH_OF_QUERIES + query.name))
        for query in usable(serving.library, _BESIDE)
    ]
    return await page(request, "reuses.html", context)


ROUTES = [Route(PATH, gallery)]
