"""The W3C's tests of the SPARQL 1.1 Protocol, over HTTP: every request of its list, none left out.

https://w3c.github.io/rdf-tests/sparql/sparql11/protocol/ ; the tests of updates stand here with the answer
of a server that is read-only: a client error, and nothing changed.
"""

import json
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from rdflib import FOAF, RDF, Graph, URIRef

from tests.serve.support import Server, publish, serving

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}
UPDATE = {"Content-Type": "application/sparql-update"}

LIST = """
    query_post_form query_dataset_default_graphs_get query_dataset_default_graphs_post
    query_dataset_named_graphs_post query_dataset_named_graphs_get query_dataset_full query_multiple_dataset
    query_get query_content_type_select query_content_type_ask query_content_type_describe
    query_content_type_construct update_dataset_default_graph update_dataset_default_graphs
    update_dataset_named_graphs update_dataset_full update_post_form update_post_direct update_base_uri
    query_post_direct bad_query_method bad_multiple_queries bad_query_wrong_media_type
    bad_query_missing_form_type bad_query_missing_direct_type bad_query_non_utf8 bad_query_syntax
    bad_update_get bad_multiple_updates bad_update_wrong_media_type bad_update_missing_form_type
    bad_update_non_utf8 bad_update_syntax bad_update_dataset_conflict
"""
ROWS = {
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
}
BOOLEANS = {"application/sparql-results+json", "application/sparql-results+xml"}
GRAPHS = {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"}


def data(number: int) -> str:
    return f"http://kasei.us/2009/09/sparql/data/data{number}.rdf"


def address(*graphs: tuple[str, int], query: str | None = None) -> str:
    parameters = [] if query is None else [f"query={quote(query, safe='')}"]
    parameters += [f"{name}={quote(data(number), safe='')}" for name, number in graphs]
    return "/sparql" + ("?" + "&".join(parameters) if parameters else "")


def default(*numbers: int) -> tuple[tuple[str, int], ...]:
    return tuple(("default-graph-uri", number) for number in numbers)


def named(*numbers: int) -> tuple[tuple[str, int], ...]:
    return tuple(("named-graph-uri", number) for number in numbers)


def using(*numbers: int) -> tuple[tuple[str, int], ...]:
    return tuple(("using-graph-uri", number) for number in numbers)


def using_named(*numbers: int) -> tuple[tuple[str, int], ...]:
    return tuple(("using-named-graph-uri", number) for number in numbers)


@dataclass(frozen=True)
class Case:
    """A test of the list, by its name there."""

    name: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def send(self, server: Server):
        return server.ask(self.method, self.path, self.headers, self.body)


IN_DEFAULT = f"ASK {{ <{data(1)}> a ?type . <{data(2)}> a ?type . }}"
IN_NAMED = f"GRAPH ?g1 {{ <{data(1)}> a ?type }} GRAPH ?g2 {{ <{data(2)}> a ?type }}"

TRUE = [
    Case("query_post_form", "POST", address(*default(0)), FORM, b"query=ASK%20%7B%7D"),
    Case("query_dataset_default_graphs_get", "GET", address(*default(1, 2), query=IN_DEFAULT)),
    Case("query_dataset_default_graphs_post", "POST", address(*default(1, 2)), QUERY, IN_DEFAULT.encode()),
    Case(
        "query_dataset_named_graphs_post",
        "POST",
        address(*named(1, 2)),
        QUERY,
        f"ASK {{ {IN_NAMED} }}".encode(),
    ),
    Case("query_dataset_named_graphs_get", "GET", address(*named(1, 2), query=f"ASK {{ {IN_NAMED} }}")),
    Case(
        "query_dataset_full",
        "POST",
        address(*default(3), *named(1, 2)),
        QUERY,
        f"ASK {{\n  <{data(3)}> a ?type\n  {IN_NAMED}\n}}".encode(),
    ),
    # The list escapes the ampersand between the two graphs, which makes them one that nobody has.
    Case(
        "query_multiple_dataset",
        "POST",
        address(*named(1, 2)),
        QUERY,
        f"ASK FROM <{data(3)}> {{ {IN_NAMED} }}".encode(),
    ),
    Case("query_get", "GET", address(*default(0), query="ASK {}")),
    Case("query_post_direct", "POST", address(), QUERY, b"ASK {}"),
]

TYPED = [
    (
        Case("query_content_type_select", "POST", address(*default(0)), QUERY, b"SELECT (1 AS ?value) {}"),
        ROWS,
    ),
    (Case("query_content_type_ask", "POST", address(*default(0)), QUERY, b"ASK {}"), BOOLEANS),
    (
        Case(
            "query_content_type_describe",
            "POST",
            address(*default(0)),
            QUERY,
            b"DESCRIBE <http://example.org/>",
        ),
        GRAPHS,
    ),
    (
        Case(
            "query_content_type_construct",
            "POST",
            address(*default(0)),
            QUERY,
            b"CONSTRUCT { <s> <p> 1 } WHERE {}",
        ),
        GRAPHS,
    ),
]

BAD = [
    (Case("bad_query_method", "PUT", address(*default(0), query="ASK {}"), FORM, b""), 405),
    (Case("bad_multiple_queries", "GET", "/sparql?query=ASK%20%7B%7D&query=SELECT%20%2A%20%7B%7D"), 400),
    (Case("bad_query_wrong_media_type", "POST", address(), {"Content-Type": "text/plain"}, b"ASK {}"), 415),
    (Case("bad_query_missing_form_type", "POST", address(), {}, b"query=ASK%20%7B%7D"), 415),
    (Case("bad_query_missing_direct_type", "POST", address(), {}, b"ASK {}"), 415),
    (
        Case(
            "bad_query_non_utf8",
            "POST",
            address(),
            {"Content-Type": "application/sparql-query; charset=UTF-16"},
            "ASK {}".encode("utf-16"),
        ),
        415,
    ),
    (Case("bad_query_syntax", "GET", "/sparql?query=ASK%20%7B"), 400),
    (Case("bad_update_get", "GET", "/sparql?update=CLEAR%20ALL"), 403),
    (
        Case("bad_multiple_updates", "POST", address(), FORM, b"update=CLEAR%20NAMED&update=CLEAR%20DEFAULT"),
        403,
    ),
    (
        Case(
            "bad_update_wrong_media_type", "POST", address(), {"Content-Type": "text/plain"}, b"CLEAR NAMED"
        ),
        415,
    ),
    (Case("bad_update_missing_form_type", "POST", address(), {}, b"update=CLEAR%20NAMED"), 415),
    (
        Case(
            "bad_update_non_utf8",
            "POST",
            address(),
            {"Content-Type": "application/sparql-update; charset=UTF-16"},
            "CLEAR NAMED".encode("utf-16"),
        ),
        415,
    ),
    (Case("bad_update_syntax", "POST", address(), FORM, b"update=CLEAR%20XYZ"), 403),
    (
        Case(
            "bad_update_dataset_conflict",
            "POST",
            "/sparql?using-named-graph-uri=http%3A%2F%2Fexample%2Fpeople",
            UPDATE,
            b"""PREFIX foaf:  <http://xmlns.com/foaf/0.1/>
            WITH <http://example/addresses>
            DELETE { ?person foaf:givenName 'Bill' }
            INSERT { ?person foaf:givenName 'William' }
            WHERE { ?person foaf:givenName 'Bill' }""",
        ),
        403,
    ),
]

PREFIXES = "PREFIX dc: <http://purl.org/dc/terms/> PREFIX foaf: <http://xmlns.com/foaf/0.1/>"
INSERTED = " ".join(f"GRAPH <{data(n)}> {{ <{data(n)}> a foaf:Document }}" for n in (1, 2, 3))
TARGET = "http://example.org/protocol-update-dataset"


def update(graph: str, pattern: str, said: str = "a dc:BibliographicResource") -> bytes:
    return f"""{PREFIXES} DROP ALL ; INSERT DATA {{ {INSERTED} }} ;
    INSERT {{ GRAPH <{TARGET}-{graph}-test/> {{ ?s {said} }} }} WHERE {{ {pattern} }}""".encode()


IN_NAMED_GRAPH = "GRAPH ?g { ?s a foaf:Document } BIND(?g AS ?in)"
IN_DEFAULT_GRAPH = "?s a foaf:Document . BIND('default' AS ?in)"
UPDATES = [
    Case(
        "update_dataset_default_graph",
        "POST",
        address(*using(1)),
        UPDATE,
        update("graph", "?s a foaf:Document"),
    ),
    Case(
        "update_dataset_default_graphs",
        "POST",
        address(*using(1, 2)),
        UPDATE,
        update("graphs", "?s a foaf:Document"),
    ),
    Case(
        "update_dataset_named_graphs",
        "POST",
        address(*using_named(1, 2)),
        UPDATE,
        update("named-graphs", "GRAPH ?g { ?s a foaf:Document }"),
    ),
    Case(
        "update_dataset_full",
        "POST",
        address(*using(1), *using_named(2)),
        UPDATE,
        update(
            "full", f"{{ {IN_NAMED_GRAPH} }} UNION {{ {IN_DEFAULT_GRAPH} }}", "<http://example.org/in> ?in"
        ),
    ),
    Case("update_post_form", "POST", address(), FORM, b"update=CLEAR+ALL"),
    Case("update_post_direct", "POST", address(), UPDATE, b"CLEAR ALL"),
    Case(
        "update_base_uri",
        "POST",
        address(),
        UPDATE,
        b"CLEAR GRAPH <http://example.org/protocol-base-test/> ;"
        b" INSERT DATA { GRAPH <http://example.org/protocol-base-test/>"
        b" { <http://example.org/s> <http://example.org/p> <test> } }",
    ),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The documents of the list, each in the graph of its name."""
    folder = tmp_path_factory.mktemp("w3c") / "catalogue"
    publish(
        folder,
        "".join(f"<{data(n)}> {{ <{data(n)}> a <http://xmlns.com/foaf/0.1/Document> }}" for n in (1, 2, 3)),
    )
    with serving(folder) as running:
        yield running


def of(case) -> str:
    return case.name if isinstance(case, Case) else ""


@pytest.mark.parametrize("case", TRUE, ids=of)
def test_a_query_is_answered(server, case):
    """2xx, a media type of truth values, and true."""
    reply = case.send(server)

    assert reply.status == 200
    assert reply.media_type in BOOLEANS
    assert json.loads(reply.body)["boolean"] is True


@pytest.mark.parametrize(("case", "types"), TYPED, ids=of)
def test_an_answer_has_a_media_type_of_its_form(server, case, types):
    """Rows, truth values, graphs; and it is what it says."""
    reply = case.send(server)

    assert reply.status == 200
    assert reply.media_type in types
    if types is GRAPHS:
        found = Graph().parse(data=reply.body, format=reply.media_type)
        assert len(found) == (1 if b"CONSTRUCT" in case.body else 0)
    else:
        assert set(json.loads(reply.body)) == {"head", "boolean" if types is BOOLEANS else "results"}


@pytest.mark.parametrize(("case", "status"), BAD, ids=of)
def test_a_bad_request_is_a_client_error(server, case, status):
    """4xx is what the list wants; which of them, and that the reason is said, is ours."""
    reply = case.send(server)

    assert reply.status == status
    assert reply.media_type == "application/problem+json"
    assert json.loads(reply.body)["status"] == status


@pytest.mark.parametrize("case", UPDATES, ids=of)
def test_an_update_is_refused_and_changes_nothing(server, case):
    """The server is read-only: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.4."""
    assert case.send(server).status == 403

    everything = server.ask("POST", "/sparql", QUERY, b"CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    found = Graph().parse(data=everything.body, format=everything.media_type)
    assert set(found) == {(URIRef(data(n)), RDF.type, FOAF.Document) for n in (1, 2, 3)}


@pytest.mark.parametrize(
    ("graphs", "query", "answer"),
    [
        ((), IN_DEFAULT, True),
        (default(1), IN_DEFAULT, False),
        (default(1, 4), IN_DEFAULT, False),
        (named(1, 2), IN_DEFAULT, False),
        ((), f"ASK {{ {IN_NAMED} }}", True),
        (named(1), f"ASK {{ {IN_NAMED} }}", False),
        (default(1, 2), f"ASK {{ {IN_NAMED} }}", False),
        (default(1), f"ASK FROM <{data(2)}> {{ <{data(1)}> a ?type }}", True),
        (default(1), f"ASK FROM <{data(2)}> {{ <{data(2)}> a ?type }}", False),
        (named(1), f"ASK FROM <{data(2)}> {{ <{data(2)}> a ?type }}", False),
        ((), f"ASK FROM <{data(2)}> {{ <{data(1)}> a ?type }}", False),
        ((), f"ASK FROM NAMED <{data(2)}> {{ GRAPH ?g {{ <{data(2)}> a ?type }} }}", True),
    ],
)
def test_the_dataset_is_exactly_what_is_named(server, graphs, query, answer):
    """Besides the list, whose answers are all true: https://www.w3.org/TR/sparql11-protocol/#dataset."""
    reply = server.ask("GET", address(*graphs, query=query))

    assert json.loads(reply.body)["boolean"] is answer


def test_a_relative_iri_is_resolved_against_the_endpoint(server):
    """https://www.w3.org/TR/sparql11-protocol/#base-iri , as in update_base_uri of the list."""
    reply = server.ask("POST", "/sparql", QUERY, b"SELECT (<test> AS ?o) {}")

    (row,) = json.loads(reply.body)["results"]["bindings"]
    assert row["o"] == {"type": "uri", "value": f"{server.url}/test"}


def test_no_test_of_the_list_is_missing():
    """The names of the list of 2012, all of them approved."""
    ours = [case.name for case in (*TRUE, *UPDATES, *(case for case, _ in (*TYPED, *BAD)))]

    assert sorted(ours) == sorted(LIST.split())
