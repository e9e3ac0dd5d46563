"""What is dear to make is made once for all processes of a test run."""

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
