"""The harvest command as a user meets it: exit codes, summary, report, interruption."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import click
import pytest

from harvester.cli.harvest import harvest as command
from harvester.store.generations import Catalogue
from harvester.store.journal import Journal
from tests.cli.harvesting import HARVESTER, LEAN, QUICK, harvest, process
from tests.once import copied
from tests.simulator import World, faults, serve
from tests.simulator.exchange import Delivery
from tests.waiting import PATIENCE_S, wait_for

WORLD = World(datasets=30, reuses=8)


def test_a_harvest_ends_with_a_summary_and_a_report(tmp_path):
    """Exit code 0; counts on stdout, plain progress lines on stderr, everything in the report."""
    files = ["--store", tmp_path / "catalogue", "--report", tmp_path / "report.json"]
    with serve(WORLD) as portal:
        done = process("harvest", portal.site, *files, *QUICK, "--page-size", 10)

    assert done.returncode == 0, done.stderr
    assert "30 of 30 datasets listed (complete)" in done.stdout
    assert "\x1b[" not in done.stdout + done.stderr
    assert "catalogue pages: 3 of 3 pages" in done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["generation"] == Catalogue(tmp_path / "catalogue").require().id
    assert report["counts"]["seen"] == sum(kind["seen"] for kind in report["kinds"].values())
    assert report["exit_code"] == 0
    assert {"category", "url", "what", "why", "fix"} == set(report["problems"][0])


def test_help_shows_all_options_under_headings():
    """Each once; only --help itself is left for the rest."""
    sections = re.split(r"^(\S.*):$", harvest("--help").stdout, flags=re.MULTILINE)
    shown = {
        heading: re.findall(r"^  (?:-\w, )?(--[a-z-]+)", text, re.MULTILINE)
        for heading, text in zip(sections[1::2], sections[2::2], strict=True)
    }

    options = [o.opts[-1] for o in command.params if isinstance(o, click.Option)]
    assert sorted(name for names in shown.values() for name in names) == sorted([*options, "--help"])
    assert shown["Options"] == ["--help"]
    assert max(len(names) for names in shown.values()) <= 12


def test_a_report_that_cannot_be_written_is_told_before_the_run(tmp_path):
    """Usage error at once: nothing was asked, nothing published."""
    with serve(WORLD) as portal:
        files = ["--store", tmp_path / "catalogue", "--report", tmp_path / "missing" / "report.json"]
        done = harvest(portal.site, *files)

        assert portal.requests == []
    assert done.exit_code == 2


def test_what_a_portal_says_cannot_steer_the_terminal(tmp_path):
    """Escape sequences in titles are shown harmlessly."""
    title = b'"title": "\\u001b[31mEVIL\\u001b[2J", "id": "aaaaaaaaaaaaaaaaaaaaaaaa"'
    reuse = (
        b'{"data": [{"id": "bbbbbbbbbbbbbbbbbbbbbbbb", "title": "R", "datasets": [{%s}]}], "total": 1}'
        % title
    )
    with serve(WORLD, [faults.body(reuse, "/reuses/\\?page=1")]) as portal:
        done = harvest(portal.site, "--store", tmp_path)

    assert "?[31mEVIL" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_json_lines_for_machines(tmp_path):
    """--log-format json: every line of stderr and stdout is a JSON object."""
    with serve(WORLD) as portal:
        done = harvest(portal.site, "--store", tmp_path, "--log-format", "json")

    events = [json.loads(line) for line in (done.stderr + done.stdout).splitlines()]
    assert {event["event"] for event in events} == {"progress", "summary"}


def test_the_api_root_names_the_portal_too(tmp_path):
    """Both addresses lead to one portal: the second run finds nothing new."""
    with serve(WORLD) as portal:
        harvest(portal.site, "--store", tmp_path)
        again = harvest(portal.api + "/", "--store", tmp_path)

    assert "nothing changed" in again.stdout
    assert again.exit_code == 0


EXITS = {
    "usage": (2, ["--format", "csv"], []),
    "no brake": (2, ["--max-removal", "nan"], []),
    "no portal address": (2, [], None),
    "unreachable": (3, [], [faults.status(503)]),
    "not RDF": (4, [], [faults.malformed("/site/catalog")]),
    "some skipped": (
        5,
        ["--max-wait", "0.2"],
        [faults.malformed(faults.page(2)), faults.status(500, "/api/1/datasets/")],
    ),
}


@pytest.mark.parametrize(("code", "more", "spoilt"), EXITS.values(), ids=EXITS.keys())
def test_exit_codes(code, more, spoilt, tmp_path):
    """Each documented code; errors say what to do and show no traceback."""
    with serve(WORLD, spoilt or []) as portal:
        site = "https://" if spoilt is None else portal.site
        done = harvest(site, "--store", tmp_path, *more)

    assert done.exit_code == code, done.output
    assert "Traceback" not in done.stderr
    if code in (3, 4):
        assert "Try: " in done.stderr


def test_a_process_that_fails_ends_with_the_code(tmp_path):
    """And says why: on standard error, with no traceback."""
    with serve(WORLD, [faults.status(503)]) as portal:
        done = process("harvest", portal.site, "--store", tmp_path, *QUICK)

    assert (done.returncode, done.stdout) == (3, "")
    assert "Try: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_locked_store_is_exit_code_6(tmp_path):
    """At once, naming the holder."""
    with Catalogue(tmp_path).lock("another harvest"), serve(WORLD) as portal:
        done = harvest(portal.site, "--store", tmp_path)

    assert done.exit_code == 6
    assert "another harvest" in done.stderr


def test_ctrl_c_publishes_nothing_and_the_next_run_starts_fresh(tmp_path):
    """Interrupted in the middle: exit code 130, no traceback, no litter, the next run publishes."""
    slow = faults.delivered(Delivery.SILENT, faults.page(3, "[a-z]+"))
    store = tmp_path / "catalogue"
    with serve(WORLD, [slow]) as portal:
        arguments = ["harvest", portal.site, "--store", str(store), "--page-size", "10"]
        with subprocess.Popen(
            [*HARVESTER, *arguments, "--read-timeout", "30"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        ) as run:
            while not portal.asked("page=3&"):
                time.sleep(0.02)
            run.send_signal(signal.SIGINT)
            _, errors = run.communicate(timeout=30)
        assert run.returncode == 130, errors
        assert "Interrupted" in errors
        assert "Traceback" not in errors
        assert [entry.outcome for entry in Journal(store).entries()] == ["interrupted"]
        assert list((store / "generations").iterdir()) == []

        portal.faults = []
        assert harvest(portal.site, "--store", store).exit_code == 0


def test_a_killed_run_leaves_the_last_generation(tmp_path):
    """kill -9 in the middle of a run: what was published serves on, and the next run succeeds."""
    with serve(WORLD) as portal:
        harvest(portal.site, "--store", tmp_path)
        before = Catalogue(tmp_path).require().id
        portal.world = WORLD.evolved(add=2)
        portal.faults = [faults.delivered(Delivery.SILENT, "/reuses/")]
        arguments = ["harvest", portal.site, "--store", str(tmp_path), "--page-size", "10", "--rate", "0"]
        with subprocess.Popen(
            [*HARVESTER, *arguments, *LEAN], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        ) as run:
            while len(portal.asked("/reuses/?")) < 2:
                time.sleep(0.02)
            run.kill()
        assert Catalogue(tmp_path).require().id == before

        portal.faults = []
        done = harvest(portal.site, "--store", tmp_path)

    assert done.exit_code == 0
    assert Catalogue(tmp_path).require().id != before


def test_archive_and_replay(tmp_path):
    """A recorded run gives the same catalogue again, with the portal gone; what it lacks is named."""
    record, whole = tmp_path / "run.warc.gz", ["--surfaces", "default"]
    with serve(WORLD) as portal:
        first = harvest(portal.site, "--store", tmp_path / "live", *whole, "--archive", record)
    second = harvest(portal.site, "--store", tmp_path / "again", *whole, "--replay", record)
    other = harvest(portal.site, "--store", tmp_path / "other", "--replay", record, "--format", "nt")

    assert (first.exit_code, second.exit_code) == (0, 0), second.stderr
    live, again = (set(store) for store in (stored(tmp_path / "live"), stored(tmp_path / "again")))
    assert live == again
    assert other.exit_code == 2
    assert "run.warc.gz holds no answer for" in other.stderr


def stored(path: Path):
    with Catalogue(path).require().open() as store:
        return [q for q in store if q.graph_name.value.startswith("urn:x-harvester:record:")]


def test_personal_data_stays_out_unless_asked_for(tmp_path):
    """Owners of reuses who are persons are named with --persons only."""
    with serve(WORLD) as portal:
        harvest(portal.site, "--store", tmp_path / "without")
        harvest(portal.site, "--store", tmp_path / "with", "--persons")

    creator = "http://schema.org/creator"
    named = {
        name: {q.object.value for q in stored(tmp_path / name) if q.predicate.value == creator}
        for name in ("without", "with")
    }
    assert not any("/users/" in agent for agent in named["without"])
    assert any("/users/" in agent for agent in named["with"])


def test_demo_runs_without_network(demo_folder):
    """The recording that ships inside the package, through the real pipeline."""
    assert "250 of 250 datasets listed (complete)" in (demo_folder / "out").read_text()


def test_demo_ends_with_the_site_open(demo_store, tmp_path):
    """In a terminal: its address is printed, and Ctrl-C ends it well."""
    theirs, demo = demo_in_a_terminal(demo_store, tmp_path)
    try:
        address = said(theirs, rb"Serving .+ at (http://127\.0\.0\.1:\d+/) ").decode()
        wait_for(lambda: "portal.test" in opened(address))  # which is counted when somebody asks
        os.killpg(demo.pid, signal.SIGINT)
        assert demo.wait(PATIENCE_S) == 0
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGKILL)
            demo.wait()
        os.close(theirs)


def test_demo_in_a_terminal_can_end_after_the_summary(demo_store, tmp_path):
    """DEMO_NO_SERVE=1, as for a machine that has a terminal and nobody before it. Again: nothing changed."""
    theirs, demo = demo_in_a_terminal(demo_store, tmp_path, DEMO_NO_SERVE="1")
    try:
        said(theirs, rb"(nothing changed)")
        said(theirs, rb"(and then, on a live portal)")
        assert demo.wait(PATIENCE_S) == 0
    finally:
        os.close(theirs)


def demo_in_a_terminal(demo_store: Path, folder: Path, **environment: str) -> tuple[int, subprocess.Popen]:
    """Run the demo once more on a copy of its catalogue; return the terminal and the process."""
    copied(demo_store, folder / "demo")
    theirs, ours = pty.openpty()
    command = [*HARVESTER, "demo", "--store", str(folder / "demo")]
    demo = subprocess.Popen(
        command, stdin=ours, stdout=ours, stderr=ours, start_new_session=True, env=os.environ | environment
    )
    os.close(ours)
    return theirs, demo


def said(terminal: int, wanted: bytes) -> bytes:
    """Read a terminal until it says what a pattern wants; return the pattern's group."""
    text, deadline = b"", time.monotonic() + 120
    while (found := re.search(wanted, text)) is None:
        assert time.monotonic() < deadline, text[-2_000:]
        if select.select([terminal], [], [], 1)[0]:
            text += os.read(terminal, 65_536)
    return found[1]


def opened(address: str) -> str:
    """Open an address of a server that was said to start this moment."""
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(address, timeout=30) as page:
                return str(page.read().decode())
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
