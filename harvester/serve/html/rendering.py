"""Templates and values made into responses."""

import json
from asyncio import to_thread
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from starlette.responses import Response

from harvester.serve.core.serving import Serving
from harvester.serve.http.answer import Answer
from harvester.serve.http.problem import Problem

_HTML = "text/html; charset=utf-8"


async def page(
    serving: Serving, template: str, context: Mapping[str, Any], problem: Problem | None = None
) -> Response:
    """Return a page: a template of this package with its values, and the status of what went wrong on it.

    It is made in a thread: a long table takes a tenth of a second, in which others are answered.
    """
    text = await to_thread(serving.templates.get_template(template).render, context)
    body = text.encode(errors="replace")
    if problem:
        return Response(body, problem.status, problem.headers, _HTML)
    return _tagged(body, _HTML)


def json_page(value: object) -> Response:
    """Return a JSON document."""
    return _tagged(json.dumps(value, ensure_ascii=False).encode(), "application/json")


def _tagged(body: bytes, media_type: str) -> Response:
    """Return a response whose ETag is that of its bytes."""
    etag = f'W/"{blake2b(body, digest_size=16).hexdigest()}"'
    return Answer(media_type, {}, etag, body).response()
