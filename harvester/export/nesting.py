"""Statements by subject, and which blank nodes can be written inside the statement that points at them."""

from collections import Counter
from dataclasses import dataclass

from harvester.export.groups import Group
from harvester.vocab import RDF

TYPE = f"<{RDF}type>"
MAX_DEPTH = 6
"""Blank nodes nested deeper are written with labels: parsers recurse, and readers lose the thread."""

Statements = list[tuple[str, str]]
"""Predicate and object tokens; rdf:type first, the rest sorted."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The statements of a group. `nested` blank nodes are not among `subjects`; each is pointed at once."""

    subjects: list[str]
    statements: dict[str, Statements]
    nested: frozenset[str]


def tree(group: Group) -> Tree:
    """Arrange the statements of `group`."""
    statements: dict[str, Statements] = {}
    classes = 0
    for s, p, o in group.rows:
        if s not in statements:
            statements[s] = []
            classes = 0
        if p == TYPE:
            statements[s].insert(classes, (p, o))
            classes += 1
        else:
            statements[s].append((p, o))
    nested = _nested(group) if group.private else frozenset()
    subjects = [s for s in statements if s not in nested]
    subjects.sort(key=lambda s: (s != group.first, s[0] == "_"))
    return Tree(subjects, statements, nested)


def _nested(group: Group) -> frozenset[str]:
    """Return the blank nodes to nest. In a circle of them none is: its way up never ends."""
    times = Counter(o for _, _, o in group.rows if o in group.private)
    parents = {o: s for s, _, o in group.rows if times.get(o) == 1}
    return frozenset(token for token in parents if _depth(token, parents) <= MAX_DEPTH)


def _depth(token: str, parents: dict[str, str]) -> int:
    depth = 0
    while token in parents and depth <= MAX_DEPTH:
        token, depth = parents[token], depth + 1
    return depth
