"""`harvester status`: what the catalogue holds, how the last runs went, and what to do next."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from harvester.cli.options import store_option
from harvester.store.generations import Catalogue
from harvester.store.summary import Entry, LastRun, Summary, summarise

COUNTS = ("seen", "added", "changed", "unchanged", "removed", "skipped", "repaired", "dangling")
PROSE = {"records", "problems", "state"}
"""Columns that may take several lines where a terminal is narrow."""
UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
PIPE_WIDTH = 1000
"""Columns where no terminal says how many it has."""

T = TypeVar("T")


@click.command()
@store_option
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def status(store: Path, output: str) -> None:
    """Show what the catalogue holds, its last runs, and whether one is going on."""
    summary = summarise(Catalogue(store))
    if output == "json":
        click.echo(json.dumps(_as_json(store, summary), indent=1, ensure_ascii=False))
    else:
        _print(store, summary, datetime.now(UTC))


def _as_json(store: Path, summary: Summary) -> dict[str, Any]:
    return {
        "store": str(store),
        "running": summary.holder and asdict(summary.holder),
        "current": summary.current and _entry_json(summary.current),
        "contents": summary.contents,
        "runs": [
            {
                "portal": run.portal,
                "run": run.run,
                "started": run.started.isoformat(),
                "ended": run.ended.isoformat(),
                "exit_code": run.exit_code,
                "counts": run.counts,
                "problems": run.problems,
            }
            for run in summary.runs
        ],
        "generations": [_entry_json(entry) for entry in summary.generations],
        "disk_bytes": summary.disk_bytes,
        "next": _advice(store, summary),
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    return asdict(entry) | {"created": entry.created and entry.created.isoformat()}


def _print(store: Path, summary: Summary, now: datetime) -> None:
    # What a portal says must not be read as markup.
    console = Console(
        markup=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else PIPE_WIDTH
    )
    if summary.current is None:
        console.print(f"{store} holds no catalogue yet.")
    else:
        _print_current(console, store, summary, summary.current, now)
    if summary.holder:
        console.print(f"Running now: {summary.holder}")
    if advice := _advice(store, summary):
        console.print(f"Next: {advice}")


def _print_current(console: Console, store: Path, summary: Summary, current: Entry, now: datetime) -> None:
    age = f", {_span((now - current.created).total_seconds())} old" if current.created else ""
    console.print(f"Catalogue {store}: generation {current.id}{age}, {current.quads or 0:,} quads")
    console.print(_numbers(summary.contents))
    if summary.runs:
        _table(
            console,
            ("portal", "last run (UTC)", "took", "exit", "records", "problems"),
            summary.runs,
            _run_row,
        )
    _table(
        console,
        ("generation", "begun (UTC)", "quads", "state"),
        summary.generations,
        lambda entry: _entry_row(entry, is_current=entry == current),
    )
    console.print(f"{decimal(summary.disk_bytes)} on disk")


def _run_row(run: LastRun) -> Sequence[str]:
    took = _span((run.ended - run.started).total_seconds())
    counts = {name: run.counts[name] for name in COUNTS if run.counts.get(name)}
    return run.portal, _minute(run.ended), took, str(run.exit_code), _numbers(counts), _numbers(run.problems)


def _entry_row(entry: Entry, *, is_current: bool) -> Sequence[str]:
    created = _minute(entry.created) if entry.created else ""
    quads = "" if entry.quads is None else f"{entry.quads:,}"
    return entry.id, created, quads, entry.damage or ("current" if is_current else "")


def _table(
    console: Console, heads: Sequence[str], values: Sequence[T], row_of: Callable[[T], Sequence[str]]
) -> None:
    table = Table(box=SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for head in heads:
        table.add_column(head, no_wrap=head not in PROSE, overflow="fold")
    for value in values:
        table.add_row(*row_of(value))
    console.print()
    console.print(table)


def _numbers(counts: Mapping[str, int]) -> str:
    """Say how many there are of each.

    >>> _numbers({"datasets": 1200, "reuses": 7})
    '1,200 datasets, 7 reuses'
    """
    return ", ".join(f"{number:,} {name}" for name, number in counts.items())


def _minute(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M}"


def _span(seconds: float) -> str:
    """Say a time in its largest unit.

    >>> _span(7300)
    '2 hours'
    """
    for unit, length in UNITS:
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "0 seconds"


def _advice(store: Path, summary: Summary) -> str | None:
    """Say what to do next, if something is to be done."""
    if summary.current is None and summary.holder is None:
        return f"harvester harvest https://www.data.gouv.fr --store {store}"
    if any(run.problems for run in summary.runs):
        return f"harvester query last-run-problems --store {store}"
    return None
