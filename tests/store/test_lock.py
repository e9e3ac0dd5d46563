"""One run at a time."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.errors import Locked
from harvester.store.generations import Catalogue
from harvester.store.lock import Pin
from tests.store.catalogues import content, names, publish, state

HOLD = """
import sys
from pathlib import Path
from harvester.store.generations import Catalogue
with Catalogue(Path(sys.argv[1])).lock("harvest https://portal.example"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_run(catalogue: Catalogue):
    """Another process that holds the catalogue until the block ends."""
    arguments = [sys.executable, "-c", HOLD, str(catalogue.path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "held\n"
        try:
            yield run
        finally:
            run.kill()


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "catalogue")


def test_a_second_run_is_refused_at_once_and_told_who_holds_the_catalogue(catalogue):
    """The second run ends within two seconds, with exit code 6, and is told who runs, where, since when."""
    waited = []
    with another_run(catalogue) as run:
        for _ in range(5):
            began = time.monotonic()
            with pytest.raises(Locked) as caught:
                publish(catalogue, 1)
            waited.append(time.monotonic() - began)

    assert min(waited) < 2
    assert caught.value.exit_code == 6
    told = rf"harvest https://portal\.example \(process {run.pid} on {socket.gethostname()}, since (\S+)\)"
    match = re.search(told, str(caught.value))
    assert match
    assert abs(datetime.now(UTC) - datetime.fromisoformat(match[1])).total_seconds() < 60


def test_the_holder_is_known_while_it_runs(catalogue):
    """Anybody can ask who is writing, without a right to write and without getting in the way."""
    with another_run(catalogue) as run:
        holder = catalogue.holder()

    assert holder is not None
    assert (holder.pid, holder.owner) == (run.pid, "harvest https://portal.example")


def test_a_killed_run_holds_nothing(catalogue):
    """After kill -9 the next run begins at once, and nobody is said to hold the catalogue."""
    with another_run(catalogue) as run:
        run.send_signal(signal.SIGKILL)
        run.wait()

        assert names(catalogue.path) >= {"lock.holder.json"}
        assert catalogue.holder() is None
        publish(catalogue, 1)
    assert content(catalogue.require()) == state(1)


def test_the_lock_is_free_after_its_block(catalogue):
    """A run that ended, well or not, leaves no lock and no note."""
    with pytest.raises(ValueError, match="boom"), catalogue.lock("first"):
        raise ValueError("boom")
    with catalogue.lock("second"):
        holder = catalogue.holder()

    assert holder is not None
    assert (holder.owner, holder.pid) == ("second", os.getpid())
    assert catalogue.holder() is None
    assert names(catalogue.path) == {"generations", "lock"}


def test_two_runs_in_one_process_exclude_each_other(catalogue):
    """Threads of one program are as separate as two programs."""
    with (
        catalogue.lock("first"),
        pytest.raises(Locked, match="first"),
        Catalogue(catalogue.path).lock("second"),
    ):
        pass


def test_a_look_at_the_lock_does_not_make_a_run_fail(catalogue):
    """Whoever asks who holds the catalogue has the lock for an instant: a run that begins just then waits."""
    publish(catalogue, 1)
    look = os.open(catalogue.path / "lock", os.O_RDONLY)
    fcntl.flock(look, fcntl.LOCK_SH)
    instant = threading.Timer(0.05, os.close, [look])
    instant.start()

    publish(catalogue, 2)
    instant.join()
    assert content(catalogue.require()) == state(2)


@pytest.mark.parametrize("take", [Pin.take, Pin.take_alone])
def test_what_goes_while_it_is_pinned_is_not_taken(tmp_path, monkeypatch, take):
    """A folder that is replaced by another between being opened and being locked counts as gone."""
    folder = tmp_path / "folder"
    flock = fcntl.flock

    def replaced(descriptor, how):
        folder.rename(tmp_path / "elsewhere")
        folder.mkdir()
        flock(descriptor, how)

    folder.mkdir()
    monkeypatch.setattr(fcntl, "flock", replaced)

    assert take(folder) is None


def test_pins_are_shared_unless_alone(tmp_path):
    """Many readers may pin a folder; one that wants it alone gets it only when no reader is left."""
    readers = [Pin.take(tmp_path), Pin.take(tmp_path)]
    assert all(readers)
    assert Pin.take_alone(tmp_path) is None
    readers.clear()

    alone = Pin.take_alone(tmp_path)
    assert alone
    assert Pin.take(tmp_path) is None
