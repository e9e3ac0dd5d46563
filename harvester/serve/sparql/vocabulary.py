"""The catalogue's own words, for the SPARQL editor to complete what is typed."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import serving_of
from harvester.serve.html.words import words_of
from harvester.workers.task import Task

PATH = "/sparql/vocabulary.json"


async def vocabulary(request: Request) -> Response:
    """Tell which classes and properties the catalogue uses, and which prefixes queries may use undeclared."""
    task = Task("vocabulary", (words_of(request).language,))
    answer = await serving_of(request).engine.answer(task, request)
    return answer.response({"Vary": "Accept-Language, Cookie"})


ROUTES = [Route(PATH, vocabulary)]
