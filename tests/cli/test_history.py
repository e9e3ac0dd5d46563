"""`harvester history`: how the runs went."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli.history import history
from harvester.errors import StoreError, UsageError
from harvester.store.generations import Catalogue
from harvester.store.journal import Journal
from tests.store.catalogues import publish

HOSTILE = "\x1b[2J\x9b31m\u202eevil\r"
PROBLEMS = [
    {"category": "not RDF", "url": "http://p.example/1", "what": "page 1", "why": "HTML", "fix": "tell them"},
    {
        "category": "dangling link",
        "url": "http://p.example/3",
        "what": "a link",
        "why": "no",
        "fix": "mend it",
    },
    {"category": "not RDF", "url": "http://p.example/2", "what": "page 2", "why": "JSON", "fix": "tell them"},
]


def report(run: str, **more) -> dict:
    return {
        "run": run,
        "portal": "one.example",
        "url": "https://one.example",
        "started": f"{run[:4]}-{run[4:6]}-{run[6:8]}T02:00:00+00:00",
        "outcome": "published",
        "error": None,
        "mode": "delta",
        "mode_reason": "the last full harvest is 2 days old",
        "seconds": 61.4,
        "pages": 12,
        "resumed_pages": 5,
        "requests": 1234,
        "counts": {"seen": 100, "added": 1, "changed": 2, "unchanged": 97, "removed": 3, "skipped": 4},
        "kinds": {"dataset": {"seen": 100, "added": 1, "changed": 2, "unchanged": 97, "removed": 3}},
        "problem_counts": {"not RDF": 7, "dangling link": 1},
        "problems": PROBLEMS,
        "slowed": ["one.example answered 429"],
        "notes": ["nothing was removed"],
        "generation": None,
        "quads": 5000,
        "exit_code": 5,
    } | more


@pytest.fixture
def catalogue(tmp_path):
    catalogue = Catalogue(tmp_path / "catalogue")
    generation = publish(catalogue, 1)
    journal = Journal(catalogue.path)
    error = {"kind": "NothingPublishable", "cause": "it lists no datasets", "fix": "look at the portal"}
    failed = {"outcome": "failed", "error": error, "exit_code": 4, "counts": {}, "mode": ""}
    journal.end(report("20260131T020000Z-aaaa", generation=generation.id))
    journal.end(report("20260201T020000Z-bbbb", portal="two.example", **failed))
    journal.begin(
        {"run": "20260202T020000Z-cccc", "portal": "one.example", "started": "2026-02-02T02:00:00Z"}
    )
    return catalogue


def run(catalogue: Catalogue, *arguments: str) -> str:
    """The command's output; what it raises is raised."""
    result = CliRunner().invoke(
        history, ["--store", str(catalogue.path), *arguments], catch_exceptions=False, standalone_mode=False
    )
    return result.stdout


def test_the_table_has_a_line_for_each_run_newest_first(catalogue):
    """Those that failed and those that were killed too; the current generation is marked."""
    head, *lines = [re.split(r"  +", line) for line in run(catalogue).splitlines()]

    assert head == [
        *("started", "portal", "mode", "outcome", "seconds", "requests", "added", "changed", "removed"),
        *("skipped", "problems", "generation", "run"),
    ]
    assert [(line[0], line[-1]) for line in lines] == [
        ("2026-02-02 02:00", "20260202T020000Z-cccc"),
        ("2026-02-01 02:00", "20260201T020000Z-bbbb"),
        ("2026-01-31 02:00", "20260131T020000Z-aaaa"),
    ]
    assert ["interrupted" in lines[0], "failed" in lines[1]] == [True, True]
    assert lines[2][1:-1] == [
        *("one.example", "delta", "published", "61", "1,234", "1", "2", "3", "4", "8"),
        f"{catalogue.require().id} (current)",
    ]


def test_a_run_that_is_going_on_is_called_so(catalogue):
    """As long as its process holds the catalogue."""
    with catalogue.lock("harvest"):
        assert "running" in run(catalogue)
    assert "running" not in run(catalogue)


def test_runs_can_be_chosen(catalogue):
    """Those of a portal, and the newest few; that there are more is told."""
    assert run(catalogue, "--portal", "two.example").count("\n") == 2
    result = CliRunner().invoke(history, ["--store", str(catalogue.path), "--limit", "1"])

    assert result.stdout.count("\n") == 2
    assert "Only the newest 1 of 3 are shown" in result.stderr


def test_json_and_csv_say_the_same(catalogue):
    """Numbers as numbers, times as ISO 8601."""
    listed = json.loads(run(catalogue, "-o", "json"))["runs"]
    rows = list(csv.DictReader(io.StringIO(run(catalogue, "-o", "csv"))))

    assert [entry["run"] for entry in listed] == [row["run"] for row in rows]
    assert listed[2] == {
        "run": "20260131T020000Z-aaaa",
        "portal": "one.example",
        "started": "2026-01-31T02:00:00+00:00",
        "outcome": "published",
        "mode": "delta",
        "seconds": 61.4,
        "requests": 1234,
        "added": 1,
        "changed": 2,
        "removed": 3,
        "skipped": 4,
        "problems": 8,
        "exit_code": 5,
        "generation": catalogue.require().id,
    }
    assert rows[2] == {name: str(value) for name, value in listed[2].items()}


@pytest.mark.parametrize("name", ["20260131T020000Z-aaaa", "20260131"])
def test_a_run_is_shown_whole_for_reading(catalogue, name):
    """Why this mode, what was counted, what went wrong by category, and each advice once."""
    text = run(catalogue, name)

    assert text.startswith("Run 20260131T020000Z-aaaa of one.example: published\n")
    for line in [
        "  started 2026-01-31 02:00:00 UTC, took 61.4 s, exit code 5",
        "  mode delta: the last full harvest is 2 days old",
        "  12 pages, 5 of them fetched by a run that was killed",
        "Note: one.example answered 429",
        "Note: nothing was removed",
        "  not RDF (7)",
        "    page 2: JSON",
        "    … and 5 more: `harvest --report FILE` lists them all",
        "  dangling link (1)",
    ]:
        assert line in text.splitlines()
    assert re.search(r"^dataset +100 +1 +2 +97 +3$", text, re.MULTILINE)
    assert (text.count("Try: tell them"), text.count("Try: mend it")) == (1, 1)


def test_the_last_run_can_be_named_so(catalogue):
    """Of all portals, or of one; one that failed says why and what to do."""
    assert "of one.example: interrupted" in run(catalogue, "last")
    text = run(catalogue, "last", "--portal", "two.example")

    assert "of two.example: failed" in text
    assert "Error: it lists no datasets\n  Try: look at the portal\n" in text
    assert json.loads(run(catalogue, "2026013", "-o", "json"))["problems"] == PROBLEMS


@pytest.mark.parametrize("name", ["2025", "2026", "aaaa"])
def test_an_unknown_run_is_refused_and_known_ones_are_named(catalogue, name):
    """Also one that could be several."""
    with pytest.raises(UsageError) as caught:
        run(catalogue, name)

    assert "20260202T020000Z-cccc, 20260201T020000Z-bbbb" in caught.value.fix


def test_without_runs_it_says_so(tmp_path):
    """Before the first one; a folder that is none of ours is refused."""
    (tmp_path / "mine").mkdir()

    assert run(Catalogue(tmp_path / "nothing")) == f"No run is known in {tmp_path / 'nothing'}.\n"
    with pytest.raises(StoreError, match="holds other files"):
        run(Catalogue(tmp_path))
    with pytest.raises(UsageError, match="no run is known as 'last'"):
        run(Catalogue(tmp_path / "nothing"), "last")


@pytest.mark.parametrize("arguments", [[], ["last"], ["-o", "csv"], ["-o", "json"], ["last", "-o", "json"]])
def test_a_report_cannot_command_a_terminal(catalogue, arguments):
    """What a portal made the report say is printed harmlessly, and on its own line."""
    problem = dict.fromkeys(("category", "url", "what", "why", "fix"), HOSTILE)
    hostile = report(
        "20260301T020000Z-dddd",
        portal=HOSTILE,
        mode=HOSTILE,
        mode_reason=HOSTILE,
        outcome=HOSTILE,
        generation=HOSTILE,
        error={"kind": "x", "cause": HOSTILE, "fix": HOSTILE},
        notes=[HOSTILE, {"a": HOSTILE}],
        kinds={HOSTILE: {"seen": HOSTILE}, "x": 7},
        problems=[problem, 7],
        problem_counts={HOSTILE: 1},
        quads=HOSTILE,
        slowed=HOSTILE,
    )
    Journal(catalogue.path).end(hostile)
    text = run(catalogue, *arguments)

    assert "evil" in text
    assert not set("\x1b\x9b\r") & set(text)
    if "json" not in arguments:
        assert "\u202e" not in text


def test_in_a_terminal_failures_have_a_colour_and_a_word(catalogue):
    """Red for what failed or was killed, green for what was published."""
    ours, theirs = os.openpty()
    code = f"from harvester.cli.history import history; history(['--store', {str(catalogue.path)!r}])"
    environment = os.environ | {"COLUMNS": "250", "TERM": "xterm"}
    command = [sys.executable, "-c", code]
    subprocess.run(command, stdout=theirs, env=environment, cwd=Path(__file__).parents[2], check=True)
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        shown = terminal.read1().decode()

    assert {"\x1b[31mfailed", "\x1b[31minterrupted", "\x1b[32mpublished"} <= set(
        re.findall(r"\x1b\[3[12]m\w+", shown)
    )
