"""What is gone from the portal: removed on proof only (docs/decisions/0005)."""

from collections.abc import Iterable, Iterator

from harvester.errors import FetchError, ItemError, NothingPublishable
from harvester.harvest.run import Run
from harvester.harvest.singles import is_gone, read_dataset
from harvester.model import Category, Kind, Problem
from harvester.store.ledger import Known

STAGE = "absent datasets"
_BRAKE = 0.10
"""Share of a portal's records that one run may remove without being told that it may."""
_SMALL = 20
"""Removals that are always allowed: in a small catalogue 10 % is soon reached."""
_HANGERS_ON = (Kind.CATALOG, Kind.SERVICE, Kind.AGENT, Kind.CONTACT, Kind.OTHER)
"""Records that stand on catalogue pages because datasets name them: gone when all pages lack them."""


def find_removals(run: Run, *, reuses_complete: bool) -> list[Known]:
    """Return the records that the portal no longer publishes.

    Nothing is removed on an incomplete listing. A dataset absent from a complete one is asked for by itself,
    where there is more than the catalogue to ask: only 404 and 410 remove it. Raises NothingPublishable where
    more would go than a run may remove.
    """
    ledger = run.intake.ledger
    gone: list[Known] = []
    if run.report.complete:
        gone += _proven(run, list(ledger.absent([Kind.DATASET])))
    if run.report.complete and not run.page_lost:
        # Only now: what an unlisted dataset names was seen while it was asked for.
        gone += ledger.absent(_HANGERS_ON)
    if reuses_complete and not run.options.limit:
        gone += [known for known in ledger.absent([Kind.REUSE]) if _reuse_is_gone(run, known)]
        gone += ledger.absent([Kind.CONCEPTS])
    _brake(run, gone)
    return gone


def _proven(run: Run, absent: list[Known]) -> Iterator[Known]:
    """Yield the datasets that are gone; take in those that answer, though they are no longer listed."""
    for number, known in enumerate(absent, 1):
        run.tell(STAGE, number, len(absent), "datasets")
        if not run.portal.api or not known.ids or _is_gone(run, known):
            yield known


def _is_gone(run: Run, known: Known) -> bool:
    for id_ in known.ids:
        try:
            page = read_dataset(run, id_)
        except FetchError as error:
            if not is_gone(error):
                run.report.skip(
                    f"{known.resource} is no longer listed, but was kept: its own address fails", error
                )
                return False
        except ItemError as error:
            run.report.skip(f"{known.resource} is no longer listed, but was kept: it cannot be read", error)
            return False
        else:
            run.intake.take(page.records)
            run.report.add_problems([_unlisted(known, id_, page.records[0].source)])
            return False
    return True


def _reuse_is_gone(run: Run, known: Known) -> bool:
    """Ask for a reuse that a complete list lacks; where it answers after all, it stays as it was."""
    for id_ in known.ids:
        try:
            run.fetcher.get(run.portal.reuse(id_), accept="application/json", headers={"X-Fields": "id"})
        except FetchError as error:
            if is_gone(error):
                continue
            run.report.skip(
                f"{known.resource} is no longer listed, but was kept: its own address fails", error
            )
        run.intake.ledger.keep(known)
        return False
    return True


def _brake(run: Run, gone: Iterable[Known]) -> None:
    number = len(list(gone))
    known = run.intake.ledger.known_count()
    if number <= max(_SMALL, known * _BRAKE) or run.options.allow_mass_removal:
        return
    raise NothingPublishable(
        f"{run.portal.key} lacks {number:,} of {known:,} records, over {_BRAKE:.0%}: nothing was published",
        fix="look at the portal; if they are really gone, harvest again with --allow-mass-removal",
    )


def _unlisted(known: Known, id_: str, url: str) -> Problem:
    return Problem(
        category=Category.GONE,
        url=url,
        what=f"{known.resource} ({id_}) is no longer listed, but still answers: it was kept",
        why="it was archived, perhaps, or moved between pages while they were read",
        fix="nothing to do; if it lasts, look at the dataset on the portal",
    )
