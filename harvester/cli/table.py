"""Tables of text: drawn in a terminal, aligned lines elsewhere; nothing is cut off unsaid."""

import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TextIO

import click
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harvester.query.results import Row, Rows
from harvester.vocab import PREFIXES, XSD

_NAMESPACE = re.compile(r"(.*[/#:])([\w.\-]*)", re.DOTALL)
_SHORT = {iri: name for name, iri in PREFIXES.items()}
_NUMBERS = {NamedNode(XSD + name) for name in ("integer", "decimal", "double", "float")}
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What could move a terminal's cursor or turn its text around."""


def print_rows(found: Rows, limit: int, out: TextIO | None = None) -> bool:
    """Print up to `limit` rows of an answer (0: all) as `print_table`; tell whether there were more."""
    rows = list(islice(found.rows, limit + 1 if limit else None))
    more = bool(limit) and len(rows) > limit
    if more:
        rows.pop()
    columns = range(len(found.columns))
    numeric = {column for column in columns if rows and all(_is_number(row, column) for row in rows)}
    print_table(found.columns, [list(map(shown, row)) for row in rows], numeric=numeric, out=out)
    return more


def print_table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numeric: Collection[int] = (),
    styles: Mapping[tuple[int, str], str] | None = None,
    out: TextIO | None = None,
) -> None:
    """Print a table, on standard output unless `out` is given; `numeric` columns are set flush right.

    `styles` has the colour of a column's cell with a certain text, for terminals.
    """
    if out is None and sys.stdout.isatty():
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for column, name in enumerate(head):
            table.add_column(name, overflow="fold", justify="right" if column in numeric else "left")
        for row in rows:
            cells = enumerate(row)
            table.add_row(*(Text(safe(cell), (styles or {}).get((at, cell), "")) for at, cell in cells))
        Console(highlight=False).print(table)
        return
    lines = [[safe(cell).replace("\n", "↵") for cell in row] for row in [head, *rows]]
    for line in _aligned(lines, numeric):
        click.echo(line, file=out)


def shown(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    """Return a term as people read it: a literal's text, an IRI with a well-known prefix, "" for none.

    >>> shown(NamedNode("http://www.w3.org/ns/dcat#Dataset"))
    'dcat:Dataset'
    >>> shown(Literal("Vélos", language="fr"))
    'Vélos'
    """
    if term is None:
        return ""
    if isinstance(term, Literal):
        return term.value
    if isinstance(term, NamedNode):
        parts = _NAMESPACE.fullmatch(term.value)
        return f"{_SHORT[parts[1]]}:{parts[2]}" if parts and parts[1] in _SHORT else term.value
    return str(term)


def safe(text: str) -> str:
    r"""Return text without what would command a terminal; line ends stay.

    >>> safe("a\x1b[31mb\r\nc")
    'a�[31mb\nc'
    """
    return _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n").replace("\t", " "))


def _is_number(row: Row, column: int) -> bool:
    term = row[column]
    return term is None or (isinstance(term, Literal) and term.datatype in _NUMBERS)


def _aligned(lines: Sequence[Sequence[str]], numeric: Collection[int]) -> Iterable[str]:
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = []
        for column, cell in enumerate(line):
            space = " " * (widths[column] - cell_len(cell))
            cells.append(space + cell if column in numeric else cell + space)
        yield "  ".join(cells).rstrip()
