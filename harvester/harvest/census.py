"""The census: which datasets the portal lists, and when each last changed, from its light JSON listing.

About 14 kB per 100 datasets, a fiftieth of their RDF; more where a full run reads their details with it.
Taken before anything else is read: what changes later has another stamp the next night.
https://flask-restx.readthedocs.io/en/latest/mask.html
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from harvester.enrich.surfaces import DATASETS
from harvester.harvest.details import list_details
from harvester.harvest.places import read_places
from harvester.harvest.run import Run
from harvester.harvest.singles import read_otherwise
from harvester.model import Kind, Problem
from harvester.portal.documents import JsonObject
from harvester.portal.listing import ListPage, json_pages
from harvester.portal.paging import Verdict
from harvester.portal.udata import LIGHT_SIZE

STAGE = "census"
RUN = "run"
"""The note of a spool that names the run which filled it."""
_NOTE = "census"
_FEW = 50
_SHARE = 0.05
_FIELDS = "id,last_modified,internal{last_modified_internal}"


def take_census(run: Run, *, full: bool) -> bool:
    """Call the roll of the portal's datasets; tell whether all of them answered.

    A `full` run that wants the details of all datasets reads them with it. Not so one that is recorded or
    replayed: a recording has the light list, whatever else it holds.
    """
    if not run.portal.api:
        return False
    if full and run.wants(DATASETS) and not run.options.standalone:
        if _call(run, run.stash.keep(list_details(run, _FIELDS))) and run.stash.whole:
            return True
        run.roll.forget(Kind.DATASET)  # the light list may be whole all the same
    return _call(run, json_pages(run.fetcher, run.portal.listing("datasets", LIGHT_SIZE), _FIELDS))


def _call(run: Run, pages: Iterable[ListPage | Problem]) -> bool:
    complete = True
    for found in pages:
        if isinstance(found, Problem):
            complete = False
            run.report.add_problems([found])
            continue
        run.roll.call(Kind.DATASET, _stamps(found.items))
        run.tell(STAGE, run.roll.number(Kind.DATASET), found.total, "datasets")
    return complete and run.roll.number(Kind.DATASET) > 0


def resume(run: Run) -> None:
    """Look at what a run that was cut off has left: which datasets changed since it took its census.

    Pages without a census are of no use: nobody could tell what in them is out of date.
    """
    now = dict(run.roll.said(Kind.DATASET))
    note = run.spool.note(_NOTE) if run.spool.count else None
    if note is None:
        if run.portal.api:
            run.spool.clear()
        run.spool.keep_note(_NOTE, json.dumps(now).encode())
    run.spool.keep_note(RUN, run.report.run_id.encode())
    if run.spool.oldest is not None:
        run.since = datetime.fromtimestamp(run.spool.oldest, UTC)
    then: dict[str, str] = json.loads(note) if note else now
    run.stale = {id_ for id_ in then.keys() | now.keys() if then.get(id_) != now.get(id_)}


def reconcile(run: Run, first: str, verdict: Verdict) -> Verdict:
    """Read what the census lists and no page showed, and judge again whether the whole portal was seen.

    A listing that moves while it is read repeats some items and hides others: a few. More are no accident.
    """
    listed = run.roll.number(Kind.DATASET)
    unseen = [place for place in run.roll.unseen(Kind.DATASET) if place.id not in run.given_up]
    if len(unseen) > listed / 2 and run.report.members > listed * (1 - _SHARE):
        return verdict  # the documents of this portal do not tell ids
    if len(unseen) > max(_FEW, listed * _SHARE):
        why = f"the portal's list has {len(unseen):,} datasets that its catalogue has not; {verdict.why}"
        return Verdict(False, why)
    if unseen:
        read_otherwise(run, first, read_places(run, first, unseen))
    return Verdict(True, f"all {listed:,} datasets of the portal's list were seen")


def _stamps(items: tuple[JsonObject, ...]) -> Iterator[tuple[str, str]]:
    for item in items:
        if isinstance(item.get("id"), str):
            yield item["id"], stamp_of(item)


def stamp_of(item: JsonObject) -> str:
    """Return when an item last changed, as the portal says it; "" where it does not.

    A change by hand moves `internal.last_modified_internal` alone; `last_modified` of a harvested dataset is
    its source's date. Both are used.
    """
    internal: Any = item.get("internal")
    own = internal.get("last_modified_internal") if isinstance(internal, dict) else None
    said = [text for text in (own, item.get("last_modified")) if isinstance(text, str)]
    return " ".join(said)
