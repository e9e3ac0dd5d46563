"""The server as one ASGI application: routes, what every answer carries, and errors as clients see them."""

import asyncio
import logging
import time
from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from harvester.serve.core.editions import Editions
from harvester.serve.core.gate import ADDRESS, CLIENT
from harvester.serve.core.serving import Serving
from harvester.serve.data import catalogue, downloads
from harvester.serve.feeds import changes, opensearch, sitemap
from harvester.serve.html.rendering import page
from harvester.serve.http.headers import PREFLIGHT, complete
from harvester.serve.http.negotiation import prefers_html
from harvester.serve.http.problem import MEDIA_TYPE, Problem, as_json
from harvester.serve.http.stalled import drop_stalled
from harvester.serve.operate import health, metrics
from harvester.serve.operate.access import access_log
from harvester.serve.operate.metrics import Metrics
from harvester.serve.queries import api_page, chart, openapi
from harvester.serve.queries import endpoint as canned
from harvester.serve.queries.shelf import usable
from harvester.serve.site import language, resource, reuses, runs, search, start
from harvester.serve.site.overview import Overview
from harvester.serve.sparql import files, vocabulary, void
from harvester.serve.sparql.endpoint import ALLOWED, SparqlEndpoint
from harvester.store.generations import Generation

_log = logging.getLogger(__name__)
_SPARQL = "/sparql"
_CLIENT_LEFT = 499
_LOOKS = "/static/"
"""What pages are styled with, also those that say that a token is missing."""
_LISTENING_S = 1.0
"""Some time after the start, when the server surely listens."""
_READING = "GET, HEAD, OPTIONS"
_PARTS = (
    language,
    start,
    search,
    reuses,
    api_page,
    canned,
    chart,
    openapi,
    resource,
    catalogue,
    downloads,
    void,
    vocabulary,
    files,
    runs,
    changes,
    sitemap,
    opensearch,
    health,
    metrics,
)
_OPEN = "/health"
"""Answers without a token: load balancers have none, and it tells nothing of what is in the catalogue."""


class App:
    """Serves one catalogue. `harvester.serve.server` runs it; `ready` is called when it can answer."""

    def __init__(self, serving: Serving, ready: Callable[[], None] = lambda: None) -> None:
        self._serving = serving
        self._ready = ready
        self._metrics = Metrics(serving.engine)
        self._overview = Overview(self, serving.engine)
        self.state = SimpleNamespace(serving=serving, metrics=self._metrics, overview=self._overview)
        self._access_log = access_log(serving.settings.access_log)
        self._prefix = serving.settings.prefix
        self._editions = Editions(serving.settings, serving.engine, self._follow)
        self._sparql = SparqlEndpoint(serving)
        static = StaticFiles(packages=[("harvester.serve.html", "static")])
        routes = [route for part in _PARTS for route in part.ROUTES]
        self._router = Router([*routes, Mount("/static", static)], redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        status, size = 0, 0

        async def outgoing(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = complete(message["headers"], status)
            else:
                size += len(message.get("body", b""))
            await send(message)

        scope["app"] = self
        scope[ADDRESS] = self._serving.gate.address(scope)
        if self._prefix and f"{scope['path']}/".startswith(self._prefix + "/"):
            scope["path"] = scope["path"][len(self._prefix) :] or "/"
        try:
            await self._route(scope, receive, outgoing)
        except Problem as problem:
            await self._tell(problem, scope, receive, outgoing)
        except HTTPException as error:
            await self._tell(_as_problem(error), scope, receive, outgoing)
        except Exception:  # noqa: BLE001  # whatever it is, it costs this request only
            _log.exception("%s %r", scope["method"], scope["path"])
            if not status:
                mistake = Problem(500, "The server made a mistake", "report it to the server's operator")
                await self._tell(mistake, scope, receive, outgoing)
        finally:
            seconds = time.perf_counter() - begun
            status = status or _CLIENT_LEFT
            self._metrics.count(_route_of(scope), status, seconds)
            if self._access_log:
                self._access_log.write(scope, status, size, seconds)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await _options(scope, send)
            return
        path = scope["path"]
        if path != _OPEN and not path.startswith(_LOOKS):
            scope[CLIENT] = self._serving.gate.client(scope)
        if path == _SPARQL:
            await self._sparql(scope, receive, send)
        else:
            scope["extensions"] = {}  # granian's own way to send files has no time limit
            await self._router(scope, receive, send)

    async def _tell(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a problem as a page or as JSON."""
        request = Request(scope, receive)
        if prefers_html(request.headers.get("accept", "")):
            values = {
                "title": problem.title,
                "cause": problem.cause,
                "fix": problem.fix,
                "status": problem.status,
            }
            response = await page(request, "problem.html", values, problem)
        else:
            body = as_json(problem, self._prefix + quote(scope["path"]))
            response = Response(body, problem.status, problem.headers, MEDIA_TYPE)
        await response(scope, receive, send)

    async def _follow(self, generation: Generation) -> None:
        """Do what a generation that begins to be served asks for."""
        await asyncio.gather(self._overview.warm(generation), self._serving.dumps.make(generation))

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start and stop what the requests need: https://asgi.readthedocs.io/en/latest/specs/lifespan.html."""
        await receive()
        try:
            await self._editions.start()
        except BaseException as error:  # noqa: BLE001  # whatever it is, the server must say so, not hang
            _log.exception("the server cannot start")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        asyncio.get_running_loop().call_later(_LISTENING_S, drop_stalled, self._serving.settings.stall_s)
        self._ready()
        warming = asyncio.create_task(asyncio.to_thread(self._warm))
        await receive()
        await warming
        self._overview.close()
        await self._editions.stop()
        if self._access_log:
            self._access_log.close()
        await send({"type": "lifespan.shutdown.complete"})

    def _warm(self) -> None:
        """Read what the first reader of a page would wait for."""
        self._serving.templates.warm()
        for _ in usable(self._serving.library):
            pass


async def _options(scope: Scope, send: Send) -> None:
    methods = ALLOWED if scope["path"] == _SPARQL else _READING
    headers = [(b"allow", methods.encode()), (b"access-control-allow-methods", methods.encode()), *PREFLIGHT]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _as_problem(error: HTTPException) -> Problem:
    """Translate what Starlette's router and its files raise."""
    allowed = {"Allow": _READING} if error.status_code == 405 else {}
    causes = {
        404: ("There is nothing at this address", "begin at the start page, or read /api"),
        405: ("This address can only be read", f"use one of {_READING}"),
    }
    cause, fix = causes.get(error.status_code, (str(error.detail), "correct the request"))
    return Problem(error.status_code, cause, fix, headers={**(error.headers or {}), **allowed})


def _route_of(scope: Scope) -> str:
    """Return the pattern of the route that answered: few different ones, whatever is asked for."""
    if scope["path"] == _SPARQL:
        return _SPARQL
    route = scope.get("route")
    return getattr(route, "path", "other")
