"""What a search found, made ready for a page: hits with addresses, facets as links, tabs, orders, pages."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from harvester.search.terms import REUSE, SORTS
from harvester.serve.core.serving import serving_of
from harvester.serve.html.labels import labels
from harvester.serve.html.links import editor_address, resource_address
from harvester.serve.html.rows import followable, shorten_iri
from harvester.serve.html.words import Words, words_of
from harvester.serve.site.asked import ALL, FACETS, KINDS, Asked
from harvester.serve.site.search_sparql import sparql_of
from harvester.serve.site.search_words import (
    KINDS_OF_REUSE,
    facet_name,
    found_words,
    kind_name,
    one_of_kind,
    rating,
    sort_name,
    value_name,
)

Found = Mapping[str, Any]
_FIRST = 7
"""Values of a facet that are shown at once; the others are folded."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose by a link: `count` is how many records that would leave, None if nobody knows."""

    label: str
    address: str
    count: int | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to filter: its values, those at once and those that are folded; `more`: there are others."""

    name: str
    label: str
    first: tuple[Choice, ...]
    folded: tuple[Choice, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found; `said` is what the index tells of it (docs/search.md)."""

    said: Found
    kind: str
    address: str
    publisher: str
    picture: str
    quality: str
    code: str


async def find(request: Request, asked: Asked) -> Found:
    """Search. Raises Problem, slug no-search-index if the generation has no index."""
    task = asked.task(words_of(request).language)
    answer = await serving_of(request).engine.answer(task, request)
    found: Found = json.loads(await answer.whole())
    return found


async def shown(request: Request, asked: Asked, found: Found, home: str) -> dict[str, Any]:
    """Return what a template needs; `home` is the path of the page."""
    serving, words = serving_of(request), words_of(request)

    def at(other: Asked) -> str:
        return serving.path(home) + other.search()

    last = asked.last_page(found["total"])
    codes = _codes(found)
    chips = await _chips(request, asked, found, at)
    return {
        "asked": asked,
        "total": found["total"],
        "found": found_words(words, asked.kind, found["total"]),
        "hits": [_hit(hit, words, serving.path, codes) for hit in found["hits"]],
        "facets": [facet for each in found["facets"] if (facet := _facet(asked, each, words, at))],
        "chips": chips,
        "bare": at(asked.bare()),
        "sorts": list(_sorts(asked, words, at)),
        "last": last,
        "previous": at(asked.turned(min(asked.page - 1, last))) if asked.page > 1 else "",
        "next": at(asked.turned(asked.page + 1)) if asked.page < last else "",
        "first_page": at(asked.turned(1)),
        "suggestion": found["suggestion"],
        "spelt": at(asked.spelt(found["suggestion"])) if found["suggestion"] else "",
        "editor": editor_address(serving, sparql_of(asked)),
        "json": serving.path("/search.json") + asked.search(),
    }


def tabs(request: Request, asked: Asked, counts: Mapping[str, int] | None) -> list[Choice]:
    """Return a choice for each kind; `counts` of what the same search finds of it."""
    serving, words = serving_of(request), words_of(request)
    whole = {**counts, ALL: sum(counts.values())} if counts is not None else {}
    return [
        Choice(
            kind_name(words, kind),
            serving.path("/search") + asked.about(kind).search(),
            whole.get(kind, 0) if counts is not None and _same(asked, kind) else None,
            kind == asked.kind,
        )
        for kind in KINDS
    ]


def _same(asked: Asked, kind: str) -> bool:
    """Tell whether the search of another kind keeps all that is chosen, so that its count is known."""
    return all(name in FACETS[kind] for name, _ in asked.facets)


def _hit(hit: Found, words: Words, path: Callable[[str], str], codes: Mapping[str, str]) -> Hit:
    publisher = hit["publisher"]
    return Hit(
        said=hit,
        kind=one_of_kind(words, hit["kind"]),
        address=resource_address(path, hit["iri"]),
        publisher=resource_address(path, publisher["iri"]) if publisher else "",
        picture=followable(hit["picture"]),
        quality=rating(words, hit["score"]),
        code=codes.get(hit["type"], ""),
    )


def _codes(found: Found) -> Mapping[str, str]:
    """Return the codes of types by their labels."""
    values = [each for facet in found["facets"] if facet["name"] == "type" for each in facet["values"]]
    tails = {each["label"]: each["value"].replace("#", "/").rpartition("/")[2] for each in values}
    return {label: tail for label, tail in tails.items() if tail in KINDS_OF_REUSE}


def _facet(asked: Asked, facet: Found, words: Words, at: Callable[[Asked], str]) -> Facet | None:
    """Return a facet, None if there is nothing to choose."""
    name = facet["name"]
    choices = [
        Choice(
            _label(each, words), at(asked.toggled(name, each["value"])), each["count"], chosen=each["chosen"]
        )
        for each in facet["values"]
        if each["count"] or each["chosen"]
    ]
    if not choices:
        return None
    first = tuple(choices[:_FIRST] if len(choices) > _FIRST + 1 else choices)
    return Facet(name, facet_name(words, name), first, tuple(choices[len(first) :]), facet["more"])


def _label(value: Found, words: Words) -> str:
    label = value["label"]
    return shorten_iri(label) if label == value["value"] and "://" in label else value_name(words, label)


async def _chips(request: Request, asked: Asked, found: Found, at: Callable[[Asked], str]) -> list[Choice]:
    """Return what is chosen, each with the address of the search without it."""
    words = words_of(request)
    known = {
        (facet["name"], each["value"]): _label(each, words)
        for facet in found["facets"]
        for each in facet["values"]
    }
    others = await labels(request, [value for name, value in asked.facets if (name, value) not in known])
    chips = []
    for name, value in asked.facets:
        other = others[value].text if value in others else value_name(words, shorten_iri(value))
        label = words.pair(facet_name(words, name), known.get((name, value)) or other)
        chips.append(Choice(label, at(asked.toggled(name, value))))
    return chips


def _sorts(asked: Asked, words: Words, at: Callable[[Asked], str]) -> Iterator[Choice]:
    """Yield the orders that make sense: without a text all match as well, and the most reused come first."""
    usual = "relevance" if asked.text else "newest" if asked.kind == REUSE else "reused"
    for sort in SORTS:
        if sort == "relevance" and not asked.text:
            continue
        if sort == "reused" and asked.kind == REUSE:
            continue
        current = asked.sort == sort or (asked.sort == "relevance" and sort == usual)
        yield Choice(sort_name(words, sort), at(asked.sorted(sort)), chosen=current)
