"""How many rows and triples are given, counted as they are written."""

import io
import json
from itertools import islice
from typing import cast

import pytest
from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    Store,
    Triple,
    parse_query_results,
)

from harvester.query.results import ROWS, RowsOutput
from harvester.serve.tasks.bounds import RowBound, bounded, first
from harvester.workers.task import Refused

NODE = NamedNode("http://example.org/a")
TEXTS = ["plain", 'quoted "text"', "two\nlines", "comma, tab\t", "ünï", "<result>"[:7], ""]


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    store.extend(Quad(NODE, NamedNode(f"http://example.org/{n}"), Literal(TEXTS[n % 7])) for n in range(500))
    return store


def solve(store: Store, count: int) -> QuerySolutions:
    return cast("QuerySolutions", store.query(f"SELECT ?p ?o {{ ?s ?p ?o }} ORDER BY ?p LIMIT {count}"))


@pytest.mark.parametrize("output", ROWS.values(), ids=ROWS.keys())
@pytest.mark.parametrize("rows", [1, 2, 100, 499])
def test_rows_are_counted_in_every_format(store: Store, output: RowsOutput, rows: int):
    """As many rows as allowed pass unchanged, one more is refused; line breaks in texts are no rows."""
    plain, passed = io.BytesIO(), io.BytesIO()
    solve(store, rows).serialize(plain, format=output.syntax)
    solve(store, rows).serialize(cast("io.BytesIO", RowBound(passed, output, rows)), format=output.syntax)

    assert passed.getvalue() == plain.getvalue()
    with pytest.raises(Refused, match="rows"):
        solve(store, rows + 1).serialize(
            cast("io.BytesIO", RowBound(io.BytesIO(), output, rows)), format=output.syntax
        )


@pytest.mark.parametrize("output", ROWS.values(), ids=ROWS.keys())
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8192])
def test_rows_are_counted_across_pieces(store: Store, output: RowsOutput, size: int):
    """Where the writer cuts its output makes no difference."""
    whole = io.BytesIO()
    solve(store, 50).serialize(whole, format=output.syntax)
    data = whole.getvalue()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    passed = io.BytesIO()
    bound, tight = RowBound(passed, output, 50), RowBound(io.BytesIO(), output, 49)
    for piece in pieces:
        bound.write(piece)

    assert passed.getvalue() == data
    with pytest.raises(Refused):
        tight.writelines(pieces)


def test_triples_are_counted():
    """As many triples as allowed pass, one more is refused; none is read ahead."""
    endless = (Triple(NODE, NODE, Literal(number)) for number in iter(int, 1))

    assert len(list(islice(bounded(endless, 10), 10))) == 10
    with pytest.raises(Refused, match="triples"):
        list(bounded(endless, 10))


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501])
def test_the_first_rows_are_those_of_the_engine(store: Store, count: int):
    """The beginning of an answer has the terms that the engine's own writer gives."""
    found, more = first(solve(store, 500), count)
    ours = parse_query_results(cast("bytes", found), format=QueryResultsFormat.JSON)
    theirs = list(islice(solve(store, 500), count))

    assert [tuple(row) for row in cast("QuerySolutions", ours)] == [tuple(row) for row in theirs]
    assert more == (count < 500)


def test_every_kind_of_term_is_written():
    """IRIs, blank nodes, literals with and without language or type, quoted triples and unbound variables."""
    query = """SELECT ?iri ?blank ?text ?french ?number ?none ?triple {
        VALUES (?iri ?text ?french ?number) { (<http://e.example/> "a" "b"@fr 1) }
        BIND(BNODE() AS ?blank) BIND(TRIPLE(?iri, ?iri, ?text) AS ?triple) }"""
    found, more = first(Store().query(query), 5)
    row = json.loads(cast("bytes", found))["results"]["bindings"][0]
    solutions = cast(
        "QuerySolutions", parse_query_results(cast("bytes", found), format=QueryResultsFormat.JSON)
    )

    assert not more
    assert row["french"] == {"type": "literal", "value": "b", "xml:lang": "fr"}
    assert row["text"] == {"type": "literal", "value": "a"}
    assert "none" not in row
    assert next(solutions)["triple"] == Triple(
        NamedNode("http://e.example/"), NamedNode("http://e.example/"), Literal("a")
    )
