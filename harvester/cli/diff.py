"""`harvester diff`: which records differ between two generations, and in which statements."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click
from pyoxigraph import Quad, Store

from harvester.cli.options import options, store_option
from harvester.cli.program import as_json
from harvester.cli.table import print_table
from harvester.errors import UsageError
from harvester.model import Kind
from harvester.store.changes import ADDED, CHANGED, REMOVED, Change, changes, portals, statements
from harvester.store.generations import Catalogue, Generation

_STYLES = {(0, ADDED): "green", (0, CHANGED): "yellow", (0, REMOVED): "red"}
_ESCAPES = {code: f"\\u{code:04X}" for code in (*range(0x20), *range(0x7F, 0xA0))}
"""Control characters, which N-Quads may hold raw: https://www.w3.org/TR/n-quads/#grammar-production-UCHAR"""

_EXAMPLES = """\b
Examples:
  harvester diff                                    what the last publication changed
  harvester diff 20260131T020000Z                   what has changed since then
  harvester diff 20260130 20260131 --kind dataset
  harvester diff -o json --triples
  harvester diff -o patch > last-night.rdfp         for a mirror: https://afs.github.io/rdf-patch/
"""


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two generations, the changes between them that were asked for, and their open stores."""

    old: Generation | None
    new: Generation
    old_store: Store | None
    new_store: Store
    portal: str | None
    kind: str | None

    def changes(self) -> Iterator[Change]:
        found = changes(self.old, self.new, portal=self.portal)
        return (change for change in found if self.kind in (None, change.kind.value))

    def statements(self, change: Change) -> tuple[list[Quad], list[Quad]]:
        return statements(self.old_store, self.new_store, change)


@click.command(epilog=_EXAMPLES)
@click.argument("old", metavar="[GEN]", required=False)
@click.argument("new", metavar="[GEN]", required=False)
@options(
    store_option,
    click.option("--portal", metavar="KEY", help="Records of this portal only, such as www.data.gouv.fr."),
    click.option(
        "--kind", type=click.Choice([kind.value for kind in Kind]), help="Records of this kind only."
    ),
    click.option(
        "-o",
        "--output",
        type=click.Choice(["table", "json", "nq", "patch"]),
        default="table",
        show_default=True,
        help="nq: the statements that were added, as N-Quads; patch: those added and removed, as RDF Patch.",
    ),
    click.option("--triples", is_flag=True, help="With -o json: each change with its statements."),
    click.option("--removed", is_flag=True, help="With -o nq: the statements that were removed instead."),
    click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=200,
        show_default=True,
        metavar="ROWS",
        help="Show at most so many rows of a table; 0: all.",
    ),
)
def diff(old: str | None, new: str | None, store: Path, portal: str | None, **given: Any) -> None:
    """Show which records were added, changed and removed between two generations.

    Without GEN: between the current generation and the one before it. With one: between that and the current.
    Ids may be abbreviated. Compared is what the portals say, not what was inferred from it; counters and
    scores that change by themselves are no change.
    """
    output = given["output"]
    if (given["triples"] and output != "json") or (given["removed"] and output != "nq"):
        raise UsageError(
            "--triples goes with -o json, --removed with -o nq", fix="add the output, or leave the option out"
        )
    with ExitStack() as stack:
        older, newer = _named(Catalogue(store), old, new)
        old_store = stack.enter_context(older.open()) if older else None
        new_store = stack.enter_context(newer.open())
        _require_portal(portal, old_store, new_store)
        pair = _Pair(older, newer, old_store, new_store, portal, given["kind"])
        sys.stdout.flush()
        match output:
            case "json":
                _write_json(pair, sys.stdout.buffer, triples=given["triples"])
            case "nq":
                _write_nquads(pair, sys.stdout.buffer, removed=given["removed"])
            case "patch":
                _write_patch(pair, sys.stdout.buffer)
            case _:
                _print_table(pair, given["limit"])


def _named(catalogue: Catalogue, old: str | None, new: str | None) -> tuple[Generation | None, Generation]:
    if old and new:
        return catalogue.find(old), catalogue.find(new)
    current = catalogue.require()
    return catalogue.find(old) if old else catalogue.before(current), current


def _require_portal(portal: str | None, *stores: Store | None) -> None:
    known = {key for store in stores if store is not None for key in portals(store)}
    if portal is not None and portal not in known:
        raise UsageError(
            f"no records of the portal {portal!r}", fix=f"name one of {', '.join(sorted(known))}"
        )


def _print_table(pair: _Pair, limit: int) -> None:
    counts: Counter[str] = Counter()
    rows: list[tuple[str, ...]] = []
    for change in pair.changes():
        counts[change.change] += 1
        if not limit or len(rows) < limit:
            rows.append((change.change, change.kind.value, _one_line(change.title), change.resource))
    if rows:
        print_table(("change", "kind", "title", "IRI"), rows, styles=_STYLES)
    old = pair.old.id if pair.old else "nothing (it is the oldest generation)"
    click.echo(f"{_said(counts)} from {old} to {pair.new.id}")
    if counts.total() > len(rows):
        click.echo(f"Only the first {limit} rows are shown; --limit 0 shows all.", err=True)


def _said(counts: Counter[str]) -> str:
    """Say how many records changed how.

    >>> _said(Counter(added=1200, removed=1))
    '1,200 added, 0 changed, 1 removed'
    """
    return ", ".join(f"{counts[change]:,} {change}" for change in (ADDED, CHANGED, REMOVED))


def _one_line(text: str, longest: int = 200) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[:longest] + "…"


def _write_json(pair: _Pair, out: BinaryIO, *, triples: bool) -> None:
    """Write one document, a change per line, as the changes come: the counts are known only in the end."""
    counts: Counter[str] = Counter()
    ids = {"old": pair.old and pair.old.id, "new": pair.new.id}
    out.write((json.dumps(ids)[:-1] + ', "changes": [').encode())
    for number, change in enumerate(pair.changes()):
        counts[change.change] += 1
        value: dict[str, Any] = {
            "change": change.change,
            "kind": change.kind.value,
            "resource": change.resource,
            "title": change.title,
            "graph": change.graph,
        }
        if triples:
            value["added"], value["removed"] = (
                [_nquad(quad) for quad in quads] for quads in pair.statements(change)
            )
        out.write((",\n " if number else "\n ").encode() + as_json(value, indent=None).encode())
    totals = {change: counts[change] for change in (ADDED, CHANGED, REMOVED)}
    out.write(f'\n], "counts": {json.dumps(totals)}}}\n'.encode())


def _write_nquads(pair: _Pair, out: BinaryIO, *, removed: bool) -> None:
    for change in pair.changes():
        out.writelines(_nquad(quad).encode() + b"\n" for quad in pair.statements(change)[removed])


def _write_patch(pair: _Pair, out: BinaryIO) -> None:
    """Write one transaction: https://afs.github.io/rdf-patch/ ."""
    out.write(b"TX .\n")
    for change in pair.changes():
        added, removed = pair.statements(change)
        for code, quads in (("D", removed), ("A", added)):
            out.writelines(f"{code} {_nquad(quad)}\n".encode() for quad in quads)
    out.write(b"TC .\n")


def _nquad(quad: Quad) -> str:
    return f"{quad} .".translate(_ESCAPES)
