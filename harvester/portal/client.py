"""The polite HTTP client: redirects, retries and limits over one exchange after another."""

import logging
import re
import time
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

import tenacity
from requests.structures import CaseInsensitiveDict

from harvester import __version__
from harvester.config import HttpSettings
from harvester.errors import FetchError, UsageError
from harvester.model import Category, Document
from harvester.portal.address import Guard, Resolve, resolve
from harvester.portal.budget import Budget
from harvester.portal.conditions import NAMES, conditions, unchanged, validators_of
from harvester.portal.exchange import (
    REDIRECTS,
    SECRET_HEADERS,
    Answer,
    AttemptFailed,
    Deadline,
    Headers,
    Journal,
    Request,
    Transport,
    one_line,
)
from harvester.portal.politeness import Clock, Sleep, Throttle
from harvester.portal.refusal import given_up, not_followed, refusal, unfit
from harvester.portal.urls import clean, origin, redact, redirect_target
from harvester.portal.wire import Wire

log = logging.getLogger(__name__)

BOUND_TO_ORIGIN = SECRET_HEADERS | {name.lower() for name in NAMES}
"""Headers that no other origin gets: secrets, and conditions, whose validators mean nothing there."""


class Fetcher(Protocol):
    """What the stages need from the outside world."""

    @property
    def requests(self) -> int:
        """Requests made so far, redirects and retries counted."""
        ...

    @property
    def slowdowns(self) -> tuple[str, ...]:
        """One sentence for each host that asked for fewer requests, and got them."""
        ...

    def get(
        self,
        url: str,
        *,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        max_body: int | None = None,
        validators: tuple[str, str] = ("", ""),
    ) -> Document:
        """Return the document at `url`: status 200, whatever its media type. Raises FetchError.

        `validators`: ETag and Last-Modified of the version that is known, "" where there is none. If that is
        still the current one, the document has status 304 and no body. BudgetSpent: the run may take no more.
        """
        ...

    def close(self) -> None:
        """Let go of connections or files."""
        ...


class Conversation:
    """Fetcher over any transport: follows redirects, asks again, keeps the limits. Safe among threads.

    Only what heals by itself is asked again (`AttemptFailed.heals`), from the first URL on; each attempt has
    the total timeout to itself. URLs of documents and errors are without passwords and secret parameters.
    """

    def __init__(
        self,
        settings: HttpSettings,
        transport: Transport,
        *,
        sleep: Sleep,
        clock: Clock,
        journal: Journal | None = None,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._sleep = sleep
        self._clock = clock
        self._journal = journal
        self._throttle = Throttle(
            settings.rate,
            settings.concurrency,
            sleep=sleep,
            clock=clock,
            max_spacing=min(settings.max_spacing, settings.max_wait),
        )
        self._budget = Budget(settings.max_requests, settings.max_transfer)
        self._backoff = tenacity.wait_exponential(multiplier=settings.backoff) + tenacity.wait_random(
            0, settings.backoff
        )
        self._identity = {"User-Agent": user_agent(settings.contact), "Accept-Encoding": "gzip"}

    @property
    def requests(self) -> int:
        """See `Fetcher.requests`."""
        return self._budget.requests

    @property
    def slowdowns(self) -> tuple[str, ...]:
        """See `Fetcher.slowdowns`."""
        return self._throttle.slowdowns

    def get(
        self,
        url: str,
        *,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        max_body: int | None = None,
        validators: tuple[str, str] = ("", ""),
    ) -> Document:
        """See `Fetcher.get`. `max_body`: bytes, in place of the setting."""
        try:
            requested = clean(url)
        except ValueError as error:
            raise unfit(url, error) from error
        sent = CaseInsensitiveDict({**self._identity, "Accept": accept or "*/*", **conditions(validators)})
        sent.update(headers or {})
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._settings.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception(_heals),
            sleep=self._sleep,
            before_sleep=self._before_retry,
            reraise=True,
        )
        limit = self._settings.max_body if max_body is None else max_body
        try:
            asked, answer = retrying(self._attempt, requested, tuple(sent.items()), limit)
        except AttemptFailed as error:
            raise given_up(error, redact(requested), retrying.statistics["attempt_number"]) from error
        body = answer.body if answer.status == 200 else b""
        found = (answer.status, answer.media_type, body, *validators_of(answer, asked))
        return Document(redact(requested), redact(asked.url), *found)

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _attempt(self, url: str, headers: Headers, limit: int) -> tuple[Request, Answer]:
        deadline = Deadline(self._settings.total_timeout, self._clock)
        request, seen = Request(url, headers), {url}
        while True:
            answer = self._exchange(request, deadline, limit)
            location = answer.header("Location")
            if answer.status not in REDIRECTS or not location:
                break
            target = self._next(request.url, location, seen)
            if origin(target) != origin(request.url):
                headers = tuple(header for header in headers if header[0].lower() not in BOUND_TO_ORIGIN)
            seen.add(target)
            request = Request(target, headers)
        if answer.status != 200 and not unchanged(answer, request):
            raise self._refused(answer, request.url)
        return request, answer

    def _exchange(self, request: Request, deadline: Deadline, limit: int) -> Answer:
        shown = redact(request.url)
        self._budget.request(shown)
        with self._throttle.turn(urlsplit(request.url).netloc) as turn:
            deadline.postpone(turn.waited)
            try:
                meter = partial(self._budget.metered, shown)
                answer = self._transport.send(request, deadline, limit, meter)
            except FetchError as error:
                if error.category is Category.TOO_SLOW:
                    turn.timed_out()
                if self._journal:
                    self._journal.failed(request, error)
                raise
            turn.answered(answer.status)
        if self._journal:
            self._journal.answered(request, answer)
        return answer

    def _next(self, here: str, location: str, seen: set[str]) -> str:
        try:
            target = redirect_target(here, location)
        except ValueError as error:
            raise not_followed(here, location, f"it {error}") from error
        if target in seen:
            raise not_followed(here, location, "it was asked already, the redirects form a loop")
        if len(seen) > self._settings.max_redirects:
            raise not_followed(here, location, f"{self._settings.max_redirects} redirects came before")
        return target

    def _refused(self, answer: Answer, url: str) -> AttemptFailed:
        error = refusal(answer, redact(url))
        if error.retry_after is None:
            return error
        if error.retry_after > self._settings.max_wait:
            return AttemptFailed(
                f"{error.cause} (it asks to wait {error.retry_after:g} s; "
                f"the longest wait is {self._settings.max_wait:g} s)",
                fix="harvest later, lower the rate, or raise the longest wait",
                url=error.url,
                category=error.category,
                status=error.status,
            )
        self._throttle.hold(urlsplit(url).netloc, error.retry_after)
        return error

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, AttemptFailed) else None
        return max(min(self._backoff(state), self._settings.max_wait), asked or 0.0)

    def _before_retry(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, AttemptFailed) and state.next_action:
            self._budget.check(error.url)  # rather than wait for a request that may not be made
            log.info("%s; asking again in %.1f s", error.cause, state.next_action.sleep)


class Client(Conversation):
    """Fetcher over the network.

    `portal_url` names the host whose addresses are trusted (see `Guard`), and the origin that its user name
    and password are for. A `recorder` is told of every exchange, and closed by whoever made it.
    """

    def __init__(
        self,
        settings: HttpSettings,
        portal_url: str,
        *,
        sleep: Sleep = time.sleep,
        clock: Clock = time.monotonic,
        recorder: Journal | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        try:
            host = urlsplit(clean(portal_url)).hostname or ""
        except ValueError as error:
            raise UsageError(
                f"the portal's address {one_line(redact(portal_url))} {error}",
                fix="give it as in https://www.data.gouv.fr",
            ) from error
        wire = Wire(settings, portal_url, Guard(host, resolve))
        super().__init__(settings, wire, sleep=sleep, clock=clock, journal=recorder)


def user_agent(contact: str) -> str:
    """Return the User-Agent: the tool, its version, and whom to reach, as robots customarily say it.

    >>> user_agent("me@example.org").partition(" ")[2]
    '(+mailto:me@example.org)'
    """
    contact = contact.strip()
    if not (contact.isascii() and contact.isprintable()):
        raise UsageError(
            "the contact has characters that a User-Agent cannot carry",
            fix="give a plain mail address or URL",
        )
    if "@" in contact and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", contact):
        contact = f"mailto:{contact}"
    contact = re.sub(r"[()\\\s]", lambda char: f"%{ord(char[0]):02X}", contact)  # those would end the comment
    return f"harvester/{__version__} (+{contact})" if contact else f"harvester/{__version__}"


def _heals(error: BaseException) -> bool:
    return isinstance(error, AttemptFailed) and error.heals
