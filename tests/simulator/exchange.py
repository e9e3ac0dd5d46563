"""One request and one answer, as values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit


class Delivery(StrEnum):
    """How an answer goes over the wire."""

    WHOLE = "whole"
    RESET = "the connection is reset in the middle of the body"
    CUT = "the body ends early, Content-Length says more"
    ENDLESS = "the body never ends"
    TRICKLE = "a byte at a time, for ever"
    SILENT = "nothing is sent until the server closes"


@dataclass(frozen=True, slots=True)
class Request:
    """`target` is path and query as sent, `base` scheme and host as the client named them."""

    target: str
    headers: Mapping[str, str]
    base: str

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    media_type: str
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Delivery = Delivery.WHOLE


class Refused(Exception):
    """A request that gets an error document."""

    def __init__(self, status: int, document: dict[str, object]) -> None:
        super().__init__(document)
        self.status = status
        self.document = document


NOT_FOUND = (
    "The requested URL was not found on the server. "
    "If you entered the URL manually please check your spelling and try again."
)


def missing() -> Refused:
    """Return what a route says of a thing that it does not know."""
    return Refused(404, {"message": NOT_FOUND})


def missing_route() -> Refused:
    """Return what is said of a route that does not exist: another shape of error."""
    return Refused(404, {"error": NOT_FOUND, "status": 404})


def json_answer(value: object, status: int = 200) -> Answer:
    return Answer(status, "application/json", json.dumps(value).encode())


def revalidated(answer: Answer, known: str) -> Answer:
    """Return an answer with a strong ETag, or 304 where `known` (If-None-Match) has it (RFC 9110, 13.1.2)."""
    tag = f'"{sha256(answer.body).hexdigest()[:32]}"'
    headers = (*answer.headers, ("ETag", tag))
    if tag in (part.strip() for part in known.split(",")) or known.strip() == "*":
        return Answer(304, "", b"", headers)
    return replace(answer, headers=headers)


def redirect(location: str, status: int = 302) -> Answer:
    body = (
        f'<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<a href="{location}">{location}</a>'
    )
    return Answer(status, "text/html; charset=utf-8", body.encode(), (("Location", location),))


def preferred(accept: str, offers: Mapping[str, str]) -> str | None:
    """Return the offer that an Accept header likes best (RFC 9110 section 12.5.1); None if it likes none.

    >>> preferred("text/n3;q=0.5, text/turtle;q=0.9", {"text/n3": "n3", "text/turtle": "ttl"})
    'ttl'
    """
    best: tuple[float, int] = (0.0, 0)
    chosen = None
    for media_type, offer in offers.items():
        for part in accept.split(","):
            wanted, *parameters = (piece.strip() for piece in part.split(";"))
            quality = next((float(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
            exact = 3 if wanted == media_type else 0
            exact = exact or (2 if wanted == f"{media_type.split('/')[0]}/*" else 0)
            exact = exact or (1 if wanted == "*/*" else 0)
            if exact and quality and (quality, exact) > best:
                best, chosen = (quality, exact), offer
    return chosen
