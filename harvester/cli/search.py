"""`harvester search`: full-text search from a terminal."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from harvester.cli.options import options, store_option
from harvester.cli.program import as_json
from harvester.cli.table import print_table
from harvester.errors import UsageError
from harvester.search.finding import Finder, Search
from harvester.search.terms import KINDS, MOST_HITS, SORTS
from harvester.serve.tasks.search import name_in
from harvester.store.generations import Catalogue

_EXAMPLES = """\b
Examples:
  harvester search velos
  harvester search "qualité de l'air" --kind reuse --sort newest
  harvester search budget --facet high-value=yes -o json
"""


@click.command(epilog=_EXAMPLES)
@click.argument("words", nargs=-1)
@options(
    store_option,
    click.option("--kind", type=click.Choice(KINDS), help="Records of this kind only."),
    click.option(
        "--facet",
        "facets",
        multiple=True,
        metavar="NAME=VALUE",
        help="Records with this value of a facet only; -o json tells names and values. May be repeated.",
    ),
    click.option(
        "--sort", type=click.Choice(SORTS), default="relevance", show_default=True, help="The order."
    ),
    click.option("--page", type=click.IntRange(min=1), default=1, show_default=True, help="Which page."),
    click.option(
        "--size",
        type=click.IntRange(1, MOST_HITS),
        default=20,
        show_default=True,
        metavar="HITS",
        help="Hits of a page.",
    ),
    click.option(
        "--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Of labels."
    ),
    click.option(
        "-o",
        "--output",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="The format.",
    ),
)
def search(words: Sequence[str], store: Path, facets: Sequence[str], output: str, **given: Any) -> None:
    """Find datasets, reuses, organizations and data services by WORDS; without any, all of them.

    Words are found in any form, with and without accents, and with a typing error if there is nothing else.
    """
    given["kind"] = given["kind"] or ""
    asked = Search(" ".join(words), facets=tuple(map(_facet, facets)), **given)
    generation = Catalogue(store).require()
    with generation.open() as reader:
        found = Finder(generation.path, partial(name_in, reader)).find(asked)
    if output == "json":
        click.echo(as_json(found))
        return
    if found["hits"]:
        rows = [
            [hit["kind"], hit["title"], str(hit["reuses"]), hit["modified"], hit["iri"]]
            for hit in found["hits"]
        ]
        print_table(("kind", "title", "reuses", "modified", "IRI"), rows, numeric={2})
    click.echo(f"{found['total']:,} found", err=True)
    if found["suggestion"]:
        click.echo(f"Did you mean: {found['suggestion']}", err=True)
    if found["total"] > asked.page * asked.size:
        click.echo(f"This is page {asked.page}; --page {asked.page + 1} shows the next.", err=True)


def _facet(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals:
        raise UsageError(f"{given!r} is no facet", fix="--facet name=value")
    return name, value
