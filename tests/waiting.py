"""Waiting for what other processes do: as long as it takes on a machine that has much else to do."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

PATIENCE_S = 120
"""After this time it does not happen any more."""


def wait_for(condition: Callable[[], object]) -> None:
    """Return when something is so."""
    awaited(condition, bool)


def awaited(ask: Callable[[], Result], fits: Callable[[Result], object]) -> Result:
    """Ask again and again; return the first answer that fits."""
    deadline = time.monotonic() + PATIENCE_S
    while not fits(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.02)
    return answer
