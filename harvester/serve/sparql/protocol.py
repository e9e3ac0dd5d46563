"""The SPARQL 1.1 Protocol's query operation: what a request asks (https://www.w3.org/TR/sparql11-protocol/).

Parameters count wherever they stand, in the address or in a form: the W3C's tests send graphs in the one
and the query in the other. Those that the protocol does not know (`format`, `timeout` …) are passed over;
the format of an answer is chosen by Accept alone, as the protocol has it.

Every request is read in linear time.
"""

import re
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from typing import NoReturn
from urllib.parse import parse_qsl

from harvester.rdf.iris import is_valid
from harvester.serve.core.body import FORM
from harvester.serve.http.problem import Problem

QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

MAX_PARAMETERS = 1_000
"""Parameters in one address or form, graphs included."""
MAX_REMEMBERED = 8_192
"""Bytes of the longest query string whose reading is remembered."""

_GRAPHS = ("default-graph-uri", "named-graph-uri")
_OF_UPDATES = ("using-graph-uri", "using-named-graph-uri")
_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_SHOWN = 100
_UTF8 = ("utf-8", "utf8", "us-ascii")
_HOW = f"POST a query as {QUERY}, or a form with the parameter query as {FORM}"

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Operation:
    """A query as a request puts it. The graphs are absolute IRIs, none twice, and override FROM.

    https://www.w3.org/TR/sparql11-protocol/#dataset
    """

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    @property
    def names_dataset(self) -> bool:
        """Tell whether the request names a dataset, if only by named graphs."""
        return bool(self.default_graphs or self.named_graphs)


def read_get(query_string: bytes) -> Operation | None:
    """Read a GET or HEAD request, None if it asks nothing: it then wants the service description.

    https://www.w3.org/TR/sparql11-protocol/#query-via-get ; raises Problem.
    """
    return (_read_get if len(query_string) <= MAX_REMEMBERED else _read_get.__wrapped__)(query_string)


def read_post(content_type: str | None, body: bytes, query_string: bytes) -> Operation:
    """Read a POST request, its query in a form or bare.

    https://www.w3.org/TR/sparql11-protocol/#query-via-post-urlencoded and #query-via-post-direct ; raises
    Problem.
    """
    media_type = _media_type(content_type)
    parameters = _parameters(query_string, "The address")
    if media_type == FORM:
        parameters += _parameters(body, "The form")
    elif media_type == QUERY:
        parameters.append(("query", _decode(body, "The query").removeprefix("\ufeff")))
    elif media_type == UPDATE:
        _refuse_update()
    return _operation(parameters)


@lru_cache(maxsize=256)
def _read_get(query_string: bytes) -> Operation | None:
    parameters = _parameters(query_string, "The address")
    known = {"query", "update", *_GRAPHS, *_OF_UPDATES}
    return _operation(parameters) if any(name in known for name, _ in parameters) else None


def _operation(parameters: Parameters) -> Operation:
    names = [name for name, _ in parameters]
    if "update" in names:
        _refuse_update()
    for name in _OF_UPDATES:
        if name in names:
            _refuse(f"{name} is a parameter of updates", f"name graphs by {' or '.join(_GRAPHS)}")
    queries = names.count("query")
    if queries != 1:
        _refuse(f"The request has {queries or 'no'} queries", "send exactly one, as the parameter query")
    default, named = (_graphs(parameters, name) for name in _GRAPHS)
    return Operation(dict(parameters)["query"], default, named)


def _graphs(parameters: Parameters, wanted: str) -> tuple[str, ...]:
    graphs = dict.fromkeys(value for name, value in parameters if name == wanted)
    for graph in graphs:
        if not is_valid(graph):
            _refuse(f"{wanted} is not an absolute IRI: {graph[:_SHOWN]!r}", "write it out, with its scheme")
    return tuple(graphs)


def _parameters(encoded: bytes, what: str) -> Parameters:
    """Read application/x-www-form-urlencoded (https://url.spec.whatwg.org/#urlencoded-parsing), strictly."""
    if stray := _STRAY_PERCENT.search(encoded):
        shown = encoded[stray.start() : stray.start() + 3].decode(errors="replace")
        _refuse(f"{what} is wrongly encoded at {shown!r}", "write a percent sign as %25")
    text = _decode(encoded, what)
    if text.count("&") >= MAX_PARAMETERS:
        fix = "name fewer graphs; a request without any is answered from all of them"
        _refuse(f"{what} has more than {MAX_PARAMETERS:,} parameters", fix)
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        _refuse_encoding(what)


def _decode(data: bytes, what: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        _refuse_encoding(what)


@lru_cache(maxsize=256)
def _media_type(content_type: str | None) -> str:
    """Return the media type of a request that can be read. Raises Problem for any other."""
    header = Message()
    header["Content-Type"] = (content_type or "")[:_SHOWN]
    media_type = header.get_content_type() if content_type else "no media type"
    charset = header.get_param("charset", "utf-8")
    if media_type not in (FORM, QUERY, UPDATE):
        _refuse_media_type(f"A body of {media_type} is not understood here", _HOW)
    if str(charset).lower() not in _UTF8:
        _refuse_media_type(f"The charset {charset!r} is not understood here", "encode the query in UTF-8")
    return media_type


def _refuse(cause: str, fix: str) -> NoReturn:
    raise Problem(400, cause, fix)


def _refuse_encoding(what: str) -> NoReturn:
    raise Problem(400, f"{what} is not UTF-8", "encode it in UTF-8, then percent-encode parameters") from None


def _refuse_media_type(cause: str, fix: str) -> NoReturn:
    # https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16 : Accept says what would have been taken
    raise Problem(415, cause, fix, headers={"Accept": f"{QUERY}, {FORM}", "Accept-Post": f"{QUERY}, {FORM}"})


def _refuse_update() -> NoReturn:
    # 403 rather than 400 or 405: it is understood, and refused whoever sends it; Oxigraph's server does so.
    cause = "Updates are refused: the catalogue is read-only"
    raise Problem(403, cause, "ask a query; the catalogue is changed by harvests only", slug="read-only")
