"""How fast each host may be asked, and how long to wait before asking again."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from harvester.portal.pace import Pace

Clock = Callable[[], float]
"""Seconds, only ever growing."""
Sleep = Callable[[float], None]

BUSY = frozenset({429, 503})
"""Statuses that ask for fewer requests."""
LATE = frozenset({408, 504})
"""Statuses that say that the time was not enough."""
PATIENCE = 3
"""So many answers in a row that came too late count as asking for fewer requests."""


class Throttle:
    """Limits requests per second and requests under way, each host by itself. Safe among threads.

    A host that asks for rest gets it: see `Pace`. `max_spacing`: the most seconds between two requests that
    this may lead to; 0: only the requests under way are lowered.
    """

    def __init__(
        self, rate: float, concurrency: int, *, sleep: Sleep, clock: Clock, max_spacing: float = 30.0
    ) -> None:
        self._spacing = 1 / rate if rate > 0 else 0.0
        self._concurrency = max(1, concurrency)
        self._max_spacing = max_spacing
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    @contextmanager
    def turn(self, host: str) -> Iterator["Turn"]:
        """Wait until `host` may be asked; the block is one request under way, and tells the turn its end."""
        arrived = self._clock()
        lane = self._host(host)
        met = lane.enter(self._sleep)
        try:
            yield Turn(lane, met, self._clock() - arrived)
        finally:
            lane.leave()

    def hold(self, host: str, seconds: float) -> None:
        """Let nobody ask `host` for so long: it said that it needs a rest."""
        self._host(host).hold(seconds)

    @property
    def slowdowns(self) -> tuple[str, ...]:
        """One sentence for each host that was asked less than usual, by name."""
        with self._lock:
            said = [(name, host.slowdown()) for name, host in self._hosts.items()]
        return tuple(f"{name} {words}" for name, words in sorted(said) if words)

    def _host(self, name: str) -> "_Host":
        with self._lock:
            if name not in self._hosts:
                pace = Pace(self._spacing, self._concurrency, self._max_spacing)
                self._hosts[name] = _Host(pace, self._clock)
            return self._hosts[name]


class Turn:
    """One request under way. `waited`: seconds that it had to wait for its turn."""

    def __init__(self, host: "_Host", met: int, waited: float) -> None:
        self.waited = waited
        self._host = host
        self._met = met

    def answered(self, status: int) -> None:
        """Tell the status of the answer. One that is an error, but none of haste, changes nothing."""
        if status in BUSY:
            self._host.refused(self._met)
        elif status in LATE:
            self._host.late(self._met)
        else:
            self._host.answered(well=status < 400)

    def timed_out(self) -> None:
        """Tell that the answer did not come in time."""
        self._host.late(self._met)


class _Host:
    """The queue before one host: the first in it waits for the time and for a seat, the others behind it."""

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._pace = pace
        self._clock = clock
        self._door = threading.Lock()
        self._changed = threading.Condition()
        self._under_way = 0
        self._free_at = float("-inf")
        self._late_in_a_row = 0
        self._refusals = 0
        self._delays = 0

    def enter(self, sleep: Sleep) -> int:
        """Wait for one's turn; returns how many slowdowns there had been by then."""
        with self._door:
            rested_until = float("-inf")
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._under_way < self._pace.seats)
                    now = self._clock()
                    if self._free_at <= max(now, rested_until):
                        self._under_way += 1
                        self._free_at = max(now, self._free_at) + self._pace.spacing
                        return self._refusals + self._delays
                    wait, rested_until = self._free_at - now, self._free_at
                sleep(wait)  # what was granted may have been put off meanwhile: look again

    def leave(self) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def hold(self, seconds: float) -> None:
        with self._changed:
            self._free_at = max(self._free_at, self._clock() + seconds)

    def answered(self, *, well: bool) -> None:
        with self._changed:
            self._late_in_a_row = 0
            if well:
                self._pace.faster()
                self._changed.notify_all()

    def refused(self, met: int) -> None:
        """Slow down, unless this was done since the request was made: one storm, one slowdown."""
        with self._changed:
            self._late_in_a_row = 0
            if met == self._refusals + self._delays:
                self._refusals += 1
                self._slow_down()

    def late(self, met: int) -> None:
        """Slow down after a run of them; those that were under way at the last slowdown do not count."""
        with self._changed:
            if met != self._refusals + self._delays:
                return
            self._late_in_a_row += 1
            if self._late_in_a_row == PATIENCE:
                self._late_in_a_row = 0
                self._delays += 1
                self._slow_down()

    def _slow_down(self) -> None:
        self._pace.slower()
        self._free_at = max(self._free_at, self._clock() + self._pace.spacing)

    def slowdown(self) -> str:
        """Return what happened, worded to follow the host's name; "" if nothing did."""
        with self._changed:
            parts = []
            if self._refusals:
                parts.append(f"asked to slow down {_times(self._refusals)}")
            if self._delays:
                parts.append(f"answered too late {PATIENCE} times in a row, {_times(self._delays)}")
            if not parts:
                return ""
            return f"{' and '.join(parts)}: down to one request {_every(self._pace.slowest)}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _every(seconds: float) -> str:
    return f"in {seconds:.2g} s" if seconds else "at a time"


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
