"""The whole catalogue as files: /dumps/ lists them, and each may be taken in parts.

`/dumps/catalogue.ttl.gz` is the newest, `/dumps/GENERATION/catalogue.ttl.gz` always the same file.
"""

import asyncio
import logging
import os
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from harvester.export.dumps import SUMS, Dump, DumpFile
from harvester.serve.core.dumps import MEDIA_TYPE
from harvester.serve.core.gate import CLIENT
from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.html.rendering import json_page, page
from harvester.serve.http.answer import matches
from harvester.serve.http.problem import Problem
from harvester.serve.http.suffixes import wants_page

PATH = "/dumps/"
_RETRY_S = 30
_log = logging.getLogger(__name__)


async def listing(request: Request) -> Response:
    """List the files, as a page or as JSON."""
    serving = serving_of(request)
    as_page = wants_page(request)
    current = serving.engine.require().generation.id
    dump = await asyncio.to_thread(serving.dumps.current, current)
    if not as_page:
        return json_page(_as_json(serving, current, dump))
    context = {
        "current": current,
        "dump": dump,
        "makes_dumps": serving.settings.makes_dumps,
        "progress": serving.dumps.progress,
        "files": sorted(dump.files.values(), key=lambda file: file.name == SUMS) if dump else [],
        "address": lambda file: serving.path(_address(file)),
    }
    return await page(request, "dumps.html", context)


async def newest(request: Request) -> Response:
    """Send a file of the newest dump.

    In parts only to those who say by If-Range which file they have a part of: the name does not tell.
    """
    serving = serving_of(request)
    current = serving.engine.require().generation.id
    dump = await asyncio.to_thread(serving.dumps.current, current)
    if dump is None:
        raise _not_yet(serving)
    return _send(request, serving, dump, in_parts="if-range" in request.headers)


async def of_generation(request: Request) -> Response:
    """Send a file of one generation's dump."""
    serving = serving_of(request)
    generation = request.path_params["generation"]
    dump = await asyncio.to_thread(serving.dumps.of, generation)
    if dump is None:
        where = f"{serving.url(PATH)} lists the files that there are"
        raise Problem(404, f"There is no dump of generation {generation[:40]!r}, or no longer", where)
    return _send(request, serving, dump, in_parts=True)


async def to_listing(request: Request) -> Response:
    """Lead to the list: the addresses in it are relative to a path with a slash at its end."""
    return RedirectResponse(serving_of(request).path(PATH), 308)


def _send(request: Request, serving: Serving, dump: Dump, *, in_parts: bool) -> Response:
    name = request.path_params["name"]
    file = dump.files.get(name)
    if file is None:
        raise Problem(404, f"No dump is called {name[:80]!r}", f"there are {', '.join(dump.files)}")
    headers = {"ETag": f'"{file.digest}"', "Content-Location": serving.path(_address(file))}
    if matches(request.headers.get("if-none-match", "").encode("latin-1"), headers["ETag"].encode()):
        return Response(status_code=304, headers=headers)
    try:
        about = file.path.stat()
    except OSError as error:  # removed since it was found: a newer one is there
        raise Problem(404, f"The dump {name} is gone", f"{serving.url(PATH)} lists what there is") from error
    return _Download(file, about, headers, serving, in_parts=in_parts)


class _Download(FileResponse):
    """Sends a file, or parts of it. The ETag is that of its bytes, so that parts of two never meet.

    https://www.rfc-editor.org/rfc/rfc9110#section-14
    """

    def __init__(
        self,
        file: DumpFile,
        about: os.stat_result,
        headers: dict[str, str],
        serving: Serving,
        *,
        in_parts: bool,
    ) -> None:
        packed = file.name != SUMS
        super().__init__(
            file.path,
            headers=headers,
            media_type=MEDIA_TYPE if packed else "text/plain; charset=utf-8",
            filename=file.name,
            content_disposition_type="attachment" if packed else "inline",
            stat_result=about,
        )
        self._stall_s = serving.settings.stall_s
        self._gate = serving.gate
        self._in_parts = in_parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, as one of the requests that its client may have under way at once."""
        self._gate.enter(scope[CLIENT])
        try:
            await self._send_to(scope, receive, send)
        finally:
            self._gate.leave(scope[CLIENT])

    async def _send_to(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; leave a client that takes nothing for too long."""

        async def patient(message: Message) -> None:
            async with asyncio.timeout(self._stall_s):
                await send(message)

        parts = self._in_parts and scope["method"] == "GET"  # HEAD has none: RFC 9110, section 14.2
        kept = [pair for pair in scope["headers"] if pair[0] != b"range" or (parts and _in_bytes(pair[1]))]
        try:
            await super().__call__({**scope, "headers": kept}, receive, patient)
        except TimeoutError:
            _log.info("a client took nothing of %s for %g s", self.path, self._stall_s)


def _in_bytes(range_: bytes) -> bool:
    """Tell whether a Range header counts: one in other units must be passed over (section 14.2)."""
    return range_.lower().lstrip().startswith(b"bytes=")


def _not_yet(serving: Serving) -> Problem:
    if not serving.settings.makes_dumps:
        return Problem(404, "This server makes no dumps", f"{serving.url('/catalog')} has all of it in pages")
    progress = serving.dumps.progress
    if progress and progress.cause:
        return Problem(503, f"There is no dump: {progress.cause}", progress.fix)
    doing = f" ({progress.doing})" if progress else ""
    return Problem(503, f"The first dump is being made{doing}", "ask again later", retry_after_s=_RETRY_S)


def _as_json(serving: Serving, current: str, dump: Dump | None) -> dict[str, Any]:
    progress = serving.dumps.progress
    return {
        "current": current,
        "generation": dump.generation if dump else None,
        "files": [
            {
                "name": file.name,
                "url": serving.url(_address(file)),
                "bytes": file.size,
                "sha256": file.digest,
                "made": file.made.isoformat(timespec="seconds"),
            }
            for file in (dump.files.values() if dump else ())
        ],
        "doing": progress.doing if progress else "",
        "failed": {"cause": progress.cause, "fix": progress.fix} if progress and progress.cause else None,
    }


def _address(file: DumpFile) -> str:
    return f"{PATH}{file.path.parent.name}/{file.name}"


ROUTES = [
    Route("/dumps", to_listing),
    Route(PATH, listing),
    Route(PATH + "{name}", newest),
    Route(PATH + "{generation}/{name}", of_generation),
]
