"""Parsing and mapping in worker processes, where a death or a runaway costs one document.

A worker also leaves the main process free to load the store: on two cores parsing then costs nothing.
"""

import logging
import multiprocessing
import resource
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future
from multiprocessing.context import ForkServerContext
from types import TracebackType
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from harvester.config import MEBIBYTE
from harvester.enrich.mapper import Mapper
from harvester.enrich.outcome import Mapped
from harvester.errors import DocumentError
from harvester.model import Category, Document, Page
from harvester.portal.documents import JsonObject
from harvester.rdf.page import Reading, read_page

Result = TypeVar("Result")

log = logging.getLogger(__name__)

_GRACE = 30.0
"""Seconds that a dead pool is given beyond a document's own time."""
_MEMORY = 2048 * MEBIBYTE
"""Address space of a worker: what a hostile document may take before its worker is refused more."""


class Parser:
    """Reads documents in `workers` processes, each within `timeout` seconds. A context manager."""

    def __init__(self, workers: int = 1, timeout: float = 120.0) -> None:
        self._workers = workers
        self._timeout = timeout
        self._lock = threading.Lock()
        self._running: ProcessPool | None = None
        self._over = False
        self._under_way: set[Future[Any]] = set()

    def start(self) -> None:
        """Start the workers now, beside the first requests, and not when the first document comes."""
        self._started().schedule(_ready)

    def read(self, document: Document, reading: Reading) -> Page:
        """Return the page in `document`; DocumentError where it is not RDF or beyond limits. Thread-safe."""
        return self._do(document.url, read_page, document, reading)

    def map(
        self, url: str, mapper: Mapper, documents: Sequence[JsonObject], known: Mapping[str, str]
    ) -> Mapped:
        """Return `mapper.map(documents, known)` of what came from `url`.

        Raises DocumentError where that is beyond limits. Thread-safe.
        """
        return self._do(url, mapper.map, documents, known)

    def _do(self, url: str, function: Callable[..., Result], *args: object) -> Result:
        pool = self._started()
        try:
            return self._ask(pool, url, function, args)
        except BrokenExecutor:
            if self._over:
                raise  # a thread still reads ahead while the run ends
            log.warning("the parsing processes died; others are started")
            self._replace(pool)
        try:
            return self._ask(self._started(), url, function, args)
        except BrokenExecutor as error:
            raise _refused(url, "made the process that read it die, twice") from error

    def _ask(
        self, pool: ProcessPool, url: str, function: Callable[..., Result], args: tuple[object, ...]
    ) -> Result:
        try:
            future: Future[Result] = pool.schedule(function, args=args, timeout=self._timeout)
        except RuntimeError as error:  # how the pool says that it is of no use any more
            raise BrokenExecutor from error
        self._under_way.add(future)
        try:
            # The pool keeps the time itself; what is added here is for a pool that died.
            return future.result(self._timeout + _GRACE)
        except Exception as error:
            if self._over:  # whatever a pool that is stopped makes of it
                raise BrokenExecutor("the run ends") from error
            if isinstance(error, DocumentError | BrokenExecutor):
                raise
            raise _refused(url, self._blamed(error)) from error
        finally:
            self._under_way.discard(future)

    def _blamed(self, error: Exception) -> str:
        """Say what a document did: whatever it makes of our code costs that document."""
        match error:
            case TimeoutError():
                return f"took longer than {self._timeout:g} s to read"
            case ProcessExpired() | MemoryError():
                return "could not be read within the memory of a worker"
        return f"could not be read: {type(error).__name__}: {str(error)[:200]}"

    def _started(self) -> ProcessPool:
        with self._lock:
            if self._over:
                raise BrokenExecutor("the run ends")
            if self._running is None:
                self._running = ProcessPool(
                    max_workers=self._workers,
                    initializer=_begin,
                    context=_context(),
                )
            return self._running

    def _replace(self, broken: ProcessPool) -> None:
        with self._lock:
            if self._running is broken:
                broken.stop()  # type: ignore[no-untyped-call]
                broken.join()
                self._running = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._over, pool = True, self._running
        if pool is None:
            return
        if kind is None:
            pool.close()  # type: ignore[no-untyped-call]
        else:
            pool.stop()  # type: ignore[no-untyped-call]
        pool.join()
        for future in list(self._under_way):  # which the pool forgets: threads would wait for them
            future.cancel()


def _context() -> ForkServerContext:
    """Return how workers start: from a process that has read their code once for all runs of this one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _ready() -> None:
    """Do nothing: a worker that answers has started."""


def _begin() -> None:
    """Let a worker be refused more memory, and end at once when it is told to: it has nothing to save."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _refused(url: str, why: str) -> DocumentError:
    return DocumentError(
        f"{url} {why}",
        fix="ask for smaller pages (--page-size); if it stays so, tell the portal's owner",
        url=url,
        category=Category.REFUSED,
    )
