"""The SPARQL editor's own files, which npm brings when harvester is installed (hatch_build.py)."""

import json
import logging
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.http.answer import Answer
from harvester.serve.http.problem import Problem

PATH = "/static/vendor/"
LICENCES = "THIRD-PARTY-LICENSES.txt"

_log = logging.getLogger(__name__)
_BUILT = files("harvester.serve.html") / "static" / "vendor"
_TYPES = {"js": "text/javascript", "css": "text/css", "txt": "text/plain"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""For files whose names change with what is in them."""


@cache
def editor_files() -> dict[str, str]:
    """Return the addresses of "editor.js" and "editor.css", without a proxy's prefix.

    Empty if harvester was installed without them: the page then has a plain field.
    """
    manifest = _BUILT / "manifest.json"
    if not manifest.is_file():
        _log.info("the SPARQL editor was not built: the page has a plain field")
        return {}
    names: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
    return {name: PATH + built for name, built in names.items()}


async def file(request: Request) -> Response:
    """Send one of the files. Raises Problem if there is none of that name."""
    address = PATH + request.path_params["name"]
    if address in editor_files().values():
        return _file(address).response(_FOREVER)
    if address == PATH + LICENCES and editor_files():
        return _file(address).response()
    raise Problem(404, "There is nothing at this address", "begin at the start page, or read /api")


@cache
def _file(address: str) -> Answer:
    """Read a file; what is compressed once stays so for all who ask."""
    name = address.removeprefix(PATH)
    body = (_BUILT / name).read_bytes()
    media_type = f"{_TYPES[name.rpartition('.')[2]]}; charset=utf-8"
    return Answer(media_type, {}, f'W/"{blake2b(body, digest_size=16).hexdigest()}"', body)


ROUTES = [Route(PATH + "{name}", file)]
