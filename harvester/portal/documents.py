"""JSON documents of a portal, read with bounds: whatever comes, a value or a DocumentError."""

import json
import re
from typing import Any, NoReturn

from harvester.config import MEBIBYTE
from harvester.errors import DocumentError
from harvester.model import Category, Document

JsonObject = dict[str, Any]

MAX_BYTES = 24 * MEBIBYTE
"""Largest JSON document; parsed, it takes about ten times that. Larger pages of lists are read in parts."""
SMALL = MEBIBYTE
"""Largest code list or description of a portal."""
MAX_VALUES = 1_000_000
"""Most values in a document: each can take a hundred times the memory of the bytes that say it."""
MAX_DEPTH = 32
"""Deepest nesting of objects and lists; udata's own documents nest 7 levels."""

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json(document: Document) -> object:
    """Return the value that `document` holds, whatever media type it was served as.

    Halves of surrogate pairs, which JSON can write and UTF-8 cannot, become U+FFFD.
    https://www.rfc-editor.org/rfc/rfc8259#section-8.2
    """
    try:
        _check_values(document.body)
        value: object = json.loads(document.body, parse_constant=_refuse, parse_float=_finite)
        _check_depth(value)
        if _SURROGATE.search(document.body):
            value = _without_surrogates(value)
    except RecursionError as error:
        raise not_json(document, f"nests more than {MAX_DEPTH} levels") from error
    except ValueError as error:
        raise not_json(document, str(error)) from error
    return value


def read_object(document: Document) -> JsonObject:
    """Return the JSON object that `document` holds."""
    value = read_json(document)
    if not isinstance(value, dict):
        raise not_json(document, f"an object was expected, not {_name(value)}")
    return value


def read_list(document: Document) -> list[object]:
    """Return the JSON list that `document` holds."""
    value = read_json(document)
    if not isinstance(value, list):
        raise not_json(document, f"a list was expected, not {_name(value)}")
    return value


def is_html(document: Document) -> bool:
    """Tell whether an answer is a web page (a login, maintenance), whatever media type it has."""
    return (
        document.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))
    )


def _check_values(body: bytes) -> None:
    """Bound what a document unfolds to; commas and brackets within strings count too."""
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise ValueError(f"it holds more than {MAX_VALUES:,} values")


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise ValueError(f"nests more than {MAX_DEPTH} levels")


def _without_surrogates(value: object) -> object:
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _finite(text: str) -> float:
    number = float(text)
    return number if abs(number) != float("inf") else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is not a number in JSON")


def _name(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def not_json(document: Document, why: str) -> DocumentError:
    """Return the error for a document that is not what was expected, `why` in the reader's words."""
    fix = "tell the portal's owner"
    if is_html(document):
        why = "it is an HTML page"
        fix = "open it in a browser: the portal may be under maintenance or ask for a login"
    elif not document.body.strip():
        why, fix = "it is empty", "try again later; if it lasts, tell the portal's owner"
    return DocumentError(
        f"{document.url} is not the JSON that was expected: {why[:200]}",
        fix=fix,
        url=document.url,
        category=Category.NOT_JSON,
    )
