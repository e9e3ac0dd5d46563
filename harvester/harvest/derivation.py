"""What the harvester makes of what was said: inferred statements and measured quality, of what a run affects.

At the end of a run, when all that bears on a record is known. Records are gone through in batches: memory
does not grow with the catalogue, and a night in which little changed infers little.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from pyoxigraph import RdfFormat

from harvester.ahead import map_ahead
from harvester.batches import batches
from harvester.enrich.infer import infer
from harvester.enrich.mappings import Mappings
from harvester.enrich.neighbourhood import Neighbourhood, Surroundings, code_lists
from harvester.enrich.quality import measure, rows_of, shared_rows
from harvester.enrich.view import describe
from harvester.harvest.run import Run
from harvester.harvest.surroundings import Finder
from harvester.model import Kind, Record
from harvester.rdf.records import record_of
from harvester.rdf.rows import Row, read_ntriples
from harvester.vocab import SHARED, inferred_graph, quality_graph

STAGE = "inference and quality"
METRICS = "urn:x-harvester:metrics"
"""What all measurements share: metrics, indicators, values."""
_BATCH = 500
_THREADS = 2
"""Batches at work at a time: rules run without the GIL."""


@dataclass(frozen=True, slots=True)
class _Derived:
    """What rules made of a batch, by resource."""

    batch: list[Surroundings]
    inferred: Mapping[str, list[Row]]
    quality: Mapping[str, list[Row]]
    view: Mapping[str, list[Row]]


def derive(run: Run, *, everything: bool) -> None:
    """Derive anew what follows for the records that the run affects, or for `everything`.

    All that was read must be in the store.
    """
    material, writer = run.intake.material, run.intake.writer
    if everything:
        material.affect(run.intake.ledger.known_named())
    codes = cast("bytes", code_lists(run.mappings.codes).dump(format=RdfFormat.N_QUADS))
    key, catalog, mappings = run.portal.key, run.catalog or run.portal.site, run.mappings

    def work(batch: list[Surroundings]) -> _Derived:
        return _derive(batch, codes, mappings, catalog)

    done = 0
    for derived in map_ahead(work, batches(Finder(run).affected(), _BATCH), _THREADS):
        for each in () if run.intake.fresh else derived.batch:
            writer.clear(inferred_graph(key, each.resource))
            writer.clear(quality_graph(key, each.resource))
        for name, found in ((inferred_graph, derived.inferred), (quality_graph, derived.quality)):
            for resource, rows in found.items():
                writer.put_plain(_nquads(name(key, resource), rows))
        for resource, rows in derived.view.items():
            writer.put(_record(key, resource, rows))
        done += len(derived.batch)
        run.tell(STAGE, done, None, "records")
    if done:
        _summarise(run, catalog)


def metrics(mappings: Mappings) -> list[Record]:
    """Describe what quality is measured by; nothing where it is not."""
    rows = shared_rows(mappings.quality)
    return [record_of(SHARED, Kind.CONCEPTS, METRICS, rows, source=METRICS, ids=())] if rows else []


def _derive(batch: list[Surroundings], codes: bytes, mappings: Mappings, catalog: str) -> _Derived:
    around = Neighbourhood(batch, codes)
    inferred = infer(around, mappings, catalog)
    scores = measure(around.store, mappings.quality)
    quality = {iri: rows_of(iri, score) for iri, score in scores.items()}
    return _Derived(batch, inferred, quality, describe(around, mappings.schema, catalog))


def _record(key: str, resource: str, rows: list[Row]) -> Record:
    """Put rows with blank nodes into the form that the writer takes; nothing else will be known of it."""
    graph = inferred_graph(key, resource)
    return record_of(key, Kind.OTHER, resource, rows, source=resource, ids=(), graph=graph)


def _summarise(run: Run, catalog: str) -> None:
    """Measure the whole: what the aggregate rules say, in a graph of the catalogue's."""
    writer = run.intake.writer
    graph = quality_graph(run.portal.key, catalog)
    writer.clear(graph)
    writer.flush()
    for rule in run.mappings.quality.aggregates:
        text = rule.ntriples(writer.store, catalog, union=True)
        writer.put_plain(_nquads(graph, read_ntriples(text, catalog).rows))
    writer.flush()


def _nquads(graph: str, rows: Iterable[Row]) -> bytes:
    return "".join([f"{s} {p} {o} <{graph}> .\n" for s, p, o in rows]).encode()
