"""Bad nights: mixes of faults drawn from a seed, over a portal that changes all the while."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random

from tests.simulator import Fault, Night, World, faults
from tests.simulator.exchange import Delivery

PLACES = (
    "/site/catalog",
    r"catalog\.ttl",
    "/api/1/reuses/",
    r"/api/1/reuses/\?",
    "/api/1/datasets/",
    r"/api/1/datasets/\?",
    r"/datasets/[0-9a-f]{24}/",
    r"/reuses/[0-9a-f]{24}/",
    "/reuses/(types|topics|badges)/",
    "featured",
    "/api/1/site/$",
    "context.jsonld",
    *(faults.page(number) for number in (1, 2, 2, 3, 3, 4)),
)
"""What may fail: patterns of URLs."""

JUNK = (b"", b"null", b"[]", b"{", b'{"data": [{"id": 7}], "total": "x"}', b"\xff\xfe", b"@prefix : <")
"""Bodies that are not what they should be."""


@dataclass(frozen=True, slots=True)
class Mix:
    """One bad night: its faults, each with a name; what the portal becomes for this one night."""

    named: tuple[tuple[str, Fault], ...]
    shown: Callable[[World], World] = lambda world: world
    disguise: str = ""

    @property
    def faults(self) -> list[Fault]:
        return [fault for _, fault in self.named]

    def __str__(self) -> str:
        return "; ".join((*(name for name, _ in self.named), *filter(None, [self.disguise])))


def bad_night(draw: Random) -> Mix:
    """Return one to four faults, and once in a while a portal that has lost its datasets."""
    disguised = draw.random() < 0.12
    kinds = [kind for kind in _KINDS if not (disguised and kind is _drift)]  # it would be forgotten
    named = tuple(draw.choice(kinds)(draw) for _ in range(draw.randint(1, 4)))
    if disguised:
        name, shown = draw.choice(_DISGUISES)
        return Mix(named, shown, name)
    return Mix(named)


def changes(draw: Random) -> Night:
    """Return what people change on a small portal from one night to the next: often nothing."""
    if draw.random() < 0.3:
        return Night()
    return Night(
        add=draw.choice((0, 0, 1)),
        remove=draw.choice((0, 0, 0, 1)),
        edit=draw.randint(0, 2),
        add_reuses=draw.choice((0, 0, 0, 1)),
        remove_reuses=draw.choice((0, 0, 0, 0, 1)),
        edit_reuses=draw.choice((0, 0, 1)),
    )


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Say with an error of this block how to repeat it."""
    try:
        yield
    except BaseException as error:
        error.add_note(what)
        raise


Drawn = tuple[str, Fault]


def _place(draw: Random) -> tuple[str, int | None]:
    return draw.choice(PLACES), draw.choice((1, 1, 2, 3, 5, None))


def _status(draw: Random) -> Drawn:
    (where, times), code = _place(draw), draw.choice((500, 502, 503, 504, 500, 503, 403, 404, 410, 418))
    if code in (403, 404, 410):  # lies: but about single requests only, or the portal had said it is gone
        where, times = draw.choice((faults.page(2), faults.page(3), "featured", "/types/")), 1
    return f"{code} × {times} at {where}", faults.status(code, where, times)


def _busy(draw: Random) -> Drawn:
    where, times = _place(draw)
    wait = draw.choice((0, 0, 0, 1, "Sat, 01 Nov 2025 08:00:00 GMT", "soon", -5))
    times = 1 if wait == 1 else times
    return f"429, Retry-After {wait} × {times} at {where}", faults.busy(where, wait, times)


def _broken(draw: Random) -> Drawn:
    (where, times), how = _place(draw), draw.choice((Delivery.RESET, Delivery.CUT))
    return f"{how} × {times} at {where}", faults.delivered(how, where, times)


def _slow(draw: Random) -> Drawn:
    where, _ = _place(draw)
    if draw.random() < 0.3:
        how = draw.choice((Delivery.SILENT, Delivery.TRICKLE))
        return f"{how} × 1 at {where}", faults.delivered(how, where, 1)
    return f"late × 2 at {where}", faults.late(0.1, where, 2)


def _other(draw: Random) -> Drawn:
    where, times = _place(draw)
    name, make = draw.choice(
        (
            ("half", faults.halved),
            ("malformed", faults.malformed),
            ("HTML", faults.html),
            ("malformed", faults.malformed),
        )
    )
    return f"{name} × {times} at {where}", make(where, times)


def _junk(draw: Random) -> Drawn:
    (where, times), content = _place(draw), draw.choice(JUNK)
    return f"{content!r} × {times} at {where}", faults.body(content, where, times)


def _typed(draw: Random) -> Drawn:
    (where, times), kind = _place(draw), draw.choice(("text/html", "text/plain", "", "application/x; y"))
    return f"Content-Type {kind!r} × {times} at {where}", faults.typed(kind, where, times)


def _paging(draw: Random) -> Drawn:
    number = draw.randint(1, 4)
    name, fault = draw.choice(
        (
            ("next is itself", faults.next_page(number, lambda view: view.url)),
            ("next is the first", faults.next_page(number, lambda view: view.first)),
            ("next is missing", faults.next_page(number, lambda view: None)),
            ("next is elsewhere", faults.next_page(number, lambda view: "http://127.0.0.1:9/x")),
            ("is the page before it again", faults.repeated(max(number, 2))),
            ("total too high", faults.total(number, 5)),
            ("total too low", faults.total(number, -5)),
            ("total is 0", Fault(faults.page(number), view=lambda view: replace(view, total=0))),
        )
    )
    return f"page {number}: {name}", fault


def _drift(draw: Random) -> Drawn:
    number = draw.randint(1, 3)
    night = draw.choice((Night(add=1), Night(remove=1), Night(edit=2), Night(add=2, remove=1, edit=1)))
    seed = draw.random()
    fault = Fault(faults.page(number), after=lambda world: night.over(world, Random(seed)), times=1)
    return f"after page {number}: {_words(night)}", fault


def _words(night: Night) -> str:
    fields = Night.__dataclass_fields__
    return ", ".join(f"{name} {value}" for name in fields if (value := getattr(night, name)))


_KINDS: Sequence[Callable[[Random], Drawn]] = (
    _status,
    _status,
    _busy,
    _broken,
    _slow,
    _other,
    _other,
    _junk,
    _typed,
    _paging,
    _drift,
    _drift,
)


def _empty(world: World) -> World:
    return replace(world, datasets=0, reuses=0, removed=frozenset(), grown=0, shared=())


def _unlisted(world: World) -> World:
    return replace(world, unlisted=frozenset(world.listed[::2]))


def _half_gone(world: World) -> World:
    return replace(world, private=world.private | set(world.listed[1::2]))


def _without_reuses(world: World) -> World:
    return replace(world, removed_reuses=frozenset(), reuses=0)


_DISGUISES = (
    ("an empty portal", _empty),
    ("every second dataset is not listed", _unlisted),
    ("every second dataset answers 404", _half_gone),
    ("no reuses", _without_reuses),
)
