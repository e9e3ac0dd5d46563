"""Machines that fail: full disks, disks that cannot be written to, clocks that jump. Nothing is ever lost."""

import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest

from harvester.errors import StoreError
from harvester.harvest.job import Job
from harvester.harvest.run import Options
from harvester.portal.client import Client
from harvester.portal.udata import Portal as At
from harvester.store.generations import Catalogue
from tests.harvest.comparing import assert_truth, bytes_below, same
from tests.harvest.support import MAPPINGS, QUICK, harvest_catalogue, said
from tests.simulator import Night, Portal, World

ROOT = Path(__file__).parents[2]
NOBODY = 65534
WORLD = World(datasets=30, reuses=8)
NIGHT = Night(add=1, remove=1, edit=3)
YEAR = timedelta(days=365)


def run(portal: Portal, store: Path, most_bytes: int | None = None) -> subprocess.CompletedProcess:
    """Harvest in a process of its own, which may write no file larger than so many bytes.

    Nor compiled modules: Python would leave them cut off, and no later process could load them.
    """
    arguments = ["harvest", portal.site, "--store", str(store), "--page-size", "10", "--rate", "0"]
    arguments += ["--surfaces", "none"]
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    return subprocess.run(
        [sys.executable, "-m", "harvester", *arguments],
        preexec_fn=limit if most_bytes else None,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        env={**os.environ, **({"PYTHONDONTWRITEBYTECODE": "1"} if most_bytes else {})},
    )


@pytest.fixture(scope="module")
def fresh(shared, tmp_path_factory):
    """What a harvest from scratch says of the portal after the night."""
    portal, store = shared.portal(WORLD), tmp_path_factory.mktemp("fresh")
    portal.world = NIGHT.over(WORLD, Random(1))
    harvest_catalogue(portal.site, store, page_size=10)
    return said(store)


@pytest.mark.parametrize("most_bytes", [100, 3_000, 20_000, 60_000])
def test_a_disk_that_takes_no_more_costs_the_run_only(most_bytes, portal, store, fresh):
    """Wherever in a run it is full: exit code 1 and a way out, the old state serves, no litter, and on."""
    old = said(store)
    portal.world = NIGHT.over(WORLD, Random(1))
    full = run(portal, store, most_bytes)
    entries = {entry.name for entry in (store / "generations").iterdir()}
    after, current = said(store), Catalogue(store).require().id
    healed = run(portal, store)

    assert full.returncode == 1, full.stderr
    assert "the disk takes no more" in full.stderr
    assert "make room" in full.stderr
    assert "Traceback" not in full.stderr
    same("the store on a full disk", after, old)
    assert entries == {current}
    assert healed.returncode == 0, healed.stderr
    same("the store when there is room again", said(store), fresh)


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 32 MB, which an ordinary user cannot have: then a folder like any other."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    yield folder, mounted
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_left_as_it_was(portal, shared, small_disk):
    """ENOSPC at whatever call it comes: the store stays readable on the full disk, and recovers on it."""
    folder, mounted = small_disk
    store, filler = shared.store(WORLD, folder / "store"), folder / "filler"
    old = said(store)
    portal.world = NIGHT.over(WORLD, Random(1))
    if mounted:
        free = shutil.disk_usage(folder).free
        filler.write_bytes(b"x" * max(0, free - 40_000))
    full = run(portal, store, None if mounted else 20_000)
    same("the store on a full disk", said(store), old)
    filler.unlink(missing_ok=True)
    healed = run(portal, store)

    assert full.returncode == 1, full.stderr
    assert "the disk takes no more" in full.stderr
    assert healed.returncode == 0, healed.stderr
    assert said(store) != old


def test_a_disk_that_cannot_be_written_to_is_told_and_untouched(portal, shared):
    """As another user, or on a read-only disk: a clear error, not a byte changed, and on when it can be."""
    folder = Path(tempfile.mkdtemp())
    try:
        store = shared.store(WORLD, folder / "store")
        portal.world = NIGHT.over(WORLD, Random(1))
        paths = [folder, store, *store.rglob("*")]
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths if not path.is_symlink()}
        before = bytes_below(store)
        for path, mode in modes.items():
            path.chmod((mode | 0o444 | (0o111 if path.is_dir() else 0)) & ~0o222)
        with pytest.raises(StoreError, match="permission denied") as caught:
            _as_nobody(lambda: harvest_catalogue(portal.site, store, page_size=10))
        assert bytes_below(store) == before
        for path, mode in modes.items():
            path.chmod(mode)
        report = harvest_catalogue(portal.site, store, page_size=10)
    finally:
        shutil.rmtree(folder)

    assert caught.value.exit_code == 1
    assert caught.value.fix
    assert report.generation


def _as_nobody(act) -> None:
    privileged = os.geteuid() == 0
    if privileged:
        os.seteuid(NOBODY)
    try:
        act()
    finally:
        if privileged:
            os.seteuid(0)


def test_clocks_may_jump(portal, tmp_path):
    """A year on, a year back, the same second twice: each run publishes, in order, and nothing is lost."""
    store, today = tmp_path / "store", datetime(2026, 11, 1, 2, tzinfo=UTC)
    moments = [today, today + YEAR, today, today, today - YEAR, today + 2 * YEAR]
    published = []
    for number, moment in enumerate(moments):
        report = _harvest_at(portal, store, moment)
        assert_truth(store, portal)
        published.append(report.generation)
        assert Catalogue(store).require().id == report.generation
        assert Catalogue(store).generations()[0].id == report.generation
        last, portal.world = portal.world, NIGHT.over(portal.world, Random(number))

    portal.world = last
    harvest_catalogue(portal.site, tmp_path / "fresh", page_size=10)
    same("the store in the end", said(store), said(tmp_path / "fresh"))
    assert len(set(published)) == len(moments)
    assert None not in published


def _harvest_at(portal: Portal, store: Path, moment: datetime):
    with Client(QUICK, portal.site) as fetcher:
        return Job(
            At.at(portal.site),
            fetcher,
            Catalogue(store, clock=lambda: moment),
            MAPPINGS,
            Options(page_size=10, surfaces=frozenset()),
            clock=lambda: moment,
        ).run()
