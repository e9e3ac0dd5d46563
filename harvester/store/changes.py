"""What changed between two generations: records added, changed and removed, and their statements."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Literal as OneOf
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from harvester.model import Kind
from harvester.store.generation import Generation
from harvester.store.local import disk_errors
from harvester.vocab import (
    DCT,
    FOAF,
    HV,
    RECORDS_GRAPHS,
    SCHEMA,
    SKOS,
    SPDX,
    VCARD,
    records_graph,
    resource_of,
)

ADDED: OneOf["added"] = "added"
CHANGED: OneOf["changed"] = "changed"
REMOVED: OneOf["removed"] = "removed"

_CHECKSUM = "#checksum"
_TITLES = (DCT + "title", FOAF + "name", SKOS + "prefLabel", SCHEMA + "name", VCARD + "fn")
_LANGUAGES = (None, "fr", "en")
"""Languages of a title, best first: none given counts as the portal's own."""
_KINDS = frozenset(Kind)

_BOOKKEEPING = f"SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ ?record <{HV}kind> ?kind }} }}"
"""Far cheaper than to go through all named graphs: their names need not be looked up."""
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE old (graph TEXT PRIMARY KEY, digest TEXT, bookkeeping TEXT) WITHOUT ROWID;
CREATE TABLE new (graph TEXT PRIMARY KEY, digest TEXT, bookkeeping TEXT) WITHOUT ROWID;
"""
_COMPARE = """
SELECT new.graph, CASE WHEN old.graph IS NULL THEN 'added' ELSE 'changed' END, new.bookkeeping
  FROM new LEFT JOIN old ON old.graph = new.graph WHERE old.digest IS NOT new.digest
UNION ALL
SELECT old.graph, 'removed', old.bookkeeping
  FROM old LEFT JOIN new ON new.graph = old.graph WHERE new.graph IS NULL
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a record. `title` is what the data calls its resource, "" if nothing."""

    kind: Kind
    change: OneOf["added", "changed", "removed"]
    resource: str
    title: str
    graph: str


def changes(old: Generation | None, new: Generation, *, portal: str | None = None) -> Iterator[Change]:
    """Yield the records that differ between two generations, of one portal or all, ordered by graph.

    They are compared by their digests, so what counts as a change is what a harvest takes for one. Memory
    does not grow with the catalogue. Without an old generation all records are added. Raises StoreError.
    """
    with ExitStack() as stack:
        # An unnamed database lives in a temporary file, once it is larger than SQLite's cache.
        db = stack.enter_context(closing(sqlite3.connect("", isolation_level=None)))
        db.executescript(_SCHEMA)
        db.execute("BEGIN")
        if old:
            _note(db, "old", old, portal)
        _note(db, "new", new, portal)
        newer = stack.enter_context(new.open())
        older: Store | None = None
        for graph, change, bookkeeping in db.execute(_COMPARE):
            if old and older is None and change == REMOVED:
                older = stack.enter_context(old.open())
            store = older if older is not None and change == REMOVED else newer
            resource, kind = _described(store, graph, bookkeeping)
            yield Change(kind, change, resource, _title(store, graph, resource), graph)


def _note(db: sqlite3.Connection, table: str, generation: Generation, portal: str | None) -> None:
    """Copy the digests of a generation; its store is closed afterwards, and with it goes what it has read."""
    with generation.open() as store, disk_errors(generation.path):
        insert = f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)"  # noqa: S608  # one of our two tables
        db.executemany(insert, digests(store, portal))


def statements(old: Store | None, new: Store, change: Change) -> tuple[list[Quad], list[Quad]]:
    """Return the statements that a change added to the record's graph, and those that it removed, sorted.

    `old` and `new` are the open stores of the two generations. Blank nodes have the same labels in both.
    """
    graph = NamedNode(change.graph)
    before, after = (
        set(store.quads_for_pattern(None, None, None, graph)) if store is not None else set[Quad]()
        for store in (old, new)
    )
    return sorted(after - before, key=str), sorted(before - after, key=str)


def digests(store: Store, portal: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Yield each record that a store holds: its graph, its digest, the graph of its bookkeeping."""
    # A tombstone has no checksum, so removed records are left out.
    checksum = NamedNode(SPDX + "checksumValue")
    for bookkeeping in _bookkeeping(store, portal):
        for quad in store.quads_for_pattern(None, checksum, None, bookkeeping):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                graph = quad.subject.value.removesuffix(_CHECKSUM)
                yield graph, quad.object.value, bookkeeping.value


def count_records(store: Store) -> int:
    """Return how many records a store holds."""
    return sum(1 for _ in digests(store))


def portals(store: Store) -> set[str]:
    """Return the keys of the portals whose records a store holds, or held."""
    return {unquote(graph.value.removeprefix(RECORDS_GRAPHS)) for graph in _bookkeeping(store, None)}


def _bookkeeping(store: Store, portal: str | None) -> Iterator[NamedNode]:
    if portal is not None:
        yield NamedNode(records_graph(portal))
        return
    rows = store.query(_BOOKKEEPING)
    assert isinstance(rows, QuerySolutions)  # noqa: S101  # the query is a SELECT
    for row in rows:
        graph = row["graph"]
        if isinstance(graph, NamedNode) and graph.value.startswith(RECORDS_GRAPHS):
            yield graph


def _described(store: Store, graph: str, bookkeeping: str) -> tuple[str, Kind]:
    """Return the resource and the kind of a record, as its dcat:CatalogRecord says."""
    resource, kind = resource_of(graph), Kind.OTHER
    for term in _objects(store, graph, FOAF + "primaryTopic", bookkeeping):
        resource = term.value if isinstance(term, NamedNode) else resource
    for term in _objects(store, graph, HV + "kind", bookkeeping):
        kind = Kind(term.value) if isinstance(term, Literal) and term.value in _KINDS else kind
    return resource, kind


def _title(store: Store, graph: str, resource: str) -> str:
    for predicate in _TITLES:
        said = [term for term in _objects(store, resource, predicate, graph) if isinstance(term, Literal)]
        if said:
            return min((_preference(term.language), term.value) for term in said)[1]
    return ""


def _objects(store: Store, subject: str, predicate: str, graph: str) -> Iterator[object]:
    pattern = NamedNode(subject), NamedNode(predicate), None, NamedNode(graph)
    return (quad.object for quad in store.quads_for_pattern(*pattern))


def _preference(language: str | None) -> int:
    main = language.partition("-")[0].lower() if language else None
    return _LANGUAGES.index(main) if main in _LANGUAGES else len(_LANGUAGES)
