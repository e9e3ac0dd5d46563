"""Bodies of requests, bounded in size and time."""

import asyncio

from starlette.types import Receive, Scope

from harvester.serve.core.gate import CLIENT
from harvester.serve.core.serving import Serving
from harvester.serve.core.settings import ServeSettings
from harvester.serve.http.headers import header
from harvester.serve.http.problem import Problem

FORM = "application/x-www-form-urlencoded"
"""The media type of what HTML forms send (https://url.spec.whatwg.org/#application/x-www-form-urlencoded)."""


async def read_body(scope: Scope, receive: Receive, serving: Serving) -> bytes:
    """Read the body of a request, which meanwhile counts among its client's: it takes memory.

    Raises Problem (413, 408, 429, 415) for one that is too long, too slow, one too many, or compressed.
    """
    settings = serving.settings
    coding = header(scope, b"content-encoding") or b"identity"
    if coding.strip().lower() != b"identity":
        raise Problem(
            415,
            "The request's body is compressed",
            "send it as it is",
            headers={"Accept-Encoding": "identity"},
        )
    length = header(scope, b"content-length")
    if length.isdigit() and int(length) > settings.request:
        raise _too_large(settings.request)
    client = scope[CLIENT]
    serving.gate.enter(client)
    try:
        return await _read(receive, settings)
    finally:
        serving.gate.leave(client)


async def _read(receive: Receive, settings: ServeSettings) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(settings.request_s):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise Problem(400, "The request broke off", "send it again")
                body += message.get("body", b"")
                if len(body) > settings.request:
                    raise _too_large(settings.request)
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError as error:
        cause = f"The body of the request did not arrive within {settings.request_s:g} seconds"
        raise Problem(408, cause, "send it faster", headers={"Connection": "close"}) from error


def _too_large(most: int) -> Problem:
    cause = f"The request is longer than {most:,} bytes"
    return Problem(413, cause, "shorten the query", headers={"Connection": "close"})
