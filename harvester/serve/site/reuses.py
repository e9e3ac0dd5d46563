"""/reuses: the gallery of what people made."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.search.terms import REUSE
from harvester.serve.core.serving import serving_of
from harvester.serve.html.words import words_of
from harvester.serve.queries.openapi import PATH as PATH_OF_QUERIES
from harvester.serve.queries.shelf import usable
from harvester.serve.site.asked import Asked
from harvester.serve.site.search import findings_page

PATH = "/reuses"
_SIZE = 24
"""Cards of a page: rows of two, three and four are full."""
_BESIDE = ("most-viewed-reuses", "reuses-by-type-and-topic", "reuses-over-time", "reuses-without-dataset")
"""Queries about reuses that the gallery leads to."""


async def gallery(request: Request) -> Response:
    """Show reuses as cards."""
    serving, language = serving_of(request), words_of(request).language
    queries = [
        (query.header.told(language).summary, serving.path(PATH_OF_QUERIES + query.name))
        for query in usable(serving.library, _BESIDE)
    ]
    asked = Asked.read(request.query_params.multi_items(), _SIZE, REUSE)
    return await findings_page(request, asked, "reuses.html", PATH, lambda _: {"queries": queries})


ROUTES = [Route(PATH, gallery)]
