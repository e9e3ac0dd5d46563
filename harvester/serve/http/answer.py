"""An answer on its way to a client: whole, or its beginning and a stream of what follows."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from harvester.serve.http.coding import WORTHWHILE, Encoder, encode, encoder
from harvester.serve.http.negotiation import choose_coding
from harvester.serve.http.problem import Problem
from harvester.workers.task import Refused

_log = logging.getLogger(__name__)
RawHeaders = list[tuple[bytes, bytes]]
_PIECE = 1 << 15
"""Bytes sent at once. Some eight such pieces wait for a client that takes nothing."""
_OF_304 = (b"etag", b"vary")
"""https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5"""


class Rest(Protocol):
    """The rest of an answer, read once; to be closed also by who does not read it."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield pieces. Raises Refused if the answer breaks off."""

    def close(self) -> None:
        """Say that no more of it is wanted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task gave. `facts` are what the task says about it; `rest` is None if `body` is all of it.

    `etag` is weak: a compressed answer has the same one.
    """

    media_type: str
    facts: Mapping[str, Any]
    etag: str
    body: bytes
    rest: Rest | None = None
    coding: str | None = None
    """The content coding of `body`, and of what follows it."""
    raw: RawHeaders = field(init=False, repr=False, compare=False)
    """The headers that every client gets, as ASGI has them."""
    _coded: dict[str, "Answer"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the headers together once: cached answers are sent many times."""
        headers = [
            (b"content-type", self.media_type.encode("latin-1")),
            (b"etag", self.etag.encode()),
            (b"vary", b"Accept, Accept-Encoding"),
        ]
        if self.coding:
            headers.append((b"content-encoding", self.coding.encode()))
        if self.rest is None:
            headers.append((b"content-length", b"%d" % len(self.body)))
        object.__setattr__(self, "raw", headers)

    async def encoded(self, accept_encoding: str) -> "Answer":
        """Return the answer in the coding that a client likes best; a whole one is compressed once."""
        coding = choose_coding(accept_encoding)
        if coding is None or self.coding or len(self.body) < WORTHWHILE:
            return self
        if self.rest is not None:
            rest = _Encoded(self.body, self.rest, encoder(coding))
            return replace(self, body=b"", rest=rest, coding=coding)
        if coding not in self._coded:
            body = await asyncio.to_thread(encode, self.body, coding)
            self._coded[coding] = replace(self, body=body, coding=coding)
        return self._coded[coding]

    async def whole(self) -> bytes:
        """Return an answer known to be small. Raises Problem if it is not."""
        if self.rest is None:
            return self.body
        self.rest.close()
        raise Problem(503, "The answer is too long for a page", "ask for it in another format")

    def response(self, headers: Mapping[str, str] | None = None) -> "AnswerResponse":
        """Return the answer as a response, with further headers."""
        extra = [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        return AnswerResponse(self, extra)


class AnswerResponse(Response):
    """Sends an answer as the request's headers want it: compressed, not at all if the client has it.

    `stall_s` is how long a client may take nothing of a stream.
    """

    def __init__(
        self, answer: Answer, headers: Sequence[tuple[bytes, bytes]] = (), *, stall_s: float = 30.0
    ) -> None:
        self.status_code = 200
        self.background = None
        self.raw_headers = list(headers)
        self._answer = answer
        self._stall_s = stall_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's
        """Send it; whatever happens, its rest is closed."""
        try:
            await self._send(scope, send)
        finally:
            if self._answer.rest is not None:
                self._answer.rest.close()

    async def _send(self, scope: Scope, send: Send) -> None:
        answer, method = self._answer, scope["method"]
        known, accepted = b"", ""
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                known = value
            elif name == b"accept-encoding":
                accepted = value.decode("latin-1")
        if known and method != "POST" and matches(known, answer.etag.encode()):
            await self._bodiless(304, [pair for pair in answer.raw if pair[0] in _OF_304], send)
            return
        if accepted:
            answer = await answer.encoded(accepted)
        if method == "HEAD":
            await self._bodiless(200, answer.raw, send)
            return
        headers = answer.raw + self.raw_headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if answer.rest is None and len(answer.body) <= _PIECE:
            await send({"type": "http.response.body", "body": answer.body})
        else:
            await self._stream(answer.body, answer.rest, send)

    async def _bodiless(self, status: int, headers: RawHeaders, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers + self.raw_headers})
        await send({"type": "http.response.body", "body": b""})

    async def _stream(self, beginning: bytes, rest: Rest | None, send: Send) -> None:
        """Send piece by piece: what a client does not take is copied for it, and must not be much.

        What breaks off has no end, so that no client takes it for whole.
        """
        try:
            for at in range(0, len(beginning), _PIECE):
                await self._piece(beginning[at : at + _PIECE], send)
            if rest is not None:
                async for piece in rest:
                    await self._piece(piece, send)
            await send({"type": "http.response.body", "body": b""})
        except Refused as error:
            _log.info("an answer broke off: %s", error.cause)
        except TimeoutError:
            _log.info("a client took nothing for %g s", self._stall_s)

    async def _piece(self, piece: bytes, send: Send) -> None:
        async with asyncio.timeout(self._stall_s):
            await send({"type": "http.response.body", "body": piece, "more_body": True})


class _Encoded:
    """A stream, its beginning included, in a content coding."""

    def __init__(self, beginning: bytes, rest: Rest, encoder_: Encoder) -> None:
        self._beginning = beginning
        self._rest = rest
        self._encoder = encoder_

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if ready := await asyncio.to_thread(self._encoder.compress, self._beginning):
            yield ready
        async for piece in self._rest:
            if ready := await asyncio.to_thread(self._encoder.compress, piece):
                yield ready
        yield self._encoder.flush()

    def close(self) -> None:
        self._rest.close()


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Tell whether a client has what `etag` names, by weak comparison.

    https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2

    >>> matches(b'"a", W/"b"', b'W/"a"'), matches(b"*", b'"a"'), matches(b'"ab"', b'"a"')
    (True, True, False)
    """
    if if_none_match.strip() == b"*":
        return True
    opaque = etag.removeprefix(b"W/")
    return any(tag.strip().removeprefix(b"W/") == opaque for tag in if_none_match.split(b","))
