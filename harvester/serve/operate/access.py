"""The access log: a line for each request that was answered, on standard output."""

import json
import logging
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import BinaryIO

from starlette.types import Scope

from harvester.serve.core.gate import ADDRESS, USER
from harvester.serve.http.headers import header

_LONGEST = 2_000
"""Characters of an address, and of a header, that are logged."""
_WAIT_S = 0.2
"""How long lines are gathered: one write for many."""
_PATIENCE_S = 1.0
_MOST_LINES = 10_000
"""Lines that are kept while nobody takes them; the oldest are dropped."""
_TOKEN = re.compile(r"((?:^|[?&;])(?:access_)?token=)[^&;]*", re.IGNORECASE)
_UNSAFE = re.compile(r'[^ -~]|["\\]')
_log = logging.getLogger(__name__)

Line = Callable[[Scope, int, int, float], str]
"""Makes a line of a request, and of the status, the bytes and the seconds of its answer.

The scope's ADDRESS is where it came from, USER whose token it had.
"""


class AccessLog:
    """Writes lines to `out` from a thread, many at once: a reader that is slow or gone holds nothing up."""

    def __init__(self, line: Line, out: BinaryIO) -> None:
        self._line = line
        self._out = out
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._lost = 0
        self._given_up = False
        self._some = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def write(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        """Take down a request and what became of it."""
        if self._given_up:
            return
        self._lost += len(self._lines) == _MOST_LINES
        self._lines.append(self._line(scope, status, size, seconds))
        if not self._some.is_set():
            self._some.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Write what is left, if somebody takes it."""
        self._closing.set()
        self._some.set()
        if self._thread:
            self._thread.join(_PATIENCE_S)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._some.wait()
            self._closing.wait(_WAIT_S)
            self._some.clear()
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            lost, self._lost = self._lost, 0
            if lost:
                _log.warning("%d lines of the access log are lost: nobody took them in time", lost)
            try:
                _write_all(self._out, "\n".join([*lines, ""]).encode())
            except OSError as error:
                _log.warning("there is no access log any more: %s", error)
                self._given_up = True
                self._lines.clear()
                return


def access_log(kind: str) -> AccessLog | None:
    """Return what writes lines of a `kind`, plain or json; None if it is off or there is no output."""
    line = {"plain": plain, "json": as_json}.get(kind)
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError):  # it was closed, or is no file
        return None
    # a file of its own, without a buffer that Python would flush at the end, whether there is a reader or not
    return AccessLog(line, open(descriptor, "wb", buffering=0, closefd=False)) if line else None


def plain(scope: Scope, status: int, size: int, seconds: float) -> str:
    """Return a line of the Combined Log Format, with the seconds at its end.

    https://httpd.apache.org/docs/current/logs.html#combined
    """
    when = _when(int(time.time()))
    request = f"{scope['method']} {_target(scope)} HTTP/{scope['http_version']}"
    return (
        f"{scope[ADDRESS] or '-'} - {_user(scope) or '-'} [{when}]"
        f' "{_safe(request)}" {status} {size}'
        f' "{_safe(_header(scope, b"referer") or "-")}" "{_safe(_header(scope, b"user-agent") or "-")}"'
        f" {seconds:.3f}"
    )


def as_json(scope: Scope, status: int, size: int, seconds: float) -> str:
    """Return an object of JSON on one line."""
    return json.dumps(
        {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "address": scope[ADDRESS],
            "user": _user(scope),
            "method": scope["method"],
            "target": _target(scope),
            "status": status,
            "bytes": size,
            "seconds": round(seconds, 4),
            "referer": _header(scope, b"referer"),
            "agent": _header(scope, b"user-agent"),
        }
    )


@lru_cache(1)
def _when(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def _user(scope: Scope) -> str:
    """Return the name of the token that came with a request, "" if none had to."""
    return str(scope.get(USER, ""))


def _target(scope: Scope) -> str:
    """Return the address as it was sent, but for tokens that somebody puts there in vain."""
    query: bytes = scope["query_string"]
    text = str(scope["raw_path"] + (b"?" + query if query else b""), "latin-1")
    if b"oken=" in query.lower():
        text = _TOKEN.sub(r"\1REDACTED", text)
    return text[:_LONGEST]


def _header(scope: Scope, name: bytes) -> str:
    return str(header(scope, name)[:_LONGEST], "latin-1")


def _safe(text: str) -> str:
    r"""Escape what would end a field or a line, or steer a terminal, as Apache does.

    >>> _safe('a"b\n')
    'a\\x22b\\x0a'
    """
    return _UNSAFE.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def _write_all(out: BinaryIO, data: bytes) -> None:
    while data:
        data = data[out.write(data) :]
