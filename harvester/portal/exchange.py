"""One request and its answer, as values, and what may carry them: the network or a recording."""

import gzip
import io
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import urllib3

from harvester.errors import FetchError
from harvester.model import Category

CHUNK = 64 * 1024
EXPLANATION = 64 * 1024
"""Bytes. The most that is read of an answer which is not a document: only its explanation matters."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
"""Lower case. Neither recorded nor sent on to another host."""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A GET request, unless `method` says HEAD.

    `url` is clean (see `harvester.portal.urls`), `headers` are all but Host and credentials.
    """

    url: str
    headers: Headers
    method: str = "GET"

    def header(self, name: str) -> str:
        """Return the first value of a header, "" when absent."""
        return _first(self.headers, name)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end: `content` as sent, `body` without its Content-Encoding.

    Of an answer which is not a document (a status other than 200) only the beginning is kept.
    """

    status: int
    reason: str
    headers: Headers
    content: bytes = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """Return the first value of a header, "" when absent."""
        return _first(self.headers, name)

    @property
    def media_type(self) -> str:
        """The media type, lower case, without parameters; "" when absent."""
        return self.header("Content-Type").partition(";")[0].strip().lower()


class AttemptFailed(FetchError):
    """One attempt gave no document; if it `heals`, asking again may, after `retry_after` seconds or more."""

    def __init__(
        self,
        cause: str,
        *,
        fix: str,
        url: str,
        category: Category,
        status: int | None = None,
        heals: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(cause, fix=fix, url=url, category=category, status=status)
        self.heals = heals
        self.retry_after = retry_after


class Deadline:
    """The moment when patience with one answer ends, in seconds of `clock`."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Return the seconds left, below zero when it has passed."""
        return self._end - self._clock()

    def postpone(self, seconds: float) -> None:
        """Move the end: we waited of our own accord."""
        self._end += seconds


class Readable(Protocol):
    """Where a body comes from. `read` returns at most `size` bytes, none at the end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        ...


Meter = Callable[[Readable], Readable]
"""Makes a stream count what is read from it."""


class Transport(Protocol):
    """Carries one request; raises AttemptFailed when no answer, or not all of it, comes back."""

    def send(self, request: Request, deadline: Deadline, limit: int, meter: Meter, /) -> Answer:
        """Return the answer, whatever its status; `limit` is the most bytes a document may have.

        The body, as sent, is read through `meter`.
        """
        ...

    def close(self) -> None:
        """Let go of connections or files."""
        ...


class Journal(Protocol):
    """Takes note of each exchange, redirects and failures included. Called from several threads."""

    def answered(self, request: Request, answer: Answer) -> None:
        """Note an answer, whatever its status."""
        ...

    def failed(self, request: Request, error: FetchError) -> None:
        """Note that no whole answer came."""
        ...


def read_answer(url: str, status: int, reason: str, headers: Headers, stream: Readable, limit: int) -> Answer:
    """Read the body that follows status and headers, a document whole, anything else as far as it explains.

    Raises AttemptFailed for a document past `limit` (as sent or decoded) or with a broken Content-Encoding;
    errors of the stream itself are passed on.
    """
    encoding = _first(headers, "Content-Encoding").strip().lower()
    if status == 200:
        content, body = _whole(stream, encoding, limit, url)
    else:
        content, body = _beginning(stream, encoding)
    return Answer(status, reason, headers, content, body)


def _whole(stream: Readable, encoding: str, limit: int, url: str) -> tuple[bytes, bytes]:
    if encoding in {"", "identity"}:
        body = _drain(stream, limit, url)
        return body, body
    if encoding not in {"gzip", "x-gzip"}:
        raise AttemptFailed(
            f"{url} came in the encoding '{one_line(encoding, 40)}', which was not asked for",
            fix="report it to the portal: the harvester accepts gzip only",
            url=url,
            category=Category.UNREACHABLE,
        )
    sent = _Tap(stream, limit, url)
    try:
        body = _drain(gzip.GzipFile(fileobj=sent), limit, url)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise AttemptFailed(
            f"the gzip data of {url} is damaged ({one_line(str(error))})",
            fix="harvest again; if it happens each time, report it to the portal",
            url=url,
            category=Category.UNREACHABLE,
            heals=True,
        ) from error
    return bytes(sent.copy), body


def _beginning(stream: Readable, encoding: str) -> tuple[bytes, bytes]:
    content = b""
    try:
        while chunk := stream.read(EXPLANATION - len(content)):
            content += chunk
    except (urllib3.exceptions.HTTPError, OSError):
        pass  # the status is known, and of the explanation what came is enough
    if encoding not in {"gzip", "x-gzip"}:
        return content, content
    try:
        return content, zlib.decompressobj(wbits=31).decompress(content, EXPLANATION)
    except zlib.error:
        return content, b""


class _Tap(io.RawIOBase):
    """Passes a stream on and keeps a copy, up to a limit."""

    def __init__(self, stream: Readable, limit: int, url: str) -> None:
        super().__init__()
        self.copy = bytearray()
        self._stream = stream
        self._limit = limit
        self._url = url

    def read(self, size: int = CHUNK) -> bytes:
        data = self._stream.read(size)
        self.copy += data
        if len(self.copy) > self._limit:
            raise too_large(self._url, self._limit)
        return data


def _drain(stream: Readable, limit: int, url: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := stream.read(CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise too_large(url, limit)
    return b"".join(parts)


def too_large(url: str, limit: int) -> AttemptFailed:
    """Return the error for a document past the limit."""
    return AttemptFailed(
        f"the answer of {url} is larger than {limit:,} bytes",
        fix="raise the limit for the body if the portal is trustworthy, or ask for smaller pages",
        url=url,
        category=Category.REFUSED,
    )


def _first(headers: Headers, name: str) -> str:
    lower = name.lower()
    return next((value for key, value in headers if key.lower() == lower), "")


def one_line(text: str, limit: int = 200) -> str:
    r"""Return the first line of foreign text, fit to be printed: no control characters, bounded.

    >>> one_line("  page \x1b[31mmissing\nsecond line")
    'page [31mmissing'
    """
    line = next((line for line in text[: 10 * limit].splitlines() if line.strip()), "")
    plain = re.sub(r"\s+", " ", "".join(char for char in line if char.isprintable() or char == "\t")).strip()
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"
