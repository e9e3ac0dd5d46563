"""The catalogue stage: page after page into the store; a bad page costs only what is bad in it."""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from math import ceil

from harvester.ahead import Ahead, impatient_pool
from harvester.errors import BudgetSpent, DocumentError, ItemError, NothingPublishable, PortalUnreachable
from harvester.formats import BY_NAME, Format
from harvester.harvest.rescue import rescue
from harvester.harvest.run import Run
from harvester.harvest.singles import in_full, is_gone
from harvester.model import Category, Document, HydraView, Kind, Page, Problem, Record
from harvester.portal.paging import Pager, Turn, Verdict, expected

STAGE = "catalogue pages"
_OTHER_FORMATS = ("xml", "nt", "jsonld")
"""Tried in turn for a page that cannot be read in the chosen format: other code of the portal writes them."""
_CATALOG = re.compile(r"(/catalog)\.[A-Za-z0-9-]+")
_LANGUAGE = re.compile(rb'<http://purl.org/dc/terms/language> "([A-Za-z]{2,3})"')


def harvest_catalogue(run: Run, first: str) -> Verdict:
    """Read all pages from `first` on; tell whether they were all there are.

    Raises PortalUnreachable or NothingPublishable where `first` fails.
    """
    pager = Pager(may_be_one=not run.portal.api)
    report = run.report
    url: str | None = first
    with impatient_pool(run.options.ahead) as pool:
        pages = Ahead(partial(_submit, run, pool))
        while url is not None:
            turn = _read_and_take(run, pool, pages, pager, url)
            if turn.problem:
                report.add_problems([turn.problem])
            report.pages += 1
            run.tell(STAGE, report.pages, _expected_pages(run), "pages")
            if 0 < run.options.limit <= report.members:
                report.notes.append(f"stopped after {report.members} datasets (--limit): nothing is removed")
                return Verdict(False, "--limit")
            url = turn.next
    return pager.verdict()


def _read_and_take(run: Run, pool: ThreadPoolExecutor, pages: "Ahead[_Got]", pager: Pager, url: str) -> Turn:
    """Read one page into the store and say what follows."""
    try:
        got = pages.get(url)
    except ItemError as error:
        return _skip(run, pages, pager, url, error)
    page, listed = (got.page, _listed(got.page)) if got.page else run.pages.recall(url)
    fingerprint = sha256("\n".join(listed).encode()).digest() if listed else None
    turn = pager.turn(url, page.view, page.members, fingerprint)
    pages.expect(expected(url, page.view, turn, run.options.ahead))
    if not run.report.pages and run.format.name == "jsonld" and run.portal.api:
        run.report.add_problems([_lossy(page.records[0].source if page.records else run.portal.site)])
    if got.page:
        run.pages.note(url, got.document, page)
    if got.resumed:
        run.report.resumed_pages += 1
    if not run.catalog:
        _learn(run, page)
    run.intake.take(page.records if run.options.datasets_rdf != "all" else _in_full(run, pool, page.records))
    run.report.members = pager.members
    run.report.total_items = page.view.total if page.view.total is not None else run.report.total_items
    run.report.repaired += page.repaired
    run.report.add_problems(page.problems)
    return turn


def _skip(run: Run, pages: "Ahead[_Got]", pager: Pager, url: str, error: ItemError) -> Turn:
    """Do what can be done for a page that cannot be read, and say what follows."""
    if run.report.pages == 0:
        raise _cannot_start(error) from error
    turn = pager.skip(url, rescue(run, url, error))
    if isinstance(error, BudgetSpent) or (is_gone(error) and not run.portal.api):
        # What was listed here is out of date, or may not be asked for: so are all pages that follow.
        turn = Turn(None)
    run.report.members = pager.members
    pages.expect([turn.next])
    return turn


def _listed(page: Page) -> list[str]:
    return sorted(record.graph for record in page.records if record.listed)


@dataclass(frozen=True, slots=True)
class _Got:
    """A page and the document that it was read from; `page` None: unchanged since the last run (304)."""

    page: Page | None
    document: Document
    resumed: bool = False
    """It was fetched by a run that was cut off."""


def _submit(run: Run, pool: ThreadPoolExecutor, url: str) -> "Future[_Got]":
    return pool.submit(_read_somehow, run, url, run.pages.validators(url))


def _in_full(run: Run, pool: ThreadPoolExecutor, records: Iterable[Record]) -> Iterator[Record]:
    """Yield the records of a page, its datasets with what their own documents say beside."""
    for records_of_one in pool.map(partial(in_full, run), records):
        yield from records_of_one


def _read_somehow(run: Run, url: str, validators: tuple[str, str]) -> _Got:
    """Read a page; where that fails ask again, then in other formats. Raises the first error.

    The client has dealt with passing faults: what is left is a page that the portal writes badly.
    """
    try:
        return _read(run, url, run.format, validators)
    except BudgetSpent:
        raise
    except ItemError as error:
        first = error
    for other, format_ in _other_ways(run, url, again=isinstance(first, DocumentError)):
        try:
            got = _read(run, other, format_)
        except ItemError:
            continue
        return replace(got, page=got.page and _as_if(run, got.page, url, first, format_))
    raise first


def _read(run: Run, url: str, format_: Format, validators: tuple[str, str] = ("", "")) -> _Got:
    """Read a page: from what a run that was cut off has left, if it is still true; else from the portal."""
    accept = format_.media_type
    left = run.spool.take(url, accept)
    page = run.read(left, format_) if left else None
    if left and page and all(run.stale.isdisjoint(record.ids) for record in page.records):
        return _Got(page, left, resumed=True)
    document = run.fetcher.get(url, accept=accept, validators=validators)
    if document.status == 304:
        return _Got(None, document)
    page = run.read(document, format_)
    run.spool.put(document, accept)
    return _Got(page, document)


def _other_ways(run: Run, url: str, *, again: bool) -> Iterator[tuple[str, Format]]:
    if again:
        yield url, run.format
    for name in _OTHER_FORMATS:
        elsewhere = _in_format(url, name)
        if name != run.format.name and elsewhere != url:
            yield elsewhere, BY_NAME[name]


def _as_if(run: Run, page: Page, url: str, first: ItemError, format_: Format) -> Page:
    """Return a page read in another way, with links to pages in the chosen format and a word about it."""
    if format_ is run.format:
        return page
    extension = run.format.extensions[0]
    view = HydraView(
        next=page.view.next and _in_format(page.view.next, extension),
        last=page.view.last and _in_format(page.view.last, extension),
        total=page.view.total,
    )
    problem = first.problem(f"{url} was read as {format_.name} instead of {run.format.name}: nothing is lost")
    lossy = [_lossy(url)] if format_.name == "jsonld" and run.portal.api else []
    return replace(page, view=view, problems=(*page.problems, problem, *lossy))


def _in_format(url: str, extension: str) -> str:
    """Return the URL of the same page of a catalogue in another format, as udata, CKAN and we name them."""
    return _CATALOG.sub(rf"\1.{extension}", url, count=1)


def _learn(run: Run, page: Page) -> None:
    """Take from the first page that says it what the run needs: the catalogue's IRI and its language."""
    for record in page.records:
        if record.kind is Kind.CATALOG:
            run.catalog = record.resource
            language = _LANGUAGE.search(record.nquads)
            run.language = language[1].decode() if language else run.language
            break


def _cannot_start(error: ItemError) -> PortalUnreachable | NothingPublishable:
    cause = f"the first page of the catalogue cannot be read: {error.cause}"
    kind = NothingPublishable if isinstance(error, DocumentError) else PortalUnreachable
    return kind(cause, fix=error.fix)


def _expected_pages(run: Run) -> int | None:
    """Return how many pages there will be, going by the members on those read."""
    report = run.report
    if report.total_items is None or not report.members:
        return None
    return max(report.pages, ceil(report.total_items * report.pages / report.members))


def _lossy(url: str) -> Problem:
    return Problem(
        category=Category.LOSSY,
        url=url,
        what="JSON-LD of udata loses triples",
        why="its context turns dcat:startDate into schema:startDate; blank nodes are lost",
        fix="harvest with --format ttl (or auto) where the portal serves it",
    )


def incomplete(url: str, why: str) -> Problem:
    """Report that not all of the catalogue was seen."""
    return Problem(
        category=Category.INCOMPLETE,
        url=url,
        what="the catalogue was not listed completely: nothing is removed in this run",
        why=why,
        fix="harvest again; if it happens each time, report it to the portal's owner",
    )
