"""Datasets by their place: the catalogue's pages have the order of the JSON list, whatever their size.

A page of one dataset says of it all that a page of a hundred says; its own document lacks what only the
catalogue knows (its owner as publisher, that it is a member, the services on its page).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from harvester.ahead import impatient_pool
from harvester.errors import ItemError
from harvester.harvest.run import Run
from harvester.harvest.singles import in_full, is_gone, not_known_better
from harvester.model import HydraView, Kind, Page, Record
from harvester.portal.page_urls import stretch
from harvester.store.roll import Place

STAGE = "changed datasets"
_WORTH_A_HUNDRED = 25
"""Datasets of a page of a hundred for which it is asked as a whole: one request in place of so many."""
_WORTH_TEN = 4

Stretch = tuple[int, int]
"""Number and size of a page."""


def cover(places: Iterable[int]) -> Iterator[Stretch]:
    """Yield pages that show all these places: of a hundred or ten datasets where many are near, else of one.

    >>> list(cover([0, 1, 2, 3, 500]))
    [(1, 10), (501, 1)]
    """
    for hundred, near in _grouped(places, 100):
        if len(near) >= _WORTH_A_HUNDRED:
            yield hundred + 1, 100
            continue
        for ten, nearer in _grouped(near, 10):
            if len(nearer) >= _WORTH_TEN:
                yield ten + 1, 10
            else:
                yield from ((place + 1, 1) for place in nearer)


def _grouped(places: Iterable[int], size: int) -> list[tuple[int, list[int]]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for place in sorted(set(places)):
        groups[place // size].append(place)
    return sorted(groups.items())


def read_places(run: Run, first: str, places: Sequence[Place]) -> set[str]:
    """Take in the datasets at these places, and what stands on their pages; return the ids not found.

    `first` is the URL of any page of the catalogue. Where the listing moved meanwhile the pages around are
    read; not so where the portal cannot write a page.
    """
    missing = {place.id: place.place for place in places}
    failed: dict[str, int] = {}
    for attempt in (cover, _around):
        with impatient_pool(run.options.ahead) as pool:
            for where, page in pool.map(partial(_read, run, first), list(attempt(missing.values()))):
                if page is None:
                    failed |= {id_: place for id_, place in missing.items() if _is_in(place, where)}
                else:
                    missing = _take(run, page, missing)
                run.tell(STAGE, len(places) - len(missing), len(places), "datasets")
        missing = {id_: place for id_, place in missing.items() if id_ not in failed}
    return missing.keys() | failed.keys()


def _around(places: Iterable[int]) -> Iterator[Stretch]:
    """Yield pages of a hundred before, at and after these places."""
    pages = {place // 100 + 1 + offset for place in places for offset in (-1, 0, 1)}
    return ((page, 100) for page in sorted(pages) if page > 0)


def _is_in(place: int, where: Stretch) -> bool:
    number, size = where
    return (number - 1) * size <= place < number * size


def _read(run: Run, first: str, where: Stretch) -> tuple[Stretch, Page | None]:
    """Read a page; None where that fails, and an empty one beyond the end of the listing."""
    number, size = where
    url = stretch(first, number, size)
    if url is None:
        return where, None
    try:
        return where, run.fetch(url)
    except ItemError as error:
        if is_gone(error):
            return where, Page(records=(), view=HydraView())
        run.report.add_problems(
            [error.problem(f"a page of {size} from place {number * size - size + 1} on failed")]
        )
        return where, None


def _take(run: Run, page: Page, missing: dict[str, int]) -> dict[str, int]:
    """Take in what was asked for, and what is not a dataset; return what is still missing."""
    found = {id_ for record in page.records for id_ in record.ids if id_ in missing}
    run.report.pages += 1
    run.report.repaired += page.repaired
    run.report.add_problems(page.problems)
    wanted = [record for record in page.records if _is_wanted(run, record, missing)]
    if run.options.datasets_rdf == "all":
        wanted = [part for record in wanted for part in _in_full(run, record)]
    run.intake.take(wanted)
    return {id_: place for id_, place in missing.items() if id_ not in found}


def _in_full(run: Run, record: Record) -> list[Record]:
    first, *beside = in_full(run, record)
    return [first, *not_known_better(run, beside)]


def _is_wanted(run: Run, record: Record, missing: dict[str, int]) -> bool:
    """Tell whether a record is to be taken: neither another dataset of the page, nor a part of a merger."""
    if record.kind is Kind.DATASET:
        return record.listed and any(id_ in missing for id_ in record.ids)
    known = run.intake.ledger.known(record.graph)
    return not (known and known.merged)
