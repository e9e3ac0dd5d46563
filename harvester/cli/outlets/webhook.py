"""`--webhook URL`: the report of a run, sent to whoever wants to know."""

import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import requests
import tenacity
from requests.auth import AuthBase

from harvester import __version__
from harvester.errors import HarvesterError, UsageError
from harvester.portal.wire import UnledSession

TOKEN = "HARVESTER_WEBHOOK_TOKEN"  # noqa: S105  # the name of the variable
MOST_PROBLEMS = 100
_TIMEOUT_S = 10.0
_ATTEMPTS = 3
_TOKEN = re.compile(r"[\x21-\x7e]+")
_PASSING = frozenset({429, 500, 502, 503, 504})
"""Answers that another attempt may mend."""

On = Literal["always", "change", "failure"]


class NotTold(HarvesterError):
    """The webhook did not take the report: costs nothing but that."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that reports are sent to. Only its host is ever shown: the rest may be a secret, too."""

    url: str = field(repr=False)
    on: On = "always"
    token: str = field(default="", repr=False)
    backoff_s: float = 1.0
    """First wait before asking again; doubles."""

    @classmethod
    def at(cls, url: str, on: On) -> Self:
        """Return the webhook, with the token that the environment has. Raises UsageError."""
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable:
            raise UsageError("--webhook is not an http or https URL", fix="write --webhook https://HOST/PATH")
        if parts.username or parts.password:
            raise UsageError(
                "--webhook has a user name or password in its address", fix=f"set {TOKEN} in the environment"
            )
        token = os.environ.get(TOKEN, "").strip()
        if token and not _TOKEN.fullmatch(token):
            raise UsageError(
                f"{TOKEN} holds characters that no token has", fix="use printable ASCII without spaces"
            )
        return cls(url, on, token)

    def wants(self, facts: Mapping[str, Any]) -> bool:
        """Tell whether a run is one to be told of."""
        failed = bool(facts["exit_code"])
        if self.on == "failure":
            return failed
        return self.on == "always" or str(facts["outcome"]) not in ("unchanged", "tried")

    def tell(self, facts: Mapping[str, Any], attempts: int = _ATTEMPTS) -> None:
        """Send the report, without changes and with some problems only. Raises NotTold."""
        body = {**facts, "problems": facts["problems"][:MOST_PROBLEMS]}
        again = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(attempts),
            wait=tenacity.wait_exponential(self.backoff_s),
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, _Refused) and error.passing),
            reraise=True,
        )
        try:
            again(_within, _TIMEOUT_S, partial(self._post, body))
        except _Refused as error:
            raise NotTold(
                f"the webhook at {urlsplit(self.url).hostname} did not take the report: {error}",
                fix="see what runs there; the harvest itself is not concerned",
            ) from None  # below is the library's error, with the whole address in it

    def _post(self, body: Mapping[str, Any]) -> None:
        try:
            with UnledSession() as session:
                answer = session.post(
                    self.url,
                    json=body,
                    auth=_Bearer(self.token),
                    headers={"User-Agent": f"harvester/{__version__}"},
                    timeout=_TIMEOUT_S,
                    allow_redirects=False,
                    stream=True,  # the body is not read at all
                )
                answer.close()
        except requests.RequestException as error:
            raise _refused(error) from None
        if not 200 <= answer.status_code < 300:
            raise _Refused(f"it answered {answer.status_code}", passing=answer.status_code in _PASSING)


class _Refused(Exception):
    """An attempt that failed. Its text says why, without any secret; `passing`: another one may succeed."""

    def __init__(self, why: str, *, passing: bool) -> None:
        super().__init__(why)
        self.passing = passing


class _Bearer(AuthBase):
    """The token, if any, and in no case what a .netrc file says."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _refused(error: requests.RequestException) -> _Refused:
    """Say why without the exception's own text, which has the whole address."""
    if isinstance(error, requests.exceptions.SSLError):
        return _Refused("its certificate is not trusted", passing=False)
    if isinstance(error, requests.Timeout):
        return _Refused(f"no answer within {_TIMEOUT_S:g} s", passing=True)
    if isinstance(error, requests.ConnectionError):
        return _Refused("no connection", passing=True)
    return _Refused(type(error).__name__, passing=False)


def _within(seconds: float, work: Callable[[], None]) -> None:
    """Do work, and give up on it after so long: the timeouts of requests are for each byte anew."""
    outcome: SimpleQueue[Exception | None] = SimpleQueue()

    def do() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # raised again by whoever waits
            outcome.put(error)
        else:
            outcome.put(None)

    threading.Thread(target=do, daemon=True).start()
    try:
        error = outcome.get(timeout=seconds)
    except Empty:
        raise _Refused(f"no answer within {seconds:g} s", passing=True) from None
    if error is not None:
        raise error
