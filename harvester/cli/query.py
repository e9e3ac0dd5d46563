"""`harvester query` and `harvester sparql`: ask the catalogue, by a canned query or in SPARQL."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from harvester.cli.answers import Delivery, deliver, delivery_options, endpoint_options, open_endpoint
from harvester.config import data_dir
from harvester.errors import UsageError
from harvester.query.bind import bind
from harvester.query.canned import Library
from harvester.query.sparql import read

queries_option = click.option(
    "--queries",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar="HARVESTER_QUERIES",
    metavar="DIR",
    help="A folder of your own queries; those named as a shipped one take its place.",
)


def library(folder: Path | None) -> Library:
    """Return the shipped queries, and those of `folder`."""
    return Library.of(data_dir("queries"), *([folder] if folder else []))


@click.command()
@click.argument("name")
@click.option(
    "-p",
    "--param",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the query, and its value. `harvester queries show NAME` tells them.",
)
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True, help="Of a query in pages.")
@click.option("--show", is_flag=True, help="Print the query with its values in place, and do not run it.")
@queries_option
@delivery_options
@endpoint_options
def query(
    name: str, parameters: Sequence[str], page: int, show: bool, folder: Path | None, **options: Any
) -> None:
    """Ask the catalogue by the canned query NAME; `harvester queries` lists them."""
    canned = library(folder)[name]
    text = bind(canned, _values(parameters), page=page)
    if show:
        click.echo(text, nl=not text.endswith("\n"))
    elif _ask(text, options, canned.header.pagination):
        click.echo(f"This is page {page}; --page {page + 1} shows the next.", err=True)


@click.command()
@click.argument("text", metavar="[QUERY]", required=False)
@click.option(
    "-f",
    "--file",
    type=click.File(encoding="utf-8"),
    help="Read the query from a file; - for standard input.",
)
@delivery_options
@endpoint_options
def sparql(text: str | None, file: TextIO | None, **options: Any) -> None:
    """Ask the catalogue in SPARQL, over all its graphs. Well-known prefixes need no declaration."""
    match text, file:
        case str(), None:
            _ask(text, options)
        case None, _ if file:
            _ask(file.read(), options)
        case _:
            given = "Two queries were given" if file else "No query was given"
            raise UsageError(given, fix="harvester sparql 'SELECT …', or --file FILE")


def _ask(text: str, options: dict[str, Any], page_size: int | None = None) -> bool:
    """Ask and hand over; tell whether there is a next page."""
    delivery = Delivery(options["output"], options["to"], options["limit"])
    checked = read(text, service=options["endpoint"] is not None)
    with open_endpoint(options["store"], options["endpoint"], options["timeout"]) as endpoint:
        return deliver(endpoint, checked, delivery, page_size)


def _values(parameters: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals:
            raise UsageError(f"{parameter!r} is no parameter", fix="-p name=value")
        if name in values:
            raise UsageError(f"The parameter {name} is given twice", fix="give it once")
        values[name] = value
    return values
