"""Killer queries: each costs its sender an answer, and nobody else anything."""

import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import IncompleteRead
from pathlib import Path
from urllib.parse import quote, urlencode

import pyoxigraph
import pytest

from tests.serve import killers
from tests.serve.support import Reply, Server, serving
from tests.waiting import awaited

QUERY = {"Content-Type": "application/sparql-query"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CLASSES = "SELECT DISTINCT ?class { ?dataset <http://www.w3.org/ns/dcat#distribution> ?d ; a ?class } LIMIT 9"
NOBODY = "http://canary.example/path"
_number = itertools.count()


@pytest.fixture(scope="module")
def server(demo_store: Path) -> Iterator[Server]:
    """The recorded portal's catalogue, with little time and memory for queries."""
    with serving(demo_store, "--timeout", "1", "--memory", "256") as server:
        yield server
        assert " 500 " not in server.log.read_text()
        assert "Traceback" not in server.log.read_text()


@pytest.fixture
def still_well(server: Server) -> Iterator[None]:
    """Whatever happens in the test, afterwards the server answers as before."""
    before = ask(server, CLASSES)
    yield
    assert ask(server, f"{CLASSES} # {next(_number)}") == before


def post(server: Server, query: str) -> Reply:
    return server.ask("POST", "/sparql", QUERY, query.encode("utf-8", "surrogatepass"))


def answered(send: Callable[[], Reply]) -> Reply:
    """Return the answer to a small query, asked again where this machine was too busy for it."""
    reply = awaited(send, lambda reply: reply.status not in (503, 504))
    assert reply.status == 200, reply.body
    return reply


def ask(server: Server, query: str) -> object:
    return json.loads(answered(lambda: post(server, query)).body)


def refused(reply: Reply, *statuses: int) -> dict[str, str]:
    """Check that an answer is a refusal which says what to do."""
    assert reply.status in statuses, reply.body[:500]
    assert reply.media_type == "application/problem+json"
    problem: dict[str, str] = json.loads(reply.body)
    assert problem["detail"]
    assert problem["fix"]
    assert len(reply.body) < 5_000
    return problem


@pytest.mark.usefixtures("still_well")
@pytest.mark.parametrize("name", killers.ENDLESS)
def test_a_query_without_end_is_ended(server, name):
    """By time or for want of memory; an answer that has begun breaks off, and is not taken for whole."""
    try:
        reply = post(server, killers.ENDLESS[name])
    except IncompleteRead:
        assert name in ("endless rows", "exploding CONSTRUCT")
    else:
        refused(reply, 503, 504)


@pytest.mark.usefixtures("still_well")
@pytest.mark.parametrize("name", killers.BOMBS)
def test_a_regular_expression_bomb_does_not_go_off(server, name):
    """It is evaluated in time or not at all."""
    pattern = killers.BOMBS[name]
    reply = post(server, f'SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER REGEX(STR(?o), "{pattern}") }}')

    if reply.status != 200:
        refused(reply, 503, 504)


@pytest.mark.usefixtures("still_well")
@pytest.mark.parametrize("name", killers.DEEP)
def test_depth_harms_nobody(server, name):
    """What would overflow a stack is refused, or costs one process that is replaced."""
    reply = post(server, killers.DEEP[name])

    if reply.status != 200:
        refused(reply, 400, 503, 504)


# Calls to others


@dataclass
class Canary:
    """A server that must not be called. `calls` are the first lines of requests that come all the same."""

    url: str = ""
    calls: list[bytes] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Canary]:
    canary = Canary()
    with socket.create_server(("127.0.0.1", 0)) as door:

        def listen() -> None:
            while True:
                with door.accept()[0] as visitor, visitor.makefile("rb") as request:
                    line = request.readline(1000)
                    if line == b"stop\n":
                        return
                    canary.calls.append(line)
                    visitor.sendall(
                        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    )

        canary.url = f"http://127.0.0.1:{door.getsockname()[1]}/canary"
        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield canary
        finally:
            with socket.create_connection(door.getsockname()) as visitor:
                visitor.sendall(b"stop\n")
            listener.join()


@pytest.fixture(scope="module")
def canary(server: Server) -> Iterator[Canary]:
    """It is not called in any of the tests."""
    with listening() as canary:
        yield canary
        assert canary.calls == []


@pytest.mark.parametrize("name", killers.services(NOBODY))
def test_a_disguise_deceives_the_engine(name):
    """By itself the engine would call: these are no straw men."""
    store = pyoxigraph.Store()
    store.update("INSERT DATA { <urn:s> <urn:p> true, 1 }")
    with listening() as canary:
        with suppress(OSError):  # the canary has nothing to say
            list(store.query(killers.services(canary.url)[name]) or ())

        assert canary.calls[0].split()[1] == b"/canary"


@pytest.mark.parametrize("name", [*killers.services(NOBODY), *killers.other_services(NOBODY)])
def test_service_is_refused_however_it_is_written(server, canary, name):
    """In the address, in a form, bare, and from the editor."""
    query = {**killers.services(canary.url), **killers.other_services(canary.url)}[name]
    encoded = quote(query, safe="", errors="surrogatepass")

    refused(post(server, query), 400)
    refused(server.ask("GET", f"/sparql?query={encoded}"), 400)
    refused(server.ask("POST", "/sparql", FORM, f"query={encoded}".encode()), 400)
    page = server.ask("GET", f"/sparql?query={encoded}", {"Accept": "text/html"})
    assert page.media_type == "text/html"
    assert page.status in (200, 400)
    assert canary.calls == []


@pytest.mark.parametrize("name", killers.datasets(NOBODY))
def test_a_graph_is_a_name_and_nothing_is_fetched(server, canary, name):
    """The graph of that name is empty here, whatever the address would give."""
    reply = answered(lambda: post(server, killers.datasets(canary.url)[name]))

    if reply.media_type.endswith("json"):
        assert json.loads(reply.body)["results"]["bindings"] == []
    else:
        assert list(pyoxigraph.parse(reply.body, pyoxigraph.RdfFormat.TURTLE)) == []
    assert canary.calls == []


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
def test_the_graphs_of_a_request_are_names_too(server, canary, parameter):
    """https://www.w3.org/TR/sparql11-protocol/#dataset"""
    query = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    parameters = urlencode({"query": query, parameter: canary.url})

    for send in (
        lambda: server.ask("GET", f"/sparql?{parameters}"),
        lambda: server.ask("POST", "/sparql", FORM, parameters.encode()),
    ):
        assert json.loads(answered(send).body)["results"]["bindings"] == []
    assert canary.calls == []


@pytest.mark.usefixtures("still_well")
@pytest.mark.parametrize("name", killers.updates(NOBODY))
def test_nothing_is_loaded_or_changed(server, canary, name):
    """An update is refused as an update, as a query, and in disguise."""
    update = killers.updates(canary.url)[name]

    refused(post(server, update), 400)
    refused(server.ask("POST", "/sparql", FORM, urlencode({"update": update}).encode()), 403)
    refused(
        server.ask("POST", "/sparql", {"Content-Type": "application/sparql-update"}, update.encode()), 403
    )
    refused(server.ask("GET", f"/sparql?{urlencode({'update': update})}"), 403)
    refused(server.ask("GET", f"/sparql?{urlencode({'query': update, 'using-graph-uri': canary.url})}"), 400)
    assert canary.calls == []
