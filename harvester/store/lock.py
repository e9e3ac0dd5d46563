"""Who may change a catalogue, and which generations are in use: two kinds of file lock.

Both are flock locks, which the kernel takes back when their process dies, however it dies.
"""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from harvester.errors import Locked

PATIENCE = 0.2
"""Seconds to ask for the run lock: longer than `holder` ever looks at it, short enough to be "at once"."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The run that holds a catalogue. `since` is ISO 8601, `owner` says what it does."""

    pid: int
    host: str
    since: str
    owner: str

    def __str__(self) -> str:
        return f"{self.owner} (process {self.pid} on {self.host}, since {self.since})"


@contextmanager
def run_lock(folder: Path, owner: str, now: datetime) -> Iterator[None]:
    """Hold the one right to change the catalogue in `folder`. Raises Locked if another run has it."""
    lock = FileLock(folder / "lock", thread_local=False)
    try:
        lock.acquire(timeout=PATIENCE, poll_interval=PATIENCE / 4)
    except Timeout as error:
        who = _read_holder(folder) or "a run that has not said who it is"
        raise Locked(
            f"{folder} is held by {who}", fix="wait for it to end; `harvester status` shows when it has"
        ) from error
    try:
        _write_holder(folder, Holder(os.getpid(), socket.gethostname(), now.isoformat("T", "seconds"), owner))
        yield
    finally:
        with suppress(OSError):  # a note that stays behind is not believed once the lock is free
            _note(folder).unlink()
        lock.release()


def holder(folder: Path) -> Holder | None:
    """Return who holds the catalogue in `folder`, None if nobody does. Writes nothing."""
    found = _read_holder(folder)
    if found is None:
        return None
    try:
        descriptor = os.open(folder / "lock", os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        # A note without a lock was left by a run that was killed.
        return None if _flock(descriptor, fcntl.LOCK_SH) else found
    finally:
        os.close(descriptor)


def _note(folder: Path) -> Path:
    return folder / "lock.holder.json"


def _write_holder(folder: Path, value: Holder) -> None:
    beside = folder / "lock.holder.json.next"
    beside.write_text(json.dumps(asdict(value)), encoding="utf-8")
    beside.replace(_note(folder))


def _read_holder(folder: Path) -> Holder | None:
    try:
        return Holder(**json.loads(_note(folder).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):  # none, or not one of ours
        return None


class Pin:
    """A reader's hold on a folder, which is not removed as long as the pin exists."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: Path) -> Self | None:
        """Pin `folder`; None if it is not there or about to go. Raises OSError."""
        return cls._lock(folder, fcntl.LOCK_SH)

    @classmethod
    def take_alone(cls, folder: Path) -> Self | None:
        """Pin `folder` against new readers too; None if it has readers or is not there. Raises OSError."""
        return cls._lock(folder, fcntl.LOCK_EX)

    @classmethod
    def _lock(cls, folder: Path, how: int) -> Self | None:
        try:
            pin = cls(os.open(folder, os.O_RDONLY | os.O_DIRECTORY))
        except FileNotFoundError:
            return None
        return pin if pin._holds(folder, how) else None

    def _holds(self, folder: Path, how: int) -> bool:
        if not _flock(self._descriptor, how):
            return False
        try:  # between open and flock it may have been removed
            return os.path.samestat(os.fstat(self._descriptor), folder.stat())
        except FileNotFoundError:
            return False

    def __del__(self) -> None:
        os.close(self._descriptor)


def _flock(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
