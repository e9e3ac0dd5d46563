"""The portal on loopback: HTTP/1.1 with keep-alive, a thread per connection."""

import gzip
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

from tests.simulator.api import Api
from tests.simulator.exchange import Answer, Delivery, Request, json_answer
from tests.simulator.faults import Fault
from tests.simulator.manners import UDATA, Manners
from tests.simulator.night import Night
from tests.simulator.pace import seconds
from tests.simulator.world import World


class Portal:
    """A running portal. `world` and `faults` may be replaced at any time; `requests` lists all targets."""

    def __init__(self, api: Api, faults: Sequence[Fault], port: int) -> None:
        self._api = api
        self._faults = tuple(faults)
        self._left = {index: fault.times for index, fault in enumerate(faults)}
        self._lock = threading.Lock()
        self._busy = 0
        self.site = f"http://127.0.0.1:{port}"
        self.api = f"{self.site}/api/1"
        self.requests: list[str] = []
        self.agents: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.bytes_sent = 0
        self.most_at_once = 0

    @property
    def world(self) -> World:
        return self._api.world

    @world.setter
    def world(self, world: World) -> None:
        self._api.world = world

    @property
    def manners(self) -> Manners:
        return self._api.manners

    @manners.setter
    def manners(self, manners: Manners) -> None:
        self._api.manners = manners

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self._faults

    @faults.setter
    def faults(self, faults: Sequence[Fault]) -> None:
        with self._lock:
            self._faults = tuple(faults)
            self._left = {index: fault.times for index, fault in enumerate(faults)}

    def asked(self, part: str) -> list[str]:
        """Return the requested targets that contain `part`, in order."""
        return [target for target in self.requests if part in target]

    def render_all(self, extension: str, page_size: int) -> None:
        """Render every catalogue page now, so that serving them costs little."""
        pages = -(-len(self.world.listed) // page_size)
        for number in range(1, pages + 1):
            target = f"/api/1/site/catalog.{extension}?page={number}&page_size={page_size}"
            self._api.answer(Request(target, {}, self.site))

    def render_list(self, target: str, mask: str | None = None) -> None:
        """Make every page of a JSON list now, from its first on; `mask` (X-Fields) has to keep next_page."""
        headers = {} if mask is None else {"X-Fields": mask}
        following: str | None = f"{self.site}{target}"
        while following is not None:
            request = Request(following.removeprefix(self.site), headers, self.site)
            following = json.loads(self._api.answer(request).body)["next_page"]

    def respond(self, request: Request) -> Answer:
        """Answer a request, with the faults that concern it."""
        with self._lock:
            self.requests.append(request.target)
            self.agents[request.headers.get("User-Agent", "")] += 1
            faults = [fault for index, fault in enumerate(self._faults) if self._due(index, request.target)]
            self._busy += 1
            self.most_at_once = max(self.most_at_once, self._busy)
        try:
            begun = time.perf_counter()
            answer = self._api.answer(request, faults)
            due = seconds(self.manners, request, self.world) - (time.perf_counter() - begun)
            time.sleep(max(0.0, due))
        finally:
            with self._lock:
                self._busy -= 1
        for fault in faults:
            answer = fault.spoil(answer)
            self.world = fault.after(self.world)
        if self.manners.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
            encoded = (*answer.headers, ("Content-Encoding", "gzip"))
            answer = Answer(
                answer.status, answer.media_type, gzip.compress(answer.body, 1), encoded, answer.delivery
            )
        with self._lock:
            self.statuses[answer.status] += 1
            self.bytes_sent += len(answer.body)
        return answer

    def _due(self, index: int, target: str) -> bool:
        left = self._left[index]
        if left == 0 or not self._faults[index].concerns(target):
            return False
        if left is not None:
            self._left[index] = left - 1
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    portal: Portal
    closing: threading.Event

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        if self.path == "/__stats":
            portal = self.server.portal
            statuses = {str(status): count for status, count in portal.statuses.items()}
            stats = {"requests": len(portal.requests), "bytes": portal.bytes_sent} | statuses
            self._send(json_answer(stats))
            return
        headers = {name.title(): self.headers[name] for name in self.headers}
        base = f"http://{headers.get('Host', '')}"
        self._send(self.server.portal.respond(Request(self.path, headers, base)))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        """`/__evolve?edit=100&remove=20&add=20&seed=7`: so much happens (see Night); `seed` draws to what.

        `visits=3` moves what the portal counts, and no date.
        """
        request = Request(self.path, {}, "")
        counts = {name: int(number) for name, number in request.query.items()}
        draw, visits = Random(counts.pop("seed", 1)), counts.pop("visits", 0)
        if request.path != "/__evolve" or not counts.keys() <= Night.__dataclass_fields__.keys():
            self._send(json_answer({"known": sorted(Night.__dataclass_fields__)}, 404))
            return
        portal = self.server.portal
        portal.world = Night(**counts).over(portal.world, draw).evolved(visits=visits)
        self._send(json_answer({"datasets": len(portal.world.listed)}))

    def _send(self, answer: Answer) -> None:
        if answer.delivery is Delivery.SILENT:
            self.server.closing.wait()
            self.close_connection = True
            return
        self.send_response(answer.status)
        if answer.status != 304:
            self.send_header("Content-Type", answer.media_type)
        if answer.status != 304 and answer.delivery not in (Delivery.ENDLESS, Delivery.TRICKLE):
            self.send_header("Content-Length", str(len(answer.body)))
        if not any(name == "Vary" for name, _ in answer.headers):
            self.send_header("Vary", "Origin, Cookie")
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(answer)

    def _send_body(self, answer: Answer) -> None:
        match answer.delivery:
            case Delivery.CUT | Delivery.RESET:
                self.wfile.write(answer.body[: len(answer.body) * 2 // 3])
                self.wfile.flush()
                self.close_connection = True
                if answer.delivery is Delivery.RESET:
                    self._reset()
            case Delivery.ENDLESS:
                self.close_connection = True
                while not self.server.closing.is_set():
                    self.wfile.write(answer.body or b" ")
            case Delivery.TRICKLE:
                self.close_connection = True
                while not self.server.closing.wait(0.01):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            case _:
                self.wfile.write(answer.body)

    def _reset(self) -> None:
        """Close with RST instead of FIN: what zero seconds of linger do once no handle is left open."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Stay quiet."""


@contextmanager
def serve(
    world: World | None = None,
    faults: Sequence[Fault] = (),
    *,
    manners: Manners = UDATA,
    directory: Path | None = None,
    port: int = 0,
) -> Iterator[Portal]:
    """Run a portal on loopback (`port` 0: any free one) until the block ends.

    `directory`: answers are kept there and served from there.
    """
    with _Server(("127.0.0.1", port), _Handler) as server:
        server.closing = threading.Event()
        api = Api(world or World(), manners, directory)
        server.portal = Portal(api, faults, server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.portal
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
