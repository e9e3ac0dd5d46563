"""Which generations stay, what compaction gains, and what a publication need not read again."""

import binascii
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from harvester.errors import UsageError
from harvester.store import manifest as manifest_module
from harvester.store.compaction import compact
from harvester.store.generations import Catalogue
from tests.store.catalogues import content, names, publish, state
from tests.store.recorded import Thing, publish_things

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "catalogue", clock=lambda: NOON)


def history(catalogue) -> list[tuple[str, str]]:
    """The portal and the only record's title of each generation, newest first."""
    found = []
    for generation in catalogue.generations():
        (title,) = (q.object.value for q in content(generation) if q.predicate.value.endswith("/title"))
        found.append((str(generation.manifest.facts["portal"]), title))
    return found


def publish_for(catalogue, portal: str, number: int, keep: int = 100):
    return publish_things(catalogue, [Thing("http://e.org/a", f"{number}")], portal=portal, keep=keep)


@pytest.mark.parametrize("publishing", [True, False], ids=["at publication", "prune"])
def test_the_newest_generations_of_each_portal_are_kept(catalogue, publishing):
    """A portal that is harvested every hour does not push out those of one that is harvested once a week."""
    for number, portal in enumerate(["week", "hour", "week", "hour", "hour", "hour"]):
        publish_for(catalogue, portal, number, keep=2 if publishing else 100)
    if not publishing:
        with catalogue.lock("test"):
            pruned = catalogue.prune(2)
        assert (len(pruned.removed), pruned.in_use) == (2, ())

    assert history(catalogue) == [("hour", "5"), ("hour", "4"), ("week", "2"), ("week", "0")]


def test_generations_that_say_nothing_are_a_portal_of_their_own(catalogue):
    """Damaged manifests neither stop pruning nor push out what is whole."""
    for number in range(6):
        publish_for(catalogue, "p", number)
    newest, *_, fifth, sixth = (generation.id for generation in catalogue.generations())
    for id_ in (newest, fifth, sixth):
        (catalogue.path / "generations" / id_ / "manifest.json").write_text("{")
    with catalogue.lock("test"):
        catalogue.switch(catalogue.find(sixth))
        pruned = catalogue.prune(1)

    kept = [generation.id for generation in catalogue.generations()]
    assert kept == [newest, "20260131T120000Z-4", sixth]
    assert set(pruned.removed) == {"20260131T120000Z-3", "20260131T120000Z-2", fifth}


def test_generations_in_use_stay_until_the_next_time(catalogue):
    """Who reads an old generation reads it to the end, whichever portal's it is."""
    for number in range(4):
        publish_for(catalogue, "p", number)
    read = catalogue.generations()[2]
    with catalogue.lock("test"):
        first = catalogue.prune(1)
        assert (first.in_use, len(first.removed)) == ((read.id,), 2)
        assert len(content(read)) == 7
        del read
        second = catalogue.prune(1)

    assert (second.in_use, second.removed) == ((), first.in_use)
    assert names(catalogue.path / "generations") == {catalogue.require().id}


def test_a_reader_in_another_process_keeps_its_generation(catalogue):
    """Until it ends, however it ends."""
    for number in range(3):
        publish_for(catalogue, "p", number)
    oldest = catalogue.generations()[2].id
    code = (
        "import sys; from pathlib import Path; from harvester.store.generations import Catalogue;"
        f"read = Catalogue(Path(sys.argv[1])).find({oldest!r}); print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(catalogue.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        with catalogue.lock("test"):
            assert catalogue.prune(1).in_use == (oldest,)
        process.kill()
    with catalogue.lock("test"):
        assert catalogue.prune(1).removed == (oldest,)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("20260131T120000Z", "20260131T120000Z"),
        ("20260131T120000Z-1", "20260131T120000Z-1"),
        ("20260131T120000Z-2", "20260131T120000Z-2"),
        ("2026", None),
        ("20260131T120000Z-", None),
        ("2025", None),
        ("", None),
        ("../generations", None),
    ],
)
def test_a_generation_is_found_by_its_id_or_what_only_it_begins_with(catalogue, name, found):
    """As git finds commits; otherwise the known ones are named."""
    ids = [publish(catalogue, number).id for number in range(3)]
    if found:
        assert catalogue.find(name).id == found
    else:
        with pytest.raises(UsageError) as caught:
            catalogue.find(name)
        assert all(id_ in caught.value.fix for id_ in ids)


def test_a_short_name_is_enough_where_only_one_fits(tmp_path):
    """The beginning of a day, say."""
    moments = iter([NOON.replace(day=day) for day in (1, 2) for _ in ("lock", "stage")])
    catalogue = Catalogue(tmp_path / "catalogue", clock=lambda: next(moments))
    publish(catalogue, 1)
    publish(catalogue, 2)

    assert content(catalogue.find("20260101")) == state(1)


def test_the_generation_before_another(catalogue):
    """The next older one that there is, whichever is current."""
    one, two, three = (publish(catalogue, number) for number in range(3))
    with catalogue.lock("test"):
        catalogue.switch(two)

    assert [g and g.id for g in map(catalogue.before, (three, two, one))] == [two.id, one.id, None]


def add_some(catalogue, number: int, facts=None, keep: int = 100):
    """Publish a little more than there was: most files are shared with the last generation."""
    with catalogue.lock("test"), catalogue.stage(f"run-{number}") as stage:
        for n in range(50):
            node = NamedNode(f"http://example.org/{number}/{n}")
            stage.store.add(Quad(node, node, Literal(n), node))
        return stage.publish(facts or {}, keep)


def sums(generation) -> dict[str, str]:
    files = (path for path in generation.path.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {str(p.relative_to(generation.path)): f"{binascii.crc32(p.read_bytes()):08x}" for p in files}


def test_files_shared_with_the_last_generation_are_not_read_again(catalogue, monkeypatch):
    """Their sums are known, and are the right ones."""
    read = []
    whole = manifest_module.size_and_sum
    monkeypatch.setattr(
        manifest_module, "size_and_sum", lambda path: (read.append(path.name), whole(path))[1]
    )
    add_some(catalogue, 1)
    first = set(read)
    read.clear()
    generation = add_some(catalogue, 2)

    assert {file.path: file.crc32 for file in generation.manifest.files} == sums(generation)
    shared = {path.name for path in generation.path.rglob("*.sst") if path.stat().st_nlink > 1}
    assert shared & first
    assert not shared & set(read)


def test_a_shared_file_that_was_written_to_is_read_again(catalogue):
    """A sum that was taken before is not believed: damage would never be found."""
    base = add_some(catalogue, 1)
    with catalogue.lock("test"), catalogue.stage("run-2") as stage:
        stage.store.add(Quad(*[NamedNode("http://example.org/new")] * 4))
        options = max((base.path / "store").glob("*.sst"))
        os.utime(options, ns=(0, options.stat().st_mtime_ns + 60_000_000_000))
        listed = sums(base)[f"store/{options.name}"]
        manifest = (base.path / "manifest.json").read_text()
        (base.path / "manifest.json").write_text(manifest.replace(listed, "00000000"))
        before = (base.path / "manifest.json").stat()
        os.utime(base.path / "manifest.json", ns=(before.st_atime_ns, before.st_mtime_ns))
        generation = stage.publish({})

    assert {file.path: file.crc32 for file in generation.manifest.files} == sums(generation)


def grow_and_shrink(catalogue, facts=None) -> None:
    """Publish much, and remove most of it again: RocksDB keeps that until it rewrites its files."""
    with catalogue.lock("test"), catalogue.stage("much") as stage:
        nodes = [NamedNode(f"http://example.org/{n}") for n in range(3000)]
        stage.store.bulk_extend(Quad(node, node, Literal(n), node) for n, node in enumerate(nodes))
        stage.publish({})
    with catalogue.lock("test"), catalogue.stage("little") as stage:
        for node in nodes[10:]:
            stage.store.remove_graph(node)
        stage.publish(facts or {}, keep=100)


def test_compaction_leaves_the_content_and_the_facts(catalogue):
    """After much was removed the files are rewritten smaller, and say the same."""
    grow_and_shrink(catalogue, {"portal": "p", "mode": "full"})
    base = catalogue.require()
    with catalogue.lock("test"):
        done = compact(catalogue, keep=100)

    current = catalogue.require()
    assert (done.base, done.generation) == (base.id, current.id)
    assert content(current) == content(base)
    assert (current.manifest.facts, current.manifest.run) == (base.manifest.facts, base.manifest.run)
    tables = list((current.path / "store").glob("*.sst"))
    assert (done.after.tables, done.before.tables) == (len(tables), len(list(base.path.glob("store/*.sst"))))
    assert done.after.bytes < done.before.bytes / 2
    assert 0.9 < done.after.bytes / sum(f.size for f in current.manifest.files if "store/" in f.path) < 1.1


def test_what_was_just_compacted_is_left_alone(catalogue):
    """A second time there is nothing to gain: no generation, no file."""
    grow_and_shrink(catalogue)
    with catalogue.lock("test"):
        compact(catalogue, keep=100)
        before = names(catalogue.path / "generations")
        done = compact(catalogue, keep=100)

    assert done.generation is None
    assert names(catalogue.path / "generations") == before


def test_compaction_keeps_as_many_generations_as_it_is_told(catalogue):
    """The one that it rewrites goes too, when nobody reads it."""
    grow_and_shrink(catalogue)
    with catalogue.lock("test"):
        done = compact(catalogue, keep=1)

    assert names(catalogue.path / "generations") == {done.generation}
