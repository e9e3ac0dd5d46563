"""Clients that mean harm: the server stays within its bounds, and others go on undisturbed."""

import itertools
import json
import signal
import socket
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import psutil
import pytest

from harvester.config import MEBIBYTE
from tests.serve import killers
from tests.serve.support import Reply, Server, serving, started, under_way, wait_until_healthy
from tests.waiting import PATIENCE_S, wait_for

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all the addresses of 127.0.0.0/8"),
]

QUERY = {"Content-Type": "application/sparql-query"}
HEAD = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
NEIGHBOUR, ATTACKER = "127.0.7.7", "127.0.6.6"
ENOUGH_S = 0.05
"""An answer within this time is quick, however quick others were."""
MEASURED_S = 0.5
"""For so long the neighbour asks, one small query after the other, to find out how quickly it is answered."""
MANY = ("--workers", "4")
"""As many processes as the smallest of servers has by itself."""
MEMORY = 256 * MEBIBYTE
FRONT = 256 * MEBIBYTE
"""More than enough for the process that speaks HTTP: its cache holds 64 MiB."""
_number = itertools.count()


@pytest.fixture(scope="module")
def server(demo_store: Path) -> Iterator[Server]:
    """Over the recorded portal's catalogue."""
    with serving(demo_store, *MANY, "--timeout", "2", "--memory", str(MEMORY // MEBIBYTE)) as server:
        yield server
        assert_no_mistake(server)


@pytest.fixture(scope="module")
def impatient(demo_store: Path) -> Iterator[Server]:
    """The same, but two seconds are what it waits for a client to send or take something."""
    with serving(demo_store, *MANY, program="tests.serve.impatient") as server:
        time.sleep(1.5)  # from then on the kernel minds what clients take
        yield server
        assert_no_mistake(server)


def assert_no_mistake(server: Server) -> None:
    log = server.log.read_text()
    assert '" 500 ' not in log
    assert "Traceback" not in log


def small_query() -> str:
    """Return a query that nobody asked before, and that is answered in a moment."""
    return f"SELECT ?s {{ ?s a ?t }} LIMIT 10 OFFSET {next(_number)}"


def usual_s(server: Server, seconds: float = MEASURED_S) -> float:
    """Return how long the neighbour's small queries take, in the middle; all of them are answered."""
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.perf_counter()
        reply = server.ask("GET", f"/sparql?query={quote(small_query())}", source=NEIGHBOUR)
        times.append(time.perf_counter() - begun)
        assert reply.status == 200, reply.body
        time.sleep(0.01)
    return statistics.median(times)


def assert_undisturbed(server: Server, usual: float, seconds: float = MEASURED_S) -> None:
    """Check that the neighbour is answered as quickly as usual.

    What else runs on this machine may disturb one measurement; what disturbs five in a row is the attack.
    """
    times: list[float] = []
    while not times or times[-1] >= max(2 * usual, ENOUGH_S):
        assert len(times) < 5, f"usually {usual}, now {times}"
        times.append(usual_s(server, seconds))


def told(reply: Reply, *statuses: int) -> int:
    """Check that an answer is a refusal which says what to do; return its status."""
    assert reply.status in statuses, reply.body
    assert json.loads(reply.body)["fix"]
    if reply.status == 429:
        assert int(reply.headers["Retry-After"]) >= 1
    return reply.status


@contextmanager
def repeated(action: Callable[[int], object], threads: int) -> Iterator[Counter[object]]:
    """Do something over and over in many threads until the block ends; count what comes of it."""
    outcomes: Counter[object] = Counter()
    over = threading.Event()

    def run(number: int) -> None:
        while not over.is_set():
            try:
                outcome = action(number)
            except (OSError, HTTPException):
                outcome = "broken off"
            except AssertionError as error:
                outcome = f"wrong: {error}"
            outcomes[outcome] += 1

    crowd = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for member in crowd:
        member.start()
    try:
        yield outcomes
    finally:
        over.set()
        for member in crowd:
            member.join()


@dataclass
class Usage:
    """Most memory of each process of a server, and of all together, in bytes that they share with nobody."""

    front: int = 0
    worker: int = 0
    total: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def watch(self, server: Server) -> None:
        while not self.over.wait(0.1):
            total = 0
            for process in family(server):
                with suppress(psutil.Error):
                    front = speaks_http(process, server)
                    size = process.memory_full_info().uss
                    self.front = max(self.front, size if front else 0)
                    self.worker = max(self.worker, 0 if front else size)
                    total += size
            self.total = max(self.total, total)


def family(server: Server) -> list[psutil.Process]:
    """Return all processes of a server."""
    with suppress(psutil.Error):
        root = psutil.Process(server.process.pid)
        return [root, *root.children(recursive=True)]
    return []


def speaks_http(process: psutil.Process, server: Server) -> bool:
    """Tell whether it is the one of a server's processes that answers, and has the others do the work."""
    return process.ppid() == server.process.pid and bool(process.children())


@contextmanager
def watched(server: Server) -> Iterator[Usage]:
    """Check that the server stays within its memory while the block runs."""
    usage = Usage()
    watcher = threading.Thread(target=usage.watch, args=(server,))
    watcher.start()
    try:
        yield usage
    finally:
        usage.over.set()
        watcher.join()
    assert usage.worker < MEMORY + 32 * MEBIBYTE
    assert usage.front < FRONT


@contextmanager
def connections(server: Server, count: int, data: bytes) -> Iterator[list[socket.socket]]:
    """Hold so many connections open, on each of which this was sent."""
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(10)
            connection.bind((ATTACKER, 0))
            connection.connect((server.host, server.port))
            connection.sendall(data)
            opened.append(connection)
        yield opened


# Many queries


@pytest.mark.parametrize("addresses", [1, 3])
def test_killers_disturb_nobody(server, addresses):
    """Sixteen killer queries at a time, of every kind: others get their answers as quickly as before."""
    queries = list(killers.ENDLESS.values())

    def kill(number: int) -> object:
        query = f"{queries[next(_number) % len(queries)]} # {next(_number)}"
        source = f"127.0.6.{number % addresses + 1}"
        return told(server.ask("POST", "/sparql", QUERY, query.encode(), source), 429, 503, 504)

    usual = usual_s(server)
    with watched(server) as usage, repeated(kill, threads=16) as outcomes:
        time.sleep(1)
        assert_undisturbed(server, usual, 2)

    assert outcomes.keys() <= {429, 503, 504, "broken off"}
    assert usage.total < (2 + 1 + 4) * MEMORY + FRONT
    assert_undisturbed(server, usual)


def test_a_flood_is_told_to_come_back(demo_store):
    """Beyond its share a client hears 429 and when to ask again, however often; others hear nothing of it."""
    options = ("--timeout", "60", "--per-client", "2", "--access-log", "off", "--stop-timeout", "1")
    with serving(demo_store, *options) as server:
        usual = usual_s(server)
        with connections(server, 2, HEAD) as held:
            for number, connection in enumerate(held):
                query = f"{killers.ENDLESS['cross product']} # {number}".encode()
                connection.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(query), query))
            wait_for(lambda: under_way(server) == 2)

            def ask(_: int) -> object:
                return told(server.ask("POST", "/sparql", QUERY, small_query().encode(), ATTACKER), 429)

            with watched(server), repeated(ask, threads=4) as outcomes:
                assert_undisturbed(server, usual, 1)
                wait_for(lambda: outcomes[429] > 100)

        assert outcomes.keys() == {429}


def test_who_leaves_at_once_leaves_nothing_behind(server):
    """Twenty times a second somebody asks for much and is gone: soon nothing of it is under way."""
    queries = [killers.ENDLESS[name] for name in ("cross product", "huge sort", "endless rows")]

    def visit(_: int) -> None:
        query = f"{queries[next(_number) % 3]} # {next(_number)}".encode()
        with connections(server, 1, HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(query), query)):
            time.sleep(0.05)

    usual = usual_s(server)
    with watched(server), repeated(visit, threads=2) as visits:
        assert_undisturbed(server, usual, 2)
        wait_for(lambda: visits[None] > 60)

    wait_for(lambda: under_way(server) == 0)
    assert server.ask("POST", "/sparql", QUERY, small_query().encode(), ATTACKER).status == 200


# Slow clients

HALVES = {
    "nothing": b"",
    "half a head": b"GET /sparql HTTP/1.1\r\nX: " + b"x" * 10_000,
    "half a body": HEAD + b"Content-Length: 100000\r\n\r\n" + b" " * 90_000,
    "one request": b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "no reading": b"GET /sparql?query=SELECT*%7B?s?p?o%7DLIMIT%203900 HTTP/1.1\r\nHost: x\r\n\r\n" * 3,
}


@pytest.mark.parametrize("name", HALVES)
def test_connections_held_open_disturb_nobody(impatient, name):
    """Six hundred connections of one address, that send or take nothing more: soon all of them are closed."""
    usual = usual_s(impatient)
    with watched(impatient), connections(impatient, 600, HALVES[name]):
        assert_undisturbed(impatient, usual, 1)  # after a moment, in which what was asked is answered in part
        front = next(process for process in family(impatient) if speaks_http(process, impatient))
        wait_for(lambda: ATTACKER not in {one.raddr.ip for one in front.net_connections() if one.raddr})


@pytest.mark.parametrize(
    ("beginning", "rest"),
    [(b"", HEAD), (HEAD + b"Content-Length: 100\r\n\r\n", b"ASK {}" * 10)],
    ids=["head", "body"],
)
def test_who_sends_byte_by_byte_is_not_waited_for(impatient, beginning, rest):
    """The time for a head, and that for a body, counts from its beginning, not from its last byte."""
    received = b""
    begun = time.monotonic()
    with connections(impatient, 1, beginning) as (connection,):
        connection.settimeout(0.1)
        for byte in itertools.cycle(rest):
            with suppress(OSError):
                connection.send(bytes([byte]))
            try:
                received += (data := connection.recv(10_000))
            except TimeoutError:
                continue
            except OSError:
                break
            if not data:
                break

    assert 1.5 < time.monotonic() - begun < PATIENCE_S
    if beginning:
        assert received.startswith(b"HTTP/1.1 408 ")
        assert json.loads(received.partition(b"\r\n\r\n")[2])["fix"]


# Long requests

TEN_MB = [b"x" * 100_000] * 100
TOO_LONG = {
    "address": (b"GET /sparql?query=", TEN_MB, (414, 431)),
    "header": (b"GET /sparql HTTP/1.1\r\nHost: x\r\nX: ", TEN_MB, (431,)),
    "headers": (b"GET /sparql HTTP/1.1\r\n", [b"X-%d: x\r\n" % n for n in range(100_000)], (400, 431)),
    "body": (HEAD + b"Content-Length: 10000000\r\n\r\n", TEN_MB, (413,)),
    "body that is announced": (HEAD + b"Content-Length: 10000000000\r\n\r\n", [], (413,)),
    "body that waits": (HEAD + b"Expect: 100-continue\r\nContent-Length: 10000000\r\n\r\n", [], (413,)),
    "body without a length": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        [b"186a0\r\n" + piece + b"\r\n" for piece in TEN_MB],
        (413,),
    ),
}


@pytest.mark.parametrize("name", TOO_LONG)
def test_ten_megabytes_are_refused_before_they_are_read(server, name):
    """With a status that says so; where there is room for words, with what to do."""
    head, pieces, statuses = TOO_LONG[name]
    received = b""
    with watched(server), connections(server, 1, head) as (connection,):
        with suppress(OSError):  # the server does not take all of it
            for piece in pieces:
                connection.sendall(piece)
        with suppress(OSError):
            while data := connection.recv(65_536):
                received += data

    status = int(received[9:12])
    assert status in statuses
    if status == 413:
        assert json.loads(received.partition(b"\r\n\r\n")[2])["fix"]


# The end


@pytest.fixture
def litter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files of what is started from here."""
    with TemporaryDirectory(prefix="litter") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def wait_until_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE_S)
    assert alive == []


def contents(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def keep_busy(server: Server, stack: ExitStack) -> None:
    """Have killers under way, more than are worked on."""
    for number, query in enumerate(killers.ENDLESS.values()):
        connection = stack.enter_context(connections(server, 1, HEAD))[0]
        body = f"{query} # {number}".encode()
        connection.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    wait_for(lambda: under_way(server) > 1)
    time.sleep(1.2)  # by then some are slow ones, and others have taken their places


def test_a_stop_leaves_nothing_behind(demo_store, litter):
    """SIGTERM in the midst of killers: soon there is no process, and no file but the dumps' that is new."""
    before = contents(demo_store / "generations")
    with (
        serving(demo_store, *MANY, "--timeout", "60", "--stop-timeout", "1") as server,
        ExitStack() as stack,
    ):
        keep_busy(server, stack)
        processes = family(server)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(PATIENCE_S)

    assert len(processes) > 4
    wait_until_gone(processes)
    assert contents(demo_store / "generations") == before
    assert contents(litter) == set()


@pytest.fixture
def busy(demo_store: Path, litter: Path) -> Iterator[Server]:
    """A server in the midst of killers, which need not end well."""
    options = (*MANY, "--timeout", "60", "--stop-timeout", "1")
    with started(demo_store, *options) as server, ExitStack() as stack:
        wait_until_healthy(server)
        keep_busy(server, stack)
        yield server


def test_a_process_that_answers_is_replaced_and_none_outlives_the_server_when_they_are_killed(busy):
    """SIGKILL, which nobody can prepare for: all that the killed one had started ends by itself."""
    front = next(process for process in family(busy) if speaks_http(process, busy))
    workers = front.children(recursive=True)
    front.kill()

    assert len(workers) > 3
    wait_until_gone([front, *workers])
    wait_until_healthy(busy)
    assert usual_s(busy) < 1

    with ExitStack() as stack:
        keep_busy(busy, stack)
        processes = family(busy)
        busy.process.kill()

        assert len(processes) > 4
        wait_until_gone(processes)
        wait_for(lambda: refuses(busy))


def refuses(server: Server) -> bool:
    """Tell whether nobody listens any more."""
    try:
        socket.create_connection((server.host, server.port)).close()
    except ConnectionRefusedError:
        return True
    return False
