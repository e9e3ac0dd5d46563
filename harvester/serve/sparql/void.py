"""What the service and its data are, for machines: /.well-known/void, and /sparql without a query."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.http.negotiation import GRAPH_TYPES, graph_output
from harvester.serve.http.problem import Problem
from harvester.workers.task import Task


async def void(request: Request) -> Response:
    """Describe the data (https://www.w3.org/TR/void/#well-known)."""
    serving = serving_of(request)
    output = graph_output(request.headers.get("accept"))
    if output is None:
        raise Problem(406, "The description is a graph", f"accept one of {', '.join(GRAPH_TYPES)}")
    dumps = await asyncio.to_thread(serving.dumps.described, serving.url)
    files = tuple((dump.url, dump.media_type, dump.compression, dump.size) for dump in dumps)
    answer = await serving.engine.answer(Task("void", (output, serving.settings.base, files)), request)
    return answer.response()


def service_task(serving: Serving, output: str) -> Task:
    """Return the task that describes the endpoint in an output of graphs."""
    return Task("service", (output, serving.settings.base))


ROUTES = [Route("/.well-known/void", void)]
