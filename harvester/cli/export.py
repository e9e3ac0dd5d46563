"""`harvester export`: the catalogue as a file."""

import sys
from contextlib import AbstractContextManager
from pathlib import Path

import click
from rich.filesize import decimal

from harvester.cli.memory import few_arenas
from harvester.cli.options import store_option
from harvester.config import data_dir
from harvester.enrich.view import View
from harvester.errors import UsageError
from harvester.export.dump import Summary, write_dump
from harvester.export.files import Output, replacing, streaming
from harvester.export.profile import dcat_ap
from harvester.export.selection import Selection
from harvester.export.syntax import Syntax, syntax_of
from harvester.export.vocabulary import write_view
from harvester.rdf.stand_ins import NONE, StandIns
from harvester.store.generations import Catalogue

DCAT, SCHEMA_ORG = "dcat", "schema.org"
ALL, DCAT_AP = "all", "dcat-ap"
EPILOG = """\b
The formats:
  .ttl .nt .jsonld .rdf   all statements of the catalogue, once each
  .trig .nq               the same, each in its named graph: what the portal said of one resource, or
                          what was inferred of it; and the harvester's own notes

\b
Examples:
  harvester export catalogue.ttl
  harvester export catalogue.nq.zst --no-inferred
  harvester export datasets.jsonld --vocabulary schema.org
  harvester export catalogue.rdf.gz --profile dcat-ap        for data.europa.eu and its validator
  harvester export - --format jsonld --dataset 53699569a3a729239d2046eb
"""


@click.command(epilog=EPILOG)
@click.argument("file", metavar="FILE")
@store_option
@click.option(
    "-f",
    "--format",
    "format_",
    metavar="FORMAT",
    help="ttl, nt, jsonld, rdf, trig or nq, also with .gz or .zst. By default the end of FILE tells.",
)
@click.option(
    "--dataset",
    metavar="IRI",
    help="Only what the catalogue says about one dataset or other resource, named by its IRI or the portal's"
    " id, and about its publisher and contacts.",
)
@click.option(
    "--inferred/--no-inferred",
    default=True,
    show_default=True,
    help="With what the harvester inferred, or only with what the portal said.",
)
@click.option(
    "--provenance/--no-provenance",
    default=None,
    help="With the harvester's notes: when each record was found, and the runs. By default in nq and trig.",
)
@click.option(
    "--vocabulary",
    type=click.Choice([DCAT, SCHEMA_ORG]),
    default=DCAT,
    show_default=True,
    help="All that the catalogue says; or what of it schema.org's vocabulary has words for, in those alone.",
)
@click.option(
    "--profile",
    type=click.Choice([ALL, DCAT_AP]),
    default=ALL,
    show_default=True,
    help="All that is said and inferred; or, for DCAT-AP, what was inferred (codes of formats, licences, "
    "languages …) in place of what was said.",
)
@click.option(
    "--mappings",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Take the rules for schema.org from here in place of the shipped ones.",
)
def export(
    file: str,
    store: Path,
    format_: str | None,
    dataset: str | None,
    inferred: bool,
    provenance: bool | None,
    vocabulary: str,
    profile: str,
    mappings: Path | None,
) -> None:
    """Write the catalogue to FILE, or to standard output where FILE is -.

    FILE is replaced when the new one is complete, and FILE.sha256 holds its checksum (`sha256sum -c`). The
    same generation gives the same bytes.
    """
    few_arenas()
    syntax = syntax_of(file, format_)
    view = _view(vocabulary, mappings, provenance)
    stand_ins = _stand_ins(profile, vocabulary, inferred=inferred)
    selection = Selection(inferred, syntax.keeps_graphs if provenance is None else provenance, stand_ins)
    generation = Catalogue(store).require()
    context = generation.context() if syntax.format == "jsonld" else None
    with generation.open() as opened, _output(file, syntax) as output:
        if view:
            summary = write_view(opened, output, syntax, view, inferred=inferred, resource=dataset)
        else:
            summary = write_dump(opened, output, syntax, selection, resource=dataset, context=context)
    _report(file, summary, output)


def _view(vocabulary: str, mappings: Path | None, provenance: bool | None) -> View | None:
    """Return the rules for another vocabulary, None where none are needed."""
    if vocabulary == SCHEMA_ORG:
        if provenance:
            raise UsageError(
                "schema.org has no words for the harvester's notes", fix="leave out --provenance"
            )
        return View.load(mappings or data_dir("mappings"))
    if mappings:
        raise UsageError("--mappings is for another vocabulary", fix=f"say --vocabulary {SCHEMA_ORG}")
    return None


def _stand_ins(profile: str, vocabulary: str, *, inferred: bool) -> StandIns:
    """Return the properties of which a profile wants inferred values in place of said ones."""
    if profile == ALL:
        return NONE
    if not inferred:
        raise UsageError(
            f"--profile {DCAT_AP} dumps what was inferred in place of what was said",
            fix="leave out --no-inferred",
        )
    if vocabulary != DCAT:
        raise UsageError(
            f"--profile {DCAT_AP} is a profile of DCAT", fix=f"leave out --vocabulary {vocabulary}"
        )
    return dcat_ap()


def _output(file: str, syntax: Syntax) -> AbstractContextManager[Output]:
    if file == "-":
        return streaming(sys.stdout.buffer, syntax.compression)
    return replacing(Path(file), syntax.compression)


def _report(file: str, summary: Summary, output: Output) -> None:
    click.echo(f"{file}: {summary.statements:,} statements, {decimal(output.size)}", err=True)
    for what, number in summary.left_out.items():
        click.echo(f"Not in this format: {number:,} {what}.", err=True)
