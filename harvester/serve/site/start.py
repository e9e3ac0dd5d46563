"""The start page: what is here, how fresh it is, what is used and for what, and where to go."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.html.labels import Label
from harvester.serve.html.links import changed_iri, resource_address
from harvester.serve.html.rendering import page
from harvester.serve.html.rows import shorten, shorten_iri
from harvester.serve.html.run_words import one_change_name
from harvester.serve.html.total_words import total_name
from harvester.serve.html.words import Words, moment_of, words_of
from harvester.serve.http.problem import Problem
from harvester.serve.queries.openapi import PATH
from harvester.serve.queries.rows import Rows
from harvester.serve.site.asked import Asked
from harvester.serve.site.findings import tabs
from harvester.serve.site.overview import (
    CHANGES,
    FIGURES,
    FOUND,
    LATEST,
    MOST,
    NEWEST,
    PORTALS,
    TOTALS,
    Overview,
)

_BEHIND = {
    "datasets": "datasets-by-theme",
    "reuses": "reuses-by-type-and-topic",
    "datasets reused": "most-reused-datasets",
    "organizations": "publishers",
    "distributions": "formats",
    "data services": "data-services",
    "links from reuses to datasets": "used-datasets-by-theme",
    "contact points": "contact-points",
    "runs": "runs",
}
"""What is counted, and the query that shows what a total counts."""
_FIRST = ("datasets", "reuses", "datasets reused", "organizations")
"""The totals that come in large."""
_FRESH_DAYS, _STALE_DAYS = 2, 8
"""A portal is harvested each night, or each week."""
_LONGEST = 110


@dataclass(frozen=True, slots=True)
class Total:
    """A number with what it counts, and the query that shows it."""

    label: str
    number: int
    address: str


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal and its last harvest: `ago` in words, `state` is fresh, older, stale or unknown."""

    name: str
    harvested: str
    ago: str
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """A record in a list: its name and where it leads, and the row that tells of it."""

    name: Label
    address: str
    row: Mapping[str, str]
    type: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """A list; `query` is the page of the query behind it."""

    query: str
    lines: Sequence[Line]


async def start(request: Request) -> Response:
    """Show what this catalogue is, and where to go."""
    serving, words = serving_of(request), words_of(request)
    overview: Overview = request.app.state.overview
    try:
        parts, complete = await overview.parts(words.language)
    except Problem as problem:
        return await page(request, "empty.html", {}, problem)
    totals = _totals(serving, words, parts[TOTALS][0]) if TOTALS in parts else {}
    found = parts.get(FOUND)
    context = {
        "complete": complete,
        "portals": [_portal(words, name, ended) for name, ended in parts.get(PORTALS, [])],
        "totals": [totals[what] for what in _FIRST if what in totals],
        "more_totals": [total for what, total in totals.items() if what not in _FIRST],
        "numbers": {what: total.number for what, total in totals.items()},
        "searchable": found is not None or not complete,
        "themes": list(_themes(serving, found)) if found else [],
        "kinds": tabs(request, Asked(), found["kinds"])[:-1] if found else [],
        "titles": _address(serving, "search-titles"),
        "figures": {name: parts[name] for name in FIGURES if parts.get(name)},
        "uncounted": [name for name in FIGURES if name not in parts and not complete],
        "lists": {
            name: _lines(serving, words, column, parts[name])
            for name, column in _LISTS.items()
            if name in parts
        },
        "count": len(serving.library.paths),
    }
    return await page(request, "index.html", context)


_LISTS = {LATEST: "reuse", MOST: "dataset", NEWEST: "dataset", CHANGES: "resource"}
"""The column that names a record, by the query of a list."""


def _totals(serving: Serving, words: Words, rows: Rows) -> dict[str, Total]:
    """Return what is counted by the word of the query, which a reader is told in theirs."""
    numbers = {row["what"]: row["number"] for row in rows.rows}
    return {
        what: Total(total_name(words, what, int(number)), int(number), _address(serving, name))
        for what, name in _BEHIND.items()
        if (number := numbers.get(what, "")).isdecimal()
    }


def _portal(words: Words, name: str, ended: str) -> Portal:
    hours = hours_since(ended, datetime.now(UTC))
    if hours is None:
        return Portal(name, "", "", "unknown")
    days = hours // 24
    state = "fresh" if days < _FRESH_DAYS else "older" if days < _STALE_DAYS else "stale"
    if hours < 1:
        ago = words.gettext("less than an hour ago")
    elif days < 1:
        ago = words.ngettext("%(num)s hour ago", "%(num)s hours ago", hours)
    else:
        ago = words.ngettext("%(num)s day ago", "%(num)s days ago", days)
    return Portal(name, ended, ago, state)


def hours_since(moment: str, now: datetime) -> int | None:
    """Return how many hours ago a moment was, None if it is none.

    >>> now = datetime(2026, 2, 1, 4, 29, tzinfo=UTC)
    >>> hours_since("2026-01-31T03:30:00Z", now), hours_since("soon", now)
    (24, None)
    """
    then = moment_of(moment)
    return None if then is None else max(0, int((now - then).total_seconds() // 3600))


def _themes(serving: Serving, found: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """Yield the themes of datasets: label, count, the search for them."""
    for facet in found["facets"]:
        if facet["name"] == "theme":
            for value in facet["values"]:
                address = serving.path("/search") + Asked().toggled("theme", value["value"]).search()
                yield value["label"], value["count"], address


def _lines(serving: Serving, words: Words, column: str, part: tuple[Rows, Mapping[str, Label]]) -> Lines:
    rows, names = part
    lines = []
    for row in rows.rows:
        iri = row[column]
        label = names.get(iri) or Label(row["title"] or shorten_iri(iri))
        lines.append(
            Line(
                Label(shorten(label.text, _LONGEST), label.language),
                resource_address(serving.path, changed_iri(row) if row["change"] else iri),
                row,
                names[row["type"]].text if row["type"] in names else "",
                one_change_name(words, row["change"]) if row["change"] else "",
            )
        )
    return Lines(rows.address, lines)


def _address(serving: Serving, name: str) -> str:
    return serving.path(PATH + quote(name)) if name in serving.library.paths else ""


ROUTES = [Route("/", start)]
