"""What to ask next when links are checked: of one link, after an answer, and of which host.

Pure: what time it is, is told. Each host has a queue, so a slow one keeps nobody waiting but its own links.
"""

import heapq
import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from socket import EAI_AGAIN, gaierror
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from harvester.portal.exchange import REDIRECTS, Answer, AttemptFailed, Headers, one_line
from harvester.portal.pace import Pace
from harvester.portal.urls import clean, redact

HEAD, GET = "HEAD", "GET"
FIRST_BYTE: Headers = (("Range", "bytes=0-0"),)
"""https://www.rfc-editor.org/rfc/rfc9110#section-14.2"""
PARTIAL, NOT_IN_RANGE = 206, 416
HEAD_REFUSED = frozenset({400, 403, 404, 405, 500, 501})
"""Statuses that servers give to HEAD although they answer GET."""
MOST_WAITING = 1000
"""Steps that redirects may lead to one host before it has time for them."""
_HUNG_UP = (HTTPException, ConnectionResetError, ConnectionAbortedError, BrokenPipeError)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """The next request for one link.

    `url` is the link, `number` its place in the plan of this run (low ones first), `asked` what is asked for
    now, and `host` whom: another URL once `redirects` were followed. `rested`: a host asked for rest already.
    """

    url: str
    number: int
    host: str
    asked: str
    method: str = HEAD
    range: Headers = ()
    redirects: tuple[str, ...] = ()
    rested: bool = False


class End(NamedTuple):
    """What a link came to; `status` 0: no answer."""

    status: int
    why: str


def after(step: Step, answer: Answer, max_redirects: int) -> Step | End:
    """Return what comes after an answer: another request for the same link, or its end.

    A server that refuses HEAD is asked for the first byte, and one that has no first byte (an empty file)
    for the whole, of which nothing is read.
    """
    location = answer.header("Location")
    if answer.status in REDIRECTS and location:
        return _redirected(step, location, max_redirects)
    if step.method == HEAD and answer.status in HEAD_REFUSED:
        return replace(step, method=GET, range=FIRST_BYTE)
    if step.range and answer.status == NOT_IN_RANGE:
        return replace(step, range=())
    if step.range and answer.status == PARTIAL:
        return End(200, "")
    well = 200 <= answer.status < 300
    return End(answer.status, "" if well else one_line(f"{answer.status} {answer.reason}"))


def after_silence(step: Step, error: AttemptFailed) -> Step | End | None:
    """Return what comes after a request without an answer; None: that says nothing of the link.

    A connection that is closed without a word may be a server's way of refusing HEAD. Where our name server
    fails for the moment, no link is to blame.
    """
    causes = list(_causes(error))
    if any(isinstance(cause, gaierror) and cause.errno == EAI_AGAIN for cause in causes):
        return None
    if step.method == HEAD and any(isinstance(cause, _HUNG_UP) for cause in causes):
        return replace(step, method=GET, range=FIRST_BYTE)
    why = error.cause.replace(redact(step.asked), "it")
    return End(0, one_line(f"it led to {step.host}: {why}" if step.redirects else why))


def _redirected(step: Step, location: str, most: int) -> Step | End:
    # On to http as well: unlike a portal's page, nothing of what is there will be used
    try:
        target = clean(urljoin(step.asked, location))
        host = urlsplit(target).hostname or ""
    except ValueError as error:
        return _not_followed(location, str(error))
    seen = (*step.redirects, step.asked)
    if target in seen:
        return _not_followed(location, "was asked already: the redirects form a loop")
    if len(seen) > most:
        return _not_followed(location, f"was not followed: {most} redirects came before")
    return replace(step, asked=target, host=host, redirects=seen, method=HEAD, range=())


def _not_followed(location: str, reason: str) -> End:
    return End(0, one_line(f"it redirects to {one_line(redact(location), 100)}, which {reason}"))


def _causes(error: BaseException) -> Iterator[BaseException]:
    below: BaseException | None = error
    while below:
        yield below
        below = below.__cause__ or below.__context__


@dataclass(slots=True)
class _Lane:
    host: str
    pace: Pace
    steps: deque[Step] = field(default_factory=deque)
    number: int = 0
    """The place of the last link that was taken from the plan."""
    queued: bool = False
    """Whether it stands in one of the heaps. If not, it is under way, or has nothing to ask."""
    under_way: bool = False
    left: bool = False
    free_at: float = float("-inf")
    failures: int = 0


class Lanes:
    """Which link comes next, so that each host is asked one thing at a time, and not too often.

    `spacing`: seconds between two requests to one host; one that asks for rest gets it, see `Pace`, up to
    `longest` seconds. `patience`: so many failures in a row, and a host is left alone for good.
    `following(host, number)` returns the first link of the plan for `host` after place `number`.
    """

    def __init__(
        self,
        spacing: float,
        *,
        longest: float,
        patience: int,
        following: Callable[[str, int], Step | None],
    ) -> None:
        self._spacing = spacing
        self._longest = longest
        self._patience = patience
        self._following = following
        self._lanes: dict[str, _Lane] = {}
        self._resting: list[tuple[float, str]] = []
        self._ready: list[tuple[int, str]] = []

    @property
    def left(self) -> int:
        """How many hosts were left alone."""
        return sum(lane.left for lane in self._lanes.values())

    def open(self, host: str) -> None:
        """Ask the links of the plan that are at `host`."""
        self._queue(self._lane(host))

    def add(self, step: Step) -> bool:
        """Ask this before the rest of its host's plan; False if that host was left, or has too much to do."""
        lane = self._lane(step.host)
        if lane.left or len(lane.steps) >= MOST_WAITING:
            return False
        lane.steps.append(step)
        self._queue(lane)
        return True

    def take(self, now: float) -> Step | None:
        """Return the step with the lowest place among the hosts that may be asked now; it is under way."""
        self._wake(now)
        if not self._ready:
            return None
        lane = self._lanes[heapq.heappop(self._ready)[1]]
        lane.queued, lane.under_way = False, True
        lane.free_at = now + lane.pace.spacing
        return lane.steps.popleft()

    def rest(self, now: float) -> float | None:
        """Return the seconds until the next host may be asked, None if none waits for that."""
        if self._ready:
            return 0.0
        return max(0.0, self._resting[0][0] - now) if self._resting else None

    def answered(self, host: str, *, well: bool) -> None:
        """End what is under way at `host`: there was an answer."""
        lane = self._lane(host)
        lane.failures = 0
        if well:
            lane.pace.faster()
        self._end(lane)

    def busy(self, host: str, now: float, rest: float) -> None:
        """End it: the host asks for rest, for so many seconds at least. This counts as a failure."""
        lane = self._lane(host)
        lane.pace.slower()
        lane.free_at = max(lane.free_at, now + max(rest, lane.pace.spacing))
        self.failed(host)

    def failed(self, host: str) -> None:
        """End it: no answer came."""
        lane = self._lane(host)
        lane.failures += 1
        if lane.failures >= self._patience:
            self.leave(host)
        self._end(lane)

    def leave(self, host: str) -> None:
        """Ask `host` nothing more."""
        lane = self._lane(host)
        if not lane.left:
            log.info("%s: no more links are asked there in this run", host)
        lane.left = True
        lane.steps.clear()

    def _lane(self, host: str) -> _Lane:
        if host not in self._lanes:
            self._lanes[host] = _Lane(host, Pace(self._spacing, 1, self._longest))
        return self._lanes[host]

    def _end(self, lane: _Lane) -> None:
        lane.under_way = False
        self._queue(lane)

    def _queue(self, lane: _Lane) -> None:
        if not (lane.queued or lane.under_way or lane.left):
            lane.queued = True
            heapq.heappush(self._resting, (lane.free_at, lane.host))

    def _wake(self, now: float) -> None:
        """Make ready whoever has rested, and has something to be asked."""
        while self._resting and self._resting[0][0] <= now:
            lane = self._lanes[heapq.heappop(self._resting)[1]]
            if not lane.steps and (step := self._following(lane.host, lane.number)):
                lane.number = step.number
                lane.steps.append(step)
            lane.queued = bool(lane.steps)
            if lane.steps:
                heapq.heappush(self._ready, (lane.steps[0].number, lane.host))
