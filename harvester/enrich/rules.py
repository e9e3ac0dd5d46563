"""Mapping rules: SPARQL CONSTRUCT queries in files, with a `#+` header of YAML, checked when read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, QueryTriples, RdfFormat, Store

from harvester.enrich.functions import FUNCTIONS
from harvester.errors import UsageError

Graph = NamedNode | BlankNode | DefaultGraph


@dataclass(frozen=True, slots=True)
class Keys:
    """What the header of a rule must hold, and what it may hold beside: texts, and mappings of texts."""

    texts: frozenset[str]
    more: frozenset[str] = frozenset()


SUMMARY = Keys(frozenset({"summary"}))
INFERENCE = Keys(frozenset({"summary", "infers", "from"}), frozenset({"example"}))

_BASE = "https://portal.invalid/api/1/"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, where PyYAML was built with it: five times as fast, and each run reads two hundred headers."""
_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_TOKEN = re.compile(
    r"\"\"\"(?:\\.|(?!\"\"\").)*\"\"\"|'''(?:\\.|(?!''').)*'''"
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|<[^<>\"{}|^`\x00-\x20]*>|\\.|#[^\n]*"
    r"|(?P<word>(?<![\w?$:@-])SERVICE\b(?!:))",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `name` is its path in the mapping folder, `header` what its `#+` lines say."""

    name: str
    text: str = field(repr=False)
    header: Mapping[str, str]
    example: Mapping[str, str] = field(default_factory=dict, repr=False)
    """An inference: Turtle `before` it and, of what it adds, `after`."""

    def ntriples(self, store: Store, base: str, graphs: Sequence[Graph] = (), *, union: bool = False) -> str:
        """Run the rule, its relative IRIs resolved against `base`; return N-Triples, one a line.

        It sees the default graph, or the union of `graphs` where there are some, or of all.
        """
        result = store.query(
            self.text,
            base_iri=base,
            default_graph=list(graphs) or None,
            use_default_graph_as_union=union,
            custom_functions=FUNCTIONS,
        )
        result = cast("QueryTriples", result)
        return (result.serialize(format=RdfFormat.N_TRIPLES) or b"").decode()


def read_rule(name: str, text: str, keys: Keys) -> Rule:
    """Check a rule's header (it must have `keys`) and query; raise UsageError naming file and line.

    A rule is a CONSTRUCT query without SERVICE: a mapping must not send a portal's data elsewhere.
    """
    header = read_header(name, text, keys)
    example = header.pop("example", {})
    refuse_service(name, text)
    try:
        result = Store().query(text, base_iri=_BASE, custom_functions=FUNCTIONS)
    except (SyntaxError, RuntimeError) as error:
        position = _POSITION.match(str(error))
        line, why = (int(position[1]), position[3]) if position else (1, str(error))
        why = " ".join(why.split())[:160]
        raise _bad(name, line, f"not a query that can be run: {why}", "correct the query") from error
    if not isinstance(result, QueryTriples):
        raise _bad(
            name, 1, "not a CONSTRUCT query", "a rule makes triples: begin it with CONSTRUCT { … } WHERE"
        )
    return Rule(name, text, header, example)


def read_header(name: str, text: str, keys: Keys) -> dict[str, Any]:
    """Return what the `#+` lines of a rule say; raise UsageError naming file and line."""
    lines = text.splitlines()
    count = next((n for n, line in enumerate(lines) if not line.startswith("#+")), len(lines))
    try:
        header = _loaded("\n".join(line[2:].removeprefix(" ") for line in lines[:count])) or {}
    except yaml.MarkedYAMLError as error:
        line = 1 + (error.problem_mark.line if error.problem_mark else 0)
        raise _bad(
            name, line, f"its header is not YAML: {error.problem}", "quote values that hold `: `"
        ) from error
    wanted = ", ".join(f"#+ {key}: …" for key in sorted(keys.texts))
    if not isinstance(header, dict) or not all(_is_text(v, key in keys.more) for key, v in header.items()):
        raise _bad(name, 1, "its header does not hold texts", f"write {wanted}")
    if missing := keys.texts - header.keys():
        raise _bad(name, 1, f"its header lacks {', '.join(sorted(missing))}", f"write {wanted}")
    if unknown := header.keys() - keys.texts - keys.more:
        key = min(unknown, key=str)
        line = next(
            (n for n, text in enumerate(lines[:count], 1) if text[2:].strip().startswith(f"{key}:")), 1
        )
        raise _bad(name, line, f"unknown header key {key!r}", f"known ones: {wanted}")
    return header


def _loaded(text: str) -> object:
    """Read YAML. Raises yaml.YAMLError, in the same words whichever of the two libraries reads."""
    try:
        return yaml.load(text, _LOADER)  # noqa: S506 - both loaders are safe
    except yaml.YAMLError:
        return yaml.safe_load(text)


def refuse_service(name: str, text: str) -> None:
    """Raise UsageError where a query would call another server; strings, names and comments may say so."""
    match = next((match for match in _TOKEN.finditer(text) if match["word"]), None)
    if match:
        line = text.count("\n", 0, match.start()) + 1
        raise _bad(name, line, "SERVICE would call another server", "write the rule without SERVICE")


def _is_text(value: object, nested: bool) -> bool:
    if nested and isinstance(value, dict):
        return all(isinstance(text, str) for text in value.values())
    return isinstance(value, str) and bool(value)


def _bad(name: str, line: int, why: str, fix: str) -> UsageError:
    return UsageError(f"{name}, line {line}: {why}", fix=fix)
