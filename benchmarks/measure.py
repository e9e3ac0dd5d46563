"""Run a command and measure the whole of it: wall time, processor time, peak memory of all its processes."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

import psutil

_MEBIBYTE = 1024 * 1024
_PAUSE = 0.5
"""Seconds between two looks at the processes: each look costs some milliseconds of a core."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One run: seconds of wall and processor time, peak resident memory in MiB summed over its processes."""

    wall: float
    cpu: float
    peak: float

    @classmethod
    def middle(cls, runs: list[Self]) -> "Measure":
        """Return the median of each figure."""
        return Measure(median(r.wall for r in runs), median(r.cpu for r in runs), max(r.peak for r in runs))

    def __str__(self) -> str:
        return f"{self.wall:7.1f} s wall  {self.cpu:7.1f} s cpu  {self.peak:6.0f} MiB"


def run(command: list[str], log: Path) -> Measure:
    """Run `command` to its end; raise CalledProcessError, with `log` to look at, if it fails."""
    before = time.perf_counter()
    cpu: dict[int, float] = {}
    peak = 0.0
    with log.open("wb") as out:
        process = psutil.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        while process.poll() is None:
            peak = max(peak, _sample(process, cpu))
            time.sleep(_PAUSE)
    wall = time.perf_counter() - before
    if process.returncode:
        raise subprocess.CalledProcessError(
            process.returncode, command, log.read_text(errors="replace")[-2000:]
        )
    return Measure(wall, sum(cpu.values()), peak / _MEBIBYTE)


def _sample(process: psutil.Popen, cpu: dict[int, float]) -> float:
    """Return the resident bytes of a process and its children; note their processor time so far."""
    resident = 0.0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0.0
    for member in family:
        try:
            times = member.cpu_times()
            cpu[member.pid] = times.user + times.system
            resident += member.memory_info().rss
        except psutil.Error:
            continue
    return resident
