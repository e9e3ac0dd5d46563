"""Recorded reuses of a real udata, against expectations worked out from the JSON in plain Python.

tests/data/reuses.json: 21 of the recorded portal's reuses, four as the list sends them (whole dataset
documents), the others with the mask that the list declares (`datasets{id,title,uri,page}`);
reuses-api-urls.json: two from the same portal without a site of its own.
"""

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDF, XSD, Namespace

from harvester.enrich.portal import site_of
from harvester.enrich.reuses import ReuseMapper, dataset_ids
from harvester.model import Category
from harvester.vocab import record_graph
from tests.enrich.support import MAPPINGS, RECORDED, RECORDED_API_URLS, graph_of, recorded

DCAT = Namespace("http://www.w3.org/ns/dcat#")
SCHEMA = Namespace("http://schema.org/")
REUSES = recorded("reuses.json")
CLASSES = {
    "api": "WebAPI",
    "application": "SoftwareApplication",
    "news_article": "NewsArticle",
    "paper": "ScholarlyArticle",
    "post": "BlogPosting",
    "hardware": "Product",
}
DERIVED = {"api": "isBasedOn", "application": "isBasedOn", "visualization": "isBasedOn"}
CITING = {"news_article": "citation", "paper": "citation", "post": "citation"}
NOT_LISTED = min(dataset_ids(REUSES))
KNOWN = {
    portal_id: f"http://portal.test/datasets/{portal_id}" for portal_id in dataset_ids(REUSES) - {NOT_LISTED}
}
MAPPER = ReuseMapper(MAPPINGS, RECORDED)


def expected(document: dict) -> Graph:
    """Say what the mapping's core says of one recorded document, less its themes and view counter."""
    graph = Graph()
    node = URIRef(f"http://portal.test/reuses/{document['id']}")

    def say(value, *predicates):
        if value is not None:
            for predicate in predicates:
                graph.add((node, predicate, value))

    def text(key):
        return Literal(document[key], lang="fr")

    def iri(key):
        return URIRef(document[key]) if document[key] else None

    def date(key):
        return Literal(document[key], datatype=XSD.dateTime)

    say(DCAT.Resource, RDF.type)
    say(SCHEMA[CLASSES.get(document["type"], "CreativeWork")], RDF.type)
    say(URIRef(f"http://portal.test/api/1/reuses/types/#{document['type']}"), DCTERMS.type)
    say(Literal(document["id"]), DCTERMS.identifier)
    say(text("title"), DCTERMS.title, SCHEMA.name)
    say(text("description"), DCTERMS.description, SCHEMA.description)
    say(iri("page"), DCAT.landingPage)
    say(iri("url"), FOAF.homepage, SCHEMA.url)
    say(iri("image"), SCHEMA.image)
    say(date("created_at"), DCTERMS.issued, SCHEMA.dateCreated)
    say(date("last_modified"), DCTERMS.modified, SCHEMA.dateModified)
    for tag in document["tags"]:
        say(Literal(tag, lang="fr"), DCAT.keyword, SCHEMA.keywords)
    if document["organization"]:
        organization = URIRef(f"http://portal.test/organizations/{document['organization']['id']}")
        say(organization, DCTERMS.publisher, SCHEMA.creator)
    for dataset in document["datasets"]:
        link = URIRef(f"http://portal.test/datasets/{dataset['id']}")
        more = DERIVED.get(document["type"]) or CITING.get(document["type"])
        say(link, DCTERMS.references, *([SCHEMA[more]] if more else []))
        graph.add((link, DCTERMS.isReferencedBy, node))
    graph.add((URIRef(RECORDED.catalog), DCAT.resource, node))
    return graph


@pytest.mark.parametrize("document", REUSES, ids=lambda document: document["id"])
def test_a_recorded_reuse_says_all_that_its_json_says(document):
    """Whatever the shape of its datasets, a real document becomes exactly the core of the mapping."""
    (record,) = MAPPER.map([document], KNOWN).records
    graph = graph_of([record])

    counters = list(graph.objects(predicate=SCHEMA.interactionStatistic))
    assert len(counters) == 1
    assert graph.value(counters[0], SCHEMA.userInteractionCount).toPython() == document["metrics"]["views"]
    assert graph.value(counters[0], SCHEMA.interactionType) == SCHEMA.ViewAction
    own = f"http://portal.test/api/1/reuses/topics/#{document['topic']}"
    assert own in {str(theme) for theme in graph.objects(predicate=DCAT.theme)}
    for predicate in (DCAT.theme, SCHEMA.interactionStatistic, SCHEMA.creativeWorkStatus):
        graph.remove((None, predicate, None))
    for extra in ("http://www.w3.org/ns/adms#status", "http://schema.org/expires"):
        assert bool(list(graph.triples((None, URIRef(extra), None)))) == bool(document["archived"])
        graph.remove((None, URIRef(extra), None))
    featured = URIRef("urn:x-harvester:vocabulary#featured")
    assert bool(list(graph.triples((None, featured, None)))) == bool(document["featured"])
    graph.remove((None, featured, None))
    for counter in counters:
        graph.remove((counter, None, None))
    assert set(graph) == set(expected(document))


def test_every_recorded_reuse_becomes_one_record_in_its_graph():
    """A page of the list is a batch: one record each, in order, with id, source and graph."""
    records = MAPPER.map(REUSES, KNOWN).records

    assert [record.ids for record in records] == [(document["id"],) for document in REUSES]
    for record in records:
        assert record.graph == record_graph("portal.test", record.resource)
        assert record.source == f"http://portal.test/api/1/reuses/{record.ids[0]}/"


def test_every_link_resolves_or_is_reported():
    """Each link of the JSON is in the graphs; those to the one dataset that is not listed are reported."""
    result = MAPPER.map(REUSES, KNOWN)
    links = [(document["id"], dataset["id"]) for document in REUSES for dataset in document["datasets"]]

    graph = graph_of(result.records)
    found = {
        (str(s).rpartition("/")[2], str(o).rpartition("/")[2])
        for s, o in graph.subject_objects(DCTERMS.references)
    }
    assert found == set(links)
    dangling = {(d.reuse.rpartition("/")[2], d.dataset_id) for d in result.dangling}
    assert dangling == {link for link in links if link[1] == NOT_LISTED} != set()
    services = sum(len(document["dataservices"]) for document in REUSES)
    assert [p.category for p in result.problems] == [Category.DANGLING] * (len(dangling) + services)


def test_a_batch_says_what_its_reuses_say_alone():
    """Reuses are lifted a page at a time: neighbours change nothing, not even the labels of blank nodes."""
    together = MAPPER.map(REUSES, KNOWN)

    alone = [MAPPER.map([document], KNOWN) for document in reversed(REUSES)]

    assert {r.resource: r.nquads for r in together.records} == {
        r.resource: r.nquads for result in alone for r in result.records
    }
    assert sorted(together.problems, key=str) == sorted((p for a in alone for p in a.problems), key=str)


def test_records_are_strict_nquads():
    """A store dump must be readable again: nothing that only a lenient parser would take."""
    for record in MAPPER.map(REUSES, KNOWN).records:
        quads = list(parse(record.nquads, RdfFormat.N_QUADS))

        assert len(quads) == record.triples
        assert {quad.graph_name.value for quad in quads} == {record.graph}


def test_a_portal_without_site_is_recognised_by_its_reuses():
    """`page` is null where CDATA_BASE_URL is unset; the catalogue then names organizations by API URL."""
    documents = recorded("reuses-api-urls.json")

    assert site_of([*REUSES, {"page": "https://evil.example/reuses/x"}, {"page": 7}]) == "http://portal.test"
    assert site_of(documents) == ""
    records = ReuseMapper(MAPPINGS, RECORDED_API_URLS).map(documents, {}).records
    graph = graph_of(records)
    assert {str(publisher) for publisher in graph.objects(predicate=DCTERMS.publisher)} == {
        f"http://portal.test/api/1/organizations/{document['organization']['id']}/" for document in documents
    }
    assert [r.resource for r in records] == [f"http://portal.test/api/1/reuses/{d['id']}/" for d in documents]
    assert list(graph.objects(predicate=DCAT.landingPage)) == []
