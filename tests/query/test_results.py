"""Answers as bytes: each format says the same, and is well-formed whatever is in the data."""

import csv
import json
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib import Graph
from rdflib.compare import isomorphic

from harvester.errors import QueryError, UsageError
from harvester.query.results import (
    GRAPHS,
    JSON,
    N_TRIPLES,
    RDF_XML,
    ROWS,
    TURTLE,
    XML,
    Answer,
    one_page,
    output_for,
    read_rows,
    write_answer,
    write_results,
)
from harvester.query.sparql import Form, read
from harvester.query.worker import evaluate

SR = "{http://www.w3.org/2005/sparql-results#}"
TITLES = "SELECT ?d ?title ?none { ?d a dcat:Dataset ; dct:title ?title } ORDER BY ?title"
EXPECTED = [
    ("http://a.example/datasets/d2", "Arrêts de bus", ""),
    ("urn:uuid:d3", "Budget primitif", ""),
    ("http://b.example/datasets/e1", "Forêts", ""),
    ("http://a.example/datasets/d1", "Vélos en libre-service", ""),
]


def answer(store, query, output) -> bytes:
    out = BytesIO()
    evaluate(store, read(query), output, out)
    return out.getvalue()


def from_json(content):
    document = json.loads(content)
    names = document["head"]["vars"]
    return [tuple(row.get(n, {}).get("value", "") for n in names) for row in document["results"]["bindings"]]


def from_xml(content):
    root = ET.fromstring(content)
    names = [variable.get("name") for variable in root.iter(f"{SR}variable")]
    rows = [
        {binding.get("name"): "".join(binding.itertext()) for binding in row}
        for row in root.iter(f"{SR}result")
    ]
    return [tuple(row.get(name, "") for name in names) for row in rows]


def from_csv(content):
    return [tuple(row) for row in csv.reader(StringIO(content.decode(), newline=""))][1:]


def from_tsv(content):
    rows = [line.split("\t") for line in content.decode().splitlines()[1:]]
    return [tuple(cell.strip('<>"') for cell in row) for row in rows]


@pytest.mark.parametrize(
    ("name", "parse"), [("json", from_json), ("xml", from_xml), ("csv", from_csv), ("tsv", from_tsv)]
)
def test_rows_are_the_same_in_every_format(store, name, parse):
    """Read back by other libraries than wrote them."""
    assert parse(answer(store, TITLES, ROWS[name])) == EXPECTED


@pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph:DeprecationWarning"
)  # rdflib's own, of its JSON-LD parser
@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("ttl", "turtle"),
        ("jsonld", "json-ld"),
        ("nt", "nt"),
        ("xml", "xml"),
        ("trig", "trig"),
        ("nq", "nt"),  # N-Quads without graph names are N-Triples
    ],
)
def test_graphs_are_the_same_in_every_format(store, name, format_):
    """As rdflib reads them: 20 titles, and two periods, which are blank nodes, with a start each."""
    query = """
      CONSTRUCT { ?d dct:title ?t ; dct:temporal ?p . ?p dcat:startDate ?from }
      WHERE { ?d dct:title ?t OPTIONAL { ?d dct:temporal ?p . ?p dcat:startDate ?from } }"""

    found = Graph().parse(answer(store, query, GRAPHS[name]), format=format_)

    assert len(found) == 20 + 4
    assert isomorphic(found, Graph().parse(answer(store, query, N_TRIPLES), format="nt"))


@pytest.mark.parametrize("name", ROWS)
def test_a_truth_value_has_a_form_in_every_format(store, name):
    """ASK answers true or false."""
    assert b"true" in answer(store, "ASK { ?s a dcat:Dataset }", ROWS[name])
    assert b"false" in answer(store, "ASK { ?s a dcat:Nothing }", ROWS[name])


@pytest.mark.parametrize(
    ("form", "name", "fitting"),
    [
        (Form.SELECT, "ttl", "table, csv, tsv, json, xml"),
        (Form.ASK, "nt", "table, csv, tsv, json, xml"),
        (Form.CONSTRUCT, "csv", "ttl, jsonld, nt, xml, trig, nq"),
        (Form.DESCRIBE, "table", "ttl, jsonld, nt, xml, trig, nq"),
    ],
)
def test_a_format_that_does_not_fit_is_refused_with_those_that_do(form, name, fitting):
    """Rows do not fit Turtle, graphs do not fit CSV."""
    with pytest.raises(UsageError) as refused:
        output_for(form, name)
    assert refused.value.fix == f"one of {fitting}"


def xml_text(text: str) -> str:
    """What XML 1.0 can say of a text: https://www.w3.org/TR/xml/#charsets."""

    def allowed(character: str) -> bool:
        return character in "\t\n\r" or " " <= character <= "\ufffd" or character >= "\U00010000"

    return "".join(character if allowed(character) else "\ufffd" for character in text)


@given(st.text() | st.text(st.sampled_from("\x00\x0b\x1f\x7f\r\n\t\ufffe\uffff\ufffd<&]>é😀")))
def test_xml_is_well_formed_whatever_the_text(text):
    """Control characters, which the portal's JSON-LD lets through, become U+FFFD; nothing else changes."""
    store = Store()
    store.add(Quad(NamedNode("a:s"), NamedNode("http://a.example/p"), Literal(text)))

    ((_, _, read_back),) = from_xml(answer(store, "SELECT ?s ?p ?o { ?s ?p ?o }", XML))
    graph = ET.fromstring(answer(store, "CONSTRUCT WHERE { ?s ?p ?o }", RDF_XML))

    assert read_back == xml_text(text)
    assert ("".join(graph[0][0].itertext())) == xml_text(text)


def test_half_a_character_at_the_end_of_a_piece_is_mended():
    """The writer hands over pieces of 8 kB or so: what XML cannot hold may be split between two."""
    store = Store()
    text = "\uffff" * 50_000
    store.add(Quad(NamedNode("a:s"), NamedNode("a:p"), Literal(text)))

    ((found,),) = from_xml(answer(store, "SELECT ?o { ?s ?p ?o }", XML))

    assert found == "\ufffd" * 50_000


def test_rdf_xml_refuses_a_predicate_that_it_cannot_name():
    """A predicate must end in an XML name; the writer would make ill-formed XML of it."""
    store = Store()
    store.add(Quad(NamedNode("a:s"), NamedNode("http://a.example/2024"), Literal("x")))

    with pytest.raises(UsageError, match=r"RDF/XML cannot hold the predicate <http://a\.example/2024>"):
        answer(store, "CONSTRUCT WHERE { ?s ?p ?o }", RDF_XML)


def test_turtle_declares_the_prefixes_that_it_uses():
    """And no others."""
    store = Store()
    subject = NamedNode("http://a.example/")
    store.add(Quad(subject, NamedNode("http://purl.org/dc/terms/title"), Literal("x")))

    content = answer(store, "CONSTRUCT WHERE { ?s ?p ?o }", TURTLE).decode()

    prefixes = [line for line in content.splitlines() if line.startswith("@prefix")]
    assert prefixes == ["@prefix dct: <http://purl.org/dc/terms/> ."]
    assert 'dct:title "x"' in content


def test_a_page_is_cut_to_its_size(store):
    """And it tells whether there is a next one."""

    def page(size):
        found, more = one_page(Answer(JSON, BytesIO(answer(store, TITLES, JSON))), size)
        return from_json(found.stream.read()), more

    assert page(3) == (EXPECTED[:3], True)
    assert page(4) == (EXPECTED, False)


@pytest.mark.parametrize(("wanted", "parse"), [("json", from_json), ("xml", from_xml), ("csv", from_csv)])
@pytest.mark.parametrize("arrived", ["json", "xml", "tsv"])
def test_an_answer_is_converted_if_it_arrives_in_another_format(store, arrived, wanted, parse):
    """Endpoints choose theirs."""
    arriving = Answer(ROWS[arrived], BytesIO(answer(store, TITLES, ROWS[arrived])))
    out = BytesIO()

    write_answer(arriving, ROWS[wanted], out)

    assert parse(out.getvalue()) == EXPECTED


def test_rows_are_read_as_they_arrive():
    """The first row is there before the last was sent: nobody waits for a million rows to see ten."""

    class Endless(BytesIO):
        sent = 0

        def read(self, size=-1):
            self.sent += 1
            assert self.sent < 100
            head = b'{"head":{"vars":["x"]},"results":{"bindings":[' if self.sent == 1 else b""
            return head + b'{"x":{"type":"literal","value":"1"}},' * 10

    rows = read_rows(Answer(JSON, Endless())).rows
    assert next(rows) == (Literal("1"),)


def test_a_truth_value_reads_as_one_row(store):
    """So that it needs no table of its own."""
    found = read_rows(Answer(JSON, BytesIO(answer(store, "ASK {}", JSON))))
    assert (found.columns, [row[0].value for row in found.rows]) == (("answer",), ["true"])


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}},'],
    ids=["empty", "HTML", "cut off"],
)
def test_a_broken_answer_is_an_error(content):
    """It is said in which format it was to be."""
    with pytest.raises(QueryError, match="The answer is broken SPARQL Results in JSON"):
        list(read_rows(Answer(JSON, BytesIO(content))).rows)
    with pytest.raises(QueryError, match="The answer is broken Turtle"):
        write_answer(Answer(TURTLE, BytesIO(b"<a> <b> .")), N_TRIPLES, BytesIO())


def test_results_are_written_as_they_are_found(store):
    """The writer does not gather the answer: a hundred million rows begin at once."""

    class Enough(Exception):
        pass

    class Full(BytesIO):
        def write(self, data):
            if self.tell() > 100_000:
                raise Enough
            return super().write(data)

    query = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    with pytest.raises(Enough):
        write_results(store.query(query, use_default_graph_as_union=True), JSON, Full())
