"""For search engines: /sitemap.xml, which lists /sitemap-1.xml and so on, and /robots.txt.

https://www.sitemaps.org/protocol.html , https://www.rfc-editor.org/rfc/rfc9309
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.html.links import RESOURCE
from harvester.serve.html.rendering import tagged
from harvester.serve.http.problem import Problem
from harvester.workers.task import Task

PATH = "/sitemap.xml"
PAGES = ("/", "/reuses", "/queries", "/runs", "/sparql", "/api", "/dumps/")
"""The pages that are no record's."""
_PART = "/sitemap-%d.xml"
_CLOSED = (
    "/sparql?",  # any query at all
    "/charts",
    "/search",  # words and facets without end
    "/reuses?",
    "/queries?",
    "/queries/*?",
    "/queries/*.",
    "/resource.",  # the same as the pages, for programs
    "/statements",
    "/catalog",
    "/runs?",
    "/runs/*?",
    "/language/",
    "/health",
    "/metrics",
)
"""What robots should leave: pages without end, and what is there in another form."""


async def index(request: Request) -> Response:
    """List the parts of the sitemap."""
    serving = serving_of(request)
    task = Task("sitemap_index", (serving.url(_PART), len(PAGES)))
    return (await serving.engine.answer(task, request)).response()


async def part(request: Request) -> Response:
    """Answer with a part of the sitemap."""
    serving, text = serving_of(request), request.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 7 and text[0] != "0"):
        raise Problem(404, "The sitemap has no such part", f"{serving.url(PATH)} lists them")
    pages = tuple(serving.url(path) for path in PAGES)
    task = Task("sitemap_part", (int(text), serving.url(RESOURCE), pages))
    return (await serving.engine.answer(task, request)).response()


async def robots(request: Request) -> Response:
    """Tell robots what they may read. They only ask at the root of a host."""
    return tagged(_rules(serving_of(request)).encode(), "text/plain; charset=utf-8")


def _rules(serving: Serving) -> str:
    closed = [f"Disallow: {serving.path(path)}" for path in _CLOSED]
    rules = ["User-agent: *", *closed]
    return "\n".join([*rules, "", f"Sitemap: {serving.url(PATH)}", ""])


ROUTES = [Route(PATH, index), Route("/sitemap-{number}.xml", part), Route("/robots.txt", robots)]
