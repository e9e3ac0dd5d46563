"""What all tasks together, and each by itself, may take."""

import os
from dataclasses import dataclass

from harvester.config import MEBIBYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, sizes in bytes."""

    workers: int = 2 * max(2, os.cpu_count() or 2)
    """Processes for tasks that are done quickly: more than processors, so that one works while another waits.

    There is one more, for clients that have none."""
    slow_workers: int = 4
    """Tasks that may go on for longer than `quick_s` at a time; half of them for one client."""
    brisk_s: float = 0.2
    """After this time a task gets low priority."""
    quick_s: float = 1.0
    """After this time a task counts as slow: it moves to the slow ones, or is stopped."""
    time_s: float = 30.0
    """Longest time for one task; time in which nobody takes the answer does not count."""
    transfer_s: float = 600.0
    """Longest time that one answer may hold a process, however slowly it is taken."""
    memory: int = 512 * MEBIBYTE
    """Most memory for one process."""
    answer: int = 512 * MEBIBYTE
    """Longest answer."""
    rows: int = 1_000_000
    """Most rows or triples of one answer."""
    queue: int = 64
    """Tasks that may wait for a process."""
