"""`harvester status`: what a user learns about a catalogue."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat

from harvester.cli.status import status
from harvester.errors import StoreError
from harvester.model import Category, Problem
from harvester.store.activities import Activity, run_activity
from harvester.store.generations import Catalogue
from harvester.store.journal import Journal
from harvester.vocab import DCAT, FOAF, HV, RDF, record_graph, records_graph

NIGHT = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)
KINDS = {
    "datasets": (DCAT + "Dataset", 12),
    "distributions": (DCAT + "Distribution", 30),
    "data services": (DCAT + "DataService", 3),
    "reuses": (DCAT + "Resource", 5),
    "organizations": (FOAF + "Organization", 2),
}
COUNTS = {"seen": 22, "added": 2, "changed": 1, "unchanged": 19, "removed": 4, "skipped": 0, "dangling": 1}


def harvest(catalogue: Catalogue, day: int = 0, portal: str = "data.example", skipped: int = 0) -> None:
    """Publish a generation of a portal, as a run of the given day does."""
    began = NIGHT + timedelta(days=day)
    problems = [
        Problem(Category.NOT_RDF, "http://p.example/1", "a page", "HTML", "tell the portal"),
        Problem(Category.NOT_RDF, "not an IRI", "a page", "HTML", "tell the portal"),
        Problem(Category.DANGLING, "http://p.example/2", "a link", "no such dataset", "tell the portal"),
    ][: 3 if skipped else 0]
    activity = run_activity(
        Activity(
            id=f"run-{day}",
            portal=portal,
            used="http://p.example/catalog",
            started=began,
            ended=began + timedelta(seconds=90),
            counts=COUNTS | {"skipped": skipped},
            problems=problems,
        )
    )
    with catalogue.lock("test"), catalogue.stage(f"run-{day}") as stage:
        for name, (kind, number) in KINDS.items():
            for n in range(number):
                resource = f"http://p.example/{name.replace(' ', '-')}/{n}"
                graph = NamedNode(record_graph(portal, resource))
                stage.store.add(Quad(NamedNode(resource), NamedNode(RDF + "type"), NamedNode(kind), graph))
        stage.store.load(activity, RdfFormat.N_QUADS)
        stage.publish({})


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "catalogue", clock=lambda: NIGHT)


def run(catalogue: Catalogue, *arguments: str) -> str:
    """The command's output; what it raises is raised."""
    result = CliRunner().invoke(
        status, ["--store", str(catalogue.path), *arguments], catch_exceptions=False, standalone_mode=False
    )
    return result.output


def run_json(catalogue):
    return json.loads(run(catalogue, "-o", "json"))


@pytest.mark.parametrize("exists", [True, False], ids=["empty folder", "no folder"])
def test_where_nothing_was_published_it_says_how_to_begin(catalogue, exists):
    """A first look tells the command to start with, as text and as JSON, and makes nothing."""
    if exists:
        catalogue.path.mkdir()
    begin = f"harvester harvest https://www.data.gouv.fr --store {catalogue.path}"

    assert run(catalogue) == f"{catalogue.path} holds no catalogue yet.\nNext: {begin}\n"
    assert run_json(catalogue) == {
        "store": str(catalogue.path),
        "running": None,
        "current": None,
        "contents": {},
        "runs": [],
        "failures": [],
        "generations": [],
        "disk_bytes": 0,
        "next": begin,
    }
    assert not exists or list(catalogue.path.iterdir()) == []


def test_contents_are_counted_once_each(catalogue):
    """Each kind of thing is counted in the store; a thing that two portals describe is one thing."""
    harvest(catalogue, 0, "one.example")
    harvest(catalogue, 1, "two.example")

    assert run_json(catalogue)["contents"] == {name: number for name, (_, number) in KINDS.items()}
    assert "12 datasets, 30 distributions, 3 data services, 5 reuses, 2 organizations" in run(catalogue)


def test_each_portal_shows_its_last_run(catalogue):
    """Of several runs of several portals, the last one of each is told: times, counts, exit code."""
    harvest(catalogue, 3, "one.example", skipped=7)
    harvest(catalogue, 2, "two.example", skipped=7)
    harvest(catalogue, 1, "one.example")
    harvest(catalogue, 4, "two.example")

    one, two = run_json(catalogue)["runs"]
    assert one == {
        "portal": "one.example",
        "run": "urn:x-harvester:run:run-3",
        "started": "2026-02-03T02:00:00+00:00",
        "ended": "2026-02-03T02:01:30+00:00",
        "exit_code": 5,
        "counts": COUNTS | {"skipped": 7},
        "problems": {"not RDF": 2, "dangling link": 1},
        "absent": {},
    }
    assert (two["portal"], two["run"], two["exit_code"], two["problems"]) == (
        "two.example",
        "urn:x-harvester:run:run-4",
        0,
        {},
    )


def test_the_text_has_a_line_for_each_run_with_its_problems(catalogue):
    """A reader of the text sees when each portal was harvested, what came of it, and where to read more."""
    harvest(catalogue, skipped=7)

    assert (
        "\ndata.example: last run 2026-01-31 02:01 UTC, took 1 minute, exit code 5\n"
        "  records: 22 seen, 2 added, 1 changed, 19 unchanged, 4 removed, 7 skipped, 1 dangling\n"
        "  problems: 2 not RDF, 1 dangling link\n"
    ) in run(catalogue)
    assert f"\nNext: harvester query last-run-problems --store {catalogue.path}\n" in run(catalogue)


def test_records_that_are_kept_though_absent_are_counted(catalogue):
    """How many a portal lists no more, by what it answers instead; none of another portal's."""
    harvest(catalogue, 0, "one.example")
    harvest(catalogue, 1, "two.example")
    with catalogue.lock("test"), catalogue.stage("run-2") as stage:
        for n, absence in enumerate(["not found", "archived", "not found"]):
            record = NamedNode(record_graph("one.example", f"http://p.example/datasets/{n}"))
            graph = NamedNode(records_graph("one.example"))
            stage.store.add(Quad(record, NamedNode(HV + "absence"), Literal(absence), graph))
        stage.publish({})

    assert [entry["absent"] for entry in run_json(catalogue)["runs"]] == [{"archived": 1, "not found": 2}, {}]
    assert run(catalogue).count("  no longer listed, but kept: 1 archived, 2 not found\n") == 1


def note(catalogue: Catalogue, run: str, day: int, portal: str, outcome: str | None) -> None:
    """Put a run into the journal."""
    error = {"kind": "PortalUnreachable", "cause": "no \x1b[31manswer", "fix": "try later"}
    facts = {"run": run, "portal": portal, "started": (NIGHT + timedelta(days=day)).isoformat()}
    if outcome is None:
        Journal(catalogue.path).begin(facts)
    else:
        failed = {"error": error, "exit_code": 3} if outcome == "failed" else {"error": None}
        Journal(catalogue.path).end(facts | failed | {"outcome": outcome})


def test_a_last_run_that_failed_is_told(catalogue):
    """By its portal, with the error and what to do; not one that was made good by a later run."""
    harvest(catalogue)
    note(catalogue, "r1", 1, "bad.example", "published")
    note(catalogue, "r2", 2, "bad.example", "failed")
    note(catalogue, "r3", 1, "good.example", "failed")
    note(catalogue, "r4", 2, "good.example", "unchanged")
    note(catalogue, "r5", 3, "killed.example", None)
    text = run(catalogue)

    failed, killed = run_json(catalogue)["failures"]
    assert (failed["portal"], failed["run"], failed["outcome"], failed["exit_code"]) == (
        "bad.example",
        "r2",
        "failed",
        3,
    )
    assert (killed["portal"], killed["run"], killed["outcome"]) == ("killed.example", "r5", "interrupted")
    assert (
        "bad.example: the last run, begun 2026-02-02 02:00 UTC, failed\n  no ?[31manswer\n  Try: try later"
        in text
    )
    assert "killed.example: the last run, begun 2026-02-03 02:00 UTC, was interrupted before it ended" in text
    assert "good.example" not in text
    assert f"Next: harvester history r2 --store {catalogue.path}" in text


def test_a_first_run_that_failed_is_told_too(catalogue):
    """Before anything was published."""
    with catalogue.lock("test"):
        note(catalogue, "r1", 1, "bad.example", "failed")

    assert "holds no catalogue yet" in run(catalogue)
    assert "bad.example: the last run, begun 2026-02-01 02:00 UTC, failed" in run(catalogue)


def test_generations_are_listed_newest_first_and_the_current_one_is_marked(catalogue):
    """After going back, the list still shows all generations, and which one readers get."""
    for day in range(3):
        harvest(catalogue, day)
    middle = catalogue.generations()[1]
    with catalogue.lock("test"):
        catalogue.switch(middle)

    found = run_json(catalogue)
    assert [entry["id"] for entry in found["generations"]] == [g.id for g in catalogue.generations()]
    assert found["current"] == {
        "id": middle.id,
        "created": NIGHT.isoformat(),
        "quads": middle.manifest.quads,
        "damage": None,
    }
    current = [line for line in run(catalogue).splitlines() if line.rstrip().endswith("current")]
    assert [line.split()[0] for line in current] == [middle.id]


def test_an_older_generation_that_is_damaged_is_shown_as_such(catalogue):
    """Damage to what is not current is told, and hides nothing else."""
    harvest(catalogue, 0)
    harvest(catalogue, 1)
    (catalogue.generations()[1].path / "manifest.json").write_text("{")

    newer, older = run_json(catalogue)["generations"]
    assert newer["damage"] is None
    assert "manifest.json is missing or damaged" in older["damage"]
    assert "manifest.json is missing or damaged" in run(catalogue)


def test_a_damaged_current_generation_is_an_error(catalogue):
    """If readers get nothing, status does not pretend otherwise."""
    harvest(catalogue)
    (catalogue.require().path / "store/CURRENT").unlink()

    with pytest.raises(StoreError, match="missing or damaged"):
        run(catalogue)


def test_a_run_that_is_going_on_is_shown(catalogue):
    """Who holds the catalogue is told, before the first generation too, when there is nothing else to do."""
    with catalogue.lock("harvest https://portal.example"):
        running = run_json(catalogue)
        text = run(catalogue)

    assert (running["running"]["owner"], running["running"]["pid"]) == (
        "harvest https://portal.example",
        os.getpid(),
    )
    assert running["next"] is None
    assert f"Running now: harvest https://portal.example (process {os.getpid()} on " in text
    assert run_json(catalogue)["running"] is None


@pytest.mark.parametrize(
    "portal", ["[bold]data.example[/bold]", "a" * 90 + ".example", ":boom:"], ids=["markup", "long", "emoji"]
)
def test_text_in_a_pipe_is_plain_and_whole(catalogue, portal):
    """What a portal is called comes out as it is: not interpreted, not cut, no colours, no frames."""
    harvest(catalogue, portal=portal)
    text = run(catalogue)

    assert portal in text
    assert "\x1b" not in text
    assert all(ord(character) < 0x2500 for character in text)


def test_the_store_can_be_named_by_the_environment(catalogue):
    """HARVESTER_STORE stands in for --store."""
    harvest(catalogue)
    environment = {"HARVESTER_STORE": str(catalogue.path)}

    text = CliRunner().invoke(status, [], env=environment).output
    assert catalogue.require().id in text


def test_in_a_terminal_it_fits_the_terminal(catalogue):
    """In a terminal of 80 columns the table of generations is framed, whole, and no wider."""
    harvest(catalogue, skipped=7)
    generation = catalogue.require()
    with generation.open() as store:
        quads = len(store)
    ours, theirs = os.openpty()
    code = f"from harvester.cli.status import status; status(['--store', {str(catalogue.path)!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=os.environ | {"COLUMNS": "80", "TERM": "xterm"},
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stderr is not None
        errors = process.stderr.read()
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.read1().decode())

    assert (process.returncode, errors) == (0, b"")
    table = shown[shown.index("generation  ") :].splitlines()
    assert any("─" in line for line in table)
    assert [[generation.id, "2026-01-31", "02:00", "UTC", str(quads), "current"]] == [
        line.split() for line in table if "current" in line
    ]
    assert max(map(len, table[:4])) <= 80
