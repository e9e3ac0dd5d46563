"""What goes wrong, as a client is told: problem details for HTTP (https://www.rfc-editor.org/rfc/rfc9457)."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from harvester.errors import HarvesterError, Locked, QueryError, StoreError, UsageError
from harvester.workers.task import INTERNAL, Refused

MEDIA_TYPE = "application/problem+json"
_LONGEST = 1_000
"""Characters of a cause, which may repeat what was asked."""

TYPES = "urn:x-harvester:problem:"
"""What the `type` of each problem begins with; its slug follows. The same on every server."""

TITLES: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "bad-request": (400, "The request cannot be understood"),
        "unauthorized": (401, "This server asks for a token"),
        "forbidden": (403, "The request is refused"),
        "read-only": (403, "The catalogue is read-only"),
        "not-found": (404, "There is nothing at this address"),
        "method-not-allowed": (405, "The method does not fit this address"),
        "not-acceptable": (406, "There is no answer in a format that you accept"),
        "request-timeout": (408, "The request came too slowly"),
        "gone": (410, "What was here is gone"),
        "content-too-large": (413, "The request is too large"),
        "uri-too-long": (414, "The address is too long"),
        "unsupported-media-type": (415, "The request has a media type that is not understood here"),
        "range-not-satisfiable": (416, "The file has no such part"),
        "too-many-requests": (429, "Too many requests"),
        "header-too-large": (431, "The request's header is too large"),
        "client-left": (499, "The client has left"),
        "internal-error": (500, "The server made a mistake"),
        "unavailable": (503, "The server cannot answer at the moment"),
        "no-search-index": (503, "The catalogue cannot be searched"),
        "query-too-heavy": (503, "The query needs too much memory"),
        "too-many-heavy": (503, "Too many heavy queries are under way"),
        "answer-too-large": (503, "The answer is too large"),
        "taken-too-slowly": (503, "The answer was taken too slowly"),
        "query-too-slow": (504, "The query takes too long"),
    }
)
"""Slug to the status that it usually goes with, and to its title. The first of a status is its default."""

_DEFAULTS = {status: slug for slug, (status, _) in reversed(list(TITLES.items()))}


class Problem(Exception):
    """A request that gets no answer: what its client is told, and nothing that only the operator should see.

    `status` is the HTTP status; `cause` says in a sentence without a final full stop what is wrong with
    this request, `fix` what its sender can do; `slug` is a key of TITLES, by default the one of the status;
    `retry_after_s` is in seconds; `headers` go with the answer as they are.
    """

    def __init__(
        self,
        status: int,
        cause: str,
        fix: str,
        *,
        slug: str | None = None,
        retry_after_s: int | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(cause)
        self.status = status
        self.cause = cause if len(cause) <= _LONGEST else f"{cause[:_LONGEST]}…"
        self.fix = fix
        self.slug = slug or _default(status)
        self.title = TITLES[self.slug][1]
        self.retry_after_s = retry_after_s
        wait = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
        self.headers: Mapping[str, str] = MappingProxyType({**wait, **headers})

    @property
    def type(self) -> str:
        """The URN that tells what kind of problem this is."""
        return TYPES + self.slug


def problem_from(error: HarvesterError) -> Problem:
    """Turn an error of the program into what a client may know of it; words about our disk stay here."""
    if isinstance(error, StoreError | Locked) or (isinstance(error, Refused) and error.slug == INTERNAL):
        cause = "The catalogue cannot be read at the moment"
        fix = "try again later; the server's log tells its operator why"
        return Problem(503, cause, fix, retry_after_s=60)
    if isinstance(error, Refused):
        return Problem(
            error.status, error.cause, error.fix, slug=error.slug, retry_after_s=error.retry_after_s
        )
    if isinstance(error, UsageError):
        return Problem(400, error.cause, error.fix)
    if isinstance(error, QueryError):
        return Problem(503, error.cause, error.fix)
    return Problem(500, error.cause, error.fix)


def as_values(problem: Problem, instance: str) -> dict[str, str | int]:
    """Return the members of a problem details object; `instance` is a URI reference of this occurrence.

    https://www.rfc-editor.org/rfc/rfc9457#section-3.1 ; `fix` is an extension of ours.
    """
    return {
        "type": problem.type,
        "status": problem.status,
        "title": problem.title,
        "detail": problem.cause,
        "fix": problem.fix,
        "instance": instance,
    }


def as_json(problem: Problem, instance: str) -> bytes:
    """Write a problem as the media type `MEDIA_TYPE`."""
    return json.dumps(as_values(problem, instance), ensure_ascii=False, indent=1).encode(errors="replace")


def _default(status: int) -> str:
    return _DEFAULTS.get(status) or ("bad-request" if status < 500 else "internal-error")
