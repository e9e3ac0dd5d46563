"""One worker as the server sees it: a process at the other end of a socket."""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from harvester.workers import process
from harvester.workers.frames import (
    DATA,
    END,
    ERROR,
    HEAD,
    READY,
    as_head,
    as_refused,
    task_frame,
)
from harvester.workers.limits import Limits
from harvester.workers.task import Task
from harvester.workers.wire import Wire

_log = logging.getLogger(__name__)
_NICENESS = 15
"""Priority of slow tasks: as good as nothing while a quick one wants the processor."""
_START_S = 60.0

_context = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Beginning:
    """The head of an answer and its first bytes; `whole` if there are no others."""

    head: dict[str, Any]
    data: bytes
    whole: bool


class WorkerDied(Exception):
    """The process ended before its answer did. `status` as of multiprocessing: negative for a signal."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"the worker ended with status {status}")
        self.status = status


class Worker:
    """A process with one generation open. It does one task at a time."""

    def __init__(self, child: ForkServerProcess, wire: Wire) -> None:
        self._child = child
        self._wire = wire
        self.slow = False

    @classmethod
    async def start(cls, folder: Path, limits: Limits, table: str) -> "Worker":
        """Start a process for the generation in `folder` and wait until it is ready.

        Raises Refused if it cannot open it, WorkerDied. Forking takes some 10 ms, after the first one.
        """
        ours, theirs = socket.socketpair()
        child = _context.Process(target=process.main, args=(theirs, folder, limits, table), daemon=True)
        with theirs:
            await asyncio.to_thread(child.start)
        _, wire = await asyncio.get_running_loop().create_connection(Wire, sock=ours)
        worker = cls(child, wire)
        try:
            async with asyncio.timeout(_START_S):
                kind, payload = await wire.frame()
        except (EOFError, TimeoutError) as error:
            raise WorkerDied(await worker.stop()) from error
        if kind != READY:
            await worker.stop()
            raise as_refused(payload)
        if payload:
            _warn(payload.decode())
        return worker

    @property
    def ended(self) -> bool:
        """Whether the process is known to have ended."""
        return self._wire.lost

    async def begin(self, task: Task, at_most: int) -> Beginning:
        """Ask for a task and wait for the answer, or for the first `at_most` bytes of it.

        Raises Refused for a task without an answer, after which the worker is free; WorkerDied.
        """
        self._wire.send(task_frame(task))
        head: dict[str, Any] = {}
        pieces: list[bytes] = []
        size = 0
        while size <= at_most:
            kind, payload = await self._read()
            if kind == END:
                return Beginning(head, b"".join(pieces), whole=True)
            if kind == HEAD:
                head = as_head(payload)
            else:
                pieces.append(payload)
                size += len(payload)
        return Beginning(head, b"".join(pieces), whole=False)

    async def rest(self, time_s: float) -> AsyncIterator[bytes]:
        """Yield the rest of an answer; `time_s` is how long the worker may still be waited for.

        Raises Refused, WorkerDied, and TimeoutError when the time is used up.
        """
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            async with asyncio.timeout(max(0.0, time_s)):
                kind, payload = await self._read()
            time_s -= loop.time() - begun
            if kind == END:
                return
            yield payload

    def slow_down(self) -> None:
        """Give the process low priority, for good."""
        self.slow = True
        if self._child.pid:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._child.pid, _NICENESS)

    def kill(self) -> None:
        """End the process, whatever it does: who waits for its answer gets WorkerDied."""
        self._child.kill()

    async def stop(self) -> int | None:
        """End the process and wait for that; return its exit status."""
        self._child.kill()
        await self._wire.close()
        await asyncio.to_thread(self._child.join)
        return self._child.exitcode

    async def _read(self) -> tuple[bytes, bytes]:
        try:
            kind, payload = await self._wire.frame()
        except EOFError as error:
            await asyncio.to_thread(self._child.join, 5.0)
            raise WorkerDied(self._child.exitcode) from error
        if kind == ERROR:
            raise as_refused(payload)
        assert kind in (HEAD, DATA, END)  # noqa: S101  # there are no others in an answer
        return kind, payload


@cache
def _warn(text: str) -> None:
    """Log a warning, once."""
    _log.warning("%s", text)


def preload(*modules: str) -> None:
    """Have new processes begin with these modules imported. Call it before the first one starts."""
    _context.set_forkserver_preload(["__main__", *modules])
