"""Inference: rules over what was harvested, for graphs apart from what the portal said."""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby

from pyoxigraph import BlankNode, NamedNode, Store, Triple

from harvester.enrich.mappings import Mappings
from harvester.enrich.portal import PortalFacts
from harvester.enrich.rules import Rule
from harvester.errors import UsageError
from harvester.rdf.rows import Row
from harvester.vocab import inferred_graph


def infer(store: Store, mappings: Mappings, portal: PortalFacts) -> Iterator[tuple[str, list[Row]]]:
    """Yield (subject IRI, sorted rows) for what the rules infer and no other graph says.

    Only of what the portal's catalogue lists. Subjects come in order, each once; one subject's rows are in
    memory at a time, beside what the engine needs to sort the answers. Empty the portal's inferred graphs
    before, so that nothing is inferred from what was inferred.

    Raises UsageError where a rule does not keep the order of its subjects or makes blank nodes.
    """
    catalog = NamedNode(portal.catalog)
    said = _Said(store)
    answers = merge(*(_answer(store, rule, portal) for rule in mappings.infer), key=_subject)
    for subject, triples in groupby(answers, key=_subject):
        if not any(store.quads_for_pattern(catalog, None, NamedNode(subject))):
            continue
        own = NamedNode(inferred_graph(portal.key, subject))
        new = (triple for triple in triples if not said.elsewhere(triple, own))
        rows = {(str(t.subject), str(t.predicate), str(t.object)) for t in new}
        if rows:
            yield subject, sorted(rows)


def _answer(store: Store, rule: Rule, portal: PortalFacts) -> Iterator[Triple]:
    """Run a rule; `<>` in it is the portal's catalogue."""
    last = ""
    for triple in rule.answer(store, portal.catalog, union=True):
        if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
            raise UsageError(f"{rule.name} makes blank nodes", fix="describe resources by IRI only")
        if _subject(triple) < last:
            raise UsageError(
                f"{rule.name} does not keep the order of its subjects: {last}, then {_subject(triple)}",
                fix="end the rule with ORDER BY and the variable that is the subject of its triples",
            )
        last = _subject(triple)
        yield triple


class _Said:
    """What the store says already. A predicate that nobody uses is looked up once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._used: dict[NamedNode, bool] = {}

    def elsewhere(self, triple: Triple, own: NamedNode) -> bool:
        """Tell whether a triple stands in any graph but `own`, where inference will put it."""
        predicate = triple.predicate
        if predicate not in self._used:
            self._used[predicate] = any(self._store.quads_for_pattern(None, predicate, None))
        if not self._used[predicate]:
            return False
        quads = self._store.quads_for_pattern(triple.subject, predicate, triple.object)
        return any(quad.graph_name != own for quad in quads)


def _subject(triple: Triple) -> str:
    return str(triple.subject)[1:-1]
