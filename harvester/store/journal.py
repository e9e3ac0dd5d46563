"""The journal of a catalogue's runs: one JSON file each, also of those that failed or were killed.

    catalogue/runs/20260131T020000Z-1f2e.json     the run's report; "outcome" is null until it ends

The store itself tells only of runs that published. Nothing depends on the journal: a run goes on where it
cannot be written, and a file that is damaged costs only its own entry.
"""

import json
import logging
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from harvester.config import MEBIBYTE
from harvester.store.local import sync
from harvester.store.lock import Holder, holder
from harvester.store.manifest import JSON

FOLDER = "runs"
KEPT = 200
"""Runs of which the report is kept."""

MAX_PROBLEMS = 200
"""Problems listed one by one in a kept report, as in the store; the rest is counted."""

RUNNING, FAILED, INTERRUPTED = "running", "failed", "interrupted"
FAILURES = (FAILED, INTERRUPTED)
_MAX_BYTES = 4 * MEBIBYTE
_BESIDE = ".part"
_DAMAGE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What a file that holds anything may make of reading it."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A run in short. `outcome` as in the run's report, or "running"; `facts` is the whole report."""

    run: str
    portal: str
    started: datetime
    outcome: str
    mode: str = ""
    seconds: float | None = None
    requests: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    skipped: int = 0
    problems: int = 0
    exit_code: int | None = None
    generation: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Journal:
    """The journal of the catalogue in the folder `catalogue`."""

    def __init__(self, catalogue: Path) -> None:
        self._catalogue = catalogue
        self._folder = catalogue / FOLDER

    def begin(self, facts: Mapping[str, JSON]) -> None:
        """Note that the run `facts["run"]` has begun. Never raises: a warning is logged instead."""
        process: dict[str, JSON] = {"pid": os.getpid(), "host": socket.gethostname()}
        self._write({**facts, "outcome": None, "process": process})
        self._tidy()

    def end(self, facts: Mapping[str, JSON]) -> None:
        """Note how the run `facts["run"]` has ended. Never raises: a warning is logged instead."""
        self._write(facts)

    def entries(self, portal: str | None = None, newest: int | None = None) -> list[Entry]:
        """Return the runs that are known, of one portal or all, newest first.

        With `newest` no more reports are read than that: their names begin with the time. One that has not
        ended counts as running while its process holds the catalogue, else as interrupted. A file that
        cannot be read is left out, with a warning.
        """
        try:
            at_work = holder(self._catalogue)
        except OSError:
            at_work = None
        entries = sorted(self._read_all(at_work, newest), key=lambda e: (e.started, e.run), reverse=True)
        return [entry for entry in _one_running(entries) if portal in (None, entry.portal)]

    def _write(self, facts: Mapping[str, JSON]) -> None:
        path = self._folder / (quote(str(facts.get("run")), safe="") + ".json")
        beside = path.with_name(path.name + _BESIDE)
        try:
            if not (self._catalogue / "generations").is_dir():
                return  # not a catalogue: a note in it would only make it look like a folder with other files
            self._folder.mkdir(exist_ok=True)
            beside.write_bytes(_fitting(facts))
            sync(beside)
            beside.replace(path)
        except (OSError, ValueError, TypeError) as error:
            _log.warning("%s cannot be written, so `harvester history` lacks this: %s", path, error)
            with suppress(OSError):
                beside.unlink()

    def _tidy(self) -> None:
        """Remove all but the newest reports, and what writers that were killed left."""
        try:
            names = sorted((path.name for path in self._folder.glob("*.json")), reverse=True)
            for name in names[KEPT:]:
                (self._folder / name).unlink(missing_ok=True)
            for part in self._folder.glob("*" + _BESIDE):  # whoever writes holds the catalogue: we do now
                part.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s cannot be tidied: %s", self._folder, error)

    def _read_all(self, at_work: Holder | None, newest: int | None) -> Iterator[Entry]:
        for path in sorted(self._folder.glob("*.json"), reverse=True)[:newest]:
            try:
                yield _entry(_read(path), at_work)
            except FileNotFoundError:  # tidied meanwhile
                continue
            except (OSError, *_DAMAGE) as error:
                _log.warning("%s is damaged, its run is left out: %s", path, repr(error)[:200])


def _read(path: Path) -> dict[str, Any]:
    """Return a file's content. Raises OSError, and one of _DAMAGE where it is none of ours."""
    if path.exists() and not path.is_file():  # a pipe would keep us waiting
        raise ValueError("it is not a file")
    with path.open("rb") as file:
        text = file.read(_MAX_BYTES + 1)
    if len(text) > _MAX_BYTES:
        raise ValueError(f"it has over {_MAX_BYTES:,} bytes")
    facts: dict[str, Any] = json.loads(text)
    if b"\\ud" in text.lower():  # half characters, perhaps, which nobody could print: then this raises
        json.dumps(facts, ensure_ascii=False).encode()
    return facts


def _fitting(facts: Mapping[str, JSON]) -> bytes:
    """Return the report as JSON, with fewer problems where it would be long; their counts stay."""
    problems = facts.get("problems")
    listed = problems if isinstance(problems, list) else []
    for most in (MAX_PROBLEMS, 0):
        fewer = {"problems": listed[:most]} if listed else {}
        text = json.dumps({**facts, **fewer}, ensure_ascii=False).encode(errors="replace")
        if len(text) <= _MAX_BYTES:
            return text
    raise ValueError(f"it would have over {_MAX_BYTES:,} bytes")


def _entry(facts: Mapping[str, Any], at_work: Holder | None) -> Entry:
    """Return what a report says in short. Raises one of _DAMAGE where it is none."""
    started = datetime.fromisoformat(facts["started"])
    counts, problem_counts = facts.get("counts") or {}, facts.get("problem_counts") or {}
    error = facts.get("error")
    if error is not None and not (isinstance(error["cause"], str) and isinstance(error["fix"], str)):
        raise TypeError("error")
    seconds, exit_code = facts.get("seconds"), facts.get("exit_code")
    return Entry(
        run=str(facts["run"]),
        portal=str(facts["portal"]),
        started=(started if started.tzinfo else started.replace(tzinfo=UTC)).astimezone(UTC),
        outcome=_outcome(facts, at_work),
        mode=str(facts.get("mode") or ""),
        seconds=None if seconds is None else float(seconds),
        requests=int(facts.get("requests") or 0),
        **{name: int(counts.get(name) or 0) for name in ("added", "changed", "removed", "skipped")},
        problems=sum(map(int, problem_counts.values())),
        exit_code=None if exit_code is None or facts["outcome"] is None else int(exit_code),
        generation=None if facts.get("generation") is None else str(facts["generation"]),
        facts=facts,
    )


def _outcome(facts: Mapping[str, Any], at_work: Holder | None) -> str:
    if facts["outcome"] is not None:
        return str(facts["outcome"])
    process = facts["process"]
    alive = at_work and (at_work.pid, at_work.host) == (process["pid"], process["host"])
    return RUNNING if alive else INTERRUPTED


def _one_running(entries: list[Entry]) -> Iterator[Entry]:
    """Let only the newest be running: process ids come again, in containers at every start."""
    running = False
    for entry in entries:
        yield replace(entry, outcome=INTERRUPTED) if running and entry.outcome == RUNNING else entry
        running = running or entry.outcome == RUNNING
