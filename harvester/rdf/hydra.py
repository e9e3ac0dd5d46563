"""Hydra paging controls in a catalogue page: read, and taken out of what is stored.

https://www.hydra-cg.com/spec/latest/core/#collections and the dialect of 2013 (`hydra:nextPage` on a
`hydra:PagedCollection`), in which the controls may be literals.
"""

import re
from collections.abc import Sequence

from harvester.model import HydraView
from harvester.rdf.rows import Row
from harvester.vocab import HYDRA

_NEXT = (f"<{HYDRA}next>", f"<{HYDRA}nextPage>")
_LAST = (f"<{HYDRA}last>", f"<{HYDRA}lastPage>")
_VIEW = f"<{HYDRA}view>"
_TOTAL = f"<{HYDRA}totalItems>"
_CLASSES = frozenset(
    f"<{HYDRA}{name}>" for name in ("Collection", "PagedCollection", "PartialCollectionView")
)
_INTEGER = re.compile(r'"(\d{1,12})"')


def take_view(rows: Sequence[Row]) -> tuple[HydraView, list[Row]]:
    """Return the page's controls, and the rows that are not paging controls.

    Where a page holds several views (nested collections), the one that a collection with
    hydra:totalItems points at counts.

    >>> view, rest = take_view([("<c>", f"<{HYDRA}view>", "<p1>"), ("<p1>", f"<{HYDRA}next>", "<p2>"),
    ...     ("<c>", f"<{HYDRA}totalItems>", '"250"^^<int>'), ("<c>", "<p>", "<o>")])
    >>> view, rest
    (HydraView(next='p2', last=None, total=250), [('<c>', '<p>', '<o>')])
    """
    hydra = f"<{HYDRA}"
    predicates = {p for p in {row[1] for row in rows} if p.startswith(hydra)}
    controls = [row for row in rows if row[1] in predicates]
    rest = [row for row in rows if row[1] not in predicates and row[2] not in _CLASSES]
    return _view(controls), rest


def _view(controls: list[Row]) -> HydraView:
    totals = {s: int(match[1]) for s, p, o in controls if p == _TOTAL and (match := _INTEGER.match(o))}
    seen_from = {s: o for s, p, o in controls if p == _VIEW}
    holders = {*totals, *(seen_from[s] for s in totals if s in seen_from)} or {s for s, _, _ in controls}

    def pick(predicates: tuple[str, ...]) -> str | None:
        found = sorted(o for s, p, o in controls if p in predicates and s in holders and o[0] != "_")
        return _value(found[0]) if found else None

    return HydraView(next=pick(_NEXT), last=pick(_LAST), total=max(totals.values(), default=None))


def _value(token: str) -> str:
    """Return the URL in an IRI or a literal token."""
    return token[1:-1] if token.startswith("<") else token[1 : token.rindex('"')]
