"""`harvester rollback`: make an earlier generation current again."""

from pathlib import Path

import click

from harvester.cli.options import store_option
from harvester.cli.program import printable, program
from harvester.errors import StoreError, UsageError
from harvester.store.changes import count_records
from harvester.store.check import check
from harvester.store.generations import Catalogue, Generation

_EXAMPLES = """\b
Examples:
  harvester rollback                        to the generation before the current one
  harvester rollback 20260130T020000Z       to this one, which may also be newer
"""


@click.command(epilog=_EXAMPLES)
@click.argument("generation", metavar="[GEN]", required=False)
@store_option
@click.option("--force", is_flag=True, help="Even to a generation that is damaged.")
def rollback(generation: str | None, store: Path, *, force: bool) -> None:
    """Make another generation current: the one before, or GEN. Readers follow at once.

    The generation that was current stays, and `harvester rollback` with its id goes there again. The files of
    GEN are checked first.
    """
    catalogue = Catalogue(store)
    if not catalogue.generations():
        catalogue.require()
    with catalogue.lock("rollback"):
        target = catalogue.find(generation) if generation else _older(catalogue)
        current = _current_id(catalogue)
        if target.id == current:
            click.echo(f"{current} is the current generation already: nothing changed.")
            return
        _require_sound(target, force=force)
        catalogue.switch(target)
    click.echo(
        f"The catalogue {store} went from generation {current or 'none'} to {target.id}{_contents(target)}."
    )
    click.echo("All readers see it from now on; the next harvest goes on from there.")
    if current:
        click.echo(f"To go back: {program()} rollback {current} --store {store}")


def _older(catalogue: Catalogue) -> Generation:
    current = catalogue.require()
    older = catalogue.before(current)
    if older is None:
        raise UsageError(
            f"{current.id} is the oldest generation in {catalogue.path}", fix="name a newer one, or harvest"
        )
    return older


def _current_id(catalogue: Catalogue) -> str | None:
    """Return the current generation's id, None if `current` leads nowhere: going elsewhere is the cure."""
    try:
        current = catalogue.current()
    except StoreError:
        return None
    return current.id if current else None


def _require_sound(target: Generation, *, force: bool) -> None:
    findings = check(target)
    for finding in findings:
        click.echo(printable(f"{finding.damage}: {finding.path}: {finding.why}"), err=True)
    if findings and not force:
        raise StoreError(
            f"generation {target.id} is damaged: {len(findings):,} findings; nothing was changed",
            fix="name another generation; or, if it must be this one, --force",
        )


def _contents(generation: Generation) -> str:
    try:
        with generation.open() as store:
            return f": {count_records(store):,} records, {generation.manifest.quads:,} quads"
    except (StoreError, OSError, RuntimeError):  # forced: then it may not even open
        return ", which cannot be read"
