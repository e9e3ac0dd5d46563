"""Several portals in one store: side by side, none at the cost of another."""

import pytest

from harvester.errors import NothingPublishable
from harvester.model import Category
from harvester.store.generations import Catalogue
from tests.harvest.support import ask, harvest_catalogue, instances, said
from tests.simulator import Truth, World, serve

DATASET = "http://www.w3.org/ns/dcat#Dataset"
HERE, THERE = (
    World(datasets=30, reuses=8, seed=1),
    World(datasets=25, reuses=5, seed=2, cdata="http://autre.exemple"),
)
TITLES = """
SELECT ?title ?graph WHERE {
  GRAPH ?graph { <%s> <http://purl.org/dc/terms/title> ?title }
  FILTER(STRSTARTS(STR(?graph), "urn:x-harvester:record:"))
} ORDER BY ?title"""


def test_each_portal_keeps_what_is_its_own(tmp_path):
    """A night of one portal, with changes and removals, leaves the records of the other as they were."""
    with serve(HERE) as one, serve(THERE) as two:
        harvest_catalogue(one.site, tmp_path, page_size=10)
        before = said(tmp_path)
        harvest_catalogue(two.site, tmp_path, page_size=10)
        assert before <= said(tmp_path)
        two.world = THERE.evolved(add=2, remove=THERE.listed[:2], edit=THERE.listed[5:7])
        report = harvest_catalogue(two.site, tmp_path, mode="auto", page_size=10)

        theirs = {quad for quad in said(tmp_path) if quad not in before}
        found = instances(theirs, DATASET)
        assert report.mode == "delta"
        assert before <= said(tmp_path)
        assert Truth(two.world, two.api).datasets <= found
        assert found.isdisjoint({Truth(THERE, two.api).iri(THERE.dataset(n)) for n in THERE.listed[:2]})


def test_each_portal_has_a_mode_and_a_memory_of_its_own(tmp_path):
    """The first run of the second portal is a full one, whatever the first has seen."""
    with serve(HERE) as one, serve(THERE) as two:
        reports = [harvest_catalogue(each.site, tmp_path, mode="auto") for each in (one, two, one, two)]

    assert [report.mode for report in reports] == ["full", "full", "delta", "delta"]


def test_one_iri_in_two_portals_is_a_conflict_and_both_versions_stay(tmp_path):
    """The same record, in both portals and edited in one: nothing is overwritten or lost."""
    shared = HERE.dataset(HERE.listed[3])
    with serve(HERE) as one, serve(HERE.evolved(edit=(HERE.listed[3],))) as two:
        first = harvest_catalogue(one.site, tmp_path)
        second = harvest_catalogue(two.site, tmp_path)
        iri, edited = Truth(HERE, one.api).iri(shared), two.world.dataset(HERE.listed[3])
        titles = ask(tmp_path, TITLES % iri)
        again = harvest_catalogue(one.site, tmp_path)

    assert not [p for p in first.problems if p.category is Category.CONFLICT and "both describe" in p.what]
    (problem,) = [p for p in second.problems if p.url == iri and "both describe" in p.what]
    assert first.portal in problem.what
    assert second.portal in problem.what
    assert [title for title, _ in titles] == [shared.title, edited.title]
    assert len({graph for _, graph in titles}) == 2
    assert [p for p in again.problems if p.url == iri and "both describe" in p.what]
    assert again.writes == 0


def test_a_portal_that_fails_costs_itself(tmp_path):
    """The other's records stay, its own too, and the store tells of the failure with the next publication."""
    with serve(HERE) as one, serve(THERE) as two:
        harvest_catalogue(one.site, tmp_path)
        harvest_catalogue(two.site, tmp_path)
        before = said(tmp_path)
        whole, two.world = two.world, World(datasets=0, reuses=0)
        with pytest.raises(NothingPublishable):
            harvest_catalogue(two.site, tmp_path)
        assert said(tmp_path) == before
        two.world = whole
        one.world = HERE.evolved(add=1)
        harvest_catalogue(one.site, tmp_path)

    rows = ask(
        tmp_path,
        "PREFIX hv: <urn:x-harvester:vocabulary#>"
        'SELECT ?portal ?error { ?run hv:outcome "failed" ; hv:portal ?portal ; hv:error ?error }',
    )
    assert [(portal, error.partition(" ")[2]) for portal, error in rows] == [
        (two.site.removeprefix("http://"), "lists no datasets")
    ]


def test_a_rollback_is_seen_through(tmp_path):
    """The next delta reads what the older generation lacks, though the portal has not changed since."""
    with serve(HERE) as portal:
        first = harvest_catalogue(portal.site, tmp_path, mode="auto")
        portal.world = HERE.evolved(add=2, edit=HERE.listed[4:6])
        harvest_catalogue(portal.site, tmp_path, mode="auto")
        newest = said(tmp_path)
        catalogue = Catalogue(tmp_path)
        with catalogue.lock("test"):
            (old,) = [g for g in catalogue.generations() if g.id == first.generation]
            catalogue.switch(old)
        assert said(tmp_path) != newest
        report = harvest_catalogue(portal.site, tmp_path, mode="auto")

        assert report.mode == "delta"
        assert said(tmp_path) == newest


def test_other_mappings_are_followed_by_a_full_harvest(tmp_path):
    """What was left as it was would be mapped in the old way for up to a week."""
    with serve(HERE) as portal:
        harvest_catalogue(portal.site, tmp_path, mode="auto")
        report = harvest_catalogue(portal.site, tmp_path, mode="auto", persons=True)

    assert report.mode == "full"
    assert "settings changed" in report.mode_reason
