"""How deeply a document nests: bounded before it is parsed.

The parsers need memory (JSON-LD) or time (RDF/XML) that grows with the square of the depth: 2,000 nested
JSON-LD nodes take a gigabyte. Turtle and its sisters are read without recursion and need no bound.
"""

import re
from xml.parsers import expat

from pyoxigraph import RdfFormat

_JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


class TooDeep(ValueError):
    """The document nests deeper than allowed."""


def check_depth(body: bytes, format_: RdfFormat, limit: int) -> None:
    """Raise TooDeep where `body` nests more than `limit` levels of JSON or XML.

    A document that is not well-formed passes: the RDF parser says what is wrong with it, and where.

    >>> check_depth(b'{"a": ["[[[["]}', RdfFormat.JSON_LD, 2)
    """
    if format_ == RdfFormat.JSON_LD:
        _check_json(body, limit)
    elif format_ == RdfFormat.RDF_XML:
        _check_xml(body, limit)


def _check_json(body: bytes, limit: int) -> None:
    depth = 0
    for match in _JSON_TOKEN.finditer(body):
        token = match[0][0]
        if token in b"[{":
            depth += 1
            if depth > limit:
                raise TooDeep(f"nests more than {limit} levels")
        elif token in b"]}":
            depth -= 1


def _check_xml(body: bytes, limit: int) -> None:
    """Count open elements with expat, which also refuses documents that grow by entity expansion."""
    depth = 0

    def start(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > limit:
            raise TooDeep(f"nests more than {limit} levels")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_AMPLIFICATION_LIMIT_BREACH]:
            raise TooDeep("grows without bound by entity expansion") from error
