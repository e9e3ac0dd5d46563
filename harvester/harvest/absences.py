"""What the portal no longer lists: kept for a while or removed, on proof only (docs/decisions/0005)."""

from collections.abc import Callable, Iterator
from functools import partial

from harvester.errors import FetchError, ItemError, NothingPublishable
from harvester.harvest.run import Run
from harvester.harvest.singles import is_gone, read_dataset, take_single
from harvester.model import Category, Kind, Problem
from harvester.portal.documents import SMALL, read_object
from harvester.store.ledger import Absence, Known

STAGE = "absent datasets"
SMALL_NUMBER = 5
"""Absences that are always looked into: in a small catalogue a tenth is soon reached."""

DELETED, NOT_FOUND, ARCHIVED, UNLISTED = "deleted", "not found", "archived", "unlisted"
_ANSWERS = (ARCHIVED, UNLISTED)
"""Absent from the listing, but the portal still shows them: kept for as long as it does."""


def settle_datasets(run: Run) -> Iterator[Known]:
    """Yield the datasets that are gone from a completely listed portal; keep the others, and note why.

    Raises NothingPublishable before anything is asked where more are absent than a run may remove.
    """
    ledger = run.intake.ledger
    absent = []
    for known in ledger.absent([Kind.DATASET]):
        if ledger.is_elsewhere(known):
            yield known  # its IRI changed
        elif not _still_out(run, known):
            absent.append(known)
    missing = sum(1 for known in absent if not known.absence or known.absence.why not in _ANSWERS)
    brake(run, missing, ledger.known_count(Kind.DATASET), "datasets")
    for number, known in enumerate(absent, 1):
        run.tell(STAGE, number, len(absent), "datasets")
        why = _why_dataset_absent(run, known)
        if why is not None and _is_over(run, known, why):
            run.unpublished.update(known.ids)
            yield known
        else:
            run.kept.update(known.ids)
            # Without an answer nothing new is known: a mark of earlier runs stays as it was.
            ledger.keep(known, listed=why is None)


def settle_reuses(run: Run) -> Iterator[Known]:
    """Yield the reuses that are gone from a complete list; those that answer after all stay as they were."""
    absent = list(run.intake.ledger.absent([Kind.REUSE]))
    brake(run, len(absent), run.intake.ledger.known_count(Kind.REUSE), "reuses")
    for known in absent:
        why = _why_absent(run, known, partial(_find_reuse, run, known))
        if why is not None and _is_over(run, known, why):
            yield known


def settle_unlisted(run: Run) -> None:
    """Note of datasets that were read because a reuse names them that the portal does not list them."""
    for outcome in run.intake.ledger.unlisted() if run.portal.api else ():
        known = run.intake.ledger.known(outcome.graph)
        told = outcome.graph in run.absences or (known and known.absence)
        if outcome.graph in run.singles and not told:
            why = ARCHIVED if any(_is_archived(run, id_) for id_ in outcome.ids) else UNLISTED
            run.absences[outcome.graph] = Absence(why, _when(run), 1)


def brake(run: Run, absent: int, known: int, what: str) -> None:
    """Stop a run before it removes more of what is `known` than one run may. Raises NothingPublishable."""
    share = run.options.max_removal
    allowed = max(SMALL_NUMBER, known * share) if share else 0
    if absent <= allowed or run.options.allow_mass_removal:
        return
    raise NothingPublishable(
        f"{run.portal.key} lacks {absent:,} of {known:,} {what}, over {share:.0%}; nothing was changed",
        fix="look at the portal; if they are really gone, harvest again with --allow-mass-removal",
    )


def _still_out(run: Run, known: Known) -> bool:
    """Keep what a delta does not ask for: what was found archived or unlisted, and what has no id."""
    found_out = known.absence is not None and known.absence.why in _ANSWERS
    out = run.report.mode == "delta" and (found_out or not known.ids)
    if out:
        run.kept.update(known.ids)
        run.intake.ledger.keep(known, sure=True, listed=False)
    return out


def _is_over(run: Run, known: Known, why: str) -> bool:
    """Note why a record is absent; tell whether its time of grace is over."""
    before = known.absence
    runs = before.runs + 1 if before and before.why not in _ANSWERS else 1
    grace = {DELETED: run.options.grace_deleted}.get(why, run.options.grace)
    if why not in _ANSWERS and runs > grace:
        return True
    if why in _ANSWERS and before and before.why == why:
        return False
    since = before.since if before else _when(run)
    run.absences[known.graph] = Absence(why, since, runs)
    if why not in _ANSWERS:
        run.report.add_problems([_in_grace(known, why, runs, grace)])
    return False


def _when(run: Run) -> str:
    return f"{run.report.started:%Y-%m-%dT%H:%M:%SZ}"


def _why_dataset_absent(run: Run, known: Known) -> str | None:
    """Ask for a dataset that the portal does not list, if there is anybody to ask."""
    if not run.portal.api or not known.ids:
        return NOT_FOUND
    return _why_absent(run, known, partial(_find_dataset, run, known))


def _why_absent(run: Run, known: Known, find: Callable[[str], str | None]) -> str | None:
    """Ask for each id of a record that the portal does not list; None where that cannot be known.

    `find` says what it means that the portal answers; it raises ItemError where it does not.
    """
    statuses = set()
    for id_ in known.ids:
        try:
            return find(id_)
        except ItemError as error:
            if not is_gone(error):
                run.report.skip(f"{known.resource} is no longer listed, but was kept", error)
                return None
            statuses.add(error.status if isinstance(error, FetchError) else None)
    return DELETED if statuses == {410} else NOT_FOUND


def _find_dataset(run: Run, known: Known, id_: str) -> str:
    page = read_dataset(run, id_)
    take_single(run, page)
    why = ARCHIVED if _is_archived(run, id_) else UNLISTED
    if not known.absence:
        run.report.add_problems([_answers(known, id_, page.records[0].source, why)])
    return why


def _find_reuse(run: Run, known: Known, id_: str) -> None:
    run.fetcher.get(run.portal.reuse(id_), accept="application/json", headers={"X-Fields": "id"})
    run.intake.ledger.keep(known, sure=True)


def _is_archived(run: Run, id_: str) -> bool:
    try:
        url = run.portal.dataset(id_)
        document = run.fetcher.get(
            url, accept="application/json", headers={"X-Fields": "id,archived"}, max_body=SMALL
        )
        return bool(read_object(document).get("archived"))
    except ItemError:
        return False  # a word less in the report


def _in_grace(known: Known, why: str, runs: int, grace: int) -> Problem:
    return Problem(
        category=Category.GONE,
        url=known.resource,
        what=f"{known.resource} is no longer listed ({why}): kept, for the {runs}. run of {grace}",
        why="an absence of one night is no proof: only what the portal says to have deleted goes at once",
        fix="nothing to do; --grace says after how many runs it goes",
    )


def _answers(known: Known, id_: str, url: str, why: str) -> Problem:
    reason = "it was archived" if why == ARCHIVED else "the portal still shows it, but not in its catalogue"
    return Problem(
        category=Category.GONE,
        url=url,
        what=f"{known.resource} ({id_}) is no longer listed, but still answers: it was kept",
        why=reason,
        fix="nothing to do; it goes when the portal deletes it",
    )
