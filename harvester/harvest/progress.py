"""What a run tells while it goes on."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage has come: `done` of `total` (None: unknown) `unit`, `records` taken in so far."""

    stage: str
    done: int
    total: int | None
    unit: str
    records: int


Listener = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Listen to nothing."""
