"""The network: requests sent through a session, and what goes wrong there told in one way.

Proxies are taken from the environment (HTTPS_PROXY, NO_PROXY…), as networks of companies need them, but never
for this machine itself. A proxy resolves names in our place, so that the guard then sees numeric addresses
only; keeping outsiders' links from the inside of the network is then the proxy's office.
~/.netrc is not read and cookies are not kept.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from http import client as http_client
from http.cookiejar import DefaultCookiePolicy
from socket import EAI_AGAIN, gaierror
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.auth import HTTPBasicAuth
from requests.utils import get_auth_from_url, select_proxy

from harvester.config import HttpSettings
from harvester.model import Category
from harvester.portal.address import Forbidden, Guard, is_loopback
from harvester.portal.connections import GuardedAdapter, until
from harvester.portal.exchange import (
    Answer,
    AttemptFailed,
    Deadline,
    Headers,
    Meter,
    Request,
    one_line,
    read_answer,
    too_large,
)
from harvester.portal.urls import origin, redact

_FOREIGN = (requests.RequestException, urllib3.exceptions.HTTPError, http_client.HTTPException, OSError)


class Wire:
    """Transport over HTTP. User name and password of `portal_url` go to its origin and nowhere else."""

    def __init__(self, settings: HttpSettings, portal_url: str, guard: Guard) -> None:
        self._settings = settings
        self._origin = origin(portal_url)
        self._credentials = get_auth_from_url(portal_url)
        self._session = UnledSession()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, GuardedAdapter(guard, self._settings.concurrency))
        self._guard = guard
        self._environment = lru_cache(maxsize=1_000)(partial(_environment, self._session))

    def send(self, request: Request, deadline: Deadline, limit: int, meter: Meter, /) -> Answer:
        """See `Transport.send`."""
        with until(deadline), self._translated(redact(request.url), deadline):
            return self._send(request, deadline, limit, meter)

    def peek(self, request: Request, deadline: Deadline, /) -> Answer:
        """Return the answer without its body, of which nothing is read; raises as `send` does."""
        with (
            until(deadline),
            self._translated(redact(request.url), deadline),
            self._opened(request, deadline) as response,
        ):
            raw = response.raw
            if request.method == "HEAD":
                raw.drain_conn()  # reads nothing, and lets the connection be used again
            reason = one_line(raw.reason or "")
            return Answer(response.status_code, reason, _headers(raw), content=b"", body=b"")

    def _send(self, request: Request, deadline: Deadline, limit: int, meter: Meter) -> Answer:
        with self._opened(request, deadline) as response:
            raw = response.raw
            if response.status_code == 200 and (raw.length_remaining or 0) > limit:
                raise too_large(redact(request.url), limit)
            return read_answer(
                redact(request.url),
                response.status_code,
                one_line(raw.reason or ""),
                _headers(raw),
                meter(raw),
                limit,
            )

    def _opened(self, request: Request, deadline: Deadline) -> requests.Response:
        prepared = requests.Request(  # not by the session, which would add cookies and look into ~/.netrc
            request.method, request.url, headers=dict(request.headers), auth=self._auth(request.url)
        ).prepare()
        left = max(deadline.left(), 0.001)
        return self._session.send(
            prepared,
            **self._route(request.url),
            allow_redirects=False,
            timeout=(min(self._settings.connect_timeout, left), min(self._settings.read_timeout, left)),
        )

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    def _auth(self, url: str) -> HTTPBasicAuth | None:
        if any(self._credentials) and origin(url) == self._origin:
            name, password = (part.encode() for part in self._credentials)
            return HTTPBasicAuth(name, password)
        return None

    def _route(self, url: str) -> dict[str, Any]:
        route = {**self._environment(urljoin(url, "/"))}
        host = urlsplit(url).hostname or ""
        if is_loopback(host):
            route["proxies"] = {}
        elif select_proxy(url, route["proxies"]):
            self._guard.check_numeric(host)
        return route

    @contextmanager
    def _translated(self, url: str, deadline: Deadline) -> Iterator[None]:
        try:
            yield
        except Forbidden as error:
            raise AttemptFailed(
                f"{url} was not asked for: {error}, and the portal is not on such an address",
                fix="if you mean that host, harvest it by itself; else report the link to the portal",
                url=url,
                category=Category.REFUSED,
            ) from error
        except _FOREIGN as error:
            root = _root(error)
            if isinstance(root, TimeoutError | urllib3.exceptions.TimeoutError):
                raise self._too_slow(url, error, deadline) from error
            cause, fix = _explain(url, root)
            raise AttemptFailed(
                cause,
                fix=fix,
                url=url,
                category=Category.UNREACHABLE,
                heals=_passing(root),
            ) from error

    def _too_slow(self, url: str, error: Exception, deadline: Deadline) -> AttemptFailed:
        if deadline.left() <= 0:
            cause = f"{url} did not answer in full within {deadline.seconds:g} s"
        elif isinstance(error, requests.ConnectTimeout):
            cause = f"{url} took no connection within {self._settings.connect_timeout:g} s"
        else:
            cause = f"{url} sent nothing for {self._settings.read_timeout:g} s"
        return AttemptFailed(
            cause,
            fix="harvest when the portal is less busy, ask for smaller pages, or raise the timeout",
            url=url,
            category=Category.TOO_SLOW,
            heals=True,
        )


def _environment(session: requests.Session, site: str) -> dict[str, Any]:
    """Return proxies and certificates that the environment names for a site; to find out takes 5 ms."""
    return {**session.merge_environment_settings(site, {}, True, None, None)}


def _explain(url: str, root: BaseException) -> tuple[str, str]:
    detail = one_line(getattr(root, "strerror", None) or str(root) or type(root).__name__)
    match root:
        case ssl.SSLCertVerificationError():
            detail = one_line(root.verify_message)
            return (
                f"the certificate of {url} is not valid: {detail}",
                "check the address; behind a company's proxy, set REQUESTS_CA_BUNDLE to its certificates",
            )
        case gaierror():
            host = urlsplit(url).hostname
            return (
                f"{url} cannot be reached: no address is known for {host} ({detail})",
                "check the spelling of the portal's address and the connection to the network",
            )
        case ValueError():  # without its words: they quote the proxy's URL, password included
            return (
                f"{url} cannot be asked: a URL is not valid, this one or that of the proxy",
                "check HTTP_PROXY and HTTPS_PROXY, and the portal's address",
            )
        case _:
            return (
                f"the connection to {url} failed: {detail}",
                "check that the portal works in a browser, then harvest again",
            )


def _root(error: BaseException) -> BaseException:
    """Return the error at the bottom of a chain: the socket's own words, not those of the libraries above."""
    while isinstance(below := error.__cause__ or error.__context__, _FOREIGN):
        error = below
    return error


def _passing(root: BaseException) -> bool:
    match root:
        case ssl.SSLEOFError():
            return True
        case gaierror():
            return root.errno == EAI_AGAIN
        case _:
            return not isinstance(root, ssl.SSLError | ValueError)


def _headers(raw: urllib3.HTTPResponse) -> Headers:
    """Return headers as text; http.client decodes as Latin-1 what servers mostly send in UTF-8."""
    return tuple((name, " ".join(_utf8(value).split())) for name, value in raw.headers.items())


def _utf8(value: str) -> str:
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


class UnledSession(requests.Session):
    """A session that follows nothing by itself."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """See no redirect: requests would read the body of one whole, whatever its size."""
