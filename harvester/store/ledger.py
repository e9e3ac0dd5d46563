"""The ledger of one run: which records were known, which were seen, and what became of them.

A scratch SQLite file in the staged generation, so that memory does not grow with the catalogue.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
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
class Absence:
    """A record that the portal no longer lists, but that is kept: `why`, and for how many `runs` in a row."""

    why: str
    since: str
    runs: int


@dataclass(frozen=True, slots=True)
class Known:
    """A record as the last generation knows it. `merged`: the portal describes it more than once."""

    graph: str
    kind: Kind
    resource: str
    digest: str
    ids: tuple[str, ...] = ()
    merged: bool = False
    absence: Absence | None = None


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
CREATE TABLE known (
  graph TEXT PRIMARY KEY, kind TEXT, resource TEXT, digest TEXT, merged INT, absence TEXT
) WITHOUT ROWID;
CREATE TABLE known_ids (id TEXT, graph TEXT, PRIMARY KEY (id, graph)) WITHOUT ROWID;
CREATE INDEX known_ids_by_graph ON known_ids (graph);
CREATE TABLE seen (
  graph TEXT, digest TEXT, kind TEXT, resource TEXT, source TEXT, sure INT, listed INT,
  PRIMARY KEY (graph, digest)
) WITHOUT ROWID;
CREATE TABLE ids (id TEXT, graph TEXT, resource TEXT, kind TEXT, PRIMARY KEY (id, graph)) WITHOUT ROWID;
CREATE INDEX ids_by_graph ON ids (graph);
"""


_KNOWN = """
SELECT graph, kind, resource, digest, merged, absence,
  (SELECT group_concat(id, ' ') FROM known_ids i WHERE i.graph = known.graph) FROM known
"""


_CURRENT = "seen.sure AND (seen.listed OR seen.kind <> :dataset)"
_BY_ID = """
SELECT i.resource FROM ids i LEFT JOIN seen s ON s.graph = i.graph
WHERE i.id = ? ORDER BY s.listed DESC LIMIT 1
"""
_OUTCOMES = """
SELECT s.graph, min(s.kind), s.resource, group_concat(s.digest, ' '), min(s.source), k.digest
FROM seen s LEFT JOIN known k ON k.graph = s.graph GROUP BY s.graph {having} ORDER BY s.graph
"""


class Ledger:
    """Open a new ledger at `path`; the file must not exist."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.executescript(_SCHEMA)
        self.db.execute("BEGIN")

    def close(self) -> None:
        """Close the file; the ledger is of no use afterwards."""
        self.db.close()

    def remember(self, records: Iterable[Known], ids: Iterable[tuple[str, str]] = ()) -> None:
        """Note what the last generation knows: records, and which portal `ids` (graph, id) they have."""
        for r in records:
            absence = r.absence and json.dumps(astuple(r.absence))
            row = (r.graph, r.kind, r.resource, r.digest, r.merged, absence)
            self.db.execute("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?, ?)", row)
            if r.ids:
                self._note_ids((r.graph, id_) for id_ in r.ids)
        self._note_ids(ids)

    def _note_ids(self, ids: Iterable[tuple[str, str]]) -> None:
        self.db.executemany("INSERT OR IGNORE INTO known_ids (graph, id) VALUES (?, ?)", ids)

    def known(self, graph: str) -> Known | None:
        """Return a record as the last generation knows it."""
        row = self.db.execute(f"{_KNOWN} WHERE graph = ?", (graph,)).fetchone()
        return row and _known(row)

    def known_as(self, id_: str) -> Known | None:
        """Return the record that the last generation knows by a portal id."""
        where = "WHERE graph IN (SELECT graph FROM known_ids WHERE id = ?)"
        row = self.db.execute(f"{_KNOWN} {where}", (id_,)).fetchone()
        return row and _known(row)

    def keep(self, known: Known, *, sure: bool = False, listed: bool = True) -> None:
        """Note that a record stays as the last generation has it: for it is `sure`, or cannot be read.

        `listed`: the portal does list it. Only then do its ids lead to it: they may lead elsewhere by now.
        """
        if not self.has_seen(known.graph):
            row = (known.graph, known.digest, known.kind, known.resource, "", sure, listed)
            self.db.execute("INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            ids = ((i, known.graph, known.resource, known.kind) for i in known.ids if listed)
            self.db.executemany("INSERT OR IGNORE INTO ids VALUES (?, ?, ?, ?)", ids)

    def keep_all(self, where: str, values: Mapping[str, object]) -> None:
        """Keep, for sure, the unseen ones of the known records that an SQL condition on `known k` picks."""
        unseen = f"({where}) AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.graph = k.graph)"  # noqa: S608
        self.db.execute(
            "INSERT OR IGNORE INTO ids SELECT i.id, k.graph, k.resource, k.kind"  # noqa: S608  # ours
            f" FROM known k JOIN known_ids i ON i.graph = k.graph WHERE {unseen}",
            values,
        )
        self.db.execute(
            "INSERT INTO seen SELECT k.graph, k.digest, k.kind, k.resource, '', 1, 1"  # noqa: S608
            f" FROM known k WHERE {unseen}",
            values,
        )

    def keep_unseen(self, kinds: Iterable[Kind]) -> None:
        """Keep, for sure, all known records of these kinds that were not seen."""
        for kind in kinds:
            self.keep_all("k.kind = :kind", {"kind": kind})

    def keep_unseen_but(self, kind: Kind, resources: Iterable[str]) -> None:
        """Keep, for sure, all known records of a kind that were not seen, but those of `resources`."""
        named = json.dumps(list(resources))
        self.keep_all(
            "k.kind = :kind AND k.resource NOT IN (SELECT value FROM json_each(:named))",
            {"kind": kind, "named": named},
        )

    def ids_of_kind(self, kind: Kind, most: int) -> list[str]:
        """Return portal ids of records of a kind that this run has seen, at most so many."""
        rows = self.db.execute("SELECT DISTINCT id FROM ids WHERE kind = ? ORDER BY id LIMIT ?", (kind, most))
        return [id_ for (id_,) in rows]

    def see(self, record: Record) -> Sighting:
        """Note a record of this run and say how it compares."""
        graph, digest = record.graph, record.digest
        before = [d for (d,) in self.db.execute("SELECT digest FROM seen WHERE graph = ?", (graph,))]
        for id_ in record.ids:
            self.name(id_, record)
        if digest in before:
            return Sighting.REPEATED
        self.db.execute(
            "INSERT INTO seen VALUES (?, ?, ?, ?, ?, 1, ?)",
            (graph, digest, record.kind, record.resource, record.source, record.listed),
        )
        if before:
            return Sighting.MERGED
        known = self.db.execute("SELECT digest FROM known WHERE graph = ?", (graph,)).fetchone()
        return _compare(known and known[0], digest)

    def name(self, id_: str, record: Record) -> None:
        """Note that the portal knows a record by `id_`."""
        self.db.execute(
            "INSERT OR IGNORE INTO ids VALUES (?, ?, ?, ?)", (id_, record.graph, record.resource, record.kind)
        )

    def has_seen(self, graph: str) -> bool:
        """Tell whether a record with this graph was seen in this run."""
        return self.db.execute("SELECT 1 FROM seen WHERE graph = ?", (graph,)).fetchone() is not None

    def is_current(self, graph: str) -> bool:
        """Tell whether a record is what the portal says of what it lists: read in this run, or unchanged."""
        query = f"SELECT 1 FROM seen WHERE graph = :graph AND {_CURRENT}"  # noqa: S608
        return self.db.execute(query, {"graph": graph, "dataset": Kind.DATASET}).fetchone() is not None

    def is_elsewhere(self, known: Known) -> bool:
        """Tell whether the portal shows under other IRIs all that it knew by the ids of this record."""
        seen = "SELECT 1 FROM ids i JOIN seen s ON s.graph = i.graph"
        query = f"{seen} WHERE i.id = ? AND i.graph <> ? AND s.listed"
        found = (self.db.execute(query, (id_, known.graph)).fetchone() for id_ in known.ids)
        return bool(known.ids) and all(row is not None for row in found)

    def resources(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the IRIs that the catalogue uses for those portal ids that this run has seen."""
        found: dict[str, str] = {}
        for id_ in ids:
            row = self.db.execute(_BY_ID, (id_,)).fetchone()
            if row:
                found[id_] = row[0]
        return found

    def known_resources(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the IRIs that the last generation uses for those portal ids that it knows."""
        return {id_: known.resource for id_ in ids if (known := self.known_as(id_))}

    def ids_of(self, graph: str) -> tuple[str, ...]:
        """Return the portal ids seen for one record, sorted; those of a data service are never unlearnt."""
        rows = self.db.execute(
            "SELECT id FROM ids WHERE graph = :graph UNION SELECT i.id FROM known_ids i"
            " JOIN known k ON k.graph = i.graph WHERE k.graph = :graph AND k.kind = :service ORDER BY 1",
            {"graph": graph, "service": Kind.SERVICE},
        )
        return tuple(id_ for (id_,) in rows)

    def absent(self, kinds: Iterable[Kind]) -> Iterator[Known]:
        """Yield the known records of these kinds that were not seen, ordered by graph."""
        marks = list(kinds)
        places = ", ".join("?" * len(marks))
        rows = self.db.execute(
            f"{_KNOWN} WHERE kind IN ({places})"  # noqa: S608  # only question marks are put in
            " AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.graph = known.graph) ORDER BY graph",
            marks,
        )
        yield from map(_known, rows.fetchall())

    def known_of(self, kind: Kind) -> Iterator[Known]:
        """Yield what the last generation knows of one kind, ordered by graph."""
        rows = self.db.execute(f"{_KNOWN} WHERE kind = ? ORDER BY graph", (kind,))
        yield from map(_known, rows.fetchall())

    def known_named(self) -> Iterator[str]:
        """Yield the IRIs of all records that the last generation knows."""
        yield from (iri for (iri,) in self.db.execute("SELECT resource FROM known"))

    def known_count(self, kind: Kind | None = None) -> int:
        """Return how many records the last generation knows, of one kind or of all."""
        query = "SELECT count(*) FROM known WHERE kind = coalesce(?, kind)"
        return int(self.db.execute(query, (kind,)).fetchone()[0])

    def tallies(self) -> dict[Kind, Counter[str]]:
        """Count per kind the records "seen", and of those what became of them (the values of Sighting)."""
        found: dict[Kind, Counter[str]] = {}
        for _, kind, _, digests, _, known in self.db.execute(_OUTCOMES.format(having="")):
            counts = found.setdefault(Kind(kind), Counter())
            counts["seen"] += 1
            counts[_compare(known, join(digests.split()))] += 1
        return found

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what became of each record seen that is new or changed, ordered by graph."""
        for row in self.db.execute(
            _OUTCOMES.format(having="HAVING k.digest IS NOT group_concat(s.digest, ' ')")
        ):
            outcome = self._outcome(row)
            if outcome.change is not Sighting.UNCHANGED:
                yield outcome

    def _outcome(self, row: tuple[str, str, str, str, str, str | None]) -> Outcome:
        graph, kind, resource, digests, source, known = row
        parts = digests.split()
        digest = join(parts)
        ids = self.ids_of(graph)
        return Outcome(graph, Kind(kind), resource, digest, source, ids, _compare(known, digest), len(parts))

    def returned(self) -> Iterator[Known]:
        """Yield the records that were absent in earlier runs and that the portal lists again."""
        rows = self.db.execute(
            f"{_KNOWN} WHERE absence IS NOT NULL AND EXISTS (SELECT 1 FROM seen"  # noqa: S608
            f" WHERE seen.graph = known.graph AND {_CURRENT}) ORDER BY graph",
            {"dataset": Kind.DATASET},
        )
        yield from map(_known, rows.fetchall())

    def unlisted(self) -> Iterator[Outcome]:
        """Yield the datasets that were read in this run, though the portal does not list them."""
        having = "HAVING min(s.kind) = :dataset AND NOT max(s.listed)"
        for row in self.db.execute(_OUTCOMES.format(having=having), {"dataset": Kind.DATASET}):
            yield self._outcome(row)


def _known(row: tuple[str, str, str, str, int, str | None, str | None]) -> Known:
    graph, kind, resource, digest, merged, absence, ids = row
    absent = Absence(*json.loads(absence)) if absence else None
    return Known(
        graph, Kind(kind), resource, digest, tuple(sorted((ids or "").split())), bool(merged), absent
    )


def _compare(known: str | None, digest: str) -> Sighting:
    if known is None:
        return Sighting.ADDED
    return Sighting.UNCHANGED if known == digest else Sighting.CHANGED


def join(digests: list[str]) -> str:
    """Return one digest for all descriptions of a record, whatever order they came in."""
    return digests[0] if len(digests) == 1 else sha256(" ".join(sorted(digests)).encode()).hexdigest()
