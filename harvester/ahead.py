"""Work done ahead in threads, and left without waiting: Ctrl-C must not wait for a slow portal."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def impatient_pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Yield a pool that is left without waiting for its threads."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="ahead")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def one_ahead(source: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """Yield the items of `source`, each begun while the one before is in use, the first at once.

    >>> with one_ahead(iter("abc")) as items:
    ...     "".join(items)
    'abc'
    """
    with impatient_pool(1) as pool:
        yield _items(pool, source, pool.submit(_next, source))


def map_ahead(function: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """Yield what `function` makes of each item, in order, with `threads` of them at work and no more waiting.

    >>> list(map_ahead(str.upper, "abc", 2))
    ['A', 'B', 'C']
    """
    with impatient_pool(threads) as pool:
        yield from in_order(pool, function, items, threads)


def in_order(
    pool: ThreadPoolExecutor, function: Callable[[Item], Result], items: Iterable[Item], most: int
) -> Iterator[Result]:
    """Yield what `function` makes of each item, in order; `most` are begun in the pool, or wait there."""
    under_way: deque[Future[Result]] = deque()
    try:
        for item in items:
            under_way.append(pool.submit(function, item))
            if len(under_way) > most:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()


class Ahead(Generic[Result]):
    """Pages under way, by URL: begun before they are needed, given up where they turn out not to be.

    `submit` begins to read one.

    >>> with impatient_pool(1) as pool:
    ...     pages = Ahead(lambda url: pool.submit(str.upper, url))
    ...     pages.expect(["b", "c"])
    ...     pages.get("a"), pages.get("b")
    ('A', 'B')
    """

    def __init__(self, submit: "Callable[[str], Future[Result]]") -> None:
        self._submit = submit
        self._under_way: dict[str, Future[Result]] = {}

    def get(self, url: str) -> Result:
        """Return a page; raise what reading it raises."""
        return (self._under_way.pop(url, None) or self._submit(url)).result()

    def expect(self, urls: Iterable[str | None]) -> None:
        """Begin to read these pages; give up others."""
        wanted = dict.fromkeys(url for url in urls if url is not None)
        for stale in self._under_way.keys() - wanted.keys():
            self._under_way.pop(stale).cancel()
        for url in wanted:
            if url not in self._under_way:
                self._under_way[url] = self._submit(url)


def _items(
    pool: ThreadPoolExecutor, source: Iterator[Item], coming: "Future[tuple[Item] | None]"
) -> Iterator[Item]:
    while (found := coming.result()) is not None:
        coming = pool.submit(_next, source)
        yield found[0]


def _next(source: Iterator[Item]) -> tuple[Item] | None:
    for item in source:
        return (item,)
    return None
