"""Queries elsewhere: a real SPARQL server (`oxigraph serve-read-only`), and servers that misbehave."""

import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from harvester.errors import QueryError, UsageError
from harvester.query.check import check
from harvester.query.local import LocalEndpoint
from harvester.query.remote import LONGEST_GET, RemoteEndpoint
from harvester.query.results import CSV, JSON, N_TRIPLES, RDF_XML, XML, write_answer
from harvester.query.sparql import read
from tests.query.conftest import InProcess

OXIGRAPH = Path(sys.executable).with_name("oxigraph")
DATASETS = "SELECT ?title { ?d a dcat:Dataset ; dct:title ?title } ORDER BY ?title"
TITLES = ["Arrêts de bus", "Budget primitif", "Forêts", "Vélos en libre-service"]


def ask(endpoint, query: str, output=JSON) -> bytes:
    out = BytesIO()
    with endpoint.ask(read(query, service=True), output) as answer:
        write_answer(answer, output, out)
    return out.getvalue()


@pytest.fixture(scope="module")
def oxigraph(folder):
    """The URL of a SPARQL endpoint over the same catalogue, with the union as its default graph."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    command = [shutil.which("oxigraph") or OXIGRAPH, "serve-read-only", "--location", folder]
    server = subprocess.Popen([*command, "--bind", host, "--union-default-graph"], stderr=subprocess.PIPE)
    assert server.stderr.readline().startswith(b"Listening")
    yield f"http://{host}/query"
    server.terminate()
    server.wait()
    server.stderr.close()


@contextmanager
def serving(respond):
    """Serve on loopback; `respond` is called with the request's handler. Yields the URL and the requests."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length", 0))
            self.form = parse_qs(urlsplit(self.path).query + "&" + self.rfile.read(length).decode())
            requests.append(self)
            respond(self)

        do_POST = do_GET  # noqa: N815  # the name that http.server asks for

        def log_message(self, *arguments):
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/sparql", requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sending(
    body: bytes, media_type: str = "application/sparql-results+json", status: int = 200, length: int = 0
):
    """Return a responder with this answer; `length` is announced in place of the true one."""

    def respond(handler):
        handler.send_response(status)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Content-Length", str(length or len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return respond


ROWS = b'{"head":{"vars":["title"]},"results":{"bindings":[{"title":{"type":"literal","value":"Budget"}}]}}'


ROWS_XML = b"""<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="title"/></head>
  <results><result><binding name="title"><literal>Budget</literal></binding></result></results></sparql>"""


@pytest.mark.parametrize("output", [JSON, CSV, XML], ids=lambda output: output.name)
def test_a_real_endpoint_answers_as_the_store_does(oxigraph, folder, output):
    """The same query gives the same rows here and there, in the format wanted."""
    here = ask(LocalEndpoint(folder), DATASETS, output)
    there = ask(RemoteEndpoint(oxigraph), DATASETS, output)
    assert there == here
    assert all(title.encode() in there for title in TITLES)


def test_a_real_endpoint_answers_graphs(oxigraph):
    """CONSTRUCT, in the format wanted."""
    query = "CONSTRUCT { ?o foaf:name ?n } WHERE { ?o a foaf:Organization ; foaf:name ?n FILTER(isIRI(?o)) }"
    assert ask(RemoteEndpoint(oxigraph), query, N_TRIPLES).count(b" .\n") == 3
    assert ask(RemoteEndpoint(oxigraph), query, RDF_XML).count(b"<foaf:name>") == 3


def test_a_truth_value_comes_through(oxigraph):
    """ASK."""
    assert json.loads(ask(RemoteEndpoint(oxigraph), "ASK { ?d a dcat:Dataset }"))["boolean"] is True


def test_every_shipped_query_runs_on_a_real_endpoint(oxigraph, store, library):
    """The self-test passes there with the rows that it finds here."""
    there = {checked.name: checked.rows for checked in check(library, RemoteEndpoint(oxigraph))}
    here = {checked.name: checked.rows for checked in check(library, InProcess(store))}
    assert there == here


def test_a_long_query_is_posted(oxigraph):
    """URLs have an end; queries need not."""
    values = " ".join(f"'{number}'" for number in range(LONGEST_GET))
    query = f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {values} }} }}"
    assert b'"value":"1500"' in ask(RemoteEndpoint(oxigraph), query)


def test_a_query_that_the_endpoint_refuses_is_the_users_mistake(oxigraph):
    """With the words of the endpoint."""
    with pytest.raises(UsageError, match=r"/query refused the query: error at 1:\d+: expected"):
        ask(RemoteEndpoint(oxigraph), "SELECT * { ?s ?p }")


def test_the_request_is_what_the_standard_says():
    """One parameter, the query, every prefix declared; formats by the Accept header; our name.

    https://www.w3.org/TR/sparql11-protocol/#query-operation
    """
    with serving(sending(ROWS)) as (url, requests):
        ask(RemoteEndpoint(url), DATASETS)

    (request,) = requests
    assert request.command == "GET"
    assert list(request.form) == ["query"]
    assert request.form["query"][0].startswith("PREFIX dcat: <http://www.w3.org/ns/dcat#>\n")
    assert request.headers["Accept"].startswith("application/sparql-results+json, ")
    assert request.headers["User-Agent"].startswith("harvester/")


def test_parameters_of_the_url_stay():
    """Some endpoints take a dataset in theirs."""
    with serving(sending(ROWS)) as (url, requests):
        ask(RemoteEndpoint(f"{url}?graph=a"), DATASETS)
    assert requests[0].form["graph"] == ["a"]
    assert "query" in requests[0].form


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (ROWS, "application/json; charset=utf-8"),
        (b'?title\n"Budget"\n', "text/tab-separated-values"),
        (ROWS_XML, "text/xml"),
    ],
    ids=["JSON", "TSV", "XML"],
)
def test_an_answer_is_read_by_the_format_that_it_says(body, media_type):
    """Endpoints need not give what was asked for first."""
    with serving(sending(body, media_type)) as (url, _):
        assert ask(RemoteEndpoint(url), DATASETS, CSV).split() == [b"title", b"Budget"]


MISBEHAVIOURS = {
    "HTML": (
        sending(b"<html>Welcome</html>", "text/html"),
        "answered text/html, which is no answer to SELECT",
    ),
    "no SPARQL": (sending(b"<html>", "application/xml"), "The answer is broken SPARQL Results in XML"),
    "not found": (sending(b"<h1>Not\x1b[2J here</h1>", "text/html", 404), "EndPointNotFound: Not [2J here"),
    "failing": (sending("déjà vu".encode(), "text/plain", 500), "EndPointInternalError: déjà vu"),
    "busy": (sending(b"later", "text/plain", 503), "HTTP 503 Service Unavailable: later"),
    "forbidden": (sending(b"", "text/plain", 401), "Unauthorized"),
    "cut off": (sending(ROWS, length=len(ROWS) + 10), "cannot be asked: IncompleteRead"),
    "cut off early": (sending(ROWS[:30], length=len(ROWS)), "cannot be asked: IncompleteRead"),
    "no HTTP": (lambda handler: handler.wfile.write(b"nonsense\r\n"), "cannot be asked: nonsense"),
    "hanging up": (lambda handler: None, "cannot be asked: "),
}


@pytest.mark.parametrize(("respond", "why"), MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_a_server_that_misbehaves_is_an_error_in_words(respond, why):
    """What came instead of an answer, and from where; nothing that commands the terminal."""
    with serving(respond) as (url, _), pytest.raises(QueryError) as failed:
        ask(RemoteEndpoint(url), DATASETS, CSV)

    assert why in failed.value.cause
    assert re.search(r"[\x00-\x1f]", failed.value.cause) is None


def test_nobody_there():
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(QueryError, match=r"cannot be asked: .*refused"):
        ask(RemoteEndpoint(url), DATASETS)


@pytest.mark.parametrize("when", ["before the answer", "within it"])
def test_a_server_that_keeps_us_waiting_is_left(when):
    """The time limit holds before and while the answer arrives, however little comes at a time."""
    left = threading.Event()

    def respond(handler):
        if when == "within it":
            handler.send_response(200)
            handler.send_header("Content-Type", "application/sparql-results+json")
            handler.end_headers()
            handler.wfile.write(ROWS[:20])
        while not left.wait(0.05):
            handler.wfile.write(b" " if when == "within it" else b"")

    with serving(respond) as (url, _):
        try:
            with pytest.raises(QueryError, match=r"in time|stopped after 1 seconds"):
                ask(RemoteEndpoint(url, timeout_s=1.0), DATASETS)
        finally:
            left.set()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://e.example/", "e.example/sparql", "http://", ""])
def test_only_web_addresses_are_asked(url):
    """A file is no endpoint."""
    with pytest.raises(UsageError, match="is no SPARQL endpoint"):
        RemoteEndpoint(url)


def test_a_password_in_the_url_is_refused_and_not_repeated():
    """It would end up in messages and logs."""
    with pytest.raises(UsageError) as refused:
        RemoteEndpoint("https://me:secret@e.example/sparql")
    assert "secret" not in str(refused.value)
