"""Progress on stderr: a bar in a terminal, lines in a pipe, JSON lines for machines."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from harvester.harvest.progress import Listener, Progress

_LINE_EVERY = 5.0
"""Seconds between two lines about the same stage in a pipe."""


@contextmanager
def progress_on(log_format: str) -> Iterator[Listener]:
    """Yield a listener that shows progress as `log_format` ("text" or "json") and the stream ask for."""
    if log_format == "json":
        yield _json_line
    elif sys.stderr.isatty():
        with _bars() as bars:
            yield _Terminal(bars).show
    else:
        yield _Lines().show


def _json_line(progress: Progress) -> None:
    line = {
        "event": "progress",
        "time": round(time.time(), 3),
        "stage": progress.stage,
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "records": progress.records,
    }
    click.echo(json.dumps(line, ensure_ascii=False), err=True)


def _bars() -> Bars:
    return Bars(
        TextColumn("[bold]{task.description:<22}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TextColumn("[cyan]{task.fields[records]:,} records[/] [dim]{task.fields[rate]}[/]"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


class _Rate:
    """Records per second since the first call."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def text(self, records: int) -> str:
        seconds = time.monotonic() - self._start
        return f"{records / seconds:,.0f}/s" if seconds > 1 else ""


class _Terminal:
    """One bar per stage."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, int] = {}
        self._rate = _Rate()

    def show(self, progress: Progress) -> None:
        rate = self._rate.text(progress.records)
        task = self._tasks.get(progress.stage)
        if task is None:
            task = self._tasks[progress.stage] = self._bars.add_task(
                progress.stage, total=progress.total, unit=progress.unit, records=0, rate=""
            )
        self._bars.update(
            task,  # type: ignore[arg-type]  # rich's TaskID is an int
            completed=progress.done,
            total=progress.total,
            records=progress.records,
            rate=rate,
        )


class _Lines:
    """A line per stage and every few seconds."""

    def __init__(self) -> None:
        self._stage = ""
        self._last = 0.0
        self._rate = _Rate()

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        finished = progress.total is not None and progress.done >= progress.total
        if progress.stage == self._stage and not finished and now - self._last < _LINE_EVERY:
            return
        self._stage, self._last = progress.stage, now
        of = f" of {progress.total:,}" if progress.total is not None else ""
        rate = self._rate.text(progress.records)
        click.echo(
            f"{progress.stage}: {progress.done:,}{of} {progress.unit}, {progress.records:,} records"
            + (f", {rate}" if rate else ""),
            err=True,
        )
