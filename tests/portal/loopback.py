"""A real HTTP server on loopback whose answers a test scripts, one behaviour after another for each path.

with Loopback() as server:
    server.on("/a", reply(status=503), reply(b"<s> <p> <o> ."))
    client.get(server.url("/a"))
    assert len(server.seen) == 2
"""

import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Behaviour = Callable[["Handler"], None]


@dataclass(frozen=True)
class Seen:
    """A request as the server saw it; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    client: tuple[str, int] = field(compare=False)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # heads and bodies are sent apart, without waiting
    server: "_Server"

    def do_GET(self) -> None:
        with self.server.loopback.under_way(self):
            self.server.loopback.behaviour(self.path)(self)

    def log_message(self, *args: Any) -> None:
        pass

    @property
    def stopping(self) -> threading.Event:
        """Set when the test is over: behaviours that take their time wait for it."""
        return self.server.loopback.stopping


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    loopback: "Loopback"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may hang up whenever they like."""


class Loopback:
    """The server, over TLS if given a context. `seen`: requests in order; `peak`: most under way at once."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self.peak = 0
        self.stopping = threading.Event()
        self._under_way = 0
        self._lock = threading.Lock()
        self._scripts: dict[str, list[Behaviour]] = {}
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.loopback = self
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; from then on connections are refused."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str = "/") -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}{path}"

    def on(self, path: str, *behaviours: Behaviour) -> str:
        """Answer requests for `path` (with its query) so, in this order, the last one again and again."""
        self._scripts[path] = list(behaviours)
        return self.url(path)

    def behaviour(self, path: str) -> Behaviour:
        with self._lock:
            script = self._scripts.get(path) or [reply(b"nothing here", 404, "text/plain")]
            return script.pop(0) if len(script) > 1 else script[0]

    def under_way(self, handler: Handler) -> "_UnderWay":
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            self.seen.append(Seen(handler.path, headers, handler.client_address))
        return _UnderWay(self)

    def count(self, step: int) -> None:
        with self._lock:
            self._under_way += step
            self.peak = max(self.peak, self._under_way)


class _UnderWay:
    def __init__(self, loopback: Loopback) -> None:
        self._loopback = loopback

    def __enter__(self) -> None:
        self._loopback.count(1)

    def __exit__(self, *args: object) -> None:
        self._loopback.count(-1)


def reply(body: bytes = b"", status: int = 200, media_type: str = "text/turtle", **headers: str) -> Behaviour:
    """Answer properly, HEAD without a body; headers are named as in Retry_After="7"."""

    def behave(handler: Handler) -> None:
        _head(handler, status, {"Content-Type": media_type, "Content-Length": str(len(body)), **headers})
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return behave


def zipped(body: bytes, status: int = 200, media_type: str = "text/turtle") -> Behaviour:
    """Answer gzip-encoded."""
    return reply(gzip.compress(body, mtime=0), status, media_type, Content_Encoding="gzip")


def redirect(location: str, status: int = 302) -> Behaviour:
    """Send the client elsewhere, with a page of HTML as udata does."""
    return reply(b"<!doctype html>Redirecting...", status, "text/html; charset=utf-8", Location=location)


def cut(body: bytes, announced: int, *, reset: bool = False) -> Behaviour:
    """Announce more than is sent, then close the connection, or reset it."""

    def behave(handler: Handler) -> None:
        _head(handler, 200, {"Content-Type": "text/turtle", "Content-Length": str(announced)})
        handler.wfile.write(body)
        _hang_up(handler, reset=reset)

    return behave


def drip(head: bytes, drop: bytes, pause: float = 0.0) -> Behaviour:
    """Send raw bytes, then one drop after another, until the client has had enough or the test is over."""

    def behave(handler: Handler) -> None:
        handler.wfile.write(head)
        while not handler.stopping.wait(pause):
            handler.wfile.write(drop)

    return behave


def raw(data: bytes) -> Behaviour:
    """Send these bytes and close the connection."""

    def behave(handler: Handler) -> None:
        handler.wfile.write(data)
        _hang_up(handler, reset=False)

    return behave


def silence(handler: Handler) -> None:
    """Say nothing until the test is over."""
    handler.stopping.wait()


def _head(handler: Handler, status: int, headers: Mapping[str, str]) -> None:
    handler.send_response_only(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def _hang_up(handler: Handler, *, reset: bool) -> None:
    handler.close_connection = True
    handler.wfile.flush()
    if reset:  # with a linger time of zero, closing sends RST
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
