"""The ledger of one run: which records were known, which were seen, and what became of them.

A scratch SQLite file in the staged generation, so that memory does not grow with the catalogue.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from harvester.model import Kind, Record


class Sighting(StrEnum):
    """What a look at a record says."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    """Seen before in this run, with the same description."""
    MERGED = "merged"
    """Seen before in this run, with another description: both are kept."""


@dataclass(frozen=True, slots=True)
class Known:
    """A record as the last generation knows it."""

    graph: str
    kind: Kind
    resource: str
    digest: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record in this run. `digest` covers all its `descriptions`, mostly one."""

    graph: str
    kind: Kind
    resource: str
    digest: str
    source: str
    ids: tuple[str, ...]
    change: Sighting
    descriptions: int = 1


_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE known (graph TEXT PRIMARY KEY, kind TEXT, resource TEXT, digest TEXT, ids TEXT) WITHOUT ROWID;
CREATE TABLE known_ids (id TEXT, graph TEXT, PRIMARY KEY (id, graph)) WITHOUT ROWID;
CREATE TABLE seen (
  graph TEXT, digest TEXT, kind TEXT, resource TEXT, source TEXT, PRIMARY KEY (graph, digest)
) WITHOUT ROWID;
CREATE TABLE ids (id TEXT, graph TEXT, resource TEXT, kind TEXT, PRIMARY KEY (id, graph)) WITHOUT ROWID;
CREATE INDEX ids_by_graph ON ids (graph);
"""


_KNOWN = "SELECT graph, kind, resource, digest, ids FROM known"


class Ledger:
    """Open a new ledger at `path`; the file must not exist."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Close the file; the ledger is of no use afterwards."""
        self._db.close()

    def remember(self, records: Iterable[Known]) -> None:
        """Note what the last generation knows."""
        for r in records:
            row = (r.graph, r.kind, r.resource, r.digest, " ".join(r.ids))
            self._db.execute("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?)", row)
            self._db.executemany(
                "INSERT OR IGNORE INTO known_ids VALUES (?, ?)", ((i, r.graph) for i in r.ids)
            )

    def known(self, graph: str) -> Known | None:
        """Return a record as the last generation knows it."""
        row = self._db.execute(f"{_KNOWN} WHERE graph = ?", (graph,)).fetchone()
        return row and _known(row)

    def known_as(self, id_: str) -> Known | None:
        """Return the record that the last generation knows by a portal id."""
        row = self._db.execute("SELECT graph FROM known_ids WHERE id = ?", (id_,)).fetchone()
        return row and self.known(row[0])

    def keep(self, known: Known) -> None:
        """Note that a record stays as the last generation has it, though it could not be read."""
        if not self.has_seen(known.graph):
            row = (known.graph, known.digest, known.kind, known.resource, "")
            self._db.execute("INSERT INTO seen VALUES (?, ?, ?, ?, ?)", row)
            ids = ((i, known.graph, known.resource, known.kind) for i in known.ids)
            self._db.executemany("INSERT OR IGNORE INTO ids VALUES (?, ?, ?, ?)", ids)

    def see(self, record: Record) -> Sighting:
        """Note a record of this run and say how it compares."""
        graph, digest = record.graph, record.digest
        before = [d for (d,) in self._db.execute("SELECT digest FROM seen WHERE graph = ?", (graph,))]
        for id_ in record.ids:
            self.name(id_, record)
        if digest in before:
            return Sighting.REPEATED
        self._db.execute(
            "INSERT INTO seen VALUES (?, ?, ?, ?, ?)",
            (graph, digest, record.kind, record.resource, record.source),
        )
        if before:
            return Sighting.MERGED
        known = self._db.execute("SELECT digest FROM known WHERE graph = ?", (graph,)).fetchone()
        return _compare(known and known[0], digest)

    def name(self, id_: str, record: Record) -> None:
        """Note that the portal knows a record by `id_`."""
        self._db.execute(
            "INSERT OR IGNORE INTO ids VALUES (?, ?, ?, ?)", (id_, record.graph, record.resource, record.kind)
        )

    def has_seen(self, graph: str) -> bool:
        """Tell whether a record with this graph was seen in this run."""
        return self._db.execute("SELECT 1 FROM seen WHERE graph = ?", (graph,)).fetchone() is not None

    def resources(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the IRIs that the catalogue uses for those portal ids that this run has seen."""
        found: dict[str, str] = {}
        for id_ in ids:
            row = self._db.execute("SELECT resource FROM ids WHERE id = ?", (id_,)).fetchone()
            if row:
                found[id_] = row[0]
        return found

    def known_resources(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the IRIs that the last generation uses for those portal ids that it knows."""
        return {id_: known.resource for id_ in ids if (known := self.known_as(id_))}

    def ids_of(self, graph: str) -> tuple[str, ...]:
        """Return the portal ids seen for one record, sorted."""
        return tuple(
            i for (i,) in self._db.execute("SELECT id FROM ids WHERE graph = ? ORDER BY id", (graph,))
        )

    def absent(self, kinds: Iterable[Kind]) -> Iterator[Known]:
        """Yield the known records of these kinds that were not seen, ordered by graph."""
        marks = list(kinds)
        places = ", ".join("?" * len(marks))
        rows = self._db.execute(
            f"{_KNOWN} WHERE kind IN ({places})"  # noqa: S608  # only question marks are put in
            " AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.graph = known.graph) ORDER BY graph",
            marks,
        )
        yield from map(_known, rows.fetchall())

    def known_count(self) -> int:
        """Return how many records the last generation knows."""
        return int(self._db.execute("SELECT count(*) FROM known").fetchone()[0])

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what became of each record seen, ordered by graph."""
        rows = self._db.execute(
            "SELECT s.graph, min(s.kind), s.resource, group_concat(s.digest, ' '), min(s.source), k.digest"
            " FROM seen s LEFT JOIN known k ON k.graph = s.graph GROUP BY s.graph ORDER BY s.graph"
        )
        for graph, kind, resource, digests, source, known in rows:
            parts = digests.split()
            digest = _join(parts)
            change = _compare(known, digest)
            yield Outcome(graph, Kind(kind), resource, digest, source, self.ids_of(graph), change, len(parts))


def _known(row: tuple[str, str, str, str, str]) -> Known:
    graph, kind, resource, digest, ids = row
    return Known(graph, Kind(kind), resource, digest, tuple(ids.split()))


def _compare(known: str | None, digest: str) -> Sighting:
    if known is None:
        return Sighting.ADDED
    return Sighting.UNCHANGED if known == digest else Sighting.CHANGED


def _join(digests: list[str]) -> str:
    """Return one digest for all descriptions of a record, whatever order they came in."""
    return digests[0] if len(digests) == 1 else sha256(" ".join(sorted(digests)).encode()).hexdigest()
