"""`harvester status`: what the catalogue holds, how the last runs went, and what to do next."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from harvester.cli.options import store_option
from harvester.cli.program import as_json, printable, program
from harvester.harvest.report import COUNTS
from harvester.store import journal
from harvester.store.generations import Catalogue
from harvester.store.summary import Entry, LastRun, Summary, summarise

UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
_FAILURES = {journal.FAILED: "failed", journal.INTERRUPTED: "was interrupted before it ended"}
PIPE_WIDTH = 1000
"""Columns where no terminal says how many it has."""


@click.command()
@store_option
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def status(store: Path, output: str) -> None:
    """Show what the catalogue holds, its last runs, and whether one is going on."""
    summary = summarise(Catalogue(store))
    if output == "json":
        click.echo(as_json(_as_json(store, summary)))
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
                "absent": run.absent,
            }
            for run in summary.runs
        ],
        "failures": [
            {
                "portal": entry.portal,
                "run": entry.run,
                "started": entry.started.isoformat(),
                "outcome": entry.outcome,
                "exit_code": entry.exit_code,
                "error": entry.facts.get("error"),
            }
            for entry in summary.failures
        ],
        "generations": [_entry_json(entry) for entry in summary.generations],
        "disk_bytes": summary.disk_bytes,
        "next": _advice(store, summary),
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    return asdict(entry) | {"created": entry.created and entry.created.isoformat()}


def _print(store: Path, summary: Summary, now: datetime) -> None:
    if summary.current is None:
        click.echo(f"{store} holds no catalogue yet.")
    else:
        _print_current(store, summary, summary.current, now)
    for entry in summary.failures:
        _print_failure(entry)
    if summary.holder:
        click.echo(f"Running now: {summary.holder}")
    if advice := _advice(store, summary):
        click.echo(f"Next: {advice}")


def _print_current(store: Path, summary: Summary, current: Entry, now: datetime) -> None:
    age = f", {_span((now - current.created).total_seconds())} old" if current.created else ""
    click.echo(f"Catalogue {store}: generation {current.id}{age}, {current.quads or 0:,} quads")
    click.echo(_numbers(summary.contents))
    for run in summary.runs:
        click.echo("\n" + _run_text(run))
    click.echo()
    _print_generations(summary)
    click.echo(f"{decimal(summary.disk_bytes)} on disk")


def _run_text(run: LastRun) -> str:
    took = _span((run.ended - run.started).total_seconds())
    counts = {name: run.counts[name] for name in COUNTS if run.counts.get(name)}
    lines = [
        f"{run.portal}: last run {_minute(run.ended)}, took {took}, exit code {run.exit_code}",
        f"  records: {_numbers(counts)}",
    ]
    if run.problems:
        lines.append(f"  problems: {_numbers(run.problems)}")
    if run.absent:
        lines.append(f"  no longer listed, but kept: {_numbers(run.absent)}")
    return "\n".join(lines)


def _print_failure(entry: journal.Entry) -> None:
    began = f"the last run, begun {_minute(entry.started)},"
    click.secho(printable(f"{entry.portal}: {began} {_FAILURES[entry.outcome]}"), fg="red")
    if error := entry.facts.get("error"):
        click.echo(printable(f"  {error['cause']}\n  Try: {error['fix']}"))


def _print_generations(summary: Summary) -> None:
    in_terminal = sys.stdout.isatty()
    table = Table(box=SIMPLE_HEAD if in_terminal else None, pad_edge=False)
    for head in ("generation", "begun", "quads", "state"):
        table.add_column(head, no_wrap=head != "state")
    for entry in summary.generations:
        table.add_row(*_entry_row(entry, is_current=entry == summary.current))
    Console(markup=False, highlight=False, width=None if in_terminal else PIPE_WIDTH).print(table)


def _entry_row(entry: Entry, *, is_current: bool) -> Sequence[str]:
    created = _minute(entry.created) if entry.created else ""
    quads = "" if entry.quads is None else f"{entry.quads:,}"
    return entry.id, created, quads, entry.damage or ("current" if is_current else "")


def _numbers(counts: Mapping[str, int]) -> str:
    """Say how many there are of each.

    >>> _numbers({"datasets": 1200, "reuses": 7})
    '1,200 datasets, 7 reuses'
    """
    return ", ".join(f"{number:,} {name}" for name, number in counts.items())


def _minute(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


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
    if summary.failures:
        return f"{program()} history {printable(summary.failures[0].run)} --store {store}"
    if summary.current is None and summary.holder is None:
        return f"{program()} harvest https://www.data.gouv.fr --store {store}"
    if any(run.problems for run in summary.runs):
        return f"{program()} query last-run-problems --store {store}"
    return None
