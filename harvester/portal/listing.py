"""The portal's JSON lists, page by page: `{data, next_page, total}`, thinned by an X-Fields mask."""

from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from harvester.ahead import Ahead, impatient_pool
from harvester.errors import FetchError, ItemError
from harvester.model import Category, HydraView, Problem
from harvester.portal.client import Fetcher
from harvester.portal.documents import MAX_BYTES, JsonObject, not_json, read_object
from harvester.portal.page_urls import finer, page_of, page_size_of, with_page
from harvester.portal.paging import Pager, Turn, expected

AHEAD = 2
"""Pages of a list under way at a time."""
MAX_FAILURES = 6
"""Requests for one list that may fail one after the other before the rest of it is given up."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """Items of one page; `total` is what the portal counts in the whole list, None if it does not say."""

    items: tuple[JsonObject, ...] = field(repr=False)
    total: int | None
    url: str


def json_pages(
    fetcher: Fetcher, url: str, fields: str, headers: Mapping[str, str] | None = None
) -> Iterator[ListPage | Problem]:
    """Yield the pages of a list, with only `fields` of each item (an X-Fields mask without outer braces).

    Pages are asked for while those before are in use, as many as `fetcher` lets be under way, AHEAD at most.
    A page that fails is read again in smaller pages, down to single items; what still fails is a Problem.
    An item can come twice, when the list moved meanwhile. The list is complete if no Problem was yielded.
    """
    pager = Pager()
    here: str | None = url
    with impatient_pool(AHEAD) as pool:
        reader = _Reader(fetcher, fields, headers or {}, pool)
        while here is not None:
            try:
                turn = yield from _page(reader, pager, here)
            except _GaveUp as stop:
                yield stop.error.problem(
                    f"the list {url} was given up after {MAX_FAILURES} failures in a row"
                )
                return
            if turn.problem:
                yield turn.problem
            here = turn.next
    verdict = pager.verdict()
    if not verdict.complete:
        yield Problem(
            category=Category.INCOMPLETE,
            url=url,
            what=f"the list {url} is incomplete",
            why=verdict.why,
            fix="harvest again; if it happens each time, report it to the portal's owner",
        )


def _page(reader: "_Reader", pager: Pager, here: str) -> Generator[ListPage | Problem, None, Turn]:
    """Yield one page, or what can be had of it, and return what the pager makes of it."""
    try:
        page, view = reader.read(here)
    except ItemError as error:
        found = yield from reader.parts(here, error)
        return pager.skip(here, found, reader.view(here))
    ids = tuple(sorted(str(item.get("id")) for item in page.items))
    turn = pager.turn(here, view, len(page.items), ids or None)
    reader.expect(expected(here, view, turn, AHEAD))
    yield page
    return turn


class _GaveUp(Exception):
    """Too many failures in a row; `error` is the last."""

    def __init__(self, error: ItemError) -> None:
        super().__init__(error.cause)
        self.error = error


class _Reader:
    """Reads pages of one list, and remembers its total to count past those that fail."""

    def __init__(
        self, fetcher: Fetcher, fields: str, headers: Mapping[str, str], pool: ThreadPoolExecutor
    ) -> None:
        self._fetcher = fetcher
        self._pages: Ahead[JsonObject] = Ahead(lambda url: pool.submit(self._get, url))
        self.expect = self._pages.expect
        # A mask that does not name next_page and total takes them from the answer.
        self._headers = {"X-Fields": f"data{{{fields}}},next_page,page_size,total", **headers}
        self._failures = 0
        self._total: int | None = None

    def read(self, url: str) -> tuple[ListPage, HydraView]:
        try:
            content = self._pages.get(url)
        except ItemError as error:
            self._failures += 1
            if self._failures >= MAX_FAILURES:
                raise _GaveUp(error) from error
            raise
        self._failures = 0
        self._total = _count(content.get("total"))
        counted = self.view(url, _count(content.get("page_size")))
        following = content.get("next_page", counted.next)
        items = tuple(item for item in content["data"] if isinstance(item, dict))
        view = HydraView(following if isinstance(following, str) else None, counted.last, self._total)
        return ListPage(items, self._total, url), view

    def parts(self, url: str, error: ItemError) -> Generator[ListPage | Problem, None, int]:
        """Yield what smaller pages give of a page that failed with `error`; return the number of items."""
        smaller = finer(url) if _may_be_one_item(error) else ()
        if not smaller:
            yield error.problem(f"a page of a list was left out: {url}")
        found = 0
        for part in smaller:
            if self._total is not None and (page_of(part) - 1) * page_size_of(part) >= self._total:
                break
            try:
                page, _ = self.read(part)
            except ItemError as inner:
                found += yield from self.parts(part, inner)
            else:
                yield page
                found += len(page.items)
        return found

    def view(self, url: str, size: int | None = None) -> HydraView:
        """Return the paging controls that follow from the total."""
        if self._total is None:
            return HydraView()
        pages = -(-self._total // (size or page_size_of(url)))
        following = with_page(url, page_of(url) + 1) if page_of(url) < pages else None
        return HydraView(following, with_page(url, pages), self._total)

    def _get(self, url: str) -> JsonObject:
        document = self._fetcher.get(
            url, accept="application/json", headers=self._headers, max_body=MAX_BYTES
        )
        content = read_object(document)
        if not isinstance(content.get("data"), list):
            raise not_json(document, "it has no list `data`")
        return content


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _may_be_one_item(error: ItemError) -> bool:
    """Tell whether a smaller page may get through: not if the portal refuses the request as such (4xx)."""
    return not (isinstance(error, FetchError) and error.status is not None and error.status < 500)
