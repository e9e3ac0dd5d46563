"""Bounds on answers: how many rows or triples the server gives, and the first few for a page."""

import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO, cast

from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QuerySolutions, Triple

from harvester.query.results import Output, Results
from harvester.workers.task import Refused

MOST_AT_ONCE = 10_000
"""Most rows or triples of an answer that is cut: it is held in memory."""
_SEPARATORS = {"json": (b'}},{"', 1), "xml": (b"<result>", 0), "csv": (b"\r\n", -1), "tsv": (b"\n", -1)}
"""What stands at or between the rows of the engine's output, and how many rows there are without any.

A text may hold them too, which a bound can bear.
"""


def bounded(triples: Iterable[Triple], most: int) -> Iterator[Triple]:
    """Pass triples on. Raises Refused after `most` of them."""
    for number, triple in enumerate(triples, 1):
        if number > most:
            raise _too_many("triples", most)
        yield triple


class RowBound(io.RawIOBase):
    """A file that passes an answer of rows on to another. Raises Refused after about `most` rows."""

    def __init__(self, out: BinaryIO, output: Output, most: int) -> None:
        super().__init__()
        self._out = out
        self._separator, self._rows = _SEPARATORS[output.name]
        self._most = most
        self._tail = b""

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Count the rows of a piece, also where one is parted between two pieces."""
        piece = self._tail + bytes(data)
        self._rows += piece.count(self._separator)
        self._tail = piece[max(0, len(piece) - len(self._separator) + 1) :]  # too short to be counted again
        if self._rows > self._most:
            raise _too_many("rows", self._most)
        self._out.write(data)
        return len(data)


def first(results: Results, count: int) -> tuple[Results | bytes, bool]:
    """Return the first `count` rows (as SPARQL JSON) or triples, and whether there are more."""
    if isinstance(results, QueryBoolean):
        return results, False
    if isinstance(results, QuerySolutions):
        return _first_rows(results, count)
    triples = list(islice(results, count + 1))
    return triples[:count], len(triples) > count


def _first_rows(solutions: QuerySolutions, count: int) -> tuple[bytes, bool]:
    names = [variable.value for variable in solutions.variables]
    rows = [
        {name: _term(term) for name, term in zip(names, solution, strict=True) if term is not None}
        for solution in islice(solutions, count + 1)
    ]
    more = len(rows) > count
    mark = {"truncated": True} if more else {}  # first: readers that stream take nothing behind the rows
    document = {**mark, "head": {"vars": names}, "results": {"bindings": rows[:count]}}
    return json.dumps(document, ensure_ascii=False).encode(), more


def _term(term: NamedNode | BlankNode | Literal | Triple) -> dict[str, Any]:
    """Return a term as https://www.w3.org/TR/sparql12-results-json/#select-encode-terms has it."""
    match term:
        case NamedNode():
            return {"type": "uri", "value": term.value}
        case BlankNode():
            return {"type": "bnode", "value": term.value}
        case Literal(language=str(language)):
            return {"type": "literal", "value": term.value, "xml:lang": language}
        case Literal(datatype=NamedNode(value="http://www.w3.org/2001/XMLSchema#string")):
            return {"type": "literal", "value": term.value}
        case Literal():
            return {"type": "literal", "value": term.value, "datatype": term.datatype.value}
    parts = {part: _term(cast("Any", getattr(term, part))) for part in ("subject", "predicate", "object")}
    return {"type": "triple", "value": parts}


def _too_many(what: str, most: int) -> Refused:
    return Refused(
        503,
        f"The answer has more than the {most:,} {what} that this server gives",
        fix="ask for pages with ORDER BY, LIMIT and OFFSET, or take a dump",
        slug="answer-too-large",
    )
