"""The OpenAPI document: every canned query as a path with typed parameters, beside the hand-written rest.

https://spec.openapis.org/oas/v3.1.1.html ; the rest is openapi.yaml in this folder.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester import __version__, libyaml
from harvester.query.canned import Query
from harvester.query.parameters import Parameter
from harvester.query.results import GRAPHS, JSON, ROWS
from harvester.serve.core.body import FORM
from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.html.rendering import json_page
from harvester.serve.http.negotiation import content_type
from harvester.serve.queries.call import MAX_PAGE, control, formats
from harvester.serve.queries.examples import example
from harvester.serve.queries.shelf import usable

JsonObject = dict[str, Any]
Examples = Mapping[str, Mapping[str, str]]

PATH = "/queries/"
_NUMBERS = ("number", "decimal", "double", "float")
_SCHEMAS: dict[str, JsonObject] = {
    "iri": {"type": "string", "format": "iri"},
    "integer": {"type": "integer"},
    "nonNegativeInteger": {"type": "integer", "minimum": 0},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    **{name: {"type": "number"} for name in _NUMBERS},
}
"""JSON Schema by type of parameter; the others are texts, with their pattern."""


async def endpoint(request: Request) -> Response:
    """Return the document of this server."""
    return json_page(await describe(request, serving_of(request)))


async def describe(request: Request, serving: Serving) -> JsonObject:
    """Return the document of a server, with examples that have answers in its catalogue."""
    queries = list(usable(serving.library))
    examples = {query.name: await example(request, serving, query) for query in queries}
    return document(queries, serving.settings.base, examples, tokens=serving.settings.tokens is not None)


def document(queries: Iterable[Query], base: str, examples: Examples, *, tokens: bool = False) -> JsonObject:
    """Return the document of a server at the URL `base`.

    `examples` are values that have answers, by query and parameter. `tokens`: requests need one.
    """
    fixed = _fixed()
    paths = deepcopy(fixed["paths"])
    if resource := examples.get("describe-resource", {}).get("resource"):
        paths["/resource"]["get"]["parameters"][0]["example"] = resource
    info = {**fixed["info"], "version": __version__}
    for query in queries:
        paths[PATH + query.name] = {
            query.header.method.lower(): operation(query, examples.get(query.name, {}))
        }
    made = {**fixed, "info": info, "servers": [{"url": base}], "paths": paths}
    if tokens:
        schemes = {"token": {"type": "http", "scheme": "bearer"}}
        made["components"] = {**fixed["components"], "securitySchemes": schemes}
        made["security"] = [{"token": []}]
    return made


def operation(query: Query, example: Mapping[str, str]) -> JsonObject:
    """Describe a canned query as an Operation Object."""
    own = [_parameter(each, example.get(each.name)) for each in query.parameters]
    described: JsonObject = {
        "operationId": f"query-{query.name}",
        "tags": ["Queries", *query.header.tags],
        "summary": query.header.summary,
        "description": query.header.description,
    }
    if query.header.method == "POST":
        described["parameters"] = _controls(query)
        described["requestBody"] = _form(own)
    else:
        described["parameters"] = own + _controls(query)
    return described | {"responses": _responses(query)}


def schema(parameter: Parameter) -> JsonObject:
    """Return the JSON Schema of a parameter, with its default and choices."""
    described = dict(_SCHEMAS.get(parameter.type.name, {"type": "string"}))
    if described == {"type": "string"} and parameter.type.pattern != ".*":
        described["pattern"] = f"^(?:{parameter.type.pattern})$"
    if parameter.choices:
        described["enum"] = [_typed(parameter, choice) for choice in parameter.choices]
    if parameter.default is not None:
        described["default"] = _typed(parameter, parameter.default)
    return described


def _parameter(parameter: Parameter, example: str | None) -> JsonObject:
    expects = parameter.type.expects[:1].upper() + parameter.type.expects[1:]
    described = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required and parameter.default is None,
        "description": f"{expects}.",
        "schema": schema(parameter),
    }
    return described | ({} if example is None else {"example": _typed(parameter, example)})


def _controls(query: Query) -> list[JsonObject]:
    names = list(formats(query.form))
    found: list[JsonObject] = [
        {
            "name": control(query, "format"),
            "in": "query",
            "description": "Takes the place of Accept.",
            "schema": {"type": "string", "enum": names},
        }
    ]
    if size := query.header.pagination:
        page = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1}
        found.append(
            {
                "name": control(query, "page"),
                "in": "query",
                "description": f"Which page; it has {size} rows.",
                "schema": page,
            }
        )
    return found


def _form(parameters: list[JsonObject]) -> JsonObject:
    required = [each["name"] for each in parameters if each["required"]]
    body: JsonObject = {
        "schema": {
            "type": "object",
            "properties": {each["name"]: each["schema"] for each in parameters},
            **({"required": required} if required else {}),
        },
        "example": {each["name"]: each["example"] for each in parameters if "example" in each},
    }
    return {"required": bool(required), "content": {FORM: body}}


def _responses(query: Query) -> JsonObject:
    outputs = (GRAPHS if query.form.gives_graph else ROWS).values()
    content: JsonObject = {
        content_type(output).partition(";")[0]: {"schema": {"type": "string"}} for output in outputs
    }
    if not query.form.gives_graph:
        content[content_type(JSON)] = {"schema": {"$ref": "#/components/schemas/SparqlResults"}}
    else:
        content["application/ld+json"] = {"schema": {}}
    content["text/html"] = {"schema": {"type": "string"}}
    headers = ["ETag", "Link" if query.header.pagination else "X-Truncated"]
    problem = {"$ref": "#/components/responses/Problem"}
    return {
        "200": {
            "description": "The answer" if query.form.gives_graph else "The rows",
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
            "content": content,
        },
        "304": {"$ref": "#/components/responses/Unchanged"},
        **{str(status): problem for status in (400, 406, 429, 503, 504)},
        "default": problem,
    }


def _typed(parameter: Parameter, value: str) -> str | int | float | bool:
    """Return a value as JSON has it; what JSON cannot hold, such as INF, stays a text."""
    kind = _SCHEMAS.get(parameter.type.name, {}).get("type")
    if kind == "boolean":
        return value in ("true", "1")
    try:
        if kind == "integer":
            return int(value)
        if kind == "number":
            return float(value) if float(value) - float(value) == 0 else value
    except ValueError:
        pass
    return value


@cache
def _fixed() -> JsonObject:
    text = files("harvester.serve.queries").joinpath("openapi.yaml").read_text(encoding="utf-8")
    loaded: JsonObject = libyaml.load(text)
    return loaded


ROUTES = [Route("/openapi.json", endpoint)]
