"""Mapping rules: SPARQL CONSTRUCT queries in files, with a `#+` header of YAML, checked when read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import yaml
from pyoxigraph import QueryTriples, RdfFormat, Store

from harvester.errors import UsageError

SUMMARY = frozenset({"summary"})
INFERENCE = frozenset({"summary", "infers", "from"})

_BASE = "https://portal.invalid/api/1/"
_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_TOKEN = re.compile(
    r"\"\"\"(?:\\.|(?!\"\"\").)*\"\"\"|'''(?:\\.|(?!''').)*'''"
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|<[^<>\"{}|^`\x00-\x20]*>|\\.|#[^\n]*"
    r"|(?P<word>(?<![\w?$:@-])(?:SERVICE|ORDER\s+BY)\b(?!:))",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `name` is its path in the mapping folder, `header` what its `#+` lines say."""

    name: str
    text: str = field(repr=False)
    header: Mapping[str, str]

    def answer(self, store: Store, base: str, *, union: bool = False) -> QueryTriples:
        """Run the rule, its relative IRIs resolved against `base`; over all graphs if `union`."""
        result = store.query(self.text, base_iri=base, use_default_graph_as_union=union)
        return cast("QueryTriples", result)

    def ntriples(self, store: Store, base: str) -> str:
        """Run the rule and return its triples as N-Triples, one a line."""
        return (self.answer(store, base).serialize(format=RdfFormat.N_TRIPLES) or b"").decode()


def read_rule(name: str, text: str, keys: frozenset[str], *, ordered: bool = False) -> Rule:
    """Check a rule's header (it must have `keys`) and query; raise UsageError naming file and line.

    A rule is a CONSTRUCT query without SERVICE: a mapping must not send a portal's data elsewhere.
    `ordered` asks for ORDER BY too.
    """
    header = _header(name, text, keys)
    words = _words(text)
    if "SERVICE" in words:
        line = words["SERVICE"]
        raise _bad(name, line, "SERVICE would call another server", "write the rule without SERVICE")
    try:
        result = Store().query(text, base_iri=_BASE)
    except (SyntaxError, RuntimeError) as error:
        position = _POSITION.match(str(error))
        line, why = (int(position[1]), position[3]) if position else (1, str(error))
        why = " ".join(why.split())[:160]
        raise _bad(name, line, f"not a query that can be run: {why}", "correct the query") from error
    if not isinstance(result, QueryTriples):
        raise _bad(
            name, 1, "not a CONSTRUCT query", "a rule makes triples: begin it with CONSTRUCT { … } WHERE"
        )
    if ordered and "ORDER" not in words:
        raise _bad(name, 1, "no ORDER BY", "end the rule with ORDER BY and the variable that it describes")
    return Rule(name, text, header)


def _header(name: str, text: str, keys: frozenset[str]) -> dict[str, str]:
    lines = text.splitlines()
    count = next((n for n, line in enumerate(lines) if not line.startswith("#+")), len(lines))
    try:
        header = yaml.safe_load("\n".join(line[2:].removeprefix(" ") for line in lines[:count])) or {}
    except yaml.MarkedYAMLError as error:
        line = 1 + (error.problem_mark.line if error.problem_mark else 0)
        raise _bad(
            name, line, f"its header is not YAML: {error.problem}", "quote values that hold `: `"
        ) from error
    wanted = ", ".join(f"#+ {key}: …" for key in sorted(keys))
    if not isinstance(header, dict) or not all(isinstance(v, str) and v for v in header.values()):
        raise _bad(name, 1, "its header does not hold texts", f"write {wanted}")
    if missing := keys - header.keys():
        raise _bad(name, 1, f"its header lacks {', '.join(sorted(missing))}", f"write {wanted}")
    if unknown := header.keys() - keys:
        key = min(unknown, key=str)
        line = next(
            (n for n, text in enumerate(lines[:count], 1) if text[2:].strip().startswith(f"{key}:")), 1
        )
        raise _bad(name, line, f"unknown header key {key!r}", f"known ones: {wanted}")
    return header


def _words(text: str) -> dict[str, int]:
    """Return the keywords that matter (outside strings, IRIs, names and comments) with the line of each."""
    matches = [match for match in _TOKEN.finditer(text) if match["word"]]
    return {match["word"].split()[0].upper(): text.count("\n", 0, match.start()) + 1 for match in matches}


def _bad(name: str, line: int, why: str, fix: str) -> UsageError:
    return UsageError(f"{name}, line {line}: {why}", fix=fix)
