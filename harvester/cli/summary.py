"""The end of a run in words: what came of it, what went wrong, what to do next."""

import sys
from itertools import groupby
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harvester.cli.program import printable, program
from harvester.harvest.report import Report
from harvester.model import Kind, Problem

_COLUMNS = ("seen", "added", "changed", "unchanged", "removed")
_SHOWN_PER_CATEGORY = 3
PIPE_WIDTH = 200
"""Columns where no terminal says how many it has."""


def console_for_output() -> Console:
    """Return a console for stdout: colours in a terminal, plain wide lines in a pipe; no markup from data."""
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(markup=False, highlight=False, emoji=False, width=width)


def print_summary(report: Report, store: Path, report_file: Path | None, *, following: bool = True) -> None:
    """Print what a person needs to know of a run, and what to do next (`following`)."""
    console = console_for_output()
    console.print(Text(_headline(report), style="bold green" if report.exit_code == 0 else "bold yellow"))
    console.print(_counts(report, terminal=console.is_terminal))
    console.print(_sentence(report))
    console.print(f"Mode {report.mode}: {report.mode_reason}.")
    if report.resumed_pages:
        taken = _number(report.resumed_pages, "page")
        console.print(f"Note: {taken} taken over from a run that was cut off")
    for note in (*report.slowed, *report.notes):
        console.print(f"Note: {printable(note)}")
    if report.problem_counts:
        _print_problems(console, report, report_file)
    if report.generation and following:
        console.print(f"Next: {program()} query most-reused-datasets --store {store}")


def _headline(report: Report) -> str:
    seconds = (report.ended - report.started).total_seconds() if report.ended else 0.0
    if report.dry_run:
        what = "tried, nothing published (--dry-run)"
    elif report.generation:
        what = f"published as generation {report.generation}, {report.quads or 0:,} quads"
    else:
        what = "nothing changed, the last generation stays"
    return f"{report.portal}: {what} ({seconds:,.1f} s, {report.requests:,} requests)"


def _sentence(report: Report) -> str:
    parts = [_number(report.pages, "page") + f" of {report.format}"]
    if report.total_items is not None:
        complete = "complete" if report.complete else "incomplete, so nothing was removed"
        parts.append(f"{report.members:,} of {report.total_items:,} datasets listed ({complete})")
    parts.append(f"{_number(report.repaired, 'term')} repaired")
    parts.append(_number(report.dangling, "dangling dataset link"))
    parts.append(f"{_number(report.skipped, 'item')} skipped")
    return ", ".join(parts) + "."


def _number(number: int, noun: str) -> str:
    """Say a number of things.

    >>> _number(1, "page"), _number(1234, "page")
    ('1 page', '1,234 pages')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _counts(report: Report, *, terminal: bool) -> Table:
    table = Table(box=SIMPLE_HEAD if terminal else None, pad_edge=False)
    table.add_column("records")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for kind in Kind:
        if counts := report.kinds.get(kind):
            table.add_row(kind.value, *(f"{counts[column]:,}" for column in _COLUMNS))
    table.add_row(
        "all", *(f"{report.count(column):,}" for column in _COLUMNS), style="bold" if terminal else None
    )
    return table


def _print_problems(console: Console, report: Report, report_file: Path | None) -> None:
    console.print(Text("Problems", style="bold"))
    by_category = sorted(report.problems, key=_category)
    for category, problems in groupby(by_category, key=_category):
        shown = list(problems)[:_SHOWN_PER_CATEGORY]
        number = report.problem_counts[shown[0].category]
        console.print(Text(f"  {category} ({number:,})", style="yellow"))
        for problem in shown:
            console.print(_indented(f"{problem.what}: {problem.why}", console))
        if number > len(shown):
            console.print(f"    … and {number - len(shown):,} more")
        console.print(_indented(f"Try: {shown[0].fix}", console, style="dim"))
    if report_file:
        console.print(f"All of them: {report_file}")
    else:
        console.print("All of them: run with --report report.json")


def _indented(text: str, console: Console, style: str = "") -> RenderableType:
    """Return text that wraps within its indentation in a terminal, and is one line in a pipe."""
    shown = printable(text)
    if console.is_terminal:
        return Padding(Text(shown, style=style), (0, 0, 0, 4))
    return Text(f"    {shown}", no_wrap=True, overflow="ignore")


def _category(problem: Problem) -> str:
    return problem.category.value
