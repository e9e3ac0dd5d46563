"""The canned queries over HTTP: /queries lists them, /queries/NAME answers one as a page or as a file."""

from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.errors import HarvesterError
from harvester.query.canned import Query
from harvester.serve.core.body import FORM, read_body
from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.html.rendering import json_page
from harvester.serve.http.negotiation import GRAPH_TYPES, ROW_TYPES, choose
from harvester.serve.http.problem import Problem, problem_from
from harvester.serve.http.suffixes import wants_page
from harvester.serve.queries.call import HTML, Call, formats, split_name
from harvester.serve.queries.openapi import PATH, schema
from harvester.serve.queries.query_page import query_list, query_page
from harvester.serve.queries.shelf import find, usable

_MOST_FIELDS = 1_000
_HTML_TYPE = "text/html"


async def listing(request: Request) -> Response:
    """List the queries, or those with ?tag=, as a page or as JSON."""
    serving = serving_of(request)
    tag = request.query_params.get("tag")
    queries = [query for query in usable(serving.library) if tag is None or tag in query.header.tags]
    if not request.url.path.endswith(".json") and wants_page(request):
        return await query_list(request, queries, tag)
    return json_page({"queries": [_entry(serving, query) for query in queries]})


async def answer(request: Request) -> Response:
    """Answer one query in the format that the address, ?format= or Accept asks for."""
    serving = serving_of(request)
    name, suffix = split_name(serving.library, request.path_params["name"])
    try:
        query = find(serving.library, name)
        if query is None:
            raise _unknown(serving, name)
        call = Call.read(query, await _items(request, serving, query))
        format_ = _format(call, suffix, request)
        if format_ == HTML:
            return await query_page(request, serving, call)
        return await _file(request, serving, call, format_)
    except HarvesterError as error:
        raise problem_from(error) from error


async def _file(request: Request, serving: Serving, call: Call, format_: str) -> Response:
    """Answer for programs: a page of the rows with links to its neighbours, or all with a mark if cut."""
    found = await serving.engine.answer(call.task(format_), request)
    more = bool(found.facts.get("more"))
    marks = {}
    path = serving.url(PATH + quote(request.path_params["name"]))
    if links := call.links(more=more):
        marks["Link"] = ", ".join(f'<{path}{to.search()}>; rel="{rel}"' for rel, to in links.items())
    elif more:
        marks["X-Truncated"] = "true"
    return found.response(marks)


def _format(call: Call, suffix: str | None, request: Request) -> str:
    """Choose a format of those that can hold the answer. Raises Problem (406) with a list of them."""
    fitting = formats(call.query.form)
    wanted = suffix or call.format
    if wanted is None:
        types = GRAPH_TYPES if call.query.form.gives_graph else ROW_TYPES
        names = {media_type: name for media_type, name in types.items() if name in fitting} | {
            _HTML_TYPE: HTML
        }
        chosen = choose(request.headers.get("accept"), tuple(names))
        if chosen is not None:
            return names[chosen]
    elif wanted in fitting:
        return wanted
    asked = f"as {wanted}" if wanted else "in a media type that you accept"
    raise Problem(
        406,
        f"The query {call.query.name} is a {call.query.form}, which has no answer {asked}",
        f"ask for {', '.join(fitting)}: by {call.query.name}.{fitting[0]}, ?format={fitting[0]} or Accept",
    )


async def _items(request: Request, serving: Serving, query: Query) -> list[tuple[str, str]]:
    """Return names and values of the address and, for a query that says `method: POST`, of a form."""
    items = list(request.query_params.multi_items())
    if request.method != "POST":
        return items
    if query.header.method != "POST":
        raise Problem(
            405,
            f"{query.name} is asked by GET",
            "put the parameters in the address",
            headers={"Allow": "GET, HEAD"},
        )
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM:
        raise Problem(415, f"A body of {media_type or 'no type'} is not understood here", f"send {FORM}")
    body = (await read_body(request.scope, request.receive, serving)).decode(errors="replace")
    try:
        return items + parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Problem(
            400, f"The form has more than {_MOST_FIELDS} fields", "send those of the query"
        ) from error


def _unknown(serving: Serving, name: str) -> Problem:
    """Say that there is no such query, and which are nearest."""
    try:
        serving.library[name]
    except HarvesterError as error:
        return Problem(404, error.cause, f"{serving.url('/queries')} lists them all")
    return Problem(404, f"There is no query {name!r}", f"{serving.url('/queries')} lists them all")


def _entry(serving: Serving, query: Query) -> dict[str, Any]:
    return {
        "name": query.name,
        "summary": query.header.summary,
        "description": query.header.description,
        "tags": query.header.tags,
        "form": query.form,
        "url": serving.url(PATH + quote(query.name)),
        "formats": formats(query.form),
        "pagination": query.header.pagination,
        "parameters": [
            {
                "name": parameter.name,
                "required": parameter.required and parameter.default is None,
                "description": parameter.type.expects,
                "schema": schema(parameter),
            }
            for parameter in query.parameters
        ],
    }


ROUTES = [
    Route("/queries", listing),
    Route("/queries.json", listing),
    Route(PATH + "{name}", answer, methods=["GET", "HEAD", "POST"]),
]
