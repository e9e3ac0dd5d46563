"""The API page: the OpenAPI document for people."""

import re
import shlex
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import serving_of
from harvester.serve.html.rendering import page
from harvester.serve.queries.openapi import JsonObject, describe


async def api(request: Request) -> Response:
    """Show the OpenAPI document to people."""
    serving = serving_of(request)
    document = await describe(request, serving)
    groups = [
        (tag, [shown for shown in _operations(document) if shown["tag"] == tag["name"]])
        for tag in document["tags"]
    ]
    return await page(request, "api.html", {"document": document, "groups": groups})


def _operations(document: JsonObject) -> Iterator[JsonObject]:
    """Yield each operation as the page shows it."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            parameters = [_resolved(document, each) for each in operation.get("parameters", [])]
            yield {
                "id": operation["operationId"],
                "tag": operation["tags"][0],
                "method": method.upper(),
                "path": path,
                "summary": operation["summary"],
                "description": operation.get("description", ""),
                "parameters": [{**each, "kind": _kind(each["schema"])} for each in parameters],
                "curl": curl(document, path, method),
                "types": list(operation["responses"]["200"]["content"]),
                "others": [
                    status for status in operation["responses"] if status.isdigit() and status != "200"
                ]
                or ["an error"],
            }


def curl(document: JsonObject, path: str, method: str) -> str:
    """Return a command that asks an operation with its examples.

    A required parameter without one is filled in by its name, for the reader to replace.
    """
    operation = document["paths"][path][method]
    parameters = [_resolved(document, each) for each in operation.get("parameters", [])]
    given = [each for each in parameters if "example" in each or each.get("required")]
    values = {each["name"]: _text(each.get("example", each["name"].upper())) for each in given}
    inside = {each["name"]: quote(values.pop(each["name"])) for each in given if each["in"] == "path"}
    address = document["servers"][0]["url"] + re.sub(r"{(\w+)}", lambda name: inside[name[1]], path)
    words = ["curl", address + (f"?{urlencode(values)}" if values else "")]
    for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
        example = body.get("example", {})
        data = example if isinstance(example, str) else urlencode(example)
        words += ["-H", f"Content-Type: {media_type}", "--data", data]
        break
    types = list(operation["responses"]["200"].get("content", {}))
    if len(types) > 1:
        words += ["-H", f"Accept: {types[0]}"]
    return shlex.join(words)


def _kind(schema: JsonObject) -> str:
    """Say in a few words what a value may be."""
    if "enum" in schema:
        text = "one of " + ", ".join(map(_text, schema["enum"]))
    else:
        text = str(schema.get("format") or schema.get("type", "any"))
    if "default" in schema:
        text += f"; {_text(schema['default'])} unless given"
    return text


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _resolved(document: JsonObject, node: JsonObject) -> Any:
    """Follow a reference within the document."""
    if "$ref" not in node:
        return node
    found: Any = document
    for key in node["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return found


ROUTES = [Route("/api", api)]
