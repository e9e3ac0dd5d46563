"""An index that many nights have changed answers as one that is made anew."""

from dataclasses import replace
from random import Random

import pytest

from harvester.harvest import indexing
from harvester.search import building
from harvester.search.finding import Finder, Search
from harvester.search.layout import is_there
from harvester.store.check import check
from harvester.store.compaction import compact
from harvester.store.generation import SEARCH
from harvester.store.generations import Catalogue
from tests.harvest.support import THOROUGH, harvest
from tests.search.support import index, no_label
from tests.simulator import Night, World, serve

WORLD = World(datasets=80, reuses=20)
NIGHTS = 5
SIZE = 10
QUERIES = ("", "vélo", "qualité de l'air", "velso", "données", "zones comptages", "region", "budget")


def answers(finder: Finder) -> list:
    """All that searches tell of an index: each query, of each kind, in each order."""
    searches = [
        Search(text, kind, sort=sort, size=100)
        for text in QUERIES
        for kind in ("", "dataset", "reuse", "organization", "dataservice")
        for sort in ("relevance", "newest", "reused", "title")
    ]
    return [finder.find(search) for search in searches]


def carried(folder) -> Finder:
    return Finder(Catalogue(folder).require().path, no_label)


@pytest.fixture
def anew(monkeypatch):
    """The folders whose index was built anew."""
    folders, build = [], building._build_anew
    monkeypatch.setattr(
        building,
        "_build_anew",
        lambda store, folder, tell: folders.append(folder) or build(store, folder, tell),
    )
    return folders


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(2 if THOROUGH else 1))
def test_after_each_night_searches_are_answered_as_by_an_index_made_anew(seed, tmp_path, anew):
    """Full and delta runs mixed: hits and their order, counts, facets, suggestions; and little is written."""
    draw = Random(f"search {seed}")
    with serve(replace(WORLD, seed=seed)) as portal:
        harvest(portal.site, tmp_path / "old", page_size=SIZE)
        assert len(anew) == 1
        for night in range(NIGHTS):
            most = Night(2, 1, 3, 0, 1, 1, 1, 1, 1)
            wanted = [draw.randint(0, getattr(most, name)) for name in Night.__dataclass_fields__]
            portal.world = Night(*wanted).over(portal.world, draw)
            harvest(portal.site, tmp_path / "old", page_size=SIZE, mode=draw.choice(("delta", "full")))
            generation = Catalogue(tmp_path / "old").require()
            made = len(anew)
            with generation.open() as store:
                fresh = index(tmp_path / f"night{night}", store)

            assert answers(carried(tmp_path / "old")) == answers(fresh)
            assert len(anew) == made + 1
            assert check(generation) == ()
    assert len(anew) <= 2 + NIGHTS  # once too much of the index was replaced


@pytest.fixture(scope="module")
def portal():
    with serve(World(datasets=12, reuses=4)) as running:
        yield running


@pytest.fixture
def store(portal, tmp_path):
    harvest(portal.site, tmp_path / "store", page_size=SIZE)
    return tmp_path / "store"


def test_a_generation_that_is_compacted_can_be_searched_as_before(store):
    """And its index shares the disk with that of the last."""
    before = Catalogue(store).require()
    told = answers(carried(store))
    catalogue = Catalogue(store)
    with catalogue.lock("test"), catalogue.stage(before.manifest.run) as stage:
        after = stage.publish(before.manifest.facts)

    assert answers(carried(store)) == told
    assert check(after) == ()
    inodes = [
        {path.stat().st_ino for path in (generation.path / SEARCH).iterdir()}
        for generation in (before, after)
    ]
    assert inodes[0] == inodes[1]
    with catalogue.lock("test"):
        compact(catalogue, 3)
    assert answers(carried(store)) == told


def test_the_last_generation_keeps_its_index_as_it_was(portal, store):
    """What a run changes is a copy: going back is going back."""
    before = Catalogue(store).require()
    told = answers(carried(store))
    portal.world = Night(add=2, remove=1, edit=3).over(portal.world, Random("kept"))
    harvest(portal.site, store, page_size=SIZE, mode="delta")
    changed = answers(carried(store))
    catalogue = Catalogue(store)

    assert check(before) == ()
    with catalogue.lock("test"):
        catalogue.switch(before)
    assert changed != told
    assert answers(carried(store)) == told


def test_an_index_that_cannot_be_built_costs_the_search_only(portal, tmp_path, monkeypatch):
    """The generation is published without one, the report says why, and the next run makes it."""

    class PanicException(BaseException):
        """As Rust's, which are no Exceptions."""

    def fail(*_):
        raise PanicException("the disk is odd")

    with monkeypatch.context() as broken:
        broken.setattr(indexing, "build", fail)
        report = harvest(portal.site, tmp_path / "store", page_size=SIZE)
    generation = Catalogue(tmp_path / "store").require()
    without = (generation.path / SEARCH).exists()
    next_report = harvest(portal.site, tmp_path / "store", page_size=SIZE, mode="delta")
    last_report = harvest(portal.site, tmp_path / "store", page_size=SIZE, mode="delta")

    assert report.outcome == "published"
    assert "there is no search: the disk is odd" in report.notes
    assert not without
    assert (check(generation), next_report.outcome, last_report.outcome) == ((), "published", "unchanged")
    assert is_there(Catalogue(tmp_path / "store").require().path / SEARCH)


def test_what_is_in_half_is_no_index(store, monkeypatch, portal):
    """A failure in the middle of a change leaves nothing of it: no index rather than a wrong one."""
    portal.world = Night(edit=3).over(portal.world, Random("half"))
    monkeypatch.setattr(building, "_finish", lambda *_: (_ for _ in ()).throw(OSError("no space left")))

    report = harvest(portal.site, store, page_size=SIZE, mode="delta")

    assert report.outcome == "published"
    assert any("no space left" in note for note in report.notes)
    assert not (Catalogue(store).require().path / SEARCH).exists()
