"""What a portal said last, to ask it less the next time: a cache beside the generations.

    catalogue/memory/<portal>.sqlite

It may be lost without harm, and nothing in it is believed by itself: what it says of a record counts only
while the current generation holds that record with the digest that is noted here.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from harvester.model import Kind
from harvester.store.pages import PageNote
from harvester.store.roll import Stamp

_log = logging.getLogger(__name__)

_KINDS = frozenset(Kind)
_FORMAT = 2
_SCHEMA = f"""
BEGIN;
PRAGMA user_version = {_FORMAT};
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE stamps (
  kind TEXT, id TEXT, stamp TEXT, graph TEXT, digest TEXT, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE pages (
  url TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, page TEXT
) WITHOUT ROWID;
COMMIT;
"""
_LAST_FULL, _SETTINGS = "last full harvest", "settings"
_FACT = "SELECT value FROM facts WHERE name = ?"


@dataclass(frozen=True, slots=True)
class LastFull:
    """A full harvest: all that it said is of `at` or later, and in each generation that tells of `run`."""

    at: datetime
    run: str


class Memory:
    """The memory of one portal, in the catalogue at `path`. What cannot be read or written is forgotten."""

    def __init__(self, path: Path, portal: str) -> None:
        self._path = path / "memory" / f"{quote(portal, safe='')}.sqlite"
        self._looked_over = False

    def last_full(self) -> LastFull | None:
        """Return the last full harvest that saw the whole portal, None if that is not known."""
        said = next((value for (value,) in self._read(_FACT, (_LAST_FULL,))), "")
        try:
            at, run = said.split(" ")
            return LastFull(datetime.fromisoformat(at), run)
        except ValueError:
            return None

    def stamps(self) -> Iterator[Stamp]:
        """Yield the stamps of the last run."""
        for kind, *rest in self._read("SELECT kind, id, stamp, graph, digest FROM stamps"):
            if kind in _KINDS:
                yield Stamp(Kind(kind), *rest)

    def pages(self) -> Iterator[PageNote]:
        """Yield the pages that came with validators."""
        yield from (PageNote(*row) for row in self._read("SELECT url, etag, last_modified, page FROM pages"))

    def settings(self) -> str:
        """Return the fingerprint of the settings of the last run, "" if there was none."""
        return next((value for (value,) in self._read(_FACT, (_SETTINGS,))), "")

    def write(
        self,
        stamps: Iterable[Stamp],
        pages: Iterable[PageNote],
        *,
        last_full: LastFull | None,
        settings: str,
    ) -> None:
        """Replace all that is remembered, at once."""
        facts = [(_SETTINGS, settings)]
        if last_full:
            facts.append((_LAST_FULL, f"{last_full.at.isoformat()} {last_full.run}"))
        with self._forgiving(), self._open() as db, db:
            for table in ("facts", "stamps", "pages"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608  # one of three
            db.executemany("INSERT INTO facts VALUES (?, ?)", facts)
            db.executemany(
                "INSERT OR REPLACE INTO stamps VALUES (?, ?, ?, ?, ?)",
                ((s.kind, s.id, s.stamp, s.graph, s.digest) for s in stamps),
            )
            db.executemany(
                "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)",
                ((p.url, p.etag, p.last_modified, p.page) for p in pages),
            )

    def _read(self, query: str, values: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        if self._path.exists():
            with self._forgiving(), self._open() as db:
                yield from db.execute(query, values)

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Let what the disk refuses cost the memory only."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            _log.warning("%s cannot be used (%s): the next run reads everything again", self._path, error)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file, anew if it is damaged or of another format."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._looked_over and not self._is_sound():
            self._path.unlink()
        self._looked_over = True
        fresh = not self._path.exists()
        with closing(sqlite3.connect(self._path)) as db:
            if fresh:
                db.executescript(_SCHEMA)
            yield db

    def _is_sound(self) -> bool:
        if not self._path.exists():
            return True
        try:
            with closing(sqlite3.connect(self._path)) as db:
                (found,) = db.execute("PRAGMA user_version").fetchone()
                (verdict,) = db.execute("PRAGMA quick_check").fetchone()
        except sqlite3.DatabaseError:
            return False
        return bool(found == _FORMAT and verdict == "ok")
