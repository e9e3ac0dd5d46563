"""The self-test of canned queries: every example, run against a store."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harvester.errors import HarvesterError
from harvester.query.bind import bind
from harvester.query.canned import Library, Query, load
from harvester.query.endpoint import Endpoint
from harvester.query.results import JSON, N_TRIPLES, read_rows, read_triples
from harvester.query.sparql import read


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one query's example. `problem` is "" if it passed; `rows` are triples for a graph."""

    name: str
    problem: str = ""
    rows: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()


def check(library: Library, endpoint: Endpoint) -> Iterator[Checked]:
    """Run the example of each query of the library; a broken file is a failed check, no error."""
    for name, path in library.paths.items():
        yield _check(name, path, endpoint)


def _check(name: str, path: Path, endpoint: Endpoint) -> Checked:
    begun = time.monotonic()
    try:
        query = load(path)
        rows, columns = _run(query, endpoint)
    except HarvesterError as error:
        return Checked(name, error.cause, seconds=time.monotonic() - begun)
    expected = query.header.expect.get("min_rows", 0)
    problem = f"{rows} rows, at least {expected} expected" if rows < expected else ""
    for axis in ("x", "y"):
        column = query.header.chart.get(axis)
        if column is not None and column not in columns:
            problem = f"the chart's {axis} is {column}, which is no column of the result"
    return Checked(name, problem, rows, time.monotonic() - begun, query.header.warnings)


def _run(query: Query, endpoint: Endpoint) -> tuple[int, tuple[str, ...]]:
    """Return how many rows or triples the example gives, and the columns."""
    sparql = read(bind(query, query.header.example), known={})
    if query.form.gives_graph:
        with endpoint.ask(sparql, N_TRIPLES) as answer:
            return sum(1 for _ in read_triples(answer)), ()
    with endpoint.ask(sparql, JSON) as answer:
        found = read_rows(answer)
        return sum(1 for _ in found.rows), found.columns
