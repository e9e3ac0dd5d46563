"""The answers of canned queries as plain texts, for what is made of them: a page, a feed."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request

from harvester.errors import HarvesterError, UsageError
from harvester.query.canned import Query
from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.http.problem import problem_from
from harvester.serve.queries.call import HTML, Call
from harvester.serve.queries.openapi import PATH
from harvester.serve.queries.shelf import find


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer: per row the texts of its columns, "" for what is unbound.

    `address` is that of the query's own page with the same values, for readers who want to see it.
    """

    address: str
    rows: tuple[Mapping[str, str], ...]
    more: bool

    @property
    def first(self) -> Mapping[str, str] | None:
        """The first row, None if there is none."""
        return self.rows[0] if self.rows else None


async def rows_of(request: Request, name: str, values: Mapping[str, str], page: int = 1) -> Rows:
    """Answer a shipped query. Raises Problem, also where the operator's own of that name does not fit."""
    serving = serving_of(request)
    try:
        call = Call(_query(serving, name), values, page)
        answer = await serving.engine.answer(call.task(HTML), request)
    except HarvesterError as error:
        raise problem_from(error) from error
    bindings = json.loads(await answer.whole())["results"]["bindings"]
    rows = tuple(
        defaultdict(str, {column: str(term["value"]) for column, term in row.items()}) for row in bindings
    )
    return Rows(query_address(serving, name, values), rows, bool(answer.facts.get("more")))


def query_address(serving: Serving, name: str, values: Mapping[str, str]) -> str:
    """Return the address of a query's page with these values."""
    return serving.path(PATH + quote(name)) + Call(_query(serving, name), values).search()


def _query(serving: Serving, name: str) -> Query:
    query = find(serving.library, name)
    if query is None or query.form.gives_graph:
        raise UsageError(f"This needs the query {name} of rows", fix="tell the operator of this server")
    return query
