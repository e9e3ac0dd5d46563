"""The dumps of a generation: a folder of files and their checksums, there as a whole or not at all.

dumps/
  20260131T020000Z/     named for its generation
    catalogue.nq.gz  catalogue.ttl.gz  catalogue.jsonld.gz  SHA256SUMS
  lock                  whoever is making them
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from time import monotonic
from typing import BinaryIO

from filelock import FileLock, Timeout

from harvester.errors import StoreError
from harvester.export.dump import write_dump
from harvester.export.files import Output
from harvester.export.selection import Selection
from harvester.export.syntax import syntax_of
from harvester.store.generation import Generation
from harvester.store.generations import ID, order
from harvester.store.local import sync, sync_tree
from harvester.store.lock import Pin

FILES = ("catalogue.nq.gz", "catalogue.ttl.gz", "catalogue.jsonld.gz")
SUMS = "SHA256SUMS"
"""As `sha256sum -c` reads it."""
_PARTIAL, _DROPPED = ".partial", ".dropped"
_SUM = re.compile(r"^([0-9a-f]{64})  ([a-z.]+)$", re.MULTILINE)

Tell = Callable[[str], None]
"""Hear, in words, how far the work has come."""


@dataclass(frozen=True, slots=True)
class DumpFile:
    """A file of a dump. `size` in bytes, `digest` is its SHA-256 (hex)."""

    path: Path
    size: int
    digest: str
    made: datetime

    @property
    def name(self) -> str:
        """The file's name, the same for each generation."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Dump:
    """The files of one generation, by name; that with their checksums is one of them."""

    generation: str
    files: dict[str, DumpFile]


def find_dumps(folder: Path) -> list[Dump]:
    """Return the dumps that are whole, newest generation first; none if there is no such folder."""
    try:
        names = [entry.name for entry in os.scandir(folder) if ID.fullmatch(entry.name)]
    except OSError:
        return []
    newest_first = sorted(names, key=order, reverse=True)
    return [dump for name in newest_first if (dump := _read(folder / name))]


def make_dump(path: Path, folder: Path, tell: Tell = lambda _words: None) -> None:
    """Make the dump of the generation at `path`, unless `folder` has it already; then drop all others.

    Waits for whoever makes dumps in `folder` meanwhile. What is there stays until the new files are whole and
    on the disk. Raises StoreError.
    """
    with _disk_errors(folder):
        folder.mkdir(exist_ok=True)
        with _alone(folder, tell):
            if not (folder / path.name).is_dir():
                partial = folder / (path.name + _PARTIAL)
                rmtree(partial, ignore_errors=True)
                partial.mkdir()
                _write(path, partial, tell)
                sync_tree(partial)
                partial.rename(folder / path.name)
                sync(folder)
            _drop_others(folder, path.name)


@contextmanager
def _alone(folder: Path, tell: Tell) -> Iterator[None]:
    """Hold the right to change `folder` for a `with` block; wait for it as long as it takes."""
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        tell("another server makes dumps in the same folder")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _write(path: Path, folder: Path, tell: Tell) -> None:
    pin = Pin.take(path)
    if pin is None:
        raise StoreError(f"the generation {path.name} is gone", fix="the dump of the current one will do")
    generation = Generation(path, pin)
    sums = []
    with generation.open() as store:
        for number, name in enumerate(FILES, 1):
            syntax = syntax_of(name)
            selection = Selection(inferred=True, provenance=syntax.keeps_graphs)
            context = generation.context() if syntax.format == "jsonld" else None
            with (folder / name).open("wb") as file:
                output = _Progress(file, syntax.compression, f"{name}, {number} of {len(FILES)} files", tell)
                write_dump(store, output, syntax, selection, context=context)
                output.finish()
            sums.append(f"{output.digest}  {name}\n")
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")


class _Progress(Output):
    """Tells each second how much was written."""

    def __init__(self, file: BinaryIO, compression: str, name: str, tell: Tell) -> None:
        super().__init__(file, name, compression)
        self._what = name
        self._tell = tell
        self._next = 0.0

    def write(self, data: bytes) -> None:
        """Write `data`, before compression."""
        super().write(data)
        if monotonic() >= self._next:
            self._next = monotonic() + 1
            self._tell(f"{self._what}: {self.size:,} bytes so far")


def _read(folder: Path) -> Dump | None:
    """Return the dump in a folder, None if it was dropped meanwhile."""
    try:
        sums = (folder / SUMS).read_text(encoding="utf-8")
        digests = {name: digest for digest, name in _SUM.findall(sums)}
        digests[SUMS] = sha256(sums.encode()).hexdigest()
        return Dump(folder.name, {name: _file(folder / name, digest) for name, digest in digests.items()})
    except OSError:
        return None


def _file(path: Path, digest: str) -> DumpFile:
    status = path.stat()
    return DumpFile(path, status.st_size, digest, datetime.fromtimestamp(status.st_mtime, UTC))


def _drop_others(folder: Path, kept: str) -> None:
    """Remove other generations' dumps, and what killed servers left."""
    for entry in list(os.scandir(folder)):
        if entry.name != kept and ID.fullmatch(entry.name):
            # Renamed first, so that half a dump never goes by its name.
            Path(entry.path).rename(entry.path + _DROPPED)
    for entry in list(os.scandir(folder)):
        if entry.name.endswith((_PARTIAL, _DROPPED)) and ID.match(entry.name):
            rmtree(entry.path, ignore_errors=True)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"dumps cannot be written to {folder}: {error.strerror or error}",
            fix="name another folder by --dumps, or make room",
        ) from error
