"""The end of a run, in the staged store: what was inferred, what changed, what is gone, what the run did."""

from datetime import datetime

from pyoxigraph import NamedNode, Store

from harvester.enrich.infer import infer
from harvester.harvest.report import COUNTS
from harvester.harvest.run import Run
from harvester.store.ledger import Known, Sighting
from harvester.store.records import catalog_record, forget, run_activity, tombstone
from harvester.store.writer import Writer
from harvester.vocab import inferred_graph


def count_outcomes(run: Run, gone: list[Known]) -> None:
    """Count per kind what was seen, and what became of it."""
    for outcome in run.intake.ledger.outcomes():
        run.report.tally(outcome.kind, "seen")
        run.report.tally(outcome.kind, outcome.change.value)
    for known in gone:
        run.report.tally(known.kind, "removed")


def write_outcomes(run: Run, store: Store, writer: Writer, gone: list[Known], when: datetime) -> None:
    """Describe in the store what changed or went, and the run. New records were described on the way."""
    run_id, portal = run.report.run_id, run.portal.key
    for known in gone:
        issued = forget(store, portal, known.graph)
        writer.clear(known.graph)
        writer.put_plain(tombstone(portal, known, run_id, when, issued).encode())
    for outcome in run.intake.ledger.outcomes():
        described = outcome.change is Sighting.ADDED and outcome.descriptions == 1
        if described or outcome.change is Sighting.UNCHANGED:
            continue
        issued = forget(store, portal, outcome.graph)
        writer.put_plain(catalog_record(portal, outcome, run_id, when, issued).encode())
    counts = {name: run.report.count(name) for name in COUNTS} | {"requests": run.report.requests}
    writer.put_plain(
        run_activity(
            run_id,
            portal,
            run.catalog or run.portal.site,
            run.report.started,
            when,
            counts,
            run.report.problems,
        ).encode()
    )
    writer.flush()


def write_inferred(run: Run, store: Store, writer: Writer) -> None:
    """Replace what was inferred about the portal's records. All that was harvested must be in the store."""
    prefix = inferred_graph(run.portal.key, "")
    inferred_before = [] if run.intake.fresh else list(store.named_graphs())
    for graph in inferred_before:
        if isinstance(graph, NamedNode) and graph.value.startswith(prefix):
            store.remove_graph(graph)
    for subject, rows in infer(store, run.mappings, run.facts) if run.catalog else ():
        name = inferred_graph(run.portal.key, subject)
        writer.put_plain("".join([f"{s} {p} {o} <{name}> .\n" for s, p, o in rows]).encode())
    writer.flush()
