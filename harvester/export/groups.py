"""A catalogue as a stream of groups: statements that stand together in a dump, a few kilobytes at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from harvester.batches import batches
from harvester.export.reading import (
    BATCH,
    ahead,
    fetch_about,
    fetch_rows,
    is_triple_term,
    quad_of,
    read_about,
    read_rows,
    row_of,
)
from harvester.export.selection import Homes, Selection, Unit, is_small, name_of, unit_of, units
from harvester.rdf.rows import Row
from harvester.vocab import INFERRED_GRAPHS


@dataclass(frozen=True, slots=True)
class Group:
    """Statements that stand together in a dump: sorted, none twice.

    `graph` is the token of the graph they stand in, "" for the default graph and in a dump of triples.
    `first` is the token of the subject to begin with, "" where there is none in particular.
    `private` are the blank nodes that nothing outside of the group mentions.
    """

    graph: str
    first: str
    rows: list[Row]
    private: frozenset[str] = frozenset()


class Reader:
    """Reads a store for a dump. `nesting` tells whether groups shall know their private blank nodes.

    `homes` saves who reads the same store again the look at all its graphs.
    `left_out` counts the statements that no dump can hold, by what they are.
    """

    def __init__(
        self, store: Store, selection: Selection, *, nesting: bool, homes: Homes | None = None
    ) -> None:
        self.store = store
        self.selection = selection
        self.homes = homes or Homes(store)
        self._met = Met()
        self._nesting = nesting
        self.left_out: Counter[str] = Counter()

    def quads(self) -> Iterator[Group]:
        """Yield the statements of each graph, in the order of the store."""
        for batch, rows in ahead(self._fetch_quads, batches(units(self.store, self.selection), BATCH)):
            for unit, parts in zip(batch, self.read(rows, batch), strict=True):
                yield from self.graphs_of(unit, parts)
        yield from self.large_graphs()

    def triples(self) -> Iterator[Group]:
        """Yield the union of all graphs: what they say about one resource together, nothing twice."""
        for batch, rows, about in ahead(
            self._fetch_triples, batches(units(self.store, self.selection), BATCH)
        ):
            for unit, parts, others in zip(
                batch,
                self.read(rows, batch),
                read_about(about, batch, self.left_out),
                strict=True,
            ):
                yield self._merge(unit, list(chain(*parts)), others)
        yield from self.large_graphs(self._first_in)

    def _fetch_quads(self, batch: list[Unit]) -> tuple[list[Unit], bytes]:
        return batch, fetch_rows(self.store, batch)

    def _fetch_triples(self, batch: list[Unit]) -> tuple[list[Unit], bytes, bytes]:
        return batch, fetch_rows(self.store, batch), fetch_about(self.store, batch)

    def read(self, answer: bytes, units: list[Unit]) -> list[list[list[Row]]]:
        """Return the rows to dump of each graph of each unit, out of what `fetch_rows` found."""
        read = read_rows(answer, units, self.left_out)
        return [self._standing(unit.graphs, parts) for unit, parts in zip(units, read, strict=True)]

    def _standing(self, graphs: Iterable[str], parts: list[list[Row]]) -> list[list[Row]]:
        """Leave out the rows that others stand in for, if asked to; `parts` are those of each of `graphs`."""
        if not self.selection.stand_ins:
            return parts
        said: list[Row] = []
        inferred: list[Row] = []
        for graph, rows in zip(graphs, parts, strict=True):
            (inferred if graph.startswith(INFERRED_GRAPHS) else said).extend(rows)
        away = self.selection.stand_ins.give_way(said, inferred)
        return [[row for row in rows if row not in away] for rows in parts] if away else parts

    def graphs_of(self, unit: Unit, parts: list[list[Row]]) -> Iterator[Group]:
        """Yield a group for each graph of a unit; `parts` are the rows of each."""
        for graph, rows in zip(unit.graphs, parts, strict=True):
            yield Group(f"<{graph}>", f"<{unit.resource}>", sorted(rows), self._private(rows, (graph,)))

    def group_of(self, unit: Unit, first: str, rows: list[Row]) -> Group:
        """Make one group of the rows of a unit."""
        return Group("", first, sorted(set(rows)), self._private(rows, unit.graphs))

    def about(self, subject: NamedNode | BlankNode) -> Iterator[tuple[str, list[Row]]]:
        """Yield what is said of `subject`, with the token of each graph."""
        quads = self.store.quads_for_pattern(subject, None, None, None)
        said = {
            graph: sorted(map(row_of, same))
            for graph, same in groupby(sorted(quads, key=_graph), key=_graph)
            if self.selection.admits(graph.strip("<>"))
        }
        names = [graph.strip("<>") for graph in said]
        yield from zip(said, self._standing(names, list(said.values())), strict=True)

    def loose_ends(self, said: list[Row]) -> Iterator[tuple[str, str, list[Row]]]:
        """Yield what other records say of blank nodes that `said` points at: graph, subject and rows."""
        described = {row[0] for row in said}
        waiting = sorted({row[2] for row in said if row[2][0] == "_"} - described)
        while waiting:
            token = waiting.pop()
            described.add(token)
            for graph, rows in self.about(BlankNode(token[2:])):
                yield graph, token, rows
                waiting += {row[2] for row in rows if row[2][0] == "_"} - described

    def _merge(self, unit: Unit, rows: list[Row], others: list[tuple[str, Row]]) -> Group:
        """Join what the unit's graphs and `others` say of its resource; leave out what belongs elsewhere."""
        first = ""
        if unit.resource and self.homes.of(unit.resource) == unit.name:
            first = f"<{unit.resource}>"
            elsewhere = ((graph, row) for graph, row in others if graph not in unit.graphs)
            rows += [row for graph, row in elsewhere if is_small(graph) and self.selection.admits(graph)]
        away, doubtful = set(), set()
        for subject in {row[0] for row in rows}:
            if subject[0] == "<" and subject != first and self.homes.of(subject[1:-1]):
                away.add(subject)
            elif subject != first and self._met.before(subject):
                doubtful.add(subject)
        if away or doubtful:
            rows = [row for row in rows if self._stays(row, unit, away, doubtful)]
        return self.group_of(unit, first, rows)

    def _stays(self, row: Row, unit: Unit, away: set[str], doubtful: set[str]) -> bool:
        """Tell whether a row is written here, not with its subject's record or an earlier unit."""
        if row[0] in away and row[2][0] != "_":
            return False
        return (row[0] not in doubtful and row[0] not in away) or self._first_in(row, unit.name)

    def _private(self, rows: list[Row], graphs: tuple[str, ...]) -> frozenset[str]:
        """Return the blank nodes that nothing outside of `graphs` mentions; none if nobody asks."""
        if not self._nesting:
            return frozenset()
        return frozenset(token for token in _blanks(rows) if self._is_private(token, graphs))

    def _is_private(self, token: str, graphs: tuple[str, ...]) -> bool:
        """Tell whether all that mentions a blank node stands in `graphs`."""
        node = BlankNode(token[2:])
        if self.homes.blank_graphs and self.store.contains_named_graph(node):
            return False
        for quads in (
            self.store.quads_for_pattern(node, None, None, None),
            self.store.quads_for_pattern(None, None, node, None),
        ):
            for quad in quads:
                graph = name_of(quad.graph_name)
                if graph not in graphs and self.selection.admits(graph):
                    return False
        return True

    def _first_in(self, row: Row, place: str) -> bool:
        """Tell whether, of all the places where a row stands, it is to be written at `place`.

        That is its subject's record, else the first unit, else the first large graph.
        """
        home = self.homes.of(row[0][1:-1]) if row[0][0] == "<" else ""
        quad = quad_of(row)
        first_unit, large = "", []
        for holder in self.store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None):
            graph = name_of(holder.graph_name)
            if not self.selection.admits(graph):
                continue
            if not is_small(graph):
                large.append(graph)
                continue
            unit = unit_of(self.store, graph, self.selection).name
            if unit == home or not home:
                return unit == place
            first_unit = first_unit or unit
        return first_unit == place if first_unit else large[:1] == [place]

    def small_graphs(self) -> Iterator[str]:
        """Yield the names of the graphs to dump that may be read whole, in the order of `quads`."""
        for unit in units(self.store, self.selection):
            yield from unit.graphs

    def large_graphs(self, wanted: Callable[[Row, str], bool] = lambda _row, _graph: True) -> Iterator[Group]:
        """Yield the graphs not to be read whole, subject by subject: bookkeeping, and any without an IRI."""
        for graph in chain([DefaultGraph()], self.store.named_graphs()):
            name = name_of(graph)
            if is_small(name) or not self.selection.admits(name):
                continue
            token = "" if isinstance(graph, DefaultGraph) else str(graph)
            rows = map(row_of, self.store.quads_for_pattern(None, None, None, graph))
            for subject, same in groupby(rows, key=lambda row: row[0]):
                kept = [row for row in same if self._can_hold(row) and wanted(row, name)]
                if kept:
                    yield Group(token, subject, sorted(kept))

    def _can_hold(self, row: Row) -> bool:
        if is_triple_term(row[2]):
            self.left_out["statements with a triple term"] += 1
            return False
        return True


class Met:
    """Remembers strings in a fixed 8 MB. May say of a new one that it was met before, never the reverse."""

    def __init__(self) -> None:
        self._marks = bytearray(1 << 23)

    def before(self, text: str) -> bool:
        """Tell whether `text` was asked for before."""
        number = hash(text)
        places = number & 0x7FFFFF, number >> 23 & 0x7FFFFF
        met = all(self._marks[place] for place in places)
        for place in places:
            self._marks[place] = 1
        return met


def _graph(quad: Quad) -> str:
    """Return the token of a quad's graph, "" for the default graph."""
    return "" if isinstance(quad.graph_name, DefaultGraph) else str(quad.graph_name)


def _blanks(rows: list[Row]) -> set[str]:
    return {row[0] for row in rows if row[0][0] == "_"} | {row[2] for row in rows if row[2][0] == "_"}
