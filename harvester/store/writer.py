"""The writer of a staged store: collects records and loads them in bulk, beside the work that makes them."""

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from pyoxigraph import NamedNode, RdfFormat, Store

from harvester.config import MEBIBYTE

_CHUNK = 24 * MEBIBYTE
"""Bytes of N-Quads per bulk load: ten pages or so. More loads little faster, and takes memory."""


class Writer:
    """Writes records to `store`; a context manager. At most one chunk is being loaded while the next fills.

    Bulk loading runs without the GIL, so it goes on while the main thread fetches and parses.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._buffer: list[bytes] = []
        self._size = 0
        self._to_clear: list[str] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._loading: Future[None] | None = None

    def put(self, nquads: bytes, *, replace: str | None = None) -> None:
        """Add statements; `replace` names a graph that is emptied first."""
        if replace is not None:
            self._to_clear.append(replace)
        self._buffer.append(nquads)
        self._size += len(nquads)
        if self._size >= _CHUNK:
            self._start()

    def clear(self, graph: str) -> None:
        """Empty a graph."""
        self._to_clear.append(graph)

    def flush(self) -> None:
        """Return when all that was put is in the store."""
        self._start()
        self._wait()

    def _start(self) -> None:
        self._wait()
        if self._buffer or self._to_clear:
            chunk, clear = b"".join(self._buffer), self._to_clear
            self._buffer, self._size, self._to_clear = [], 0, []
            self._loading = self._thread.submit(self._load, chunk, clear)

    def _wait(self) -> None:
        if self._loading is not None:
            loading, self._loading = self._loading, None
            loading.result()

    def _load(self, chunk: bytes, clear: list[str]) -> None:
        for graph in clear:
            self.store.remove_graph(NamedNode(graph))
        if chunk:
            self.store.bulk_load(chunk, RdfFormat.N_QUADS, lenient=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
