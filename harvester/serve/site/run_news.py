"""What the journal on disk knows before the store is told: a harvest under way, a last one that failed."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cachetools import TTLCache

from harvester.serve.html.words import Words
from harvester.store.journal import FAILURES, RUNNING, Entry, Journal

_LOOKED_AT = 5
"""Reports that are read: a portal's last run, for a few portals."""
_FRESH_S = 5.0
_known: TTLCache[Path, list[Entry]] = TTLCache(8, _FRESH_S)
"""So that many readers cost no more than one: a report may be long."""


@dataclass(frozen=True, slots=True)
class News:
    """A run of which the store does not tell yet."""

    text: str
    failed: bool


async def untold_runs(store: Path) -> list[Entry]:
    """Return the newest runs that the journal of a catalogue knows, nothing if it cannot be read."""
    found = _known.get(store)
    if found is None:
        found = await asyncio.to_thread(_read, store)
        _known[store] = found
    return found


def news(words: Words, entries: Sequence[Entry], portal: str, told: Iterable[str]) -> list[News]:
    """Say how each portal's last run goes, or that it failed, unless the store tells of it already.

    Not why: errors may name files of the server, which are nobody's business.
    """
    last: dict[str, Entry] = {}
    for entry in entries:
        last.setdefault(entry.portal, entry)
    known = set(told)
    return [
        _news(words, entry)
        for entry in last.values()
        if entry.outcome in (RUNNING, *FAILURES) and entry.run not in known and portal in ("", entry.portal)
    ]


def _news(words: Words, entry: Entry) -> News:
    values = {"portal": entry.portal, "moment": words.moment(entry.started)}
    if entry.outcome == RUNNING:
        text = words.gettext("A harvest of %(portal)s is under way since %(moment)s UTC.")
    else:
        text = words.gettext("The last harvest of %(portal)s failed; it began %(moment)s UTC.")
    return News(text % values, entry.outcome in FAILURES)


def _read(store: Path) -> list[Entry]:
    try:
        return Journal(store).entries(newest=_LOOKED_AT)
    except OSError:
        return []
