"""Documents of a run that has not ended, kept on disk: after a kill the next run need not ask for them again.

Each file is written beside its place and renamed, and begins with the SHA-256 of its name and of all that
follows: whatever a kill, a loss of power or a bad disk leaves is either whole or noticed. Nothing is synced
to the disk, as what is lost is only asked for again.
"""

import hashlib
import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from pathlib import Path

import zstandard

from harvester.model import Document
from harvester.portal.urls import clean, redact

MAX_BYTES = 4 * 1024**3
LEVEL = 1
"""Of zstandard. Pages of RDF shrink to a seventh, faster than most disks write."""

_FORMAT = f"harvester spool 1: {' '.join(each.name for each in fields(Document))}".encode()
"""Goes into each checksum, so that files of another version are not taken."""
_HEX = 64
_HEAD = _HEX + 32
"""Bytes that hold checksum and time, and then some."""

log = logging.getLogger(__name__)


class Spool:
    """Keeps documents, by URL and Accept, and notes, by name, in a folder of its own. Safe among threads.

    What an earlier run left is handed out once, then only what is put by this run is of use to the next one.
    `clock` tells the time of day in seconds, also across runs; what is older than `max_age_s` or comes from
    the future is deleted. `max_age_s` 0: nothing is kept. A disk that refuses, or `max_bytes` on it, ends the
    spooling; this is logged once, and never an error.
    """

    def __init__(
        self, folder: Path, max_age_s: float, clock: Callable[[], float], *, max_bytes: int = MAX_BYTES
    ) -> None:
        self._folder = folder
        self._max_age = max_age_s
        self._clock = clock
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = {}
        """Of all files, by name."""
        self._total = 0
        self._left: dict[str, float] = {}
        """When the documents of earlier runs that are not handed out yet were put, by name of the file."""
        self._stopped = max_age_s <= 0
        with self._forgiving():
            self._look_round()

    @property
    def count(self) -> int:
        """How many documents of earlier runs are left to take."""
        return len(self._left)

    @property
    def oldest(self) -> float | None:
        """When the oldest of them was put, by the clock; None if there are none."""
        with self._lock:
            return min(self._left.values(), default=None)

    def take(self, url: str, accept: str | None = None) -> Document | None:
        """Return what an earlier run got for this URL and Accept header; only once, None ever after.

        Requests that differ in other headers must not be spooled.
        """
        name = _name("document", _written(url), accept or "")
        with self._lock:
            if self._left.pop(name, None) is None:
                return None
            data = self._read(name)
        if data is None:
            return None
        about, _, body = data.partition(b"\n")
        return Document(**json.loads(about), body=body)

    def put(self, document: Document, accept: str | None = None) -> None:
        """Keep a document for the next run, under the URL that was requested; status 200 only."""
        if document.status != 200 or self._stopped:
            return
        requested = _written(document.requested)
        bare = replace(document, requested=requested, url=redact(document.url), body=b"")
        about = {key: value for key, value in asdict(bare).items() if key != "body"}
        head = json.dumps(about).encode()
        self._write(_name("document", requested, accept or ""), b"%s\n%s" % (head, document.body))

    def note(self, name: str) -> bytes | None:
        """Return the note of this name, kept by this run or by an earlier one; None if there is none."""
        with self._lock:
            return self._read(_name("note", name))

    def keep_note(self, name: str, data: bytes) -> None:
        """Keep a small file, in place of an earlier one of this name."""
        if not self._stopped:
            self._write(_name("note", name), data)

    def clear(self) -> None:
        """Remove the folder and all that is in it: the run has ended."""
        with self._lock, self._forgiving():
            self._left.clear()
            self._sizes.clear()
            self._total = 0
            self._remove_cleared()
            if self._folder.exists():
                self._folder.rename(self._cleared)  # at once: half of a spool would count as a killed run's
                self._remove_cleared()

    @property
    def _cleared(self) -> Path:
        return self._folder.with_name(f"{self._folder.name}.cleared")

    def _remove_cleared(self) -> None:
        if self._cleared.exists():
            shutil.rmtree(self._cleared)

    def _look_round(self) -> None:
        """Find what is there; delete what is too old, and what a kill left half written or half removed."""
        self._remove_cleared()
        if not self._folder.exists():
            return
        for path in self._folder.iterdir():
            with path.open("rb") as file:
                at = _time(file.read(_HEAD))
            if path.suffix not in {".document", ".note"} or not self._timely(at):
                path.unlink()
                continue
            self._resize(path.name, path.stat().st_size)
            if path.suffix == ".document":
                self._left[path.name] = at

    def _resize(self, name: str, size: int) -> None:
        self._total += size - self._sizes.pop(name, 0)
        if size:
            self._sizes[name] = size

    def _timely(self, at: float) -> bool:
        return 0 <= self._clock() - at <= self._max_age

    def _read(self, name: str) -> bytes | None:
        """Return what was written; None, and the file deleted, if it is not that any more."""
        if name not in self._sizes:
            return None
        with self._forgiving():
            found = _unpacked(name, (self._folder / name).read_bytes())
            if found and self._timely(found[0]):
                return found[1]
            self._delete(name)
        return None

    def _write(self, name: str, data: bytes) -> None:
        packed = _packed(name, data, self._clock())
        with self._lock, self._forgiving():
            self._left.pop(name, None)
            if self._stopped or self._total - self._sizes.get(name, 0) + len(packed) > self._max_bytes:
                self._stop("it holds all that it may")
                self._delete(name)
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            beside = self._folder / f"{name}.partial"
            beside.write_bytes(packed)
            beside.replace(self._folder / name)
            self._resize(name, len(packed))

    def _delete(self, name: str) -> None:
        self._resize(name, 0)
        (self._folder / name).unlink(missing_ok=True)

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._stop(error.strerror or str(error))

    def _stop(self, reason: str) -> None:
        if not self._stopped:
            log.warning(
                "no more pages are kept in %s (%s): if this run is killed, the next one asks for them again",
                self._folder,
                reason,
            )
        self._stopped = True


def _written(url: str) -> str:
    try:
        return redact(clean(url))
    except ValueError:  # it was never requested, so nothing is found under it
        return redact(url)


def _name(kind: str, *key: str) -> str:
    return f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.{kind}"


def _packed(name: str, data: bytes, at: float) -> bytes:
    rest = b"%s\n%s" % (repr(at).encode(), zstandard.compress(data, LEVEL))
    return _checksum(name, rest) + rest


def _unpacked(name: str, packed: bytes) -> tuple[float, bytes] | None:
    """Return when and what was packed; None if not a byte of it may be trusted."""
    rest = packed[_HEX:]
    if packed[:_HEX] != _checksum(name, rest):
        return None
    return _time(packed), zstandard.decompress(rest.partition(b"\n")[2])


def _checksum(name: str, rest: bytes) -> bytes:
    return hashlib.sha256(_FORMAT + name.encode() + rest).hexdigest().encode()


def _time(head: bytes) -> float:
    """Return the time that the beginning of a file tells, NaN if it tells none."""
    try:
        return float(head[_HEX:].partition(b"\n")[0])
    except ValueError:
        return float("nan")
