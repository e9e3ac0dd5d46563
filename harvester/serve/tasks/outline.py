"""A description in short, for a page: statements by subject, what was said told from what was inferred."""

from collections.abc import Iterable, Iterator
from typing import Any

from pyoxigraph import NamedNode

from harvester.export.groups import Group, Reader
from harvester.export.nesting import Tree, tree
from harvester.export.selection import is_bookkeeping
from harvester.export.tokens import STRING, literal
from harvester.vocab import DERIVED_GRAPHS

MOST_STATEMENTS = 500
MOST_TEXT = 4_000
"""Characters of one text."""
MOST_CHARACTERS = 70_000
"""Of all names and texts together, an IRI as often as a page has it: so a page stays below 150 kB."""
_TIMES_ON_PAGE = 3
_NAME = 100
"""Characters that the name of what the catalogue knows takes on a page, with what surrounds it."""

JsonObject = dict[str, Any]


def outline(reader: Reader, groups: Iterable[Group], resource: str) -> JsonObject:
    """Return as many statements of `groups` as a page may hold, as JSON values.

    `{"resource": IRI, "more": bool, "subjects": [{"name": token, "statements": [statement, …]}, …]}`, the
    resource itself first. A statement has `predicate` (IRI), `source` ("said", "inferred" or "noted"), and
    one of `iri` (with `known`: the catalogue describes it), `text` (with `language` or `datatype`), `node`
    (a label) and `statements` (of a blank node that nothing else points at).
    """
    subjects: dict[str, list[JsonObject]] = {f"<{resource}>": []}
    page = _Page(reader)
    for group in groups:
        arranged = tree(group)
        for subject in arranged.subjects:
            subjects.setdefault(subject, []).extend(page.statements(arranged, subject, _source(group.graph)))
        if page.full:
            break
    return {
        "resource": resource,
        "more": page.full,
        "subjects": [{"name": name, "statements": said} for name, said in subjects.items() if said],
    }


class _Page:
    """Counts what a page still has room for."""

    def __init__(self, reader: Reader) -> None:
        self.full = False
        self._reader = reader
        self._statements = MOST_STATEMENTS
        self._characters = MOST_CHARACTERS
        self._known: dict[str, bool] = {}

    def statements(self, arranged: Tree, subject: str, source: str) -> Iterator[JsonObject]:
        """Yield what is said of a subject, as long as there is room."""
        for p, o in arranged.statements.get(subject, ()):
            self._statements -= 1
            self._characters -= len(p) + self._cost(o)
            if self._statements < 0 or self._characters < 0:
                self.full = True
                return
            yield {"predicate": p[1:-1], "source": source, **self._object(arranged, o, source)}

    def _cost(self, token: str) -> int:
        if token[0] != "<":
            return min(len(token), MOST_TEXT)
        return len(token) * _TIMES_ON_PAGE + (_NAME if self._is_known(token[1:-1]) else 0)

    def _object(self, arranged: Tree, token: str, source: str) -> JsonObject:
        if token in arranged.nested:
            return {"statements": list(self.statements(arranged, token, source))}
        if token[0] == "_":
            return {"node": token}
        if token[0] == "<":
            return {"iri": token[1:-1], "known": self._is_known(token[1:-1])}
        text, language, datatype = literal(token)
        shown = text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"
        return {"text": shown, "language": language, "datatype": "" if datatype == STRING else datatype}

    def _is_known(self, iri: str) -> bool:
        if iri not in self._known:
            quads = self._reader.store.quads_for_pattern(NamedNode(iri), None, None, None)
            self._known[iri] = next(iter(quads), None) is not None
        return self._known[iri]


def _source(graph: str) -> str:
    name = graph[1:-1]
    if name.startswith(DERIVED_GRAPHS):
        return "inferred"
    return "noted" if is_bookkeeping(name) else "said"
