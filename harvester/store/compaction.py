"""Compaction: the same content in fewer files, smaller or faster to read (docs/decisions/0007)."""

from collections.abc import Iterable
from dataclasses import dataclass

from harvester.store.generations import Catalogue
from harvester.store.manifest import File, list_files

_SMALLER = 0.95
"""At most this share of the bytes makes a new generation worth it, …"""
_FEWER = 2 / 3
"""… or this share of the table files: each is one more place where a look-up has to look."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a store takes: bytes, and RocksDB's table files."""

    bytes: int
    tables: int


@dataclass(frozen=True, slots=True)
class Compaction:
    """What came of it. `generation` is the one that was published, None if it was not worth it."""

    base: str
    before: Size
    after: Size
    generation: str | None


def compact(catalogue: Catalogue, keep: int) -> Compaction:
    """Publish the current generation's content rewritten, where that makes it smaller or faster to read.

    What it gains is known only once it was done: some seconds per million quads. Keeps the newest `keep`
    generations of each portal. Needs the lock. Raises StoreError.
    """
    manifest = catalogue.require().manifest
    before = _size(manifest.files)
    with catalogue.stage(manifest.run) as stage:
        stage.store.optimize()
        probe = stage.scratch / "probe"
        stage.store.backup(probe)
        after = _size(list_files(probe))
        if after.bytes > before.bytes * _SMALLER and after.tables > before.tables * _FEWER:
            return Compaction(manifest.id, before, after, None)
        generation = stage.publish(manifest.facts, keep)
    return Compaction(manifest.id, before, _size(generation.manifest.files), generation.id)


def _size(files: Iterable[File]) -> Size:
    listed = list(files)
    return Size(sum(file.size for file in listed), sum(file.path.endswith(".sst") for file in listed))
