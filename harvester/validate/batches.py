"""A catalogue in batches: some records at a time with all that shapes need to judge them.

A record is what one portal says of a resource in RDF and JSON and, if asked for, what was inferred of it. So
two portals that describe the same dataset are judged each by its own words, and memory stays flat.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, RdfFormat, Store, Triple, serialize

from harvester.rdf.iris import is_valid
from harvester.rdf.rows import Row
from harvester.rdf.stand_ins import NONE, StandIns
from harvester.vocab import (
    DCAT,
    DETAILS_GRAPHS,
    INFERRED_GRAPHS,
    OUR_GRAPHS,
    QUALITY_GRAPHS,
    RDF,
    RECORD_GRAPHS,
    RECORDS_GRAPHS,
    RESOURCE_GRAPHS,
    RUNS_GRAPH,
    record_graph,
    resource_of,
)

SIZE = 100
"""Records in a batch, some 6,000 statements: pyrudof takes 15 KB for each, and 0.1 s even for none."""
MAX_VALUES = 1_000
"""Of one property that a resource is judged by, where they are many: a catalogue has many members."""

_TYPE = NamedNode(RDF + "type")
_SCHEME = NamedNode("http://www.w3.org/2004/02/skos/core#inScheme")
_DATASET = NamedNode(DCAT + "Dataset")
_SAID = (RECORD_GRAPHS, DETAILS_GRAPHS)

Subject = NamedNode | BlankNode


@dataclass(frozen=True, slots=True)
class Record:
    """What one portal says of a resource: `portal` is its key, "" if unknown; `resource` an IRI or token."""

    portal: str
    resource: str
    triples: frozenset[Triple] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one portal.

    `data` is what they say, and of what they name its classes and concept schemes, as N-Triples. `owners` has
    the terms that are judged with this batch, each with the resource that it belongs to: what the records
    describe, and what they name and nobody describes.
    """

    portal: str
    data: bytes = field(repr=False)
    owners: dict[object, str] = field(repr=False)
    records: int
    datasets: int


class Source:
    """A store to be judged: one portal's records if `portal` is named, inferred statements as well or not.

    `replaces` are the properties whose inferred values stand in for said ones, `facts` triples that hold
    everywhere, `size` is how many records make a batch.
    """

    def __init__(
        self,
        store: Store,
        *,
        inferred: bool = True,
        portal: str | None = None,
        replaces: StandIns = NONE,
        facts: Iterable[Triple] = (),
        size: int = SIZE,
    ) -> None:
        self._store = store
        self._inferred = inferred
        self._portal = portal
        self._replaces = replaces
        self._facts = tuple(facts)
        self._size = size
        self._context = lru_cache(maxsize=20_000)(self._classes)

    def portals(self) -> set[str]:
        """Return the keys of the portals whose records the store holds."""
        names = (graph.value for graph in self._store.named_graphs() if isinstance(graph, NamedNode))
        return {portal for portal in map(_portal, names) if portal}

    def batches(self) -> Iterator[Batch]:
        """Yield all records in batches, in the order of the store."""
        waiting: dict[str, list[Record]] = {}
        for record in self._records():
            ready = waiting.setdefault(record.portal, [])
            ready.append(record)
            if len(ready) == self._size:
                yield self._batch(record.portal, waiting.pop(record.portal))
        for portal, records in waiting.items():
            yield self._batch(portal, records)

    def _records(self) -> Iterator[Record]:
        for name in self._graphs():
            rest = _about_one(name)
            if not rest:
                yield from self._foreign(NamedNode(name))
            elif name.startswith(RECORD_GRAPHS) or self._is_alone(name, rest):
                yield self._record(rest)
        if self._portal is None:
            yield from self._foreign(DefaultGraph())

    def _graphs(self) -> Iterator[str]:
        """Yield the names of the graphs that may be judged."""
        for graph in self._store.named_graphs():
            if isinstance(graph, BlankNode) or not self._admits(graph.value):
                continue
            if self._portal is None or _portal(graph.value) == self._portal:
                yield graph.value

    def _admits(self, graph: str) -> bool:
        if graph.startswith(OUR_GRAPHS):
            return self._inferred and not graph.startswith(QUALITY_GRAPHS)
        return graph != RUNS_GRAPH and not graph.startswith(RECORDS_GRAPHS)

    def _is_alone(self, graph: str, rest: str) -> bool:
        """Tell whether a graph holds details of a resource that no RDF speaks of."""
        has_record = self._store.contains_named_graph(NamedNode(RECORD_GRAPHS + rest))
        return graph.startswith(DETAILS_GRAPHS) and not has_record

    def _record(self, rest: str) -> Record:
        """Put together the graphs about one resource, whose names end in `rest`."""
        portal, resource = _portal(RECORD_GRAPHS + rest), resource_of(RECORD_GRAPHS + rest)
        said = {t for prefix in _SAID for t in self._triples(NamedNode(prefix + rest))}
        inferred = set(self._triples(NamedNode(INFERRED_GRAPHS + rest))) if self._inferred else set()
        for triple, derived in self._about(portal, resource, rest):
            (inferred if derived else said).add(triple)
        valid = self._valid(said, inferred)
        away = {s for s in {t.subject for t in valid} if self._is_elsewhere(s, portal, resource)}
        return Record(portal, resource, frozenset(t for t in valid if t.subject not in away))

    def _valid(self, said: set[Triple], inferred: set[Triple]) -> set[Triple]:
        """Return what is to be judged of a record: all but what inferred values stand in for."""
        rows = [
            {_row(t): t for t in triples if str(t.predicate) in self._replaces}
            for triples in (said, inferred)
        ]
        away = self._replaces.give_way(*rows)
        return (said | inferred).difference(t for part in rows for row, t in part.items() if row in away)

    def _triples(self, graph: NamedNode) -> Iterator[Triple]:
        return (quad.triple for quad in self._store.quads_for_pattern(None, None, None, graph))

    def _about(self, portal: str, resource: str, own: str) -> Iterator[tuple[Triple, bool]]:
        """Yield what other records of the portal say of a resource, and whether it was inferred."""
        counts: Counter[NamedNode] = Counter()
        for quad in self._store.quads_for_pattern(NamedNode(resource), None, None, None):
            if not isinstance(quad.graph_name, NamedNode):
                continue
            name = quad.graph_name.value
            if name.endswith(":" + own) or not self._admits(name) or _portal(name) != portal:
                continue
            counts[quad.predicate] += 1
            if counts[quad.predicate] <= MAX_VALUES:
                yield quad.triple, name.startswith(INFERRED_GRAPHS)

    def _is_elsewhere(self, subject: object, portal: str, resource: str) -> bool:
        """Tell whether a subject has a record of its own, with which it is judged."""
        if not isinstance(subject, NamedNode) or subject.value == resource:
            return False
        return self._store.contains_named_graph(NamedNode(record_graph(portal, subject.value)))

    def _foreign(self, graph: NamedNode | DefaultGraph) -> Iterator[Record]:
        """Yield the subjects of a graph that is no record, each with the blank nodes that hang from it."""
        subject: Subject | None = None
        for quad in self._store.quads_for_pattern(None, None, None, graph):
            if quad.subject == subject or not isinstance(quad.subject, NamedNode | BlankNode):
                continue
            subject = quad.subject
            hangs = isinstance(subject, BlankNode) and any(
                True for _ in self._store.quads_for_pattern(None, None, subject, graph)
            )
            if not hangs:
                yield Record("", str(getattr(subject, "value", "")), frozenset(self._tree(subject, graph)))

    def _tree(self, root: Subject, graph: NamedNode | DefaultGraph) -> Iterator[Triple]:
        waiting, met = [root], {root}
        while waiting:
            counts: Counter[NamedNode] = Counter()
            for quad in self._store.quads_for_pattern(waiting.pop(), None, None, graph):
                counts[quad.predicate] += 1
                if counts[quad.predicate] > MAX_VALUES:
                    continue
                yield quad.triple
                if isinstance(quad.object, BlankNode) and quad.object not in met:
                    met.add(quad.object)
                    waiting.append(quad.object)

    def _batch(self, portal: str, records: list[Record]) -> Batch:
        owners: dict[object, str] = {}
        triples: set[Triple] = set(self._facts)
        for record in records:
            triples |= record.triples
            for triple in record.triples:
                owners.setdefault(triple.subject, record.resource)
        for record in records:
            for triple in record.triples:
                if triple.object in owners or triple.predicate == _TYPE:
                    continue
                if isinstance(triple.object, NamedNode) and (context := self._context(triple.object)):
                    triples.update(context)
                else:
                    owners[triple.object] = record.resource
        datasets = {
            t.subject for r in records for t in r.triples if t.object == _DATASET and t.predicate == _TYPE
        }
        return Batch(portal, ntriples(triples), owners, len(records), len(datasets))

    def _classes(self, iri: NamedNode) -> tuple[Triple, ...]:
        """Return the classes and concept schemes of a resource, whoever tells them."""
        return tuple(
            quad.triple
            for predicate in (_TYPE, _SCHEME)
            for quad in self._store.quads_for_pattern(iri, predicate, None, None)
            if not isinstance(quad.graph_name, NamedNode) or self._admits(quad.graph_name.value)
        )


def _about_one(graph: str) -> str:
    """Return what the names of all graphs about one resource end in, "" for a graph of another kind."""
    prefix = next((prefix for prefix in RESOURCE_GRAPHS if graph.startswith(prefix)), None)
    if prefix is None or graph.count(":") < 4 or not is_valid(resource_of(graph)):
        return ""
    return graph.removeprefix(prefix)


def _portal(graph: str) -> str:
    """Return the key of the portal that a graph about one resource belongs to, "" for other graphs."""
    return unquote(_about_one(graph).partition(":")[0])


def _row(triple: Triple) -> Row:
    return str(triple.subject), str(triple.predicate), str(triple.object)


def ntriples(triples: Iterable[Triple]) -> bytes:
    """Return triples as N-Triples in UTF-8."""
    text = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert text is not None  # noqa: S101  # no output was named
    return text
