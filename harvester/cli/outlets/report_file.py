"""`--report FILE`: the account of a run as JSON, written in one stream and there all at once."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from harvester.errors import UsageError
from harvester.store.changes import Change

Facts = Mapping[str, Any]
"""A run's report as JSON values (harvester/schemas/report.schema.json)."""


def write_report(path: Path, facts: Facts, changes: Iterable[Change]) -> None:
    """Write the report of one run. Raises UsageError where the file cannot be written."""
    beside = _beside(path)
    with writing(path):
        try:
            with beside.open("w", encoding="utf-8") as out:
                _write_run(out, facts, changes)
                out.write("\n")
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


class RunsFile:
    """The report of several runs, to be filled while they go on. A context manager.

    A run that cannot be added is told of once, by UsageError, and then there is no file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._whole = True
        self._runs = 0
        self.exit_code = 0

    def __enter__(self) -> Self:
        with writing(self._path):
            self._out = _beside(self._path).open("w", encoding="utf-8")
        self._out.write('{"runs": [')
        return self

    def add(self, facts: Facts, changes: Iterable[Change]) -> None:
        """Add the report of a run."""
        if not self._whole:
            return
        self._whole = False
        with writing(self._path):
            self._out.write(",\n" if self._runs else "\n")
            _write_run(self._out, facts, changes)
            self._out.flush()
        self._runs += 1
        self._whole = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file: it tells of the runs that there were, even if what came after went wrong."""
        beside = _beside(self._path)
        with writing(self._path), self._out:
            if self._whole:
                self._out.write(f'],\n "exit_code": {self.exit_code}}}\n')
                self._out.flush()
                beside.replace(self._path)
            else:
                beside.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Find out before a run whether a file can be written after it. Raises UsageError."""
    with writing(path):
        _beside(path).touch()
        _beside(path).unlink()


def _write_run(out: TextIO, facts: Facts, changes: Iterable[Change]) -> None:
    """Write a run's facts and, one by one, its changes, of which there may be millions."""
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    out.write(text.removesuffix("\n}") + ',\n "changes": [')
    for number, change in enumerate(changes):
        line = {
            "kind": change.kind.value,
            "change": change.change,
            "iri": change.resource,
            "title": change.title,
        }
        out.write(f"{',' if number else ''}\n  {json.dumps(line, ensure_ascii=False)}")
    out.write("\n ]\n}")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the disk refuses in this block into a UsageError that names the file."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}", fix="name another file"
        ) from error


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".partial")
