"""A process whose journal is killed: `python -m tests.store.dying_journal FOLDER POINTS`.

For each of POINTS moments, spread evenly over the lines that begin, end and releasing the lock take,
a child process notes a run in FOLDER/<n> and is killed (SIGKILL) at that moment.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from harvester.store.generations import Catalogue
from harvester.store.journal import Journal
from tests.store.dying import count_lines, die_at_line, in_child

BEGUN = {"run": "killed", "portal": "data.example", "started": "2026-01-31T02:00:00+00:00"}


def note(folder: Path, arm: Callable[[], None]) -> None:
    with Catalogue(folder).lock("test"):
        journal = Journal(folder)
        arm()
        journal.begin(BEGUN)
        journal.end(BEGUN | {"outcome": "published"})
    sys.settrace(None)


def main(folder: Path, points: int) -> None:
    counter = folder / "lines"
    in_child(partial(note, folder / "whole", partial(count_lines, lambda n: counter.write_text(str(n)))))
    lines = int(counter.read_text())
    for point in range(points):
        in_child(partial(note, folder / str(point), partial(die_at_line, 1 + lines * point // points)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
