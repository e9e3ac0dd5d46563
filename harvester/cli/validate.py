"""`harvester validate`: hold the catalogue, or a dump, against SHACL shapes."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click
from pyoxigraph import Store

from harvester.cli.answers import destination
from harvester.cli.memory import few_arenas
from harvester.cli.options import options, store_option
from harvester.cli.program import as_json
from harvester.cli.progress import progress_on
from harvester.cli.table import print_table, safe
from harvester.errors import EXIT_SKIPPED, UsageError
from harvester.export.dump import store_errors
from harvester.harvest.progress import Progress
from harvester.store.generations import Catalogue
from harvester.validate.batches import Source
from harvester.validate.dump import opened
from harvester.validate.engine import engine_for
from harvester.validate.outcome import Finding, Outcome, Portal
from harvester.validate.reports.document import document
from harvester.validate.reports.graph import Graph
from harvester.validate.reports.junit import junit
from harvester.validate.reports.sarif import sarif
from harvester.validate.rules import Severity
from harvester.validate.shapes import SHIPPED, load_shapes
from harvester.validate.validation import Listener, Wanted, judge

FORMATS = ("table", "json", "turtle", "sarif", "junit")
_LEVELS = [severity.value for severity in Severity]
_HEAD = ("severity", "rule", "results", "records", "what it asks")
_STYLES = {(0, "violation"): "red", (0, "warning"): "yellow", (0, "info"): "cyan"}

_EPILOG = """\b
Exit codes: 0 if nothing of the severity of --fail-on or heavier was found, else 5.

\b
Examples:
  harvester validate
  harvester validate --no-inferred                    what the portals said, without what was inferred
  harvester validate catalogue.nq.gz --severity violation -o json
  harvester validate --shapes dcat-ap-3 --shapes ours.ttl
  harvester validate -o sarif --to validation.sarif   for code scanning; -o junit for CI
"""
"""docs/validation.md says more."""


@click.command(epilog=_EPILOG)
@click.argument(
    "file", metavar="[FILE]", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@options(
    store_option,
    click.option(
        "--shapes",
        multiple=True,
        default=(SHIPPED,),
        show_default=True,
        metavar="FILE",
        help=f"Shapes to hold it against; may be repeated. {SHIPPED} are those that come with the program.",
    ),
    click.option("--portal", metavar="KEY", help="Only the records of one portal."),
    click.option(
        "--inferred/--no-inferred",
        default=True,
        show_default=True,
        help="With what the harvester inferred, or only what the portals said.",
    ),
    click.option(
        "--severity",
        type=click.Choice(_LEVELS),
        default="info",
        show_default=True,
        help="Report results of this severity and heavier ones.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(["violation", "warning", "never"]),
        default="violation",
        show_default=True,
        help="End with exit code 5 for results of this severity or a heavier one.",
    ),
    click.option(
        "--limit-examples",
        type=click.IntRange(min=0),
        default=3,
        show_default=True,
        metavar="N",
        help="Examples of each rule; turtle has all results.",
    ),
    click.option(
        "-o", "--output", type=click.Choice(FORMATS), default="table", show_default=True, help="Format."
    ),
    click.option(
        "--to",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write to a file, which appears when it is complete.",
    ),
)
def validate(file: Path | None, store: Path, **given: Any) -> None:
    """Hold the catalogue, or a dump in FILE, against SHACL shapes: by default those of DCAT-AP 3.

    Tells for each portal which rules are not kept, how often, where, and what to tell the publisher.
    """
    few_arenas()
    least = Severity(given["severity"])
    fail_on = None if given["fail_on"] == "never" else Severity(given["fail_on"])
    if fail_on and fail_on.rank > least.rank:
        raise UsageError(
            f"--fail-on {fail_on} asks for more than --severity {least}", fix=f"--severity {fail_on}"
        )
    shapes = load_shapes(given["shapes"])
    for notice in shapes.notices:
        click.echo(f"Note: {safe(notice)}.", err=True)
    engine = engine_for(shapes)
    with ExitStack() as stack:
        stack.enter_context(store_errors())
        source = Source(
            stack.enter_context(_data(file, store)),
            inferred=given["inferred"],
            portal=given["portal"],
            replaces=shapes.replaces,
            facts=shapes.facts,
        )
        _require_portal(source, given["portal"])
        out = stack.enter_context(destination(given["to"]))
        graph = Graph(out) if given["output"] == "turtle" else None
        portals = judge(
            source,
            engine,
            dict(shapes.rules),
            Wanted(least, given["limit_examples"]),
            sink=graph.add if graph else None,
            listener=stack.enter_context(_progress()),
        )
        outcome = Outcome(given["shapes"], str(file or store), tuple(shapes.rules.values()), portals)
        if graph:
            graph.finish()
        elif given["output"] == "table":
            _print(outcome, TextIOWrapper(out, encoding="utf-8") if given["to"] else None)
        else:
            out.write(_written(outcome, given["output"], fail_on))
    if fail_on and not outcome.conforms(fail_on):
        sys.exit(EXIT_SKIPPED)


@contextmanager
def _data(file: Path | None, folder: Path) -> Iterator[Store]:
    if file is None:
        with Catalogue(folder).require().open() as store:
            yield store
    else:
        with opened(file) as store:
            yield store


def _require_portal(source: Source, portal: str | None) -> None:
    if portal is not None and portal not in (known := source.portals()):
        there = f"name one of {', '.join(sorted(known))}" if known else "leave --portal out: it names none"
        raise UsageError(f"no records of the portal {portal!r}", fix=there)


@contextmanager
def _progress() -> Iterator[Listener]:
    with progress_on("text") as listen:

        def tell(records: int, results: int) -> None:
            listen(Progress("Validation", results, None, "results", records))

        yield tell


def _written(outcome: Outcome, format_: str, fail_on: Severity | None) -> bytes:
    match format_:
        case "json":
            return as_json(document(outcome)).encode() + b"\n"
        case "sarif":
            return as_json(sarif(outcome)).encode() + b"\n"
        case _:
            return junit(outcome, fail_on) + b"\n"


def _print(outcome: Outcome, out: TextIOWrapper | None) -> None:
    for portal in outcome.portals:
        click.echo(_headline(portal, outcome), file=out)
        if findings := portal.sorted():
            rows = [
                (f.rule.severity.value, f.rule.name, f"{f.results:,}", f"{f.records:,}", f.message)
                for f in findings
            ]
            print_table(_HEAD, rows, numeric=(2, 3), styles=_STYLES, out=out)
            heaviest = [f for f in findings if f.rule.severity is findings[0].rule.severity]
            click.echo("\nWhat to tell the publisher", file=out)
            for finding in heaviest:
                click.echo(safe(_told(finding)), file=out)
        click.echo(file=out)
    if not outcome.portals:
        click.echo("There are no records.", file=out)
    if out:
        out.detach()


def _headline(portal: Portal, outcome: Outcome) -> str:
    counts = ", ".join(f"{portal.count(severity):,} {severity}s" for severity in Severity)
    rate = portal.per_100_datasets(Severity.VIOLATION)
    per = "" if rate is None else f"; {rate:,.0f} violations per 100 datasets"
    size = f"{portal.records:,} records, {portal.datasets:,} datasets"
    return safe(f"{portal.key or outcome.source}: {size} against {' '.join(outcome.shapes)}: {counts}{per}")


def _told(finding: Finding) -> str:
    lines = [f"{finding.results:,} × {finding.rule.name}", f"  {finding.rule.advises() or finding.message}"]
    for example in finding.examples:
        part = example.focus != example.resource and not example.focus.startswith("_:")
        where = f" ({example.focus})" if part else ""
        lines.append(f"  e.g. {example.resource}{where}{': ' * bool(example.value)}{example.value}")
    return "\n".join(lines)
