"""Answers that are kept, shared, compressed, streamed and given up, over real HTTP."""

import gzip
import http.client
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
import zstandard

from tests.serve.site import settled
from tests.serve.support import Server, publish, serving, under_way
from tests.waiting import awaited, wait_for

THINGS = 3_000
TRIG = "".join(
    f"<urn:x-harvester:record:p:{n}> {{ <http://e.example/{n}> <http://e.example/n> {n} ; "
    f'<http://e.example/text> "number {n}, written out at some length to fill the answer" }}\n'
    for n in range(THINGS)
)
ALL = "SELECT ?s ?o { ?s <http://e.example/n> ?o } ORDER BY ?o"
PAIRS = "SELECT ?a ?b { ?a <http://e.example/n> ?x . ?b <http://e.example/n> ?y }"
"""Nine million rows: nobody wants to hold them."""
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("engine") / "c"
    publish(folder, TRIG)
    return folder


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[Server]:
    """It gives queries more time than a slow machine takes for those here that end."""
    with serving(store, "--timeout", "60", "--workers", "2", "--slow-workers", "4") as running:
        settled(running)
        yield running


@pytest.fixture(scope="module")
def hasty(store: Path) -> Iterator[Server]:
    """The same, with little time for queries."""
    with serving(store, "--timeout", "6", "--workers", "2", "--slow-workers", "4") as running:
        settled(running)
        yield running


def path_of(query: str) -> str:
    return f"/sparql?query={quote(query)}"


def pairs_below(number: int) -> str:
    """A query that takes some time: it counts THINGS pairs for each thing below a number."""
    return (
        "SELECT (COUNT(*) AS ?n) "
        f"{{ ?a <http://e.example/n> ?x . ?b <http://e.example/n> ?y FILTER(?x < {number}) }}"
    )


def begin(server: Server, query: str) -> socket.socket:
    """Ask a query and wait for nothing."""
    connection = socket.create_connection((server.host, server.port))
    connection.sendall(f"GET {path_of(query)} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    return connection


def answers(server: Server) -> dict[str, float]:
    """How many answers came from where, as the server counts."""
    lines = server.ask("GET", "/metrics").body.decode().splitlines()
    found = (line.split() for line in lines if line.startswith("harvester_answers_total"))
    return {name.split('"')[1]: float(number) for name, number in found}


def too_slow(server: Server) -> list[str]:
    """How many queries were stopped because their time was over, as the server counts."""
    lines = server.ask("GET", "/metrics").body.decode().splitlines()
    return [line for line in lines if line.startswith('harvester_tasks_total{outcome="query-too-slow"}')]


def wait_until_idle(server: Server) -> None:
    wait_for(lambda: under_way(server) == 0)


def test_the_same_query_is_evaluated_once(server):
    """A second request for the same answer is served from what is kept."""
    before = answers(server)
    replies = [server.ask("GET", path_of("ASK { ?s ?p 17 }")) for _ in range(5)]
    after = answers(server)

    assert {reply.body for reply in replies} == {b'{"head":{},"boolean":true}'}
    assert after["worker"] - before["worker"] == 1
    assert after["cache"] - before["cache"] == 4


def test_one_answer_in_two_formats_is_two_answers(server):
    """What is kept is told apart by format."""
    query = "SELECT ?o { <http://e.example/1> <http://e.example/n> ?o }"
    csv = server.ask("GET", path_of(query), {"Accept": "text/csv"})
    tsv = server.ask("GET", path_of(query), {"Accept": "text/tab-separated-values"})

    assert csv.body == b"o\r\n1\r\n"
    assert tsv.body == b"?o\n1\n"
    assert csv.headers["ETag"] != tsv.headers["ETag"]


def test_requests_for_the_same_at_the_same_time_share_one_evaluation(server):
    """Concurrent identical requests wait for one worker."""
    query = pairs_below(400)
    before = answers(server)
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: server.ask("GET", path_of(query)), range(12)))
    after = answers(server)

    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert json.loads(replies[0].body)["results"]["bindings"][0]["n"]["value"] == str(400 * THINGS)
    assert after["worker"] - before["worker"] == 1


def test_shared_requests_share_the_refusal(hasty):
    """A query that is stopped is stopped for all who wait, once."""
    before = answers(hasty)
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _: hasty.ask("GET", path_of(HEAVY)), range(6)))

    assert {reply.status for reply in replies} == {504}
    assert answers(hasty)["worker"] - before["worker"] == 1


def test_who_has_the_answer_gets_no_second_copy(server):
    """If-None-Match with the answer's ETag is 304, compressed or not, GET or HEAD; another tag is 200."""
    path = path_of(ALL)
    etag = server.ask("GET", path).headers["ETag"]
    for method in ("GET", "HEAD"):
        for tags in (etag, f'"other", {etag}', "*", etag.removeprefix("W/")):
            reply = server.ask(method, path, {"If-None-Match": tags, "Accept-Encoding": "gzip"})

            assert (reply.status, reply.body) == (304, b"")
            assert reply.headers["ETag"] == etag
    assert server.ask("GET", path, {"If-None-Match": '"other"'}).status == 200


def test_head_says_what_get_would(server):
    """HEAD has the headers of GET and no body, for small, kept, and streamed answers."""
    for query in ("ASK {}", ALL):
        get, head = (server.ask(method, path_of(query)) for method in ("GET", "HEAD"))

        assert head.body == b""
        assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.body))
        assert head.headers["ETag"] == get.headers["ETag"]
    assert server.ask("HEAD", path_of(PAIRS)).status == 200
    wait_until_idle(server)


@pytest.mark.parametrize(("coding", "decode"), [("gzip", gzip.decompress), ("zstd", "zstd")])
def test_answers_are_compressed_as_wished(server, coding, decode):
    """Whole and streamed answers come in the coding that was asked for, and decode to the same bytes."""
    long = (
        f"SELECT * {{ {{ {ALL} }} UNION {{ {ALL} }} UNION {{ {ALL} }} UNION {{ {ALL} }} UNION {{ {ALL} }} }}"
    )
    for query in (ALL, long):
        plain = server.ask("GET", path_of(query))
        coded = server.ask("GET", path_of(query), {"Accept-Encoding": coding})
        again = server.ask("GET", path_of(query), {"Accept-Encoding": coding})
        read = (
            decode
            if callable(decode)
            else lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)
        )

        assert coded.headers["Content-Encoding"] == coding
        assert "Accept-Encoding" in coded.headers["Vary"]
        assert len(coded.body) < len(plain.body) / 4
        assert read(coded.body) == read(again.body) == plain.body
        assert coded.headers["ETag"] == plain.headers["ETag"]


def test_small_answers_are_not_compressed(server):
    """Nothing is gained on an answer that fits in one packet."""
    reply = server.ask("GET", path_of("ASK {}"), {"Accept-Encoding": "gzip"})

    assert reply.headers["Content-Encoding"] is None


def test_a_long_answer_streams(server):
    """Its beginning is there while most of it is not, and its end comes when it is read."""
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=20)) as connection:
        connection.request("GET", path_of(PAIRS + " LIMIT 60000"), headers={"Accept": "text/csv"})
        answer = connection.getresponse()
        head = answer.read(65536)
        assert under_way(server) == 1
        rest = sum(piece.count(b"\n") for piece in iter(lambda: answer.read(1 << 20), b""))
        rows = head.count(b"\n") + rest

    assert rows == 60_001
    assert answer.headers["Content-Length"] is None
    wait_until_idle(server)


def test_an_answer_that_breaks_off_is_no_whole_answer(hasty):
    """A client that reads an answer which is stopped midway notices: the end is missing."""
    with closing(http.client.HTTPConnection(hasty.host, hasty.port, timeout=30)) as connection:
        connection.request("GET", path_of(PAIRS), headers={"Accept": "text/csv"})
        answer = connection.getresponse()

        assert answer.status == 200
        with pytest.raises(http.client.IncompleteRead):
            deque(iter(lambda: answer.read(1 << 22), b""), maxlen=0)


@pytest.mark.parametrize("query", [HEAVY, PAIRS, ALL + " #left"], ids=["computing", "streaming", "quick"])
def test_who_leaves_stops_the_query(server, query):
    """Soon after the client's leave nobody works on its query: its time does not come to an end."""
    wait_until_idle(server)
    before = too_slow(server)
    connection = begin(server, query)
    time.sleep(0.4)
    connection.close()

    wait_until_idle(server)
    assert too_slow(server) == before


def test_one_who_leaves_takes_nothing_from_the_others(server):
    """A shared query goes on as long as one of its clients waits."""
    query = pairs_below(900)
    leaving = begin(server, query)
    time.sleep(0.1)
    replies = []
    staying = threading.Thread(target=lambda: replies.append(server.ask("GET", path_of(query))))
    staying.start()
    time.sleep(0.3)
    leaving.close()
    staying.join()

    assert replies[0].status == 200
    assert json.loads(replies[0].body)["results"]["bindings"][0]["n"]["value"] == str(900 * THINGS)


def test_rows_are_bounded(tmp_path: Path):
    """Beyond the server's rows an answer is refused, in any format, with what to do."""
    publish(tmp_path / "c", TRIG)
    with serving(tmp_path / "c", "--max-rows", "1000", "--per-client", "3") as server:
        construct = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT "
        for accept in (
            "application/sparql-results+json",
            "application/sparql-results+xml",
            "text/csv",
            "text/tab-separated-values",
        ):
            fits = server.ask("GET", path_of(ALL + " LIMIT 1000"), {"Accept": accept})
            beyond = server.ask("GET", path_of(ALL + " LIMIT 1002"), {"Accept": accept})

            assert fits.status == 200
            assert beyond.status == 503
            assert json.loads(beyond.body)["type"].endswith("answer-too-large")
            assert "LIMIT" in json.loads(beyond.body)["fix"]
        assert server.ask("GET", path_of(construct + "1000"), {"Accept": "text/turtle"}).status == 200
        assert server.ask("GET", path_of(construct + "1001"), {"Accept": "text/turtle"}).status == 503
        assert server.ask("GET", path_of("ASK {}")).status == 200


def test_who_asks_what_another_has_left_gets_an_answer(server):
    """A query that its first asker left goes on for whoever asks the same before it is stopped."""
    query = pairs_below(901)
    leaving = begin(server, query)
    time.sleep(0.35)
    leaving.close()
    time.sleep(0.02)

    assert server.ask("GET", path_of(query)).status == 200


def test_one_client_cannot_wait_for_one_answer_without_end(hasty):
    """Requests that share an evaluation count among their client's like any other."""
    with ThreadPoolExecutor(24) as pool:
        statuses = list(pool.map(lambda _: hasty.ask("GET", path_of(HEAVY + " #shared")).status, range(24)))

    assert set(statuses) == {429, 504}
    assert statuses.count(429) == 8
    wait_until_idle(hasty)


def test_a_long_text_is_held_in_pieces(server):
    """One value of many megabytes crosses to the client without being kept in the server."""
    doubled = "".join(f" BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(21))
    query = f"SELECT ?t21 {{ BIND('0123456789' AS ?t0){doubled} }}"
    front = psutil.Process(server.process.pid).children()[0]
    before = front.memory_info().rss
    replies = [
        awaited(  # a busy machine may not make it in time
            lambda n=n: server.ask("GET", path_of(f"{query} #{n}"), {"Accept": "text/csv"}),
            lambda reply: reply.status == 200,
        )
        for n in range(2)
    ]
    after = front.memory_info().rss

    assert {len(reply.body) for reply in replies} == {10 * 2**21 + len("t21\r\n\r\n")}
    assert after - before < 30 * 2**20


def test_a_304_says_nothing_about_the_content(server):
    """What a client has kept goes on under its own headers: those of a 304 would take their place."""
    for path in ("/", path_of("ASK {}")):
        etag = server.ask("GET", path, {"Accept": "text/html"}).headers["ETag"]
        reply = server.ask("GET", path, {"Accept": "text/html", "If-None-Match": etag})

        assert reply.status == 304
        assert reply.headers["Content-Security-Policy"] is None


def test_a_compressed_request_is_not_understood(server):
    """415 says that a body must come as it is; nobody inflates what strangers send."""
    headers = {"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"}
    reply = server.ask("POST", "/sparql", headers, gzip.compress(b"ASK {}"))

    assert reply.status == 415
    assert reply.headers["Accept-Encoding"] == "identity"


def test_a_problem_names_where_it_occurred(server):
    """The instance is a URI reference, whatever the address was."""
    problem = json.loads(server.ask("GET", "/no%20th%22ing/%C3%A9").body)

    assert problem["instance"] == "/no%20th%22ing/%C3%A9"
