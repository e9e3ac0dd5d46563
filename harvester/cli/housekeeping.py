"""`harvester prune`, `check` and `compact`: the catalogue's house-keeping."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from rich.filesize import decimal

from harvester.cli.options import store_option
from harvester.cli.program import as_json, program
from harvester.cli.table import print_table
from harvester.store.check import Finding, check_current
from harvester.store.check import check as check_generation
from harvester.store.compaction import Size
from harvester.store.compaction import compact as compact_catalogue
from harvester.store.generations import Catalogue, Generation
from harvester.store.local import disk_errors, disk_use

_DAMAGED = 1
"""Exit code of a check that found something."""

_keep = partial(
    click.option,
    "--keep",
    type=click.IntRange(1),
    metavar="GENERATIONS",
    envvar="HARVESTER_KEEP",
    show_envvar=True,
    help="Newest generations of each portal to keep.",
)


@click.command(
    epilog="""\b
Example:
  harvester prune --keep 1
"""
)
@store_option
@_keep(required=True)
def prune(store: Path, keep: int) -> None:
    """Remove old generations.

    The current one stays whatever its age, and so do those that somebody reads: the next run removes them.
    """
    catalogue = Catalogue(store)
    catalogue.require()
    with catalogue.lock("prune"), disk_errors(store):
        before = disk_use(store)
        pruned = catalogue.prune(keep)
        freed = max(before - disk_use(store), 0)
    for id_ in pruned.removed:
        click.echo(f"removed {id_}")
    for id_ in pruned.in_use:
        click.echo(f"kept    {id_}: it is being read")
    click.echo(f"{len(pruned.removed):,} generations removed, {decimal(freed)} freed")


@click.command(
    epilog="""\b
Examples:
  harvester check                      all generations
  harvester check 20260131T020000Z
  harvester check -o json

\b
Exit codes: 0 all is well; 1 something is damaged.
"""
)
@click.argument("generations", metavar="[GEN]...", nargs=-1)
@store_option
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def check(generations: tuple[str, ...], store: Path, output: str) -> None:
    """Verify generations against their manifests: files, sizes, checksums, and the store's contents.

    It changes nothing, and may run at any time.
    """
    catalogue = Catalogue(store)
    catalogue.check()
    named = [catalogue.find(name) for name in generations] or catalogue.generations()
    if not named:
        catalogue.require()
    found = {generation.id: check_generation(generation) for generation in named}
    wrong = [*check_current(catalogue), *(finding for findings in found.values() for finding in findings)]
    if output == "json":
        told = {id_: [asdict(finding) for finding in findings] for id_, findings in found.items()}
        current = [asdict(finding) for finding in wrong if not finding.generation]
        document = {"store": str(store), "damaged": bool(wrong), "current": current, "generations": told}
        click.echo(as_json(document))
    else:
        _print_findings(named, wrong)
    click.get_current_context().exit(_DAMAGED if wrong else 0)


def _print_findings(checked: list[Generation], wrong: list[Finding]) -> None:
    damaged = {finding.generation for finding in wrong}
    for generation in checked:
        if generation.id not in damaged:
            manifest = generation.manifest
            click.echo(f"{generation.id} is whole: {len(manifest.files):,} files, {manifest.quads:,} quads")
    if wrong:
        rows = [(finding.generation, finding.damage, finding.path, finding.why) for finding in wrong]
        print_table(("generation", "damage", "file", "why"), rows)
        click.echo(f"Next: {program()} rollback to one that is whole, and harvest; or restore from a backup")


@click.command(
    epilog="""\b
Example:
  harvester compact && harvester prune --keep 1
"""
)
@store_option
@_keep(default=3, show_default=True)
def compact(store: Path, keep: int) -> None:
    """Rewrite the current generation in fewer files, as a new generation with the same content.

    Queries that join much become faster. Worth it after a first harvest, and after months of nightly ones. It
    publishes nothing where neither the files become a third fewer nor the bytes 5 % less.
    """
    catalogue = Catalogue(store)
    catalogue.require()
    with catalogue.lock("compact"):
        done = compact_catalogue(catalogue, keep)
    sizes = f"{_size(done.before)} before, {_size(done.after)} after"
    if done.generation is None:
        click.echo(f"Generation {done.base} would gain nothing and stays current: {sizes}.")
        return
    click.echo(f"Generation {done.base} was rewritten as {done.generation}, now current: {sizes}.")
    click.echo("The generations before it keep their own files until they are pruned.")


def _size(size: Size) -> str:
    return f"{decimal(size.bytes)} in {size.tables:,} tables"
