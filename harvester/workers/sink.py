"""Where a worker writes the answer to its task."""

import io
import json
import socket
from typing import Any

from harvester.workers.frames import DATA, END, HEAD, error_frame, frame
from harvester.workers.task import Refused

_PIECE = 1 << 16


class Sink(io.RawIOBase):
    """A file that sends what is written to the server, in pieces of 64 KiB; `limit` bytes at most.

    Small answers are sent at once, whole. Writing blocks while the server does not take more.
    """

    def __init__(self, connection: socket.socket, limit: int) -> None:
        super().__init__()
        self._connection = connection
        self._limit = limit
        self._left = limit
        self._unsent = bytearray()
        self._pending = bytearray()

    def begin(self, media_type: str, **facts: Any) -> None:
        """Say what the answer is, once and before it is written; `facts` are JSON values for the server."""
        self._unsent += frame(HEAD, json.dumps({"type": media_type, **facts}).encode())

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes. Raises Refused when the answer grows beyond the limit."""
        size = len(data)
        self._left -= size
        if self._left < 0:
            raise Refused(
                503,
                f"The answer is longer than the {self._limit >> 20:,} MiB that this server gives",
                fix="ask for pages with ORDER BY, LIMIT and OFFSET, for fewer columns, or take a dump",
                slug="answer-too-large",
            )
        self._pending += data
        if len(self._pending) >= _PIECE:
            self._move()
            self._send()
        return size

    def end(self) -> None:
        """Send what is left: the answer is whole."""
        self._move()
        self._unsent += frame(END)
        self._send()

    def fail(self, error: Refused) -> None:
        """Say that there is no answer, or no more of it."""
        self._pending.clear()
        self._unsent += error_frame(error)
        self._send()

    def _move(self) -> None:
        """Put what is pending in frames, none of them long: one text of an answer may be megabytes."""
        with memoryview(self._pending) as pending:
            for at in range(0, len(pending), _PIECE):
                self._unsent += frame(DATA, pending[at : at + _PIECE])
        self._pending = bytearray()

    def _send(self) -> None:
        self._connection.sendall(self._unsent)
        self._unsent = bytearray()
