"""The page of a record, made for the kind of thing that it is; other formats and all statements beside it."""

import asyncio
import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import serving_of
from harvester.serve.data.records import (
    FORMATS,
    described,
    files_of,
    links_of,
    named,
    statements_page,
)
from harvester.serve.html.links import RESOURCE, resource_address
from harvester.serve.html.rendering import page
from harvester.serve.html.rows import shorten, shorten_iri
from harvester.serve.html.words import words_of
from harvester.serve.http.problem import Problem
from harvester.serve.http.suffixes import HTML, format_of
from harvester.serve.site.addresses import Addresses
from harvester.serve.site.found import found_dataset, found_name, found_reuse
from harvester.serve.site.items import has_inferred, items
from harvester.serve.site.schema_org import dataset_block, in_script
from harvester.serve.site.sizes import size_text
from harvester.workers.task import Task

STATEMENTS = "/statements"
"""Where everything stands that is said of a resource, as it is said."""
_LONGEST_TITLE = 160
"""Characters of the title of a window."""
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of a text: a window's title has no element to hold them in."""
_SEARCHED = (
    ("dataset", "newest"),
    ("dataset", "reused"),
    ("reuse", "newest"),
    ("dataservice", "title"),
)
_TEMPLATES = {
    "dataset": "dataset.html",
    "reuse": "reuse.html",
    "dataservice": "dataservice.html",
    "organization": "organization.html",
    "topic": "topic.html",
}


async def resource(request: Request) -> Response:
    """Describe one resource, named by its IRI or by the portal's id."""
    name = named(request, RESOURCE)
    format_ = format_of(request, FORMATS)
    if format_ != HTML:
        return await described(request, name, format_)
    serving, words = serving_of(request), words_of(request)
    answer = await serving.engine.answer(Task("record_facts", (name, words.language)), request)
    facts: dict[str, Any] = json.loads(await answer.whole())
    if not facts["kind"]:
        return await statements_page(request, name)
    if facts.get("more"):
        facts |= await _of_many(request, facts["resource"])
    context = _context(request, facts)
    response = await page(request, _TEMPLATES[facts["kind"]], context)
    response.headers["Link"] = links_of(serving, facts["resource"])
    return response


async def statements(request: Request) -> Response:
    """Show all statements about a resource."""
    return await statements_page(request, named(request, STATEMENTS))


def _context(request: Request, facts: Mapping[str, Any]) -> dict[str, Any]:
    serving, words = serving_of(request), words_of(request)
    iri = facts["resource"]
    canonical = resource_address(serving.url, iri)
    shown = items(facts, serving.path)
    title = facts["title"]["text"] if facts["title"] else shorten_iri(iri)
    schema = in_script(dataset_block(facts, canonical)) if facts["kind"] == "dataset" else ""
    return {
        "record": shown,
        "iri": iri,
        "heading": title,
        "window": shorten(" ".join(_DIRECTION.sub("", title).split()), _LONGEST_TITLE),
        "canonical": canonical,
        "files": files_of(serving, iri),
        "to": Addresses(serving.path),
        "inferred": has_inferred(shown),
        "size": partial(size_text, words),
        "schema": schema,
    }


async def _of_many(request: Request, iri: str) -> dict[str, Any]:
    """Ask the search index about a publisher who has more than a page can count.

    A catalogue that has no index says less of such a publisher.
    """
    language = words_of(request).language
    engine = serving_of(request).engine
    facets = (("publisher", iri),)
    tasks = [Task("search", ("", kind, facets, sort, 1, 20, language)) for kind, sort in _SEARCHED]
    try:
        answers = await asyncio.gather(*(engine.answer(task, request) for task in tasks))
        newest, reused, reuses, services = [json.loads(await answer.whole()) for answer in answers]
    except Problem:
        return {}
    return {
        "more": False,
        "datasets_total": newest["total"],
        "datasets": list(map(found_dataset, newest["hits"])),
        "reused": [found_dataset(hit) for hit in reused["hits"][:6] if hit["reuses"]],
        "reuses_total": reuses["total"],
        "reuses": list(map(found_reuse, reuses["hits"])),
        "services_total": services["total"],
        "services": [{"name": found_name(hit)} for hit in services["hits"]],
    }


ROUTES = [
    Route(RESOURCE, resource),
    Route(RESOURCE + ".{suffix}", resource),
    Route(STATEMENTS, statements),
]
