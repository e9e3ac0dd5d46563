"""What is dear to make is made once for all processes of a test run."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

_WAIT_S = 240
"""The longest that another process may take to make it."""


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder or file that `make` made, in this process or in another one. It is for reading only.

    `make` gets a path at which there is nothing yet. Who wants to change something makes a copy.
    """
    shared = factory.getbasetemp()
    if shared.name.startswith("popen-"):  # of a worker of pytest-xdist
        shared = shared.parent
    made, done = shared / f"once-{name}", shared / f"once-{name}.done"
    with FileLock(shared / f"once-{name}.lock", timeout=_WAIT_S):
        if not done.exists():
            make(made)
            done.touch()
    return made


def copied(catalogue: Path, folder: Path) -> Path:
    """Copy a catalogue to a new folder, without dumps: servers of other processes may be writing them."""
    return Path(shutil.copytree(catalogue, folder, symlinks=True, ignore=shutil.ignore_patterns("dumps")))
