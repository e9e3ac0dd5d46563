"""Stable labels for blank nodes, so that the same description always gives the same bytes.

In DCAT blank nodes hang in trees from IRIs (checksums, periods, contact cards). A node's label is a hash of
the path to it and of what it says, which is exact for trees and costs one pass. RDFC-1.0 was tried first:
nine blank nodes that all point at each other keep it busy for half a minute, and a portal may send
such a page (docs/decisions/0002). Nodes reached by several paths or in a circle get labels that are unique
and faithful, but may differ between two runs: at worst such a record counts as changed.
"""

from collections.abc import Sequence
from hashlib import sha256

from harvester.rdf.rows import Row
from harvester.vocab import SCHEMA

VOLATILE = frozenset({f"<{SCHEMA}userInteractionCount>"})
"""Predicates (tokens) whose values change without the resource changing: left out of labels and digests.

Where nothing else is said: mappings/volatile.txt is the setting.
"""

_MAX_DEPTH = 64


def label_blanks(
    rows: Sequence[Row], salt: str, labels: dict[str, str], volatile: frozenset[str] = VOLATILE
) -> list[Row]:
    """Return `rows` with blank nodes relabelled; `labels` (old token → new) is read and filled.

    Rows without blank nodes may be left out: they have no part in it.
    `salt` is the name of the graph that the rows go to: equal nodes of two graphs get two labels.

    >>> label_blanks([("<s>", "<p>", "_:x"), ("_:x", "<q>", '"1"')], "g", {}) == label_blanks(
    ...     [("_:y", "<q>", '"1"'), ("<s>", "<p>", "_:y")], "g", {})[::-1]
    True
    """
    tree = _Tree(rows, salt, labels, volatile)
    for s, _, o in rows:
        for token in (s, o):
            if token[0] == "_" and token not in labels:
                tree.label(token)
    return [(labels.get(s, s), p, labels.get(o, o)) for s, p, o in rows]


class _Tree:
    """The blank nodes of one record: what each says, and what points at it."""

    def __init__(
        self, rows: Sequence[Row], salt: str, labels: dict[str, str], volatile: frozenset[str]
    ) -> None:
        self.salt = salt
        self.labels = labels
        self.says: dict[str, list[tuple[str, str]]] = {}
        self.parents: dict[str, list[tuple[str, str]]] = {}
        self.contents: dict[str, str] = {}
        self.used: dict[str, int] = {}
        for s, p, o in rows:
            if s[0] == "_" and p not in volatile:
                self.says.setdefault(s, []).append((p, o))
            if o[0] == "_":
                self.parents.setdefault(o, []).append((s, p))

    def label(self, token: str) -> str:
        """Label `token` and, first, the blank nodes above it."""
        chain, met = [token], {token}
        while True:
            above = self.parents.get(chain[-1], ())
            if len(above) != 1 or not above[0][0].startswith("_:"):
                break
            if above[0][0] in self.labels or above[0][0] in met:
                break
            chain.append(above[0][0])
            met.add(above[0][0])
        for node in reversed(chain):
            above = sorted(
                (self.labels.get(s, s if s[0] == "<" else "_:"), p) for s, p in self.parents.get(node, ())
            )
            path = _hash(self.salt, self._content(node, 0), *(part for edge in above for part in edge))
            twin = self.used[path] = self.used.get(path, -1) + 1
            self.labels[node] = _label(_hash(path, str(twin)))
        return self.labels[token]

    def _content(self, node: str, depth: int) -> str:
        """Hash what hangs from `node`; below `_MAX_DEPTH` (or in a circle) all nodes look alike."""
        known = self.contents.get(node)
        if known is None:
            if depth >= _MAX_DEPTH:
                return ""
            said = sorted(
                (p, self._content(o, depth + 1) if o.startswith("_:") else o)
                for p, o in self.says.get(node, ())
            )
            known = self.contents[node] = _hash(*(part for statement in said for part in statement))
        return known


def _label(digest: str) -> str:
    """Return a label of 32 hexadecimal digits that starts with a letter.

    Oxigraph stores such labels as numbers, and RDF/XML can write them (rdf:nodeID is an NCName).
    """
    return f"_:{'abcdef'[int(digest[0], 16) % 6]}{digest[1:32]}"


def _hash(*parts: str) -> str:
    return sha256("\n".join(parts).encode(errors="replace")).hexdigest()
