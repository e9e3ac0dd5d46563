"""What the links of a catalogue came to when they were asked: a cache beside the generations.

    catalogue/links.sqlite

It may be lost without harm: the links are then asked again.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from harvester.errors import StoreError
from harvester.portal.links import Link, host_of, named

log = logging.getLogger(__name__)

_FORMAT = 1
_SCHEMA = f"""
BEGIN;
PRAGMA user_version = {_FORMAT};
CREATE TABLE links (
  url TEXT PRIMARY KEY, host TEXT NOT NULL, seen REAL NOT NULL, status INTEGER, why TEXT, checked REAL
) WITHOUT ROWID;
COMMIT;
"""
"""Times are seconds since 1970; the last three columns are NULL while a link was never asked."""
_PLAN = """
CREATE TEMP TABLE plan (host TEXT, number INTEGER, url TEXT, PRIMARY KEY (host, number)) WITHOUT ROWID
"""
_DUE = """
seen = :now AND (checked IS NULL OR checked > :now
  OR checked <= :now - CASE WHEN status BETWEEN 200 AND 299 THEN :fresh ELSE :retry END)
"""
"""What was checked in the future was checked by a clock that went wrong."""
_FILL = f"""
INSERT INTO temp.plan (host, number, url)
SELECT host, row_number() OVER (ORDER BY checked IS NOT NULL, checked, rank, url) AS number, url
FROM (
  SELECT host, url, checked,
    row_number() OVER (PARTITION BY host ORDER BY checked IS NOT NULL, checked, url) AS rank
  FROM links WHERE {_DUE}
)
WHERE rank <= :per_host ORDER BY number LIMIT :most
"""  # noqa: S608  # nothing of it comes from outside
"""Of those never asked, the first of each host come first, then the second of each."""
_ENLIST = """
INSERT INTO links (url, host, seen) VALUES (?, ?, ?) ON CONFLICT (url) DO UPDATE SET seen = excluded.seen
"""
_NOTE = "UPDATE links SET status = ?, why = ?, checked = ? WHERE url = ?"
_NO_LIMIT = 2**62
_AT_ONCE = 500
"""SQLite allowed 999 parameters for long."""


class LinkCache:
    """The links of the catalogue in the folder `path`, in a file that one process writes at a time.

    `LinkChecker` enlists, plans and notes; `status` is for everybody. Where the file cannot be opened, a
    temporary one takes its place, so that only what is remembered is lost. Raises StoreError when the disk
    refuses later on. To be used by the thread that made it, and closed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path / "links.sqlite"

    @cached_property
    def _db(self) -> sqlite3.Connection:
        try:
            db = _opened(self._path)
        except (OSError, sqlite3.Error) as error:
            log.warning("%s cannot be used (%s): all links are asked again", self._path, error)
            db = _made("")  # SQLite's own temporary file
        db.execute(_PLAN)
        return db

    def status(self, urls: Iterable[str]) -> Mapping[str, Link]:
        """Return what is known of `urls`, as many as fit into memory; those never asked are left out."""
        if "_db" not in vars(self) and not self._path.exists():
            return {}  # where links are not checked, no file is made
        wanted = list(urls)
        keys = list({named(url) for url in wanted if host_of(url)})
        found: dict[str, Link] = {}
        with self._telling():
            for start in range(0, len(keys), _AT_ONCE):
                found.update(self._look_up(keys[start : start + _AT_ONCE]))
        return {url: found[key] for url in wanted if (key := named(url)) in found}

    def _look_up(self, keys: list[str]) -> Iterator[tuple[str, Link]]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT url, status, why, checked FROM links WHERE checked IS NOT NULL AND url IN ({marks})"  # noqa: S608
        for url, status, why, checked in self._db.execute(query, keys):
            yield url, Link(url, status, why, datetime.fromtimestamp(checked, UTC))

    def enlist(self, links: Iterable[tuple[str, str]], now: datetime, /) -> int:
        """See `harvester.portal.links.Cache`; `links` are streamed in."""
        seen = now.timestamp()
        with self._telling(), self._db:
            self._db.executemany(_ENLIST, ((url, host, seen) for url, host in links))
            return self._count("seen = :now", {"now": seen})

    def plan(
        self, now: datetime, *, fresh: timedelta, retry: timedelta, most: int | None, per_host: int | None
    ) -> int:
        """See `harvester.portal.links.Cache`."""
        values: dict[str, float] = {
            "now": now.timestamp(),
            "fresh": fresh.total_seconds(),
            "retry": retry.total_seconds(),
        }
        limits = {
            "most": _NO_LIMIT if most is None else most,
            "per_host": _NO_LIMIT if per_host is None else per_host,
        }
        with self._telling(), self._db:
            self._db.execute("DELETE FROM temp.plan")
            self._db.execute(_FILL, values | limits)
            return self._count(_DUE, values)

    def hosts(self) -> Iterator[str]:
        """See `harvester.portal.links.Cache`."""
        with self._telling():
            for (host,) in self._db.execute("SELECT DISTINCT host FROM temp.plan"):
                yield host

    def following(self, host: str, number: int, /) -> tuple[int, str] | None:
        """See `harvester.portal.links.Cache`."""
        query = "SELECT number, url FROM temp.plan WHERE host = ? AND number > ? ORDER BY number LIMIT 1"
        with self._telling():
            found: tuple[int, str] | None = self._db.execute(query, (host, number)).fetchone()
        return found

    def note(self, link: Link, /) -> None:
        """See `harvester.portal.links.Cache`."""
        values = (link.status, link.why, link.checked.timestamp(), link.url)
        with self._telling(), self._db:
            self._db.execute(_NOTE, values)

    def forget(self, before: datetime, /) -> None:
        """See `harvester.portal.links.Cache`."""
        with self._telling(), self._db:
            self._db.execute("DELETE FROM links WHERE seen < ?", (before.timestamp(),))

    def close(self) -> None:
        """Close the file."""
        if db := vars(self).pop("_db", None):
            db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _count(self, condition: str, values: Mapping[str, float]) -> int:
        (number,) = self._db.execute(f"SELECT count(*) FROM links WHERE {condition}", values).fetchone()  # noqa: S608
        return int(number)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(
                f"{self._path} cannot be read or written: {error}",
                fix="check the disk; the file may be deleted, the links are then asked again",
            ) from error


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file, anew if it is damaged or of another format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not _is_sound(path):
        for part in ("", "-wal", "-shm"):
            path.with_name(path.name + part).unlink(missing_ok=True)
    db = _made(str(path)) if not path.exists() else sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")  # a result is kept by one write, without waiting for the disk
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def _made(name: str) -> sqlite3.Connection:
    db = sqlite3.connect(name)
    db.executescript(_SCHEMA)
    return db


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as db:
            (found,) = db.execute("PRAGMA user_version").fetchone()
            (verdict,) = db.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError:
        return False
    return bool(found == _FORMAT and verdict == "ok")
