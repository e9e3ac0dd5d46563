"""`harvester queries`: the canned queries, what they take, and whether they work."""

from collections.abc import Sequence
from pathlib import Path

import click

from harvester.cli.answers import endpoint_options, open_endpoint
from harvester.cli.query import library, queries_option
from harvester.cli.table import print_table
from harvester.query.canned import Library, Query
from harvester.query.check import Checked, check
from harvester.query.header import Sample
from harvester.query.parameters import Parameter

CHECK_FAILED = 1
"""Exit code when a query does not do what its file promises."""


@click.group(invoke_without_command=True)
@queries_option
@click.pass_context
def queries(context: click.Context, folder: Path | None) -> None:
    """List the canned queries; show one; check that they all work."""
    context.obj = folder
    if context.invoked_subcommand is None:
        _list(library(folder), folder)


@queries.command()
@click.argument("name")
@queries_option
@click.pass_obj
def show(outer: Path | None, name: str, folder: Path | None) -> None:
    """Tell what the query NAME answers and takes, and print it."""
    query = library(folder or outer)[name]
    header = query.header
    click.echo(f"{query.name}: {header.summary}\n")
    if header.description:
        click.echo(f"{header.description}\n")
    if query.parameters:
        click.echo("Parameters")
        print_table(("name", "type", "value"), [_explained(parameter) for parameter in query.parameters])
        click.echo()
    click.echo(f"Example: {_example(query)}\nFile: {query.path}\n\n{query.text}")


@queries.command(name="check")
@click.argument("names", nargs=-1)
@queries_option
@endpoint_options
@click.pass_obj
@click.pass_context
def check_(
    context: click.Context,
    outer: Path | None,
    names: Sequence[str],
    folder: Path | None,
    store: Path,
    endpoint: str | None,
    timeout: float,
) -> None:
    """Run the example of every query (or of those NAMED), and compare with what its file expects."""
    every = library(folder or outer)
    with open_endpoint(store, endpoint, timeout) as asked:
        done = list(check(every, asked, names))
    _report(done)
    if any(checked.problem for checked in done):
        context.exit(CHECK_FAILED)


def _list(all_: Library, folder: Path | None) -> None:
    rows = [(query.name, query.header.summary, ", ".join(map(_brief, query.parameters))) for query in all_]
    print_table(("name", "summary", "parameters"), rows)
    if all_.replaced:
        click.echo(f"From {folder}, in place of shipped ones: {', '.join(sorted(all_.replaced))}", err=True)


def _report(done: Sequence[Checked]) -> None:
    rows = [
        (checked.name, "failed" if checked.problem else "passed", f"{checked.rows}", f"{checked.seconds:.2f}")
        for checked in done
    ]
    print_table(("query", "result", "rows", "seconds"), rows, numeric=(2, 3))
    for checked in done:
        if checked.problem:
            click.echo(f"Failed: {checked.name}: {checked.problem}", err=True)
        for warning in checked.warnings:
            click.echo(f"Warning: {warning}", err=True)
    failed = sum(bool(checked.problem) for checked in done)
    click.echo(f"{len(done) - failed} passed, {failed} failed")


def _brief(parameter: Parameter) -> str:
    """Say name and type; in brackets what may be left out, with its default."""
    text = f"{parameter.name}: {parameter.type.name}"
    if parameter.default is not None:
        return f"[{text} = {parameter.default}]"
    return text if parameter.required else f"[{text}]"


def _explained(parameter: Parameter) -> tuple[str, str, str]:
    value = parameter.type.expects
    if parameter.choices:
        value = f"one of {', '.join(parameter.choices)}"
    if parameter.default is not None:
        value += f"; {parameter.default} unless given"
    elif not parameter.required:
        value += "; may be left out"
    return parameter.name, parameter.type.name, value


def _example(query: Query) -> str:
    """Spell the command line of the query's example."""
    values = [
        f"-p {name}={f'<{value.column} of {value.query}>' if isinstance(value, Sample) else value}"
        for name, value in query.header.example.items()
    ]
    return " ".join(["harvester query", query.name, *values])
