"""How fast one host may be asked, and how long to wait before asking again."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

Clock = Callable[[], float]
"""Seconds, only ever growing."""
Sleep = Callable[[float], None]


class Throttle:
    """Limits requests per second and requests under way, each host by itself. Safe among threads."""

    def __init__(self, rate: float, concurrency: int, *, sleep: Sleep, clock: Clock) -> None:
        self._spacing = 1 / rate if rate > 0 else 0.0
        self._concurrency = max(1, concurrency)
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._seats: dict[str, threading.Semaphore] = {}
        self._free_at: dict[str, float] = {}

    @contextmanager
    def turn(self, host: str) -> Iterator[float]:
        """Wait until `host` may be asked; the block is one request under way. Yields the seconds waited."""
        arrived = self._clock()
        with self._lock:
            seat = self._seats.setdefault(host, threading.Semaphore(self._concurrency))
        with seat:
            wait = self._reserve(host)
            if wait > 0:
                self._sleep(wait)
            yield self._clock() - arrived

    def hold(self, host: str, seconds: float) -> None:
        """Let nobody ask `host` for so long: it said that it needs a rest."""
        with self._lock:
            self._free_at[host] = max(self._free_at.get(host, 0.0), self._clock() + seconds)

    def _reserve(self, host: str) -> float:
        with self._lock:
            now = self._clock()
            start = max(now, self._free_at.get(host, now))
            self._free_at[host] = start + self._spacing
            return start - now


def retry_after(value: str, date: str = "") -> float | None:
    """Return how many seconds a Retry-After header asks to wait, None if it cannot be read.

    A date is taken relative to the answer's own Date header, so that neither a wrong clock nor a replay
    years later changes its meaning. https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3

    >>> retry_after("120")
    120.0
    >>> retry_after("Fri, 31 Dec 1999 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:50 GMT")
    9.0
    """
    if re.fullmatch(r"[0-9]+", value):
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    return max(0.0, (until - (_http_date(date) or datetime.now(UTC))).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
