"""What JSON says of what the catalogue describes: beside its RDF, never again what that says.

tests/data/udata-17.18/api-rdf.ttl: the RDF of some of the recorded datasets and data services.
"""

import pytest
from rdflib import BNode, Graph, URIRef
from rdflib.namespace import DCAT, RDF, SKOS, Namespace

from harvester.enrich.mapper import Mapper
from tests.enrich.documents import Document, documents
from tests.enrich.support import (
    API,
    DATA,
    MAPPINGS,
    PORTAL,
    RECORDED,
    RECORDED_API,
    RECORDED_API_URLS,
    SHIPPED,
    SITE,
    graph_of,
)

HV = Namespace("urn:x-harvester:vocabulary#")
DCT = Namespace("http://purl.org/dc/terms/")
DATASETS = {
    "6b0a519c2d3d4a16cb8597e1": "https://amont.exemple.fr/jeu%20de%20donn%C3%A9es/3",
    "6b0a519b2d3d4a16cb8597e0": "http://portal.test/datasets/6b0a519b2d3d4a16cb8597e0",
    "6b0a51a02d3d4a16cb859807": "http://portal.test/datasets/6b0a51a02d3d4a16cb859807",
}
SERVICES = {
    "6b0a51bf2d3d4a16cb8598e0": "http://portal.test/dataservices/6b0a51bf2d3d4a16cb8598e0",
    "6b0a51c02d3d4a16cb8598e2": "https://amont.exemple.fr/service/3",
}
CROSSWALKS = ("access-types", "dataservice-formats", "dataset-quality", "licences", "organization-badges")


@pytest.fixture(scope="module")
def rdf() -> Graph:
    return Graph().parse(DATA / "udata-17.18" / "api-rdf.ttl", format="turtle")


def details(name: str, known: dict[str, str]) -> Graph:
    """Return what the recorded documents of `known` things say."""
    found = [document for document in documents(name) if document["id"] in known]
    assert len(found) == len(known)
    return graph_of(Mapper(MAPPINGS, name, RECORDED).map(found, known).records)


@pytest.mark.parametrize(("name", "known"), [("dataset", DATASETS), ("dataservice", SERVICES)])
def test_what_the_rdf_says_is_not_said_again(rdf, name, known):
    """Each triple stands in one graph: what JSON repeats is not even asked for."""
    graph = details(name, known)

    assert {URIRef(iri) for iri in known.values()} <= set(graph.subjects()) & set(rdf.subjects())
    assert {triple for triple in graph if triple in rdf and not isinstance(triple[2], BNode)} == set()


def test_files_are_named_as_the_catalogue_names_them(rdf):
    """What is said of a file must meet what the RDF says of it."""
    files = set(rdf.subjects(RDF.type, DCAT.Distribution))
    described = {subject for subject in details("dataset", DATASETS).subjects() if "resource_id" in subject}

    assert described
    assert described <= files


def test_files_of_a_portal_without_site_are_named_by_api():
    """There udata names a file by the address that leads to it, without a slash at its end."""
    document: Document = {"id": "d1", "resources": [{"id": "r1", "type": "code"}]}

    graph = graph_of(
        Mapper(MAPPINGS, "dataset", RECORDED_API_URLS)
        .map([document], {"d1": f"{RECORDED_API}datasets/d1/"})
        .records
    )

    assert set(graph) == {
        (
            URIRef(f"{RECORDED_API}datasets/r/r1"),
            DCT.type,
            URIRef(f"{RECORDED_API}datasets/resource_types/#code"),
        )
    }


def test_a_service_has_one_publisher(rdf):
    """Where a contact point is the publisher, RDF says so, and the organization only distributes."""
    service = URIRef(SERVICES["6b0a51c02d3d4a16cb8598e2"])

    both = rdf + details("dataservice", SERVICES)

    assert len(set(both.objects(service, DCT.publisher))) == 1
    assert len(set(both.objects(service, URIRef("http://data.europa.eu/930/distributor")))) == 1


def test_counters_and_the_score_do_not_make_a_dataset_a_changed_one():
    """They change with visitors and with the clock; a criterion changes with the dataset."""

    def digest(**keys: object) -> str:
        document = {"id": "d1", "metrics": {"views": 1}, "quality": {"score": 0.5}, **keys}
        known = {"d1": f"{SITE}/datasets/d1"}
        return Mapper(MAPPINGS, "dataset", PORTAL).map([document], known).records[0].digest

    before = digest()

    assert digest(metrics={"views": 2}) == before
    assert digest(quality={"score": 0.75}) == before
    assert digest(quality={"score": 0.5, "license": False}) != before


def test_each_criterion_that_is_lifted_is_a_concept():
    """The score is explained: each of its parts but the one that changes with the clock has a label."""
    graph = Graph().parse(SHIPPED / "dataset-quality.ttl", format="turtle", publicID=API)
    concepts = {
        str(graph.value(concept, SKOS.notation)): str(key) for concept, key in graph.subject_objects(HV.key)
    }
    lifted = MAPPINGS.documents["dataset"].context["quality"]["@context"]

    assert concepts == {
        key: name.replace("udata:", "urn:x-udata:") for key, name in lifted.items() if key != "score"
    }
    given = {key for document in documents("dataset") for key in document["quality"]}
    assert given == {*concepts, "score", "update_fulfilled_in_time"}


@pytest.mark.parametrize("name", CROSSWALKS)
def test_codes_of_the_crosswalks_are_the_names_of_their_concepts(name):
    """skos:notation is the portal's code, the IRI the portal's own concept; labels are in two languages."""
    graph = Graph().parse(SHIPPED / f"{name}.ttl", format="turtle", publicID=API)
    concepts = set(graph.subjects(RDF.type, SKOS.Concept))

    assert concepts
    for concept in concepts:
        scheme = graph.value(concept, SKOS.inScheme)
        assert (scheme, RDF.type, SKOS.ConceptScheme) in graph
        assert str(concept) == f"{scheme}#{graph.value(concept, SKOS.notation)}"
        assert {label.language for label in graph.objects(concept, SKOS.prefLabel)} == {"en", "fr"}
