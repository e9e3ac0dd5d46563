"""What a review found: records that stayed for ever, went too soon, or were said to be what they are not."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import pytest

from harvester.model import Kind
from harvester.store.generations import Catalogue
from harvester.store.summary import summarise
from harvester.vocab import FOAF
from tests.harvest.support import harvest_catalogue, instances, said
from tests.harvest.test_nights import marks
from tests.simulator import Truth, World, faults, serve
from tests.simulator.agents import organization
from tests.simulator.records import Dataset, Organization, Reuse

SIZE = 10
LONELY = 77
"""Number of an organization that owns nothing, unless a test says so."""


@dataclass(frozen=True)
class Owned(World):
    """A portal where tests decide who owns what, and what is called how."""

    datasets_of: tuple[tuple[int, int], ...] = ()
    reuses_of: tuple[tuple[int, int], ...] = ()
    moved_away: frozenset[int] = frozenset()
    """Datasets whose upstream IRI is another now."""
    rebranded: frozenset[int] = frozenset()

    @cached_property
    def organizations(self) -> tuple[Organization, ...]:
        return tuple(self.organization(n) for n in range(8))

    def organization(self, number: int) -> Organization:
        found = organization(self.seed, number)
        return replace(found, name=f"{found.name}, nouveau nom") if number in self.rebranded else found

    def dataset(self, index: int) -> Dataset:
        found = super().dataset(index)
        if index in self.moved_away and found.harvest:
            found = replace(found, harvest=replace(found.harvest, uri=f"{found.harvest.uri}-ailleurs"))
        owners = dict(self.datasets_of)
        return replace(found, owner=self.organization(owners[index])) if index in owners else found

    def reuse(self, index: int) -> Reuse:
        found, owners = super().reuse(index), dict(self.reuses_of)
        return replace(found, owner=self.organization(owners[index])) if index in owners else found


WORLD = Owned(datasets=40, reuses=6, shared=())
NAMED = {dataset for number in range(6) for dataset in WORLD.reuse(number).datasets}
UNNAMED = [number for number in WORLD.listed if number not in NAMED]


def same(one: Iterable, other: Iterable) -> None:
    one, other = set(one), set(other)
    assert (sorted(map(str, one - other)), sorted(map(str, other - one))) == ([], [])


def test_a_dataset_whose_iri_changed_is_one_dataset(portal, shared, tmp_path):
    """The same id under another upstream IRI: the old record goes, and reuses lead to the new one."""
    (moving,) = [n for n in sorted(NAMED) if n in WORLD.listed and WORLD.dataset(n).harvest][:1]
    stores = {mode: shared.store(WORLD, tmp_path / mode) for mode in ("full", "delta")}
    portal.world = replace(WORLD.evolved(edit=(moving,)), moved_away=frozenset({moving}))
    harvest_catalogue(portal.site, tmp_path / "fresh", page_size=SIZE)
    for mode, store in stores.items():
        report = harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)
        assert (report.mode, report.kinds[Kind.DATASET]["removed"]) == (mode, 1)
        same(said(store), said(tmp_path / "fresh"))


def test_who_is_named_by_what_was_kept_is_kept(tmp_path):
    """A dataset that is listed, but cannot be read, keeps its publisher; the run tells that it could not."""
    number = next(n for n in UNNAMED if WORLD.listed.index(n) > 2 * SIZE)
    world = replace(WORLD, datasets_of=((number, LONELY),))
    with serve(world) as portal:
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        before = said(tmp_path)
        page = world.listed.index(number) // SIZE + 1
        portal.faults = [faults.malformed(faults.page(page)), faults.malformed("page_size=1$")]
        report = harvest_catalogue(portal.site, tmp_path, page_size=SIZE)

    same(said(tmp_path), before)
    assert report.exit_code == 5
    assert report.count("removed") == 0


def test_organizations_come_and_go_with_what_names_them(tmp_path):
    """One goes from a dataset to a reuse, of one the only reuse is deleted, of one it is given away.

    In one night, seen by a delta: as a full harvest from scratch has it.
    """
    kept, deleted, given = LONELY, LONELY + 1, LONELY + 2
    owned = {"datasets_of": ((UNNAMED[2], kept),), "reuses_of": ((1, deleted), (2, given))}
    night = WORLD.evolved(remove=(UNNAMED[2],), remove_reuses=(1,), edit_reuses=(2, 3))
    with serve(replace(WORLD, **owned)) as portal:
        harvest_catalogue(portal.site, tmp_path / "store", page_size=SIZE)
        before = organizations(tmp_path / "store")
        portal.world = replace(night, reuses_of=((1, deleted), (3, kept)))
        assert harvest_catalogue(portal.site, tmp_path / "store", page_size=SIZE, mode="auto").mode == "delta"
        harvest_catalogue(portal.site, tmp_path / "fresh", page_size=SIZE)
        names = Truth(portal.world, portal.api).names
        iris = {number: names.owner(WORLD.organization(number)) for number in (kept, deleted, given)}

    same(said(tmp_path / "store"), said(tmp_path / "fresh"))
    assert set(iris.values()) <= before
    same(set(iris.values()) & organizations(tmp_path / "store"), {iris[kept]})


def organizations(store) -> set[str]:
    return instances(said(store), FOAF + "Organization")


def test_own_documents_are_read_by_a_delta_too(tmp_path):
    """With --datasets-rdf all, what only they say does not go when a dataset changes."""
    world = replace(WORLD, datasets=20)
    with serve(world) as portal:
        harvest_catalogue(portal.site, tmp_path / "store", page_size=SIZE, datasets_rdf="all")
        portal.world = world.evolved(edit=world.listed[4:6])
        harvest_catalogue(portal.site, tmp_path / "store", page_size=SIZE, datasets_rdf="all", mode="delta")
        asked = portal.asked("/rdf.ttl")[-2:]
        harvest_catalogue(portal.site, tmp_path / "fresh", page_size=SIZE, datasets_rdf="all")

    same(said(tmp_path / "store"), said(tmp_path / "fresh"))
    assert {world.dataset(n).id for n in world.listed[4:6]} == {path.split("/")[4] for path in asked}


def test_after_a_rollback_nothing_is_taken_for_known(portal, store):
    """An organization renamed before the last full harvest: the generation before does not know its name."""
    portal.world = replace(WORLD, rebranded=frozenset(range(8)))
    harvest_catalogue(portal.site, store, page_size=SIZE)
    newest, catalogue = said(store), Catalogue(store)
    with catalogue.lock("test"):
        catalogue.switch(catalogue.before(catalogue.require()))
    report = harvest_catalogue(portal.site, store, page_size=SIZE, mode="auto")

    assert report.mode == "full"
    same(said(store), newest)


def test_a_replay_tells_nothing_of_the_portal_as_it_is_today(tmp_path):
    """A recording may be years old."""
    with serve(WORLD) as portal:
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE, standalone=True, replayed=True)
        report = harvest_catalogue(portal.site, tmp_path, page_size=SIZE, mode="auto")

    assert report.mode == "full"


def test_a_question_without_answer_changes_no_mark(portal, store):
    """An absent dataset whose address fails for a night stays as absent as it was."""
    archived, hidden = UNNAMED[3:5]
    portal.world = WORLD.evolved(archive=(archived,), hide=(hidden,))
    harvest_catalogue(portal.site, store, page_size=SIZE)
    before = marks(store)
    ids = "|".join(WORLD.dataset(number).id for number in (archived, hidden))
    portal.faults = [faults.status(500, rf"/datasets/({ids})/")]
    report = harvest_catalogue(portal.site, store, page_size=SIZE)

    for number, why in ((archived, "archived"), (hidden, "not found")):
        assert before[Truth(WORLD, portal.api).iri(WORLD.dataset(number))][0] == why
    assert marks(store) == before
    assert report.exit_code == 5


@pytest.mark.parametrize("mode", ["full", "delta"])
def test_changes_that_cannot_be_read_are_told_by_the_exit_code(mode, portal, store):
    """Night after night: the store is out of date, though nothing in it is wrong."""
    portal.world = WORLD.evolved(edit=WORLD.listed[12:13])
    portal.faults = [faults.status(500, faults.page(2)), faults.status(500, r"page=13&page_size=1$")]
    report = harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)

    assert report.skipped > 0
    assert report.exit_code == 5


@pytest.mark.parametrize("fault", [faults.status(404, "."), faults.body(b"[]", ".")], ids=["404", "empty"])
def test_code_lists_are_not_forgotten(fault, portal, store):
    """That a list is not there, or empty, is no reason to lose its labels."""
    before = said(store)
    portal.faults = [replace(fault, where="/reuses/(types|topics)/")]
    harvest_catalogue(portal.site, store, page_size=SIZE)

    same(said(store), before)


def test_the_status_of_a_portal_is_that_of_its_last_publication(portal, store):
    """A run that failed is told beside it, not in its place."""
    first = Catalogue(store).require().manifest
    portal.faults = [faults.html("/site/catalog")]
    with pytest.raises(Exception, match=r"cannot be read|serves no catalogue"):
        harvest_catalogue(portal.site, store, page_size=SIZE)
    with serve(World(datasets=12, reuses=2, seed=5)) as second:
        harvest_catalogue(second.site, store, page_size=SIZE)
    runs = {run.portal: run for run in summarise(Catalogue(store)).runs}

    known = runs[portal.site.removeprefix("http://")]
    assert known.run.endswith(first.run)
    assert known.counts["added"] == first.facts["counts"]["added"]
