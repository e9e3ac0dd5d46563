"""`harvester history`: how the runs went, also those that failed or were killed; one of them for reading."""

import csv
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from harvester.cli.options import options, store_option
from harvester.cli.program import as_json, printable
from harvester.cli.table import print_table
from harvester.errors import UsageError
from harvester.store.generations import Catalogue
from harvester.store.journal import Entry, Journal

LAST = "last"
STYLES = {
    "published": "green",
    "failed": "red",
    "interrupted": "red",
    "running": "cyan",
}
"""Colours of outcomes, in a terminal."""

_NUMBERS = ("seconds", "requests", "added", "changed", "removed", "skipped", "problems")
_HEAD = ("started", "portal", "mode", "outcome", *_NUMBERS, "generation", "run")
_COUNTS = ("seen", "added", "changed", "unchanged", "removed")
_FIELDS = tuple(field.name for field in fields(Entry) if field.name != "facts")

_EXAMPLES = """\b
Examples:
  harvester history
  harvester history last                            what the last run did, and what went wrong
  harvester history 20260131T020000Z-1f2e
  harvester history --portal www.data.gouv.fr -o csv > runs.csv
"""


@click.command(epilog=_EXAMPLES)
@click.argument("run", metavar="[RUN]", required=False)
@options(
    store_option,
    click.option("--portal", metavar="KEY", help="Runs of this portal only, such as www.data.gouv.fr."),
    click.option(
        "-o", "--output", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
    ),
    click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=20,
        show_default=True,
        metavar="RUNS",
        help="Show at most so many; 0: all.",
    ),
)
def history(run: str | None, store: Path, portal: str | None, output: str, limit: int) -> None:
    """List the runs, newest first; or show all that is known of RUN (its id, abbreviated, or `last`).

    Those that failed, that were killed and that are going on are listed too. The newest 200 are known.
    """
    catalogue = Catalogue(store)
    catalogue.check()
    entries = Journal(store).entries(portal)
    if run:
        if output == "csv":
            raise UsageError("one run is no table: -o csv is for the list", fix="take -o json")
        _show(_named(entries, run), output)
        return
    shown = entries[: limit or None]
    current = catalogue.current()
    if output == "json":
        listed = [_as_json(entry) for entry in shown]
        click.echo(as_json({"store": str(store), "runs": listed}))
    elif output == "csv":
        _write_csv(shown)
    elif shown:
        _print_table(shown, current.id if current else None)
    else:
        click.echo(f"No run is known in {store}.")
    if len(entries) > len(shown):
        click.echo(f"Only the newest {limit} of {len(entries)} are shown; --limit 0 shows all.", err=True)


def _named(entries: list[Entry], name: str) -> Entry:
    found = entries[:1] if name == LAST else [entry for entry in entries if entry.run == name]
    found = found or [entry for entry in entries if entry.run.startswith(name)]
    if len(found) == 1:
        return found[0]
    what = "more than one run begins with" if found else "no run is known as"
    known = ", ".join(entry.run for entry in entries[:5]) or "none yet"
    raise UsageError(f"{what} {name!r}", fix=f"name one of those in `harvester history`; the newest: {known}")


def _as_json(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _FIELDS} | {"started": entry.started.isoformat()}


def _write_csv(entries: list[Entry]) -> None:
    writer = csv.DictWriter(sys.stdout, _FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _plain(value) for name, value in _as_json(entry).items()} for entry in entries)


def _plain(value: Any) -> Any:
    return printable(value).replace("\n", " ") if isinstance(value, str) else value


def _print_table(entries: list[Entry], current: str | None) -> None:
    rows = [
        (
            f"{entry.started:%Y-%m-%d %H:%M}",
            entry.portal,
            entry.mode,
            entry.outcome,
            *map(_number, (getattr(entry, name) for name in _NUMBERS)),
            (entry.generation or "") + (" (current)" if current and entry.generation == current else ""),
            entry.run,
        )
        for entry in entries
    ]
    column = _HEAD.index("outcome")
    styles = {(column, outcome): style for outcome, style in STYLES.items()}
    numeric = {_HEAD.index(name) for name in _NUMBERS}
    print_table(_HEAD, rows, numeric=numeric, styles=styles)


def _number(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) else ""


def _show(entry: Entry, output: str) -> None:
    if output == "json":
        click.echo(as_json({**entry.facts, "outcome": entry.outcome}))
        return
    click.echo(f"Run {printable(entry.run)} of {printable(entry.portal)}: ", nl=False)
    click.secho(printable(entry.outcome), bold=True, fg=STYLES.get(entry.outcome))
    for line in _lines(entry):
        click.echo(printable(line))
    _print_kinds(entry.facts)
    for line in _problem_lines(entry.facts):
        click.echo(printable(line))


def _lines(entry: Entry) -> Iterator[str]:
    facts = entry.facts
    took = "" if entry.seconds is None else f", took {entry.seconds:,.1f} s"
    ended = "" if entry.exit_code is None else f", exit code {entry.exit_code}"
    yield f"  started {entry.started:%Y-%m-%d %H:%M:%S} UTC{took}{ended}"
    if entry.mode:
        yield f"  mode {entry.mode}: {facts.get('mode_reason') or 'no reason given'}"
    if pages := facts.get("pages"):
        resumed = facts.get("resumed_pages")
        yield f"  {pages} pages" + (
            f", {resumed} of them fetched by a run that was killed" if resumed else ""
        )
    yield f"  {entry.requests:,} requests, {entry.skipped:,} items skipped"
    if entry.generation:
        yield f"  generation {entry.generation}, {_number(facts.get('quads'))} quads"
    error = facts.get("error")
    if error:
        yield f"Error: {error['cause']}"
        yield f"  Try: {error['fix']}"
    for name in ("slowed", "notes"):
        for note in _listed(facts, name):
            yield f"Note: {note}"


def _print_kinds(facts: Mapping[str, Any]) -> None:
    """Print the counts per kind of record; a report may say anything, or nothing."""
    kinds = facts.get("kinds")
    rows = [
        (str(kind), *(str(counts.get(name, 0)) for name in _COUNTS))
        for kind, counts in (kinds.items() if isinstance(kinds, dict) else ())
        if isinstance(counts, dict)
    ]
    if rows:
        click.echo()
        print_table(("records", *_COUNTS), rows, numeric=range(1, len(_COUNTS) + 1))


def _problem_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the problems by category, each advice once for the problems that share it."""
    problems = [problem for problem in _listed(facts, "problems") if isinstance(problem, dict)]
    counts = facts.get("problem_counts") or {}
    if not counts:
        return
    yield "\nProblems"
    for category, number in ((str(category), int(number)) for category, number in counts.items()):
        yield f"  {category} ({number:,})"
        listed = [problem for problem in problems if problem.get("category") == category]
        for advice, same in groupby(listed, key=lambda problem: str(problem.get("fix"))):
            for problem in same:
                yield f"    {problem.get('what')}: {problem.get('why')}"
                yield f"      {problem.get('url')}"
            yield f"    Try: {advice}"
        if number > len(listed):
            yield f"    … and {number - len(listed):,} more: `harvest --report FILE` lists them all"


def _listed(facts: Mapping[str, Any], name: str) -> list[Any]:
    value = facts.get(name)
    return value if isinstance(value, list) else []
