"""Whatever answers queries: a store on this machine or a server elsewhere."""

import io
import time
from abc import abstractmethod
from contextlib import AbstractContextManager
from typing import Any, Protocol

from harvester.errors import QueryError
from harvester.query.results import Answer, Output
from harvester.query.sparql import Sparql


class Endpoint(Protocol):
    """Answers queries."""

    def ask(self, query: Sparql, output: Output) -> AbstractContextManager[Answer]:
        """Begin to answer; the answer streams for as long as the `with` block lasts.

        Its format is `output` or, where the endpoint chooses, another that fits the query form.
        Raises UsageError for a query that the engine refuses, StoreError, and QueryError when the answer
        takes too long or breaks off; all three also while the stream is read.
        """


class PatientStream(io.RawIOBase):
    """A stream that waits for its source for `timeout_s` seconds in all, however slowly it is read itself."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._timeout_s = timeout_s
        self._left_s = timeout_s

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for the next bytes. Raises QueryError when there is no time left to wait."""
        begun = time.monotonic()
        try:
            data = self._receive(len(buffer), max(0.0, self._left_s))
        except TimeoutError as error:
            raise QueryError(
                f"The query was stopped after {self._timeout_s:g} seconds without an end",
                fix="ask for less, or allow more time by --timeout SECONDS",
            ) from error
        self._left_s -= time.monotonic() - begun
        buffer[: len(data)] = data
        return len(data)

    @abstractmethod
    def _receive(self, size: int, timeout_s: float) -> bytes:
        """Return up to `size` bytes, b"" at the end. Raises TimeoutError after `timeout_s` seconds."""
