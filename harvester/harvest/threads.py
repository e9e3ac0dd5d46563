"""Work done ahead in threads, and left without waiting: Ctrl-C must not wait for a slow portal."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

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
        under_way: deque[Future[Result]] = deque()
        for item in items:
            under_way.append(pool.submit(function, item))
            if len(under_way) > threads:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


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
