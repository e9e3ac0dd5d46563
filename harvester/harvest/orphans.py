"""Records that stand on catalogue pages because datasets name them: gone when nothing names them any more."""

from collections.abc import Container, Iterator

from pyoxigraph import NamedNode, Store

from harvester.harvest.run import Run
from harvester.model import Kind
from harvester.store.ledger import Known
from harvester.vocab import DCAT, record_graph

HANGERS_ON = (Kind.CATALOG, Kind.SERVICE, Kind.AGENT, Kind.CONTACT, Kind.OTHER)
_NAMED = (Kind.AGENT, Kind.CONTACT, Kind.OTHER)


class References:
    """Who names what in the staged store, among one portal's records but those in `gone`."""

    def __init__(self, store: Store, portal: str, gone: Container[str]) -> None:
        self._store = store
        self._prefix = record_graph(portal, "")
        self._gone = gone

    def to(self, known: Known) -> Iterator[str]:
        """Yield the graphs of other records that name this one."""
        for quad in self._store.quads_for_pattern(None, None, NamedNode(known.resource)):
            graph = str(getattr(quad.graph_name, "value", ""))
            if graph != known.graph and graph.startswith(self._prefix) and graph not in self._gone:
                yield graph

    def is_served(self, service: Known) -> bool:
        """Tell whether a data service serves a dataset that the catalogue lists, or none at all."""
        serves = NamedNode(DCAT + "servesDataset")
        served = [q.object for q in self._store.quads_for_pattern(NamedNode(service.resource), serves, None)]
        return not served or any(self._is_listed(dataset) for dataset in served)

    def _is_listed(self, dataset: object) -> bool:
        if not isinstance(dataset, NamedNode):
            return False
        quads = self._store.quads_for_pattern(None, NamedNode(DCAT + "dataset"), dataset)
        return any(getattr(quad.graph_name, "value", "") not in self._gone for quad in quads)


def leave_to_reuses(run: Run, store: Store, gone: list[Known]) -> None:
    """Let reuses describe the organizations that no record of the catalogue names any more, as a delta finds.

    A full harvest does so with all that its pages do not describe. All that was read must be in the store.
    """
    references = References(store, run.report.portal, {known.graph for known in gone})
    ledger = run.intake.ledger
    for known in list(ledger.absent(_NAMED)):
        naming = [ledger.known(graph) for graph in references.to(known)]
        reuses = [record for record in naming if record and record.kind is Kind.REUSE]
        if len(reuses) == len(naming) and known.resource != run.portal.about:
            run.left_to_reuses.add(known.graph)
            run.roll.move(Kind.REUSE, [id_ for reuse in reuses for id_ in reuse.ids])


def find_orphans(run: Run, store: Store, gone: list[Known]) -> list[Known]:
    """Return the records that nothing names any more; all that was read must be in the store.

    A full harvest has seen all pages: what they do not describe is gone, unless a dataset or reuse names it
    that was kept without being read. A delta has seen a few: there nobody may name it.
    """
    references = References(store, run.report.portal, {known.graph for known in gone})
    absent = list(run.intake.ledger.absent(HANGERS_ON))
    if run.report.mode == "full":
        return _unprotected(run, references, absent)
    return [known for known in absent if _is_orphan(run, references, known)]


def _unprotected(run: Run, references: References, absent: list[Known]) -> list[Known]:
    """Leave out what a record names that was kept unread, and what that names in turn."""
    while True:
        graphs = {known.graph for known in absent}
        left = [
            known
            for known in absent
            if not any(_is_kept(run, graph, graphs) for graph in references.to(known))
        ]
        if len(left) == len(absent):
            return left
        absent = left


def _is_kept(run: Run, graph: str, absent: Container[str]) -> bool:
    """Tell whether a record stays in the store though this run has not read it."""
    ledger = run.intake.ledger
    return graph not in absent and ledger.known(graph) is not None and not ledger.is_current(graph)


def _is_orphan(run: Run, references: References, known: Known) -> bool:
    if known.kind is Kind.SERVICE:
        return not references.is_served(known)
    named = known.kind in _NAMED and known.resource != run.portal.about
    return named and not any(references.to(known))
