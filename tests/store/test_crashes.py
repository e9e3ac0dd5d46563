"""Sudden ends: kill -9 at any moment, and loss of power."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harvester.store.generations import Catalogue
from tests.store.catalogues import content, names, publish, state

POINTS = 25


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A folder with POINTS catalogues, each left by a run that was killed on its way from state 1 to 2."""
    folder = tmp_path_factory.mktemp("killed")
    subprocess.run(
        [sys.executable, "-m", "tests.store.dying", str(folder), str(POINTS)],
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return folder


def test_the_kills_fall_before_and_after_the_switch(killed):
    """The moments are well chosen: some runs died with the old state current, some with the new one."""
    current = [Catalogue(killed / str(point)).require().manifest.run for point in range(POINTS)]

    assert Catalogue(killed / "whole").require().manifest.run == "run-2"
    assert (current[0], set(current)) == ("run-1", {"run-1", "run-2"})


@pytest.mark.parametrize("point", range(POINTS))
def test_a_killed_run_leaves_the_old_or_the_new_generation(killed, point):
    """Wherever a run is killed, readers see one of both states, whole; the next run is as if nothing was."""
    catalogue = Catalogue(killed / str(point))

    assert content(catalogue.require()) in (state(1), state(2))
    assert catalogue.holder() is None
    publish(catalogue, 3, keep=1)
    assert content(catalogue.require()) == state(3)
    assert names(catalogue.path / "generations") == {catalogue.require().id}
    assert names(catalogue.path) == {"current", "generations", "lock"}


def test_nothing_is_named_before_it_is_on_disk(tmp_path, monkeypatch):
    """Files are synced before the generation gets its name, and its name before `current` is switched."""
    events: list[tuple[str, object]] = []
    fsync, rename, replace = os.fsync, os.rename, os.replace

    def synced(descriptor):
        fsync(descriptor)
        events.append(("sync", os.fstat(descriptor).st_ino))

    def named(do):
        return lambda source, target: (do(source, target), events.append(("name", Path(target).name)))

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", named(rename))
    monkeypatch.setattr(os, "replace", named(replace))
    catalogue = Catalogue(tmp_path / "catalogue")
    generation = publish(catalogue, 1)

    at_name, at_switch = events.index(("name", generation.id)), events.index(("name", "current"))
    parts = {path.lstat().st_ino for path in (generation.path, *generation.path.rglob("*"))}
    assert parts <= {inode for kind, inode in events[:at_name] if kind == "sync"}
    assert ("sync", generation.path.parent.stat().st_ino) in events[at_name:at_switch]
    assert ("sync", catalogue.path.stat().st_ino) in events[at_switch:]
