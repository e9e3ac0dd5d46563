"""A dump: what to write of a store, in which syntax, and what came of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from harvester.export.description import description, find_resource
from harvester.export.files import Output
from harvester.export.groups import Group, Reader
from harvester.export.jsonld import jsonld
from harvester.export.jsonld_terms import Terms
from harvester.export.lines import nquads, ntriples, stored_nquads
from harvester.export.rdfxml import rdfxml
from harvester.export.selection import Homes, Selection
from harvester.export.syntax import Syntax
from harvester.export.turtle import trig, turtle
from harvester.store.local import as_store_error

NESTING = ("ttl", "trig", "jsonld")
"""Formats with a way to write a blank node inside the statement that points at it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a dump holds: the number of its statements, and what could not be put in, by what it is."""

    statements: int
    left_out: Mapping[str, int]


def write_dump(
    store: Store,
    output: Output,
    syntax: Syntax,
    selection: Selection,
    *,
    resource: str | None = None,
    context: Mapping[str, Any] | None = None,
    homes: Homes | None = None,
) -> Summary:
    """Write a store, or with `resource` (an IRI, or the portal's id) what it says about that.

    Formats without graphs get the union of all graphs. `context` is the one for JSON-LD; the harvester's
    prefixes serve where it is None. The same content gives the same bytes. Memory is flat. `homes` saves who
    asks the same store for many resources a look at all its graphs each time.

    Raises UsageError for an unknown resource or a context that cannot be used, StoreError where the store
    cannot be read or the output not be written.
    """
    with store_errors():
        reader = Reader(store, selection, nesting=syntax.format in NESTING, homes=homes)
        groups = Counted(_groups(reader, syntax, resource))
        if syntax.format == "nq" and resource is None and not selection.stand_ins:
            for piece in stored_nquads(reader):
                groups.statements += piece.count(b"\n")
                output.write(piece)
        else:
            for text in document(groups, syntax, reader.left_out, context):
                output.write(text.encode())
        return Summary(groups.statements, dict(+reader.left_out))


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn what RocksDB raises in a block that reads a store into a StoreError."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        if translated := as_store_error(error, Path("the catalogue's store")):
            raise translated from error
        raise


class Counted:
    """Passes groups on, counting their statements."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self.statements = 0
        self._groups = groups

    def __iter__(self) -> Iterator[Group]:
        for group in self._groups:
            self.statements += len(group.rows)
            yield group


def _groups(reader: Reader, syntax: Syntax, resource: str | None) -> Iterator[Group]:
    if resource is not None:
        return description(reader, find_resource(reader, resource), keep_graphs=syntax.keeps_graphs)
    return reader.quads() if syntax.keeps_graphs else reader.triples()


def document(
    groups: Iterable[Group], syntax: Syntax, left_out: Counter[str], context: Mapping[str, Any] | None
) -> Iterator[str]:
    """Yield `groups` as a document, in pieces. `left_out` counts what the syntax cannot express."""
    match syntax.format:
        case "ttl":
            return turtle(groups)
        case "trig":
            return trig(groups)
        case "nt":
            return ntriples(groups)
        case "nq":
            return nquads(groups)
        case "jsonld":
            return jsonld(groups, Terms(context), left_out)
        case _:
            return rdfxml(groups, left_out)
