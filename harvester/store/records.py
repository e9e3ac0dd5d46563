"""The records of which the store keeps book: a dcat:CatalogRecord each.

The shapes are documented in docs/mapping.md; https://www.w3.org/TR/vocab-dcat-3/#Class:Catalog_Record .
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from harvester.model import Kind
from harvester.store.ledger import Absence, Known, Outcome
from harvester.store.statements import moment, nquads, reference, remove, text_of
from harvester.vocab import (
    DCAT,
    DCT,
    DETAILS_GRAPHS,
    FOAF,
    HV,
    PROV,
    RDF,
    RUN,
    SKOS,
    SPDX,
    VCARD,
    records_graph,
)

KEPT_CHANGES = 30
"""Earlier changes of a record of which the store tells."""
_TITLES = (DCT + "title", FOAF + "name", VCARD + "fn", SKOS + "prefLabel")


@dataclass(frozen=True, slots=True)
class Past:
    """What was known of a record before a run: when it was first seen, the runs that touched it (IRIs)."""

    issued: str | None = None
    runs: tuple[str, ...] = ()


_KNOWN = f"""
SELECT ?graph ?kind ?resource ?digest WHERE {{
  GRAPH ?records {{
    ?graph <{HV}kind> ?kind ; <{FOAF}primaryTopic> ?resource ; <{SPDX}checksum> ?checksum .
    ?checksum <{SPDX}checksumValue> ?digest
  }}
}}
"""
"""Tombstones have no checksum."""
_ABSENCES = f"""
SELECT ?graph ?why ?since ?runs WHERE {{
  GRAPH ?records {{ ?graph <{HV}absence> ?why ; <{HV}absentSince> ?since ; <{HV}absentRuns> ?runs }}
}}
"""
_TOUCHED = (PROV + "wasGeneratedBy", PROV + "wasInvalidatedBy", HV + "touchedEarlierBy")
_ABSENCE_TERMS = (HV + "absence", HV + "absentSince", HV + "absentRuns")


def known_records(store: Store, portal: str) -> Iterator[Known]:
    """Yield the records of one portal that the store holds, without ids; tombstones left out."""
    absences = {
        row["graph"].value: Absence(row["why"].value, row["since"].value, int(row["runs"].value))
        for row in _ask(store, _ABSENCES, portal)
    }
    records = NamedNode(records_graph(portal))
    merged = {
        text_of(quad.subject)
        for quad in store.quads_for_pattern(None, NamedNode(HV + "descriptions"), None, records)
    }
    for row in _ask(store, _KNOWN, portal):
        graph, kind, resource, digest = (row[name].value for name in ("graph", "kind", "resource", "digest"))
        yield Known(graph, Kind(kind), resource, digest, merged=graph in merged, absence=absences.get(graph))


def known_ids(store: Store, portal: str) -> Iterator[tuple[str, str]]:
    """Yield the portal's ids for the records that the store holds: (graph, id)."""
    identifier, records = NamedNode(DCT + "identifier"), NamedNode(records_graph(portal))
    for quad in store.quads_for_pattern(None, identifier, None, records):
        yield text_of(quad.subject), text_of(quad.object)


def note_ids(store: Store, portal: str, graph: str, ids: Iterable[str]) -> None:
    """Note the portal's ids for a record, beside those that are noted already."""
    record, records = NamedNode(graph), NamedNode(records_graph(portal))
    identifier = NamedNode(DCT + "identifier")
    store.extend(Quad(record, identifier, Literal(id_), records) for id_ in ids)


def mark_absent(store: Store, portal: str, graph: str, absence: Absence | None) -> None:
    """Note in the dcat:CatalogRecord of a record that the portal no longer lists it; None: that it does."""
    record, records = NamedNode(graph), NamedNode(records_graph(portal))
    for term in _ABSENCE_TERMS:
        remove(store, record, NamedNode(term), records)
    if absence:
        values = (Literal(absence.why), moment(absence.since), Literal(absence.runs))
        store.extend(
            Quad(record, NamedNode(term), value, records)
            for term, value in zip(_ABSENCE_TERMS, values, strict=True)
        )


def _ask(store: Store, query: str, portal: str) -> QuerySolutions:
    rows = store.query(query.replace("?records", str(NamedNode(records_graph(portal)))))
    assert isinstance(rows, QuerySolutions)  # noqa: S101  # the queries here are SELECTs
    return rows


def forget(store: Store, portal: str, graph: str) -> Past:
    """Remove the dcat:CatalogRecord of `graph`; return what it told of the past."""
    bookkeeping = NamedNode(records_graph(portal))
    issued: str | None = None
    runs: set[str] = set()
    for subject in (NamedNode(graph), NamedNode(graph + "#checksum")):
        for quad in list(store.quads_for_pattern(subject, None, None, bookkeeping)):
            if quad.predicate.value == DCT + "issued":
                issued = text_of(quad.object)
            elif quad.predicate.value in _TOUCHED:
                runs.add(text_of(quad.object))
            store.remove(quad)
    return Past(issued, tuple(sorted(runs)[-KEPT_CHANGES:]))  # the names of runs begin with their times


def catalog_record(portal: str, outcome: Outcome, run: str, when: datetime, past: Past) -> str:
    """Describe a record that this run added or changed, as N-Quads.

    Of details no more than what the next run needs: they stand beside a record that has its description.
    """
    checksum, graph = f"<{outcome.graph}#checksum>", records_graph(portal)
    said = [
        (HV + "kind", f'"{outcome.kind}"'),
        (FOAF + "primaryTopic", f"<{outcome.resource}>"),
        (PROV + "wasGeneratedBy", f"<{RUN}{run}>"),
        (HV + "change", f'"{outcome.change}"'),
        (SPDX + "checksum", checksum),
        *((DCT + "identifier", str(Literal(id_))) for id_ in outcome.ids),
        *([(HV + "descriptions", str(Literal(outcome.descriptions)))] * (outcome.descriptions > 1)),
    ]
    digest = [(SPDX + "checksumValue", f'"{outcome.digest}"')]
    if not outcome.graph.startswith(DETAILS_GRAPHS):
        said += [
            (RDF + "type", f"<{DCAT}CatalogRecord>"),
            (DCT + "source", str(reference(outcome.source))),
            (DCT + "issued", str(moment(past.issued or when))),
            (DCT + "modified", str(moment(when))),
            *_earlier(past, run),
        ]
        digest += [
            (RDF + "type", f"<{SPDX}Checksum>"),
            (SPDX + "algorithm", f"<{SPDX}checksumAlgorithm_sha256>"),
        ]
    return nquads(f"<{outcome.graph}>", said, graph) + nquads(checksum, digest, graph)


def titles(store: Store, known: Known) -> list[Literal]:
    """Return what a record calls its resource, in each language."""
    resource, graph = NamedNode(known.resource), NamedNode(known.graph)
    for predicate in _TITLES:
        quads = store.quads_for_pattern(resource, NamedNode(predicate), None, graph)
        if said := [quad.object for quad in quads if isinstance(quad.object, Literal)]:
            return said
    return []


def tombstone(
    portal: str,
    known: Known,
    run: str,
    when: datetime,
    past: Past,
    titles: Iterable[Literal] = (),
) -> str:
    """Describe a record that this run removed, as N-Quads. `titles` are what its resource was called."""
    return nquads(
        f"<{known.graph}>",
        [
            (RDF + "type", f"<{DCAT}CatalogRecord>"),
            (HV + "kind", f'"{known.kind}"'),
            (FOAF + "primaryTopic", f"<{known.resource}>"),
            (HV + "change", '"removed"'),
            (PROV + "invalidatedAtTime", str(moment(when))),
            (PROV + "wasInvalidatedBy", f"<{RUN}{run}>"),
            *((DCT + "identifier", str(Literal(id_))) for id_ in known.ids),
            *([(DCT + "issued", str(moment(past.issued)))] if past.issued else []),
            *((DCT + "title", str(title)) for title in titles),
            *_earlier(past, run),
        ],
        records_graph(portal),
    )


def _earlier(past: Past, run: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of earlier runs; a record may be written twice in this one."""
    return ((HV + "touchedEarlierBy", f"<{other}>") for other in past.runs if other != RUN + run)
