"""Run a synthetic portal by hand: `python -m tests.simulator --datasets 10000 --port 8900`.

`curl -X POST 'http://127.0.0.1:8900/__evolve?edit=100&remove=20&add=20&seed=7'` lets it evolve meanwhile, and
`curl http://127.0.0.1:8900/__stats` tells what was asked of it.
"""

import argparse
import signal
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from tests.simulator.manners import CACHED, LEGACY, MEASURED, PLAIN, UDATA
from tests.simulator.server import serve
from tests.simulator.world import World

MANNERS = {"udata": UDATA, "legacy": LEGACY, "plain": PLAIN, "cached": CACHED}


def main() -> None:
    """Serve until interrupted. The line `ready URL` says that all pages asked for are rendered."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--datasets", type=int, default=1000)
    parser.add_argument("--reuses", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="same arguments, same portal")
    parser.add_argument("--port", type=int, default=8900, help="0: any free one")
    parser.add_argument("--manners", choices=MANNERS, default="udata", help="what kind of portal")
    parser.add_argument("--gzip", action="store_true", help="compress, as a front proxy would")
    parser.add_argument("--pace", type=float, default=0.0, help="1: as slow as measured; 0: at once")
    parser.add_argument("--without-cdata", action="store_true", help="name datasets by their API URLs")
    parser.add_argument("--page-size", type=int, default=100, help="of the pages rendered beforehand")
    parser.add_argument(
        "--render", action="append", default=[], metavar="EXTENSION", help="render beforehand"
    )
    parser.add_argument(
        "--render-list",
        action="append",
        default=[],
        metavar="TARGET",
        help="e.g. /api/1/datasets/?page_size=500",
    )
    parser.add_argument("--fields", help="X-Fields of the lists rendered beforehand, with next_page")
    parser.add_argument("--directory", type=Path, help="for rendered pages; default: a temporary one")
    given = parser.parse_args()
    world = World(given.datasets, given.reuses, given.seed)
    if given.without_cdata:
        world = replace(world, cdata=None)
    manners = replace(MANNERS[given.manners], gzip=given.gzip, pace=MEASURED.times(given.pace))
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.directory or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with serve(world, manners=manners, directory=folder, port=given.port) as portal:
            started = time.perf_counter()
            for extension in given.render:
                portal.render_all(extension, given.page_size)
            for target in given.render_list:
                portal.render_list(target, given.fields)
            seconds = time.perf_counter() - started
            print(
                f"ready {portal.site} ({len(world.listed)} datasets, rendered in {seconds:.1f} s)", flush=True
            )
            stopped.wait()


if __name__ == "__main__":
    main()
