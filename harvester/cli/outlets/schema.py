"""The published schema of reports, and what it says about each category of problems."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import click

NAME = "report.schema.json"


def schema_text() -> str:
    """Return the JSON Schema (https://json-schema.org/draft/2020-12) of reports."""
    return files("harvester").joinpath("schemas", NAME).read_text(encoding="utf-8")


@cache
def advice() -> dict[str, str]:
    """Return what a portal's owner should do, per category of problems: the schema is where it is said."""
    categories: list[dict[str, Any]] = json.loads(schema_text())["$defs"]["category"]["oneOf"]
    return {category["const"]: category["description"] for category in categories}


def print_schema(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    """Print the schema and end the command, if `wanted` (a callback of click)."""
    if wanted:
        click.echo(schema_text(), nl=False)
        ctx.exit()
