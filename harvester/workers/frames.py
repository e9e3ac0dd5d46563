"""How a worker's answer crosses to the server: frames of a kind, a length and a payload, on a socket.

An answer is a HEAD (JSON), DATA as often as need be, and END; or, at any point, an ERROR (JSON) instead.
Requests are frames too, of the kind TASK (pickle: they come from the server, which the worker trusts; the
server itself never unpickles what a worker sends).
"""

import json
import pickle
import socket
import struct
from collections.abc import Hashable
from typing import Any

from harvester.workers.task import Refused, Task

READY, TASK, HEAD, DATA, END, ERROR = (bytes([code]) for code in b"RTHDEX")
PREFIX = struct.Struct("!cI")
"""Kind of a frame, and length of its payload in bytes."""
LONGEST = 1 << 20
"""Bytes of the longest frame that the server takes from a worker, which sends far shorter ones."""


def frame(kind: bytes, payload: bytes | memoryview = b"") -> bytes:
    """Return a frame as bytes."""
    return PREFIX.pack(kind, len(payload)) + bytes(payload)


def task_frame(task: Task) -> bytes:
    """Return the request for a task."""
    return frame(TASK, pickle.dumps((task.name, task.arguments), protocol=5))


def receive_task(connection: socket.socket) -> tuple[str, tuple[Hashable, ...]] | None:
    """Wait for a request: the task's name and arguments; None when the server is gone."""
    prefix = _receive(connection, PREFIX.size)
    if prefix is None:
        return None
    payload = _receive(connection, PREFIX.unpack(prefix)[1])
    return pickle.loads(payload) if payload else None  # noqa: S301  # the server is trusted


def error_frame(error: Refused) -> bytes:
    """Return what tells the server that a task has no answer."""
    fields = (error.status, error.cause, error.fix, error.slug, error.retry_after_s)
    return frame(ERROR, json.dumps(fields).encode())


def as_refused(payload: bytes) -> Refused:
    """Return what an ERROR frame says."""
    status, cause, fix, slug, retry_after_s = json.loads(payload)
    return Refused(status, cause, fix=fix, slug=slug, retry_after_s=retry_after_s)


def as_head(payload: bytes) -> dict[str, Any]:
    """Return what a HEAD frame says: `type` is the media type, the rest is up to the task."""
    head: dict[str, Any] = json.loads(payload)
    return head


def _receive(connection: socket.socket, size: int) -> bytes | None:
    data = connection.recv(size, socket.MSG_WAITALL)
    while 0 < len(data) < size:  # a signal may cut the wait short
        more = connection.recv(size - len(data), socket.MSG_WAITALL)
        if not more:
            return None
        data += more
    return data or None
