"""Publications in a row, while others read: nobody meets an error, a mixture, or the past."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.harvest.reading import TITLES, version
from tests.harvest.support import THOROUGH, harvest_catalogue
from tests.serve.support import Server, serving
from tests.simulator import World, serve

ROOT = Path(__file__).parents[2]
PUBLICATIONS = 50 if THOROUGH else 6
WORLD = World(datasets=20, reuses=4)
EDITED = (4, 8, 13)


def by_command(store: Path) -> int:
    """Ask with `harvester sparql`, which evaluates in a process of its own."""
    query = [sys.executable, "-m", "harvester", "sparql", TITLES, "-o", "tsv", "--store", str(store)]
    done = subprocess.run(query, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return version(done.stdout.splitlines()[1:])


def over_http(server: Server) -> int:
    """Ask `harvester serve`."""
    answer = server.ask("GET", f"/sparql?query={quote(TITLES)}", {"Accept": "text/tab-separated-values"})
    assert answer.status == 200, answer.body
    return version(answer.body.decode().splitlines()[1:])


def ask_until(done: threading.Event, ask: Callable[[], int]) -> list[int]:
    """Ask again and again; return the versions seen, as they changed."""
    seen: list[int] = []
    while not done.is_set():
        now = ask()
        if seen[-1:] != [now]:
            seen.append(now)
    return seen


@pytest.mark.heavy
def test_readers_see_no_error_while_runs_publish(tmp_path):
    """A process that opens anew, the command, the server; the job keeps one generation."""
    store, done = tmp_path / "store", threading.Event()
    world = WORLD.evolved(edit=EDITED)
    with serve(world) as portal:
        harvest_catalogue(portal.site, store, page_size=10)
        with (
            serving(store, "--access-log", "off") as server,
            ThreadPoolExecutor(2) as threads,
            subprocess.Popen(
                [sys.executable, "-m", "tests.harvest.reading", str(store)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            ) as reader,
        ):
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
            asked = [
                threads.submit(ask_until, done, lambda: by_command(store)),
                threads.submit(ask_until, done, lambda: over_http(server)),
            ]
            try:
                for _ in range(PUBLICATIONS):
                    portal.world = portal.world.evolved(edit=EDITED)
                    report = harvest_catalogue(portal.site, store, page_size=10, keep=1, mode="auto")
                    assert report.generation
            finally:
                done.set()
            command, http = (future.result() for future in asked)
            output, errors = reader.communicate(timeout=60)
            direct = json.loads(output)

    assert (reader.returncode, errors) == (0, "")
    for seen, least in ((direct, PUBLICATIONS // 3), (command, 3), (http, PUBLICATIONS // 5)):
        assert seen == sorted(set(seen)), "back in time"
        assert len(seen) >= least
        assert seen[-1] <= PUBLICATIONS + 1
    assert re.match("[0-9]", (store / "current").readlink().name)
    assert len(list((store / "generations").iterdir())) <= 3
