"""Sudden ends: kill -9 at sixty moments of a run, and two runs at once."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil
import pytest

from harvester.search.layout import read_note
from harvester.store.generation import SEARCH
from harvester.store.generations import Catalogue
from harvester.store.local import disk_use
from tests.harvest.comparing import assert_truth, same
from tests.harvest.support import THOROUGH, harvest, harvest_catalogue, said
from tests.simulator import Fault, Night, Portal, World, faults, serve
from tests.simulator.exchange import Delivery

ROOT = Path(__file__).parents[2]
WORLD = World(datasets=30, reuses=8)
NIGHT = Night(add=1, remove=1, edit=3, edit_reuses=1)
SIZE = 5
KEEP = 2
QUIET = ["--page-size", str(SIZE), "--keep", str(KEEP), "--rate", "0", "--max-wait", "1"]
if not THOROUGH:
    QUIET += ["--surfaces", "none"]
HARVEST = harvest if THOROUGH else harvest_catalogue
CHUNKS = 6 if THOROUGH else 2
AT_REQUESTS, AT_LINES = (40, 20) if THOROUGH else (4, 4)


def command(portal: Portal, store: Path, *more: str, module: str = "harvester") -> list[str]:
    before = ["0"] if module.endswith("dying") else []
    target = ["harvest", portal.site, "--store", str(store)]
    return [sys.executable, "-m", module, *before, *target, *QUIET, *more]


def finished(arguments: list[str], **how) -> subprocess.CompletedProcess:
    return subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, **how)


@dataclass
class Scene:
    """A portal and a store, between two states: what the store says, and what it shall say."""

    portal: Portal
    folder: Path
    mode: str
    draw: Random
    old: set = field(default_factory=set)
    new: set = field(default_factory=set)
    states: int = 0

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def begin(self) -> None:
        """Harvest for the first time, and go on."""
        HARVEST(self.portal.site, self.store, page_size=SIZE)
        self.new = said(self.store)
        self.go_on()

    def go_on(self) -> None:
        """Let a night pass; find out by a harvest from scratch what the store must say in the end."""
        self.states += 1
        self.portal.world = NIGHT.over(self.portal.world, self.draw)
        fresh = self.folder / f"fresh{self.states}"
        HARVEST(self.portal.site, fresh, page_size=SIZE, mode="full")
        self.old, self.new = self.new, said(fresh)
        shutil.rmtree(fresh)
        assert self.old != self.new

    def measured(self) -> tuple[int, int]:
        """Return how many requests a whole run makes, and how many lines it goes through (see dying)."""
        copy = self.folder / "copy"
        shutil.copytree(self.store, copy, symlinks=True)
        asked = len(self.portal.requests)
        done = finished(command(self.portal, copy, "--mode", self.mode, module="tests.harvest.dying"))
        assert done.returncode == 0, done.stderr
        same("a run that lives", said(copy), self.new)
        shutil.rmtree(copy)
        return len(self.portal.requests) - asked, int(done.stderr.split()[-1])

    def kill_at_request(self, number: int) -> None:
        """Kill a run, and not its children, just before it is answered for so many times."""
        count, runs = itertools.count(1), []

        def spoil(answer):
            if next(count) == number:
                os.kill(runs[0].pid, signal.SIGKILL)
            return answer

        self.portal.faults = [Fault(faults.ALL, spoil=spoil)]
        arguments = command(self.portal, self.store, "--mode", self.mode)
        with subprocess.Popen(
            arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
        ) as run:
            runs.append(run)
            family = psutil.Process(run.pid)
            children: set[psutil.Process] = set()
            while run.poll() is None:
                try:
                    children.update(family.children(recursive=True))
                except psutil.NoSuchProcess:
                    break
                time.sleep(0.01)
        self.portal.faults = []
        assert psutil.wait_procs(children, timeout=10)[1] == [], "processes of a killed run go on"

    def kill_at_line(self, number: int) -> None:
        arguments = command(self.portal, self.store, "--mode", self.mode, module="tests.harvest.dying")
        arguments[3] = str(number)
        finished(arguments)

    def check(self) -> bool:
        """Check that the store is as before or as it shall be, and tell whether it is the latter."""
        found = said(self.store)
        current = Catalogue(self.store).require()
        assert read_note(current.path / SEARCH) == current.manifest.run
        if found == self.new:
            return True
        same("a store that a killed run left", found, self.old)
        entries = list((self.store / "generations").iterdir())
        assert len(entries) <= KEEP + 3, sorted(entry.name for entry in entries)
        return False

    def heal(self) -> None:
        """Run to the end: all is as it shall be, and nothing of the killed ones is left."""
        done = finished(command(self.portal, self.store, "--mode", self.mode))
        assert done.returncode == 0, done.stderr
        same("a store after a run that lived", said(self.store), self.new)
        catalogue = Catalogue(self.store)
        ids = {generation.id for generation in catalogue.generations()}
        assert {entry.name for entry in (self.store / "generations").iterdir()} == ids
        assert len(ids) <= KEEP
        assert [path for path in (self.store / "spool").rglob("*") if path.is_file()] == []
        assert catalogue.holder() is None
        beside = (".next", ".part", ".partial", ".tmp")
        assert [path for path in self.store.rglob("*") if path.name.endswith(beside)] == []


def points(requests: int, lines: int) -> list[tuple[str, int]]:
    """Return moments, spread evenly over the requests of a run and over the lines that publish it."""
    by_request = [("request", 1 + requests * n // AT_REQUESTS) for n in range(AT_REQUESTS)]
    return by_request + [("line", 1 + lines * n // AT_LINES) for n in range(AT_LINES)]


@pytest.mark.heavy
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_run_killed_anywhere_leaves_the_old_or_the_new_state(chunk, tmp_path):
    """Kill after kill, with a run that lives now and then: no harm, and no litter that grows."""
    with serve(WORLD) as portal:
        scene = Scene(portal, tmp_path, ("full", "auto")[chunk % 2], Random(chunk))
        scene.begin()
        size = disk_use(scene.store)
        for turn, (how, number) in enumerate(points(*scene.measured())[chunk::CHUNKS]):
            if how == "request":
                scene.kill_at_request(number)
            else:
                scene.kill_at_line(number)
            new = scene.check()
            if not new and turn % 3 == 2:
                scene.heal()
                new = True
            if new:
                scene.go_on()
        scene.heal()

    assert disk_use(scene.store) < 3 * size


def test_two_runs_at_once(tmp_path):
    """The second ends at once with exit code 6 and says who is at work; the first is not disturbed."""
    store = tmp_path / "store"
    with serve(WORLD, [faults.late(1.5, faults.page(3), times=1)]) as portal:
        arguments = command(portal, store)
        with subprocess.Popen(
            arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT
        ) as first:
            while not portal.asked("page=3&"):
                time.sleep(0.01)
            begun = time.monotonic()
            second = finished(arguments)
            took = time.monotonic() - begun
            assert first.poll() is None or took > 1.5
            _, errors = first.communicate(timeout=30)

    assert second.returncode == 6
    assert f"process {first.pid}" in second.stderr
    assert first.returncode == 0, errors
    assert said(store)


def test_a_portal_that_never_answers_can_be_killed_and_asked_again(tmp_path):
    """kill -9 while it waits: the lock goes with the process."""
    store = tmp_path / "store"
    with serve(WORLD, [faults.delivered(Delivery.SILENT, faults.page(3))]) as portal:
        with subprocess.Popen(
            command(portal, store), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
        ) as run:
            while not portal.asked("page=3&"):
                time.sleep(0.01)
            run.kill()
        portal.faults = []
        done = finished(command(portal, store))

    assert done.returncode == 0, done.stderr
    assert said(store)


def test_the_run_after_a_killed_one_goes_on_from_its_pages(tmp_path):
    """Killed at the tenth of twelve pages: the next says how many it took over and asks for the rest."""
    store, report = tmp_path / "store", tmp_path / "report.json"
    world = World(datasets=60, reuses=8)
    with serve(world, [faults.delivered(Delivery.SILENT, faults.page(10))]) as portal:
        with subprocess.Popen(
            command(portal, store), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
        ) as run:
            while not portal.asked("page=10&"):
                time.sleep(0.01)
            while len([file for file in (store / "spool").rglob("*") if file.is_file()]) < 8:
                time.sleep(0.01)
            run.kill()
        portal.faults = []
        asked = len(portal.requests)
        done = finished(command(portal, store, "--report", str(report)))
        again = [target for target in portal.requests[asked:] if f"&page_size={SIZE}" in target]
        fresh = finished(command(portal, tmp_path / "fresh"))

    facts = json.loads(report.read_text())
    assert (done.returncode, fresh.returncode) == (0, 0), done.stderr
    assert facts["resumed_pages"] >= 7
    assert len([target for target in again if "catalog" in target]) <= 12 - facts["resumed_pages"]
    same("the store of a run that was resumed", said(store), said(tmp_path / "fresh"))


def test_pages_of_a_killed_run_grow_old(tmp_path):
    """With --resume-within 0 they are not taken over; if they are, what changed since is read anew."""
    store, report = tmp_path / "store", tmp_path / "report.json"
    with serve(WORLD, [faults.delivered(Delivery.SILENT, faults.page(5))]) as portal:
        with subprocess.Popen(
            command(portal, store), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
        ) as run:
            while not portal.asked("page=5&"):
                time.sleep(0.01)
            run.kill()
        portal.faults = []
        portal.world = NIGHT.over(WORLD, Random(3))
        shutil.copytree(store, tmp_path / "copy", symlinks=True)
        never = finished(command(portal, store, "--report", str(report), "--resume-within", "0"))
        resumed = finished(command(portal, tmp_path / "copy"))
        assert (never.returncode, resumed.returncode) == (0, 0), never.stderr + resumed.stderr
        assert_truth(store, portal)
        assert_truth(tmp_path / "copy", portal)

    assert json.loads(report.read_text())["resumed_pages"] == 0
