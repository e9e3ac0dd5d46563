"""A SPARQL query that was looked at before anything evaluates it: its form, and that it may be run at all."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from itertools import pairwise
from typing import NoReturn

from harvester.query.tokens import Token, decode, refuse, tokens
from harvester.vocab import PREFIXES

MAX_CHARACTERS = 1_000_000
"""Longest query that is looked at."""
MAX_NESTING = 200
"""Most brackets within brackets: the engine's parser recurses, and aborts its process from about 600."""
MAX_OPERATORS = 1_000
"""Most operators and joining keywords: the engine recurses along a chain of them too, from about 2,500."""

_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
_JOINING = ("UNION", "MINUS", "OPTIONAL", "FILTER", "BIND", "AS", "EXISTS", "GRAPH")
_OPERATORS = ("&&", "||", "!", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "|", "^")
_CLOSING = {"{": "}", "(": ")", "[": "]"}


class Form(StrEnum):
    """The four query forms (https://www.w3.org/TR/sparql11-query/#QueryForms)."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"

    @property
    def gives_graph(self) -> bool:
        """Tell whether the answer is triples rather than rows or a truth value."""
        return self in (Form.CONSTRUCT, Form.DESCRIBE)


@dataclass(frozen=True, slots=True)
class Sparql:
    """A query fit to be evaluated.

    `names_dataset`: it says FROM or FROM NAMED. `prefixes`: the well-known ones that it uses without
    declaring them, which whoever evaluates it declares.
    """

    text: str
    form: Form
    names_dataset: bool
    prefixes: Mapping[str, str]

    @property
    def standalone(self) -> str:
        """The text with every prefix declared, for engines that know only the standard."""
        return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in self.prefixes.items()) + self.text


def read(text: str, *, known: Mapping[str, str] = PREFIXES, service: bool = False) -> Sparql:
    """Look at a query before it is evaluated.

    `known` are the prefixes that need no declaration; `service` lets SERVICE clauses through.
    Raises UsageError for updates, SERVICE, a query too long, too deep or too involved for the engine,
    brackets that do not pair, unknown prefixes: with line, column and a caret.
    """
    if len(text) > MAX_CHARACTERS:
        refuse(text, 0, f"longer than {MAX_CHARACTERS:,} characters", fix="shorten the query")
    text = decode(text)
    pieces = list(tokens(text))
    start = body(text, pieces)
    form = _form(text, start)
    _check_brackets(text, pieces)
    _check_size(text, pieces)
    upper = text.upper()  # most queries have neither word, and are not looked through for it
    if not service and "SERVICE" in upper:
        _check_service(text, pieces)
    names_dataset = "FROM" in upper and any(token.is_word("FROM") for token in pieces)
    return Sparql(text, form, names_dataset, _undeclared(text, pieces, known))


def body(text: str, pieces: Sequence[Token]) -> Token:
    """Return the first token behind BASE and PREFIX declarations: the query's form."""
    steps = {"BASE": 2, "PREFIX": 3, "VERSION": 2}
    at = 0
    while at < len(pieces) and pieces[at].is_word(*steps):
        at += steps[pieces[at].text.upper()]
    if at >= len(pieces):
        refuse(text, len(text), "there is no query", fix="write SELECT, ASK, CONSTRUCT or DESCRIBE …")
    return pieces[at]


def mistake(text: str, message: str) -> NoReturn:
    """Raise the UsageError for a syntax error as pyoxigraph words it.

    Its position is where the look-ahead for the longest keyword ended, so the mistake stands as much
    before it; what it says was expected there is seldom of help, but for its few whole sentences.
    """
    found = re.match(r"error at (\d+):(\d+): expected (?:one of )?(.*)", message, re.DOTALL)
    if not found:
        refuse(text, 0, message)
    above = text.split("\n")[: int(found[1]) - 1]
    offset = sum(len(line) + 1 for line in above) + int(found[2]) - 1
    expected = [item for item in found[3].strip().split(", ") if item != "[_]"]
    keywords = [item for item in expected if re.fullmatch(r"\w+", item)]
    sentences = [item for item in expected if re.fullmatch(r"[A-Z]\w* .*", item)]
    if len(keywords) + len(sentences) == len(expected):
        offset = max(0, offset - min(map(len, keywords), default=0))
    token = next((token for token in tokens(text) if token.end > offset), None)
    if token is None:
        refuse(text, len(text), "; ".join(sentences) or "something is missing at the end")
    refuse(text, token.start, "; ".join(sentences) or f"{token.text[:40]} does not fit here")


def _form(text: str, start: Token) -> Form:
    word = start.text.upper()
    if word in _UPDATES:
        refuse(text, start.start, f"{word} is an update; the catalogue is read-only", fix="ask a query")
    if word not in Form.__members__:
        refuse(text, start.start, f"SELECT, ASK, CONSTRUCT or DESCRIBE expected instead of {start.text}")
    return Form[word]


def _check_brackets(text: str, pieces: Sequence[Token]) -> None:
    opened: list[Token] = []
    for token in (token for token in pieces if token.kind == "mark"):
        if token.text in _CLOSING:
            opened.append(token)
        elif token.text in _CLOSING.values() and (not opened or _CLOSING[opened.pop().text] != token.text):
            refuse(text, token.start, f"this {token.text} closes nothing")
        if len(opened) > MAX_NESTING:
            refuse(text, token.start, f"more than {MAX_NESTING} brackets deep", fix="flatten the query")
    if opened:
        refuse(text, opened[-1].start, f"this {opened[-1].text} is never closed")


def _check_size(text: str, pieces: Sequence[Token]) -> None:
    if len(pieces) <= MAX_OPERATORS:
        return
    joining = [token for token in pieces if token.text in _OPERATORS or token.is_word(*_JOINING)]
    if len(joining) > MAX_OPERATORS:
        why = f"more than {MAX_OPERATORS:,} operators"
        refuse(text, joining[MAX_OPERATORS].start, why, fix="list values with VALUES or IN (…) instead")


def _check_service(text: str, pieces: Sequence[Token]) -> None:
    """Refuse SERVICE, also where it is part of a token.

    The engine needs no space between words (`trueSERVICE`), and what it cannot read as one name it reads
    as two: `SERVICEe:x` as SERVICE and e:x, or `e:SERVICE` as e: and SERVICE if the whole is no valid IRI.
    """
    for at, token in enumerate(pieces):
        if "SERVICE" not in token.text.upper() or token.kind not in ("word", "name"):
            continue
        if token.kind == "word" or _opens_group(pieces[at + 1 : at + 4]):
            why = "SERVICE would have this catalogue call other servers"
            refuse(text, token.start, why, fix="ask the other endpoint directly")


def _opens_group(pieces: Sequence[Token]) -> bool:
    """Tell whether these are what may stand behind SERVICE, or the end of it: SILENT, a name, a brace."""
    kinds = [token.text if token.kind == "mark" else token.kind for token in pieces]
    if pieces and pieces[0].is_word("SILENT"):
        kinds.pop(0)
    if kinds and kinds[0] in ("iri", "name", "variable"):
        kinds.pop(0)
    return kinds[:1] == ["{"]


def _undeclared(text: str, pieces: Sequence[Token], known: Mapping[str, str]) -> dict[str, str]:
    declared = {
        name.text[:-1] for word, name in pairwise(pieces) if word.is_word("PREFIX") and name.kind == "name"
    }
    needed = {}
    for token in pieces:
        prefix = token.text.partition(":")[0]
        if token.kind != "name" or prefix in declared:
            continue
        if prefix not in known:
            close = get_close_matches(prefix, [*declared, *known], n=1)
            hint = f"; did you mean {close[0]}: ?" if close else ""
            fix = f"begin the query with PREFIX {prefix}: <…>"
            refuse(text, token.start, f"the prefix {prefix}: is not declared{hint}", fix=fix)
        needed[prefix] = known[prefix]
    return needed
