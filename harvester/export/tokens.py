"""N-Triples literals taken apart: https://www.w3.org/TR/n-triples/#n-triples-grammar ."""

import re
from typing import NamedTuple

from harvester.vocab import XSD

STRING = XSD + "string"
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_CHARACTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


class Literal(NamedTuple):
    """A literal's text, and its language tag or datatype (IRI); one of both is ""."""

    text: str
    language: str
    datatype: str


def literal(token: str) -> Literal:
    r"""Take apart the token of a literal.

    >>> literal('"a\\"b"@fr')
    Literal(text='a"b', language='fr', datatype='')
    """
    if token[-1] == '"':
        return Literal(_text(token[1:-1]), "", STRING)
    if token[-1] == ">":
        end = token.rindex('"^^<')
        return Literal(_text(token[1:end]), "", token[end + 4 : -1])
    end = token.rindex('"')
    return Literal(_text(token[1:end]), token[end + 2 :], "")


def _text(escaped: str) -> str:
    return _ESCAPE.sub(_character, escaped) if "\\" in escaped else escaped


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _CHARACTERS[match[3]]
