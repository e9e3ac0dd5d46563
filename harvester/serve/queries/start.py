"""The start page and the API page."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.html.rendering import page
from harvester.serve.html.rows import Cell, Table
from harvester.serve.http.problem import Problem
from harvester.serve.queries.examples import ask
from harvester.serve.queries.openapi import PATH, JsonObject, describe
from harvester.serve.queries.shelf import usable

_TOTALS = "catalogue-totals"
_RUNS = "run-history"
_SEARCH = "search-titles"
_BEHIND = {
    "datasets": "datasets-by-theme",
    "datasets reused": "most-reused-datasets",
    "distributions": "formats",
    "data services": "data-services",
    "organizations": "publishers",
    "contact points": "contact-points",
    "reuses": "reuses-by-type-and-topic",
    "links from reuses to datasets": "used-datasets-by-theme",
    "runs": _RUNS,
}
"""The query that shows what a total counts."""
_QUESTIONS = ("most-reused-datasets", "themes-by-reuses", "stale-datasets")
"""Queries that the start page names."""


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal in the catalogue, and the end of the last run that harvested it."""

    name: str
    harvested: Cell


async def start(request: Request) -> Response:
    """Show what this catalogue is, and where to go."""
    serving = serving_of(request)
    totals, problem = await _table(request, serving, _TOTALS)
    runs, _ = await _table(request, serving, _RUNS)
    context = {
        "totals": list(_totals(serving, totals)) if totals else [],
        "portals": list(_portals(runs)) if runs else [],
        "problem": problem,
        "search": _address(serving, _SEARCH),
        "questions": [
            (query.header.summary, _address(serving, query.name))
            for query in usable(serving.library, _QUESTIONS)
        ],
        "count": len(serving.library.paths),
        "runs": _address(serving, _RUNS),
    }
    return await page(request, "index.html", context)


async def api(request: Request) -> Response:
    """Show the OpenAPI document to people."""
    serving = serving_of(request)
    document = await describe(request, serving)
    groups = [
        (tag, [shown for shown in _operations(document) if shown["tag"] == tag["name"]])
        for tag in document["tags"]
    ]
    return await page(request, "api.html", {"document": document, "groups": groups})


async def _table(request: Request, serving: Serving, name: str) -> tuple[Table | None, Problem | None]:
    """Answer a shipped query that needs no values. A user's own of that name may be of another kind."""
    try:
        preview = await ask(request, serving, name)
    except Problem as problem:
        return None, problem
    return (preview.table if preview else None), None


def _totals(serving: Serving, table: Table) -> Iterator[tuple[str, str, str]]:
    """Yield what is counted, the number as it is shown, and where the things themselves are listed."""
    names = [column.name for column in table.columns]
    if not {"what", "number"} <= set(names):
        return
    for row in table.rows:
        cells = dict(zip(names, row, strict=True))
        label, number = cells["what"].text, cells["number"].text
        address = _address(serving, _BEHIND.get(label, ""))
        yield label.removesuffix("s") if number == "1" else label, number, address


def _portals(runs: Table) -> Iterator[Portal]:
    """Yield each portal with its newest run, of runs from the newest to the oldest."""
    names = [column.name for column in runs.columns]
    seen = set()
    for row in runs.rows:
        cells = dict(zip(names, row, strict=True))
        name, ended = cells.get("portal", Cell()), cells.get("ended", Cell())
        if name.text and name.text not in seen:
            seen.add(name.text)
            yield Portal(name.text, ended)


def _address(serving: Serving, name: str) -> str:
    return serving.path(PATH + quote(name)) if name in serving.library.paths else ""


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


ROUTES = [Route("/", start), Route("/api", api)]
