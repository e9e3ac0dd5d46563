"""What the start page shows of a generation: gathered in the background, before somebody asks for it.

Some of its queries take seconds over a large catalogue. They are asked one after the other, on behalf of a
client of their own, so that those of readers come first.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request

from harvester.search.terms import NO_INDEX
from harvester.serve.core.engine import Engine
from harvester.serve.core.gate import CLIENT
from harvester.serve.html.labels import labels
from harvester.serve.html.words import COOKIE, LANGUAGES
from harvester.serve.http.problem import Problem
from harvester.serve.queries.chart import figure_of
from harvester.serve.queries.rows import Rows, rows_of
from harvester.serve.site.asked import Asked
from harvester.serve.site.findings import find
from harvester.store.generations import Generation

FIGURES = (
    "themes-by-reuses",
    "reuses-over-time",
    "formats",
    "licences-in-eu-codes",
    "update-frequencies",
    "quality-ratings",
)
"""Queries whose charts the page shows."""
LINES = 6
"""Of a list."""
TOTALS, PORTALS, FOUND, LATEST, NEWEST, MOST, CHANGES = (
    "totals",
    "portals",
    "found",
    "latest-reuses",
    "newest-datasets",
    "most-reused-datasets",
    "recent-changes",
)
"""Names of parts, beside those of FIGURES."""
TOTALS_QUERY = "catalogue-totals"
_CLIENT = "(start page)"
_PATIENCE_S, _IMPATIENCE_S = 0.7, 0.03
"""How long a reader waits for what is being gathered: for anything at all, and for more of it."""
_AGAIN_S = 20.0
"""After how long what could not be had is asked for again."""
_LONGEST_S = 300.0
_IRIS = ("dataset", "reuse", "resource", "record", "type")

Parts = Mapping[str, Any]
Work = Callable[[Request], Awaitable[Any]]


class Overview:
    """The parts of the start page, by language, for the generation that `app` serves."""

    def __init__(self, app: object, engine: Engine) -> None:
        self._app = app
        self._engine = engine
        self._generation = ""
        self._gatherings: dict[str, _Gathering] = {}

    async def parts(self, language: str) -> tuple[Parts, bool]:
        """Return what there is so far, and whether that is all. Raises Problem (503) without a catalogue."""
        gathering = self._gathering(language)
        patience_s = _IMPATIENCE_S if TOTALS in gathering.parts else _PATIENCE_S
        await asyncio.wait([gathering.task], timeout=patience_s)
        return dict(gathering.parts), gathering.task.done()

    async def warm(self, generation: Generation) -> None:
        """Gather all for a generation that begins to be served, in each language."""
        for language in LANGUAGES:
            edition = self._engine.edition
            if edition is None or edition.generation.id != generation.id:
                return
            await asyncio.wait([self._gathering(language).task])

    def close(self) -> None:
        """Stop gathering."""
        for gathering in self._gatherings.values():
            gathering.task.cancel()
        self._gatherings.clear()

    def _gathering(self, language: str) -> "_Gathering":
        generation = self._engine.require().generation.id
        if generation != self._generation:
            self.close()
            self._generation = generation
        found = self._gatherings.get(language)
        if found is None or found.is_stale:
            known = found.parts if found else {}
            found = self._gatherings[language] = _Gathering(_request(self._app, language), known)
        return found


class _Gathering:
    """Asks for one part after the other. What could not be had is not among `parts`."""

    def __init__(self, request: Request, known: Parts) -> None:
        self.parts = dict(known)
        self._failed_at: float | None = None
        self.task = asyncio.get_running_loop().create_task(self._gather(request))

    @property
    def is_stale(self) -> bool:
        """Whether it is time to ask again for what could not be had."""
        failed_at = self._failed_at
        return self.task.done() and failed_at is not None and time.monotonic() - failed_at > _AGAIN_S

    async def _gather(self, request: Request) -> None:
        try:
            async with asyncio.timeout(_LONGEST_S):
                for name, work in _work().items():
                    if name not in self.parts:
                        await self._get(name, work(request))
        except TimeoutError:
            self._failed_at = time.monotonic()

    async def _get(self, name: str, work: Awaitable[Any]) -> None:
        try:
            self.parts[name] = await work
        except Problem as problem:
            if problem.slug != NO_INDEX:  # that will not change
                self._failed_at = time.monotonic()


def _work() -> dict[str, Work]:
    """Return how to get each part: what readers look for first comes first."""
    return {
        TOTALS: _rows(TOTALS_QUERY, {}),
        PORTALS: _portals,
        FOUND: _found,
        LATEST: _rows(LATEST, {"limit": str(LINES)}),
        MOST: _rows(MOST, {"limit": str(LINES)}),
        NEWEST: _rows(NEWEST, {"limit": str(LINES)}),
        CHANGES: _rows(CHANGES, {"limit": str(LINES)}),
        **{name: _figure(name) for name in FIGURES},
    }


def _rows(name: str, values: Mapping[str, str]) -> Work:
    """Get the rows of a query with the labels of what is in them."""

    async def work(request: Request) -> tuple[Rows, Mapping[str, Any]]:
        found = await rows_of(request, name, values)
        iris = {row[column] for row in found.rows for column in _IRIS if row[column]}
        return found, await labels(request, iris)

    return work


def _figure(name: str) -> Work:
    return lambda request: figure_of(request, name)


async def _portals(request: Request) -> list[tuple[str, str]]:
    """Get the portals, each with the end of its last run that was no failure; "" if there was none."""
    portals = [row["portal"] for row in (await rows_of(request, "harvested-portals", {})).rows]
    return [(portal, await _harvested(request, portal)) for portal in portals]


async def _harvested(request: Request, portal: str) -> str:
    runs = await rows_of(request, "runs", {"portal": portal, "limit": "20"})
    good = ("", "published", "unchanged")
    return next((run["ended"] or run["started"] for run in runs.rows if run["outcome"] in good), "")


async def _found(request: Request) -> Mapping[str, Any]:
    """Get how many records of each kind can be searched, and the themes of datasets."""
    return await find(request, Asked(size=1))


def _request(app: object, language: str) -> Request:
    """Return a request that nobody made."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"cookie", f"{COOKIE}={language}".encode())],
        "app": app,
        CLIENT: _CLIENT,
    }
    return Request(scope, asyncio.Event().wait)  # type: ignore[arg-type]  # never says that it has left
