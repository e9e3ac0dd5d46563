"""`harvester demo`: the whole pipeline on a recording of a real portal that comes along, and its site."""

import os
import socket
import sys
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path
from typing import NoReturn

import click

from harvester.cli.program import program
from harvester.cli.progress import progress_on
from harvester.cli.query import query
from harvester.cli.summary import console_for_output, print_summary
from harvester.config import HttpSettings, data_dir
from harvester.enrich.mappings import Mappings
from harvester.harvest.job import Job
from harvester.harvest.run import Options
from harvester.modules import same_modules
from harvester.portal.udata import Portal
from harvester.portal.warc import Replayer
from harvester.store.generations import Catalogue

PORTAL = "http://portal.test"
RECORDING = "portal.test.warc.gz"

QUERIES = ("themes-by-reuses", "most-reused-datasets")
ROWS = 5
NEXT = """
This was a replay of a recorded harvest (an invented portal on a real udata server), without network. Now try:
  {program} queries
  {program} query used-datasets-by-theme --store {store}
  {program} sparql 'SELECT ?title {{ ?reuse a dcat:Resource ; dct:title ?title }} LIMIT 5' --store {store}
  {program} export demo.ttl --store {store}
  {program} serve --store {store}     (the site and a SPARQL endpoint, at http://127.0.0.1:8000/)
and then, on a live portal:
  {program} harvest https://www.data.gouv.fr"""

NO_SERVE = "DEMO_NO_SERVE"
_HOST, _PORT = "127.0.0.1", 8000


@click.command()
@click.option(
    "--store",
    type=click.Path(path_type=Path),
    default=Path("demo-catalogue"),
    show_default="./demo-catalogue",
    metavar="DIR",
    help="The demo catalogue's folder.",
)
def demo(store: Path) -> None:
    """Replay a recorded harvest through the real pipeline, show what comes out, and open its site.

    The site is served until Ctrl-C. Without a terminal, or with DEMO_NO_SERVE=1, the demo ends before.
    """
    with ExitStack() as stack:
        recording = stack.enter_context(as_file(files("harvester") / "demo" / RECORDING))
        report = Job(
            portal=Portal.at(PORTAL),
            fetcher=stack.enter_context(Replayer(recording, HttpSettings())),
            catalogue=Catalogue(store),
            mappings=Mappings.load(data_dir("mappings")),
            options=Options(standalone=True, replayed=True),
            listener=stack.enter_context(progress_on("text")),
        ).run()
    console = console_for_output()
    print_summary(report, store, None, following=False)
    for name in QUERIES:
        console.print(f"\n$ {program()} query {name} --store {store} --limit {ROWS}")
        click.get_current_context().invoke(query, name=name, store=store, limit=ROWS)
    console.print(NEXT.format(program=program(), store=store), soft_wrap=True)
    if sys.stdout.isatty() and not os.environ.get(NO_SERVE):
        _serve(store)


def _serve(store: Path) -> NoReturn:
    """Become the server of the demo's site, on this machine, until Ctrl-C; at the usual port if free."""
    options = ["--store", str(store), "--host", _HOST, "--port", str(_free_port()), "--access-log", "off"]
    sys.stdout.flush()
    # Not in this process: it has the harvest's memory, and a fork server that a server cannot use.
    os.execve(sys.executable, [sys.executable, "-m", "harvester", "serve", *options], same_modules())  # noqa: S606


def _free_port() -> int:
    """Return the usual port, or any that is free."""
    for port in (_PORT, 0):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((_HOST, port))
            except OSError:
                continue
            return int(trial.getsockname()[1])
    return _PORT
