"""Parsing in worker processes, where a death or a runaway costs one document.

A worker also leaves the main process free to load the store: on two cores parsing then costs nothing.
"""

import multiprocessing
import resource
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessPool

from harvester.config import MEBIBYTE
from harvester.errors import DocumentError
from harvester.model import Category, Document, Page
from harvester.rdf.page import Reading, read_page

_MEMORY = 4096 * MEBIBYTE
"""Address space of a worker: what a hostile document may take before its worker is refused more."""


class Parser:
    """Reads documents in `workers` processes, each within `timeout` seconds. A context manager."""

    def __init__(self, workers: int = 1, timeout: float = 120.0) -> None:
        self._timeout = timeout
        self._pool = ProcessPool(
            max_workers=workers, initializer=_limit_memory, context=multiprocessing.get_context("spawn")
        )
        self._pool.schedule(_ready)  # workers start now, beside the first requests

    def read(self, document: Document, reading: Reading) -> Page:
        """Return the page in `document`; DocumentError where it is not RDF or beyond limits. Thread-safe."""
        future: Future[Page] = self._pool.schedule(read_page, args=(document, reading), timeout=self._timeout)
        try:
            return future.result()
        except TimeoutError as error:
            raise _refused(document, f"took longer than {self._timeout:g} s to parse") from error
        except (ProcessExpired, MemoryError) as error:
            raise _refused(document, "could not be parsed within the memory of a worker") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _ready() -> None:
    """Do nothing: a worker that answers has started."""


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _refused(document: Document, why: str) -> DocumentError:
    return DocumentError(
        f"{document.url} {why}",
        fix="ask for smaller pages (--page-size); if it stays so, tell the portal's owner",
        url=document.url,
        category=Category.REFUSED,
    )
