"""A process whose runs are killed: `python -m tests.store.dying FOLDER POINTS`.

For each of POINTS moments, a child process publishes state 1 in FOLDER/<n>, begins a run to state 2,
and is killed at that moment. Moments are spread evenly over the lines that a run executes (killed by itself,
SIGKILL), and then over its time, so that some fall inside of RocksDB (killed by the kernel, SIGALRM).
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from harvester.store import generations
from harvester.store.generations import Catalogue
from tests.store.catalogues import publish

WATCHED = (str(Path(generations.__file__).parent), os.__file__.replace("os.py", "shutil.py"))


def count_lines(after: Callable[[int], object]) -> None:
    """Call `after` with the number of lines executed so far, at each line of the store and of shutil."""
    lines = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal lines
        if not frame.f_code.co_filename.startswith(WATCHED):
            return None
        if event == "line":
            lines += 1
            after(lines)
        return trace

    sys.settrace(trace)


def run(folder: Path, arm: Callable[[], None]) -> None:
    catalogue = Catalogue(folder)
    publish(catalogue, 1, keep=1)
    arm()
    publish(catalogue, 2, keep=1)
    sys.settrace(None)


def in_child(work: Callable[[], None]) -> None:
    """Do `work` in a child process, and wait until that ends."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    os.waitpid(child, 0)


def die_at_line(line: int) -> None:
    count_lines(lambda lines: os.kill(os.getpid(), signal.SIGKILL) if lines == line else None)


def die_after(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds)


def main(folder: Path, points: int) -> None:
    """The parent opens no store itself: threads do not survive a fork."""
    counter = folder / "lines"
    in_child(partial(run, folder / "whole", partial(count_lines, lambda n: counter.write_text(str(n)))))
    lines = int(counter.read_text())
    began = time.monotonic()
    in_child(partial(run, folder / "timed", lambda: None))
    seconds = (time.monotonic() - began) / 2
    by_line = points * 4 // 5
    for point in range(by_line):
        in_child(partial(run, folder / str(point), partial(die_at_line, 1 + lines * point // by_line)))
    for point in range(by_line, points):
        moment = seconds * (point - by_line) / (points - by_line)
        in_child(partial(run, folder / str(point), partial(die_after, 0.001 + moment)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
