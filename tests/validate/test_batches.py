"""What is judged together, and by what: records of one portal, with what others tell of what they name."""

import tracemalloc

import pytest
from pyoxigraph import NamedNode

from harvester.validate.batches import MAX_VALUES, Source
from harvester.validate.engine import Rudof
from tests.validate.stores import found, names, shapes_of, store_of

SHAPES = """
:Dataset a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property :title, :publisher, :format, :reuse .
:title sh:path dct:title ; sh:minCount 1 .
:publisher sh:path dct:publisher ; sh:maxCount 1 ; sh:class foaf:Agent .
:format sh:path dct:format ; sh:maxCount 1 ; sh:nodeKind sh:IRI .
:reuse sh:path dct:isReferencedBy ; sh:minCount 1 .
:Agent a sh:NodeShape ; sh:targetClass foaf:Agent ; sh:property :name .
:name sh:path foaf:name ; sh:minCount 1 .
:Catalog a sh:NodeShape ; sh:targetClass dcat:Catalog ; sh:property :member .
:member sh:path dcat:dataset ; sh:minCount 1 ; sh:class dcat:Dataset .
<urn:x:mine> hv:inferredReplaces dct:format .
foaf:Organization <http://www.w3.org/2000/01/rdf-schema#subClassOf> foaf:Agent .
"""
WHOLE = """
record:cat { :cat a dcat:Catalog ; dct:title "Catalogue" . }
record:d { :cat dcat:dataset :d . :d a dcat:Dataset ; dct:title "D" ; dct:publisher :org . }
record:org { :org a foaf:Organization ; foaf:name "Org" . }
record:r { :r dct:title "R" . :d dct:isReferencedBy :r . }
"""


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    return shapes_of(tmp_path_factory.mktemp("shapes"), SHAPES)


@pytest.fixture(scope="module")
def engine(shapes):
    return Rudof(shapes)


@pytest.mark.parametrize("size", [1, 2, 500])
def test_a_record_is_judged_as_if_all_were_there(engine, shapes, size):
    """However small batches are: classes of what it names, members and references told by other records."""
    assert found(store_of(WHOLE), engine, shapes, size=size)["a.example"].findings == {}


@pytest.mark.parametrize("size", [1, 2, 500])
def test_a_fault_is_counted_once(engine, shapes, size):
    """At the record that it is in, though others name the resource."""
    store = store_of(WHOLE.replace('; foaf:name "Org"', "") + "record:e { :e dct:publisher :org . }")
    (finding,) = found(store, engine, shapes, size=size)["a.example"].findings.values()

    assert (finding.rule.name, finding.results, finding.records) == ("name", 1, 1)
    assert finding.examples[0].resource == "http://a.example/org"


def test_each_portal_is_judged_by_its_own_words(engine, shapes):
    """Two portals with a publisher each do not make a dataset with two."""
    text = (
        WHOLE
        + """
    other:d { :d a dcat:Dataset ; dct:publisher :b ; dct:isReferencedBy :r . }
    other:b { :b a foaf:Agent ; foaf:name "B" . }
    """
    )
    of = found(store_of(text), engine, shapes)

    assert names(of["a.example"]) == set()
    assert names(of["b.example"]) == {("title", "d")}
    assert (of["a.example"].records, of["a.example"].datasets) == (4, 1)
    assert (of["b.example"].records, of["b.example"].datasets) == (2, 1)
    assert set(found(store_of(text), engine, shapes, portal="b.example")) == {"b.example"}


def test_details_belong_to_the_record(engine, shapes):
    """What JSON says counts as what RDF says; also of a resource that no RDF speaks of."""
    text = """
    record:d { :d a dcat:Dataset ; dct:isReferencedBy :r . }
    details:d { :d dct:title "D" . }
    details:e { :e a dcat:Dataset ; dct:isReferencedBy :r . }
    """

    assert names(found(store_of(text), engine, shapes)["a.example"]) == {("title", "e")}


def test_an_inferred_value_stands_in_for_what_was_said(engine, shapes):
    """Of the properties that the shapes name; --no-inferred judges what was said."""
    text = """
    record:d { :d a dcat:Dataset ; dct:title "D" ; dct:isReferencedBy :r ; dct:format "csv" . }
    inferred:d { :d dct:format :CSV ; dct:title "Dé" . }
    """

    assert names(found(store_of(text), engine, shapes)["a.example"]) == set()
    without = found(store_of(text), engine, shapes, inferred=False)["a.example"]
    assert names(without) == {("format", "d")}


def test_what_portals_say_are_not_our_code_lists(engine, shapes):
    """Shared vocabularies come with the program: --no-inferred leaves them out."""
    store = store_of("<urn:x-harvester:record:mappings:http://a.example/x> { :x a dcat:Dataset . }")

    assert set(found(store, engine, shapes)) == {"mappings"}
    assert found(store, engine, shapes, inferred=False) == {}


def test_our_own_notes_are_not_judged(engine, shapes):
    """Neither bookkeeping nor measured quality."""
    text = """
    urn:runs { :x a dcat:Dataset . } <urn:x-harvester:records:a.example> { :y a dcat:Dataset . }
    quality:d { :d a dcat:Dataset . } record:r { :r dct:title "R" . }
    """

    assert names(found(store_of(text), engine, shapes)["a.example"]) == set()


def test_other_graphs_are_judged_subject_by_subject(engine, shapes, tmp_path):
    """A dump without records: blank nodes go with what they hang from, or stand for themselves."""
    text = """
    :d a dcat:Dataset ; dct:title "D" ; dct:publisher [ a foaf:Agent ] ; dct:isReferencedBy :r .
    [] a dcat:Dataset ; dct:title "E" .
    :g { :f a dcat:Dataset ; dct:publisher :org ; dct:title "F" ; dct:isReferencedBy :r }
    :h { :org a foaf:Organization ; foaf:name "Org" }
    """
    of = found(store_of(text, tmp_path), engine, shapes, size=1)[""]

    assert {(f.rule.name, f.results) for f in of.findings.values()} == {("name", 1), ("reuse", 1)}
    assert of.datasets == 3


def test_what_is_only_named_is_judged_where_it_is_named(tmp_path):
    """By shapes whose targets are the objects of a property."""
    shapes = shapes_of(
        tmp_path, ":S a sh:NodeShape ; sh:targetObjectsOf dcat:accessURL ; sh:pattern '^http://a' ."
    )
    text = "record:d { :x dcat:accessURL <http://b.example/> , 'http://c.example/' , :y . }"
    (finding,) = found(store_of(text), Rudof(shapes), shapes)["a.example"].findings.values()

    assert finding.results == 2


def test_many_members_are_looked_at_in_part():
    """A catalogue's own record does not grow with it: it is judged by some of its members."""
    members = "".join(f"record:d{n} {{ :cat dcat:dataset :d{n} . }}\n" for n in range(MAX_VALUES + 50))
    source = Source(store_of("record:cat { :cat a dcat:Catalog . }" + members), size=1)
    catalogue = NamedNode("http://a.example/cat")
    (batch,) = [batch for batch in source.batches() if catalogue in batch.owners]

    assert batch.data.count(b"#dataset>") == MAX_VALUES


class Nothing:
    """An engine that finds nothing."""

    def results(self, data):
        return []


def peak(shapes, datasets: int) -> int:
    """Return the most bytes that Python holds while it judges so many datasets."""
    text = "".join(
        f'record:d{n} {{ :d{n} a dcat:Dataset ; dct:title "{"x" * 5_000}" ; dct:publisher :o{n} . }}\n'
        for n in range(datasets)
    )
    store = store_of(text)
    tracemalloc.start()
    try:
        found(store, Nothing(), shapes, size=20)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_flat(shapes):
    """7 MB more of titles take the same memory, but for what is known of publishers."""
    small, large = peak(shapes, 500), peak(shapes, 2_000)

    assert large <= small + 1_000_000
