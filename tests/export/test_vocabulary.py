"""The schema.org view of a store as a dump: whole, in no other terms, and each thing said once."""

import gzip
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse, serialize

from harvester.config import data_dir
from harvester.enrich.view import View
from harvester.errors import UsageError
from harvester.export import vocabulary
from harvester.export.dump import Summary
from harvester.export.files import replacing, streaming
from harvester.export.syntax import syntax_of
from harvester.export.vocabulary import write_view
from harvester.vocab import DCAT, DCT, DETAILS_GRAPHS, RDF, SCHEMA, SPDX, inferred_graph, record_graph
from tests.export.stores import PARSED_AS, canonical, rdflib_graph, read, store_of, stores

VIEW = View.load(data_dir("mappings"))
TYPE = RDF + "type"
CATALOGUE = (
    f"""
    @prefix schema: <{SCHEMA}> .
    @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    @prefix locn: <http://www.w3.org/ns/locn#> .
    @prefix geo: <http://www.opengis.net/ont/geosparql#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix details: <{DETAILS_GRAPHS}a.example:http://a.example/> .
    """
    """
    record:catalogue { :catalogue a dcat:Catalog ; dct:title "Portal" ;
      dct:publisher [ a foaf:Agent ; foaf:name "P" ] }
    record:d1 { :catalogue dcat:dataset :d1 . :d1 a dcat:Dataset ; dct:title "Stops" ; dct:identifier "id1" ;
      dct:publisher :o ; dct:issued "2022-11-01T08:00:00"^^xsd:dateTime ;
      dcat:distribution <http://a.example/d1?f> .
      <http://a.example/d1?f> a dcat:Distribution ; dct:title "stops.csv" ; dcat:downloadURL :stops.csv }
    details:d1 { :d1 dct:spatial :z ,
        [ a dct:Location ; locn:geometry "POLYGON((2 48,3 48,3 49,2 48))"^^geo:wktLiteral ] ;
      schema:interactionStatistic [ a schema:InteractionCounter ; schema:userInteractionCount 7 ] }
    inferred:d1 { :d1 dcat:theme :theme }
    record:o { :o a foaf:Organization ; foaf:name "City" }
    record:z { :z a dct:Location ; skos:prefLabel "Here"@en }
    record:r1 { :r1 a dcat:Resource, schema:NewsArticle ; schema:name "Article"@fr ; dct:title "Article"@fr ;
      schema:citation :d1 . :d1 dct:isReferencedBy :r1 }
    record:c1 { :c1 a dcat:Distribution, schema:DataDownload ; schema:name "more.csv" .
      :d1 schema:distribution :c1 ; dcat:distribution :c1 }
    other:d1 { :d1 a dcat:Dataset ; dct:title "Haltes" ;
      dct:spatial [ a dct:Location ; skos:prefLabel "Ici"@fr ] }
    urn:records:a.example { record:d1 a dcat:CatalogRecord ; schema:name "note" }
    """
)
EXPECTED = """
    @prefix schema: <http://schema.org/> .
    :catalogue a schema:DataCatalog ; schema:name "Portal" ;
      schema:publisher [ a schema:Organization ; schema:name "P" ] .
    :d1 a schema:Dataset ; schema:name "Stops", "Haltes" ; schema:identifier "id1" ;
      schema:includedInDataCatalog :catalogue ; schema:publisher :o ; schema:creator :o ;
      schema:datePublished "2022-11-01T08:00:00Z"^^xsd:dateTime ; schema:about :theme ;
      schema:distribution <http://a.example/d1?f>, :c1 ; schema:subjectOf :r1 ;
      schema:spatialCoverage :z, [ a schema:Place ; schema:name "Ici"@fr ],
        [ a schema:Place ; schema:geo [ a schema:GeoShape ; schema:box "48 2 49 3" ] ] ;
      schema:interactionStatistic [ a schema:InteractionCounter ; schema:userInteractionCount 7 ] .
    <http://a.example/d1?f> a schema:DataDownload ; schema:name "stops.csv" ; schema:contentUrl :stops.csv .
    :c1 a schema:DataDownload ; schema:name "more.csv" .
    :o a schema:Organization ; schema:name "City" .
    :z a schema:Place ; schema:name "Here"@en .
    :r1 a schema:NewsArticle ; schema:name "Article"@fr ; schema:citation :d1 .
"""


def dumped(store: Store, format_: str, **options) -> tuple[str, Summary]:
    """Dump the view of `store` into a string."""
    stream = io.BytesIO()
    with streaming(stream) as output:
        summary = write_view(store, output, syntax_of("-", format_), VIEW, **options)
    return stream.getvalue().decode(), summary


def expected():
    return canonical(store_of(EXPECTED))


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """Two portals that know a dataset, with details, inference, a reuse and a community's file."""
    return store_of(CATALOGUE, tmp_path_factory.mktemp("view") / "store")


@pytest.mark.parametrize("format_", PARSED_AS)
def test_all_is_there_in_every_format(store, format_):
    """Said by any graph: the record, details, inference, other records, another portal."""
    text, summary = dumped(store, format_)

    assert read(text, format_) == expected()
    assert summary == Summary(len(expected()), {})


@pytest.mark.parametrize("format_", ["ttl", "jsonld", "rdf"])
def test_the_other_library_reads_the_same(store, format_):
    """rdflib finds the graph that the rules and the catalogue make, written down by hand."""
    text, _ = dumped(store, format_)

    nt = serialize((quad.triple for quad in expected()), format=RdfFormat.N_TRIPLES).decode()
    assert rdflib_graph(text, format_) == rdflib_graph(nt, "nt")


def test_nothing_is_said_twice(store):
    """Not by two portals, nor by a record and what others say of it."""
    lines = dumped(store, "nt")[0].splitlines()

    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("format_", PARSED_AS)
def test_the_same_content_gives_the_same_bytes(store, format_, tmp_path):
    """In whichever order it came into the store."""
    other = Store(tmp_path / "other")
    for quad in sorted(store, key=lambda quad: str(quad.object)):
        other.add(quad)

    assert dumped(store, format_) == dumped(other, format_)


def test_a_view_that_is_stored_already_is_the_same(store, tmp_path):
    """`harvest --schema-org` puts it among what is inferred: it is not told once more."""
    text, _ = dumped(store, "nt")
    both = Store(tmp_path / "both")
    both.bulk_extend(store)
    graph = NamedNode(inferred_graph("a.example", "http://a.example/d1"))
    stored = [quad for quad in parse(text, RdfFormat.N_TRIPLES) if quad.subject.value.endswith("/d1")]
    stored += [
        quad
        for quad in parse(text, RdfFormat.N_TRIPLES)
        if str(quad.subject) in {str(q.object) for q in stored}
    ]
    both.extend(Quad(*quad.triple, graph) for quad in stored)

    assert len(both) > len(store) + 10
    assert dumped(both, "nt")[0] == text


def test_inference_can_be_left_out(store):
    """Then the view follows from what portals said."""
    text, _ = dumped(store, "nt", inferred=False)

    assert read(text, "nt") == canonical(
        quad for quad in expected() if not quad.object.value.endswith("/theme")
    )


@pytest.mark.parametrize("name", ["http://a.example/d1", "id1", "http://a.example/d1?f"])
def test_one_dataset_with_what_it_refers_to(store, name):
    """By its IRI, the portal's id, or the IRI of one of its files; with publisher, places and catalogue."""
    text, _ = dumped(store, "nt", resource=name)

    aside = {"<http://a.example/r1>", "<http://a.example/c1>"}
    assert read(text, "nt") == canonical(quad for quad in expected() if str(quad.subject) not in aside)


def test_an_unknown_dataset_is_refused(store):
    """As in any dump."""
    with pytest.raises(UsageError, match="nothing by the name"):
        dumped(store, "nt", resource="nope")


@settings(max_examples=40, deadline=None)
@given(store=stores())
def test_whatever_a_store_holds_the_terms_are_those_of_schema_org(store):
    """And the document can be read, in the format that has most to go wrong."""
    text, summary = dumped(store, "jsonld")

    quads = read(text, "jsonld")
    assert len(quads) <= summary.statements
    for quad in quads:
        term = quad.object if quad.predicate.value == TYPE else quad.predicate
        assert term.value.startswith(SCHEMA)


def test_it_can_be_compressed(store, tmp_path):
    """Like any dump: beside it a checksum."""
    with replacing(tmp_path / "c.nt.gz", "gz") as output:
        write_view(store, output, syntax_of("c.nt.gz"), VIEW)

    assert gzip.decompress((tmp_path / "c.nt.gz").read_bytes()).decode() == dumped(store, "nt")[0]
    assert (tmp_path / "c.nt.gz.sha256").exists()


def catalogue(path: Path, datasets: int) -> Store:
    lines = []
    for number in range(datasets):
        iri = f"http://a.example/datasets/{number:08}"
        record = record_graph("a.example", iri)
        lines += [
            f"<http://a.example/catalog> <{DCAT}dataset> <{iri}> <{record}> .",
            f"<{iri}> <{TYPE}> <{DCAT}Dataset> <{record}> .",
            *(f'<{iri}> <{DCAT}keyword> "word {number} {word}" <{record}> .' for word in range(20)),
            *(f"<{iri}> <{DCAT}distribution> <{iri}?file={file}> <{record}> ." for file in range(4)),
            *(f"<{iri}?file={file}> <{TYPE}> <{DCAT}Distribution> <{record}> ." for file in range(4)),
            *(f'<{iri}?file={file}> <{DCT}description> "{"text " * 40}" <{record}> .' for file in range(4)),
            *(f"<{iri}?file={file}> <{SPDX}checksum> _:c{number}x{file} <{record}> ." for file in range(4)),
        ]
    store = Store(path)
    store.bulk_load("\n".join(lines).encode(), RdfFormat.N_QUADS)
    return store


@pytest.mark.heavy
def test_memory_is_flat(tmp_path, monkeypatch):
    """Four times the catalogue takes about the same memory: far less more than there is more in the file."""
    monkeypatch.setattr(vocabulary, "_BATCH", 16)
    peaks, sizes = [], []
    for datasets in (160, 640):
        store = catalogue(tmp_path / str(datasets), datasets)
        tracemalloc.start()
        try:
            with replacing(tmp_path / "c.ttl") as output:
                summary = write_view(store, output, syntax_of("c.ttl"), VIEW)
            peaks.append(tracemalloc.get_traced_memory()[1])
            sizes.append((tmp_path / "c.ttl").stat().st_size)
        finally:
            tracemalloc.stop()
        assert summary.statements > 30 * datasets

    assert peaks[1] - peaks[0] <= 0.6 * (sizes[1] - sizes[0])
