"""Values that show what a canned query does, those that depend on the catalogue looked up in it."""

from starlette.requests import Request

from harvester.query.canned import Query
from harvester.query.header import Sample
from harvester.serve.core.serving import Serving
from harvester.serve.html.preview import Preview
from harvester.serve.html.words import words_of
from harvester.serve.http.problem import Problem
from harvester.serve.queries.call import HTML, Call
from harvester.serve.queries.shelf import BrokenQuery, find


async def example(request: Request, serving: Serving, query: Query) -> dict[str, str]:
    """Return the values of a query's example; without those that the catalogue cannot give now."""
    values = {}
    for name, value in query.header.example.items():
        found = await _look_up(request, serving, value) if isinstance(value, Sample) else value
        if found:
            values[name] = found
    return values


def plain_example(query: Query) -> dict[str, str]:
    """Return those values of a query's example that hold in any catalogue."""
    return {name: value for name, value in query.header.example.items() if isinstance(value, str)}


async def ask(request: Request, serving: Serving, name: str, *, example: bool = False) -> Preview | None:
    """Answer a query without values, or with those of its plain `example`; None if that cannot be done.

    Raises Problem, also for what the engine refuses.
    """
    try:
        query = find(serving.library, name)
    except BrokenQuery:
        return None
    if query is None or (call := Call(query, plain_example(query) if example else {})).missing:
        return None
    call = call.for_reader(words_of(request).language)
    return await Preview.of(await serving.engine.answer(call.task(HTML), request))


async def _look_up(request: Request, serving: Serving, sample: Sample) -> str:
    """Return what the first row of another query's example says, "" if there is none to be had."""
    try:
        preview = await ask(request, serving, sample.query, example=True)
    except Problem:
        return ""
    return next(iter(preview.table.values(sample.column)), "") if preview and preview.table else ""
