"""Headers that every answer carries."""

from starlette.types import Scope

from harvester.serve.http.answer import RawHeaders

_SAFE = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
_SHARED = [
    # any page may read what anybody may read: https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Link, Retry-After, X-Truncated, Content-Location, Content-Range, Accept-Ranges",
    ),
]
_PAGE_POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FRESH = (b"cache-control", b"no-cache")
"""Keep it, and ask with If-None-Match whether it still holds."""

DATA: RawHeaders = [*_SAFE, *_SHARED, (b"content-security-policy", b"default-src 'none'; sandbox"), _FRESH]
PICTURE: RawHeaders = [
    *_SAFE,
    *_SHARED,
    # its own style sheet is all that a chart needs
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    _FRESH,
]
PAGE: RawHeaders = [*_SAFE, (b"content-security-policy", _PAGE_POLICY), _FRESH]

PREFLIGHT: RawHeaders = [
    (b"access-control-allow-headers", b"Accept, Authorization, Content-Type, If-None-Match, If-Range, Range"),
    (b"access-control-max-age", b"86400"),
]


def header(scope: Scope, name: bytes) -> bytes:
    """Return the first header of a name (in lower case), b"" if there is none."""
    return next((value for key, value in scope["headers"] if key == name), b"")


def complete(headers: RawHeaders, status: int) -> RawHeaders:
    """Return an answer's headers with those that it lacks.

    Those of a 304 take the place of what the client has kept, so they say nothing about the kind of content
    (https://www.rfc-editor.org/rfc/rfc9111#section-3.2).
    """
    if status == 304:
        return [*headers, *_SHARED, _FRESH]
    kind = next((value for name, value in headers if name == b"content-type"), b"")
    common = PAGE if kind.startswith(b"text/html") else PICTURE if kind == b"image/svg+xml" else DATA
    if any(name == b"cache-control" for name, _ in headers):
        common = common[:-1]
    return headers + common
