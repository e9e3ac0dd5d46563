"""The list of datasets is read once: for the census, and for what it says of each."""

import re

import pytest

from harvester.model import Kind
from harvester.vocab import DETAILS_GRAPHS
from tests.harvest.comparing import assert_truth, same
from tests.harvest.support import harvest, said
from tests.simulator import UDATA, Portal, World, faults
from tests.simulator.faults import Fault

WORLD = World(datasets=30, reuses=12)
DETAILED = r"/api/1/datasets/\?(.*&)?page_size=(?!1000)"
"""The list of datasets by pages that are not those of a light reading."""


@pytest.fixture
def store(shared, tmp_path):
    """What a first harvest of the whole API made."""
    return shared.store(WORLD, tmp_path / "store", harvest=harvest, page_size=100)


def asked(portal: Portal) -> list[str]:
    """Return the pages of the list of datasets that were asked for, but for those of the featured ones."""
    return [target for target in portal.asked("/api/1/datasets/?page=") if "featured" not in target]


def details(store) -> set[str]:
    return {str(quad) for quad in said(store) if quad.graph_name.value.startswith(DETAILS_GRAPHS)}


def test_one_reading_gives_what_two_give(portal, tmp_path):
    """A run that is recorded reads the list twice, as its recording must serve any run."""
    once = harvest(portal.site, tmp_path / "once")
    first = len(asked(portal))
    twice = harvest(portal.site, tmp_path / "twice", standalone=True)

    assert (first, len(asked(portal))) == (1, 1 + 2)
    assert once.kinds == twice.kinds
    assert once.kinds[Kind.DATASET_DETAILS]["seen"] > 20
    same("quads", said(tmp_path / "once"), said(tmp_path / "twice"))


def test_where_details_are_not_wanted_the_list_is_light(portal, tmp_path):
    """A thousand ids and dates at a time."""
    harvest(portal.site, tmp_path / "store", surfaces=frozenset())

    assert [bool(re.search(DETAILED, target)) for target in asked(portal)] == [False]


@pytest.mark.parametrize("times", [None, 1], ids=["always", "once"])
def test_a_list_of_details_that_fails_costs_the_details_only(portal, store, times):
    """The light list tells what there is: nothing is taken for gone, and the details stay as they were."""
    before = details(store)
    portal.faults = (faults.status(500, DETAILED, times),)
    gone = WORLD.listed[3]
    portal.world = WORLD.evolved(remove=[gone])
    report = harvest(portal.site, store, mode="full", grace=1)

    assert report.complete
    assert report.members == len(WORLD.listed) - 1
    left = details(store)
    assert left < before
    assert {line for line in before - left if WORLD.dataset(gone).id not in line} == set()


def test_what_changes_behind_the_list_is_read_the_next_night(portal, store):
    """A dataset that is edited while its page is read has its old details, and the date of then."""
    edited = WORLD.listed[5]
    portal.faults = (Fault(DETAILED, after=lambda world: world.evolved(edit=[edited]), times=1),)
    harvest(portal.site, store, mode="full")
    portal.faults = ()
    report = harvest(portal.site, store, mode="delta")

    assert report.mode == "delta"
    assert_truth(store, portal)
    portal.manners = UDATA
    fresh = store.with_name("fresh")
    harvest(portal.site, fresh)
    same("details", details(store), details(fresh))
