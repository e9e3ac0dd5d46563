"""What the endpoint says of itself and of its data: read by rdflib, checked against the vocabularies."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store
from rdflib import DCAT, FOAF, RDF, VOID, BNode, Dataset, Graph, Literal, Namespace, URIRef
from rdflib import DCTERMS as DCT
from rdflib.compare import isomorphic

from harvester.query.results import GRAPHS, N_TRIPLES, TURTLE
from harvester.serve.tasks.description import (
    MOST_PARTS,
    Dump,
    Site,
    Totals,
    describe_data,
    describe_service,
    totals,
    write_description,
)

CATALOGUE = Path(__file__).parent.parent / "query" / "catalogue.trig"
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMAT = Namespace("http://www.w3.org/ns/formats/")
IANA = "https://www.iana.org/assignments/media-types/"
SITE = Site(
    base="https://data.example/catalogue",
    generation="20260131T020000Z",
    created=datetime(2026, 1, 31, 2, tzinfo=UTC),
    dumps=(
        Dump("https://data.example/catalogue/dumps/all.nq.gz", "application/n-quads", "application/gzip", 7),
    ),
)
SERVICE = URIRef("https://data.example/catalogue/sparql#service")
DATA = URIRef("https://data.example/catalogue/.well-known/void#catalogue")
NUMBERS = Totals(
    triples=12,
    subjects=5,
    entities=4,
    classes=(("http://www.w3.org/ns/dcat#Dataset", 3), ("http://own.example/Thing", 1)),
    properties=(
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", 8),
        ("http://purl.org/dc/terms/title", 4),
    ),
    sources=("http://portal.example/catalog",),
    example="http://portal.example/d/1",
)


def as_graph(about, output=TURTLE, format_="turtle") -> Graph:
    return Graph().parse(write_description(about, output), format=format_)


@pytest.fixture(scope="module")
def service() -> Graph:
    return as_graph(describe_service(SITE))


@pytest.fixture(scope="module")
def data() -> Graph:
    return as_graph(describe_data(SITE, NUMBERS))


def test_the_service_is_described_as_the_standard_wants_it(service):
    """https://www.w3.org/TR/sparql11-service-description/#classes : one service, one endpoint."""
    assert list(service.subjects(RDF.type, SD.Service)) == [SERVICE]
    assert list(service.objects(SERVICE, SD.endpoint)) == [URIRef("https://data.example/catalogue/sparql")]
    assert list(service.objects(SERVICE, SD.defaultDataset)) == [DATA]
    graph = service.value(DATA, SD.defaultGraph, any=False)
    assert (DATA, RDF.type, SD.Dataset) in service
    assert (graph, RDF.type, SD.Graph) in service


def test_the_service_promises_what_it_does_and_no_more(service):
    """No update, no federation, no fetching of graphs: https://www.w3.org/TR/sparql11-service-description/#vocab."""
    assert set(service.objects(SERVICE, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert set(service.objects(SERVICE, SD.feature)) == {SD.UnionDefaultGraph}
    assert set(service.objects(SERVICE, SD.resultFormat)) == {
        FORMAT[name]
        for name in (
            *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
            *("Turtle", "N-Triples", "RDF_XML", "JSON-LD", "TriG", "N-Quads"),
        )
    }


def test_the_service_is_a_dcat_data_service_too(service):
    """https://www.w3.org/TR/vocab-dcat-3/#Class:Data_Service"""
    assert (SERVICE, RDF.type, DCAT.DataService) in service
    assert (SERVICE, DCAT.endpointURL, URIRef("https://data.example/catalogue/sparql")) in service
    assert (SERVICE, DCAT.servesDataset, DATA) in service


def test_the_data_is_described_as_void_wants_it(data):
    """Asked as a client of VoID asks."""
    query = """
      PREFIX void: <http://rdfs.org/ns/void#>
      PREFIX foaf: <http://xmlns.com/foaf/0.1/>
      PREFIX dct: <http://purl.org/dc/terms/>
      SELECT * {
        ?document a void:DatasetDescription ; foaf:primaryTopic ?data .
        ?data a void:Dataset ; void:sparqlEndpoint ?endpoint ; void:triples ?triples ;
          void:entities ?entities ; void:distinctSubjects ?subjects ;
          void:classes ?classes ; void:properties ?properties ;
          void:exampleResource ?example ; void:dataDump ?dump ; void:rootResource ?root ;
          dct:identifier ?generation ; dct:modified ?modified .
      }"""
    (row,) = data.query(query)

    found = {str(name): value.toPython() for name, value in row.asdict().items()}
    assert found.pop("modified") == SITE.created
    assert found == {
        "document": "https://data.example/catalogue/.well-known/void",
        "data": str(DATA),
        "endpoint": "https://data.example/catalogue/sparql",
        "triples": 12,
        "entities": 4,
        "subjects": 5,
        "classes": 2,
        "properties": 2,
        "example": "http://portal.example/d/1",
        "dump": "https://data.example/catalogue/dumps/all.nq.gz",
        "root": "http://portal.example/catalog",
        "generation": "20260131T020000Z",
    }


def test_each_class_and_property_has_its_count(data):
    """https://www.w3.org/TR/void/#class-property-partitions"""

    def parts(partition, named, counted):
        return {
            (data.value(part, named), data.value(part, counted).toPython())
            for part in data.objects(DATA, partition)
        }

    assert parts(VOID.classPartition, VOID["class"], VOID.entities) == {
        (DCAT.Dataset, 3),
        (URIRef("http://own.example/Thing"), 1),
    }
    assert parts(VOID.propertyPartition, VOID.property, VOID.triples) == {(RDF.type, 8), (DCT.title, 4)}
    spaces = {URIRef(str(DCAT)), URIRef(str(RDF)), URIRef(str(DCT))}
    assert set(data.objects(DATA, VOID.vocabulary)) == spaces


def test_a_dump_is_a_distribution(data):
    """https://www.w3.org/TR/vocab-dcat-3/#Property:distribution_compression_format"""
    file = data.value(DATA, DCAT.distribution, any=False)

    assert data.value(file, DCAT.downloadURL) == data.value(DATA, VOID.dataDump)
    assert data.value(file, DCAT.mediaType) == URIRef(IANA + "application/n-quads")
    assert data.value(file, DCAT.compressFormat) == URIRef(IANA + "application/gzip")
    assert data.value(file, DCAT.byteSize).toPython() == 7


def test_every_term_is_one_of_its_vocabulary(service, data):
    """As rdflib lists them; those of service descriptions as https://www.w3.org/TR/sparql11-service-description/."""
    described = {
        "Service", "Dataset", "Graph", "endpoint", "supportedLanguage", "SPARQL11Query", "feature",
        "UnionDefaultGraph", "defaultEntailmentRegime", "resultFormat", "defaultDataset", "defaultGraph",
    }  # fmt: skip
    known = {
        *(SD[name] for name in described),
        *(term for space in (DCAT, VOID, DCT, FOAF) for term in dir(space)),
        VOID["class"],  # no name in Python
    }
    spaces = tuple(map(str, (DCAT, VOID, DCT, FOAF, SD)))
    terms = {term for triple in service + data for term in triple if isinstance(term, URIRef)}
    ours = {term for term in terms if str(term).startswith(spaces) and str(term) not in spaces}

    assert len(ours) > 30
    assert ours <= known


@pytest.mark.parametrize(
    ("name", "format_"),
    [("ttl", "turtle"), ("nt", "nt"), ("xml", "xml"), ("jsonld", "json-ld"), ("trig", "trig"), ("nq", "nt")],
)
@pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph:DeprecationWarning"
)  # rdflib's own, of its JSON-LD parser
def test_a_description_is_the_same_in_every_format(name, format_):
    """And the same bytes each time, so that its ETag holds."""
    about = describe_service(SITE) + describe_data(SITE, NUMBERS)

    assert isomorphic(as_graph(about, GRAPHS[name], format_), as_graph(about, N_TRIPLES, "nt"))
    again = describe_service(SITE) + describe_data(SITE, NUMBERS)
    assert write_description(about, GRAPHS[name]) == write_description(again, GRAPHS[name])


def test_a_licence_is_said_only_where_there_is_one(service, data):
    """Nobody gets a licence by default."""
    licence = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
    licensed = replace(SITE, license=licence)

    said = as_graph(describe_service(licensed) + describe_data(licensed, NUMBERS))

    assert set(said.subject_objects(DCT.license)) == {(SERVICE, URIRef(licence)), (DATA, URIRef(licence))}
    assert not list((service + data).objects(None, DCT.license))


def test_a_catalogue_with_a_thousand_classes_has_a_short_description():
    """A portal may send any number; the total is still said."""
    classes = tuple((f"http://a.example/{number}", 1) for number in range(2 * MOST_PARTS))

    said = as_graph(describe_data(SITE, replace(NUMBERS, classes=classes)))

    assert said.value(DATA, VOID.classes) == Literal(2 * MOST_PARTS)
    assert len(list(said.objects(DATA, VOID.classPartition))) == MOST_PARTS


def test_an_empty_catalogue_can_be_described():
    """Nothing was harvested yet."""
    found = totals(Store())

    assert found == Totals(0, 0, 0, (), (), (), None)
    assert as_graph(describe_data(SITE, found)).value(DATA, VOID.triples) == Literal(0)


@pytest.mark.filterwarnings("ignore:.*use Dataset:DeprecationWarning")  # rdflib's own, of its TriG parser
def test_totals_are_those_that_rdflib_counts():
    """Over the union of all graphs, each triple once."""
    dataset = Dataset(default_union=True)
    dataset.parse(data=CATALOGUE.read_text(encoding="utf-8"), format="trig")
    triples = {(s, p, o) for s, p, o, _ in dataset.quads()}
    subjects = {s for s, _, _ in triples}
    store = Store()
    store.load(path=str(CATALOGUE), format=RdfFormat.TRIG)

    found = totals(store)

    assert found.triples == len(triples)
    assert found.subjects == len(subjects)
    assert found.entities == len({s for s in subjects if not isinstance(s, BNode)})
    assert dict(found.properties) == Counter(str(p) for _, p, _ in triples)
    assert dict(found.classes) == Counter(str(o) for _, p, o in triples if p == RDF.type)
    assert [number for _, number in found.classes] == sorted((n for _, n in found.classes), reverse=True)
    used = URIRef("http://www.w3.org/ns/prov#used")
    assert set(found.sources) == {str(o) for _, p, o in triples if p == used}
    assert (URIRef(found.example), RDF.type, DCAT.Dataset) in triples
