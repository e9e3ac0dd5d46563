"""Catalogues with bookkeeping, written by hand as docs/mapping.md describes it: things, and their states."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from harvester.store.generations import Catalogue, Generation
from harvester.vocab import DCAT, DCT, FOAF, HV, PROV, RDF, SPDX, record_graph, records_graph

NOTE = NamedNode("http://example.org/note")


@dataclass(frozen=True)
class Thing:
    """What one portal says of one resource; `notes` are further statements, one of a blank node."""

    resource: str
    title: str = ""
    notes: frozenset[str] = field(default_factory=frozenset)
    portal: str = "data.example"
    kind: str = "dataset"
    language: str | None = None
    title_term: str = DCT + "title"

    @property
    def graph(self) -> str:
        return record_graph(self.portal, self.resource)

    def statements(self) -> set[Quad]:
        """The quads of its record graph."""
        subject, graph = NamedNode(self.resource), NamedNode(self.graph)
        quads = {Quad(subject, NamedNode(RDF + "type"), NamedNode(DCAT + "Dataset"), graph)}
        if self.title:
            title = Literal(self.title, language=self.language)
            quads.add(Quad(subject, NamedNode(self.title_term), title, graph))
        for note in self.notes:
            quads.add(Quad(subject, NOTE, Literal(note), graph))
        if self.notes:
            blank = BlankNode("b" + sha256(self.graph.encode()).hexdigest()[:12])
            quads.add(Quad(subject, NOTE, blank, graph))
            quads.add(Quad(blank, NOTE, Literal(max(self.notes)), graph))
        return quads

    def bookkeeping(self) -> set[Quad]:
        """Its dcat:CatalogRecord."""
        record, checksum = NamedNode(self.graph), NamedNode(self.graph + "#checksum")
        digest = sha256("\n".join(sorted(map(str, self.statements()))).encode()).hexdigest()
        said: list[tuple[NamedNode, str, NamedNode | Literal]] = [
            (record, RDF + "type", NamedNode(DCAT + "CatalogRecord")),
            (record, HV + "kind", Literal(self.kind)),
            (record, FOAF + "primaryTopic", NamedNode(self.resource)),
            (record, SPDX + "checksum", checksum),
            (checksum, SPDX + "checksumValue", Literal(digest)),
        ]
        graph = NamedNode(records_graph(self.portal))
        return {Quad(subject, NamedNode(term), value, graph) for subject, term, value in said}

    def tombstone(self) -> set[Quad]:
        """What stays of it when it is gone."""
        record, graph = NamedNode(self.graph), NamedNode(records_graph(self.portal))
        return {
            Quad(record, NamedNode(HV + "kind"), Literal(self.kind), graph),
            Quad(record, NamedNode(FOAF + "primaryTopic"), NamedNode(self.resource), graph),
            Quad(record, NamedNode(PROV + "invalidatedAtTime"), Literal("2026-01-31T02:00:00Z"), graph),
        }


def data(things: Iterable[Thing]) -> set[Quad]:
    """All statements of the record graphs."""
    return {quad for thing in things for quad in thing.statements()}


def publish_things(
    catalogue: Catalogue,
    things: Iterable[Thing],
    *,
    gone: Iterable[Thing] = (),
    portal: str = "data.example",
    keep: int = 100,
) -> Generation:
    """Publish a generation that holds these things, and tombstones of those that are gone."""
    with catalogue.lock("test"), catalogue.stage("run") as stage:
        for graph in list(stage.store.named_graphs()):
            stage.store.remove_graph(graph)
        for thing in things:
            stage.store.extend(thing.statements() | thing.bookkeeping())
        for thing in gone:
            stage.store.extend(thing.tombstone())
        return stage.publish({"portal": portal}, keep)
