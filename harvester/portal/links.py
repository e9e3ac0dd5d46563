"""Whether the links of a catalogue answer: asked politely, and not again while the last answer is fresh.

Links come from whoever publishes on the portal, so they are asked by the rules for redirects: no inside
addresses, no other schemes, no user names, bounded time, and of bodies nothing is read.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from harvester.config import HttpSettings
from harvester.portal.address import Guard, Resolve, resolve
from harvester.portal.client import user_agent
from harvester.portal.exchange import Answer, AttemptFailed, Deadline, Request
from harvester.portal.politeness import BUSY, Clock, Sleep, retry_after
from harvester.portal.steps import End, Lanes, Step, after, after_silence
from harvester.portal.urls import MAX_LENGTH, SCHEMES, clean
from harvester.portal.wire import Wire


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How to check links."""

    timeout: float = 20.0
    """Seconds. Longest time for one answer; nothing but its status and headers is waited for."""
    rate: float = 1.0
    """Most requests per second to one host, one at a time; 0: no limit."""
    threads: int = 8
    """Hosts that are asked at the same time."""
    max_requests: int = 20_000
    """Most requests of one run, redirects included; 0: no limit."""
    max_seconds: float = 1800.0
    """Longest time of one run; what is under way then is still waited for."""
    max_redirects: int = 5
    max_failures: int = 5
    """So many times in a row without an answer, and a host is left alone for this run."""
    max_wait: float = 120.0
    """Seconds. The most that a Retry-After may ask: hosts that ask for more are left alone for this run."""
    fresh_days: float = 30.0
    """Days after which a link that answered is asked again."""
    retry_days: float = 3.0
    """Days after which a link that did not is asked again."""
    keep_days: float = 180.0
    """Days after which a link that no catalogue names any more is forgotten."""
    contact: str = ""
    """Mail address or URL for the User-Agent."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link came to. `status` is that of the last answer, redirects followed; 0: there was none.

    It is 200 where only the first byte was asked for (206). A redirect that may not be followed is no
    answer. `why` says in at most 200 characters what went wrong, "" if the link answers.
    """

    url: str
    status: int
    why: str
    checked: datetime

    @property
    def answers(self) -> bool:
        """Tell whether there is something at the end of the link."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Report:
    """What one run did, in different links: `links` = `fresh` + `checked` + `postponed`."""

    links: int
    """That were given, and may be asked."""
    skipped: int
    """Given, but not to be asked: other schemes, user names, too long; each time counts."""
    fresh: int
    """Not asked, since it was known what they come to."""
    checked: int
    answered: int
    """Those among `checked` that do."""
    postponed: int
    """To be asked by a later run."""
    requests: int
    hosts_left: int
    """Hosts that were left alone, since they did not answer or asked for rest."""
    ended: str
    """What ended the run before all were asked: "requests", "seconds", or "" if neither did."""


class Cache(Protocol):
    """What is known of links, and the plan of a run: `harvester.store.links.LinkCache`."""

    def enlist(self, links: Iterable[tuple[str, str]], now: datetime, /) -> int:
        """Take note that these links (URL and host) are in use; returns how many different ones."""
        ...

    def plan(
        self, now: datetime, *, fresh: timedelta, retry: timedelta, most: int | None, per_host: int | None
    ) -> int:
        """Plan what to ask of the links enlisted at `now`: at most so many; returns how many are due."""
        ...

    def hosts(self) -> Iterator[str]:
        """Yield the hosts of the plan, each once."""
        ...

    def following(self, host: str, number: int, /) -> tuple[int, str] | None:
        """Return place and URL of the first link at `host` after place `number`, None if there is none."""
        ...

    def note(self, link: Link, /) -> None:
        """Keep a result, at once and for good."""
        ...

    def forget(self, before: datetime, /) -> None:
        """Forget the links that were enlisted last before that."""
        ...


def named(url: str) -> str:
    """Return what a link is known by: the URL without its fragment, of which no server hears."""
    return url.partition("#")[0]


def host_of(url: str) -> str:
    """Return the host that a link asks, "" if it is none to be asked.

    >>> host_of("https://Data.example/a.csv"), host_of("ftp://data.example/"), host_of("http://me@h/")
    ('data.example', '', '')
    """
    if len(url) > MAX_LENGTH or not url.isprintable():
        return ""
    try:
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or "@" in parts.netloc:
            return ""
        host = parts.hostname or ""
        return host if host.isascii() else urlsplit(clean(url)).hostname or ""
    except ValueError:
        return ""


def _now() -> datetime:
    return datetime.now(UTC)


class LinkChecker:
    """Asks links, several hosts at once.

    `portal_url` names the host whose addresses are trusted (see `Guard`). `clock` and `sleep` are seconds of
    a run, `now` the time of day that results are noted with.
    """

    def __init__(
        self,
        settings: LinkSettings,
        portal_url: str,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
        now: Callable[[], datetime] = _now,
        resolve: Resolve = resolve,
    ) -> None:
        self._settings = settings
        self._portal = clean(portal_url)
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._guard = Guard(urlsplit(self._portal).hostname or "", resolve)

    def check(self, urls: Iterable[str], cache: Cache) -> Report:
        """Ask the links among `urls` that are due: those never asked first, then those asked longest ago.

        `urls` are read once and not kept. Each result is in the cache as soon as it is known, so Ctrl-C and
        kills lose none. Raises what the cache raises (StoreError).
        """
        how, now = self._settings, self._now()
        skipped = 0

        def usable() -> Iterator[tuple[str, str]]:
            nonlocal skipped
            for url in urls:
                if host := host_of(url):
                    yield named(url), host
                else:
                    skipped += 1

        links = cache.enlist(usable(), now)
        due = cache.plan(
            now,
            fresh=timedelta(days=how.fresh_days),
            retry=timedelta(days=how.retry_days),
            most=how.max_requests or None,
            per_host=int(how.max_seconds * how.rate) + 1 if how.rate else None,
        )
        # of one host there is one request under way: one connection is enough
        http = HttpSettings(min(10.0, how.timeout), how.timeout, concurrency=1)
        wire = Wire(http, self._portal, self._guard)
        run = _Run(how, wire, cache, clock=self._clock, sleep=self._sleep, now=self._now)
        run.ask_all()
        cache.forget(now - timedelta(days=how.keep_days))
        return Report(
            links=links,
            skipped=skipped,
            fresh=links - due,
            checked=run.checked,
            answered=run.answered,
            postponed=due - run.checked,
            requests=run.requests,
            hosts_left=run.lanes.left,
            ended=run.spent() if due > run.checked else "",
        )


class _Run:
    """One run. All but the exchanges themselves happens in the thread that called."""

    def __init__(
        self,
        settings: LinkSettings,
        wire: Wire,
        cache: Cache,
        *,
        clock: Clock,
        sleep: Sleep,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._wire = wire
        self._cache = cache
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._end = clock() + settings.max_seconds
        self._agent = user_agent(settings.contact)
        self._under_way: dict[Future[Answer], Step] = {}
        self.lanes = Lanes(
            1 / settings.rate if settings.rate > 0 else 0.0,
            longest=min(30.0, settings.max_wait),
            patience=settings.max_failures,
            following=self._following,
        )
        self.requests = self.checked = self.answered = 0

    def ask_all(self) -> None:
        """Ask what is planned until it is done or a budget is used up."""
        for host in self._cache.hosts():
            self.lanes.open(host)
        pool = ThreadPoolExecutor(self._settings.threads, thread_name_prefix="links")
        try:
            while self._goes_on(pool):
                pass
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # Ctrl-C does not wait for a slow host
            self._wire.close()

    def spent(self) -> str:
        """Return the budget that is used up, "" if none is."""
        if self._settings.max_requests and self.requests >= self._settings.max_requests:
            return "requests"
        return "seconds" if self._clock() >= self._end else ""

    def _goes_on(self, pool: ThreadPoolExecutor) -> bool:
        """Begin what may be begun, then wait for the next thing to happen; False when nothing will."""
        while free := len(self._under_way) < self._settings.threads and not self.spent():
            step = self.lanes.take(self._clock())
            if step is None:
                break
            self.requests += 1
            self._under_way[pool.submit(self._ask, step)] = step
        now = self._clock()
        rest = self.lanes.rest(now) if free else None
        if self._under_way:
            for future in wait(self._under_way, rest, FIRST_COMPLETED).done:
                self._finish(self._under_way.pop(future), future)
        elif rest is None:
            return False
        else:
            self._sleep(min(rest, max(0.0, self._end - now)))
        return True

    def _ask(self, step: Step) -> Answer:
        headers = (("User-Agent", self._agent), ("Accept", "*/*"), *step.range)
        deadline = Deadline(self._settings.timeout, self._clock)
        return self._wire.peek(Request(step.asked, headers, step.method), deadline)

    def _finish(self, step: Step, future: Future[Answer]) -> None:
        try:
            answer = future.result()
        except AttemptFailed as error:
            self.lanes.failed(step.host)
            self._proceed(step, after_silence(step, error))
            return
        if answer.status in BUSY:
            self._rest(step, answer)
        else:
            self.lanes.answered(step.host, well=answer.status < 400)
            self._proceed(step, after(step, answer, self._settings.max_redirects))

    def _rest(self, step: Step, answer: Answer) -> None:
        """Let the host rest, then ask once more: that it is busy says nothing of the link."""
        asked = retry_after(answer.header("Retry-After"), answer.header("Date")) or 0.0
        if asked > self._settings.max_wait:
            self.lanes.leave(step.host)
        self.lanes.busy(step.host, self._clock(), asked)
        if step.rested or not self.lanes.add(replace(step, rested=True)):
            self._proceed(step, after(step, answer, self._settings.max_redirects))

    def _proceed(self, step: Step, outcome: Step | End | None) -> None:
        if isinstance(outcome, Step):
            self.lanes.add(outcome)
        elif outcome:
            self._note(step.url, outcome)

    def _note(self, url: str, end: End) -> None:
        link = Link(url, end.status, end.why, self._now())
        self._cache.note(link)
        self.checked += 1
        self.answered += link.answers

    def _following(self, host: str, number: int) -> Step | None:
        while found := self._cache.following(host, number):
            number, url = found
            try:
                return Step(url, number, host, clean(url))
            except ValueError as error:
                self._note(url, End(0, f"it {error}"))
        return None
