"""Answers to searches: a page of hits, facets, and how else the words may be spelt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tantivy import Order, Query

from harvester.errors import UsageError
from harvester.search.layout import FILTERS, YES_NO, NoIndex, open_to_read, read_note
from harvester.search.query import Queries, both
from harvester.search.shown import hit
from harvester.search.spelling import suggestion
from harvester.search.terms import FACETS, KINDS, MOST_HITS, SORTS
from harvester.search.words import MOST_TEXT, normal, wanted
from harvester.store.generation import SEARCH
from harvester.store.manifest import Manifest

_ORDERS = {
    "newest": ("by-date", Order.Desc),
    "reused": ("by-reuses", Order.Desc),
    "title": ("by-title", Order.Asc),
}
_MOST_VALUES = 20
"""Values of a facet that are told, beside those that are chosen."""
_COUNTED_VALUES = 200
"""Values of a facet that are fetched: to fetch thousands of publishers takes longer than to count them."""
_MOST_CHOSEN = 100
_ALL_VALUES = 65_000
"""So that counts are exact: by default an index counts the most frequent values of each of its parts only."""

Label = Callable[[str, str], str]
"""Gives the name of what an IRI stands for, in a language if there is one, "" if it has none."""
JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for. `facets`: names and values, one of those of a name, of each name.

    `kind` is one of KINDS or "" for all, `sort` one of SORTS, `page` counts from 1, `size` is in hits.
    Raises UsageError for anything else.
    """

    text: str = ""
    kind: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    sort: str = "relevance"
    page: int = 1
    size: int = 20
    language: str = "en"

    def __post_init__(self) -> None:
        """Refuse what there is not."""
        _one_of("kind", self.kind, ("", *KINDS))
        _one_of("sort", self.sort, SORTS)
        for name, _ in self.facets:
            _one_of("facet", name, FILTERS)
        if len(self.facets) > _MOST_CHOSEN:
            raise UsageError(
                f"{len(self.facets)} values are chosen", fix=f"choose {_MOST_CHOSEN} at the most"
            )
        if self.page < 1 or not 1 <= self.size <= MOST_HITS:
            raise UsageError(
                f"there is no page {self.page} of {self.size} hits",
                fix=f"pages count from 1, and have up to {MOST_HITS} hits",
            )


class Finder:
    """Searches the index of the generation in `folder`; `label` gives names. Raises NoIndex."""

    def __init__(self, folder: Path, label: Label) -> None:
        if read_note(folder / SEARCH) != Manifest.read(folder).run:
            raise NoIndex("the search index is that of another generation", fix="harvest again")
        with _damage(folder / SEARCH):
            index, self._searcher = open_to_read(folder / SEARCH)
            self._queries = Queries(self._searcher, index.schema)
        self._folder = folder
        self._label = label

    def find(self, search: Search) -> JsonObject:
        """Return a page of hits and all about it as JSON values: see docs/search.md. Raises NoIndex."""
        with _damage(self._folder / SEARCH):
            return self._find(search)

    def _find(self, search: Search) -> JsonObject:
        text = normal(search.text[:MOST_TEXT]).strip()
        asked = wanted(text)
        filters = self._filters(search)
        for attempt in self._queries.attempts(text, asked):
            query, exact = attempt
            total, hits = self._page(search, both(query, filters.values()))
            if total or self._queries.count(query):
                break
        spelt = "" if exact and total else suggestion(self._searcher, self._queries, text, asked)
        counts = self._counts(search, [*FACETS[search.kind], "kind"], query, filters)
        return {
            "total": total,
            "hits": hits,
            "facets": [self._facet(search, name, counts[name]) for name in FACETS[search.kind]],
            "kinds": counts["kind"],
            "suggestion": spelt,
        }

    def _filters(self, search: Search) -> dict[str, Query]:
        chosen: dict[str, list[str]] = {}
        for name, value in search.facets:
            chosen.setdefault(name, []).append(value)
        if search.kind:
            chosen["kind"] = [search.kind]
        return {name: self._queries.any_of((name,), values) for name, values in chosen.items()}

    def _page(self, search: Search, query: Query) -> tuple[int, list[JsonObject]]:
        """Return how many records a query finds, and the hits of the page."""
        offset = (search.page - 1) * search.size
        if offset >= self._searcher.num_docs:
            return self._queries.count(query), []
        sort = search.sort
        if sort == "relevance" and not search.text.strip():
            sort = "reused"  # all records are as relevant
        if sort == "relevance":
            found = self._searcher.search(query, search.size, offset=offset, weight_by_field="lift")
        else:
            field, order = _ORDERS[sort]
            found = self._searcher.search(
                query, search.size, offset=offset, order_by_field=field, order=order
            )
        shown = (self._searcher.doc(address)["shown"][0] for _, address in found.hits)
        total = cast("int", cast("Any", found).count)
        return total, [hit(each, search.language, self._label) for each in shown]

    def _facet(self, search: Search, name: str, counts: Mapping[str, int]) -> JsonObject:
        chosen = [value for facet, value in search.facets if facet == name]
        ordered = sorted(counts, key=lambda value: (-counts[value], value))
        told = dict.fromkeys([*ordered[:_MOST_VALUES], *chosen])
        values: list[JsonObject] = [
            {
                "value": value,
                "label": value if name in YES_NO else self._label(value, search.language) or value,
                "count": counts.get(value, 0),
                "chosen": value in chosen,
            }
            for value in told
        ]
        values.sort(key=lambda each: (-each["count"], each["label"], each["value"]))
        return {"name": name, "values": values, "more": len(ordered) > _MOST_VALUES}

    def _counts(
        self, search: Search, names: Sequence[str], query: Query, filters: Mapping[str, Query]
    ) -> dict[str, dict[str, int]]:
        """Count the values that records have which all filters but a facet's own let through.

        The most frequent ones, but at least those that are told.
        """
        apart = [[name] for name in names if name in filters]
        together = [name for name in names if name not in filters]
        counts: dict[str, dict[str, int]] = {}
        for group in filter(None, [together, *apart]):
            others = [each for facet, each in filters.items() if facet not in group]
            let_through = both(query, others)
            found = self._frequent(let_through, group, _COUNTED_VALUES)
            for name in group:
                if _is_in_doubt(found[name]):
                    found |= self._frequent(let_through, [name], _ALL_VALUES)
            for name, value in search.facets:
                if name in found and value not in found[name]:
                    chosen = self._queries.any_of((name,), [value])
                    found[name][value] = self._queries.count(both(let_through, [chosen]))
            counts |= found
        return counts

    def _frequent(self, query: Query, names: Sequence[str], most: int) -> dict[str, dict[str, int]]:
        """Count the most frequent values of facets among what a query finds."""
        wish = {name: {"terms": {"field": name, "size": most, "segment_size": _ALL_VALUES}} for name in names}
        found = self._searcher.aggregate(query, wish)
        return {
            name: {bucket["key"]: bucket["doc_count"] for bucket in found[name]["buckets"]} for name in names
        }


def _is_in_doubt(counts: Mapping[str, int]) -> bool:
    """Tell whether values that were not fetched may be as frequent as one that is told."""
    if len(counts) < _COUNTED_VALUES:
        return False
    return min(counts.values()) == sorted(counts.values(), reverse=True)[_MOST_VALUES - 1]


class _damage:  # noqa: N801  # reads as a statement
    """Turn what an index answers that is not as it was written into NoIndex: a block that only reads it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # What tantivy gives up over is no Exception: https://pyo3.rs/latest/function/error-handling
        panic = kind is not None and kind.__name__ == "PanicException"
        if panic or isinstance(error, OSError | ValueError | KeyError):
            raise NoIndex(
                f"the search index {self._folder} is damaged: {error}", fix="harvest again"
            ) from error


def _one_of(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        names = ", ".join(name for name in known if name)
        raise UsageError(f"there is no {what} {given[:40]!r}", fix=f"take one of {names}")
