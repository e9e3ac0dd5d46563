"""JSON-LD, compact by the portal's own context, a node per line: https://www.w3.org/TR/json-ld11/ ."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from harvester.export.groups import Group
from harvester.export.jsonld_terms import FLAG, LANGUAGE, LINK, NODE, NUMBER, TYPE, Json, Terms
from harvester.export.nesting import Tree, tree
from harvester.export.tokens import STRING, literal
from harvester.vocab import XSD

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
"""What comes back as it is from a JSON number. https://www.w3.org/TR/json-ld11-api/#data-round-tripping"""

Node = dict[str, Json]
Known = TypeVar("Known")


def jsonld(groups: Iterable[Group], terms: Terms, left_out: Counter[str]) -> Iterator[str]:
    """Yield a JSON-LD document in pieces. `left_out` counts statements that JSON-LD cannot express."""
    yield f'{{"@context":{_dumps(terms.context)},"@graph":[\n'
    separator = ""
    for group in groups:
        nodes = _Nodes(tree(group), terms, left_out)
        for subject in nodes.tree.subjects:
            yield separator + _dumps(nodes.node(subject))
            separator = ",\n"
    yield "\n]}\n"


class _Misread(Exception):
    """The context would give this node another meaning."""


class _Nodes:
    """The node objects of one group."""

    def __init__(self, tree: Tree, terms: Terms, left_out: Counter[str]) -> None:
        self.tree = tree
        self._terms = terms
        self._left_out = left_out

    def node(self, subject: str) -> Node:
        """Describe a subject; without the context where that would mislead."""
        try:
            return self._compact(subject, {"@id": self._safe(subject)})
        except _Misread:
            return self._expanded(subject, {"@context": None, "@id": _id(subject)})

    def _compact(self, subject: str, node: Node) -> Node:
        for p, o in self.tree.statements.get(subject, ()):
            predicate = p[1:-1]
            if o[0] == '"':
                self._add_literal(node, predicate, o)
            elif predicate == TYPE and o[0] == "<":
                _add(node, "@type", _known(self._terms.type_name(o[1:-1])))
            elif o in self.tree.nested:
                _add(node, _known(self._terms.way(predicate, NODE)).key, self._compact(o, {}))
            else:
                way = _known(self._terms.way(predicate, LINK))
                _add(node, way.key, self._safe(o) if way.bare else {"@id": self._safe(o)})
        return node

    def _add_literal(self, node: Node, predicate: str, token: str) -> None:
        if not self._can_hold(token):
            return
        text, language, datatype = literal(token)
        kind, bare = _native(text, datatype)
        if kind and (way := self._terms.way(predicate, kind)):
            _add(node, way.key, bare)
        else:
            way = _known(self._terms.way(predicate, LANGUAGE if language else datatype))
            _add(node, way.key, text if way.bare else _full(token))

    def _expanded(self, subject: str, node: Node) -> Node:
        for p, o in self.tree.statements.get(subject, ()):
            if o[0] == '"':
                if self._can_hold(o):
                    node.setdefault(p[1:-1], []).append(_full(o))
            elif o in self.tree.nested:
                node.setdefault(p[1:-1], []).append(self._expanded(o, {}))
            else:
                node.setdefault(p[1:-1], []).append({"@id": _id(o)})
        return node

    def _safe(self, token: str) -> str:
        iri = _id(token)
        if self._terms.misreads(iri):
            raise _Misread
        return iri

    def _can_hold(self, token: str) -> bool:
        if "--" in token and "--" in literal(token).language:
            self._left_out["texts with a base direction"] += 1
            return False
        return True


def _add(node: Node, key: str, value: Json) -> None:
    if key not in node:
        node[key] = value
    elif isinstance(node[key], list):
        node[key].append(value)
    else:
        node[key] = [node[key], value]


def _known(way: Known | None) -> Known:
    if way is None:
        raise _Misread
    return way


def _native(text: str, datatype: str) -> tuple[str, Json]:
    """Return the JSON value that stands for a literal, with its kind; "" where none does."""
    if datatype == XSD + "integer" and _INTEGER.fullmatch(text):
        return NUMBER, int(text)
    if datatype == XSD + "boolean" and text in ("true", "false"):
        return FLAG, text == "true"
    return "", None


def _full(token: str) -> Node:
    text, language, datatype = literal(token)
    if language:
        return {"@value": text, "@language": language}
    return {"@value": text} if datatype == STRING else {"@value": text, "@type": datatype}


def _id(token: str) -> str:
    return token[1:-1] if token[0] == "<" else token


def _dumps(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
