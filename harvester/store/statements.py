"""Statements of the bookkeeping, as N-Quads and in the store."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Store

from harvester.vocab import XSD

_DATE_TIME = NamedNode(XSD + "dateTime")


def remove(store: Store, subject: NamedNode, predicate: NamedNode | None, graph: NamedNode) -> None:
    """Remove what a graph says of a subject, by one predicate or at all."""
    for quad in list(store.quads_for_pattern(subject, predicate, None, graph)):
        store.remove(quad)


def nquads(subject: str, said: Iterable[tuple[str, str]], graph: str) -> str:
    """Write what is said of a subject: it and the values are tokens, predicates and graph IRIs."""
    return "".join([f"{subject} <{predicate}> {value} <{graph}> .\n" for predicate, value in said])


@lru_cache(maxsize=64)
def moment(when: datetime | str) -> Literal:
    """Return a time in UTC, to the second."""
    text = when if isinstance(when, str) else f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Literal(text, datatype=_DATE_TIME)


@lru_cache(maxsize=64)
def reference(url: str) -> NamedNode | Literal:
    """Return the URL as an IRI where it is one: what a portal answers with need not be."""
    try:
        return NamedNode(url)
    except ValueError:
        return Literal(url)


def text_of(term: object) -> str:
    """Return the IRI or the text of a term."""
    assert isinstance(term, NamedNode | Literal)  # noqa: S101  # the query binds nothing else
    return term.value
