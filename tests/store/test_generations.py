"""What is published, when, under which name, and how long it stays."""

import binascii
import json
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from harvester import __version__
from harvester.errors import StoreError
from harvester.store import stage as stage_module
from harvester.store.generations import Catalogue
from harvester.store.local import disk_use
from tests.store.catalogues import content, fill, names, publish, snapshot, state

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "catalogue", clock=lambda: NOON)


def test_a_published_generation_is_current_and_holds_what_was_written(catalogue):
    """What a run wrote is what readers of the current generation see."""
    published = publish(catalogue, 1)

    assert catalogue.require().id == published.id
    assert content(catalogue.require()) == state(1)


def test_the_manifest_tells_what_the_generation_is(catalogue):
    """A manifest names the run, its facts, the programs, the quads, and each file with size and checksum."""
    generation = publish(catalogue, 7)
    manifest = json.loads((generation.path / "manifest.json").read_text())

    files = {name: body for name, body in snapshot(generation.path).items() if name != "manifest.json"}
    listed = {file["path"]: (file["size"], file["crc32"]) for file in manifest.pop("files")}
    assert listed == {name: (len(body), f"{binascii.crc32(body):08x}") for name, body in files.items()}
    assert manifest == {
        "format": 1,
        "id": "20260131T120000Z",
        "created": "2026-01-31T12:00:00+00:00",
        "run": "run-7",
        "quads": len(state(7)),
        "facts": {"state": 7},
        "harvester": __version__,
        "pyoxigraph": version("pyoxigraph"),
    }


def test_a_manifest_is_read_as_it_was_written(catalogue):
    """Readers get the values that the run gave."""
    manifest = publish(catalogue, 7).manifest

    assert (manifest.run, manifest.created, manifest.facts) == ("run-7", NOON, {"state": 7})


def test_a_stage_begins_as_a_copy_and_leaves_the_original_as_it_was(catalogue):
    """A run changes a copy: no byte of the last generation changes, nor what its readers see."""
    first = publish(catalogue, 1)
    before = snapshot(first.path)
    with first.open() as reader, catalogue.lock("test"), catalogue.stage("run-2") as stage:
        assert set(stage.store) == state(1)
        fill(stage, 2)
        stage.store.optimize()
        stage.publish({})

        assert set(reader) == state(1)
    assert snapshot(first.path) == before
    assert content(catalogue.require()) == state(2)


@pytest.mark.parametrize("end", [None, ValueError, KeyboardInterrupt], ids=["left", "error", "Ctrl-C"])
def test_an_unpublished_stage_leaves_nothing(catalogue, end):
    """A run that ends before it publishes leaves the catalogue as it found it, file by file."""
    publish(catalogue, 1)
    before = snapshot(catalogue.path)

    def run():
        with catalogue.lock("test"), catalogue.stage("run-2") as stage:
            fill(stage, 2)
            if end:
                raise end

    if end:
        with pytest.raises(end):
            run()
    else:
        run()

    assert snapshot(catalogue.path) == before


def test_a_stage_of_an_empty_catalogue_that_is_left_leaves_no_generation(catalogue):
    """After a first run that failed there is still nothing to read."""
    with catalogue.lock("test"), catalogue.stage("run-1"):
        pass

    assert catalogue.current() is None
    assert names(catalogue.path / "generations") == set()


def test_an_empty_store_can_be_published(catalogue):
    """A portal without a single record has a generation too."""
    with catalogue.lock("test"), catalogue.stage("run-1") as stage:
        generation = stage.publish({})

    assert (content(generation), generation.manifest.quads) == (set(), 0)


@pytest.mark.parametrize("keep", [1, 3])
def test_the_newest_generations_are_kept(catalogue, keep):
    """Publishing with `keep` leaves that many generations, newest first."""
    for number in range(1, 5):
        publish(catalogue, number, keep)

    kept = catalogue.generations()
    assert [content(generation) for generation in kept] == [state(4 - age) for age in range(keep)]
    assert names(catalogue.path / "generations") == {generation.id for generation in kept}


@pytest.mark.parametrize(
    "seconds",
    [[0, 1, 2], [0, 0, 0], [0, -7200, -3600], [0, 86400, 1]],
    ids=["as it should", "too fast for it", "backwards", "ahead and back"],
)
def test_the_order_of_generations_does_not_depend_on_the_clock(tmp_path, seconds):
    """Generations sort by their publication, whatever the clock said, and none is overwritten."""
    moments = iter([NOON + timedelta(seconds=s) for s in seconds for _ in ("lock", "stage")])
    catalogue = Catalogue(tmp_path / "catalogue", clock=lambda: next(moments))
    for number in range(3):
        publish(catalogue, number, keep=10)

    assert [content(generation) for generation in catalogue.generations()] == [
        state(number) for number in (2, 1, 0)
    ]
    assert content(catalogue.require()) == state(2)


def test_more_than_nine_generations_in_one_second_keep_their_order(catalogue):
    """The suffix of an id is a number, not a text."""
    (publish(catalogue, 1).path).rename(catalogue.path / "generations/20260131T120000Z-9")
    (catalogue.path / "current").unlink()
    publish(catalogue, 2)

    assert [generation.id for generation in catalogue.generations()] == [
        "20260131T120000Z-10",
        "20260131T120000Z-9",
    ]


def test_switching_back_is_seen_by_readers_at_once(catalogue):
    """An older generation can be made current; the next run goes on from it and is the newest again."""
    first = publish(catalogue, 1)
    publish(catalogue, 2)
    with catalogue.lock("test"):
        catalogue.switch(first)

        assert content(catalogue.require()) == state(1)
        with catalogue.stage("run-3") as stage:
            assert set(stage.store) == state(1)
    publish(catalogue, 3)
    assert [content(generation) for generation in catalogue.generations()] == [state(3), state(2), state(1)]


def test_the_current_generation_is_never_pruned(catalogue):
    """However old it is, what readers are sent to stays."""
    first = publish(catalogue, 1)
    publish(catalogue, 2)
    publish(catalogue, 3)
    with catalogue.lock("test"):
        catalogue.switch(first)
        catalogue.prune(1)

    assert [content(generation) for generation in catalogue.generations()] == [state(3), state(1)]


def test_a_published_generation_cannot_be_changed_through_the_stage(catalogue):
    """Whoever still has the staged store in hand after publication changes nothing that readers see."""
    with catalogue.lock("test"), catalogue.stage("run-1") as stage:
        fill(stage, 1)
        store = stage.store
        generation = stage.publish({})
        before = snapshot(generation.path)
        store.add(Quad(NamedNode("http://example.org/late"), NamedNode("http://example.org/p"), Literal("x")))
        with pytest.raises(RuntimeError, match="published or left"):
            stage.store  # noqa: B018

    assert snapshot(generation.path) == before
    assert content(generation) == state(1)


def test_files_of_a_stage_become_part_of_the_generation_but_for_its_scratch(catalogue):
    """What lies in the stage's folder is published, what lies in its scratch folder is not."""
    with catalogue.lock("test"), catalogue.stage("run-1") as stage:
        (stage.path / "report.json").write_text("{}")
        (stage.scratch / "ledger.sqlite").write_text("")
        generation = stage.publish({})

    assert names(generation.path) == {"manifest.json", "store", "report.json"}


def test_the_pinned_context_goes_from_generation_to_generation(catalogue):
    """A context stays until a run pins another; without one there is none."""
    contexts = []
    for number, context in enumerate([None, {"@context": {"é": "http://example.org/é"}}, None]):
        with catalogue.lock("test"), catalogue.stage(f"run-{number}") as stage:
            if context:
                stage.pin_context(context)
            contexts.append(stage.publish({}).context())

    assert contexts == [None, *[{"@context": {"é": "http://example.org/é"}}] * 2]


def test_what_a_disk_loses_is_not_published(catalogue, monkeypatch):
    """If what was written cannot be read back, the last generation stays current."""
    publish(catalogue, 1)

    def open_damaged(path: Path):
        table = max(path.glob("*.sst"))
        body = table.read_bytes()
        table.unlink()  # not written in place: the last generation may share it
        table.write_bytes(body[:-100])
        return Store.read_only(str(path))

    monkeypatch.setattr(stage_module, "open_read_only", open_damaged)
    with pytest.raises(StoreError):
        publish(catalogue, 2)

    assert content(catalogue.require()) == state(1)
    assert len(catalogue.generations()) == 1


def test_a_copy_with_fewer_quads_than_were_written_is_not_published(catalogue, monkeypatch):
    """The number of quads that a reader finds must be the number that the writer had."""
    monkeypatch.setattr(stage_module, "open_read_only", lambda path: Store())
    with pytest.raises(StoreError, match="30 quads were written, 0 can be read back"):
        publish(catalogue, 1)

    assert catalogue.current() is None


@pytest.mark.parametrize("change", ["stage", "switch", "prune"])
def test_a_catalogue_is_not_changed_without_its_lock(catalogue, change):
    """Staging, switching and pruning are for the holder of the lock only."""
    generation = publish(catalogue, 1)
    arguments = {"stage": ["run"], "switch": [generation], "prune": [1]}[change]

    with pytest.raises(RuntimeError, match="lock"):
        getattr(catalogue, change)(*arguments)


def test_files_that_generations_share_take_their_space_once(tmp_path):
    """A second generation with the same content costs little more disk."""
    catalogue = Catalogue(tmp_path / "catalogue")
    with catalogue.lock("test"), catalogue.stage("run-1") as stage:
        (stage.path / "large").write_bytes(bytes(range(256)) * 4000)
        first = stage.publish({})
    one = disk_use(catalogue.path)
    (first.path / "again").hardlink_to(first.path / "large")

    assert one >= 1_024_000
    assert disk_use(catalogue.path) == one
