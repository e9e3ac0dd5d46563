"""The portal's JSON-LD context: pulled once per run, pinned, put inline where a page names it by URL."""

import json
from typing import Any
from urllib.parse import urljoin, urlsplit

from pyoxigraph import RdfFormat, parse

from harvester.rdf.depth import check_depth

Context = dict[str, Any]

MAX_BYTES = 256 * 1024
"""Largest context; udata's is 2 kB."""
MAX_DEPTH = 16


def parse_context(body: bytes) -> Context:
    """Return the term definitions in a context document, bare or under `@context`.

    https://www.w3.org/TR/json-ld11/#context-definitions . Raises ValueError where it is not a JSON object.

    >>> parse_context(b'{"@context": {"dct": "http://purl.org/dc/terms/"}}')
    {'dct': 'http://purl.org/dc/terms/'}
    """
    if len(body) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES:,} bytes")
    check_depth(body, RdfFormat.JSON_LD, MAX_DEPTH)
    document = json.loads(body)
    if isinstance(document, dict) and isinstance(document.get("@context"), dict):
        document = document["@context"]
    if not isinstance(document, dict):
        raise ValueError("a JSON-LD context must be a JSON object")  # noqa: TRY004  # bad data, not a bad call
    try:
        probe = json.dumps({"@context": document, "@id": "http://probe.example/"}).encode("ascii")
        list(parse(probe, RdfFormat.JSON_LD, base_iri="http://probe.example/", lenient=True))
        json.dumps(document, ensure_ascii=False).encode()
    except (SyntaxError, UnicodeEncodeError) as error:
        raise ValueError(f"no JSON-LD processor can use it: {error}") from error
    return document


def inline_context(body: bytes, url: str, pinned: Context, pinned_url: str) -> bytes:
    """Return the JSON-LD document `body` with references to `pinned_url` replaced by `pinned`.

    A document whose contexts are all inline already is returned as it is. Other remote contexts are left,
    and the parser refuses them: nothing is fetched because a page says so.

    >>> inline_context(b'{"@context": "context.jsonld", "a": 1}', "http://h.example/x", {"a": "http://a/"},
    ...     "http://h.example/context.jsonld")
    b'{"@context": {"a": "http://a/"}, "a": 1}'
    """
    head = body[:200].lstrip()
    if not head.startswith((b"{", b"[")):
        return body
    document = json.loads(body)
    nodes = document if isinstance(document, list) else [document]
    changed = False
    for node in nodes:
        if not isinstance(node, dict) or "@context" not in node:
            continue
        context = node["@context"]
        parts = context if isinstance(context, list) else [context]
        resolved = [pinned if _names(part, url, pinned_url) else part for part in parts]
        if resolved != parts:
            node["@context"] = resolved if isinstance(context, list) else resolved[0]
            changed = True
    return json.dumps(document, ensure_ascii=False).encode() if changed else body


def _names(part: object, url: str, pinned_url: str) -> bool:
    if not isinstance(part, str):
        return False
    asked, pinned = urlsplit(urljoin(url, part)), urlsplit(pinned_url)
    return (asked.netloc, asked.path) == (pinned.netloc, pinned.path)
