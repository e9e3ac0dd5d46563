"""A WARC file as a transport: the answers of a recorded harvest."""

import io
import json
import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParserException

from harvester.errors import BudgetSpent, FetchError, UsageError
from harvester.model import Category
from harvester.portal.exchange import Answer, AttemptFailed, Deadline, Meter, Request, read_answer
from harvester.portal.urls import clean, redact

FAILURE = "application/vnd.catalog-harvester.failure+json"
"""Content type of the metadata record that stands in for an answer which did not come."""
SELECTIVE = ("Accept", "X-Fields", "Accept-Language", "Range", "If-None-Match", "If-Modified-Since")
"""Request headers that decide what the answer is; the portal's Vary header names none of them."""

_BROKEN = (
    ArchiveLoadFailed,
    StatusAndHeadersParserException,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
)
"""What warcio raises on a file that is not as it should be."""

Key = tuple[str, ...]
"""URL and the values of the SELECTIVE headers."""


class Archive:
    """Transport over a WARC file, also one that another tool made. Bodies stay on disk. Safe among threads.

    A request is answered from exchanges with its URL and its SELECTIVE headers, else from such without
    Accept, X-Fields or conditions; never from one that was made for another. Equal requests get their answers
    in the recorded order, and the last one from then on. Revisit records (of deduplicating crawlers) are not
    understood.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _intact(path), ExitStack() as on_failure:
            self._file = on_failure.enter_context(path.open("rb"))
            self._shelf = _index(self._file)
            on_failure.pop_all()
        self._taken: dict[Key, int] = {}
        self._lock = threading.Lock()

    def send(self, request: Request, _deadline: Deadline, limit: int, meter: Meter, /) -> Answer:
        """See `Transport.send`; UsageError for a request that was not recorded."""
        with self._lock, _intact(self._path):
            self._file.seek(self._pick(request))
            record = next(ArchiveIterator(self._file))
            if record.rec_type == "metadata":
                raise _recorded_failure(redact(request.url), json.loads(record.raw_stream.read()))
            head = record.http_headers
            chunked = (head.get_header("Transfer-Encoding") or "").lower() == "chunked"
            stream = ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream
            reason = head.statusline.partition(" ")[2]
            status = int(head.get_statuscode())
            headers = tuple(head.headers)
            return read_answer(redact(request.url), status, reason, headers, meter(stream), limit)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _pick(self, request: Request) -> int:
        for key in _candidates(request):
            if key in self._shelf:
                offsets = self._shelf[key]
                turn = self._taken.get(key, 0)
                self._taken[key] = turn + 1
                return offsets[min(turn, len(offsets) - 1)]
        url = redact(request.url)
        raise UsageError(
            f"{self._path} holds no answer for {url} with these request headers",
            fix="replay with the options of the recorded run, or record it again with --archive",
        )


def _candidates(request: Request) -> Iterator[Key]:
    accept, fields, language, part, *conditions = (request.header(name) for name in SELECTIVE)
    ways = (  # a server need not heed conditions, so a whole document answers them too
        dict.fromkeys((tuple(conditions), ("", ""))),
        dict.fromkeys((accept, "", "*/*")),
        dict.fromkeys((fields, "")),
    )
    for asked, taken, masked in product(*ways):
        yield (redact(request.url), taken, masked, language, part, *asked)


@dataclass(slots=True)
class _Found:
    """The records of a file, before requests and responses are joined."""

    outcomes: list[tuple[str, int, str, str]] = field(default_factory=list)
    """Record id, offset, URL, id of the request it names (WARC-Concurrent-To; mostly that names it)."""
    requests: dict[str, Key | None] = field(default_factory=dict)
    """By record id and by the id of the response it names; None: not a GET."""


def _index(file: BinaryIO) -> dict[Key, list[int]]:
    """Return the offsets of the answers to each kind of request, in recorded order; checks the whole file."""
    found = _Found()
    with redirect_stderr(io.StringIO()) as complaints:  # warcio only prints some of the damage it finds
        archive = ArchiveIterator(file, check_digests=True)
        for record in archive:
            _note(record, archive, found)
            if record.length is None or record.raw_stream.limit or complaints.getvalue():
                raise ArchiveLoadFailed("a record is not as long as it says")
            if any(problem.startswith("block") for problem in record.digest_checker.problems):
                raise ArchiveLoadFailed("a record does not match its checksum")
    shelf: dict[Key, list[int]] = {}
    for own, offset, url, named in found.outcomes:
        plain = (url, *("" for _ in SELECTIVE))
        key = found.requests.get(own, found.requests.get(named, plain))
        if key is not None:
            shelf.setdefault(key, []).append(offset)
    if not shelf:
        raise ArchiveLoadFailed("it holds no recorded answers")
    return shelf


def _note(record: Any, archive: Any, found: _Found) -> None:
    identity = record.rec_headers.get_header("WARC-Record-ID") or ""
    named = record.rec_headers.get_header("WARC-Concurrent-To") or ""
    offset = archive.get_record_offset()
    try:
        url = redact(clean(record.rec_headers.get_header("WARC-Target-URI") or ""))
    except ValueError:
        return
    if record.rec_type == "request":
        head = record.http_headers
        key = (url, *(head.get_header(name) or "" for name in SELECTIVE)) if head.protocol == "GET" else None
        found.requests[identity] = key
        if named:
            found.requests[named] = key
    elif record.rec_type == "response":
        int(record.http_headers.get_statuscode())
        found.outcomes.append((identity, offset, url, named))
    elif record.rec_type == "metadata" and record.content_type == FAILURE:
        found.outcomes.append((identity, offset, url, named))


def _recorded_failure(url: str, said: dict[str, Any]) -> FetchError:
    if said.get("budget"):
        return BudgetSpent(
            str(said["cause"]), fix=str(said["fix"]), url=url, category=Category(said["category"])
        )
    return AttemptFailed(
        str(said["cause"]),
        fix=str(said["fix"]),
        url=url,
        category=Category(said["category"]),
        heals=bool(said["heals"]),
    )


@contextmanager
def _intact(path: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        reason = getattr(error, "strerror", None) or getattr(error, "msg", None) or "it is damaged"
        first = str(reason).strip().partition("\n")[0]
        raise UsageError(
            f"{path} cannot be replayed: {first}", fix="name an undamaged WARC file, or record it again"
        ) from error
