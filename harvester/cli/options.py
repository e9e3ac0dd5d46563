"""Options that several commands share."""

from pathlib import Path

import click

store_option = click.option(
    "--store",
    type=click.Path(path_type=Path),
    default=Path("catalogue"),
    show_default="./catalogue",
    envvar="HARVESTER_STORE",
    show_envvar=True,
    metavar="DIR",
    help="The catalogue's folder.",
)
