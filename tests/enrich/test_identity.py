"""Who and what a reuse is: names by id, organizations, persons, what is not published."""

import pytest
from rdflib import URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS

from harvester.enrich.portal import PortalFacts
from harvester.enrich.reuses import ReuseMapper, dataset_ids
from harvester.model import Category, Kind
from tests.enrich.support import API, CATALOG, MAPPER, MAPPINGS, PORTAL, SITE, graph_of, mapped, reuse, turtle


def test_persons_are_left_out_unless_switched_on():
    """Owners who are persons are personal data: neither asked for nor stored."""
    owner = {"id": "6b01cc457190cb745d496a5e", "first_name": "Dorothée", "last_name": "Legros"}
    document = reuse(owner=owner)

    without = MAPPER.map([document], {})
    with_persons = ReuseMapper(MAPPINGS, PORTAL, persons=True).map([document], {})

    assert without.agents == ()
    assert b"6b01cc457190cb745d496a5e" not in without.records[0].nquads
    assert "owner" not in MAPPINGS.documents["reuse"].fields()
    person = f"<{SITE}/users/6b01cc457190cb745d496a5e>"
    assert f"dc/terms/publisher> {person}".encode() in with_persons.records[0].nquads
    assert '"Dorothée Legros"'.encode() in with_persons.agents[0].nquads
    assert "owner{first_name,id,last_name}" in MAPPINGS.documents["reuse"].fields(persons=True)


def test_an_organization_is_described_for_a_catalogue_that_does_not():
    """An organization that publishes reuses only is in no page of the catalogue, but has a name."""
    document = reuse(organization={"id": "6b01cc467190cb745d496a6b", "name": "Ville d'Exemple"})

    (agent,) = MAPPER.map([document], {}).agents

    assert (agent.kind, agent.ids) == (Kind.AGENT, ("6b01cc467190cb745d496a6b",))
    assert isomorphic(
        graph_of([agent]),
        turtle("""
            <organizations/6b01cc467190cb745d496a6b> a foaf:Organization ;
              foaf:name "Ville d'Exemple" ; <http://www.w3.org/2000/01/rdf-schema#label> "Ville d'Exemple" .
        """),
    )


def test_an_organization_has_the_iri_that_the_catalogue_uses():
    """Where the caller knows the catalogue's IRI of an organization, that is the publisher."""
    document = reuse(organization={"id": "o1", "name": "Ville d'Exemple"})

    graph = mapped(document, o1="https://old.example/organizations/o1/")

    assert set(graph.objects(predicate=DCTERMS.publisher)) == {
        URIRef("https://old.example/organizations/o1/")
    }


def test_a_portal_without_site_names_its_things_by_api_url():
    """udata with CDATA_BASE_URL unset: permalinks are API URLs, with a slash at the end."""
    portal = PortalFacts(api=API.rstrip("/"), site="", key="data.example", catalog=CATALOG)
    document = reuse("r1", datasets=[{"id": "d1"}], organization={"id": "o1", "name": "O"})

    result = ReuseMapper(MAPPINGS, portal).map([document], {})

    assert result.records[0].resource == f"{API}reuses/r1/"
    graph = graph_of(result.records)
    assert set(graph.objects(predicate=DCTERMS.references)) == {URIRef(f"{API}datasets/d1/")}
    assert set(graph.objects(predicate=DCTERMS.publisher)) == {URIRef(f"{API}organizations/o1/")}


@pytest.mark.parametrize("hidden", [{"private": True}, {"deleted": "2026-11-01T08:00:00+00:00"}])
def test_private_and_deleted_reuses_are_not_published(hidden):
    """The portal lists none; were one listed by mistake, it would stop here."""
    result = MAPPER.map([reuse("r1", **hidden), reuse("r2")], {})

    assert [record.ids for record in result.records] == [("r2",)]
    assert result.left_out == 1


def test_a_reuse_that_a_moving_list_shows_twice_is_one():
    """Something added between two pages makes an item appear again; its first description counts."""
    result = MAPPER.map([reuse("r1", title="Premier"), reuse("r2"), reuse("r1", title="Second")], {})

    assert [record.ids for record in result.records] == [("r1",), ("r2",)]
    assert b"Premier" in result.records[0].nquads
    assert b"Second" not in result.records[0].nquads


def test_an_item_without_usable_id_is_reported():
    """Without an id that can stand in a permalink, a reuse has no name."""
    documents = [None, [], "reuse", {}, {"id": 7}, {"id": ""}, {"id": "a/../b"}, {"id": "a\nb"}, reuse("r1")]

    result = MAPPER.map(documents, {})

    assert [record.ids for record in result.records] == [("r1",)]
    assert [problem.category for problem in result.problems] == [Category.MALFORMED] * 8


def test_the_ids_of_datasets_are_found_in_both_shapes_of_the_list():
    """The list gives whole dataset documents or {id, title, uri, page}."""
    documents = [
        {"datasets": [{"id": "d1", "resources": [{"id": "not-this"}], "organization": {"id": "nor-this"}}]},
        {"datasets": [{"id": "d2", "title": "…", "uri": "…", "page": "…"}, {"id": None}, None]},
        {"datasets": None},
        {},
        None,
    ]

    assert dataset_ids(documents) == {"d1", "d2"}
