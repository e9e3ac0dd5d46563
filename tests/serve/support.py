"""A real server, as a process of its own, over catalogues with known contents."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from pyoxigraph import RdfFormat

from harvester.store.generations import Catalogue, Generation
from tests.waiting import PATIENCE_S, wait_for


@dataclass(frozen=True)
class Server:
    """A server that answers. `url` has no slash at its end; `process` is the one that was started."""

    url: str
    host: str
    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        source: str = "",
    ) -> "Reply":
        """Send exactly this request, on a connection of its own: nothing is added but Host and a length.

        `source` is the address to ask from, of those that this machine has.
        """
        bound = (source, 0) if source else None
        connection = http.client.HTTPConnection(self.host, self.port, PATIENCE_S, bound)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


@dataclass(frozen=True)
class Reply:
    """An answer, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def media_type(self) -> str:
        """Without parameters."""
        return self.headers.get_content_type()


@contextmanager
def serving(store: Path, *options: str, program: str = "harvester") -> Iterator[Server]:
    """Run `harvester serve` over the catalogue in `store` until the block ends; it must then stop cleanly."""
    with started(store, *options, program=program) as server:
        wait_until_healthy(server)
        yield server
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_S) == 0, server.log.read_text()


@contextmanager
def started(store: Path, *options: str, program: str = "harvester") -> Iterator[Server]:
    """Run `harvester serve` until the block ends; it answers, but is not healthy yet, or will not be.

    With few processes and without dumps, unless `options` say otherwise: each one costs time to start.
    """
    port = free_port()
    command = [
        sys.executable,
        "-m",
        program,
        "serve",
        "--store",
        str(store),
        "--port",
        str(port),
        "--workers",
        "1",
        "--no-dumps",
        *options,
    ]
    with (
        tempfile.NamedTemporaryFile(prefix="serve", suffix=".log") as log,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process,
    ):
        server = Server(f"http://127.0.0.1:{port}", "127.0.0.1", port, process, Path(log.name))
        try:
            wait_for_status(server, 200, 503)
            yield server
        finally:
            process.kill()


def wait_until_healthy(server: Server) -> None:
    """Return when the server says that it is well."""
    wait_for_status(server, 200)


def wait_for_status(server: Server, *statuses: int) -> None:
    """Return when the answer to whether the server is well is one of these."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if server.ask("GET", "/health").status in statuses:
                return
        except OSError:
            pass
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the server does not answer: {server.log.read_text()}")
        time.sleep(0.02)


def wait_until_served(server: Server, generation: str) -> None:
    """Return when the server serves this generation."""
    wait_for(lambda: json.loads(server.ask("GET", "/health").body).get("generation") == generation)


def under_way(server: Server) -> int:
    """How many queries the server works on, or has waiting."""
    health = json.loads(server.ask("GET", "/health").body)
    return int(health["busy"]) + int(health["waiting"])


def front(server: Server) -> psutil.Process:
    """The process that answers."""
    (process,) = psutil.Process(server.process.pid).children()
    return process


def kill_workers(server: Server) -> None:
    """Kill the processes that evaluate queries, all at once; return when they are gone."""
    forkserver = max(front(server).children(), key=lambda process: len(process.children()))
    workers = forkserver.children()
    for worker in workers:
        worker.kill()
    assert psutil.wait_procs(workers, timeout=PATIENCE_S)[1] == []


def await_answer(port: int) -> None:
    """Return when a server has answered: it says that it serves a moment before it minds signals."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        finally:
            connection.close()


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        return int(reserved.getsockname()[1])


def publish(folder: Path, trig: str) -> Generation:
    """Make a catalogue hold exactly these quads."""
    catalogue = Catalogue(folder)
    with catalogue.lock("a test"), catalogue.stage("run") as stage:
        for graph in list(stage.store.named_graphs()):
            stage.store.remove_graph(graph)
        stage.store.bulk_load(trig.encode(), RdfFormat.TRIG)
        return stage.publish({})
