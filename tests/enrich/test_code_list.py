"""A code list of the portal that nothing maps is still described."""

from pyoxigraph import RdfFormat, parse

from harvester.enrich.concepts import code_list
from harvester.enrich.portal import PortalFacts

FACTS = PortalFacts("http://d.example/api/1", "", "d.example", "http://d.example/api/1/site/catalog", "fr")


def test_badges_become_a_concept_scheme():
    """Each code is a concept with its notation and its label, whatever characters it holds."""
    record = code_list(FACTS, "reuses/badges/", {"prix": "Prix", "à part/x": 'dit "autre"'})

    said = {
        (q.subject.value.rpartition("#")[2], q.object.value) for q in parse(record.nquads, RdfFormat.N_QUADS)
    }
    assert {("prix", "Prix"), ("%C3%A0%20part%2Fx", 'dit "autre"'), ("%C3%A0%20part%2Fx", "à part/x")} <= said
    assert record.resource == "http://d.example/api/1/reuses/badges/"
