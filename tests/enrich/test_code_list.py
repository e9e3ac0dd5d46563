"""A code list of the portal that nothing maps is still described."""

from pyoxigraph import RdfFormat, Store, parse

from harvester.enrich.concepts import portal_scheme
from harvester.enrich.portal import PortalFacts

FACTS = PortalFacts("http://d.example/api/1", "", "d.example", "http://d.example/api/1/site/catalog", "fr")


def test_badges_become_a_concept_scheme():
    """Each code is a concept with its notation and its label, whatever characters it holds."""
    items = [{"id": "prix", "label": "Prix"}, {"id": "à part/x", "label": 'dit "autre"'}]
    record = portal_scheme(FACTS, "reuses/badges/", Store(), {"fr": items})

    said = {
        (q.subject.value.rpartition("#")[2], q.object.value) for q in parse(record.nquads, RdfFormat.N_QUADS)
    }
    assert {("prix", "Prix"), ("%C3%A0%20part%2Fx", 'dit "autre"'), ("%C3%A0%20part%2Fx", "à part/x")} <= said
    assert record.resource == "http://d.example/api/1/reuses/badges/"


def test_a_licence_is_known_by_its_address():
    """What is no web address cannot be one; the label of the portal goes before that of the crosswalk."""
    items = [{"id": "lov2", "label": "Licence Ouverte 2"}, {"id": "x", "label": "X"}]
    addresses = {"lov2": "https://etalab.example/licence ouverte", "x": "none"}
    record = portal_scheme(FACTS, "datasets/licenses/", Store(), {"fr": items}, matches=addresses)

    matches = [
        (q.subject.value.rpartition("#")[2], q.object.value)
        for q in parse(record.nquads, RdfFormat.N_QUADS)
        if q.predicate.value.endswith("exactMatch")
    ]
    assert matches == [("lov2", "https://etalab.example/licence%20ouverte")]
