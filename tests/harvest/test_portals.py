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


@pytest.fixture
def one(shared):
    return shared.portal(HERE)


@pytest.fixture
def two(shared):
    return shared.portal(THERE)


@pytest.fixture
def store(shared, tmp_path):
    """What a first harvest of portal one made, for each test to go on with."""
    return shared.store(HERE, tmp_path / "store")


def test_each_portal_keeps_what_is_its_own(one, two, store):
    """A night of one portal, with changes and removals, leaves the records of the other as they were."""
    before = said(store)
    harvest_catalogue(two.site, store, page_size=10)
    assert before <= said(store)
    two.world = THERE.evolved(add=2, remove=THERE.listed[:2], edit=THERE.listed[5:7])
    report = harvest_catalogue(two.site, store, mode="auto", page_size=10)

    theirs = {quad for quad in said(store) if quad not in before}
    found = instances(theirs, DATASET)
    assert report.mode == "delta"
    assert before <= said(store)
    assert Truth(two.world, two.api).datasets <= found
    assert found.isdisjoint({Truth(THERE, two.api).iri(THERE.dataset(n)) for n in THERE.listed[:2]})


def test_each_portal_has_a_mode_and_a_memory_of_its_own(one, two, store):
    """The first run of the second portal is a full one, whatever the first has seen."""
    reports = [harvest_catalogue(each.site, store, mode="auto") for each in (two, one, two)]

    assert [report.mode for report in reports] == ["full", "delta", "delta"]


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


def test_a_portal_that_fails_costs_itself(one, two, store):
    """The other's records stay, its own too, and the store tells of the failure with the next publication."""
    harvest_catalogue(two.site, store)
    before = said(store)
    two.world = World(datasets=0, reuses=0)
    with pytest.raises(NothingPublishable):
        harvest_catalogue(two.site, store)
    assert said(store) == before
    one.world = HERE.evolved(add=1)
    harvest_catalogue(one.site, store)

    rows = ask(
        store,
        "PREFIX hv: <urn:x-harvester:vocabulary#>"
        'SELECT ?portal ?error { ?run hv:outcome "failed" ; hv:portal ?portal ; hv:error ?error }',
    )
    assert [(portal, error.partition(" ")[2]) for portal, error in rows] == [
        (two.site.removeprefix("http://"), "lists no datasets")
    ]


def test_a_rollback_is_seen_through(one, store):
    """The next delta reads what the older generation lacks, though the portal has not changed since."""
    one.world = HERE.evolved(add=2, edit=HERE.listed[4:6])
    catalogue = Catalogue(store)
    old = catalogue.require()
    harvest_catalogue(one.site, store, mode="auto")
    newest = said(store)
    with catalogue.lock("test"):
        catalogue.switch(old)
    assert said(store) != newest
    report = harvest_catalogue(one.site, store, mode="auto")

    assert report.mode == "delta"
    assert said(store) == newest


def test_other_mappings_are_followed_by_a_full_harvest(one, store):
    """What was left as it was would be mapped in the old way for up to a week."""
    report = harvest_catalogue(one.site, store, mode="auto", persons=True)

    assert report.mode == "full"
    assert "settings changed" in report.mode_reason
