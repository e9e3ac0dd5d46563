"""Small documents for programs, sent with an ETag of their bytes."""

from collections.abc import Mapping
from hashlib import blake2b

from starlette.responses import Response

from harvester.serve.http.answer import Answer

IN_A_LANGUAGE = {"Vary": "Accept-Language, Cookie"}
"""Header of what is in the reader's language unless the address says one."""


def document(body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a document as a response."""
    etag = f'W/"{blake2b(body, digest_size=16).hexdigest()}"'
    return Answer(media_type, {}, etag, body).response(headers)
