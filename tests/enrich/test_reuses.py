"""Reuse JSON becomes DCAT and schema.org: each row of the mapping's tables; whole ones: test_examples.py."""

import pytest
from rdflib import URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, Namespace

from harvester.enrich.outcome import Dangling, unknown_terms
from harvester.enrich.portal import PortalFacts
from harvester.enrich.reuses import ReuseMapper
from harvester.model import Category
from tests.enrich.support import (
    API,
    CATALOG,
    MAPPER,
    MAPPINGS,
    SITE,
    graph_of,
    mapped,
    reuse,
)

SCHEMA = Namespace("http://schema.org/")
THEMES = "http://publications.europa.eu/resource/authority/data-theme/"
BASED_ON = {DCTERMS.references, SCHEMA.isBasedOn}
CITED = {DCTERMS.references, SCHEMA.citation}
REFERRED = {DCTERMS.references}


@pytest.mark.parametrize(
    ("code", "class_", "links", "status"),
    [
        ("api", "WebAPI", BASED_ON, None),
        ("application", "SoftwareApplication", BASED_ON, None),
        ("idea", "CreativeWork", REFERRED, "idea"),
        ("news_article", "NewsArticle", CITED, None),
        ("paper", "ScholarlyArticle", CITED, None),
        ("post", "BlogPosting", CITED, None),
        ("visualization", "CreativeWork", BASED_ON, None),
        ("hardware", "Product", REFERRED, None),
        ("something_new", "CreativeWork", REFERRED, None),
    ],
)
def test_the_type_of_a_reuse_decides_its_class_and_links(code, class_, links, status):
    """Each row of the table of types; a type not in it is a CreativeWork that refers to its datasets."""
    document = reuse(type=code, datasets=[{"id": "d1"}])
    node, dataset = URIRef(f"{SITE}/reuses/{document['id']}"), URIRef("https://up.example/d1")

    graph = mapped(document, d1=str(dataset))

    assert set(graph.objects(node, RDF.type)) == {DCAT.Resource, SCHEMA[class_]}
    assert set(graph.predicates(node, dataset)) == links
    assert [str(s) for s in graph.objects(node, SCHEMA.creativeWorkStatus)] == ([status] if status else [])
    assert set(graph.objects(node, DCTERMS.type)) == {URIRef(f"{API}reuses/types/#{code}")}
    assert (dataset, DCTERMS.isReferencedBy, node) in graph


def test_a_reuse_without_type_is_a_creative_work():
    """What the portal does not say is not made up, but a reuse always has a class of each vocabulary."""
    document = reuse(type=None, datasets=[{"id": "d1"}])
    node = URIRef(f"{SITE}/reuses/{document['id']}")

    graph = mapped(document, d1="https://up.example/d1")

    assert set(graph.objects(node, RDF.type)) == {DCAT.Resource, SCHEMA.CreativeWork}
    assert set(graph.predicates(node, URIRef("https://up.example/d1"))) == REFERRED
    assert list(graph.objects(node, DCTERMS.type)) == []


@pytest.mark.parametrize(
    ("topic", "themes"),
    [
        ("health", ["HEAL"]),
        ("transport_and_mobility", ["TRAN"]),
        ("food_and_agriculture", ["AGRI"]),
        ("economy_and_business", ["ECON"]),
        ("environment_and_energy", ["ENVI", "ENER"]),
        ("education_and_research", ["EDUC", "TECH"]),
        ("law_and_justice", ["JUST"]),
        ("safety_and_security", ["JUST"]),
        ("politics_and_public_life", ["GOVE"]),
        ("society_and_demography", ["SOCI"]),
        ("culture_and_recreation", ["EDUC"]),
        ("housing_and_development", ["REGI"]),
        ("work_and_training", ["ECON", "EDUC"]),
        ("open_data_tools", ["TECH"]),
        ("others", []),
        ("something_new", []),
    ],
)
def test_the_topic_of_a_reuse_gives_it_themes(topic, themes):
    """Each row of the table of topics; the portal's own concept is always kept."""
    document = reuse(topic=topic)

    graph = mapped(document)

    own = f"{API}reuses/topics/#{topic}"
    assert {str(theme) for theme in graph.objects(predicate=DCAT.theme)} == {
        own,
        *(THEMES + t for t in themes),
    }


@pytest.mark.parametrize(
    ("url", "doi"),
    [
        ("https://doi.org/10.1000/182", "https://doi.org/10.1000/182"),
        ("http://dx.doi.org/10.1038/s41586-020-2649-2#abstract", "https://doi.org/10.1038/s41586-020-2649-2"),
        ("https://www.doi.org/10.1002/(SICI)1096-8644(1996)1:4<1::AID-A>3.0.CO;2-V", None),
        ("https://paper.example/10.1000/182", None),
        ("https://doi.org/", None),
        ("https://evildoi.org/10.1000/182", None),
    ],
)
def test_a_doi_in_the_address_of_a_paper_identifies_it(url, doi):
    """Only addresses of the DOI resolver are certain; a DOI elsewhere in an address may end anywhere."""
    graph = mapped(reuse(type="paper", url=url))

    found = {str(identifier) for identifier in graph.objects(predicate=SCHEMA.identifier)}
    if "SICI" in url:  # the resolver's own form of these old names is percent-encoded
        doi = "https://doi.org/10.1002/(SICI)1096-8644(1996)1:4%3C1::AID-A%3E3.0.CO;2-V"
    assert found == ({doi} if doi else set())


def test_a_doi_identifies_papers_only():
    """An application that links to a paper is not the paper."""
    graph = mapped(reuse(type="application", url="https://doi.org/10.1000/182"))

    assert len(list(graph.objects(predicate=DCTERMS.identifier))) == 1


@pytest.mark.parametrize(
    ("language", "tag"), [("fr", "fr"), ("pt-BR", "pt-BR"), ("not a tag", "und"), ("", "und")]
)
def test_texts_have_the_language_of_the_portal(language, tag):
    """The portal's language comes from its catalogue: what is no tag means undetermined."""
    portal = PortalFacts(API, SITE, "data.example", CATALOG, language)

    graph = graph_of(ReuseMapper(MAPPINGS, portal).map([reuse()], {}).records)

    assert {title.language for title in graph.objects(predicate=DCTERMS.title)} == {tag}


def test_a_link_to_a_dataset_that_is_not_listed_is_kept_and_reported():
    """Deleted, private and archived datasets are still named by reuses."""
    page = f"{SITE}/reuses/carte-des-bus"
    document = reuse("r1", page=page, datasets=[{"id": "d1", "title": "Retiré"}, {"id": "d2", "title": "Là"}])

    result = MAPPER.map([document], {"d2": f"{SITE}/datasets/d2"})

    assert result.dangling == (Dangling(f"{SITE}/reuses/r1", page, "d1", "“Retiré”", f"{SITE}/datasets/d1"),)
    (problem,) = result.problems
    assert (problem.category, problem.url) == (Category.DANGLING, page)
    assert "d1" in problem.what
    assert "Retiré" in problem.what
    assert len(list(graph_of(result.records).objects(predicate=DCTERMS.references))) == 2


def test_a_link_to_a_service_that_is_not_listed_is_left_out_and_reported():
    """A harvested service has the IRI of its origin, which its id does not tell: no link is made up."""
    result = MAPPER.map([reuse(dataservices=[{"id": "s1", "title": "API bus"}])], {})

    assert list(graph_of(result.records).objects(predicate=DCTERMS.references)) == []
    assert [(p.category, "s1 “API bus”" in p.what) for p in result.problems] == [(Category.DANGLING, True)]
    assert result.dangling == ()


def test_terms_that_no_crosswalk_takes_anywhere_are_counted_once_each():
    """The table of topics keeps `others` and unknown ones, and counts them; types that are unknown too."""
    documents = [
        reuse("r1", type="podcast", topic="health"),
        reuse("r2", type="podcast", topic="others"),
        reuse("r3", type="api", topic="others"),
    ]

    result = MAPPER.map(documents, {})
    unknown = result.unknown

    assert result.concepts == unknown.keys() | {f"{API}reuses/types/#api", f"{API}reuses/topics/#health"}
    assert unknown == {f"{API}reuses/types/#podcast": 2, f"{API}reuses/topics/#others": 2}
    assert [(p.category, p.url, p.what) for p in unknown_terms(unknown)] == [
        (Category.UNKNOWN_TERM, f"{API}reuses/topics/#others", "“others” of 2 reuses"),
        (Category.UNKNOWN_TERM, f"{API}reuses/types/#podcast", "“podcast” of 2 reuses"),
    ]


def test_view_counts_do_not_make_a_reuse_a_changed_one():
    """Metrics are volatile: they are stored, and masked from the digest."""
    before, after = (MAPPER.map([reuse(metrics={"views": views})], {}).records[0] for views in (41, 42))

    assert before.digest == after.digest
    assert before.nquads != after.nquads
    assert MAPPER.map([reuse(title="Autre")], {}).records[0].digest != before.digest


@pytest.mark.parametrize("views", [-1, 1.5, "42", True, [1, 2], None, 10**30])
def test_a_counter_that_is_no_count_is_left_out(views):
    """userInteractionCount is a whole number, not negative; several are all kept apart."""
    graph = mapped(reuse(metrics={"views": views}))

    counts = {int(n) for n in graph.objects(predicate=SCHEMA.userInteractionCount)}
    assert counts == ({1, 2} if views == [1, 2] else set())


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "_:b0",
        "udata:title",
        "www.example.org",
        "https://",
        "http://a:b/",
        7,
        {"@id": "x"},
    ],
)
def test_an_address_that_cannot_be_one_costs_only_itself(url):
    """Web addresses are http, https or ftp; what nothing repairs is left out and reported."""
    result = MAPPER.map([reuse("r1", url=url)], {})

    assert b"homepage" not in result.records[0].nquads
    assert b"Carte des bus" in result.records[0].nquads
    assert [problem.category for problem in result.problems] == [Category.INVALID_IRI]
    assert "url" in result.problems[0].what
