"""`harvester harvest`: from the command line to runs, once or again and again."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import click
from click.core import ParameterSource

from harvester.cli.config_options import FOR_ONE, read_plan
from harvester.cli.every import Repeater, once_command
from harvester.cli.harvest_options import HEADINGS, harvest_options
from harvester.cli.memory import few_arenas
from harvester.cli.notices import notice
from harvester.cli.options import Sectioned
from harvester.cli.runs import harvest_all, harvest_one
from harvester.cli.target import Target
from harvester.errors import UsageError
from harvester.portal.udata import Portal

Work = tuple[Callable[[], int], str]
"""What returns an exit code when it is done, and how it is told of: "text" or "json"."""

EXAMPLES = """\b
Examples:
  harvester harvest https://www.data.gouv.fr
  harvester harvest https://data.public.lu --store ./luxembourg --contact mailto:me@example.org
  harvester harvest https://ckan.example/catalog.ttl --full
  harvester harvest https://dados.gov.pt --archive run.warc.gz --report report.json
  harvester harvest https://dados.gov.pt --replay run.warc.gz --store ./again
  harvester harvest --config harvester.toml --every 6h

\b
Exit codes (of several portals: the first of 1, 2, 3, 4, 6, 5, 0 that any has):
  0 published, or nothing changed      4 nothing publishable
  1 disk, store, or a bug              5 published, with some items skipped
  2 usage                              6 another run holds the store
  3 portal unreachable                 130 interrupted: nothing published
"""


@click.command(cls=Sectioned, headings=HEADINGS, epilog=EXAMPLES)
@click.argument("portal", required=False)
@harvest_options
@click.pass_context
def harvest(ctx: click.Context, /, config: Path | None, **given: Any) -> None:
    """Harvest PORTAL into the catalogue.

    It is a udata portal, named by its site or its API root; or any DCAT catalogue with Hydra paging, named by
    its URL, such as https://data.example/catalog.ttl. Or several portals, named in a file (--config).
    """
    few_arenas()
    asked = _asked_for(ctx)
    work, log_format = _of_file(ctx, config, asked) if config else _of_portal(ctx, asked)
    if given["every"]:
        say = partial(notice, log_format=log_format)
        ctx.exit(Repeater(once_command(), given["every"], say).run())
    with _stoppable():
        ctx.exit(work())


def _of_portal(ctx: click.Context, asked: Mapping[str, Any]) -> Work:
    """Return the work on the portal that the command line names. Raises UsageError."""
    if ctx.params["portal"] is None:
        raise UsageError(
            "no portal is named", fix="harvester harvest https://www.data.gouv.fr, or --config FILE"
        )
    target = Target(Portal.at(ctx.params["portal"]), {**ctx.params, **asked})
    target.check()
    return partial(harvest_one, target), target.given["log_format"]


def _of_file(ctx: click.Context, file: Path, asked: Mapping[str, Any]) -> Work:
    """Return the work on the portals that a file names. Raises UsageError."""
    if ctx.params["portal"] is not None:
        raise UsageError(
            "PORTAL and --config exclude each other",
            fix=f"add a [[portal]] table to {file}, or leave one out",
        )
    for name in FOR_ONE.keys() & asked.keys():
        raise UsageError(
            f"--{name} and --config exclude each other: {FOR_ONE[name]}", fix=f"write it into {file}"
        )
    plan = read_plan(file, ctx, asked)
    return partial(harvest_all, plan), plan.common["log_format"]


def _asked_for(ctx: click.Context) -> dict[str, Any]:
    """Return the settings that the command line and the environment say, with --full for what it means."""
    said = {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}
    asked = {name: value for name, value in ctx.params.items() if ctx.get_parameter_source(name) in said}
    if asked.pop("full", False):
        if asked.get("mode", "full") != "full":
            raise UsageError(f"--full and --mode {asked['mode']} exclude each other", fix="leave one out")
        asked["mode"] = "full"
    return asked


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does: in order, and with its account."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # service managers and --every may both send it
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
