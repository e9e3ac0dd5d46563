"""The words that the catalogue itself uses: its classes and properties, for who writes queries."""

import json
from typing import Any

from pyoxigraph import NamedNode, QuerySolutions, Store

from harvester.serve.tasks.labels import label_of
from harvester.vocab import PREFIXES, RDF
from harvester.workers.task import Work

MOST_TERMS = 2_000
"""Classes, and properties, that are told: those with most uses."""
MOST_COUNTED = 2_000_000
"""Statements that are looked at, in 1 to 2 s: a store yields them in no order, so only rare words lack."""

_COUNT = """SELECT ?term (COUNT(*) AS ?number) {{ {{ SELECT ?term {{ GRAPH ?g {{ {} }} }} LIMIT {} }} }}
GROUP BY ?term"""
_CLASSES = _COUNT.format(f"?s <{RDF}type> ?term", MOST_COUNTED)
_PROPERTIES = _COUNT.format("?s ?term ?o", MOST_COUNTED)


def vocabulary(work: Work, language: str) -> None:
    """Write `{"prefixes": {prefix: IRI}, "classes": [term, …], "properties": [term, …]}` in JSON.

    A term has `iri`, `count` of its uses, and `label` if the catalogue says one, if possible in `language`;
    those with most uses first.
    """
    found = {
        "prefixes": PREFIXES,
        "classes": _terms(work.store, _CLASSES, language),
        "properties": _terms(work.store, _PROPERTIES, language),
    }
    work.sink.begin("application/json")
    work.sink.write(json.dumps(found, ensure_ascii=False).encode())


def _terms(store: Store, query: str, language: str) -> list[dict[str, Any]]:
    rows = store.query(query)
    assert isinstance(rows, QuerySolutions)  # noqa: S101  # the queries here are SELECTs
    counts = [
        (row["term"].value, int(row["number"].value)) for row in rows if isinstance(row["term"], NamedNode)
    ]
    most = sorted(counts, key=lambda count: (-count[1], count[0]))[:MOST_TERMS]
    return [_term(store, iri, number, language) for iri, number in most]


def _term(store: Store, iri: str, number: int, language: str) -> dict[str, Any]:
    term: dict[str, Any] = {"iri": iri, "count": number}
    if label := label_of(store, iri, language):
        term["label"] = label["text"]
    return term
