"""The rest of the portal's JSON API: what it says beside its catalogue and its reuses, list by list."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from pyoxigraph import NamedNode

from harvester.ahead import map_ahead
from harvester.enrich.mapper import Mapper
from harvester.enrich.mappings import DocumentMapping
from harvester.enrich.outcome import Mapped
from harvester.enrich.surfaces import DATASETS, SURFACES, TOPICS, ZONES, Surface
from harvester.harvest.details import read_details
from harvester.harvest.mapping import Given, map_page
from harvester.harvest.run import Run
from harvester.model import Category, Problem
from harvester.portal.documents import JsonObject
from harvester.portal.listing import ListPage, json_pages
from harvester.store.ledger import Known
from harvester.vocab import DCAT, DCT, RDF, details_graph, record_graph, resource_of

_ELEMENTS_SIZE = 1_000
_SPATIAL, _TYPE, _DATASET = NamedNode(DCT + "spatial"), NamedNode(RDF + "type"), NamedNode(DCAT + "Dataset")


def harvest_surfaces(run: Run, gone: Sequence[Known]) -> list[Known]:
    """Take in what the portal's API says in the lists that are switched on; return what went from them.

    `gone` are records of the catalogue, and reuses, that go: their details go with them.
    """
    if not run.portal.api:
        return []
    went: list[Known] = []
    reader = _Reader(run, gone)
    leaving = {known.graph for known in gone}
    for surface in SURFACES:
        wanted = run.wants(surface)
        if surface is ZONES:
            if wanted:
                reader.take_zones()
            went += _unnamed_zones(run, leaving | {known.graph for known in went})
        else:
            went += _settle(run, surface, leaving, complete=not wanted or reader.read(surface))
    return went


def _settle(run: Run, surface: Surface, gone: set[str], *, complete: bool) -> Iterator[Known]:
    """Yield what is gone from a list that was read completely; keep what this run cannot know to be gone."""
    ledger = run.intake.ledger
    for known in list(ledger.absent([surface.kind])):
        record = record_graph(run.portal.key, known.resource)
        if surface.naming == "catalogue" and record in gone:
            yield known
        elif not complete or run.options.limit:
            ledger.keep(known)
        elif surface.naming == "catalogue" and ledger.has_seen(record) and not ledger.is_current(record):
            ledger.keep(known, sure=True)  # as what it speaks of is kept
        else:
            yield known


def _unnamed_zones(run: Run, gone: set[str]) -> Iterator[Known]:
    """Yield the zones that no dataset names any more."""
    run.intake.writer.flush()
    store, ours = run.intake.writer.store, details_graph(run.portal.key, "")
    for known in list(run.intake.ledger.absent([ZONES.kind])):
        quads = store.quads_for_pattern(None, _SPATIAL, NamedNode(known.resource))
        graphs = {str(getattr(quad.graph_name, "value", "")) for quad in quads} - gone
        datasets = (NamedNode(resource_of(graph)) for graph in graphs if graph.startswith(ours))
        if any(any(store.quads_for_pattern(dataset, _TYPE, _DATASET)) for dataset in datasets):
            run.intake.ledger.keep(known, sure=True)
        else:
            yield known


class _Reader:
    """Reads the lists of one portal."""

    def __init__(self, run: Run, gone: Sequence[Known]) -> None:
        self._run = run
        self._gone = {id_ for known in gone for id_ in known.ids}
        self._leaving = {known.resource for known in gone}
        self._zones: dict[str, JsonObject] = {}
        """Administrative areas that datasets name: a portal has a few thousand at the most."""

    def read(self, surface: Surface) -> bool:
        """Take in one list; tell whether it was complete."""
        run = self._run
        mapper = Mapper(run.mappings, surface.mapping, run.facts, persons=run.options.persons)
        work = partial(map_page, run.parser, mapper)
        done, complete = 0, True
        for page, mapped in map_ahead(work, self._with_known(surface), 1):
            problems = [each for each in mapped if isinstance(each, Problem)]
            if not done and any(problem.category is Category.GONE for problem in problems):
                run.report.notes.append(f"the portal has no list of {surface.name}")
                return False
            complete = complete and not problems
            run.report.skipped += len(problems)
            self._take(mapped)
            if page:
                done += len(page.items)
                run.tell(surface.name, done, page.total, surface.thing)
        return complete

    def _with_known(self, surface: Surface) -> Iterator[Given]:
        """Yield the pages of a list, each with the IRIs that the catalogue has for what it names."""
        for found in self._pages(surface):
            if isinstance(found, Problem):
                yield found, {}
                continue
            items = found.items if surface is not DATASETS else tuple(map(self._without_zones, found.items))
            yield replace(found, items=items), self._known(surface, items)

    def _pages(self, surface: Surface) -> Iterator[ListPage | Problem]:
        run = self._run
        if surface is DATASETS:
            yield from read_details(run, self._leaving)
            return
        mapping = run.mappings.documents[surface.mapping]
        url = run.portal.surface(surface.path, surface.size)
        for found in json_pages(run.fetcher, url, run.fields(surface)):
            if surface is TOPICS and isinstance(found, ListPage):
                yield from self._with_elements(found, mapping)
            else:
                yield found

    def _with_elements(self, page: ListPage, mapping: DocumentMapping) -> Iterator[ListPage | Problem]:
        """Yield topics with what they collect: a list of its own for each."""
        term = mapping.shape.terms.get("elements")
        fields = term.shape.fields() if term and term.shape else "id"
        for topic in page.items:
            if not isinstance(topic.get("id"), str):
                continue
            path = f"{TOPICS.path}{topic['id']}/elements/"
            elements: list[JsonObject] = []
            for found in json_pages(
                self._run.fetcher, self._run.portal.surface(path, _ELEMENTS_SIZE), fields
            ):
                if isinstance(found, Problem):
                    yield found
                else:
                    elements += found.items
            yield ListPage(({**topic, "elements": elements},), page.total, page.url)

    def _known(self, surface: Surface, items: Sequence[JsonObject]) -> Mapping[str, str]:
        run = self._run
        # Of what the catalogue describes, details name nothing else.
        ids = {*_ids(items)} if surface.naming == "catalogue" else named_ids(items)
        known = run.intake.ledger.resources(ids)
        if not run.intake.fresh:
            unseen = ids - known.keys() - run.unpublished - self._gone
            known = run.intake.ledger.known_resources(unseen) | known
        return known

    def _take(self, mapped: Iterable[Mapped | Problem]) -> None:
        run = self._run
        for batch in mapped:
            if isinstance(batch, Mapped):
                run.intake.take(batch.records)
                run.report.repaired += batch.repaired
            run.report.add_problems(batch.problems if isinstance(batch, Mapped) else [batch])

    def _without_zones(self, item: JsonObject) -> JsonObject:
        """Name the zones of a dataset by their ids, and remember what else was said of them."""
        spatial = item.get("spatial")
        zones = spatial.get("zones") if isinstance(spatial, dict) else None
        if not isinstance(zones, list) or not isinstance(spatial, dict):
            return item
        ids = []
        for zone in zones:
            if isinstance(zone, dict) and isinstance(zone.get("id"), str):
                self._zones.setdefault(zone["id"], zone)
                ids.append(zone["id"])
            elif isinstance(zone, str):
                ids.append(zone)
        return {**item, "spatial": {**spatial, "zones": ids}}

    def take_zones(self) -> None:
        """Take in the zones that datasets name."""
        run = self._run
        page = ListPage(tuple(self._zones.values()), None, run.portal.api)
        _, mapped = map_page(run.parser, Mapper(run.mappings, ZONES.mapping, run.facts), (page, {}))
        self._take(mapped)


def _ids(items: Sequence[JsonObject]) -> Iterator[str]:
    return (item["id"] for item in items if isinstance(item.get("id"), str))


def named_ids(value: object) -> set[str]:
    """Return each `id` in a JSON value, at any depth.

    >>> sorted(named_ids(({"id": "a", "datasets": [{"id": "b"}], "spatial": None},)))
    ['a', 'b']
    """
    found: set[str] = set()
    waiting = [value]
    while waiting:
        match waiting.pop():
            case dict() as inner:
                if isinstance(inner.get("id"), str):
                    found.add(inner["id"])
                waiting += [each for each in inner.values() if isinstance(each, dict | list)]
            case list() | tuple() as inner:
                waiting += inner
    return found
