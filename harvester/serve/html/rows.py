"""Answers of rows as a page shows them: SPARQL JSON in, cells with their text, links and alignment out."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from harvester.query.told import Told
from harvester.serve.html.labels import Label
from harvester.vocab import PREFIXES, XSD

LONGEST_TEXT = 240
"""Characters of a text that are shown; what goes beyond is cut at a word."""
LONGEST_IRI = 44
"""Characters of an IRI that are shown; a longer one is cut in its middle, where it tells least."""
LONGEST_TITLE = 2_000
"""Characters of the whole that a cell still carries where its text is cut."""

_NARROW_SPACE = "\u202f"
"""Parts thousands in English and in French (https://www.bipm.org/en/cgpm-2003/resolution-10)."""
_INTEGERS = frozenset(
    XSD + name for name in ("integer", "nonNegativeInteger", "positiveInteger", "long", "int", "short")
)
_FRACTIONS = frozenset(XSD + name for name in ("decimal", "double", "float"))
_TIMES = frozenset(XSD + name for name in ("date", "dateTime"))
_PREFIXED = re.compile(r"(.*[/#:])([\w-]+)")
"""An IRI parted into what a prefix may stand for, and what stands behind it without any escape."""
_MAILTO = re.compile(r"mailto:[^\s@?&]+@[A-Za-z0-9.-]+")
_NAMES = {space: prefix for prefix, space in PREFIXES.items()}


@dataclass(frozen=True, slots=True)
class Cell:
    """A term to show. `kind` is iri, text, number, time, node or "" for an unbound variable.

    `title` is the whole value where `text` is only a part or another form of it, `href` the address of
    an IRI that a browser may follow, `iri` the IRI itself.
    """

    kind: str = ""
    text: str = ""
    title: str = ""
    href: str = ""
    iri: str = ""
    language: str = ""

    @property
    def whole(self) -> str:
        """The value as the answer says it, a text up to LONGEST_TITLE characters of it."""
        return self.iri or self.title or self.text


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the variable's `name`, its `label` for people, and whether all that it holds are numbers."""

    name: str
    label: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to show. The answer of ASK has no rows, and a `truth`."""

    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    truth: bool | None = None

    def values(self, column: str) -> list[str]:
        """Return what stands in a column, row by row; nothing if there is no such column."""
        at = next((n for n, each in enumerate(self.columns) if each.name == column), None)
        return [] if at is None else [row[at].whole for row in self.rows]

    def told(self, told: Told) -> "Table":
        """Return the table with the headings of a query in some language, and its words for values."""
        columns = tuple(replace(column, label=told.column(column.name)) for column in self.columns)
        worded = {n: words for n, column in enumerate(columns) if (words := told.values.get(column.name))}
        if not worded:
            return replace(self, columns=columns)
        rows = tuple(
            tuple(_worded(cell, worded[n]) if n in worded else cell for n, cell in enumerate(row))
            for row in self.rows
        )
        return replace(self, columns=columns, rows=rows)

    @property
    def iris(self) -> set[str]:
        """The IRIs that stand in it."""
        return {cell.iri for row in self.rows for cell in row if cell.iri}

    def labelled(self, found: Mapping[str, Label]) -> "Table":
        """Return the table with labels in place of IRIs; not where the row says the same words already."""
        return replace(self, rows=tuple(_labelled(row, found) for row in self.rows)) if found else self


def read_table(body: bytes) -> Table:
    """Read an answer in SPARQL's JSON (https://www.w3.org/TR/sparql11-results-json/)."""
    document = json.loads(body)
    if "boolean" in document:
        return Table(truth=document["boolean"])
    names: list[str] = document["head"]["vars"]
    rows = tuple(tuple(_cell(row.get(name)) for name in names) for row in document["results"]["bindings"])
    return Table(tuple(_column(name, [row[n] for row in rows]) for n, name in enumerate(names)), rows)


def _labelled(row: tuple[Cell, ...], found: Mapping[str, Label]) -> tuple[Cell, ...]:
    said = {cell.whole for cell in row if not cell.iri}
    return tuple(
        replace(cell, text=shorten(label.text), language=label.language)
        if cell.iri and (label := found.get(cell.iri)) and label.text not in said
        else cell
        for cell in row
    )


def shorten(text: str, longest: int = LONGEST_TEXT) -> str:
    """Cut a long text at a word.

    >>> shorten("a catalogue of datasets", 15)
    'a catalogue of…'
    """
    if len(text) <= longest:
        return text
    head = text[: longest + 1]
    return (head[: head.rfind(" ")] if " " in head[longest // 2 :] else head[:longest]).rstrip() + "…"


def shorten_iri(iri: str) -> str:
    """Return an IRI as a reader knows it again: with its prefix, or without its scheme, the middle cut.

    >>> shorten_iri("http://www.w3.org/ns/dcat#Dataset")
    'dcat:Dataset'
    >>> shorten_iri("https://data.example/datasets/1")
    'data.example/datasets/1'
    """
    parts = _PREFIXED.fullmatch(iri)
    if parts and parts[1] in _NAMES:
        return f"{_NAMES[parts[1]]}:{parts[2]}"
    text = re.sub(r"^https?://", "", iri)
    if len(text) > LONGEST_IRI:
        half = LONGEST_IRI // 2
        text = f"{text[:half]}…{text[-half:]}"
    return text


def followable(iri: str) -> str:
    """Return the IRI if it is an address of the web that a page may link to, else "".

    >>> followable("javascript:alert(1)")
    ''
    """
    try:
        parts = urlsplit(iri)
    except ValueError:
        return ""
    return iri if parts.scheme in ("http", "https") and parts.netloc else ""


def web_address(iri: str) -> str:
    """Return the address if a page may link to it, a mail address too, else "".

    >>> web_address("https://a.example/"), web_address("mailto:a@b.example"), web_address("data:text/html,x")
    ('https://a.example/', 'mailto:a@b.example', '')
    """
    return followable(iri) or (iri if _MAILTO.fullmatch(iri) else "")


def _column(name: str, cells: Sequence[Cell]) -> Column:
    kinds = {cell.kind for cell in cells if cell.kind}
    return Column(name, name.replace("_", " "), numeric=kinds == {"number"})


def _worded(cell: Cell, words: Mapping[str, str]) -> Cell:
    text = "" if cell.kind != "text" or cell.language else words.get(cell.text, "")
    return replace(cell, text=text) if text else cell


def _cell(term: Mapping[str, Any] | None) -> Cell:
    match term:
        case None:
            return Cell()
        case {"type": "uri", "value": str(iri)}:
            return Cell("iri", shorten_iri(iri), _cut(iri), followable(iri), iri)
        case {"type": "bnode", "value": str(label)}:
            return Cell("node", f"_:{shorten(label, 12)}", _cut(label))
        case {"type": "triple", "value": {"subject": subject, "predicate": predicate, "object": object_}}:
            parts = " ".join(_cell(part).text for part in (subject, predicate, object_))
            return Cell("text", shorten(f"<<( {parts} )>>"))
        case {"value": str(value)}:
            return _literal(value, term.get("datatype", ""), term.get("xml:lang", ""))
    raise ValueError(f"no term of SPARQL's JSON: {str(term)[:200]}")


def _literal(value: str, datatype: str, language: str) -> Cell:
    kind = "text"
    text = shorten(value)
    if datatype in _INTEGERS:
        kind, text = "number", _grouped(value)
    elif datatype in _FRACTIONS:
        kind, text = "number", _rounded(value)
    elif datatype in _TIMES:
        kind, text = "time", _short_time(value)
    return Cell(kind, text, "" if text == value else _cut(value), language=language)


def _grouped(digits: str) -> str:
    """Part thousands from five digits on, so that a year stays a year.

    >>> _grouped("2015"), _grouped("-1234567").split(_NARROW_SPACE)
    ('2015', ['-1', '234', '567'])
    """
    if not re.fullmatch(r"[+-]?\d{5,18}", digits):
        return shorten(digits)
    return f"{int(digits):,}".replace(",", _NARROW_SPACE)


def _rounded(number: str) -> str:
    """Show at most six digits behind the point, as the column shall be read and not computed with."""
    match = re.fullmatch(r"([+-]?\d{1,15}\.\d{6})\d+", number)
    return match[1].rstrip("0").rstrip(".") if match else shorten(number)


def _short_time(value: str) -> str:
    """Return day, and hours and minutes unless it is midnight.

    >>> _short_time("2026-01-31T12:34:56.789Z"), _short_time("2026-01-31T00:00:00")
    ('2026-01-31 12:34', '2026-01-31')
    """
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return shorten(value)
    return f"{moment:%Y-%m-%d}" if f"{moment:%H:%M}" == "00:00" else f"{moment:%Y-%m-%d %H:%M}"


def _cut(whole: str) -> str:
    return shorten(whole, LONGEST_TITLE)
