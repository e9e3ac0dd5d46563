"""The polite HTTP client: redirects, retries and limits over one exchange after another."""

import logging
import threading
import time
from collections.abc import Mapping
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
from harvester.portal.refusal import refusal
from harvester.portal.urls import clean, origin, redact, redirect_target
from harvester.portal.wire import Wire

log = logging.getLogger(__name__)


class Fetcher(Protocol):
    """What the stages need from the outside world."""

    @property
    def requests(self) -> int:
        """Requests made so far, redirects and retries counted."""
        ...

    def get(
        self,
        url: str,
        *,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        max_body: int | None = None,
    ) -> Document:
        """Return the document at `url`: status 200, whatever its media type. Raises FetchError."""
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
        self._throttle = Throttle(settings.rate, settings.concurrency, sleep=sleep, clock=clock)
        self._backoff = tenacity.wait_exponential(multiplier=settings.backoff) + tenacity.wait_random(
            0, settings.backoff
        )
        self._identity = {"User-Agent": user_agent(settings.contact), "Accept-Encoding": "gzip"}
        self._lock = threading.Lock()
        self._requests = 0

    @property
    def requests(self) -> int:
        """See `Fetcher.requests`."""
        return self._requests

    def get(
        self,
        url: str,
        *,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        max_body: int | None = None,
    ) -> Document:
        """See `Fetcher.get`. `max_body`: bytes, in place of the setting."""
        try:
            requested = clean(url)
        except ValueError as error:
            raise _unfit(url, error) from error
        sent = CaseInsensitiveDict({**self._identity, "Accept": accept or "*/*"})
        sent.update(headers or {})
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._settings.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception(_heals),
            sleep=self._sleep,
            before_sleep=_log_retry,
            reraise=True,
        )
        limit = self._settings.max_body if max_body is None else max_body
        try:
            final, answer = retrying(self._attempt, requested, tuple(sent.items()), limit)
        except AttemptFailed as error:
            raise _given_up(error, redact(requested), retrying.statistics["attempt_number"]) from error
        return Document(redact(requested), redact(final), answer.status, answer.media_type, answer.body)

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _attempt(self, url: str, headers: Headers, limit: int) -> tuple[str, Answer]:
        deadline = Deadline(self._settings.total_timeout, self._clock)
        here, seen = url, {url}
        while True:
            answer = self._exchange(Request(here, headers), deadline, limit)
            location = answer.header("Location")
            if answer.status not in REDIRECTS or not location:
                break
            target = self._next(here, location, seen)
            if origin(target) != origin(here):
                headers = tuple(header for header in headers if header[0].lower() not in SECRET_HEADERS)
            seen.add(target)
            here = target
        if answer.status != 200:
            raise self._refused(answer, here)
        return here, answer

    def _exchange(self, request: Request, deadline: Deadline, limit: int) -> Answer:
        with self._throttle.turn(urlsplit(request.url).netloc) as waited:
            deadline.postpone(waited)
            with self._lock:
                self._requests += 1
            try:
                answer = self._transport.send(request, deadline, limit)
            except AttemptFailed as error:
                if self._journal:
                    self._journal.failed(request, error)
                raise
        if self._journal:
            self._journal.answered(request, answer)
        return answer

    def _next(self, here: str, location: str, seen: set[str]) -> str:
        try:
            target = redirect_target(here, location)
        except ValueError as error:
            raise _not_followed(here, location, f"it {error}") from error
        if target in seen:
            raise _not_followed(here, location, "it was asked already, the redirects form a loop")
        if len(seen) > self._settings.max_redirects:
            raise _not_followed(here, location, f"{self._settings.max_redirects} redirects came before")
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
    """Return the User-Agent: the tool, its version, and whom to reach.

    >>> user_agent("mailto:me@example.org").partition(" ")[2]
    '(+mailto:me@example.org)'
    """
    if not (contact.isascii() and contact.isprintable()):
        raise UsageError(
            "the contact has characters that a User-Agent cannot carry",
            fix="give a plain mail address or URL",
        )
    return f"harvester/{__version__} (+{contact})" if contact else f"harvester/{__version__}"


def _heals(error: BaseException) -> bool:
    return isinstance(error, AttemptFailed) and error.heals


def _log_retry(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, AttemptFailed) and state.next_action:
        log.info("%s; asking again in %.1f s", error.cause, state.next_action.sleep)


def _unfit(url: str, reason: ValueError) -> FetchError:
    shown = one_line(redact(url))
    return FetchError(
        f"{shown} {reason}, so it was not asked for",
        fix="report the link to the portal that gave it",
        url=shown,
        category=Category.REFUSED,
    )


def _not_followed(here: str, location: str, reason: str) -> AttemptFailed:
    return AttemptFailed(
        f"{redact(here)} redirects to {one_line(redact(location))}, which was not followed: {reason}",
        fix="report the redirect to the portal",
        url=redact(here),
        category=Category.REFUSED,
    )


def _given_up(error: AttemptFailed, url: str, attempts: int) -> FetchError:
    parts = [error.cause]
    if error.url != url:
        parts.append(f"where {url} led")
    if attempts > 1:
        parts.append(f"asked {attempts} times")
    return FetchError("; ".join(parts), fix=error.fix, url=url, category=error.category, status=error.status)
