"""Which graphs of a catalogue a dump holds.

A catalogue has six kinds of graphs (`harvester.vocab` names them): what a portal says of one resource
(record graphs, and details where its JSON adds to its RDF), what was inferred about it and measured of it,
and the bookkeeping: dcat:CatalogRecords and runs. Graphs of any other name are dumped too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Store

from harvester.rdf.iris import is_valid
from harvester.rdf.stand_ins import NONE, StandIns
from harvester.vocab import (
    INFERRED_GRAPHS,
    OUR_GRAPHS,
    RECORD_GRAPHS,
    RECORDS_GRAPHS,
    RUNS_GRAPH,
    graphs_of,
    record_graph,
    resource_of,
)


@dataclass(frozen=True, slots=True)
class Selection:
    """What to dump besides the records themselves."""

    inferred: bool = True
    """What the harvester made of what portals said: inferred statements, quality, and shared code lists."""
    provenance: bool = False
    """The bookkeeping: which run found each record where and when."""
    stand_ins: StandIns = NONE
    """Properties of which inferred values are dumped in place of said ones."""
    remade: bool = True
    """Measured quality and shared code lists, which whoever reads the rest makes again."""

    def admits(self, graph: str) -> bool:
        """Tell whether a dump holds the graph of this name.

        >>> Selection(inferred=False).admits("urn:x-harvester:inferred:data.example:urn:a")
        False
        """
        if graph.startswith(OUR_GRAPHS):
            return self.inferred and (self.remade or graph.startswith(INFERRED_GRAPHS))
        return self.provenance or not is_bookkeeping(graph)


@dataclass(frozen=True, slots=True)
class Unit:
    """Graphs about one resource, small enough to hold in memory: a record, its details, what was derived.

    `resource` is its IRI, "" where the name of the graph does not tell.
    """

    graphs: tuple[str, ...]
    resource: str

    @property
    def name(self) -> str:
        """The first graph."""
        return self.graphs[0]


def name_of(graph: NamedNode | BlankNode | DefaultGraph) -> str:
    """Return the IRI of a graph, the token of a blank node, "" for the default graph."""
    if isinstance(graph, NamedNode):
        return graph.value
    return "" if isinstance(graph, DefaultGraph) else str(graph)


def is_bookkeeping(graph: str) -> bool:
    """Tell whether a graph holds what the harvester notes about its own work."""
    return graph == RUNS_GRAPH or graph.startswith(RECORDS_GRAPHS)


def is_small(graph: str) -> bool:
    """Tell whether a graph may be read whole. Bookkeeping may not: it grows with the catalogue."""
    return is_valid(graph) and not is_bookkeeping(graph)


def units(store: Store, selection: Selection) -> Iterator[Unit]:
    """Yield all graphs to dump in the order of the store, which the content alone decides; no bookkeeping."""
    for graph in store.named_graphs():
        name = name_of(graph)
        if is_small(name) and selection.admits(name):
            unit = unit_of(store, name, selection)
            if unit.name == name:
                yield unit


def unit_of(store: Store, graph: str, selection: Selection) -> Unit:
    """Return the unit that a graph belongs to."""
    graphs = graphs_of(graph)
    there = tuple(
        name
        for name in graphs
        if name == graph or (selection.admits(name) and store.contains_named_graph(NamedNode(name)))
    )
    return Unit(there, _resource(graph)) if there else Unit((graph,), "")


class Homes:
    """Finds the record of a resource: the place in a dump where all that is said about it belongs."""

    def __init__(self, store: Store) -> None:
        portals: set[str] = set()
        self.blank_graphs = False
        """Whether blank nodes name graphs."""
        for graph in store.named_graphs():
            if isinstance(graph, BlankNode):
                self.blank_graphs = True
            elif graph.value.startswith(RECORD_GRAPHS):
                portals.add(graph.value.split(":", 4)[3])
        self._portals = sorted(map(unquote, portals))
        self._store = store
        self.all_of = lru_cache(maxsize=1_000)(self._all_of)

    def of(self, resource: str) -> str:
        """Return the record graph of `resource`, of the first portal that has one; "" if it is no record."""
        return next(iter(self.all_of(resource)), "")

    def _all_of(self, resource: str) -> tuple[str, ...]:
        """Return the record graphs of `resource`, of all portals."""
        graphs = [record_graph(portal, resource) for portal in self._portals]
        return tuple(graph for graph in graphs if self._store.contains_named_graph(NamedNode(graph)))


def _resource(graph: str) -> str:
    resource = resource_of(graph) if graph.count(":") > 3 else ""
    return resource if is_valid(resource) else ""
