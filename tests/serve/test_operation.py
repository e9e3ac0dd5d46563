"""Starting, stopping and dying: of the server, and of each of its processes."""

import http.client
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from harvester.store.generations import Catalogue
from tests.serve.support import (
    Server,
    await_answer,
    free_port,
    front,
    kill_workers,
    serving,
    started,
    wait_until_healthy,
)
from tests.store.catalogues import THINGS, publish
from tests.waiting import PATIENCE_S, wait_for

ASK = "/sparql?query=ASK%7B%7D"
COPIES = "SELECT ?state { ?thing <http://example.org/state> ?state . ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
PATTERNS = " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(9))
IN_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""A program that runs another one as a terminal does."""
ENDLESS = "/sparql?query=" + quote(f"SELECT (COUNT(*) AS ?n) {{ {PATTERNS} }}")
TSV = {"Accept": "text/tab-separated-values"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("operation") / "c"
    publish(Catalogue(folder), 1)
    return folder


def family(server: Server) -> list[psutil.Process]:
    """All processes of a server."""
    parent = psutil.Process(server.process.pid)
    return [parent, *parent.children(recursive=True)]


def assert_gone(processes: list[psutil.Process]) -> None:
    _, left = psutil.wait_procs(processes, timeout=PATIENCE_S)
    assert left == []


def connect(server: Server) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE_S)


def begin(connection: http.client.HTTPConnection, path: str) -> None:
    connection.request("GET", path, headers=TSV)


def wait_until_refused(server: Server) -> None:
    """Wait until nobody listens any more."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with closing(connect(server)) as connection:
                connection.connect()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    raise AssertionError("the server still listens")


def wait_until_busy(server: Server) -> None:
    wait_for(lambda: json.loads(server.ask("GET", "/health").body)["busy"])


def test_what_is_under_way_is_finished(store):
    """A long answer arrives whole, new connections are refused, idle ones are closed; nobody is left."""
    with started(store) as server, closing(connect(server)) as idle, closing(connect(server)) as busy:
        wait_until_healthy(server)
        begin(idle, ASK)
        assert idle.getresponse().read()
        begin(busy, f"/sparql?query={quote(COPIES)}")
        answer = busy.getresponse()
        body = answer.read(1000)
        processes = family(server)
        server.process.send_signal(signal.SIGINT)
        wait_until_refused(server)
        assert server.process.poll() is None
        body += answer.read()

        assert body.count(b"\n") == THINGS**4 + 1
        assert server.process.wait(PATIENCE_S) == 0
        assert_gone(processes)


def test_what_never_ends_is_ended(store):
    """After the time that was given; that is no error of the server, and nobody is left."""
    with (
        started(store, "--stop-timeout", "1", "--timeout", "600") as server,
        closing(connect(server)) as busy,
    ):
        wait_until_healthy(server)
        begin(busy, ENDLESS)
        wait_until_busy(server)
        processes = family(server)
        server.process.terminate()

        assert server.process.wait(PATIENCE_S) == 0
        assert_gone(processes)


def test_who_asks_twice_does_not_wait(store):
    """A second signal ends what is under way."""
    with started(store, "--stop-timeout", "600") as server, closing(connect(server)) as busy:
        wait_until_healthy(server)
        begin(busy, ENDLESS)
        wait_until_busy(server)
        processes = family(server)
        server.process.terminate()
        wait_until_refused(server)
        server.process.terminate()

        assert server.process.wait(PATIENCE_S) == 0
        assert_gone(processes)


def test_a_closed_terminal_ends_what_was_started_in_it(store):
    """As it ends other programs: nothing stays at the port."""
    ours, theirs = pty.openpty()

    port = free_port()
    command = [sys.executable, "-m", "harvester", "serve", "--store", str(store), "--port", str(port)]
    with subprocess.Popen(
        [sys.executable, "-c", IN_TERMINAL, *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        try:
            os.close(theirs)
            said = b""
            while b"Ctrl-C" not in said:
                said += os.read(ours, 1000)
            await_answer(port)
            processes = psutil.Process(process.pid).children(recursive=True)
            os.close(ours)
            process.wait(PATIENCE_S)
            assert_gone(processes)
        finally:
            process.kill()


def test_files_are_read_again_on_request(store, tmp_path):
    """SIGHUP: another process takes over, and nobody notices; not for files that are wrong."""
    tokens = tmp_path / "tokens"
    tokens.write_text("old:the-first-token-of-all\n")
    first, second = ({"Authorization": f"Bearer the-{n}-token-of-all"} for n in ("first", "second"))
    with serving(store, "--tokens", str(tokens)) as server:
        before = front(server)
        tokens.write_text("short:short\n")
        server.process.send_signal(signal.SIGHUP)
        while "line 1" not in server.log.read_text():
            time.sleep(0.02)
        assert server.ask("GET", ASK, first).status == 200

        tokens.write_text("old:the-first-token-of-all\nnew:the-second-token-of-all\n")
        server.process.send_signal(signal.SIGHUP)
        while before.is_running():
            assert server.ask("GET", ASK, first).status == 200
        assert server.ask("GET", ASK, second).status == 200


def test_a_process_that_is_slow_to_begin_takes_over_when_it_answers(store):
    """However long that takes: until then the old one does."""
    with serving(store, program="tests.serve.tardy") as server:
        before = front(server)
        server.process.send_signal(signal.SIGHUP)
        while before.is_running():
            assert server.ask("GET", ASK).status == 200
        assert server.ask("GET", ASK).status == 200


def test_a_server_that_dies_again_and_again_ends(store):
    """With 1, so that who started it tries again, and in words."""
    with started(store) as server:
        wait_until_healthy(server)
        first = front(server)
        first.kill()
        while (again := front_or_none(server)) in (None, first):
            time.sleep(0.02)
        again.kill()

        assert server.process.wait(PATIENCE_S) == 1
        assert "ended by itself" in server.log.read_text()
        assert "Traceback" not in server.log.read_text()


def front_or_none(server: Server) -> psutil.Process | None:
    children = psutil.Process(server.process.pid).children()
    return children[0] if children else None


def test_a_worker_that_is_killed_is_replaced_and_so_is_the_process_that_answers(store):
    """The one is not missed; with the other all its workers go, and the server is there again in moments."""
    with serving(store) as server:
        kill_workers(server)
        assert [server.ask("GET", f"{ASK}%23{n}").status for n in range(5)] == [200] * 5

        old = family(server)[1:]
        front(server).kill()
        assert_gone(old)
        wait_until_healthy(server)
        assert server.ask("GET", ASK).status == 200


@contextmanager
def piped(store: Path, *options: str) -> Iterator[tuple[Server, "subprocess.Popen[bytes]"]]:
    """A server whose standard output is a pipe to us, its messages another."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "harvester",
        "serve",
        "--store",
        str(store),
        "--port",
        str(port),
        *options,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        server = Server(f"http://127.0.0.1:{port}", "127.0.0.1", port, process, Path(os.devnull))
        try:
            wait_until_healthy(server)
            yield server, process
        finally:
            process.kill()


def test_the_access_log_is_apart_from_messages(store):
    """Lines of JSON on standard output and nothing else there; the server's own words are on the other."""
    with piped(store, "--access-log", "json") as (server, process):
        answer = server.ask("GET", "/queries?tag=a%20b", {"User-Agent": "mine/1"})
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE_S)

    entries = [json.loads(line) for line in out.decode().splitlines()]
    asked = [entry for entry in entries if entry["agent"] == "mine/1"]
    assert [(entry["target"], entry["status"]) for entry in asked] == [("/queries?tag=a%20b", 200)]
    assert asked[0]["bytes"] == len(answer.body)
    assert f"{server.url}/".encode() in err


def test_a_log_that_nobody_reads_any_more_stops_nothing(store):
    """`harvester serve | head -1`."""
    with piped(store) as (server, process):
        process.stdout.close()
        assert [server.ask("GET", ASK).status for _ in range(20)] == [200] * 20
        process.terminate()
        err = process.stderr.read().decode()
        assert process.wait(PATIENCE_S) == 0

    assert "Traceback" not in err


def test_the_wish_to_read_the_log_later_stops_nothing(store):
    """A pipe that is full, as of a pager: requests are answered, and the server ends when it is told to."""
    with piped(store) as (server, process):
        long = "/queries?" + "x" * 1500
        with closing(connect(server)) as connection:
            for _ in range(200):
                begin(connection, long)
                assert connection.getresponse().read()
        process.terminate()
        threading.Thread(target=process.stderr.read, daemon=True).start()
        assert process.wait(PATIENCE_S) == 0
