"""The end of a run, in the staged store: what was inferred, what changed, what is gone, what the run did."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from pyoxigraph import Store

from harvester.harvest.report import COUNTS
from harvester.harvest.run import Run
from harvester.model import Category, Problem
from harvester.store.activities import Activity, forget_runs, known_run, run_activity
from harvester.store.journal import Entry
from harvester.store.ledger import Known, Sighting
from harvester.store.records import catalog_record, forget, mark_absent, note_ids, titles, tombstone
from harvester.store.writer import Writer
from harvester.vocab import derived_graphs

_UNTOLD = ("unchanged", "failed", "interrupted")
_MOST_EARLIER_RUNS = 50


def count_outcomes(run: Run, gone: list[Known]) -> None:
    """Count per kind what was seen, and what became of it."""
    for kind, counts in run.intake.ledger.tallies().items():
        for what, number in counts.items():
            run.report.tally(kind, what, number)
    for known in gone:
        run.report.tally(known.kind, "removed")


def write_outcomes(run: Run, store: Store, writer: Writer, gone: list[Known], when: datetime) -> None:
    """Describe in the store what changed or went, and the run. New records were described on the way."""
    run_id, portal = run.report.run_id, run.report.portal
    for known in gone:
        past, said = forget(store, portal, known.graph), titles(store, known)
        run.intake.let_go(known.kind, known.graph)
        writer.clear(known.graph)
        for graph in derived_graphs(known.graph):
            writer.clear(graph)
        writer.put_plain(tombstone(portal, known, run_id, when, past, said).encode())
    for outcome in run.intake.ledger.outcomes():
        if outcome.change is Sighting.ADDED and outcome.descriptions == 1:
            continue
        past = forget(store, portal, outcome.graph)
        writer.put_plain(catalog_record(portal, outcome, run_id, when, past).encode())
    writer.flush()
    for graph in run.named:
        note_ids(store, portal, graph, run.intake.ledger.ids_of(graph))
    for known in run.intake.ledger.returned():
        mark_absent(store, portal, known.graph, None)
    for graph, absence in run.absences.items():
        mark_absent(store, portal, graph, absence)
    report = run.report
    activity = Activity(
        id=run_id,
        portal=portal,
        used=run.catalog or run.portal.site,
        started=report.started,
        ended=when,
        counts={name: report.count(name) for name in COUNTS}
        | {"requests": run.fetcher.requests, "problems": report.problem_counts.total()},
        problems=report.problems,
        said={"outcome": "published", "mode": report.mode, "mappings": run.mappings.fingerprint},
        kinds={kind.value: counts for kind, counts in sorted(report.kinds.items())},
    )
    writer.put_plain(run_activity(activity).encode())
    writer.flush()
    forget_runs(store, portal)


def write_earlier_runs(run: Run, writer: Writer, entries: Iterable[Entry]) -> None:
    """Tell the store of runs that published nothing: they failed, were cut off, or found nothing new."""
    waiting = (e for e in entries if e.outcome in _UNTOLD and e.run != run.report.run_id)
    for entry in islice((e for e in waiting if not known_run(writer.store, e.run)), _MOST_EARLIER_RUNS):
        writer.put_plain(run_activity(_activity(entry)).encode())


def _activity(entry: Entry) -> Activity:
    facts = entry.facts
    error = facts.get("error") or {}
    return Activity(
        id=entry.run,
        portal=entry.portal,
        used=str(facts.get("url", "")),
        started=entry.started,
        ended=entry.started + timedelta(seconds=entry.seconds or 0),
        counts={name: int((facts.get("counts") or {}).get(name) or 0) for name in COUNTS}
        | {"requests": entry.requests, "problems": entry.problems},
        problems=list(_problems(facts.get("problems"))),
        said={"outcome": entry.outcome, "mode": entry.mode, "error": str(error.get("cause", ""))},
    )


def _problems(listed: object) -> Iterator[Problem]:
    """Yield the problems of a report; what another version of this program wrote there is passed over."""
    for said in listed if isinstance(listed, list) else ():
        try:
            known = (str(said[key]) for key in ("url", "what", "why", "fix"))
            yield Problem(Category(said["category"]), *known)
        except (TypeError, KeyError, ValueError):
            continue
