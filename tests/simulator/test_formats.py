"""Six formats of one page, each with the quirks that udata's has."""

from collections.abc import Iterator
from functools import cache

import pytest
import requests
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, parse

from tests.simulator import Portal, Truth, World, serve
from tests.simulator.names import repaired

DCAT = "http://www.w3.org/ns/dcat#"
SYNTAX = {
    "ttl": RdfFormat.TURTLE,
    "n3": RdfFormat.N3,
    "nt": RdfFormat.N_TRIPLES,
    "trig": RdfFormat.TRIG,
    "xml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
WORLD = World(datasets=45, reuses=0)
BASE = "http://base.test/"


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with serve(WORLD) as running:
        yield running


@cache
def page(portal: Portal, extension: str, turn: int = 1) -> bytes:
    """One page with all datasets, but for what tells formats apart: the extension in paging links."""
    body = requests.get(f"{portal.api}/site/catalog.{extension}?page_size=100", timeout=10).content
    return body.replace(f"catalog.{extension}?".encode(), b"catalog?")


def triples(body: bytes, extension: str) -> list[Quad]:
    """The triples of a page, out of any graph, with IRIs repaired."""

    def spelled(term: object) -> object:
        if not isinstance(term, NamedNode):
            return term
        return NamedNode(repaired(term.value, BASE))

    quads = parse(body, SYNTAX[extension], lenient=True, base_iri=BASE)
    return [Quad(spelled(q.subject), q.predicate, spelled(q.object)) for q in quads]


def canonical(quads: list[Quad]) -> Dataset:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


@pytest.mark.parametrize("extension", ["ttl", "n3", "trig", "xml"])
def test_formats_say_the_same(portal, extension):
    """Turtle, N3, TriG and RDF/XML hold the triples of N-Triples, once IRIs are spelled alike."""
    expected = canonical(triples(page(portal, "nt"), "nt"))

    assert canonical(triples(page(portal, extension), extension)) == expected


def test_odd_iris_are_encoded_in_some_formats_and_raw_in_others(portal):
    """Turtle and its sisters percent-encode an IRI with a space, accents included; XML and JSON-LD do not."""
    encoded, raw = (
        b"https://amont.exemple.fr/jeu%20de%20donn%C3%A9es/",
        "https://amont.exemple.fr/jeu de données/",
    )
    bodies = {extension: page(portal, extension) for extension in SYNTAX}

    assert {extension for extension, body in bodies.items() if encoded in body} == {"ttl", "n3", "nt", "trig"}
    assert {extension for extension, body in bodies.items() if raw.encode() in body} == {"xml", "jsonld"}
    assert b"%2520y" in bodies["ttl"]  # what was encoded already is encoded twice
    assert b"<pas%20une%20iri%2033>" in bodies["ttl"]
    assert "https://amont.exemple.fr/jeu-é-" in bodies["ttl"].decode()  # accents alone are left


def test_strict_parsers_lose_the_page(portal):
    """One illegal IRI is enough: square brackets in a path, or no scheme, whatever the encoding."""
    with pytest.raises(SyntaxError):
        list(parse(page(portal, "ttl"), RdfFormat.TURTLE))


def test_trig_is_one_graph_with_a_blank_name(portal):
    """Loaded as it is, the default graph stays empty."""
    graphs = {quad.graph_name for quad in parse(page(portal, "trig"), RdfFormat.TRIG, lenient=True)}

    assert len(graphs) == 1
    assert isinstance(graphs.pop(), BlankNode)


def test_json_ld_loses_what_udata_loses(portal):
    """Dates of periods change their vocabulary, and the catalogue's blank publisher has no description."""
    quads = triples(page(portal, "jsonld"), "jsonld")
    used = {quad.predicate.value for quad in quads}
    publisher = next(
        q.object
        for q in quads
        if q.subject.value.endswith("/site/catalog") and "publisher" in q.predicate.value
    )

    assert f"{DCAT}startDate" not in used
    assert "http://schema.org/startDate" in used
    assert isinstance(publisher, BlankNode)
    assert not [quad for quad in quads if quad.subject == publisher]


def test_control_characters_survive_in_json_ld_only(portal):
    """Everywhere else they are question marks."""
    marks = {extension: page(portal, extension) for extension in SYNTAX}

    assert b"\\u000b" in marks["jsonld"]
    assert all("Caractère de contrôle:? fin" in marks[e].decode() for e in SYNTAX if e != "jsonld")


def test_windows_line_ends_survive_in_xml(portal):
    """XML parsers would turn a bare CR LF into LF: it is written as a character reference."""
    texts = [
        quad.object.value
        for quad in triples(page(portal, "xml"), "xml")
        if "description" in str(quad.predicate)
    ]

    assert any("\r\n" in text for text in texts)


@pytest.mark.parametrize("extension", SYNTAX)
def test_two_requests_never_give_the_same_bytes(portal, extension):
    """Labels of blank nodes are new in each answer; apart from them the pages are equal."""
    first, second = page(portal, extension, 1), page(portal, extension, 2)

    assert first != second
    assert canonical(triples(first, extension)) == canonical(triples(second, extension))


@pytest.mark.parametrize("extension", SYNTAX)
def test_a_dataset_document_holds_its_distributions(portal, extension):
    """Each dataset has a document of its own, with the same distributions as in the catalogue."""
    dataset = WORLD.dataset(3)
    body = requests.get(f"{portal.api}/datasets/{dataset.id}/rdf.{extension}", timeout=10).content
    found = {q.object.value for q in triples(body, extension) if q.predicate.value == f"{DCAT}distribution"}

    names = Truth(WORLD, portal.api).names
    assert found == {names.resource(dataset, resource) for resource in dataset.resources}
