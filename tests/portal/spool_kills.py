"""Kill processes that spool: run as a script, in a process that has no threads and may fork.

Arguments: the folder to work in, how many kills, and a seed. Prints as JSON what was found after each kill.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from harvester.model import Document
from harvester.portal.spool import Spool

KEYS = 5
EACH = 5
"""Kills in one folder."""
AGE = 3600.0


def document(key: int, version: int) -> Document:
    """Return a document whose body tells its key and version, and is large and hard to compress."""
    body = random.Random(f"{key} {version}").randbytes(400_000)
    url = f"http://portal.example/{key}"
    return Document(url, url, 200, "text/turtle", f"{key} {version}\n".encode() + body)


def spool_for_ever(folder: Path, ready: int) -> None:
    documents = [[document(key, version) for key in range(KEYS)] for version in range(2)]
    spool = Spool(folder, AGE, time.time)
    os.write(ready, b".")
    for version in count():
        for each in documents[version % 2]:
            spool.put(each)
            spool.keep_note(each.requested, each.body)


def half_written(folder: Path) -> list[Path]:
    return list(folder.glob("*.partial"))


def kill(folder: Path, when: Callable[[], bool]) -> None:
    hears, says = os.pipe()
    child = os.fork()
    if not child:
        spool_for_ever(folder, says)
    os.read(hears, 1)
    while not when():
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(hears)
    os.close(says)


def moment(folder: Path, seconds: float, *, writing: bool) -> Callable[[], bool]:
    """Return a test for the moment of a kill: so late, and half of them while a file is half written."""
    start = time.monotonic()
    return lambda: time.monotonic() - start > seconds and bool(not writing or half_written(folder))


def examine(folder: Path) -> dict[str, int]:
    """Return how many files were half written, and how many entries are whole, absent, or anything else."""
    found = {"half": len(half_written(folder)), "whole": 0, "absent": 0, "wrong": 0}
    spool = Spool(folder, AGE, time.time)
    for key in range(KEYS):
        versions = [document(key, version) for version in range(2)]
        taken = spool.take(versions[0].requested)
        noted = spool.note(versions[0].requested)
        for thing, choice in ((taken, versions), (noted, [each.body for each in versions])):
            found["absent" if thing is None else "whole" if thing in choice else "wrong"] += 1
    found["litter"] = len(half_written(folder))
    return found


def main(folder: Path, kills: int, seed: int) -> None:
    moments = random.Random(seed)
    seen = []
    for number in range(kills):
        place = folder / str(number // EACH)  # new ones now and then, so that absence is seen too
        place.mkdir(exist_ok=True, parents=True)
        kill(place, moment(place, moments.uniform(0, 0.03), writing=number % 2 == 0))
        seen.append(examine(place))
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
