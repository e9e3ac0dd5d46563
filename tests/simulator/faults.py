"""What can go wrong with a portal, each thing a value that a test hands to `serve`."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from tests.simulator.exchange import Answer, Delivery, redirect
from tests.simulator.hydra import View
from tests.simulator.world import World

T = TypeVar("T")

ALL = "."


def _same(value: T) -> T:
    return value


@dataclass(frozen=True, slots=True)
class Fault:
    """Changes the answers to requests whose path and query match `where`, `times` of them (None: all).

    `spoil` changes the answer, `view` a page's paging controls, `number` which page's datasets it shows,
    `after` the portal itself once the answer is on its way.
    """

    where: str
    spoil: Callable[[Answer], Answer] = _same
    view: Callable[[View], View] = _same
    number: Callable[[int], int] = _same
    after: Callable[[World], World] = _same
    times: int | None = None

    def concerns(self, target: str) -> bool:
        return re.search(self.where, target) is not None

    @property
    def shapes_pages(self) -> bool:
        """Whether pages rendered before are of no use."""
        return self.view is not _same or self.number is not _same


def page(number: int, extension: str = "[a-z0-9-]+") -> str:
    """Return the pattern of one catalogue page's URL."""
    return rf"/site/catalog\.{extension}\?(.*&)?page={number}(&|$)"


def status(code: int, where: str = ALL, times: int | None = None, **headers: str) -> Fault:
    """Answer with an error, as udata (JSON) or a front proxy (HTML) does."""
    proxy = code in (502, 503, 504)
    media_type = "text/html" if proxy else "application/json"
    body = f"<h1>Erreur {code}</h1>".encode() if proxy else b'{"message": "Internal Server Error"}'
    extra = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Fault(where, spoil=lambda _: Answer(code, media_type, body, extra), times=times)


def busy(where: str = ALL, seconds: int | str = 1, times: int | None = None) -> Fault:
    """Answer 429 with Retry-After: seconds, or an HTTP date."""
    return status(429, where, times, Retry_After=str(seconds))


def delivered(how: Delivery, where: str = ALL, times: int | None = None) -> Fault:
    """Break the transport, not the document."""
    return Fault(where, spoil=lambda answer: replace(answer, delivery=how), times=times)


def late(seconds: float, where: str = ALL, times: int | None = None) -> Fault:
    """Answer as always, but so much later."""

    def wait(answer: Answer) -> Answer:
        time.sleep(seconds)
        return answer

    return Fault(where, spoil=wait, times=times)


def html(where: str = ALL, times: int | None = None) -> Fault:
    """Answer 200 with a maintenance page."""
    body = b"<!doctype html><title>Maintenance</title><h1>Site en maintenance</h1>"
    return Fault(where, spoil=lambda _: Answer(200, "text/html; charset=utf-8", body), times=times)


def typed(media_type: str, where: str = ALL, times: int | None = None) -> Fault:
    """Send the right document under another Content-Type."""
    return Fault(where, spoil=lambda answer: replace(answer, media_type=media_type), times=times)


def body(content: bytes, where: str = ALL, times: int | None = None) -> Fault:
    """Send other content under the right Content-Type."""
    return Fault(where, spoil=lambda answer: replace(answer, body=content), times=times)


def halved(where: str = ALL, times: int | None = None) -> Fault:
    """Cut the body and let Content-Length agree: only a parser can tell."""

    def cut(answer: Answer) -> Answer:
        return replace(answer, body=answer.body[: len(answer.body) // 2])

    return Fault(where, spoil=cut, times=times)


def malformed(where: str = ALL, times: int | None = None) -> Fault:
    """Put a syntax error between two statements near the middle, whatever the format."""

    def damage(answer: Answer) -> Answer:
        middle = answer.body.find(b"\n", len(answer.body) // 2) + 1
        junk = b'\n<http://x> "unterminated ]] } @@ & <\n'
        return replace(answer, body=answer.body[:middle] + junk + answer.body[middle:])

    return Fault(where, spoil=damage, times=times)


def redirected(location: str, where: str = ALL, times: int | None = None) -> Fault:
    """Redirect: to itself, to another host, to a file, as the test likes."""
    return Fault(where, spoil=lambda _: redirect(location), times=times)


def next_page(number: int, link: Callable[[View], str | None]) -> Fault:
    """Let page `number` name another next page: None, itself, the first, one elsewhere."""
    return Fault(page(number), view=lambda view: replace(view, next=link(view)))


def repeated(number: int) -> Fault:
    """Show on page `number` the datasets of the page before it, with paging controls as if all was well."""
    return Fault(page(number), number=lambda asked: asked - 1)


def total(number: int, change: int) -> Fault:
    """Let page `number` give a total that is wrong by `change`."""
    return Fault(page(number), view=lambda view: replace(view, total=view.total + change))


def drifts(number: int, **changes: Any) -> Fault:
    """Let the portal evolve by `changes` (see World.evolved) once page `number` was read."""
    return Fault(page(number), after=lambda world: world.evolved(**changes), times=1)


def grows(number: int, by: int = 1) -> Fault:
    """Add datasets to the portal once page `number` was read: those after it shift down."""
    return drifts(number, add=by)


def shrinks(number: int, by: int = 1) -> Fault:
    """Delete the newest datasets once page `number` was read: those after it shift up, past the reader."""
    return Fault(page(number), after=lambda world: world.evolved(remove=world.listed[:by]), times=1)
