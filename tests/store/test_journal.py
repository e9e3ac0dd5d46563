"""The journal of runs: what is told of runs that ended, failed, were killed or are going on."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harvester.store.generations import Catalogue
from harvester.store.journal import KEPT, MAX_PROBLEMS, Journal
from tests.store.catalogues import names

POINTS = 20


@pytest.fixture
def catalogue(tmp_path):
    catalogue = Catalogue(tmp_path / "catalogue")
    with catalogue.lock("test"):
        pass
    return catalogue


@pytest.fixture
def journal(catalogue):
    return Journal(catalogue.path)


def begun(run: str = "r1", **more) -> dict:
    return {
        "run": run,
        "portal": "data.example",
        "url": "https://data.example",
        "started": "2026-01-31T02:00:00+00:00",
    } | more


def ended(run: str = "r1", **more) -> dict:
    return (
        begun(run)
        | {
            "outcome": "published",
            "error": None,
            "mode": "delta",
            "mode_reason": "a full harvest is two days old",
            "seconds": 12.5,
            "counts": {"seen": 10, "added": 1, "changed": 2, "unchanged": 7, "removed": 3, "skipped": 4},
            "requests": 17,
            "problem_counts": {"not RDF": 2, "dangling link": 1},
            "problems": [],
            "generation": "20260131T020000Z",
            "exit_code": 5,
        }
        | more
    )


def test_a_run_that_ended_is_told_with_its_figures(journal):
    """What the report says, in fields and whole."""
    journal.begin(begun())
    journal.end(ended())

    (entry,) = journal.entries()
    assert (entry.run, entry.portal, entry.mode, entry.outcome) == (
        "r1",
        "data.example",
        "delta",
        "published",
    )
    assert (entry.started.isoformat(), entry.seconds, entry.exit_code) == (
        "2026-01-31T02:00:00+00:00",
        12.5,
        5,
    )
    assert (entry.added, entry.changed, entry.removed, entry.skipped) == (1, 2, 3, 4)
    assert (entry.requests, entry.problems, entry.generation) == (17, 3, "20260131T020000Z")
    assert entry.facts == ended()


def test_a_run_is_running_while_its_process_holds_the_catalogue(catalogue, journal):
    """Afterwards, without an end, it was interrupted."""
    with catalogue.lock("test"):
        journal.begin(begun())
        during = [entry.outcome for entry in journal.entries()]

    assert (during, [entry.outcome for entry in journal.entries()]) == (["running"], ["interrupted"])


def test_a_run_of_another_process_is_running_until_it_is_killed(catalogue, journal):
    """Whoever looks sees it running, and interrupted once kill -9 has ended it."""
    code = (
        "import sys; from pathlib import Path; from harvester.store.generations import Catalogue;"
        "from harvester.store.journal import Journal; path = Path(sys.argv[1]);"
        "lock = Catalogue(path).lock('test'); lock.__enter__();"
        f"Journal(path).begin({begun()!r}); print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(catalogue.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        during = [entry.outcome for entry in journal.entries()]
        process.kill()

    assert (during, [entry.outcome for entry in journal.entries()]) == (["running"], ["interrupted"])


def test_a_process_id_that_comes_again_revives_no_dead_run(catalogue, journal):
    """In a container each run has the same process id: only the newest that has not ended is running."""
    journal.begin(begun("r1"))
    with catalogue.lock("test"):
        journal.begin(begun("r2", started="2026-02-01T02:00:00+00:00"))

        assert [(e.run, e.outcome) for e in journal.entries()] == [("r2", "running"), ("r1", "interrupted")]


def test_another_process_at_work_is_not_taken_for_the_run(catalogue, journal):
    """A run that was killed does not seem alive because the next one holds the lock."""
    journal.begin(begun() | {"process": "replaced"})
    path = catalogue.path / "runs/r1.json"
    facts = json.loads(path.read_text())
    assert facts["process"]["pid"] == os.getpid()
    path.write_text(json.dumps(facts | {"process": {**facts["process"], "pid": os.getpid() + 1}}))

    with catalogue.lock("test"):
        assert [entry.outcome for entry in journal.entries()] == ["interrupted"]


def test_runs_are_told_newest_first_of_one_portal_or_all(journal):
    """By the time of their start, whatever zone it is told in; one that names none means UTC."""
    for run, started, portal in [
        ("a", "2026-01-31T02:00:00+02:00", "one.example"),
        ("b", "2026-01-31T01:00:00", "two.example"),
        ("c", "2026-01-31T00:30:00+00:00", "one.example"),
    ]:
        journal.end(ended(run, started=started, portal=portal))

    assert [entry.run for entry in journal.entries()] == ["b", "c", "a"]
    assert [entry.run for entry in journal.entries("one.example")] == ["c", "a"]
    assert journal.entries("nobody.example") == []


def test_the_newest_runs_are_kept_and_no_litter_grows(catalogue, journal):
    """Of many runs the first go, and so does what killed writers left: who begins a run is the only one."""
    for number in range(KEPT + 5):
        journal.end(ended(f"20260131T{number:06}Z"))
    (catalogue.path / "runs" / "x.json.part").write_text("{")
    journal.begin(begun("20260201T000000Z"))

    assert sorted(names(catalogue.path / "runs")) == [
        f"20260131T{n:06}Z.json" for n in range(6, KEPT + 5)
    ] + ["20260201T000000Z.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        json.dumps(begun()).encode(),
        json.dumps(ended(started="yesterday")).encode(),
        json.dumps(ended(started="0001-01-01T00:00:00+14:00")).encode(),
        json.dumps(ended(requests="many")).encode(),
        json.dumps(ended(requests=float("inf"))).encode(),
        json.dumps(ended(counts=[1])).encode(),
        json.dumps(ended(problem_counts={"x": {}})).encode(),
        json.dumps(ended(error="boom")).encode(),
        json.dumps(ended(portal="\ud800")).encode(),
        json.dumps(begun(outcome=None)).encode(),
        b" " * 5_000_000,
    ],
    ids=lambda content: content[:20].decode(errors="replace") + f"~{len(content)}",
)
def test_a_damaged_file_costs_only_its_own_entry(catalogue, journal, content, caplog):
    """Whatever stands in it, the other runs are told, and a warning names the file."""
    journal.end(ended("good"))
    (catalogue.path / "runs/bad.json").write_bytes(content)

    assert [entry.run for entry in journal.entries()] == ["good"]
    assert "bad.json" in caplog.text


def test_what_is_no_file_is_not_read(catalogue, journal, caplog):
    """A pipe among the files would keep a reader waiting for ever; a folder is no report."""
    journal.end(ended("good"))
    os.mkfifo(catalogue.path / "runs/pipe.json")
    (catalogue.path / "runs/folder.json").mkdir()

    assert [entry.run for entry in journal.entries()] == ["good"]
    assert {"pipe.json", "folder.json"} <= set(caplog.text.replace("/", " ").split())


def test_a_report_with_endless_problems_is_cut(catalogue, journal):
    """The first problems stay, and the counts of all; long ones are left out altogether."""
    problem = {"category": "not RDF", "url": "u", "what": "w", "why": "y", "fix": "f"}
    journal.end(ended("many", problems=[problem] * 10_000, problem_counts={"not RDF": 10_000}))
    journal.end(
        ended("long", problems=[problem | {"why": "é" * 1_000_000}] * 9, problem_counts={"not RDF": 9})
    )

    facts = {entry.run: entry.facts for entry in journal.entries()}
    assert [len(facts["many"]["problems"]), len(facts["long"]["problems"])] == [MAX_PROBLEMS, 0]
    assert [entry.problems for entry in journal.entries()] == [10_000, 9]


@pytest.mark.parametrize("refusal", ["a file in the way", "disk full"])
def test_a_disk_that_refuses_is_a_warning(catalogue, journal, refusal, monkeypatch, caplog):
    """The run goes on; what stands in the journal stays as it was."""
    journal.end(ended("before"))
    if refusal == "disk full":
        monkeypatch.setattr(
            os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
    else:
        (catalogue.path / "runs").rename(catalogue.path / "aside")
        (catalogue.path / "runs").write_text("")
    with caplog.at_level(logging.WARNING):
        journal.begin(begun("r1"))
        journal.end(ended("r1"))

    assert caplog.text.count("cannot be written") == 2
    if refusal == "disk full":
        assert [entry.run for entry in journal.entries()] == ["before"]
        assert names(catalogue.path / "runs") == {"before.json"}
    else:
        assert journal.entries() == []


def test_a_folder_that_is_no_catalogue_is_left_alone(tmp_path):
    """Neither made nor filled: a first run has no catalogue before it has the lock."""
    (tmp_path / "thesis.txt").write_text("mine")
    Journal(tmp_path).begin(begun())
    Journal(tmp_path / "nowhere").begin(begun())

    assert names(tmp_path) == {"thesis.txt"}
    assert Journal(tmp_path).entries() == Journal(tmp_path / "nowhere").entries() == []


@pytest.mark.parametrize("run", ["../../escape", "a/b", "", "..", "\x00"])
def test_a_run_cannot_name_a_file_elsewhere(catalogue, journal, run):
    """An id is a name, whatever characters it has."""
    journal.end(ended(run))

    assert [entry.run for entry in journal.entries()] == [run]
    assert names(catalogue.path.parent) == {"catalogue"}
    assert names(catalogue.path) == {"generations", "lock", "runs"}


def test_killed_at_any_moment_it_stays_readable(tmp_path, caplog):
    """kill -9 in begin and end: each run is told as interrupted or as it ended, or had not begun."""
    subprocess.run(
        [sys.executable, "-m", "tests.store.dying_journal", str(tmp_path), str(POINTS)],
        check=True,
        cwd=Path(__file__).parents[2],
    )
    outcomes = []
    for point in range(POINTS):
        journal = Journal(tmp_path / str(point))
        outcomes.append([(entry.run, entry.outcome) for entry in journal.entries()])
        journal.end(ended("next"))
        assert journal.entries()[0].run == "next"

    states = [[], [("killed", "interrupted")], [("killed", "published")]]
    assert {states.index(outcome) for outcome in outcomes} == {0, 1, 2}
    assert caplog.text == ""
