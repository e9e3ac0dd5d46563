"""A dump of the catalogue in schema.org's vocabulary: what rules make of it, and what is said in it already.

The rules are those of mappings/schema (`harvester.enrich.view`); docs/schema-org.md tells what becomes of
what. A view follows from several graphs together and stands in none of them: formats with graphs have it in
the default graph.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from pyoxigraph import NamedNode, Store

from harvester.batches import batches
from harvester.enrich.neighbourhood import Neighbourhood, Surroundings
from harvester.enrich.view import View, describe
from harvester.export.description import find_resource
from harvester.export.dump import NESTING, Counted, Summary, document, store_errors
from harvester.export.files import Output
from harvester.export.groups import Group, Reader
from harvester.export.reading import ahead, fetch_about, fetch_rows, read_about, read_rows
from harvester.export.selection import Selection, Unit, is_small, unit_of, units
from harvester.export.syntax import Syntax
from harvester.rdf.records import MEMBERSHIP
from harvester.rdf.rows import Row
from harvester.vocab import DETAILS_GRAPHS, INFERRED_GRAPHS, RDF, RECORD_GRAPHS, SCHEMA, XSD

_LINKS = (
    *("about", "acquireLicensePage", "additionalType", "areaServed", "citation", "contentUrl", "contributor"),
    *("copyrightHolder", "creator", "distribution", "documentation", "hasPart", "image", "interactionType"),
    *("includedInDataCatalog", "isBasedOn", "isPartOf", "item", "license", "logo", "maintainer", "provider"),
    *("publisher", "sameAs", "serviceOutput", "serviceUrl", "spatialCoverage", "subjectOf"),
    *("termsOfService", "url", "usageInfo"),
)
_TIMES = ("dateCreated", "dateModified", "datePublished")
CONTEXT = {
    "@vocab": SCHEMA,
    **{name: {"@id": SCHEMA + name, "@type": "@id"} for name in _LINKS},
    **{name: {"@id": SCHEMA + name, "@type": f"{XSD}dateTime"} for name in _TIMES},
}
"""The JSON-LD context: schema.org's words, links and times as plain strings, as its consumers know them."""

_BATCH = 250
"""Resources at a time: rules cost something however few there are, and memory stays at some megabytes."""
_BASE = "urn:x-harvester:view"
_RECORDS = (RECORD_GRAPHS, DETAILS_GRAPHS)
_TERM = f"<{SCHEMA}"
_TYPE = f"<{RDF}type>"
_ALONG = frozenset(
    f"{_TERM}{role}>"
    for role in (
        *("publisher", "creator", "contributor", "provider", "maintainer", "copyrightHolder"),
        *("spatialCoverage", "includedInDataCatalog"),
    )
)
"""Whose objects are described along with a resource."""


def write_view(
    store: Store,
    output: Output,
    syntax: Syntax,
    view: View,
    *,
    inferred: bool = True,
    resource: str | None = None,
) -> Summary:
    """Write the schema.org view of a store, or with `resource` (an IRI, or the portal's id) of that alone.

    `inferred`: what the harvester inferred bears on it too. The same content gives the same bytes, and memory
    does not grow with the store. Raises as `harvester.export.dump.write_dump` does.
    """
    with store_errors():
        reader = Reader(store, Selection(inferred), nesting=syntax.format in NESTING)
        groups = Counted(_Describer(reader, view).groups(resource))
        for text in document(groups, syntax, reader.left_out, CONTEXT):
            output.write(text.encode())
        return Summary(groups.statements, dict(+reader.left_out))


@dataclass(frozen=True, slots=True)
class _Subject:
    """A resource, and the units of all portals that describe it; "" where a graph does not tell of whom."""

    resource: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a resource, with the graph of each row: in its own units, and in other records."""

    own: list[tuple[str, Row]]
    about: list[tuple[str, Row]]


class _Describer:
    """Makes groups of statements in schema.org's terms."""

    def __init__(self, reader: Reader, view: View) -> None:
        self._reader = reader
        self._view = view
        self._useful = frozenset(token.decode() for token in view.predicates) - MEMBERSHIP.keys()
        """Of what other records say: not that a catalogue has them, which each of them says."""

    def groups(self, resource: str | None) -> Iterator[Group]:
        """Yield a group for each resource, as far as there is anything to say of it."""
        if resource is None:
            yield from self._described(self._subjects())
            return
        first = list(self._described(self._named(find_resource(self._reader, resource))))
        yield from first
        along = {o[1:-1] for group in first for _, p, o in group.rows if p in _ALONG and o[0] == "<"}
        yield from self._described(chain.from_iterable(map(self._named, sorted(along - {resource}))))

    def _subjects(self) -> Iterator[_Subject]:
        """Yield each resource once: where its first record stands, if several portals have one."""
        homes = self._reader.homes
        for unit in units(self._reader.store, self._reader.selection):
            if not unit.resource or homes.of(unit.resource) in ("", unit.name):
                yield self._subject(unit)

    def _named(self, resource: str) -> Iterator[_Subject]:
        """Yield one resource; of a part of another, such as a distribution, the latter."""
        graphs = [self._reader.homes.of(resource)]
        if not graphs[0]:
            graphs = [graph[1:-1] for graph, _ in self._reader.about(NamedNode(resource))]
        for graph in filter(is_small, graphs[:1]):
            yield self._subject(unit_of(self._reader.store, graph, self._reader.selection))

    def _subject(self, unit: Unit) -> _Subject:
        homes = self._reader.homes.all_of(unit.resource) if unit.resource else ()
        more = [graph for graph in homes if graph != unit.name]
        others = [unit_of(self._reader.store, graph, self._reader.selection) for graph in more]
        return _Subject(unit.resource, (unit, *others))

    def _described(self, subjects: Iterable[_Subject]) -> Iterator[Group]:
        for groups, left_out in ahead(self._describe, batches(subjects, _BATCH)):
            self._reader.left_out += left_out
            yield from groups

    def _describe(self, batch: list[_Subject]) -> tuple[list[Group], Counter[str]]:
        """Return the groups of a batch, and what could not be read; threads do this side by side."""
        left_out: Counter[str] = Counter()
        said = self._said(batch, left_out)
        around = Neighbourhood(self._surroundings(batch, said, left_out), self._view.codes)
        made = describe(around, self._view.rules, _BASE)
        groups = []
        for subject, each in zip(batch, said, strict=True):
            rows = [*made.get(subject.resource, ()), *self._already(subject.resource, each)]
            if rows:
                groups.append(self._reader.group_of(subject.units[0], f"<{subject.resource}>", rows))
        return groups, left_out

    def _said(self, batch: list[_Subject], left_out: Counter[str]) -> list[_Said]:
        """Read what is said of each resource of a batch."""
        reader = self._reader
        flat = [unit for subject in batch for unit in subject.units]
        parts = iter(read_rows(fetch_rows(reader.store, flat), flat, left_out))
        firsts = [subject.units[0] for subject in batch]
        abouts = read_about(fetch_about(reader.store, firsts), firsts, left_out)
        said = []
        for subject, about in zip(batch, abouts, strict=True):
            graphs = [graph for unit in subject.units for graph in unit.graphs]
            rows = chain.from_iterable(next(parts) for _ in subject.units)
            own = [(graph, row) for graph, part in zip(graphs, rows, strict=True) for row in part]
            others = [
                (graph, row)
                for graph, row in about
                if (row[1] in self._useful or _in_terms(row))
                if graph not in graphs and is_small(graph) and reader.selection.admits(graph)
            ]
            said.append(_Said(own, others))
        return said

    def _surroundings(
        self, batch: list[_Subject], said: list[_Said], left_out: Counter[str]
    ) -> Iterator[Surroundings]:
        """Yield a resource's own statements; beside them, what others say of it and of themselves."""
        graphs = sorted({graph for each in said for graph, _ in each.about if graph.startswith(_RECORDS)})
        store, selection = self._reader.store, self._reader.selection
        others = [Unit((graph,), unit_of(store, graph, selection).resource) for graph in graphs]
        parts = read_rows(fetch_rows(store, others), others, left_out)
        of_themselves = {
            other.name: [row for row in part[0] if row[0] == f"<{other.resource}>"]
            for other, part in zip(others, parts, strict=True)
        }
        for subject, each in zip(batch, said, strict=True):
            if subject.resource:
                beside = [row for _, row in each.about]
                beside += [
                    row for graph in {g for g, _ in each.about} for row in of_themselves.get(graph, ())
                ]
                own = self._ntriples(row for _, row in each.own)
                yield Surroundings(subject.resource, own, self._ntriples(beside))

    def _ntriples(self, rows: Iterable[Row]) -> bytes:
        useful = self._view.predicates
        lines = [f"{s} {p} {o} .\n" for s, p, o in rows if p.encode() in useful]
        return "".join(lines).encode()

    def _already(self, resource: str, said: _Said) -> Iterator[Row]:
        """Yield what is said of a resource in schema.org's terms, in its own record or elsewhere."""
        yield from (row for graph, row in said.own if _in_terms(row) and self._stays(resource, graph, row))
        yield from (row for _, row in said.about if _in_terms(row))

    def _stays(self, resource: str, graph: str, row: Row) -> bool:
        """Tell whether a row is told with this resource, not with that of its subject.

        Blank nodes among what is inferred are those of a view that is stored: rules make them again.
        """
        if row[0][0] == "_" or row[2][0] == "_":
            return not graph.startswith(INFERRED_GRAPHS)
        return row[0] == f"<{resource}>" or not self._reader.homes.of(row[0][1:-1])


def _in_terms(row: Row) -> bool:
    return row[1].startswith(_TERM) or (row[1] == _TYPE and row[2].startswith(_TERM))
