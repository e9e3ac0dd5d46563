"""`--dataset`: one resource out of the catalogue, complete enough to stand alone."""

import pytest
from pyoxigraph import Quad

from harvester.errors import UsageError
from harvester.export.description import ResourceGone, UnknownResource, find_resource
from harvester.export.groups import Reader
from harvester.export.selection import Selection
from tests.export.stores import ALL, QUAD_FORMATS, TRIPLE_FORMATS, canonical, dumped, read, store_of, union

ABOUT_D1 = """
    record:d1 {
      :catalog dcat:dataset :d1 .
      :d1 a dcat:Dataset ; dct:title "Arrêts de bus" ; dct:publisher :o .
      :d1 dcat:distribution :f ; dct:temporal _:t .
      :f dct:title "fichier" . _:t dcat:startDate 2020 .
    }
    inferred:d1 { :d1 dcat:theme :transport }
    record:r1 { :d1 dct:isReferencedBy :r1 }
    record:o { :o dct:title "Ville" }
"""
NOTES = """
    urn:records:a.example {
      record:d1 a dcat:CatalogRecord ; dct:identifier "0123abc" ;
        <http://xmlns.com/foaf/0.1/primaryTopic> :d1 ;
        <http://spdx.org/rdf/terms#checksum> <urn:x-harvester:record:a.example:http://a.example/d1#checksum> .
      <urn:x-harvester:record:a.example:http://a.example/d1#checksum> dct:title "sum" .
    }
"""
OTHERS = """
    record:catalog { :catalog a dcat:Catalog ; dct:title "Catalogue" }
    record:r1 { :r1 dct:references :d1 ; dct:title "Appli" }
    record:d2 { :catalog dcat:dataset :d2 . :d2 a dcat:Dataset ; dct:title "Pistes" ; dct:publisher :o }
    urn:records:a.example { record:d2 a dcat:CatalogRecord }
"""


@pytest.fixture(scope="module")
def store():
    return store_of(ABOUT_D1 + NOTES + OTHERS)


@pytest.mark.parametrize("format_", TRIPLE_FORMATS)
def test_all_that_is_said_about_it(store, format_):
    """In whichever graph, with its distributions, and who publishes it; nothing of other resources."""
    text, _ = dumped(store, format_, Selection(), resource="http://a.example/d1")

    assert read(text, format_) == canonical(Quad(*quad.triple) for quad in store_of(ABOUT_D1))


@pytest.mark.parametrize("format_", QUAD_FORMATS)
def test_the_graphs_are_kept_where_the_format_can(store, format_):
    """And the harvester's notes on it are there if they are asked for."""
    text, _ = dumped(store, format_, ALL, resource="http://a.example/d1")

    assert read(text, format_) == canonical(store_of(ABOUT_D1 + NOTES))


def test_inference_can_be_left_out(store):
    """As in a dump of everything."""
    text, _ = dumped(store, "nt", Selection(inferred=False), resource="http://a.example/d1")

    assert ":transport" not in text.replace("http://a.example/", ":")


def test_two_portals_may_describe_it():
    """Both descriptions are given, each in its graph or merged."""
    both = 'record:d1 { :d1 dct:title "one" } other:d1 { :d1 dct:title "one", "two" . :f dct:title "f" }'
    store = store_of(both + ' record:d2 { :d2 dct:title "other" }')

    assert read(dumped(store, "nq", resource="http://a.example/d1")[0], "nq") == canonical(store_of(both))
    assert read(dumped(store, "ttl", resource="http://a.example/d1")[0], "ttl") == canonical(
        {Quad(*quad.triple) for quad in store_of(both)}
    )


@pytest.mark.parametrize("format_", ["ttl", "trig"])
def test_a_blank_node_that_another_record_describes_is_described_here_too(format_):
    """Two datasets of one page may share one."""
    shared = "record:d1 { _:c dct:title 'C' ; dct:relation _:e . _:e dct:title 'E' }"
    store = store_of("record:d1 { :d1 dct:creator _:c }" + shared + "record:d2 { :d2 dct:creator _:c }")

    text, _ = dumped(store, format_, resource="http://a.example/d2")

    expected = store_of(shared + "record:d2 { :d2 dct:creator _:c }")
    assert read(text, format_) == (union(expected) if format_ == "ttl" else canonical(expected))


def test_the_portals_id_names_it_too(store):
    """People have that at hand, from the portal's pages."""
    reader = Reader(store, Selection(), nesting=False)

    assert find_resource(reader, "0123abc") == "http://a.example/d1"
    assert find_resource(reader, "http://a.example/d1") == "http://a.example/d1"


@pytest.mark.parametrize(
    "name", ["arrets", "Arrêts de bu", "HTTP://a.example/d1", "http://a.example/data/d1"]
)
def test_an_unknown_name_is_answered_with_what_is_near(store, name):
    """A misspelt title or IRI leads to the right one."""
    with pytest.raises(UsageError, match="describes nothing by the name") as caught:
        find_resource(Reader(store, Selection(), nesting=False), name)

    assert "http://a.example/d1 (Arrêts de bus)" in caught.value.fix


HOSTILE = ("", "zzz", "http://a.example/d1> ?p ?o } #", 'x" . } #', "\x00", "a b", "<>", "{}", "_:b", "*")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_does_anything_but_fail(store, name):
    """Names are bound as terms, never pasted into a query."""
    with pytest.raises(UsageError):
        dumped(store, "nt", resource=name)


def test_what_stands_in_another_record_can_be_asked_for():
    """A distribution or a concept, with the blank nodes that hang from it, in its graph if there are any."""
    about = "record:d1 { :f dct:title 'fichier' ; dct:temporal _:t . _:t dcat:startDate 2020 }"
    store = store_of(f"{about} record:d1 {{ :d1 dcat:distribution :f }}")

    for format_ in (*TRIPLE_FORMATS, *QUAD_FORMATS):
        text, _ = dumped(store, format_, resource="http://a.example/f")
        expected = (quad if format_ in QUAD_FORMATS else Quad(*quad.triple) for quad in store_of(about))
        assert read(text, format_) == canonical(expected)


def test_our_own_notes_can_be_asked_for(store):
    """A record with its checksum; but only by who wants notes at all."""
    name = "urn:x-harvester:record:a.example:http://a.example/d1"

    assert read(dumped(store, "nq", ALL, resource=name)[0], "nq") == canonical(store_of(NOTES))
    with pytest.raises(UnknownResource):
        dumped(store, "nq", Selection(), resource=name)


def test_what_is_gone_is_told_with_its_tombstone():
    """Though a reuse still speaks of it; one that came back is there."""
    tombstone = """urn:records:a.example { record:d9 a dcat:CatalogRecord ; dct:identifier "id9" ;
        <http://xmlns.com/foaf/0.1/primaryTopic> :d9 ;
        <http://www.w3.org/ns/prov#invalidatedAtTime> "2026-01-31T02:00:00Z"^^xsd:dateTime ;
        <http://www.w3.org/ns/prov#wasInvalidatedBy> <urn:x-harvester:run:R1> }"""
    gone = store_of(tombstone + " record:r1 { :d9 dct:isReferencedBy :r1 }")
    back = store_of(tombstone + " other:d9 { :d9 dct:title 'again' }")

    for name in ("http://a.example/d9", "id9"):
        with pytest.raises(ResourceGone, match=r"2026-01-31T02:00:00Z.*urn:x-harvester:run:R1"):
            find_resource(Reader(gone, ALL, nesting=False), name)
        assert find_resource(Reader(back, ALL, nesting=False), name) == "http://a.example/d9"


def test_an_id_of_two_resources_is_refused():
    """With both, so that one can be chosen."""
    store = store_of('record:d1 { :d1 dct:identifier "same" } record:d2 { :d2 dct:identifier "same" }')

    with pytest.raises(UsageError, match="the id of 2 resources") as caught:
        find_resource(Reader(store, Selection(), nesting=False), "same")

    assert caught.value.fix == "name one: http://a.example/d1, http://a.example/d2"
