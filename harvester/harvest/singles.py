"""Datasets by their own documents: for what the catalogue does not list, or cannot show."""

from collections.abc import Iterable
from dataclasses import replace

from harvester.errors import FetchError, ItemError
from harvester.harvest.run import Run
from harvester.model import Category, Kind, Page, Problem, Record
from harvester.rdf.records import record_of, rows_of
from harvester.rdf.rows import Row
from harvester.vocab import DCAT

MAX_ASKED = 5_000
"""Datasets and data services that a run asks for because reuses name them; links to more stay dangling."""
_GONE = (404, 410)
"""Statuses by which a portal says that it does not publish something: private or unknown, deleted."""


def is_gone(error: ItemError) -> bool:
    """Tell whether the portal said that it does not publish what was asked for."""
    return isinstance(error, FetchError) and error.status in _GONE


def read_members(run: Run, ids: Iterable[str]) -> tuple[int, int]:
    """Keep datasets whose page cannot be read as they were; read new ones by themselves; return how many."""
    kept = read = 0
    for id_ in ids:
        known = run.intake.ledger.known_as(id_)
        if known:
            run.intake.ledger.keep(known)
            run.report.skipped += 1
            kept += 1
        else:
            read += _read_member(run, id_)
    return kept, read


def read_otherwise(run: Run, url: str, ids: set[str]) -> None:
    """Do as `read_members` with datasets that no page of the catalogue at `url` showed; report it."""
    if ids:
        kept, read = read_members(run, sorted(ids))
        run.report.add_problems([_out_of_place(url, len(ids), kept, read)])


def _out_of_place(url: str, number: int, kept: int, read: int) -> Problem:
    return Problem(
        category=Category.INCOMPLETE,
        url=url,
        what=f"{number:,} datasets are not on the page where the portal's list has them:"
        f" {kept:,} were kept as they were, {read:,} new ones read by themselves",
        why="the listing moved while it was read, or its pages cannot be read",
        fix="nothing to do: the next run reads them again",
    )


def _read_member(run: Run, id_: str) -> bool:
    """Take in a dataset that the catalogue lists on a page which cannot be read; tell whether that worked."""
    try:
        page = read_dataset(run, id_)
    except ItemError as error:
        if not is_gone(error):  # else it went while the listing was read
            run.report.skip(f"the dataset {id_} was skipped", error)
            run.given_up.add(id_)
        return False
    run.intake.take(_as_members(run, page, id_))
    return True


def read_dataset(run: Run, id_: str) -> Page:
    """Read one dataset's own RDF document. Raises ItemError; see `is_gone`."""
    return run.fetch(run.portal.dataset_rdf(id_, run.format))


def in_full(run: Run, record: Record) -> list[Record]:
    """Return a dataset of a catalogue page with what its own document says beside; others as they are."""
    if record.kind is not Kind.DATASET or not record.ids or not run.portal.api:
        return [record]
    found: list[Record] = [record]
    for id_ in record.ids:
        try:
            page = read_dataset(run, id_)
        except ItemError as error:
            run.report.skip(f"the own document of dataset {id_} was skipped; its page serves", error)
            continue
        for other in page.records:
            if other.resource == record.resource:
                found[0] = with_rows(run, found[0], rows_of(other))
            else:
                found.append(other)
    return found


def read_missing(run: Run, ids: Iterable[str]) -> None:
    """Read datasets that the catalogue did not list, as far as the portal publishes them."""
    for id_ in _not_asked(run, ids):
        try:
            page = read_dataset(run, id_)
        except ItemError as error:
            if is_gone(error):
                run.unpublished.add(id_)
            else:
                run.report.skip(f"the dataset {id_}, which a reuse refers to, was skipped", error)
        else:
            run.report.repaired += page.repaired
            take_single(run, page)


def take_single(run: Run, page: Page) -> None:
    """Take in a dataset's own document: all of it beside the pages of a full harvest, else what is new."""
    run.singles.update(record.graph for record in page.records if record.kind is Kind.DATASET)
    whole = run.report.mode == "full"
    run.intake.take(page.records if whole else not_known_better(run, page.records))


def not_known_better(run: Run, records: Iterable[Record]) -> list[Record]:
    """Leave out what a dataset's own document says of others that are known: a catalogue page says more."""
    known = run.intake.ledger.known
    return [record for record in records if record.kind is Kind.DATASET or not known(record.graph)]


def name_services(run: Run, ids: Iterable[str]) -> None:
    """Learn the IRIs of harvested data services from their own documents: pages do not tell their ids."""
    ledger = run.intake.ledger
    for id_ in _not_asked(run, ids):
        try:
            page = run.fetch(run.portal.service_rdf(id_, run.format))
        except ItemError:
            continue  # the mapping reports the link
        for record in page.records:
            if record.kind is Kind.SERVICE and ledger.has_seen(record.graph):
                ledger.name(id_, record)
                run.named.add(record.graph)


def _not_asked(run: Run, ids: Iterable[str]) -> list[str]:
    """Return those ids that were not asked for yet, as many as one run may ask for."""
    new = sorted(set(ids) - run.asked)
    allowed = new[: MAX_ASKED - len(run.asked)]
    if len(allowed) < len(new) and len(run.asked) < MAX_ASKED:
        run.report.notes.append(
            f"reuses name over {MAX_ASKED:,} unlisted datasets and services: the rest dangle"
        )
    run.asked.update(allowed)
    return allowed


def _as_members(run: Run, page: Page, id_: str) -> Iterable[Record]:
    """Say of the dataset itself that the catalogue lists it: the page that failed would have said so."""
    for record in page.records:
        if record.kind is Kind.DATASET and id_ in record.ids and run.catalog:
            member = (f"<{run.catalog}>", f"<{DCAT}dataset>", f"<{record.resource}>")
            yield replace(with_rows(run, record, [member]), listed=True)
        else:
            yield record


def with_rows(run: Run, record: Record, more: Iterable[Row]) -> Record:
    """Return the record with more said about its resource."""
    return record_of(
        run.portal.key,
        record.kind,
        record.resource,
        [*rows_of(record), *more],
        source=record.source,
        ids=record.ids,
        listed=record.listed,
        volatile=run.mappings.volatile,
    )
