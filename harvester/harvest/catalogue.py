"""The catalogue stage: page after page into the store; a bad page costs only what is bad in it."""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from hashlib import sha256
from itertools import islice
from math import ceil

from harvester.errors import DocumentError, ItemError, NothingPublishable, PortalUnreachable
from harvester.formats import BY_NAME, Format
from harvester.harvest.run import Run
from harvester.harvest.singles import in_full, is_gone, read_singly
from harvester.harvest.threads import impatient_pool
from harvester.model import Category, HydraView, Kind, Page, Problem, Record
from harvester.portal.paging import Pager, Turn, predicted

STAGE = "catalogue pages"
_OTHER_FORMATS = ("xml", "nt", "jsonld")
"""Tried in turn for a page that cannot be read in the chosen format: other code of the portal writes them."""
_CATALOG = re.compile(r"(/catalog)\.[A-Za-z0-9-]+")
_LANGUAGE = re.compile(rb'<http://purl.org/dc/terms/language> "([A-Za-z]{2,3})"')


def harvest_catalogue(run: Run, first: str) -> None:
    """Read all pages from `first` on. Raises PortalUnreachable or NothingPublishable where `first` fails."""
    pager = Pager()
    report = run.report
    url: str | None = first
    with impatient_pool(run.options.ahead) as pool:
        pages = _Ahead(run, pool)
        try:
            while url is not None:
                turn = _read_and_take(run, pages, pager, url)
                if turn.problem:
                    report.add_problems([turn.problem])
                report.pages += 1
                run.tell(STAGE, report.pages, _expected_pages(run), "pages")
                if 0 < run.options.limit <= report.members:
                    report.notes.append(
                        f"stopped after {report.members} datasets (--limit): nothing is removed"
                    )
                    return
                url = turn.next
        finally:
            pages.cancel()
    verdict = pager.verdict()
    report.complete = verdict.complete and not report.skipped
    if not verdict.complete:
        report.add_problems([_incomplete(first, verdict.why)])


def _read_and_take(run: Run, pages: "_Ahead", pager: Pager, url: str) -> Turn:
    """Read one page into the store and say what follows."""
    page = pages.get(url)
    if isinstance(page, ItemError):
        if run.report.pages == 0:
            raise _cannot_start(page) from page
        turn = pager.skip(url, read_singly(run, url, page))
        if is_gone(page) and not run.portal.api:
            turn = Turn(None)  # what was listed here is out of date, and so are all pages that would follow
        run.report.members = pager.members
        pages.fetch([turn.next])
        return turn
    listed = sorted(record.graph for record in page.records if record.listed)
    fingerprint = sha256("\n".join(listed).encode()).digest() if listed else None
    turn = pager.turn(url, page.view, page.members, fingerprint)
    if turn.again:  # what was fetched ahead is older than what is read again
        pages.cancel()
        pages.fetch([turn.next])
    else:
        pages.fetch([turn.next, *islice(predicted(url, page.view), run.options.ahead - 1)])
    if not run.report.pages and run.format.name == "jsonld" and run.portal.api:
        run.report.add_problems([_lossy(page.records[0].source if page.records else run.portal.site)])
    if not run.catalog:
        _learn(run, page)
    run.intake.take(page.records if run.options.datasets_rdf != "all" else pages.in_full(page.records))
    run.report.members = pager.members
    run.report.total_items = page.view.total if page.view.total is not None else run.report.total_items
    run.report.repaired += page.repaired
    run.report.add_problems(page.problems)
    return turn


class _Ahead:
    """Pages under way: read before they are needed, given up where they turn out not to be."""

    def __init__(self, run: Run, pool: ThreadPoolExecutor) -> None:
        self._run = run
        self._pool = pool
        self._under_way: dict[str, Future[Page]] = {}

    def get(self, url: str) -> Page | ItemError:
        """Return the page, or why it cannot be read."""
        future = self._under_way.pop(url, None) or self._pool.submit(read_page_somehow, self._run, url)
        try:
            return future.result()
        except ItemError as error:
            return error

    def fetch(self, urls: Iterable[str | None]) -> None:
        """Begin to read these pages; forget others."""
        wanted = dict.fromkeys(url for url in urls if url is not None)
        for stale in self._under_way.keys() - wanted.keys():
            self._under_way.pop(stale).cancel()
        for url in wanted:
            if url not in self._under_way:
                self._under_way[url] = self._pool.submit(read_page_somehow, self._run, url)

    def in_full(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records of a page, its datasets with what their own documents say beside."""
        for records_of_one in self._pool.map(partial(in_full, self._run), records):
            yield from records_of_one

    def cancel(self) -> None:
        """Give up all that is under way."""
        self.fetch([])


def read_page_somehow(run: Run, url: str) -> Page:
    """Read a page; where that fails ask again, then in other formats. Raises the first error.

    The client has dealt with passing faults: what is left is a page that the portal writes badly.
    """
    try:
        return _read(run, url, run.format)
    except ItemError as error:
        first = error
    for other, format_ in _other_ways(run, url, again=isinstance(first, DocumentError)):
        try:
            page = _read(run, other, format_)
        except ItemError:
            continue
        return _as_if(run, page, url, first, format_)
    raise first


def _read(run: Run, url: str, format_: Format) -> Page:
    return run.read(run.fetcher.get(url, accept=format_.media_type), format_)


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


def _incomplete(url: str, why: str) -> Problem:
    return Problem(
        category=Category.INCOMPLETE,
        url=url,
        what="the catalogue was not listed completely: nothing is removed in this run",
        why=why,
        fix="harvest again; if it happens each time, report it to the portal's owner",
    )
