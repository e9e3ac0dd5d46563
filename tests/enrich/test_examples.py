"""Each mapping's examples, documents beside the graphs that they become; and what holds of every mapping."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse
from rdflib import BNode, Graph
from rdflib.compare import isomorphic

from harvester.enrich.mapper import Mapper
from harvester.enrich.outcome import Mapped
from harvester.enrich.surfaces import BY_MAPPING, SURFACES
from tests.enrich.documents import Document, documents
from tests.enrich.support import EXAMPLES, MAPPINGS, PORTAL, SITE, graph_of, turtle

DETAILED = {surface.mapping for surface in SURFACES if surface.naming == "catalogue"}
KNOWN = {
    "6b01cc527190cb745d496b01": f"{SITE}/datasets/6b01cc527190cb745d496b01",
    "6b01cc527190cb745d496b02": "https://up.example/horaires#dataset",
    "6b01cc7f7190cb745d496bd7": f"{SITE}/dataservices/6b01cc7f7190cb745d496bd7",
    "6b01cc7f7190cb745d496bd8": "https://up.example/service/0",
    "6b01cc847190cb745d496be1": f"{SITE}/reuses/6b01cc847190cb745d496be1",
    "534fff75a3a7292c64a77de4": f"{SITE}/organizations/534fff75a3a7292c64a77de4",
}
PAIRS = sorted(EXAMPLES.glob("*/*.json"))
WRONG = (
    7, -1.5, True, "x", "\ud800", [], {}, [[1]], [None, 7], {"id": {}}, [{"id": 3}], {"@id": "urn:x"},
    10**400, {"class": "Dataset"}, "9" * 200,
)  # fmt: skip


MAPPERS = {name: Mapper(MAPPINGS, name, PORTAL) for name in BY_MAPPING}


def mapped(mapper: Mapper, document: Document) -> Mapped:
    """Map a document that describes something that the catalogue has."""
    return mapper.map([document], {document["id"]: f"{SITE}/it/{document['id']}", **KNOWN})


def plain(graph: Graph) -> set:
    """Return the triples without blank nodes, whose labels tell nothing."""
    return {triple for triple in graph if not any(isinstance(term, BNode) for term in triple)}


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_document_becomes_the_graph_beside_it(path: Path):
    """The examples are the mapping's specification, written by hand from its tables."""
    document = json.loads(path.read_text(encoding="utf-8"))
    expected = turtle(path.with_suffix(".ttl").read_text(encoding="utf-8"))

    result = MAPPERS[path.parent.name].map([document], KNOWN)
    graph = graph_of(result.records)

    assert isomorphic(graph, expected), _difference(graph, expected)
    assert len(result.records) == 1


def _difference(graph: Graph, expected: Graph) -> str:
    missing, surplus = plain(expected) - plain(graph), plain(graph) - plain(expected)
    return "\n".join(
        [f"- {' '.join(t.n3() for t in row)}" for row in missing]
        + [f"+ {' '.join(t.n3() for t in row)}" for row in surplus]
        + ["or blank nodes differ:", graph.serialize(format="turtle")]
    )


def test_each_mapping_has_examples():
    """They are its documentation, too."""
    assert {path.parent.name for path in PAIRS} == set(BY_MAPPING) == set(MAPPINGS.documents)


@pytest.mark.parametrize("name", BY_MAPPING)
def test_recorded_documents_are_mapped_without_complaint(name):
    """What a real portal says gives no problem report, but for links of reuses to what is not listed."""
    for document in documents(name):
        result = mapped(MAPPERS[name], document)

        assert name == "reuse" or result.problems == ()
        assert len(result.records) == (0 if document.get("deleted") else 1)
        assert all(record.resource for record in result.records)


@pytest.mark.parametrize("name", sorted(DETAILED))
def test_details_stand_in_a_graph_of_their_own(name):
    """What the portal's RDF says of a thing is replaced alone, and so is this."""
    for document in documents(name):
        for record in mapped(MAPPERS[name], document).records:
            assert record.graph.startswith("urn:x-harvester:details:data.example:")


@pytest.mark.parametrize("name", sorted(DETAILED))
def test_details_of_what_the_catalogue_does_not_describe_are_passed_over(name):
    """They would describe something that nobody says exists."""
    for document in documents(name):
        assert MAPPERS[name].map([document], {}).records == ()


def statements(result: Mapped, id_: str) -> set[str]:
    """Return what is said of the document with this id, of blank nodes nothing, as lines without the id."""
    records = [record for record in result.records if id_ in record.resource]
    lines = [line for record in records for line in record.nquads.decode().splitlines()]
    return {line.replace(id_, "ID") for line in lines if "_:" not in line}


@pytest.mark.parametrize("name", BY_MAPPING)
def test_a_value_of_a_wrong_kind_costs_only_itself(name):
    """One key of a document at a time is rubbish: all that the others say is still there."""
    keys = {key.partition(".")[0] for key in MAPPINGS.documents[name].shape.lifted} - {"id"}
    variants: dict[str, tuple[str, Document]] = {}  # id → id of the same document without the key, document
    for document in documents(name)[:2]:
        for key in keys & document.keys():
            base = f"d{len(variants):05d}"
            variants[base] = base, {**document, "id": base, key: None}
            for wrong in WRONG:
                id_ = f"d{len(variants):05d}"
                variants[id_] = base, {**document, "id": id_, key: wrong}

    known = {id_: f"{SITE}/it/{id_}" for id_ in variants}
    result = MAPPERS[name].map([document for _, document in variants.values()], KNOWN | known)

    assert len(variants) > len(WRONG)
    said = {id_: statements(result, id_) for id_ in variants}
    assert [id_ for id_, (base, _) in variants.items() if not said[base] <= said[id_]] == []


@pytest.mark.parametrize("name", BY_MAPPING)
def test_rubbish_all_over_maps_to_next_to_nothing(name):
    """Nothing raises, and what comes out is RDF."""
    keys = {key.partition(".")[0] for key in MAPPINGS.documents[name].shape.lifted}
    batch = [
        {**dict.fromkeys(keys, wrong), "id": id_}
        for wrong in WRONG
        for id_ in ("6b01cc527190cb745d496b01", wrong)
    ]

    for document in batch:
        result = MAPPERS[name].map([document], KNOWN)

        graph_of((*result.records, *result.agents))


def persons_in(value: object, *, inside: bool = False) -> set[str]:
    """Return what tells who somebody is: names, addresses and ids in user objects and contact points."""
    found: set[str] = set()
    if isinstance(value, list):
        return found.union(*(persons_in(item, inside=inside) for item in value))
    if not isinstance(value, dict):
        return found
    inside = inside or value.get("class") == "User" or "email" in value
    for key, inner in value.items():
        personal = key in {"email", "first_name", "last_name", "credit_to", "content", "comment"}
        if isinstance(inner, str) and inner and (personal or (inside and key in {"id", "slug", "name"})):
            found.add(inner)
        elif key != "organization":
            found |= persons_in(inner, inside=inside)
    return found


@pytest.mark.parametrize("name", BY_MAPPING)
def test_persons_do_not_appear_unless_they_are_switched_on(name):
    """Neither names nor addresses nor ids of persons, nor what they wrote, in any record."""
    for document in documents(name):
        result = mapped(MAPPERS[name], document)
        text = b"".join(record.nquads for record in (*result.records, *result.agents)).decode()

        assert {
            word for word in persons_in(document) if json.dumps(word, ensure_ascii=False)[1:-1] in text
        } == set()
        assert "/users/" not in text


@pytest.mark.parametrize(
    "name", ["reuse", "dataservice", "community-resource", "topic", "post", "discussion", "harvest-source"]
)
def test_owners_appear_where_persons_are_switched_on(name):
    """The same test finds them, so that it could fail."""
    mapper = Mapper(MAPPINGS, name, PORTAL, persons=True)
    results = [
        mapped(mapper, document)
        for document in documents(name)
        if document.get("owner", document.get("user"))
    ]
    agents = [agent for result in results for agent in result.agents if b"/users/" in agent.nquads]

    assert name == "dataservice" or agents
    assert all(b"Person" in agent.nquads for agent in agents)


@pytest.mark.parametrize("name", BY_MAPPING)
def test_persons_are_not_even_asked_for(name):
    """What is not wanted is not fetched."""
    asked = MAPPINGS.documents[name].fields().replace("{", ",").replace("}", ",").split(",")

    assert not {"owner", "user", "posted_by", "closed_by", "content", "email", "members"} & set(asked)
    assert name != "discussion" or "title" not in asked


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["d1", "2024-01-01T00:00:00Z", "https://a.example/é ü", "fr:commune:1", "10.1234/x"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "class", "kind", "type", "value", "name", "zones"]), inner),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.data())
@pytest.mark.parametrize("name", BY_MAPPING)
def test_a_document_speaks_of_its_thing_only(name, data):
    """Subjects are the thing, blank nodes, a dataset's own files, and what points at the thing."""
    keys = sorted({key.partition(".")[0] for key in MAPPINGS.documents[name].shape.lifted} - {"id"})
    document = {"id": "d1", **data.draw(st.dictionaries(st.sampled_from(keys), JUNK))}

    for record in mapped(MAPPERS[name], document).records:
        quads = list(parse(record.nquads, RdfFormat.N_QUADS))
        assert len(quads) == record.triples
        for quad in quads:
            assert (
                isinstance(quad.subject, BlankNode)
                or quad.subject.value == record.resource
                or quad.subject.value.startswith(f"{SITE}/datasets/d1?resource_id=")
                or quad.object == NamedNode(record.resource)
            )
