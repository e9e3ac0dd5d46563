"""The roll of one run: which ids the portal lists, and which of them moved since it was last called.

A stamp is what a portal's light listing says of an item's last change. It is kept with the digest that the
item's record had then (`Memory`), and counts only while the generation still holds the record with that
digest: so a rollback, a crash or another machine's copy of the catalogue can make a record be read again, but
never be taken for unchanged.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harvester.model import Kind
from harvester.store.ledger import Ledger, join

_SCHEMA = """
CREATE TABLE listed (kind TEXT, id TEXT, place INT, stamp TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE stamps (
  kind TEXT, id TEXT, stamp TEXT, graph TEXT, digest TEXT, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE moved (kind TEXT, id TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE unsettled (graph TEXT PRIMARY KEY) WITHOUT ROWID;
"""

_MOVED = """
INSERT OR IGNORE INTO moved
SELECT l.kind, l.id FROM listed l
  LEFT JOIN stamps s ON s.kind = l.kind AND s.id = l.id AND s.stamp = l.stamp
  LEFT JOIN known k ON k.graph = s.graph AND k.digest = s.digest
WHERE l.kind = :kind AND k.graph IS NULL
"""
_UNSETTLED = """
INSERT OR IGNORE INTO unsettled
SELECT i.graph FROM known_ids i JOIN known k ON k.graph = i.graph WHERE k.kind = :kind
  AND (i.id IN (SELECT id FROM moved WHERE kind = :kind)
    OR i.id NOT IN (SELECT id FROM listed WHERE kind = :kind))
"""
_MOVED_WITH_THEM = """
INSERT OR IGNORE INTO moved
SELECT l.kind, l.id FROM unsettled u JOIN known_ids i ON i.graph = u.graph
  JOIN listed l ON l.kind = :kind AND l.id = i.id
"""
_SETTLED = """
k.kind = :kind AND k.graph NOT IN (SELECT graph FROM unsettled)
AND EXISTS (SELECT 1 FROM known_ids i WHERE i.graph = k.graph)
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a portal said of an item, and the digest that its record `graph` had then."""

    kind: Kind
    id: str
    stamp: str
    graph: str
    digest: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in its listing, counted from 0."""

    id: str
    place: int


class Roll:
    """The roll that goes with a ledger, in the same file. `stamps` are those of earlier runs."""

    def __init__(self, ledger: Ledger, stamps: Iterable[Stamp] = ()) -> None:
        self._ledger = ledger
        self._db: sqlite3.Connection = ledger.db
        for statement in filter(str.strip, _SCHEMA.split(";")):  # a script would end the ledger's transaction
            self._db.execute(statement)
        self._db.executemany(
            "INSERT OR REPLACE INTO stamps VALUES (?, ?, ?, ?, ?)",
            ((s.kind, s.id, s.stamp, s.graph, s.digest) for s in stamps),
        )

    def call(self, kind: Kind, items: Iterable[tuple[str, str]]) -> None:
        """Note the next items of a listing, (id, stamp); one that comes again keeps its first place."""
        first = self.number(kind)
        self._db.executemany(
            "INSERT OR IGNORE INTO listed VALUES (?, ?, ?, ?)",
            ((kind, id_, place, stamp) for place, (id_, stamp) in enumerate(items, first)),
        )

    def forget(self, kind: Kind) -> None:
        """Begin the roll anew."""
        self._db.execute("DELETE FROM listed WHERE kind = ?", (kind,))

    def number(self, kind: Kind) -> int:
        """Return how many items are listed."""
        return self._count("SELECT count(*) FROM listed WHERE kind = ?", kind)

    def lists(self, kind: Kind, id_: str) -> bool:
        """Tell whether the portal lists an item; where the roll was not called, it may."""
        row = self._db.execute("SELECT 1 FROM listed WHERE kind = ? AND id = ?", (kind, id_)).fetchone()
        return row is not None or not self.number(kind)

    def said(self, kind: Kind) -> Iterator[tuple[str, str]]:
        """Yield (id, stamp) of all listed items."""
        yield from self._db.execute("SELECT id, stamp FROM listed WHERE kind = ?", (kind,))

    def stamped(self, kind: Kind) -> int:
        """Return how many of the listed items have a stamp."""
        return self._count("SELECT count(*) FROM listed WHERE kind = ? AND stamp <> ''", kind)

    def compare(self, kind: Kind) -> int:
        """Tell what moved from what did not; return how many items moved.

        With an item move all that share its record, and what is left of a record whose other items went.
        """
        for statement in (_MOVED, _UNSETTLED, _MOVED_WITH_THEM):
            self._db.execute(statement, {"kind": kind})
        return self._count("SELECT count(*) FROM moved WHERE kind = ?", kind)

    def keep_settled(self, kind: Kind) -> None:
        """Keep the records that did not move as they are."""
        self._ledger.keep_all(_SETTLED, {"kind": kind})

    def move(self, kind: Kind, ids: Iterable[str]) -> None:
        """Let items count as moved, for a reason of their own."""
        self._db.executemany("INSERT OR IGNORE INTO moved VALUES (?, ?)", ((kind, id_) for id_ in ids))

    def moved(self, kind: Kind) -> list[Place]:
        """Return the items that moved, in the order of the listing."""
        return self._places("EXISTS (SELECT 1 FROM moved m WHERE m.kind = l.kind AND m.id = l.id)", kind)

    def unseen(self, kind: Kind) -> list[Place]:
        """Return the listed items whose record this run has not seen, in the order of the listing."""
        return self._places("NOT EXISTS (SELECT 1 FROM ids WHERE ids.id = l.id)", kind)

    def between(self, kind: Kind, start: int, stop: int) -> list[Place]:
        """Return the items at places from `start` up to `stop`, in the order of the listing."""
        return self._places("place >= ? AND place < ?", kind, start, stop)

    def lost(self, kind: Kind) -> list[str]:
        """Return ids that are listed no more, though their record is: it has other ids too."""
        if not self.number(kind):
            return []
        rows = self._db.execute(
            "SELECT i.id FROM known_ids i JOIN known k ON k.graph = i.graph WHERE k.kind = :kind"
            " AND i.id NOT IN (SELECT id FROM listed WHERE kind = :kind)"
            " AND EXISTS (SELECT 1 FROM seen s WHERE s.graph = i.graph AND s.listed)",
            {"kind": kind},
        )
        return [id_ for (id_,) in rows]

    def stamps(self, kind: Kind) -> Iterator[Stamp]:
        """Yield the stamps for the next run: of listed items whose records this run is sure of."""
        rows = self._db.execute(
            "SELECT l.id, l.stamp, i.graph, group_concat(s.digest, ' ') FROM listed l"
            " JOIN ids i ON i.id = l.id JOIN seen s ON s.graph = i.graph"
            " WHERE l.kind = ? AND l.stamp <> '' GROUP BY l.id, i.graph HAVING min(s.sure)",
            (kind,),
        )
        for id_, stamp, graph, digests in rows:
            yield Stamp(kind, id_, stamp, graph, join(digests.split()))

    def _places(self, where: str, kind: Kind, *values: int) -> list[Place]:
        """Return the items of `listed l` that an SQL condition picks, in the order of the listing."""
        query = f"SELECT id, place FROM listed l WHERE kind = ? AND {where} ORDER BY place"  # noqa: S608
        return [Place(*row) for row in self._db.execute(query, (kind, *values))]

    def _count(self, query: str, kind: Kind) -> int:
        return int(self._db.execute(query, (kind,)).fetchone()[0])
