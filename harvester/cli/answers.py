"""What the commands that ask queries share: where to ask, and how to hand over the answer."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

import click

from harvester.cli.options import store_option
from harvester.cli.table import print_rows
from harvester.errors import HarvesterError
from harvester.query.endpoint import Endpoint
from harvester.query.local import LocalEndpoint
from harvester.query.results import (
    GRAPHS,
    JSON,
    ROWS,
    Answer,
    one_page,
    output_for,
    read_rows,
    write_answer,
)
from harvester.query.sparql import Sparql
from harvester.store.generation import STORE
from harvester.store.generations import Catalogue

FORMATS = ("table", *dict.fromkeys([*ROWS, *GRAPHS]))

Command = Callable[..., Any]

_TIMEOUT = click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Stop a query that takes longer.",
)
_ENDPOINT = click.option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint instead of the store.")
_LIMIT = click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=200,
    show_default=True,
    metavar="ROWS",
    help="Show at most so many rows of a table; 0: all.",
)
_TO = click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to a file, which appears when it is complete.",
)
_OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Choice(FORMATS),
    metavar="FORMAT",
    help=f"{', '.join(FORMATS)}. Default: table; ttl for CONSTRUCT and DESCRIBE.",
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How to hand an answer over: a format of `FORMATS`, a file, the most rows of a table (0: all)."""

    format: str | None
    to: Path | None
    limit: int


def endpoint_options(command: Command) -> Command:
    """Add the options that say where to ask."""
    for option in (_TIMEOUT, _ENDPOINT, store_option):
        command = option(command)
    return command


def delivery_options(command: Command) -> Command:
    """Add the options that say how to hand over the answer."""
    for option in (_LIMIT, _TO, _OUTPUT):
        command = option(command)
    return command


@contextmanager
def open_endpoint(store: Path, url: str | None, timeout: float) -> Iterator[Endpoint]:
    """Yield what answers queries: the catalogue in `store`, or the endpoint at `url`."""
    if url is None:
        generation = Catalogue(store).require()  # held here: it may not be removed while we ask
        yield LocalEndpoint(generation.path / STORE, timeout)
        return
    from harvester.query.remote import RemoteEndpoint  # noqa: PLC0415  # brings rdflib, which takes 0.2 s

    yield RemoteEndpoint(url, timeout)


def deliver(endpoint: Endpoint, query: Sparql, delivery: Delivery, page_size: int | None = None) -> bool:
    """Ask a query and hand over the answer; tell whether more rows follow those of the page."""
    name = delivery.format or ("ttl" if query.form.gives_graph else "table")
    as_table = name == "table" and not query.form.gives_graph
    output = JSON if as_table else output_for(query.form, name)
    with endpoint.ask(query, JSON if page_size else output) as answer:
        page, more = one_page(answer, page_size) if page_size else (answer, False)
        with destination(delivery.to) as out:
            if as_table:
                _write_table(page, delivery, out)
            else:
                write_answer(page, output, out)
                out.write(b"\n" if out.isatty() else b"")
    return more


def _write_table(answer: Answer, delivery: Delivery, out: BinaryIO) -> None:
    if delivery.to is None:
        cut = print_rows(read_rows(answer), delivery.limit)
    else:
        text = TextIOWrapper(out, encoding="utf-8")
        cut = print_rows(read_rows(answer), delivery.limit, text)
        text.detach()
    if cut:
        click.echo(f"Only the first {delivery.limit} rows are shown; --limit 0 shows all.", err=True)


@contextmanager
def destination(path: Path | None) -> Iterator[BinaryIO]:
    """Yield standard output, or a file beside `path` that takes its place when all is written."""
    if path is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("xb") as out:
            yield out
        beside.replace(path)
    except OSError as error:
        raise HarvesterError(f"{path} cannot be written: {error}", fix="name another file by --to") from error
    finally:
        with suppress(OSError):
            beside.unlink()
