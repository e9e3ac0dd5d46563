"""Work done ahead in threads, and left without waiting: Ctrl-C must not wait for a slow portal."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


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
