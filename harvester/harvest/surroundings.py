"""What rules see of a resource, found in what a run has noted, and else in the staged store."""

from collections.abc import Iterator
from functools import lru_cache

from pyoxigraph import NamedNode, Store

from harvester.enrich.neighbourhood import Surroundings, of_use
from harvester.harvest.links import LINKS, statuses
from harvester.harvest.run import Run
from harvester.rdf.records import MEMBERSHIP
from harvester.vocab import DCAT, DCT, RDF, details_graph, quality_graph, record_graph, resource_of

_TYPE = f" <{RDF}type> ".encode()
_NAMING = frozenset({f"<{DCT}isReferencedBy>".encode(), f"<{DCAT}distribution>".encode()})
_URLS = frozenset({f"<{DCAT}accessURL>".encode(), f"<{DCAT}downloadURL>".encode()})


class Finder:
    """Finds the surroundings of the resources that a run affects."""

    def __init__(self, run: Run) -> None:
        self._key = run.portal.key
        self._fresh = run.intake.fresh
        self._material = run.intake.material
        self._store: Store = run.intake.writer.store
        self._catalog = run.catalog
        self._language = f'<{run.catalog}> <{DCT}language> "{run.language}" .\n'.encode()
        self._ours = (record_graph(self._key, ""), details_graph(self._key, ""))
        self._links = NamedNode(quality_graph(self._key, LINKS))
        self._checked = any(self._store.quads_for_pattern(None, None, None, self._links))
        self._neighbour = lru_cache(maxsize=5_000)(self._statements)

    def affected(self) -> Iterator[Surroundings]:
        """Yield the affected resources that have a record."""
        for resource in self._material.affected():
            said = self._statements(record_graph(self._key, resource))
            if _TYPE in said:  # nobody describes what a reuse names and the catalogue does not list
                beside = [self._statements(details_graph(self._key, resource)), self._language]
                around = dict.fromkeys([*self._pointing_at(resource), *self._named(said)])
                beside += [self._about(resource, graph) for graph in around]
                beside += self._statuses(said)
                yield Surroundings(resource, said, b"".join(beside))

    def _about(self, resource: str, graph: str) -> bytes:
        """Return what another record says of a resource, of itself, and of itself as the catalogue's."""
        named = (resource, resource_of(graph), self._catalog)
        subjects = tuple(f"<{iri}> ".encode() for iri in named)
        lines = self._neighbour(graph).splitlines(True)
        return b"".join([line for line in lines if line.startswith(subjects)])

    def _named(self, said: bytes) -> Iterator[str]:
        """Yield the records of reuses and files that a record names and does not describe.

        A udata says in the reuse's record that it refers to the dataset; a catalogue that passes it on says
        so in the dataset's.
        """
        lines = [line.split(b" ", 2) for line in said.splitlines()]
        described = {subject for subject, *_ in lines}
        for _, predicate, rest in lines:
            if predicate in _NAMING and rest[:1] == b"<" and rest[:-2] not in described:
                yield record_graph(self._key, rest[1:-3].decode())

    def _statuses(self, said: bytes) -> Iterator[bytes]:
        """Yield what is known of the links of a dataset's distributions."""
        if self._checked:
            parts = (line.split(b" ", 3) for line in said.splitlines())
            urls = {part[2][1:-1].decode() for part in parts if part[1] in _URLS and part[2][:1] == b"<"}
            yield from (line.encode() for line in statuses(self._store, self._key, sorted(urls)))

    def _pointing_at(self, resource: str) -> list[str]:
        if self._fresh:
            return self._material.pointing_at(resource)
        quads = self._store.quads_for_pattern(NamedNode(resource), None, None)
        # Each member's record says of the catalogue that it is one.
        about = (quad for quad in quads if str(quad.predicate) not in MEMBERSHIP)
        graphs = {str(getattr(quad.graph_name, "value", "")) for quad in about}
        own = (record_graph(self._key, resource), details_graph(self._key, resource))
        return sorted(graph for graph in graphs if graph.startswith(self._ours) and graph not in own)

    def _statements(self, graph: str) -> bytes:
        noted = self._material.of(graph)
        if noted is not None or (self._fresh and self._material.is_whole(graph)):
            return noted or b""
        quads = self._store.quads_for_pattern(None, None, None, NamedNode(graph))
        lines = "".join([f"{q.subject} {q.predicate} {q.object} .\n" for q in quads])
        return of_use(lines.encode(), self._material.predicates)
