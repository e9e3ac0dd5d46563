"""Templates and values made into responses."""

import json
from asyncio import to_thread
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from harvester.serve.core.serving import serving_of
from harvester.serve.html.words import words_of
from harvester.serve.http.answer import Answer
from harvester.serve.http.problem import Problem

_HTML = "text/html; charset=utf-8"


async def page(
    request: Request, template: str, context: Mapping[str, Any], problem: Problem | None = None
) -> Response:
    """Return a page: a template of this package with its values, and the status of what went wrong on it.

    It is in the language that the reader wants. It is made in a thread: a long table takes a tenth of a
    second, in which others are answered.
    """
    serving, language = serving_of(request), words_of(request).language
    values = {"here_url": here(request), **context}
    text = await to_thread(serving.templates.render, language, template, values)
    body = text.encode(errors="replace")
    if problem:
        return Response(body, problem.status, {**(problem.headers or {}), **_by_language(language)}, _HTML)
    return tagged(body, _HTML, language)


def here(request: Request) -> str:
    """Return the address of a request without scheme and host, as its reader sees it."""
    address = serving_of(request).path(quote(request.scope["path"]))
    search = request.scope["query_string"].decode("latin-1")
    return f"{address}?{search}" if search else address


def json_page(value: object) -> Response:
    """Return a JSON document."""
    return tagged(json.dumps(value, ensure_ascii=False).encode(), "application/json")


def tagged(body: bytes, media_type: str, language: str = "") -> Response:
    """Return a response whose ETag is that of its bytes; `language` if it is in the reader's."""
    etag = f'W/"{blake2b(body, digest_size=16).hexdigest()}"'
    return Answer(media_type, {}, etag, body).response(_by_language(language) if language else None)


def _by_language(language: str) -> dict[str, str]:
    return {"Content-Language": language, "Vary": "Accept-Language, Cookie"}
