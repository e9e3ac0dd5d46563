"""Rows about runs, as the pages of runs show them."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from harvester.model import Kind
from harvester.serve.html.labels import Label
from harvester.serve.html.links import changed_iri, resource_address
from harvester.serve.html.rows import followable, shorten, shorten_iri
from harvester.serve.html.run_words import category_name, change_name, kind_name, mode_name, outcome_name
from harvester.serve.html.words import Words
from harvester.store.journal import FAILURES
from harvester.vocab import RUN

CHANGES = ("added", "changed", "removed")
COUNTS = ("seen", *CHANGES, "unchanged")
_FIRST_KINDS = (Kind.DATASET, Kind.REUSE, Kind.SERVICE, Kind.AGENT)
_DETAILS = "details"
"""What the names of kinds end in that stand beside records of another kind."""
MOST_PROBLEMS = 20
"""Problems of one kind that the page lists."""

_LANE = 30
"""Height of the bars of one kind of change."""
Row = Mapping[str, str]
Names = Mapping[str, Label]


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list. `state` is "failed", "unchanged" or "published"; counts are None if not told.

    A run that failed has none of changes: whatever it had found, it published nothing.
    """

    id: str
    started: str
    day: str
    took: str
    portal: str
    mode: str
    outcome: str
    state: str
    error: str
    counts: Mapping[str, int | None]
    requests: int | None
    problems: int | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A mark in the timeline: `x` and `width` in percent, `y` and `height` in pixels."""

    x: float
    width: float
    y: int
    height: int
    lane: str
    title: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run counted of one kind of record."""

    kind: str
    name: str
    counts: Mapping[str, int]

    @property
    def writes(self) -> int:
        """How many of them it added, changed or removed."""
        return sum(self.counts[name] for name in CHANGES)


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that changed: the name of what it describes, and where we tell of it."""

    name: str
    language: str
    address: str


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one sort and kind."""

    change: str
    heading: str
    records: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems of one kind; each (what, why, address or text, advice)."""

    category: str
    name: str
    number: int
    listed: tuple[Mapping[str, str], ...]


def run_row(words: Words, row: Row) -> RunRow:
    """Show a row of the query runs."""
    state = _state(row["outcome"])
    return RunRow(
        id=row["run"].removeprefix(RUN),
        started=row["started"],
        day=words.moment(row["started"]),
        took=took(row["started"], row["ended"]),
        portal=row["portal"],
        mode=mode_name(words, row["mode"]),
        outcome=outcome_name(words, row["outcome"]),
        state=state,
        error=shorten(row["error"]),
        counts={name: None if state == "failed" else _number(row[name]) for name in CHANGES},
        requests=_number(row["requests"]),
        problems=_number(row["problems"]),
    )


def facts_of(words: Words, row: Row) -> Mapping[str, object]:
    """Show the row of the query run-facts."""
    counts = (*COUNTS, "skipped", "repaired", "dangling", "requests", "problems")
    return {
        **row,
        "day": words.moment(row["started"], "long"),
        "took": took(row["started"], row["ended"]),
        "mode": mode_name(words, row["mode"]),
        "outcome": outcome_name(words, row["outcome"]),
        "state": _state(row["outcome"]),
        "counts": {name: _number(row[name]) for name in counts},
        "source": row["source"],
        "source_address": followable(row["source"]),
        "mappings": row["mappings"],
        "portal": row["portal"],
        "error": row["error"],
        "started": row["started"],
    }


def bars(words: Words, runs: Sequence[RunRow]) -> list[Bar]:
    """Draw runs from the oldest to the newest: a lane for each sort of change, the height by its logarithm.

    Without a logarithm the first run, which adds all, would make all others invisible.
    """
    width = 100 / max(len(runs), 12)
    most = max((each or 0 for run in runs for each in run.counts.values()), default=0)
    drawn = []
    for at, run in enumerate(reversed(runs)):
        for lane, name in enumerate(CHANGES):
            number = run.counts[name] or 0
            if number:
                height = max(2, round(_LANE * math.log1p(number) / math.log1p(most)))
                title = words.pair(run.day, f"{words.number(number)} {words.pgettext('records', name)}")
                top = (lane + 1) * (_LANE + 6) - height
                drawn.append(Bar(round(at * width, 2), round(width * 0.72, 2), top, height, name, title))
        if run.state == "failed":
            title = words.pair(run.day, run.outcome)
            drawn.append(Bar(round((at + 0.36) * width, 2), 0, 3 * (_LANE + 6) + 14, 0, "failed", title))
    return drawn


def tallies(words: Words, rows: Iterable[Row]) -> list[Tally]:
    """Show the rows of the query run-kinds, those with changes first."""
    found = [
        Tally(row["kind"], kind_name(words, row["kind"]), {name: _number(row[name]) or 0 for name in COUNTS})
        for row in rows
    ]
    return sorted(found, key=lambda tally: (not tally.writes, -tally.writes, tally.name))


def change_groups(words: Words, rows: Sequence[Row], names: Names, path: Callable[[str], str]) -> list[Group]:
    """Show rows of the query run-changes in groups, what most readers look for first."""
    groups = []
    for (change, kind), same in groupby(sorted(rows, key=_rank), lambda row: (row["change"], row["kind"])):
        records = tuple(_changed(row, names, path) for row in same)
        heading = f"{kind_name(words, kind).capitalize()}, {change_name(words, change)}"
        groups.append(Group(change, heading, records))
    return groups


def problem_groups(words: Words, rows: Sequence[Row]) -> list[Problems]:
    """Show rows of the query run-problems, which come by category."""
    groups = []
    for category, same in groupby(rows, key=lambda row: row["category"]):
        problems = [dict(row) | {"address": followable(row["url"]), "url": row["url"]} for row in same]
        listed = tuple(
            {name: problem.get(name, "") for name in ("what", "why", "advice", "url", "address")}
            for problem in problems[:MOST_PROBLEMS]
        )
        groups.append(Problems(category, category_name(words, category), len(problems), listed))
    return groups


def took(started: str, ended: str) -> str:
    """Say how long it was between two times, "" if one of them is not told.

    >>> took("2026-01-31T02:00:00Z", "2026-01-31T03:04:05Z"), took("2026-01-31T02:00:00Z", "")
    ('1 h 04 min', '')
    >>> took("2026-01-31T02:00:00Z", "2026-01-31T02:01:05Z")
    '1 min 05 s'
    """
    try:
        seconds = round((datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds())
    except (ValueError, TypeError):
        return ""
    minutes, seconds = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


def _changed(row: Row, names: Names, path: Callable[[str], str]) -> Changed:
    label = names.get(row["resource"]) or names.get(row["record"]) or Label(row["title"])
    name = shorten(label.text) if label.text else shorten_iri(row["resource"])
    return Changed(name, label.language, resource_address(path, changed_iri(row)))


def _rank(row: Row) -> tuple[str, int, str]:
    """Order changes: by what happened, then by kind."""
    kind = row["kind"]
    place = _FIRST_KINDS.index(Kind(kind)) if kind in _FIRST_KINDS else len(_FIRST_KINDS)
    return row["change"], place + kind.endswith(_DETAILS), kind


def _state(outcome: str) -> str:
    return "failed" if outcome in FAILURES else "unchanged" if outcome == "unchanged" else "published"


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
