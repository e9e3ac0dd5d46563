"""The self-test of canned queries: every example, run against a store."""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode

from harvester.errors import HarvesterError, UsageError
from harvester.query.bind import bind
from harvester.query.canned import Library, Query
from harvester.query.endpoint import Endpoint
from harvester.query.header import Sample
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


def check(library: Library, endpoint: Endpoint, names: Collection[str] = ()) -> Iterator[Checked]:
    """Run the example of each query, or of those named; a query that cannot be run is a failed check."""
    for name in names or library.paths:
        begun = time.monotonic()
        try:
            checked = _check(library, library[name], endpoint)
        except HarvesterError as error:
            checked = Checked(name, error.cause)
        yield replace(checked, seconds=time.monotonic() - begun)


def example(library: Library, query: Query, endpoint: Endpoint) -> dict[str, str]:
    """Return values that show what a query does; those that depend on the catalogue are looked up in it.

    Raises UsageError if the query to look them up in has no rows or no such column.
    """
    return {
        name: value if isinstance(value, str) else _look_up(library, value, endpoint)
        for name, value in query.header.example.items()
    }


def _check(library: Library, query: Query, endpoint: Endpoint) -> Checked:
    sparql = read(bind(query, example(library, query, endpoint)), known={})
    columns: tuple[str, ...] = ()
    if query.form.gives_graph:
        with endpoint.ask(sparql, N_TRIPLES) as answer:
            rows = sum(1 for _ in read_triples(answer))
    else:
        with endpoint.ask(sparql, JSON) as answer:
            found = read_rows(answer)
            rows, columns = sum(1 for _ in found.rows), found.columns
    rows = min(rows, query.header.pagination or rows)  # one more is asked for, to know of a next page
    expected = query.header.expect.get("min_rows", 0)
    problem = f"{rows} rows, at least {expected} expected" if rows < expected else ""
    for axis, column in query.header.chart.columns if query.header.chart else ():
        if column not in columns:
            problem = f"the chart's {axis} is {column}, which is no column of the result"
    warnings = (*query.header.warnings, *_untrue_words(query, columns))
    return Checked(query.name, problem, rows, warnings=warnings)


def _untrue_words(query: Query, columns: Collection[str]) -> Iterator[str]:
    """Yield a warning for each column or parameter that the header has words for and the query has not."""
    header = query.header
    parameters = {parameter.name for parameter in query.parameters}
    for key, told in {"": header.told("en"), **header.translations}.items():
        for part, words, known in (
            ("columns", told.columns, set(columns)),
            ("parameters", told.parameters, parameters),
            ("values", told.values, parameters | set(columns)),
        ):
            for name in sorted(words.keys() - known):
                line = header.lines[key or part]
                kind = {"columns": "column", "parameters": "parameter"}.get(part, "column or parameter")
                yield f"{query.path}, line {line}: {part}: the query has no {kind} {name}"


def _look_up(library: Library, sample: Sample, endpoint: Endpoint) -> str:
    query = library[sample.query]
    plain = {name: value for name, value in query.header.example.items() if isinstance(value, str)}
    with endpoint.ask(read(bind(query, plain), known={}), JSON) as answer:
        found = read_rows(answer)
        first = next(found.rows, ())
    value = dict(zip(found.columns, first, strict=False)).get(sample.column)
    if isinstance(value, NamedNode | Literal):
        return value.value
    raise UsageError(f"{sample.query} gives no {sample.column} to take as an example", fix="harvest first")
