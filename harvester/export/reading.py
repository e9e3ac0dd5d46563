"""The statements of a store as rows of N-Triples tokens, read in batches by threads that hold no GIL.

Terms that come out of the library one by one cost about 1 µs each in Python, and each call into it may wait
5 ms for the GIL. So one query fetches many graphs, and its answer is taken apart as text.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from sys import intern
from typing import TypeVar

from pyoxigraph import NamedNode, Quad, QueryResultsFormat, QuerySolutions, RdfFormat, Store, parse

from harvester.ahead import in_order
from harvester.export.selection import Unit
from harvester.rdf.rows import Row
from harvester.vocab import XSD

BATCH = 64
"""Graphs per query: enough to make the cost of a query vanish, few enough to stay at about 1 MB."""

_ROWS = "SELECT ?n ?s ?p ?o WHERE { VALUES (?n ?g) { %s } GRAPH ?g { ?s ?p ?o } }"
_ABOUT = """
SELECT ?n ?g ?p ?o WHERE {
  VALUES (?n ?s ?g1 ?g2) { %s }
  GRAPH ?g { ?s ?p ?o }
  FILTER(?g != ?g1 && ?g != ?g2 && !isBlank(?o))
}
"""
_CONTROL = bytes({*range(32), 127} - {9, 10})
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_TRIPLE_TERM = "<<("

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield the results for `items` in order, working ahead in threads, but not far: memory stays flat."""
    threads = min(4, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads, thread_name_prefix="export") as pool:
        yield from in_order(pool, function, items, 2 * threads)


def fetch_rows(store: Store, units: list[Unit]) -> bytes:
    """Ask for all statements of `units`; see `read_rows`."""
    graphs = [graph for unit in units for graph in unit.graphs]
    return _ask(store, _ROWS, (f"({n} {NamedNode(graph)})" for n, graph in enumerate(graphs)))


def fetch_about(store: Store, units: list[Unit]) -> bytes:
    """Ask for what other graphs say about the resources of `units`; see `read_about`.

    Statements that point to a blank node are left out: they stay beside that node.
    """
    values = (
        f"({n} {NamedNode(unit.resource)} {NamedNode(unit.graphs[0])} {NamedNode(unit.graphs[-1])})"
        for n, unit in enumerate(units)
        if unit.resource
    )
    return _ask(store, _ABOUT, values)


def read_rows(answer: bytes, units: list[Unit], left_out: Counter[str]) -> list[list[list[Row]]]:
    """Return the rows of each graph of each unit."""
    graphs: dict[str, list[Row]] = {}
    for line in _lines(answer, left_out):
        n, s, p, o = line.split("\t")
        row = (s, p, o if o[0] in '<"_' else _spelled_out(o))
        if n in graphs:
            graphs[n].append(row)
        else:
            graphs[n] = [row]
    numbers = count()
    return [[graphs.get(str(next(numbers)), []) for _ in unit.graphs] for unit in units]


def read_about(answer: bytes, units: list[Unit], left_out: Counter[str]) -> list[list[tuple[str, Row]]]:
    """Return the rows about the resource of each unit with the graph (IRI) that each stands in."""
    about: list[list[tuple[str, Row]]] = [[] for _ in units]
    subjects = [f"<{unit.resource}>" for unit in units]
    for line in _lines(answer, left_out):
        n, g, p, o = line.split("\t")
        # The records of all its members speak of the catalogue, by one predicate: one string, however many.
        row = (subjects[int(n)], intern(p), o if o[0] in '<"_' else _spelled_out(o))
        about[int(n)].append((g[1:-1], row))
    return about


def row_of(quad: Quad) -> Row:
    """Return the tokens of one quad."""
    return str(quad.subject), str(quad.predicate), str(quad.object)


def quad_of(row: Row) -> Quad:
    """Return the terms of one row; blank nodes keep their labels."""
    quad: Quad = next(parse(f"{' '.join(row)} .", RdfFormat.N_TRIPLES, lenient=True))
    return quad


def is_triple_term(token: str) -> bool:
    """Tell whether an object is an RDF 1.2 triple term, which no dump holds."""
    return token.startswith(_TRIPLE_TERM)


def _ask(store: Store, query: str, values: Iterable[str]) -> bytes:
    solutions = store.query(query % " ".join(values))
    assert isinstance(solutions, QuerySolutions)  # noqa: S101  # the query is a SELECT
    answer = solutions.serialize(format=QueryResultsFormat.TSV)
    assert answer is not None  # noqa: S101  # no output was named
    return answer


def _lines(answer: bytes, left_out: Counter[str]) -> list[str]:
    """Return the lines of a TSV answer; control characters that it holds as they are come out escaped."""
    text = answer.decode()
    if (
        len(answer.translate(None, _CONTROL)) != len(answer)
        or b"\xef\xbf\xbe" in answer
        or b"\xef\xbf\xbf" in answer
    ):
        text = _ESCAPED.sub(_escape, text)
    lines = text.split("\n")[1:-1]
    if _TRIPLE_TERM in text:
        kept = [line for line in lines if not is_triple_term(line.rpartition("\t")[2])]
        left_out["statements with a triple term"] += len(lines) - len(kept)
        return kept
    return lines


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return {"\b": "\\b", "\f": "\\f"}.get(character, f"\\u{ord(character):04X}")


def _spelled_out(short: str) -> str:
    """Return the literal that SPARQL's TSV writes as a bare number or boolean.

    https://www.w3.org/TR/sparql11-results-csv-tsv/#tsv
    """
    if short in ("true", "false"):
        kind = "boolean"
    elif "e" in short or "E" in short:
        kind = "double"
    else:
        kind = "decimal" if "." in short else "integer"
    return f'"{short}"^^<{XSD}{kind}>'
