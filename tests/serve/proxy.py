"""A reverse proxy as small as one can be: gives a server a path prefix, and says who asked."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "/open/catalogue"
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "date", "server"}
"""https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1, and what this server writes itself."""


@contextmanager
def proxy(port: int, upstream: int, *, strips: bool) -> Iterator[None]:
    """Pass what comes to `port` below PREFIX on to `upstream`, without the prefix if it `strips`.

    A client says in the header X-Test-Client from where it comes, as if it had that address.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            below = self.path == PREFIX or self.path.startswith((PREFIX + "/", PREFIX + "?"))
            if not below:
                self.send_error(404, "outside of the prefix")
                return
            path = (self.path.removeprefix(PREFIX) or "/") if strips else self.path
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name != "X-Test-Client"}
            said = [self.headers.get("X-Forwarded-For"), self.headers.get("X-Test-Client", "203.0.113.1")]
            headers["X-Forwarded-For"] = ", ".join(filter(None, said))
            inside = http.client.HTTPConnection("127.0.0.1", upstream, timeout=60)
            inside.request(self.command, path, body or None, headers)
            answer = inside.getresponse()
            data = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {*_HOP_BY_HOP, "content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)
            inside.close()

        do_HEAD = do_POST = do_GET  # noqa: N815  # the library's names

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
