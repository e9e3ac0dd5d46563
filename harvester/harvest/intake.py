"""The way of a record into the staged store: compared, counted, and written only if it changed."""

from collections.abc import Callable, Iterable, Iterator

from pyoxigraph import NamedNode

from harvester.harvest.report import Report
from harvester.model import Category, Kind, Problem, Record
from harvester.store.ledger import Known, Ledger, Outcome, Sighting
from harvester.store.material import POINTING, Material
from harvester.store.records import Past, catalog_record, forget
from harvester.store.writer import Writer


class Intake:
    """Takes in the records of one run."""

    def __init__(self, ledger: Ledger, writer: Writer, report: Report, material: Material) -> None:
        self.ledger = ledger
        self.writer = writer
        self.report = report
        self.material = material
        self.seen = 0
        self.fresh = not any(writer.store.quads_for_pattern(None, None, None))
        """Nothing was there before: no tombstone of a record that comes back."""
        self.is_news = False
        """Something new or changed was taken in."""
        self._held: dict[str, tuple[Known, list[Record]]] = {}

    def take(self, records: Iterable[Record]) -> None:
        """Write what is new or changed; what two pages describe differently is merged, and reported."""
        self._take(record for record in records if not self._holds(record))

    def _take(self, records: Iterable[Record]) -> None:
        for record in records:
            match self.ledger.see(record):
                case Sighting.ADDED:
                    self.is_news = True
                    self.writer.put(record)
                    self.material.note(record)
                    self._describe(record)
                case Sighting.CHANGED:
                    self.is_news = True
                    self.let_go(record.kind, record.graph)
                    self.writer.put(record, replace=True)
                    self.material.note(record)
                case Sighting.MERGED:
                    self.writer.put(record)
                    self.material.note(record)
                    self._merged(record)
                    continue
                case Sighting.REPEATED:
                    continue
                case Sighting.UNCHANGED:
                    pass
            self.seen += 1

    def let_go(self, kind: Kind, graph: str) -> None:
        """Note what a record said of others, before it says so no more."""
        if kind in POINTING:
            quads = self.writer.store.quads_for_pattern(None, None, None, NamedNode(graph))
            self.material.affect({q.subject.value for q in quads if isinstance(q.subject, NamedNode)})

    def release(self, listed: Callable[[str], bool]) -> Iterator[Known]:
        """Write the records that were held, where all that belongs to them was read; yield the others.

        `listed` tells of a portal's id whether the portal still lists it.
        """
        held, self._held = self._held, {}
        for known, records in held.values():
            read = {id_ for record in records for id_ in record.ids}
            if all(id_ in read for id_ in known.ids if listed(id_)):
                self._take(records)
            else:
                self.ledger.keep(known)
                yield known

    def _holds(self, record: Record) -> bool:
        """Hold a dataset of which the portal has more under other ids, until those were read too.

        Its description takes the place of all that is known: alone it would be half of it.
        """
        if self.fresh or record.kind is not Kind.DATASET or self.ledger.has_seen(record.graph):
            return False
        known = self.ledger.known(record.graph)
        if known is None or set(known.ids) <= set(record.ids):
            return False
        self._held.setdefault(record.graph, (known, []))[1].append(record)
        for id_ in record.ids:
            self.ledger.name(id_, record)
        return True

    def _describe(self, record: Record) -> None:
        """Write the dcat:CatalogRecord of a new record; those of others wait for the end of the run.

        Nearly all records of a first run are new: described on the way, they cost it nothing.
        """
        new = Outcome(
            graph=record.graph,
            kind=record.kind,
            resource=record.resource,
            digest=record.digest,
            source=record.source,
            ids=record.ids,
            change=Sighting.ADDED,
        )
        report = self.report
        past = Past() if self.fresh else forget(self.writer.store, report.portal, record.graph)
        text = catalog_record(report.portal, new, report.run_id, report.started, past)
        self.writer.put_plain(text.encode())

    def _merged(self, record: Record) -> None:
        ids = self.ledger.ids_of(record.graph)
        if record.kind is not Kind.DATASET or len(ids) < 2:
            return
        self.report.add_problems(
            [
                Problem(
                    category=Category.CONFLICT,
                    url=record.source,
                    what=f"{len(ids)} datasets of the portal share the IRI {record.resource}",
                    why=f"the same upstream record was harvested more than once: {', '.join(ids)}",
                    fix="tell the portal's owner to delete one; until then their descriptions are merged",
                )
            ]
        )
