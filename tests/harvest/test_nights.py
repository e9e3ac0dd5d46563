"""Night after night: cheap where little changed, equal to a harvest from scratch, never quick to delete."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from harvester.errors import NothingPublishable
from harvester.model import Kind
from harvester.vocab import FOAF, HV
from tests.harvest.comparing import (
    CONTACTS,
    DATASET,
    TITLE,
    assert_truth,
    bytes_below,
    same,
    same_but_archived,
)
from tests.harvest.support import THOROUGH, ask, harvest, harvest_catalogue, instances, said
from tests.simulator import CACHED, Manners, Night, Portal, Truth, World, faults, serve

ROOT = Path(__file__).parents[2]
WORLD = World(datasets=60, reuses=12)
NIGHTS = 10 if THOROUGH else 4
STORES = [*enumerate(3 * [Manners()]), (3, CACHED)] if THOROUGH else [(3, CACHED)]
SIZE = 10
MODES = ("full", "delta")
MIXED = ("delta", "auto", "full", "delta")


def drawn(draw: Random) -> Night:
    """What may happen in a night: everything, at times nothing."""
    most = Night(2, 1, 5, 0, 1, 1, 1, 1, 2)
    return Night(*(draw.randint(0, getattr(most, name)) for name in Night.__dataclass_fields__))


@pytest.mark.heavy
@pytest.mark.parametrize(("seed", "manners"), STORES)
def test_after_each_night_the_store_is_as_if_harvested_from_scratch(seed, manners, tmp_path):
    """Full and delta runs mixed, on one store: no way of getting there can be told from the other."""
    draw, modes = Random(f"nights {seed}"), Counter()
    with serve(replace(WORLD, seed=seed), manners=manners) as portal:
        harvest(portal.site, tmp_path / "old", page_size=SIZE)
        for night in range(NIGHTS):
            portal.world = drawn(draw).over(portal.world, draw)
            mode = MIXED[night % len(MIXED)]
            report = harvest(portal.site, tmp_path / "old", page_size=SIZE, mode=mode)
            modes[report.mode] += 1
            new = tmp_path / f"new{night}"
            harvest(portal.site, new, page_size=SIZE, mode="full")
            truth = Truth(portal.world, portal.api)
            old_quads, new_quads = said(tmp_path / "old"), said(new)
            try:
                same_but_archived(old_quads, new_quads, truth)
                assert_truth(tmp_path / "old", portal)
            except AssertionError as error:
                error.add_note(f"seed {seed}, night {night}, {report.mode} ({mode}), {portal.world}")
                raise

    assert modes["delta"] >= NIGHTS // 3
    assert modes["full"] >= 1


def dump(store: Path, target: Path) -> bytes:
    """Export the data graphs, what the portal said and what was inferred, with the command."""
    export = ["export", str(target), "--no-provenance", "--store", str(store)]
    subprocess.run([sys.executable, "-m", "harvester", *export], check=True, capture_output=True, cwd=ROOT)
    return target.read_bytes()


def test_one_state_gives_one_dump(portal, tmp_path):
    """Two stores, two harvests, other pages: the N-Quads of the data are the same, byte for byte."""
    sizes = {"one": 10, "two": 7}
    for name, size in sizes.items():
        harvest(portal.site, tmp_path / name, page_size=size)
    one, two = (dump(tmp_path / name, tmp_path / f"{name}.nq") for name in sizes)

    assert one.count(b"\n") > 5_000
    assert one == two


@pytest.mark.parametrize("manners", [Manners(), CACHED], ids=["as measured", "with ETags"])
def test_nothing_changed_writes_nothing(manners, tmp_path):
    """The generations stay byte for byte as they were, and each run ends well."""
    with serve(WORLD, manners=manners) as portal:
        harvest(portal.site, tmp_path, page_size=SIZE)
        before, link = bytes_below(tmp_path / "generations"), (tmp_path / "current").readlink()
        for mode in ("full", "full", "delta", "delta", "auto"):
            report = harvest(portal.site, tmp_path, page_size=SIZE, mode=mode)
            assert (report.generation, report.writes, report.exit_code) == (None, 0, 0)
            assert report.outcome == "unchanged"

    assert bytes_below(tmp_path / "generations") == before
    assert (tmp_path / "current").readlink() == link


def test_a_delta_asks_for_little(tmp_path):
    """Three edits, a deletion, an addition in 150 datasets: a few requests, where a full run makes many."""
    world = World(datasets=150, reuses=15)
    with serve(world) as portal:
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        first = len(portal.requests)
        portal.world = Night(add=1, remove=1, edit=3).over(world, Random(1))
        report = harvest_catalogue(portal.site, tmp_path, page_size=SIZE, mode="auto")
        second = len(portal.requests) - first
        assert_truth(tmp_path, portal)

    assert report.mode == "delta", report.mode_reason
    assert report.requests == second
    assert second < 30 < first, (second, first)


def test_pages_with_validators_are_not_sent_again(tmp_path):
    """A portal with ETags answers a second full run with 304, and an edit costs its page only."""
    with serve(replace(WORLD, shared=()), manners=CACHED) as portal:
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE)
        sent = portal.bytes_sent
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE, mode="full")
        again, unchanged = portal.bytes_sent - sent, portal.statuses[304]
        portal.world = portal.world.evolved(edit=WORLD.listed[23:24])
        harvest_catalogue(portal.site, tmp_path, page_size=SIZE, mode="full")
        assert_truth(tmp_path, portal)
        assert portal.statuses[304] - unchanged >= len(WORLD.listed) // SIZE - 1

    assert unchanged >= len(WORLD.listed) // SIZE
    assert again < sent / 2


def marks(store: Path) -> dict[str, tuple[str, int]]:
    """Return what the store notes of records that are kept unlisted: why, and for how many runs."""
    said_of = f"?r <{FOAF}primaryTopic> ?d ; <{HV}absence> ?why ; <{HV}absentRuns> ?runs"
    rows = ask(store, f"SELECT ?d ?why ?runs {{ {said_of} }}")
    return {iri: (why, int(runs)) for iri, why, runs in rows}


def of_today(portal: Portal, index: int) -> str:
    return Truth(portal.world, portal.api).iri(portal.world.dataset(index))


def named(world: World) -> set[int]:
    """Numbers of the datasets that reuses name: what is archived of these is read for their sake."""
    return {number for index in world.listed_reuses for number in world.reuse(index).datasets}


LONELY = [index for index in WORLD.listed if index not in named(WORLD) and index not in sum(WORLD.pairs, ())]


@pytest.mark.parametrize("mode", MODES)
def test_a_dataset_that_answers_404_stays_for_three_runs(mode, portal, store):
    """It may be private for a while: it is kept, with a mark that counts, and goes with the fourth run."""
    gone = of_today(portal, LONELY[3])
    portal.world = WORLD.evolved(hide=[LONELY[3]])
    for number in (1, 2, 3):
        harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)
        assert gone in instances(said(store), DATASET)
        assert marks(store).get(gone) == ("not found", number)
    report = harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)

    assert gone not in instances(said(store), DATASET)
    assert gone not in marks(store)
    assert report.kinds[Kind.DATASET]["removed"] == 1
    assert_truth(store, portal)


@pytest.mark.parametrize("mode", MODES)
def test_a_dataset_that_answers_410_goes_at_once(mode, portal, store):
    """The portal says that it deleted it."""
    portal.world = WORLD.evolved(remove=[LONELY[3]])
    harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)

    assert_truth(store, portal)


@pytest.mark.parametrize("mode", MODES)
def test_an_archived_dataset_stays_and_is_told_apart(mode, portal, store):
    """It answers, so it is kept for good; the store tells that it is archived."""
    portal.world = WORLD.evolved(archive=[LONELY[3]])
    left = of_today(portal, LONELY[3])
    for _ in range(4):  # what answers 404 is gone by then
        harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)
        assert left in instances(said(store), DATASET)
        assert marks(store)[left][0] == "archived"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", ["hide", "archive"])
def test_a_dataset_that_comes_back_loses_its_mark(how, mode, portal, store):
    """And its three runs of grace begin again."""
    back = of_today(portal, LONELY[3])
    portal.world = WORLD.evolved(**{how: [LONELY[3]]})
    harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)
    assert back in marks(store)
    portal.world = portal.world.evolved(restore=[LONELY[3]])
    harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)
    assert back not in marks(store)
    assert_truth(store, portal)
    portal.world = portal.world.evolved(**{how: [LONELY[3]]})
    harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)

    assert marks(store)[back][1] == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_reuse_that_answers_410_goes_at_once(mode, portal, store):
    """A deleted reuse is gone in the next run, and its links with it."""
    portal.world = WORLD.evolved(remove_reuses=[3])
    harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)

    assert_truth(store, portal)


BAD_DAYS = {
    "empty": lambda world: replace(world, datasets=0, reuses=0, shared=()),
    "half of it not listed": lambda world: replace(world, unlisted=frozenset(world.listed[::2])),
    "half of it answers 404": lambda world: world.evolved(hide=world.listed[::2]),
    "half of it answers 410": lambda world: world.evolved(remove=world.listed[::2]),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("happens", BAD_DAYS.values(), ids=BAD_DAYS.keys())
def test_an_empty_or_half_empty_portal_changes_nothing(happens, mode, portal, store):
    """Exit code 4, and the generations are as they were; when the portal is well again, so is the store."""
    before = bytes_below(store / "generations")
    portal.world = happens(WORLD)
    for _ in range(4):
        with pytest.raises(NothingPublishable) as caught:
            harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)
    assert bytes_below(store / "generations") == before
    portal.world = WORLD
    report = harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)

    assert caught.value.exit_code == 4
    assert report.exit_code == 0
    assert_truth(store, portal)


RELEASES = [("full", {"allow_mass_removal": True}), ("delta", {"max_removal": 0.9})]
if THOROUGH:
    RELEASES += [("delta", {"allow_mass_removal": True}), ("full", {"max_removal": 0.9})]


@pytest.mark.parametrize(("mode", "given"), RELEASES)
def test_who_means_it_can_release_the_brake(mode, given, portal, store):
    """Half of a portal was deleted indeed: published when told so, and not before."""
    portal.world = WORLD.evolved(remove=WORLD.listed[::2])
    with pytest.raises(NothingPublishable, match="allow-mass-removal"):
        harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)
    harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode, **given)

    assert_truth(store, portal)


@pytest.mark.parametrize("mode", MODES)
def test_a_list_that_is_cut_short_deletes_nothing(mode, portal, store):
    """Deleted on a night when the listings stop early, datasets stay until a listing is whole."""
    before = instances(said(store), DATASET)
    portal.world = WORLD.evolved(remove=LONELY[:5])
    portal.faults = [
        faults.next_page(3, lambda view: None),
        faults.total(3, 7),
        faults.body(b'{"data": [], "next_page": null, "total": 55}', r"/api/1/datasets/\?"),
    ]
    harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)
    same("datasets after a listing cut short", before - instances(said(store), DATASET), set())
    portal.faults = []
    harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)

    assert_truth(store, portal)


def test_a_portal_that_moves_while_a_delta_reads_it_is_right_the_night_after(portal, store):
    """Datasets come and go between listing and reading: nothing is lost, and the next run is exact."""
    portal.world = WORLD.evolved(edit=LONELY[:4])
    moved = Night(add=1, remove=2, edit=2)
    portal.faults = [
        faults.Fault(r"/api/1/datasets/\?", after=lambda world: moved.over(world, Random(4)), times=1)
    ]
    before = instances(said(store), DATASET)
    harvest_catalogue(portal.site, store, page_size=SIZE, mode="delta")
    still = Truth(portal.world, portal.api).datasets
    same("datasets during the move", (before & still) - instances(said(store), DATASET), set())
    portal.faults = []
    report = harvest_catalogue(portal.site, store, page_size=SIZE, mode="delta")

    assert report.mode == "delta"
    assert_truth(store, portal)


@pytest.mark.parametrize("mode", MODES)
def test_half_of_a_shared_iri_is_not_lost_with_the_other(mode, portal, store):
    """One of two datasets with one IRI was edited, the other's page cannot be read: that stays as it was."""
    ((edited, other),) = WORLD.pairs
    contacts = instances(said(store), *CONTACTS)
    portal.world = WORLD.evolved(edit=[edited])
    place = WORLD.listed.index(other) + 1
    pages = {1: place, SIZE: -(-place // SIZE)}
    portal.faults = [faults.malformed(rf"catalog\..*page={page}&page_size={n}$") for n, page in pages.items()]
    harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)
    titles = {quad.object.value for quad in said(store) if quad.predicate.value == TITLE}
    assert WORLD.dataset(other).title in titles
    same("contacts", instances(said(store), *CONTACTS), contacts)
    portal.faults = []
    harvest_catalogue(portal.site, store, page_size=SIZE, mode=mode)

    assert_truth(store, portal)
