"""The SPARQL endpoint, an ASGI application without a framework: it answers the bulk of all requests.

https://www.w3.org/TR/sparql11-protocol/
"""

from functools import lru_cache

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from harvester.serve.core.body import read_body
from harvester.serve.core.serving import Serving
from harvester.serve.html.preview import Preview
from harvester.serve.http.answer import AnswerResponse
from harvester.serve.http.negotiation import GRAPH_TYPES, graph_output, prefers_html, rows_output
from harvester.serve.http.problem import Problem
from harvester.serve.sparql.editor import asked_format, sparql_page
from harvester.serve.sparql.protocol import MAX_REMEMBERED, Operation, read_get, read_post
from harvester.serve.sparql.void import service_task
from harvester.workers.task import Task

ALLOWED = "GET, HEAD, POST, OPTIONS"
_SHOWN = 200
"""Rows or triples of an answer on a page."""


class SparqlEndpoint:
    """Answers requests to /sparql."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._base = serving.url("/sparql")
        self._remembered = lru_cache(maxsize=1024)(self._of_get)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. Raises Problem."""
        accept, method = _header(scope, b"accept"), scope["method"]
        if method in ("GET", "HEAD"):
            query_string = scope["query_string"]
            short = len(query_string) + len(accept) <= MAX_REMEMBERED
            task = (self._remembered if short else self._of_get)(query_string, accept)
            if task is None:
                await self._page(read_get(query_string), Request(scope, receive), send)
                return
        elif method == "POST":
            content_type = _header(scope, b"content-type")
            body = await read_body(scope, receive, self._serving)
            operation = read_post(content_type, body, scope["query_string"])
            if prefers_html(accept):
                await self._page(operation, Request(scope, receive), send)
                return
            task = self._task(operation, rows_output(accept), graph_output(accept))
        else:
            cause = f"{method} is none of the protocol's methods"
            raise Problem(405, cause, "use GET or POST", headers={"Allow": ALLOWED})
        engine = self._serving.engine
        answer = engine.known(task) or await engine.answer(task, Request(scope, receive))
        await AnswerResponse(answer, stall_s=self._serving.settings.stall_s)(scope, receive, send)

    def _of_get(self, query_string: bytes, accept: str) -> Task | None:
        """Return the task of a GET request; None if it wants a page. Raises Problem."""
        if prefers_html(accept) and not (accept := asked_format(query_string)):
            return None
        operation, rows, graph = read_get(query_string), rows_output(accept), graph_output(accept)
        if operation:
            return self._task(operation, rows, graph)
        if graph is None:
            cause = "Without a query this address describes the service, as a graph"
            raise Problem(406, cause, f"ask a query, or accept one of {', '.join(GRAPH_TYPES)}")
        return service_task(self._serving, graph)

    def _task(
        self, operation: Operation, rows: str | None, graph: str | None, limit: int | None = None
    ) -> Task:
        names = operation.names_dataset
        default = operation.default_graphs if names else None
        named = operation.named_graphs if names else None
        return Task("sparql", (operation.query, default, named, rows, graph, limit, self._base))

    async def _page(self, operation: Operation | None, request: Request, send: Send) -> None:
        """Show a query and the beginning of its answer, or the editor alone."""
        preview, problem = None, None
        if operation:
            task = self._task(operation, "json", "ttl", _SHOWN)
            try:
                answer = await self._serving.engine.answer(task, request)
                preview = await (await Preview.of(answer)).labelled(request)
            except Problem as error:
                problem = error
        text = operation.query if operation else ""
        response = await sparql_page(request, text, preview, problem)
        await response(request.scope, request.receive, send)


def _header(scope: Scope, wanted: bytes) -> str:
    """Return a header; several of a name are one list (RFC 9110, section 5.3)."""
    return b", ".join([value for name, value in scope["headers"] if name == wanted]).decode("latin-1")
