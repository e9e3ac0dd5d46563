"""Notices that a client has left before its answer was ready."""

import asyncio
from collections.abc import Callable

from starlette.types import Receive

_PATIENCE_S = 0.25
"""Most answers are there by then; for them nobody looks."""


class Departure:
    """Calls `then`, once, when the client of a request goes away; until `cancel`.

    `receive` is the request's, whose body was read.
    """

    def __init__(self, receive: Receive, then: Callable[[], None]) -> None:
        self._receive = receive
        self._then = then
        self._look: asyncio.Task[None] | None = None
        self._begin = asyncio.get_running_loop().call_later(_PATIENCE_S, self._start)

    def cancel(self) -> None:
        """Stop looking."""
        self._begin.cancel()
        if self._look:
            self._look.cancel()

    def _start(self) -> None:
        self._look = asyncio.get_running_loop().create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._then()
