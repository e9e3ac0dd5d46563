"""Record a harvest as a WARC file and run it again from there, without a network.

https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/

Each exchange, redirects and retries included, is a response and a request record. Where no whole answer came
(a refused connection, a body past the limit, an address that the guard refused) a metadata record says so in
place of the response, so that a replay fails in the same way. Passwords, cookies and keys are not recorded.
"""

import io
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from requests.utils import requote_uri
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from harvester import __version__
from harvester.config import HttpSettings
from harvester.errors import BudgetSpent, FetchError, HarvesterError, UsageError
from harvester.portal.archive import FAILURE, Archive
from harvester.portal.client import Conversation
from harvester.portal.exchange import SECRET_HEADERS, Answer, AttemptFailed, Headers, Request
from harvester.portal.urls import redact

_FRAMING = frozenset({"transfer-encoding", "content-length"})


class Recorder:
    """Writes each exchange to `<name>.partial`, which gets its name when closed. Safe among threads.

    As a context manager it closes at the end of a run, also of one that ended with a HarvesterError (its
    recording replays that end), but leaves the `.partial` file of a run that was interrupted or crashed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f"{path.name}.partial")
        try:
            self._file = self._partial.open("wb")
        except OSError as error:
            raise UsageError(
                f"the recording {self._partial} cannot be written: {error.strerror}",
                fix="name a file in a folder that exists and that you may write to",
            ) from error
        self._lock = threading.Lock()
        self._writer = WARCWriter(self._file, gzip=path.suffix == ".gz", warc_version="1.1")
        about = {"software": f"harvester/{__version__}", "format": "WARC File Format 1.1"}
        with self._writing():
            self._writer.write_record(self._writer.create_warcinfo_record(path.name, about))

    def answered(self, request: Request, answer: Answer) -> None:
        """Record an exchange."""
        head = StatusAndHeaders(f"{answer.status} {answer.reason}", _recordable(answer), protocol="HTTP/1.1")
        self._write(request, "response", answer.content, http_headers=head)

    def failed(self, request: Request, error: FetchError) -> None:
        """Record that no whole answer came, and what was said of it."""
        said = {
            "category": error.category,
            "cause": error.cause,
            "fix": error.fix,
            "heals": isinstance(error, AttemptFailed) and error.heals,
            "budget": isinstance(error, BudgetSpent),
        }
        self._write(request, "metadata", json.dumps(said).encode(), warc_content_type=FAILURE)

    def _write(self, request: Request, kind: str, payload: bytes, **how: Any) -> None:
        url = redact(request.url)
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        sent = [("Host", parts.netloc), *_without(request.headers, SECRET_HEADERS)]
        head = StatusAndHeaders(f"GET {target} HTTP/1.1", sent, is_http_request=True)
        make = self._writer.create_warc_record
        with self._writing():
            self._writer.write_request_response_pair(
                make(url, "request", http_headers=head),
                make(url, kind, payload=io.BytesIO(payload), length=len(payload), **how),
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except (
            OSError,
            ValueError,
        ) as error:  # ValueError: it was closed, in another thread, after an OSError
            with suppress(OSError):
                self._file.close()
            raise HarvesterError(
                f"the recording {self._partial} cannot be written: {getattr(error, 'strerror', error)}",
                fix="make room on the disk, or harvest without recording",
            ) from error

    def close(self) -> None:
        """Give the finished recording its name, in place of an earlier one. Closing again does nothing."""
        if self._file.closed:
            return
        with self._writing():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._partial.replace(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, HarvesterError):
            self.close()
        else:
            self._file.close()


def _recordable(answer: Answer) -> list[tuple[str, str]]:
    """Return headers as recorded: http.client has undone the chunks, and an explanation may be cut short."""
    kept = [
        (name, redact(requote_uri(value)) if name.lower() == "location" else value)
        for name, value in _without(answer.headers, SECRET_HEADERS | _FRAMING)
    ]
    if answer.status == 304:  # its length would be that of the document
        return kept
    return [*kept, ("Content-Length", str(len(answer.content)))]


def _without(headers: Headers, names: frozenset[str]) -> list[tuple[str, str]]:
    return [header for header in headers if header[0].lower() not in names]


class Replayer(Conversation):
    """Fetcher over a recording: no network, no waiting; answers, errors and retries come as they were.

    The settings must be those of the recorded run where they say how often to ask and how much to read.
    """

    def __init__(self, path: Path, settings: HttpSettings) -> None:
        super().__init__(settings, Archive(path), sleep=_no_wait, clock=_no_time)


def _no_wait(_seconds: float) -> None:
    """Recorded servers need no rest."""


def _no_time() -> float:
    """Recorded servers are never too slow again."""
    return 0.0
