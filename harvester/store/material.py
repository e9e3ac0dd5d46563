"""What a run has taken in, as far as rules need it: a scratch file, and which resources are affected.

So that rules can be run at the end, when all that bears on a record is known, without reading it back from
the store.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Self

from harvester.model import Kind, Record

POINTING = frozenset({Kind.REUSE, Kind.COMMUNITY_RESOURCE, Kind.TOPIC, Kind.POST, Kind.DISCUSSION})
"""Kinds of records that say something of other resources: `<dataset> dct:isReferencedBy <reuse>`."""

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE notes (graph TEXT PRIMARY KEY, start INT, length INT) WITHOUT ROWID;
CREATE TABLE affected (resource TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE points (resource TEXT, graph TEXT, PRIMARY KEY (resource, graph)) WITHOUT ROWID;
"""


class Material:
    """Scratch files in `folder`; `predicates` (tokens) are those whose statements rules see."""

    def __init__(self, folder: Path, predicates: Collection[bytes]) -> None:
        self.predicates = predicates
        self._db = sqlite3.connect(folder / "material.sqlite", isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")
        self._file = (folder / "material.nt").open("w+b", buffering=1 << 20)
        self._size = 0

    def close(self) -> None:
        """Close the files."""
        self._db.close()
        self._file.close()

    def note(self, record: Record) -> None:
        """Keep what rules need of a new or changed record; it, and what it points at, is affected."""
        lines = ntriples_of(record)
        text = b"".join([line for line in lines if line.split(b" ", 2)[1] in self.predicates])
        seen = self._db.execute("SELECT 1 FROM notes WHERE graph = ?", (record.graph,)).fetchone()
        if seen:  # described twice: both stand in the store
            self._db.execute("UPDATE notes SET length = -1 WHERE graph = ?", (record.graph,))
        else:
            self._db.execute("INSERT INTO notes VALUES (?, ?, ?)", (record.graph, self._size, len(text)))
            self._file.seek(self._size)
            self._file.write(text)
            self._size += len(text)
        self.affect([record.resource])
        if record.kind in POINTING:
            own = f"<{record.resource}>".encode()
            subjects = {line.split(b" ", 1)[0] for line in lines} - {own}
            named = [subject[1:-1].decode() for subject in subjects if subject[:1] == b"<"]
            self.affect(named)
            self._db.executemany(
                "INSERT OR IGNORE INTO points VALUES (?, ?)", ((iri, record.graph) for iri in named)
            )

    def affect(self, resources: Iterable[str]) -> None:
        """Let these resources be gone through, for a reason of their own."""
        self._db.executemany("INSERT OR IGNORE INTO affected VALUES (?)", ((iri,) for iri in resources))

    def affected(self) -> Iterator[str]:
        """Yield the resources that are to be gone through, in order."""
        cursor = self._db.execute("SELECT resource FROM affected ORDER BY resource")
        while rows := cursor.fetchmany(1_000):
            yield from (iri for (iri,) in rows)

    def pointing_at(self, resource: str) -> list[str]:
        """Return the graphs of records of this run that say something of a resource."""
        rows = self._db.execute("SELECT graph FROM points WHERE resource = ? ORDER BY 1", (resource,))
        return [graph for (graph,) in rows]

    def of(self, graph: str) -> bytes | None:
        """Return what was noted of a record, as N-Triples; None if nothing was, or not all."""
        row = self._db.execute("SELECT start, length FROM notes WHERE graph = ?", (graph,)).fetchone()
        if row is None or row[1] < 0:
            return None
        self._file.seek(row[0])
        return self._file.read(row[1])

    def is_whole(self, graph: str) -> bool:
        """Tell whether nothing of a record was described in this run, or all of it is noted."""
        row = self._db.execute("SELECT length FROM notes WHERE graph = ?", (graph,)).fetchone()
        return row is None or row[0] >= 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ntriples_of(record: Record) -> list[bytes]:
    """Return the statements of a record as lines of N-Triples."""
    return record.nquads.replace(f" <{record.graph}> .\n".encode(), b" .\n").splitlines(True)
