"""The catalogue for harvesters: /catalog, /catalog.ttl and so on, in pages that Hydra links."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.export.pages import SYNTAXES
from harvester.serve.core.serving import serving_of
from harvester.serve.http.problem import Problem
from harvester.serve.http.suffixes import format_of
from harvester.workers.task import Task

PATH = "/catalog"
PAGE_SIZE = 100


async def catalogue(request: Request) -> Response:
    """Answer one page of the catalogue."""
    serving = serving_of(request)
    arguments = (
        format_of(request, SYNTAXES),
        _number(request, "page_size", PAGE_SIZE),
        _number(request, "page", 1),
        request.query_params.get("generation"),
        serving.url(PATH),
    )
    answer = await serving.engine.answer(Task("catalogue_page", arguments), request)
    return answer.response()


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10):
        raise Problem(400, f"{name} must be a number, not {text[:40]!r}", f"write it as in {name}={default}")
    return int(text)


ROUTES = [Route(PATH, catalogue), Route(PATH + ".{suffix}", catalogue)]
