"""What a review found: records that stayed for ever, went too soon, or were said to be what they are not."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import pytest

from harvester.model import Kind
from harvester.store.generations import Catalogue
from harvester.store.summary import summarise
from tests.harvest.support import harvest_catalogue, said
from tests.harvest.test_nights import marks
from tests.simulator import World, faults, serve
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


@pytest.mark.parametrize("mode", ["full", "delta"])
def test_a_dataset_whose_iri_changed_is_one_dataset(mode, tmp_path):
    """The same id under another upstream IRI: the old record goes, and reuses lead to the new one."""
    (moving,) = [n for n in sorted(NAMED) if n in WORLD.listed and WORLD.dataset(n).harvest][:1]
    with serve(WORLD) as portal:
        harvest_catalogue(portal.site, tmp_path / "store", page_size=SIZE)
        portal.world = replace(WORLD.evolved(edit=(moving,)), moved_away=frozenset({moving}))
        report = harvest_catalogue(portal.site, tmp_path / "store", page_size=SIZE, mode=mode)
        harvest_catalogue(portal.site, tmp_path / "fresh", page_size=SIZE)

    assert report.kinds[Kind.DATASET]["removed"] == 1
    same(said(tmp_path / "store"), said(tmp_path / "fresh"))


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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            replace(WORLD, datasets_of=((UNNAMED[2], LONELY),)),
            replace(WORLD.evolved(remove=(UNNAMED[2],), edit_reuses=(3,)), reuses_of=((3, LONELY),)),
        ),
        (
            replace(WORLD, reuses_of=((3, LONELY),)),
            replace(WORLD.evolved(remove_reuses=(3,)), reuses_of=((3, LONELY),)),
        ),
        (replace(WORLD, reuses_of=((3, LONELY),)), WORLD.evolved(edit_reuses=(3,))),
    ],
    ids=["from a dataset to a reuse", "its only reuse deleted", "its only reuse given away"],
)
def test_organizations_come_and_go_with_what_names_them(before, after, tmp_path):
    """In one night, seen by a delta: as a full harvest from scratch has it."""
    with serve(before) as portal:
        harvest_catalogue(portal.site, tmp_path / "store", page_size=SIZE)
        portal.world = after
        assert harvest_catalogue(portal.site, tmp_path / "store", page_size=SIZE, mode="auto").mode == "delta"
        harvest_catalogue(portal.site, tmp_path / "fresh", page_size=SIZE)

    same(said(tmp_path / "store"), said(tmp_path / "fresh"))


def test_own_documents_are_read_by_a_delta_too(tmp_path):
    """With --datasets-rdf all, what only they say does not go when a dataset changes."""
    with serve(WORLD) as portal:
        harvest_catalogue(portal.site, tmp_path / "store", page_size=SIZE, datasets_rdf="all")
        portal.world = WORLD.evolved(edit=WORLD.listed[4:6])
        harvest_catalogue(portal.site, tmp_path / "store", page_size=SIZE, datasets_rdf="all", mode="delta")
        asked = portal.asked("/rdf.ttl")[-2:]
        harvest_catalogue(portal.site, tmp_path / "fresh", page_size=SIZE, datasets_rdf="all")

    same(said(tmp_path / "store"), said(tmp_path / "fresh"))
    assert {WORLD.dataset(n).id for n in WORLD.listed[4:6]} == {path.split("/")[4] for path in asked}


def test_after_a_rollback_nothing_is_taken_for_known(tmp_path):
    """An organization renamed before the last full harvest: the generation before does not know its name."""
    with serve(WORLD) as portal:
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        portal.world = replace(WORLD, rebranded=frozenset(range(8)))
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        newest, catalogue = said(tmp_path), Catalogue(tmp_path)
        with catalogue.lock("test"):
            catalogue.switch(catalogue.before(catalogue.require()))
        report = harvest_catalogue(portal.site, tmp_path, page_size=SIZE, mode="auto")

    assert report.mode == "full"
    same(said(tmp_path), newest)


def test_a_replay_tells_nothing_of_the_portal_as_it_is_today(tmp_path):
    """A recording may be years old."""
    with serve(WORLD) as portal:
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE, standalone=True, replayed=True)
        report = harvest_catalogue(portal.site, tmp_path, page_size=SIZE, mode="auto")

    assert report.mode == "full"


@pytest.mark.parametrize(("how", "why"), [("archive", "archived"), ("hide", "not found")])
def test_a_question_without_answer_changes_no_mark(how, why, tmp_path):
    """An absent dataset whose address fails for a night stays as absent as it was."""
    number = UNNAMED[3]
    with serve(WORLD) as portal:
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        portal.world = WORLD.evolved(**{how: (number,)})
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        before = marks(tmp_path)
        portal.faults = [faults.status(500, rf"/datasets/{WORLD.dataset(number).id}/")]
        report = harvest_catalogue(portal.site, tmp_path, page_size=SIZE)

    assert [mark[0] for mark in before.values() if mark[0] == why] == [why]
    assert marks(tmp_path) == before
    assert report.exit_code == 5


@pytest.mark.parametrize("mode", ["full", "delta"])
def test_changes_that_cannot_be_read_are_told_by_the_exit_code(mode, tmp_path):
    """Night after night: the store is out of date, though nothing in it is wrong."""
    with serve(WORLD) as portal:
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        portal.world = WORLD.evolved(edit=WORLD.listed[12:13])
        portal.faults = [faults.status(500, faults.page(2)), faults.status(500, r"page=13&page_size=1$")]
        report = harvest_catalogue(portal.site, tmp_path, page_size=SIZE, mode=mode)

    assert report.skipped > 0
    assert report.exit_code == 5


@pytest.mark.parametrize("where", ["/reuses/types/", "/reuses/topics/"])
@pytest.mark.parametrize("fault", [faults.status(404, "."), faults.body(b"[]", ".")], ids=["404", "empty"])
def test_code_lists_are_not_forgotten(where, fault, tmp_path):
    """That a list is not there, or empty, is no reason to lose its labels."""
    with serve(WORLD) as portal:
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        before = said(tmp_path)
        portal.faults = [replace(fault, where=where)]
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE)

    same(said(tmp_path), before)


def test_the_status_of_a_portal_is_that_of_its_last_publication(tmp_path):
    """A run that failed is told beside it, not in its place."""
    other = World(datasets=12, reuses=2, seed=5)
    with serve(WORLD) as portal, serve(other) as second:
        report = harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        portal.faults = [faults.html("/site/catalog")]
        with pytest.raises(Exception, match=r"cannot be read|serves no catalogue"):
            harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        harvest_catalogue(second.site, tmp_path, page_size=SIZE)
        runs = {run.portal: run for run in summarise(Catalogue(tmp_path)).runs}

    assert runs[report.portal].run.endswith(report.run_id)
    assert runs[report.portal].counts["added"] == report.count("added")
