r"""SPARQL's lexical grammar: what is a word, a variable, a string, an IRI or a comment in a query.

Enough to replace a variable or to refuse a keyword without being fooled by where else its letters stand.
https://www.w3.org/TR/sparql11-query/#grammar

Every text is read in linear time: what repeats is possessive (`*+`) or bounded (prefixes: 100 characters).
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple, NoReturn

from harvester.errors import UsageError

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_MARKS = "\u00b7\u0300-\u036f\u203f-\u2040"
_NAME = rf"[{_BASE}_0-9][{_BASE}_0-9{_MARKS}]*"
_CHARS = rf"{_BASE}_0-9{_MARKS}\-"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL = rf"(?:[{_BASE}_:0-9]|{_ESCAPED})(?:\.*(?:[{_CHARS}:]|{_ESCAPED}))*"
_HEX = "[0-9A-Fa-f]"
_CODEPOINT = (  # of a character: no surrogates, nothing beyond Unicode
    rf"\\u(?![Dd][89A-Fa-f]){_HEX}{{4}}|\\U(?!0000[Dd][89A-Fa-f])00(?:0{_HEX}|10){_HEX}{{4}}"
)
_ESCAPE = rf"\\[tbnrf\"'\\]|{_CODEPOINT}"
_IRI = rf"<(?:[^\x00-\x20<>\"{{}}|^`\\]|{_CODEPOINT})*+>"
_STRING = (  # three quotes only ever begin a long string, though the engine makes "" and " of a broken one
    rf'"{{3}}(?:[^"\\]|{_ESCAPE}|"(?!""))*+"{{3}}'
    rf"|'{{3}}(?:[^'\\]|{_ESCAPE}|'(?!''))*+'{{3}}"
    rf'|"(?!"")(?:[^"\\\n\r]|{_ESCAPE})*+"'
    rf"|'(?!'')(?:[^'\\\n\r]|{_ESCAPE})*+'"
)
_SPACE = r"(?:[ \t\r\n]|\#[^\r\n]*+)*+"
_TOKEN = rf"""
    (?: (?P<iri>{_IRI})
    | (?P<string>{_STRING})
    | (?P<variable>[?$]{_NAME})
    | (?P<blank>_:[{_BASE}_0-9](?:\.*[{_CHARS}])*)
    | (?P<name>(?:[{_BASE}](?:[{_CHARS}.]{{,98}}[{_CHARS}])?)?:(?:{_LOCAL})?)
    | (?P<number>[+-]?(?:[0-9]++(?:\.[0-9]++|\.(?=[eE][+-]?[0-9]))?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)
    | (?P<language>@[A-Za-z]+(?:--?[A-Za-z0-9]+)*)
    | (?P<word>[A-Za-z_][A-Za-z_0-9]*)
    | (?P<mark>\^\^|&&|\|\||[!<>]=|[{{}}()\[\];,.=<>!+\-*/|^?~])
    | (?P<other>.)
    ){_SPACE}
    """
_LEADING = re.compile(_SPACE)
_ESCAPABLE = re.compile(rf"{_STRING}|{_IRI}|\#[^\r\n]*|({_CODEPOINT})|\\.", re.DOTALL)


@cache
def _token() -> re.Pattern[str]:
    """Return the grammar, compiled when a query is read: it takes a third of a small command's time."""
    return re.compile(_TOKEN, re.VERBOSE | re.DOTALL)


class Token(NamedTuple):
    """A piece of a query: `kind` is a group of the grammar above, `start` its offset in the text."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset just behind the token."""
        return self.start + len(self.text)

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of these keywords (upper case), which SPARQL reads in any case."""
        return self.kind == "word" and self.text.upper() in words


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a query; spaces and comments are left out.

    Raises UsageError where the text fits no token: an unfinished string, a stray character.

    >>> [token.text for token in tokens("ASK { ?s a 'FROM' } # FROM")]
    ['ASK', '{', '?s', 'a', "'FROM'", '}']
    """
    begin = _LEADING.match(text)
    for match in _token().finditer(text, begin.end() if begin else 0):
        kind = match.lastgroup or ""
        if kind == "other":
            refuse(text, match.start(), _unreadable(match["other"]))
        yield Token(kind, match[kind], match.start())


def decode(text: str) -> str:
    r"""Decode the codepoint escapes outside strings and IRIs, in which the engine itself does it.

    https://www.w3.org/TR/sparql11-query/#codepointEscape

    >>> decode(r"\u0041SK { ?s ?p '\u0041' }")
    "ASK { ?s ?p '\\u0041' }"
    """
    if "\\" not in text:
        return text
    return _ESCAPABLE.sub(
        lambda match: chr(int(match[1].lstrip(r"\uU"), base=16)) if match[1] else match[0], text
    )


def refuse(text: str, offset: int, why: str, *, fix: str = "correct the query there") -> NoReturn:
    """Raise the UsageError for a mistake at `offset` of a query, its line shown with a caret."""
    offset = min(offset, len(text))
    line = text.count("\n", 0, offset) + 1
    begin = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    shown = text[begin : end if end >= 0 else len(text)].replace("\t", " ").rstrip("\r")
    cut = max(0, offset - begin - 60)
    raise UsageError(
        f"The query cannot be used, line {line}, column {offset - begin + 1}: {why}\n"
        f"    {shown[cut : cut + 100]}\n    {' ' * (offset - begin - cut)}^",
        fix=fix,
    )


def _unreadable(character: str) -> str:
    if character in "\"'":
        return "this string is not closed"
    return f"the character {character!r} cannot stand here"
