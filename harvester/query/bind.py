"""Put values in the place of a canned query's parameters: as escaped terms, never as text."""

from collections.abc import Mapping
from difflib import get_close_matches

from pyoxigraph import Literal, NamedNode

from harvester.errors import UsageError
from harvester.query.canned import Query, top_level
from harvester.query.tokens import tokens
from harvester.vocab import XSD

_FREE_NEIGHBOURS = frozenset(" \t\r\n{}(),;")
"""Characters that never join with a term beside them to another token."""


def bind(query: Query, values: Mapping[str, str], *, page: int = 1) -> str:
    """Return the SPARQL text of `query` with `values` (by parameter name) and defaults bound.

    An optional parameter without value stays a free variable. With `pagination: N`, page K asks for
    N + 1 rows from (K - 1) × N on: one more than shown tells whether there is a next page.
    Raises UsageError for missing or unknown parameters and for values that are not of their type.
    """
    _check_names(query, values)
    given = {parameter.name: parameter.default for parameter in query.parameters} | dict(values)
    terms = {
        variable: parameter.term(value)
        for parameter in query.parameters
        for variable in parameter.variables
        if (value := given[parameter.name]) is not None
    }
    return _replace(_paged(query, page), terms)


def _check_names(query: Query, values: Mapping[str, str]) -> None:
    known = [parameter.name for parameter in query.parameters]
    for name in values:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            fix = f"it takes {', '.join(known)}" if known else "it takes none"
            raise UsageError(f"The query {query.name} has no parameter {name!r}{hint}", fix=fix)
    missing = [
        parameter
        for parameter in query.parameters
        if parameter.required and parameter.default is None and parameter.name not in values
    ]
    if missing:
        names = ", ".join(each.name for each in missing)
        hints = " ".join(f"-p {each.name}={each.type.example}" for each in missing)
        raise UsageError(f"The query {query.name} needs {names}", fix=hints)


def _replace(text: str, terms: Mapping[str, NamedNode | Literal]) -> str:
    pieces: list[str] = []
    done = 0
    counting = False
    for token in tokens(text):
        term = terms.get("?" + token.text[1:]) if token.kind == "variable" else None
        if term is not None:
            spelled = _count(term, token.text) if counting else str(term)
            before = "" if text[token.start - 1] in _FREE_NEIGHBOURS else " "
            after = "" if text[token.end : token.end + 1] in _FREE_NEIGHBOURS else " "
            pieces += [text[done : token.start], before, spelled, after]
            done = token.end
        counting = token.is_word("LIMIT", "OFFSET")
    return "".join([*pieces, text[done:]])


def _count(term: NamedNode | Literal, variable: str) -> str:
    """Spell a term behind LIMIT or OFFSET, where the grammar has only digits."""
    if isinstance(term, Literal) and term.datatype == NamedNode(f"{XSD}integer") and term.value.isdigit():
        return term.value
    raise UsageError(
        f"{term.value!r} for {variable} is not a number of rows", fix="a whole number, 0 or more"
    )


def _paged(query: Query, page: int) -> str:
    size = query.header.pagination
    if page < 1:
        raise UsageError(f"There is no page {page}", fix="pages count from 1")
    if size is None:
        if page > 1:
            raise UsageError(f"The query {query.name} has no pages", fix="leave --page out")
        return query.text
    window = f"LIMIT {size + 1} OFFSET {(page - 1) * size}\n"
    behind = next(
        (token.start for token in top_level(query.text) if token.is_word("VALUES")), len(query.text)
    )
    return f"{query.text[:behind].rstrip()}\n{window}{query.text[behind:]}"
