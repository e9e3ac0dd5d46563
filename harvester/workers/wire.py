"""The server's end of a worker's socket: frames as they arrive, without more of them than are wanted."""

import asyncio
from collections import deque
from typing import cast

from harvester.workers.frames import LONGEST, PREFIX

_ENOUGH = 4
"""Frames that may wait to be read; then the worker has to."""


class Wire(asyncio.Protocol):
    """Parts what a worker sends in frames. A stream reader would do, at twice the cost for a small answer."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._unparted = b""
        self._frames: deque[tuple[bytes, bytes]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._paused = False
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def send(self, data: bytes) -> None:
        """Send bytes to the worker, if it is there."""
        if self._transport and not self.lost:
            self._transport.write(data)

    @property
    def lost(self) -> bool:
        """Whether the worker has ended."""
        return self._lost.done()

    async def frame(self) -> tuple[bytes, bytes]:
        """Wait for a frame: kind and payload. Raises EOFError if the worker ends before that."""
        while not self._frames:
            if self._lost.done():
                raise EOFError
            if self._paused and self._transport:
                self._paused = False
                self._transport.resume_reading()
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._frames.popleft()

    async def close(self) -> None:
        """Close the socket, and wait for that."""
        if self._transport:
            self._transport.close()
            await self._lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # of a socket it is one

    def data_received(self, data: bytes) -> None:
        """Part bytes in frames."""
        data = self._unparted + data if self._unparted else data
        at, size = 0, len(data)
        while size - at >= PREFIX.size:
            kind, length = PREFIX.unpack_from(data, at)
            begin = at + PREFIX.size
            if length > LONGEST and self._transport:
                self._transport.abort()
                return
            if size - begin < length:
                break
            at = begin + length
            self._frames.append((kind, data[begin:at]))
        self._unparted = data[at:]
        if len(self._frames) > _ENOUGH and self._transport and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's
        """Tell who waits that there will be no more."""
        if not self._lost.done():
            self._lost.set_result(None)
        self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
