"""Waiting for what other processes do: as long as it takes on a machine that has much else to do."""

import time
from collections.abc import Callable

PATIENCE_S = 120
"""After this time it does not happen any more."""


def wait_for(condition: Callable[[], object]) -> None:
    """Return when something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
