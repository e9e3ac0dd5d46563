"""Why there is no document: in words, and whether asking again may help."""

import json

from harvester.errors import FetchError
from harvester.model import Category
from harvester.portal.exchange import REDIRECTS, Answer, AttemptFailed, one_line
from harvester.portal.politeness import retry_after
from harvester.portal.urls import redact

HEALING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that pass: the same request may be answered later."""

_REPORT = "open the URL in a browser; if it fails there too, report it to the portal"
_MEANING = {
    400: (Category.UNREACHABLE, "report it: the portal does not take a request that current udata takes"),
    401: (Category.UNREACHABLE, "it is not public: ask the portal's owner for access"),
    403: (Category.UNREACHABLE, "the portal refuses this client: set a contact, or ask the portal's owner"),
    404: (Category.GONE, "check the portal's address; a private or removed item needs nothing to be done"),
    408: (Category.TOO_SLOW, "harvest when the portal is less busy, or ask for smaller pages"),
    410: (Category.GONE, "nothing needs to be done: the portal says that it was deleted"),
    429: (Category.REFUSED, "lower the rate and the concurrency, or harvest later"),
    504: (Category.TOO_SLOW, "harvest when the portal is less busy, or ask for smaller pages"),
}
"""By status: the category, and what the reader can do."""


def refusal(answer: Answer, url: str) -> AttemptFailed:
    """Return the error for an answer to `url` that is not a document."""
    category, fix = _MEANING.get(answer.status, (Category.UNREACHABLE, _REPORT))
    cause = f"{url} answered {answer.status} {answer.reason}".rstrip()
    if answer.status in REDIRECTS:
        cause += " without saying where to go"
    if answer.status == 304:
        cause += ", though nothing was known of it that could be unchanged"
    said = _said(answer)
    heals = answer.status in HEALING
    return AttemptFailed(
        f"{cause}: {said}" if said else cause,
        fix=fix,
        url=url,
        category=category,
        status=answer.status,
        heals=heals,
        retry_after=retry_after(answer.header("Retry-After"), answer.header("Date")) if heals else None,
    )


def unfit(url: str, reason: ValueError) -> FetchError:
    """Return the error for a URL that may not be requested."""
    shown = one_line(redact(url))
    return FetchError(
        f"{shown} {reason}, so it was not asked for",
        fix="report the link to the portal that gave it",
        url=shown,
        category=Category.REFUSED,
    )


def not_followed(here: str, location: str, reason: str) -> AttemptFailed:
    """Return the error for a redirect from `here` that leads nowhere one should go."""
    return AttemptFailed(
        f"{redact(here)} redirects to {one_line(redact(location))}, which was not followed: {reason}",
        fix="report the redirect to the portal",
        url=redact(here),
        category=Category.REFUSED,
    )


def given_up(error: AttemptFailed, url: str, attempts: int) -> FetchError:
    """Return the error for `url`, which `attempts` did not get; the last one failed with `error`."""
    parts = [error.cause]
    if error.url != url:
        parts.append(f"where {url} led")
    if attempts > 1:
        parts.append(f"asked {attempts} times")
    return FetchError("; ".join(parts), fix=error.fix, url=url, category=error.category, status=error.status)


def _said(answer: Answer) -> str:
    """Return what the server says of its refusal: udata's JSON `message`, or plain text."""
    if answer.media_type == "text/plain":
        return one_line(answer.body.decode(errors="replace"))
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    message = said.get("message") or said.get("error") if isinstance(said, dict) else None
    return one_line(message) if isinstance(message, str) else ""
