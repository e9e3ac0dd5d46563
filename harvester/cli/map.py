"""`harvester map`: what becomes of a JSON document, shown at once."""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.syntax import Syntax as Highlighter

from harvester.cli.options import options
from harvester.cli.program import as_json, printable
from harvester.cli.table import safe
from harvester.config import data_dir
from harvester.enrich import trial
from harvester.enrich.mapper import Mapper
from harvester.enrich.mappings import REUSE, Mappings
from harvester.enrich.outcome import Mapped
from harvester.enrich.surfaces import BY_MAPPING
from harvester.errors import DocumentError, UsageError
from harvester.export.dump import document
from harvester.export.groups import Group
from harvester.export.syntax import Syntax
from harvester.model import Document, Record
from harvester.portal.documents import MAX_BYTES, is_html, read_json
from harvester.portal.udata import Portal
from harvester.rdf.records import rows_of
from harvester.store.generations import Catalogue
from harvester.store.records import known_ids
from harvester.vocab import PREFIXES, RDF, RECORD_GRAPHS, resource_of

FORMATS = {"turtle": "ttl", "nt": "nt", "jsonld": "jsonld", "trig": "trig"}
_LEXERS = {"turtle": "turtle", "nt": "turtle", "jsonld": "json", "trig": "turtle"}
_MOST_KEYS = 60

EPILOG = """\b
Examples:
  harvester map reuse.json
  harvester map reuse.json --mapping reuse --mappings my-mappings --explain
  harvester map page.json -o trig                     with the graphs of a harvest
  curl https://www.data.gouv.fr/api/1/reuses/some-reuse/ | harvester map -
"""


@click.command(epilog=EPILOG)
@click.argument("file", metavar="FILE")
@options(
    click.option(
        "--mapping",
        metavar="NAME",
        help=f"What the documents are: {', '.join(BY_MAPPING)}. By default their addresses or keys tell.",
    ),
    click.option(
        "--mappings",
        "folder",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        metavar="DIR",
        help="Use these mappings in place of the shipped ones.",
    ),
    click.option(
        "--portal", metavar="URL", help="Whose documents these are. By default their addresses tell."
    ),
    click.option(
        "--language", default="fr", show_default=True, metavar="TAG", help="The language of the portal."
    ),
    click.option("--persons", is_flag=True, help="Name persons, and say what they write: personal data."),
    click.option(
        "--store",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Link to the IRIs that this catalogue uses. By default to those that the documents tell.",
    ),
    click.option("--explain", is_flag=True, help="Tell on stderr what becomes of each key, and why."),
    click.option(
        "-o",
        "--output",
        type=click.Choice(list(FORMATS)),
        default="turtle",
        show_default=True,
        help="Format; trig shows the graphs too.",
    ),
)
def map(file: str, folder: Path | None, output: str, **given: Any) -> None:  # noqa: A001
    """Show the triples that a harvest would make of the JSON documents in FILE, or on standard input if -.

    FILE holds one document as the portal's API gives it, a list, or a page of a list.
    """
    documents = trial.documents_of(_read(file))
    folder = folder or data_dir("mappings")
    mappings = Mappings.load(folder)
    name, portal = _what(documents, mappings, given["mapping"]), _whose(documents, given["portal"])
    shape = mappings.documents[name].shape
    facts = trial.facts_of(portal, documents, shape, given["language"])
    known = trial.named_things(shape, documents, facts)
    if given["store"]:
        known = _in_catalogue(given["store"], portal.key, known)
    mapped = Mapper(mappings, name, facts, persons=given["persons"]).map(documents, known)
    described = set(known.values()) if given["store"] else set()
    agents = [agent for agent in mapped.agents if name == REUSE and agent.resource not in described]
    if given["explain"]:
        told = trial.explain(
            mappings,
            name,
            documents,
            personal=frozenset() if given["persons"] else BY_MAPPING[name].personal,
            reasons=trial.read_reasons(folder, name),
        )
        _explain(told, mapped, name)
    elif mapped.problems:
        click.echo(f"Parts left out or not found: {len(mapped.problems):,}; --explain tells them.", err=True)
    if not mapped.records:
        why = _why_nothing(mapped, len(documents), given["store"])
        raise UsageError(f"{_called(file)}: nothing was mapped: {why}", fix="see what --explain says of it")
    _print(_written([*mapped.records, *agents], output), output)


def _read(file: str) -> object:
    """Return the JSON value in a file; raise UsageError, with the line where it can be told."""
    try:
        with click.open_file(file, "rb") as opened:
            body = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", fix="name a JSON file, or -") from error
    name = _called(file)
    if len(body) > MAX_BYTES:
        raise UsageError(f"{name} is larger than {MAX_BYTES:,} bytes", fix="map a part of it")
    document = Document(requested=name, url=name, status=200, media_type="", body=body)
    try:
        return read_json(document)
    except DocumentError as error:
        cause = error.__cause__
        if isinstance(cause, json.JSONDecodeError) and body.strip() and not is_html(document):
            where = f"{name}, line {cause.lineno}"
            raise UsageError(f"{where}: not JSON: {cause.msg}", fix="correct it") from error
        raise UsageError(error.cause, fix="save a document as the portal's API gives it") from error


def _called(file: str) -> str:
    return "standard input" if file == "-" else file


def _what(documents: Sequence[object], mappings: Mappings, name: str | None) -> str:
    """Return the name of the mapping: as given, or guessed, which is said."""
    if name is None:
        guess = trial.guess_mapping(documents, mappings)
        click.echo(f"Mapping: {guess.value}, by its {guess.why}.", err=True)
        return guess.value
    if name not in mappings.documents:
        known = ", ".join(sorted(mappings.documents))
        raise UsageError(f"there is no mapping {name!r}", fix=f"--mapping with one of {known}")
    return name


def _whose(documents: Sequence[object], address: str | None) -> Portal:
    """Return the portal: as given, or guessed, which is said."""
    if address is None:
        guess = trial.guess_portal(documents)
        portal = Portal.at(guess.value)
        why = f"by its {guess.why}" if guess.why else "as nothing tells; name it by --portal"
        click.echo(f"Portal: {printable(portal.site)}, {why}.", err=True)
        return portal
    portal = Portal.at(address)
    if not portal.api:
        raise UsageError(f"{address} is a catalogue, which has no JSON API", fix="name the portal's site")
    return portal


def _in_catalogue(store: Path, portal: str, named: Mapping[str, str]) -> dict[str, str]:
    """Return the IRIs that a catalogue uses for those things of a portal that it holds, by id."""
    with Catalogue(store).require().open() as opened:
        held = {
            id_: resource_of(graph)
            for graph, id_ in known_ids(opened, portal)
            if id_ in named and graph.startswith(RECORD_GRAPHS)
        }
    click.echo(f"The catalogue holds {len(held):,} of {len(named):,} things that are named.", err=True)
    return held


def _why_nothing(mapped: Mapped, documents: int, store: Path | None) -> str:
    if mapped.problems:
        return f"{mapped.problems[0].what}: {mapped.problems[0].why}"
    if mapped.left_out:
        return f"{mapped.left_out:,} of {documents:,} documents are private or deleted"
    if store:
        return f"the catalogue in {store} does not hold what the documents describe"
    return "no rule makes a triple of it"


def _explain(told: trial.Explanation, mapped: Mapped, name: str) -> None:
    for heading, keys in (
        ("Mapped", told.mapped),
        ("Lifted, but no rule names it", told.idle),
        ("Asked of the portal, not mapped", told.read),
        ("Personal, left out without --persons", told.personal),
        *((f"Left out ({reason})", keys) for reason, keys in told.left_out.items()),
        (f"Not in {name}.context.jsonld", told.unnamed),
        ("Empty", told.empty),
    ):
        if keys:
            more = f" and {len(keys) - _MOST_KEYS:,} more" if len(keys) > _MOST_KEYS else ""
            click.echo(f"{heading}: {printable(', '.join(keys[:_MOST_KEYS]))}{more}", err=True)
    for problem in mapped.problems:
        click.echo(f"Left out or not found: {printable(problem.what)}: {printable(problem.why)}", err=True)
    if mapped.left_out:
        click.echo(f"Left out: {mapped.left_out:,} documents, as they are private or deleted", err=True)


def _written(records: Sequence[Record], output: str) -> str:
    """Return what records say as a document, with those prefixes that it needs."""
    syntax, groups = Syntax(FORMATS[output]), []
    for record in records:
        rows = sorted(rows_of(record))
        private = frozenset(token for row in rows for token in row if token[0] == "_")
        graph = f"<{record.graph}>" if syntax.keeps_graphs else ""
        groups.append(Group(graph, f"<{record.resource}>", rows, private))
    said = b"".join(record.nquads for record in records).decode().replace(f"<{RDF}type>", "")
    context = {prefix: iri for prefix, iri in PREFIXES.items() if f"<{iri}" in said}
    text = "".join(document(groups, syntax, Counter(), context))
    return as_json(json.loads(text), indent=2) + "\n" if output == "jsonld" else text


def _print(text: str, output: str) -> None:
    """Print a document, coloured in a terminal."""
    if sys.stdout.isatty():
        coloured = Highlighter("", _LEXERS[output], theme="ansi_dark").highlight(safe(text))
        Console(highlight=False).print(coloured, soft_wrap=True, end="")
    else:
        click.echo(text, nl=False)
