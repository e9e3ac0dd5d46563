"""What the client asks again, for how long, and how much it takes."""

import gzip
import socket
import time

import pytest

from harvester.model import Category
from tests.portal.helpers import Talk, Time, fails
from tests.portal.loopback import Loopback, cut, drip, raw, reply, silence, zipped

TURTLE = b"<urn:s> <urn:p> 'caf\xc3\xa9' .\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\n"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_busy_portal_is_asked_again(server: Loopback, talk: Talk, status: int):
    """A refusal that passes and then an answer is one document; both requests are counted."""
    url = server.on("/a", reply(status=status), reply(TURTLE))
    client = talk()

    assert client.get(url).body == TURTLE
    assert client.requests == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 501])
def test_a_refusal_that_lasts_is_not_repeated(server: Loopback, talk: Talk, status: int):
    url = server.on("/a", reply(status=status))

    assert fails(talk(), url).status == status
    assert len(server.seen) == 1


def test_it_gives_up(server: Loopback, talk: Talk):
    """After the attempts of the settings the last answer is the error."""
    url = server.on("/a", reply(b"busy", 503, "text/plain"))

    error = fails(talk(attempts=3), url)

    assert (error.status, error.category) == (503, Category.UNREACHABLE)
    assert "503 Service Unavailable: busy" in error.cause
    assert "3 times" in error.cause
    assert len(server.seen) == 3


def test_waits_grow(server: Loopback, talk: Talk):
    """Each wait doubles, give or take jitter of up to the first one, and none exceeds the longest."""
    url = server.on("/a", reply(status=503))
    world = Time()
    client = talk(world={"sleep": world.sleep, "clock": world.clock}, attempts=6, backoff=2.0, max_wait=20.0)

    fails(client, url)

    bounds = [(2, 4), (4, 6), (8, 10), (16, 18), (20, 20)]
    assert all(low <= wait <= high for wait, (low, high) in zip(world.slept, bounds, strict=True))


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry_After": "7"},
        {"Retry_After": "Fri, 31 Dec 1999 23:59:59 GMT", "Date": "Fri, 31 Dec 1999 23:59:52 GMT"},
    ],
    ids=["seconds", "date"],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(server: Loopback, talk: Talk, headers: dict[str, str], status: int):
    url = server.on("/a", reply(b"", status, **headers), reply(TURTLE))
    world = Time()

    talk(world={"sleep": world.sleep, "clock": world.clock}).get(url)

    assert world.slept == [7.0]


def test_retry_after_holds_back_all_who_ask_that_host(server: Loopback, talk: Talk):
    """When the portal needs a rest, requests for its other pages wait as well."""
    tired = server.on("/tired", reply(b"", 429, Retry_After="7"))
    other = server.on("/other", reply())
    world = Time()
    client = talk(world={"sleep": world.sleep, "clock": world.clock}, attempts=1)

    fails(client, tired)
    client.get(other)

    assert world.slept == [7.0]


def test_waiting_for_ones_turn_is_not_the_portals_slowness(server: Loopback, talk: Talk):
    """The total timeout is for the portal's answer: a low rate may make us wait longer than that."""
    url = server.on("/a", reply(TURTLE))
    world = Time()
    client = talk(world={"sleep": world.sleep, "clock": world.clock}, rate=0.001, total_timeout=300.0)

    client.get(url)
    client.get(url)

    assert sum(world.slept) == pytest.approx(1000.0)


def test_a_retry_after_beyond_patience_is_an_error_at_once(server: Loopback, talk: Talk):
    url = server.on("/a", reply(b"", 429, Retry_After="3600"))
    world = Time()
    client = talk(world={"sleep": world.sleep, "clock": world.clock}, max_wait=60.0)

    error = fails(client, url)

    assert "3600 s" in error.cause
    assert "60 s" in error.cause
    assert error.category is Category.REFUSED
    assert world.slept == []


@pytest.mark.parametrize(
    "broken",
    [
        cut(TURTLE, 1000),
        cut(TURTLE, 1000, reset=True),
        cut(b"", 1000, reset=True),
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\nabc"),
        raw(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + gzip.compress(TURTLE)[:20]),
        reply(b"not gzip at all", Content_Encoding="gzip"),
        raw(b""),
        raw(b"SSH-2.0-OpenSSH\r\n"),
    ],
    ids=["short", "reset", "reset early", "chunk", "gzip short", "gzip bad", "no answer", "no HTTP"],
)
def test_a_broken_answer_is_fetched_again(server: Loopback, talk: Talk, broken):
    """What broke on the way heals; what is always broken is an error, never half a document."""
    heals = server.on("/heals", broken, reply(TURTLE))
    lasts = server.on("/lasts", broken)

    assert talk().get(heals).body == TURTLE
    assert fails(talk(attempts=2), lasts).category is Category.UNREACHABLE
    assert len(server.seen) == 4


def test_a_refused_connection_is_tried_again(talk: Talk):
    with socket.socket() as reserved:  # bound, but nobody listens
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/"
        client = talk(url, attempts=3)

        error = fails(client, url)

    assert (error.category, error.status) == (Category.UNREACHABLE, None)
    assert "Connection refused" in error.cause
    assert client.requests == 3


def test_an_unknown_host_is_not_tried_again(talk: Talk):
    """A name that does not exist is a typing error, not a hiccup."""

    def nobody(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    client = talk("http://nowhere.example/", world={"resolve": nobody})

    assert "no address is known for nowhere.example" in fails(client, "http://nowhere.example/").cause
    assert client.requests == 1


@pytest.mark.parametrize(
    "slow",
    [
        drip(HEAD + b"\r\n", b"x", 0.02),
        drip(HEAD, b"X-Wait: more\r\n", 0.02),
        drip(b"", b"H", 0.02),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.02),
        drip(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:3], b"\0", 0.02),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.02),
    ],
    ids=["body", "headers", "status", "chunks", "gzip", "continue"],
)
def test_an_answer_that_trickles_ends_with_the_total_timeout(server: Loopback, talk: Talk, slow):
    """However often a byte comes: the read timeout never strikes, the total timeout does."""
    url = server.on("/a", slow)
    start = time.monotonic()

    error = fails(talk(total_timeout=0.3, attempts=1), url)

    assert error.category is Category.TOO_SLOW
    assert "0.3 s" in error.cause
    assert time.monotonic() - start < 20


def test_silence_ends_with_the_read_timeout(server: Loopback, talk: Talk):
    url = server.on("/a", silence)

    error = fails(talk(read_timeout=0.2, attempts=2), url)

    assert error.category is Category.TOO_SLOW
    assert "0.2 s" in error.cause
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    "large",
    [
        drip(HEAD + b"\r\n", b"x" * 65536),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        drip(HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 1000),
        drip(HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"x" * 65536)),
        zipped(bytes(50_000_000)),
        cut(b"", 10**12),
    ],
    ids=["endless", "endless chunks", "endless nothing", "endless gzip", "gzip bomb", "announced"],
)
def test_a_body_past_the_limit_is_refused(server: Loopback, talk: Talk, large):
    """The limit holds for what is sent and for what comes out of it, and asking again would not help."""
    url = server.on("/a", large)

    error = fails(talk(max_body=200_000), url)

    assert error.category is Category.REFUSED
    assert "200,000 bytes" in error.cause
    assert len(server.seen) == 1


def test_the_limit_itself_is_allowed(server: Loopback, talk: Talk):
    """A call may bring its own limit; exactly that much passes."""
    url = server.on("/a", zipped(b"x" * 1000))

    assert len(talk(max_body=10).get(url, max_body=1000).body) == 1000
    assert fails(talk(), url, max_body=999).category is Category.REFUSED


def test_the_reason_of_a_refusal_is_not_read_for_ever(server: Loopback, talk: Talk):
    """An error with an endless body is still that error."""
    url = server.on("/a", drip(b"HTTP/1.1 404 Not Found\r\n\r\n", b"x" * 65536))

    assert fails(talk(), url).category is Category.GONE
