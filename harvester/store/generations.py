"""A catalogue on disk: a folder of immutable generations, one of which is current.

    catalogue/
      current -> generations/20260131T020000Z     switched by one rename
      generations/20260131T020000Z/
        manifest.json  store/  context.jsonld
      runs/20260131T020000Z-1f2e.json             the journal: how each run went
      lock  lock.holder.json                      the run that is writing, if any

A generation gets its name only when all of it is on disk and verified, and is never changed afterwards.
So a crash or a loss of power leaves the last one current, and at most folders named `.partial`, `.scratch` or
`.dropped`, which the next run removes.
"""

import errno
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harvester.errors import StoreError, UsageError
from harvester.store.generation import Generation
from harvester.store.local import disk_errors, remove_tree, sync
from harvester.store.lock import Holder, Pin, holder, run_lock
from harvester.store.manifest import Manifest
from harvester.store.stage import PARTIAL, SCRATCH, Stage

__all__ = ["Catalogue", "Generation", "Stage"]

ID = re.compile(r"(\d{8}T\d{6}Z)(?:-(\d+))?")
_DROPPED = ".dropped"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pruned:
    """Generations that were removed, and those that would have been, were they not in use."""

    removed: tuple[str, ...]
    in_use: tuple[str, ...]


class Catalogue:
    """A catalogue in the folder `path`, which need not exist yet. `clock` tells the time, in UTC."""

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self._folder = path / "generations"
        self._link = path / "current"
        self._clock = clock
        self._locked = False

    def current(self) -> Generation | None:
        """Return the current generation, None if nothing was published yet. Raises StoreError."""
        before = None
        with disk_errors(self.path):
            while (id_ := self._current_id()) != before:
                if pin := id_ and Pin.take(self._folder / id_):
                    return Generation(self._folder / id_, pin)
                before = id_  # removed since it was read: then `current` has moved on
        if before is None:
            return None
        raise StoreError(
            f"{self._link} points to generation {before}, which is not there",
            fix="restore the folder from a backup, or remove `current` and harvest again",
        )

    def require(self) -> Generation:
        """Return the current generation. Raises StoreError, saying what to do, if there is none."""
        generation = self.current()
        if generation is None:
            self.check()
            raise StoreError(
                f"{self.path} holds no catalogue yet",
                fix=f"harvester harvest https://www.data.gouv.fr --store {self.path}",
            )
        return generation

    def check(self) -> None:
        """Raise StoreError if the folder holds other files, or cannot be read. It need not exist."""
        with disk_errors(self.path):
            self._refuse_other_folders()

    def generations(self) -> list[Generation]:
        """Return all generations, newest first. Raises StoreError."""
        with disk_errors(self.path):
            pins = [(id_, Pin.take(self._folder / id_)) for id_ in self._ids()]
        return [Generation(self._folder / id_, pin) for id_, pin in pins if pin]

    def holder(self) -> Holder | None:
        """Return the run that is writing to the catalogue, None if there is none. Raises StoreError."""
        with disk_errors(self.path):
            return holder(self.path)

    @contextmanager
    def lock(self, owner: str) -> Iterator[None]:
        """Hold the right to change the catalogue for a `with` block; `owner` is what others are told.

        Makes the folder if need be, and removes what killed runs left in it. Raises Locked at once if another
        run has it, and StoreError.
        """
        with ExitStack() as stack:
            with disk_errors(self.path):
                self._refuse_other_folders()
                self._make_folders()
                stack.enter_context(run_lock(self.path, owner, self._clock()))
                self._remove_litter()
            self._locked = True
            try:
                yield
            finally:
                self._locked = False

    def stage(self, run_id: str) -> Stage:
        """Begin a generation, copying the current one, if there is one. Needs the lock. Raises StoreError."""
        self._need_lock()
        now = self._clock()
        with disk_errors(self.path):
            path = self._folder / (self._next_id(now) + PARTIAL)
        return Stage(path, run_id=run_id, created=now, base=self.current(), admit=self._admit)

    def switch(self, generation: Generation) -> None:
        """Make another generation current, for all readers at once. Needs the lock. Raises StoreError."""
        self._need_lock()
        with disk_errors(self.path):
            beside = self.path / "current.next"
            beside.unlink(missing_ok=True)
            beside.symlink_to(Path(self._folder.name, generation.id))
            beside.replace(self._link)
            sync(self.path)

    def find(self, name: str) -> Generation:
        """Return the generation of this id, or whose id alone begins so. Raises UsageError, StoreError."""
        generations = self.generations()
        found = [g for g in generations if g.id == name] or [g for g in generations if g.id.startswith(name)]
        if name and len(found) == 1:
            return found[0]
        what = "more than one generation begins with" if name and found else "there is no generation"
        known = ", ".join(generation.id for generation in generations)
        raise UsageError(
            f"{what} {name!r} in {self.path}", fix=f"name one of {known or 'none: harvest first'}"
        )

    def before(self, generation: Generation) -> Generation | None:
        """Return the next older generation, None if there is none. Raises StoreError."""
        older = (other for other in self.generations() if order(other.id) < order(generation.id))
        return next(older, None)

    def prune(self, keep: int) -> Pruned:
        """Remove generations but for the newest `keep` of each portal, the current one and those in use.

        The portal is that of the run that published it. Those whose manifest cannot be read count as another
        portal's. Needs the lock. Raises StoreError.
        """
        self._need_lock()
        with disk_errors(self.path):
            old = self._superfluous(max(keep, 1))
        removed: list[str] = []
        in_use: list[str] = []
        for id_ in old:
            try:
                (removed if self._drop(id_) else in_use).append(id_)
            except OSError as error:  # a catalogue that serves is worth more than a tidy one: next run, again
                _log.warning("generation %s cannot be removed: %s", id_, error)
        return Pruned(tuple(removed), tuple(in_use))

    def _superfluous(self, keep: int) -> list[str]:
        kept: Counter[str | None] = Counter()
        old = []
        current = self._current_id()
        for id_ in self._ids():
            portal = self._portal_of(id_)
            kept[portal] += 1
            if kept[portal] > keep and id_ != current:
                old.append(id_)
        return old

    def _portal_of(self, id_: str) -> str | None:
        """Return the portal whose run published a generation, "" if not said, None if unreadable."""
        try:
            return str(Manifest.read(self._folder / id_).facts.get("portal", ""))
        except (OSError, StoreError):
            return None

    def _drop(self, id_: str) -> bool:
        """Remove a generation, unless it is in use."""
        path = self._folder / id_
        alone = Pin.take_alone(path)
        if alone is None:
            _log.info("generation %s is being read: the next run removes it", id_)
            return False
        # Renamed first, so that half a generation never goes by its name.
        remove_tree(path.rename(path.with_name(id_ + _DROPPED)))
        return True

    def _admit(self, partial: Path, keep: int) -> Generation:
        self._need_lock()
        path = partial.rename(partial.with_name(partial.stem))
        sync(self._folder)
        pin = Pin.take(path)
        assert pin is not None  # noqa: S101  # only the holder of the lock removes generations
        generation = Generation(path, pin)
        self.switch(generation)
        self.prune(keep)
        return generation

    def _current_id(self) -> str | None:
        try:
            target = self._link.readlink()
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            raise StoreError(
                f"{self._link} is not a symbolic link", fix="copy catalogues with `cp -a`, which keeps links"
            ) from error
        if target.parent.name != self._folder.name or not ID.fullmatch(target.name):
            raise StoreError(
                f"{self._link} points to {target}, which is no generation", fix="remove it and harvest again"
            )
        return target.name

    def _ids(self) -> list[str]:
        """List the generations by name, newest first."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return []
        return sorted(filter(ID.fullmatch, names), key=order, reverse=True)

    def _next_id(self, now: datetime) -> str:
        """Name a new generation by the time, or after the newest one if the clock does not go beyond it."""
        stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        newest = max((order(id_) for id_ in self._ids()), default=("", 0))
        return stamp if (stamp, 0) > newest else f"{newest[0]}-{newest[1] + 1}"

    def _refuse_other_folders(self) -> None:
        try:
            occupied = any(self.path.iterdir())
        except FileNotFoundError:
            return
        if occupied and not self._folder.is_dir():
            raise StoreError(
                f"{self.path} holds other files, not a catalogue",
                fix="name another folder by --store; it is made if it does not exist",
            )

    def _make_folders(self) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True, exist_ok=True)
            sync(self.path)
            sync(self.path.absolute().parent)

    def _remove_litter(self) -> None:
        for path in self._folder.iterdir():
            if path.suffix in {PARTIAL, SCRATCH, _DROPPED} and ID.fullmatch(path.name.partition(".")[0]):
                remove_tree(path)

    def _need_lock(self) -> None:
        if not self._locked:
            raise RuntimeError("changing a catalogue needs its lock")


def order(id_: str) -> tuple[str, int]:
    """Return a key that sorts the names of generations by age: `…Z-2` is the third of its second."""
    match = ID.fullmatch(id_)
    return (match[1], int(match[2] or 0)) if match else ("", 0)
