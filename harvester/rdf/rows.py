"""Triples as rows of N-Triples tokens: the form in which records are split, labelled and written.

Work on a term object costs a crossing into Rust; work on a string does not. So a parsed document is
written once as N-Triples by the library and taken apart line by line. Nothing of the text is trusted: each
line must match the grammar below, each IRI must be valid, and what does not pass is repaired or dropped,
and counted. A row is `(subject, predicate, object)`, each a token as it stands in N-Triples: `<iri>`,
`_:label`, `"literal"`. https://www.w3.org/TR/n-triples/#n-triples-grammar
"""

import re
from dataclasses import dataclass, field
from typing import cast

from harvester.rdf.iris import is_valid, repair

Row = tuple[str, str, str]

_IRI = r'<[^\x00-\x20<>"{}|\\^`]+>'
_STRING = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
_LINE = re.compile(
    rf"^({_IRI}|_:\S+) ({_IRI}) ({_IRI}|_:\S+|{_STRING}(?:@[A-Za-z0-9-]+|\^\^{_IRI})?) \.$", re.MULTILINE
)
_LOOSE_LINE = re.compile(rf"(<.*?>|_:\S+) (<.*?>) (<.*>|_:\S+|{_STRING}(?:@.*|\^\^<.*>)?) \.", re.DOTALL)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_CONTROL = re.compile(r"\\(?:[bf]|u00[01][0-9A-F]|uFFF[EF])")
_ESCAPE = re.compile(_CONTROL.pattern + r"|\\.")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one document.

    `repaired` counts the distinct terms changed to make them valid; `dropped` names (cut to 200
    characters) those that nothing helps, whose triples are left out.
    """

    rows: list[Row] = field(repr=False)
    repaired: int = 0
    dropped: tuple[str, ...] = ()


def read_ntriples(text: str, base: str = "") -> Rows:
    r"""Take apart N-Triples as the library writes them, however invalid the terms inside are.

    >>> read_ntriples('<http://a.example/x y> <http://b.example/p> "c"@fr .\n').rows
    [('<http://a.example/x%20y>', '<http://b.example/p>', '"c"@fr')]
    """
    rows = _LINE.findall(text)
    unreadable: list[str] = []
    if len(rows) != text.count("\n"):
        rows, unreadable = _read_loosely(text)
    terms = _Terms(base)
    checked = [(terms[s], terms[p], terms[o]) for s, p, o in rows]
    dropped = [*unreadable, *(token for token, good in terms.items() if good is None)]
    kept = [row for row in checked if None not in row] if dropped else checked
    repaired = sum(1 for token, good in terms.items() if good is not None and good != token)
    return Rows(cast("list[Row]", kept), repaired, tuple(term[:200] for term in dropped))


def _read_loosely(text: str) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    unreadable: list[str] = []
    for line in text.split("\n"):
        match = _LINE.fullmatch(line) or _LOOSE_LINE.fullmatch(line)
        if match:
            rows.append((match[1], match[2], match[3]))
        elif line:
            unreadable.append(line)
    return rows, unreadable


class _Terms(dict[str, str | None]):
    """Token → valid token, None where nothing helps: each distinct term of a document is checked once."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def __missing__(self, token: str) -> str | None:
        if token[0] == "<":
            good = self._iri(token)
        elif token[0] == '"':
            good = self._literal(token)
        else:
            good = token
        self[token] = good
        return good

    def _iri(self, token: str) -> str | None:
        iri = token[1:-1]
        if is_valid(iri):
            return token
        good = repair(iri, self.base)
        return None if good is None else f"<{good}>"

    def _literal(self, token: str) -> str | None:
        end = token.rindex('"') + 1 if token[-1] != ">" else token.rindex('"^^<') + 1
        string, suffix = token[:end], token[end:]
        if _CONTROL.search(string):
            string = _ESCAPE.sub(_without_control, string)
        if suffix.startswith("^^"):
            datatype = self._iri(suffix[2:])
            return None if datatype is None else f"{string}^^{datatype}"
        if suffix and not _LANGUAGE_TAG.fullmatch(suffix[1:]):
            return string
        return string + suffix


def _without_control(match: re.Match[str]) -> str:
    """Write `?` for characters that XML 1.0 cannot hold, as udata does in all formats but JSON-LD."""
    return "?" if _CONTROL.fullmatch(match[0]) else match[0]
