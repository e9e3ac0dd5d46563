"""What a search asks for, read from the parts of its address, and the addresses of searches beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Self
from urllib.parse import urlencode

from harvester.search import terms
from harvester.search.terms import DATASET, REUSE, SORTS
from harvester.serve.http.problem import Problem
from harvester.workers.task import Task

ALL = "all"
KINDS = (*terms.KINDS, ALL)
"""Of records, as addresses say it; the first one unless they do."""
FACETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {kind: terms.FACETS[kind] for kind in terms.KINDS}
    | {REUSE: (*terms.FACETS[REUSE], "theme"), ALL: terms.FACETS[""]}
)
"""What each kind can be filtered by, in the order of pages. Themes of reuses are not counted: topics are."""
_ANY_FACET = tuple(dict.fromkeys(name for names in FACETS.values() for name in names))
LONGEST_TEXT = 300
_LONGEST_VALUE = 2_000
_MOST_VALUES = 30
"""Values of facets that one search may choose."""
_DEEPEST = 10_000
"""Hits that can be turned to; nobody reads as many, and each page of them costs as much as all before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: `kind` is one of KINDS, `facets` names and values, each pair once; `page` counts from 1."""

    text: str = ""
    kind: str = DATASET
    facets: tuple[tuple[str, str], ...] = ()
    sort: str = SORTS[0]
    page: int = 1
    size: int = 20

    @classmethod
    def read(cls, items: Iterable[tuple[str, str]], size: int = 20, kind: str = "") -> Self:
        """Read names and values of an address. `kind` if the page is about no other.

        Empty values, and names that mean nothing here, are ignored: links from elsewhere carry marks of their
        own. Raises Problem (400) for what cannot be meant.
        """
        given = [(name, value.strip()) for name, value in items if value.strip()]
        single = dict(given)
        text = single.get("q", "")
        if len(text) > LONGEST_TEXT:
            cause = f"The text to search for has {len(text):,} characters, and {LONGEST_TEXT} is the most"
            raise Problem(400, cause, "search for a few words")
        kind = kind or _one_of("kind", single.get("kind", DATASET), KINDS)
        facets = tuple(dict.fromkeys((name, value) for name, value in given if name in _ANY_FACET))
        if len(facets) > _MOST_VALUES or any(len(value) > _LONGEST_VALUE for _, value in facets):
            cause = (
                f"There are more than {_MOST_VALUES} values to filter by, or longer ones than there can be"
            )
            raise Problem(400, cause, "choose fewer")
        sort = _one_of("order", single.get("sort", SORTS[0]), SORTS)
        return cls(text, kind, facets, sort, _page(single.get("page", "1"), size), size)

    def task(self, language: str) -> Task:
        """Return the work that answers it, with labels in a language."""
        kind = "" if self.kind == ALL else self.kind
        return Task("search", (self.text, kind, self.facets, self.sort, self.page, self.size, language))

    def search(self) -> str:
        """Return the part of an address behind the path, `?` included, that asks the same; "" for nothing."""
        values = [("q", self.text)] if self.text else []
        values += [("kind", self.kind)] if self.kind != DATASET else []
        values += self.facets
        values += [("sort", self.sort)] if self.sort != SORTS[0] else []
        values += [("page", str(self.page))] if self.page > 1 else []
        return f"?{urlencode(values)}" if values else ""

    def turned(self, page: int) -> Self:
        """Return the same search of another page."""
        return replace(self, page=page)

    def sorted(self, sort: str) -> Self:
        """Return the same search in another order."""
        return replace(self, sort=sort, page=1)

    def toggled(self, name: str, value: str) -> Self:
        """Return the same search with a value of a facet chosen, or given up if it is."""
        pair = (name, value)
        left = tuple(each for each in self.facets if each != pair)
        return replace(self, facets=left if pair in self.facets else (*left, pair), page=1)

    def about(self, kind: str) -> Self:
        """Return the same search of another kind, which has facets of its own."""
        kept = tuple(each for each in self.facets if each[0] in FACETS[kind])
        return replace(self, kind=kind, facets=kept, page=1, sort=SORTS[0])

    def spelt(self, text: str) -> Self:
        """Return the same search for another text."""
        return replace(self, text=text, page=1)

    def bare(self) -> Self:
        """Return the search for the text alone."""
        return replace(self, facets=(), page=1)

    def last_page(self, total: int) -> int:
        """Return the last page that can be turned to, of so many hits."""
        return max(1, -(-min(total, _DEEPEST) // self.size))


def _one_of(what: str, given: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise Problem(400, f"There is no {what} {given[:40]!r}", f"use one of {', '.join(known)}")
    return given


def _page(text: str, size: int) -> int:
    most = _DEEPEST // size
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= most:
        return int(text)
    raise Problem(400, f"There is no page {text[:40]!r}", f"pages count from 1, and end at {most}")
