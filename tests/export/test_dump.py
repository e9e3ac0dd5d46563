"""Dumps of every format say what the store says, whatever it holds."""

import json
import random
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from pyoxigraph import Quad, RdfFormat, Store, parse, serialize

from harvester.errors import StoreError
from harvester.export.selection import Selection
from harvester.vocab import DETAILS_GRAPHS, OUR_GRAPHS, RECORD_GRAPHS
from tests.export.stores import (
    PARSED_AS,
    QUAD_FORMATS,
    TRIPLE_FORMATS,
    canonical,
    dumped,
    rdflib_graph,
    read,
    store_of,
    stores,
    union,
)

CATALOGUE = Path(__file__).parent.parent / "query" / "catalogue.trig"
CONTEXT = json.loads((Path(__file__).parent / "udata.context.jsonld").read_text())


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory) -> Store:
    """A catalogue of two small portals, on disk."""
    store = Store(tmp_path_factory.mktemp("dump") / "store")
    store.bulk_extend(parse(path=CATALOGUE, format=RdfFormat.TRIG))
    return store


@pytest.mark.parametrize("format_", TRIPLE_FORMATS)
def test_a_dump_of_triples_is_the_union_of_all_graphs(catalogue, format_):
    """Read by either library, it is the set of triples that the engine tells."""
    text, summary = dumped(catalogue, format_, context=CONTEXT)

    nt = serialize((q.triple for q in union(catalogue)), format=RdfFormat.N_TRIPLES).decode()
    assert read(text, format_) == union(catalogue)
    assert rdflib_graph(text, format_) == rdflib_graph(nt, "nt")
    assert summary.statements == len(union(catalogue))
    assert summary.left_out == {}


@pytest.mark.parametrize("format_", QUAD_FORMATS)
def test_a_dump_of_quads_keeps_the_graphs(catalogue, format_):
    """Read back, it is the store."""
    text, summary = dumped(catalogue, format_)

    assert read(text, format_) == canonical(catalogue)
    assert summary.statements == len(catalogue)


@pytest.mark.parametrize("format_", ["ttl", "nt", "jsonld"])
@given(store=stores())
def test_whatever_a_store_holds_comes_back(format_, store):
    """Any literal, IRI, language tag and shape of blank nodes, in whichever graphs."""
    text, _ = dumped(store, format_, context=CONTEXT)

    assert read(text, format_) == union(store)


@pytest.mark.parametrize("format_", QUAD_FORMATS)
@given(store=stores())
def test_whatever_a_store_holds_comes_back_in_its_graph(format_, store):
    """As above, with the graphs."""
    text, _ = dumped(store, format_)

    assert read(text, format_) == canonical(store)


@pytest.mark.parametrize("format_", ["ttl", "jsonld"])
@settings(max_examples=25, deadline=None)
@given(store=stores())
def test_the_other_library_reads_the_same(format_, store):
    """rdflib reads the same graph from it as from the engine's own N-Triples."""
    text, _ = dumped(store, format_, context=CONTEXT)

    nt = serialize((quad.triple for quad in union(store)), format=RdfFormat.N_TRIPLES).decode()
    assert rdflib_graph(text, format_) == rdflib_graph(nt, "nt")


def test_nothing_is_said_twice(tmp_path):
    """A triple that stands in many graphs is one line of N-Triples, whatever its subject is."""
    said = """
        :d1 dct:title "d1" ; dct:relation :r1 , _:x . :r1 dct:title "r1" . :f dct:title "f" ; dct:type _:x .
        _:x dct:title "x" ; dct:relation :f .
    """
    graphs = (
        "record:d1",
        "record:d2",
        "record:r1",
        "other:d1",
        "other:d3",
        ":g",
        "urn:runs",
        "urn:records:a",
    )
    store = store_of("".join(f"{graph} {{ {said} }}" for graph in graphs), tmp_path)
    store.bulk_extend(store_of('inferred:d1 { :d1 dct:title "d1" ; dct:type :f }'))

    text, summary = dumped(store, "nt")

    assert sorted(text.splitlines()) == sorted(f"{triple} ." for triple in {quad.triple for quad in store})
    assert summary.statements == len(text.splitlines())


@pytest.mark.parametrize("format_", PARSED_AS)
def test_inferred_statements_can_be_left_out(catalogue, format_):
    """Then a dump of triples is what the portal said: no inference, and none of the harvester's notes."""
    portal_said = Selection(inferred=False, provenance=False)
    text, _ = dumped(catalogue, format_, portal_said, context=CONTEXT)

    said = (RECORD_GRAPHS, DETAILS_GRAPHS)
    graphs = {q: q.graph_name.value for q in catalogue}
    records = [q for q, name in graphs.items() if name.startswith(said) and not name.startswith(OUR_GRAPHS)]
    if format_ in QUAD_FORMATS:
        assert read(text, format_) == canonical(records)
    else:
        assert read(text, format_) == canonical(Quad(*quad.triple) for quad in records)


@pytest.mark.parametrize("format_", PARSED_AS)
def test_the_same_content_gives_the_same_bytes(tmp_path, format_):
    """In whichever order and portions it came into the store."""
    quads = list(parse(path=CATALOGUE, format=RdfFormat.TRIG))
    shuffled = random.Random(4).sample(quads, len(quads))
    one, other = Store(tmp_path / "one"), Store(tmp_path / "other")
    one.bulk_extend(quads)
    for start in range(0, len(shuffled), 50):
        other.extend(shuffled[start : start + 50])

    assert dumped(one, format_) == dumped(one, format_) == dumped(other, format_)


@pytest.mark.parametrize("format_", ["ttl", "nq"])
def test_a_damaged_store_is_said_so(tmp_path, format_):
    """In an error that a user may see, whichever thread met it."""
    store = Store(tmp_path)
    store.bulk_load(path=CATALOGUE, format=RdfFormat.TRIG)
    del store
    for file in tmp_path.glob("*.sst"):
        if file.stat().st_size > 3_000:  # those with statements or strings: the store still opens
            with file.open("r+b") as content:
                content.write(bytes(20))

    with pytest.raises(StoreError, match="missing or damaged"):
        dumped(Store.read_only(str(tmp_path)), format_)


def test_rdf_xml_is_well_formed_whatever_is_in_it():
    """What XML cannot say is left out and counted; all else comes back."""
    fits = """
        :d <http://a.example/2020date> "splits after the digits" ; dct:title "TITLE"@fr ; <urn:x:y> _:0.9 .
        <http://a.example/?a=1&b='2'> dcat:keyword "été" . _:0.9 dct:title " " .
    """
    fits_not = ':d :2020 "no name" ; <http://www.w3.org/1999/02/22-rdf-syntax-ns#li> "would be renumbered" .'
    store = store_of("record:d {" + fits.replace("TITLE", r"a\u0001\uFFFEb<&>\r\n]]>") + fits_not + "}")

    text, summary = dumped(store, "rdf")

    ET.fromstring(text)
    assert read(text, "rdf") == union(store_of("record:d {" + fits.replace("TITLE", r"a??b<&>\r\n]]>") + "}"))
    assert summary.left_out == {
        "statements whose predicate has no name in XML": 2,
        "control characters (written as ?)": 2,
    }


def test_long_names_are_cut_fast():
    """A hostile IRI costs no more than its length."""
    iri = "http://a.example/" + "a" * 200_000
    text, _ = dumped(store_of(f"record:d {{ <{iri}> <{iri}/> <{iri}> ; <{iri}> <{iri}/> }}"), "rdf")

    assert len(read(text, "rdf")) == 1


@given(store=stores())
def test_rdf_xml_loses_nothing_but_what_it_counts(store):
    """Whatever is not counted comes back."""
    text, summary = dumped(store, "rdf")

    back = read(text, "rdf")
    assert len(union(store)) - len(back) <= sum(summary.left_out.values())
    if not summary.left_out:
        assert back == union(store)
