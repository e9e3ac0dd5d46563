"""Turtle and TriG for readers: one block per subject, blank nodes in place, short names where they are safe.

https://www.w3.org/TR/turtle/ and https://www.w3.org/TR/trig/ . A prefix is declared shortly before its first
use: none is declared in vain, and none has to be known beforehand.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from harvester.batches import batches
from harvester.export.groups import Group
from harvester.export.nesting import TYPE, Statements, Tree, tree
from harvester.export.reading import BATCH
from harvester.vocab import PREFIXES, XSD

_LOCAL_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
"""Part of PN_LOCAL: what needs no escape. https://www.w3.org/TR/turtle/#grammar-production-PN_LOCAL"""

_BARE = {
    f"<{XSD}integer>": re.compile(r"[+-]?[0-9]+"),
    f"<{XSD}decimal>": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    f"<{XSD}boolean>": re.compile(r"true|false"),
}
"""Literals that Turtle writes without quotes. https://www.w3.org/TR/turtle/#abbrev"""

_MOST_NAMES = 20_000
_INDENT = "    "


def turtle(groups: Iterable[Group]) -> Iterator[str]:
    """Yield a Turtle document in pieces."""
    names = Names()
    for batch in batches(groups, BATCH):
        text = "".join([_blocks(tree(group), names, "") for group in batch])
        yield names.declarations() + text


def trig(groups: Iterable[Group]) -> Iterator[str]:
    """Yield a TriG document in pieces."""
    names = Names()
    for batch in batches(groups, BATCH):
        text = "".join(
            [_graph(graph, same, names) for graph, same in groupby(batch, lambda group: group.graph)]
        )
        yield names.declarations() + text


class Names(dict[str, str]):
    """N-Triples token → how Turtle writes it. Notes which prefixes come up."""

    def __init__(self) -> None:
        super().__init__({TYPE: "a"})
        self._prefixes = {namespace: prefix for prefix, namespace in PREFIXES.items()}
        self._undeclared = dict(self._prefixes)
        self._new: list[str] = []

    def declarations(self) -> str:
        """Declare the prefixes that came up since the last call."""
        lines = [f"@prefix {self._prefixes[namespace]}: <{namespace}> .\n" for namespace in self._new]
        self._new = []
        return "".join(sorted(lines)) + "\n" if lines else ""

    def __missing__(self, token: str) -> str:
        if token[0] == '"':
            return self._literal(token) if token[-1] == ">" else token
        short = self._name(token) if token[0] == "<" else token
        if short is not token:
            if len(self) > _MOST_NAMES:
                self.clear()
                self[TYPE] = "a"
            self[token] = short
        return short

    def _name(self, token: str) -> str:
        cut = max(token.rfind("#"), token.rfind("/")) + 1
        namespace = token[1:cut]
        prefix = self._prefixes.get(namespace)
        if prefix is None or not _LOCAL_NAME.fullmatch(token, cut, len(token) - 1):
            return token
        if self._undeclared.pop(namespace, None):
            self._new.append(namespace)
        return f"{prefix}:{token[cut:-1]}"

    def _literal(self, token: str) -> str:
        end = token.rindex('"^^<')
        datatype = token[end + 3 :]
        bare = _BARE.get(datatype)
        if bare and bare.fullmatch(token, 1, end):
            return token[1:end]
        return token[: end + 3] + self[datatype]


def _graph(graph: str, groups: Iterable[Group], names: Names) -> str:
    blocks = "".join([_blocks(tree(group), names, _INDENT if graph else "") for group in groups])
    return f"{graph} {{\n{blocks.rstrip()}\n}}\n\n" if graph and blocks else blocks


def _blocks(tree: Tree, names: Names, indent: str) -> str:
    return "".join(
        [
            f"{indent}{names[subject]} {_said(tree.statements[subject], tree, names, indent + _INDENT)} .\n\n"
            for subject in tree.subjects
        ]
    )


def _said(statements: Statements, tree: Tree, names: Names, indent: str) -> str:
    """Write predicates and objects; `indent` is that of the lines after the first."""
    parts = []
    last = ""
    for p, o in statements:
        value = _nested(o, tree, names, indent) if o in tree.nested else names[o]
        if p == last:
            parts.append(f",\n{indent}{_INDENT}{value}")
        else:
            parts.append(f" ;\n{indent}{names[p]} {value}" if last else f"{names[p]} {value}")
            last = p
    return "".join(parts)


def _nested(token: str, tree: Tree, names: Names, indent: str) -> str:
    statements = tree.statements.get(token)
    if not statements:
        return "[]"
    inner = indent + _INDENT
    return f"[\n{inner}{_said(statements, tree, names, inner)}\n{indent}]"
