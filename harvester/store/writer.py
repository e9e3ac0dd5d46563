"""The writer of a staged store: collects records and loads them in bulk, beside the work that makes them."""

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from pyoxigraph import NamedNode, RdfFormat, Store, parse

from harvester.config import MEBIBYTE
from harvester.model import Record

_CHUNK = 8 * MEBIBYTE
"""Bytes of N-Quads per bulk load: three pages or so. More loads little faster, and takes much more memory."""


class Writer:
    """Writes records to `store`; a context manager. At most one chunk is being loaded while the next fills.

    Bulk loading runs without the GIL, so it goes on while the main thread fetches and parses.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._plain: list[bytes] = []
        self._blank: list[bytes] = []
        self._size = 0
        self._threshold = _CHUNK // 8
        self._blank_size = 0
        self._to_clear: list[str] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._loading: Future[None] | None = None

    def put(self, record: Record, *, replace: bool = False) -> None:
        """Add the statements of a record; `replace`: empty its graph first."""
        if replace:
            self.clear(record.graph)
        if record.plain_bytes < len(record.nquads):
            self._blank.append(record.nquads[record.plain_bytes :])
            self._blank_size += len(record.nquads) - record.plain_bytes
            self.put_plain(record.nquads[: record.plain_bytes])
        else:
            self.put_plain(record.nquads)

    def put_plain(self, nquads: bytes) -> None:
        """Add N-Quads without blank nodes."""
        self._plain.append(nquads)
        self._size += len(nquads)
        if self._size >= self._threshold:
            self._start()
            # The first chunks are small, so that loading begins at once.
            self._threshold = min(2 * self._threshold, _CHUNK)

    def clear(self, graph: str) -> None:
        """Empty a graph."""
        self._to_clear.append(graph)

    def flush(self) -> None:
        """Return when all that was put is in the store."""
        self._start(everything=True)
        self._wait()

    def _start(self, *, everything: bool = False) -> None:
        """Load what has gathered: plain statements, and those with blank nodes once they are as many."""
        self._wait()
        plain, blank, clear = b"".join(self._plain), b"", self._to_clear
        self._plain, self._size, self._to_clear = [], 0, []
        if everything or self._blank_size >= _CHUNK:
            blank = b"".join(self._blank)
            self._blank, self._blank_size = [], 0
        if plain or blank or clear:
            self._loading = self._thread.submit(self._load, plain, blank, clear)

    def _wait(self) -> None:
        if self._loading is not None:
            loading, self._loading = self._loading, None
            loading.result()

    def _load(self, plain: bytes, blank: bytes, clear: list[str]) -> None:
        for graph in clear:
            self.store.remove_graph(NamedNode(graph))
        if plain:
            self.store.bulk_load(plain, RdfFormat.N_QUADS, lenient=True)
        if blank:
            # Loading a document gives its blank nodes other labels; adding quads keeps ours.
            self.store.bulk_extend(parse(blank, RdfFormat.N_QUADS, lenient=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
