"""Conditional requests: what lets a portal answer "unchanged" in place of a document.

https://www.rfc-editor.org/rfc/rfc9110#section-13.1
"""

import re
from collections.abc import Mapping

from harvester.portal.exchange import Answer, Request

NAMES = ("If-None-Match", "If-Modified-Since")
"""The request headers, in the order of the validators: ETag, Last-Modified."""
_FIT = re.compile(r"[\x20-\x7e]{1,1024}")


def validators_of(answer: Answer, request: Request) -> tuple[str, str]:
    """Return ETag and Last-Modified as sent, weak or not, "" where there is none that can be sent back.

    A 304 need not repeat those that it was asked with: they still hold.
    """
    asked = [request.header(name) if answer.status == 304 else "" for name in NAMES]
    etag, modified = (_fit(answer.header(name)) for name in ("ETag", "Last-Modified"))
    return etag or asked[0], modified or asked[1]


def conditions(known: tuple[str, str]) -> Mapping[str, str]:
    """Return the headers that ask for a document only if its validators are not `known` any more.

    >>> conditions(('W/"5f"', ""))
    {'If-None-Match': 'W/"5f"'}
    """
    return {name: value for name, value in zip(NAMES, map(_fit, known), strict=True) if value}


def unchanged(answer: Answer, request: Request) -> bool:
    """Tell whether the answer says "unchanged" to a request that asked for it."""
    return answer.status == 304 and any(request.header(name) for name in NAMES)


def _fit(value: str) -> str:
    # "*" would match whatever the portal has now, and a long one would be refused for ever
    return value if value.strip() != "*" and _FIT.fullmatch(value) else ""
