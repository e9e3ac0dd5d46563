"""Values that show what a canned query does, those that depend on the catalogue looked up in it."""

from starlette.requests import Request

from harvester.query.canned import Query
from harvester.query.header import Sample
from harvester.serve.core.serving import Serving
from harvester.serve.html.preview import Preview
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


async def _look_up(request: Request, serving: Serving, sample: Sample) -> str:
    """Return what the first row of another query's example says, "" if there is none to be had."""
    try:
        query = find(serving.library, sample.query)
        if query is None:
            return ""
        plain = {name: value for name, value in query.header.example.items() if isinstance(value, str)}
        call = Call(query, plain)
        if call.missing:
            return ""
        preview = await Preview.of(await serving.engine.answer(call.task(HTML), request))
    except (Problem, BrokenQuery):
        return ""
    return next(iter(preview.table.values(sample.column)), "") if preview.table else ""
