"""The stages of a run, one after the other: what is read, what is gone, and what the store is told of it."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

from harvester.ahead import one_ahead
from harvester.errors import NothingPublishable
from harvester.harvest.absences import brake, settle_datasets, settle_reuses, settle_unlisted
from harvester.harvest.bookkeeping import (
    count_outcomes,
    write_earlier_runs,
    write_outcomes,
)
from harvester.harvest.catalogue import harvest_catalogue, incomplete
from harvester.harvest.census import reconcile, resume, take_census
from harvester.harvest.code_lists import take_code_lists
from harvester.harvest.conflicts import find_conflicts
from harvester.harvest.delta import harvest_moved, recall_catalog
from harvester.harvest.derivation import derive
from harvester.harvest.links import check_links
from harvester.harvest.orphans import find_orphans, leave_to_reuses
from harvester.harvest.plan import Past, after, before
from harvester.harvest.reuses import harvest_moved_reuses, harvest_reuses, reuse_pages
from harvester.harvest.run import Run
from harvester.harvest.site import harvest_site
from harvester.harvest.surfaces import harvest_surfaces
from harvester.model import Category, Kind, Problem
from harvester.store.journal import Journal
from harvester.store.ledger import Known

Clock = Callable[[], datetime]


def harvest_all(run: Run, first: str, past: Past, clock: Clock, folder: Path) -> None:
    """Fill the staged store from the portal whose catalogue's first page is `first`.

    Runs that published nothing, and that only the journal of the catalogue in `folder` knows, are told in it.
    Raises PortalUnreachable and NothingPublishable.
    """
    store = run.intake.writer.store
    census, moved = _choose_mode(run, past)
    full = run.report.mode == "full"
    with ExitStack() as stack:
        if full:
            reuses = stack.enter_context(one_ahead(reuse_pages(run)))
            _read_all(run, first, census=census)
        else:
            recall_catalog(run, store)
            harvest_moved(run, first)
        _release(run)
        if run.report.members == 0:
            raise NothingPublishable(
                f"{run.portal.site} lists no datasets",
                fix="check the address; an empty portal is not published",
            )
        gone = list(settle_datasets(run)) if run.report.complete else []
        run.unpublished.update(run.roll.lost(Kind.DATASET))
        if not full and (moved or gone):
            run.intake.writer.flush()
            leave_to_reuses(run, store, gone)
        complete = harvest_reuses(run, reuses) if full else harvest_moved_reuses(run)
    harvest_site(run)
    take_code_lists(run)
    if complete and not run.options.limit:
        gone += settle_reuses(run)
        gone += run.intake.ledger.absent([Kind.CONCEPTS])
    gone += harvest_surfaces(run, gone)
    if run.report.complete and not run.page_lost and (full or run.intake.is_news or gone):
        run.intake.writer.flush()
        gone += find_orphans(run, store, gone)
    brake(run, len(gone), run.intake.ledger.known_count(), "records")
    settle_unlisted(run)
    _release(run)
    run.intake.writer.flush()
    check_links(run, folder)
    _finish(run, gone, clock, Journal(folder))


def _choose_mode(run: Run, past: Past) -> tuple[bool, int]:
    """Take the census and decide on the mode; return whether it is complete, and how many datasets moved."""
    plan = before(run.options, past, run.report.started)
    if plan.mode == "full":
        run.parser.start()
    complete = not run.options.limit and take_census(run, full=plan.mode == "full")
    moved = run.roll.compare(Kind.DATASET) if plan.mode == "delta" and complete else 0
    listed, stamped = run.roll.number(Kind.DATASET), run.roll.stamped(Kind.DATASET)
    plan = after(plan, complete=complete, listed=listed, stamped=stamped, moved=moved)
    run.report.mode, run.report.mode_reason = plan.mode, plan.reason
    return complete, moved


def _read_all(run: Run, first: str, *, census: bool) -> None:
    """Read all pages of the catalogue, and what the census knows beside."""
    resume(run)
    verdict = harvest_catalogue(run, first)
    if not run.catalog:
        recall_catalog(run, run.intake.writer.store)
    if census:
        verdict = reconcile(run, first, verdict)
    # Of a census every dataset was read, or kept, or is not known yet: what fails then hides no absence.
    run.report.complete = verdict.complete and (census or not run.report.skipped)
    if not verdict.complete and not run.options.limit:
        run.report.add_problems([incomplete(first, verdict.why)])


def _release(run: Run) -> None:
    """Let datasets that share an IRI into the store, where all of them were read."""
    for known in run.intake.release(partial(run.roll.lists, Kind.DATASET)):
        run.report.add_problems(
            [
                Problem(
                    category=Category.INCOMPLETE,
                    url=known.resource,
                    what=f"{known.resource} was kept as it was",
                    why=f"{len(known.ids)} datasets share this IRI, and not all of them could be read",
                    fix="nothing to do: the next run reads them again",
                )
            ]
        )


def _finish(run: Run, gone: list[Known], clock: Clock, journal: Journal) -> None:
    """Settle in the staged store what the whole run shows."""
    report, writer = run.report, run.intake.writer
    if report.mode == "delta":
        going = {known.graph for known in gone}
        for known in list(run.intake.ledger.absent(Kind)):
            if known.graph not in going:
                run.intake.ledger.keep(known, sure=True)
    count_outcomes(run, gone)
    report.marks = len(run.absences) + sum(1 for _ in run.intake.ledger.returned())
    writer.flush()
    report.add_problems(find_conflicts(run, writer.store))
    if not report.is_news:
        report.notes.append("nothing changed: the last generation stays current")
        return
    write_earlier_runs(run, writer, journal.entries())
    write_outcomes(run, writer.store, writer, gone, clock())
    run.intake.material.affect(known.resource for known in gone)
    derive(run, everything=report.new_rules)
