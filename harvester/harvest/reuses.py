"""The reuse stage: the portal's JSON, mapped batch by batch, linked to what the catalogue holds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from math import ceil

from pyoxigraph import NamedNode

from harvester.enrich.concepts import portal_scheme
from harvester.enrich.outcome import Mapped, unknown_terms
from harvester.enrich.portal import site_of
from harvester.enrich.reuses import ReuseMapper, dataset_ids
from harvester.enrich.surfaces import REUSES
from harvester.errors import ItemError
from harvester.harvest.census import stamp_of
from harvester.harvest.run import Run
from harvester.harvest.singles import is_gone, name_services, read_missing
from harvester.model import Category, Kind, Problem, Record
from harvester.portal.documents import SMALL, JsonObject, read_object
from harvester.portal.listing import ListPage, json_pages
from harvester.portal.udata import LIGHT_SIZE, LIST_SIZE, CodeList, read_codes

STAGE = "reuses"
_LIGHT = "id,last_modified,page,datasets{id},dataservices{id},organization{id}"
_WORTH_A_PAGE = 10
"""Reuses that are read one by one rather than a page of all."""
_LINKS = ("datasets", "dataservices", "organization")


def reuse_pages(run: Run) -> Iterator[ListPage | Problem]:
    """Yield the pages of the portal's list of reuses; none where there is nothing but a catalogue."""
    if not run.portal.api:
        return iter(())
    return json_pages(run.fetcher, run.portal.listing("reuses"), run.fields(REUSES))


def harvest_reuses(run: Run, pages: Iterator[ListPage | Problem]) -> bool:
    """Map all reuses of the portal into the store; tell whether the list was complete."""
    complete = True
    mapper: ReuseMapper | None = None
    unknown: Counter[str] = Counter()
    concepts: set[str] = set()
    done = 0
    for found in pages:
        if isinstance(found, Problem):
            complete = False
            run.report.skipped += 1
            run.report.add_problems([found])
            continue
        mapper = mapper or _mapper(run, found.items)
        mapped = _take(run, mapper, found.items)
        unknown.update(mapped.unknown)
        concepts |= mapped.concepts
        done += len(found.items)
        run.tell(STAGE, done, found.total, "reuses")
    if mapper is None:
        run.intake.ledger.keep_unseen([Kind.CONCEPTS])
    else:
        run.report.add_problems(unknown_terms(unknown))
        _take_schemes(run, mapper, concepts)
    return complete


def harvest_moved_reuses(run: Run) -> bool:
    """Map the reuses that changed, or whose links lead elsewhere now; tell whether the list was complete."""
    mapper: ReuseMapper | None = None
    complete, total = True, 0
    for found in json_pages(run.fetcher, run.portal.listing("reuses", LIGHT_SIZE), _LIGHT):
        if isinstance(found, Problem):
            complete = False
            run.report.add_problems([found])
            continue
        mapper = mapper or _mapper(run, found.items)
        run.roll.call(Kind.REUSE, _stamps(found.items, _resolved(run, found.items)))
        total = found.total or 0
    moved = run.roll.compare(Kind.REUSE)
    if mapper is None or not complete or moved > _WORTH_A_PAGE * ceil(total / LIST_SIZE):
        return harvest_reuses(run, reuse_pages(run))
    if _take_moved(run, mapper):
        run.intake.ledger.keep_unseen([Kind.CONCEPTS])
    else:  # a term that no code list here has
        complete = harvest_reuses(run, reuse_pages(run))
    run.roll.keep_settled(Kind.REUSE)
    return complete


def _take_moved(run: Run, mapper: ReuseMapper) -> bool:
    """Map the reuses that moved; tell whether the known code lists have all their terms."""
    items: list[JsonObject] = []
    for place in run.roll.moved(Kind.REUSE):
        try:
            items.append(_read_reuse(run, place.id))
        except ItemError as error:
            known = run.intake.ledger.known_as(place.id)
            if known and not is_gone(error):
                run.intake.ledger.keep(known)
                run.report.skip(f"{known.resource} was kept as it was", error)
    mapped = _take(run, mapper, items)
    run.report.add_problems(unknown_terms(mapped.unknown))
    run.tell(STAGE, len(items), len(items), "reuses")
    store = run.intake.writer.store
    return all(any(store.quads_for_pattern(NamedNode(term), None, None)) for term in mapped.concepts)


def _read_reuse(run: Run, id_: str) -> JsonObject:
    headers = {"X-Fields": run.fields(REUSES)}
    document = run.fetcher.get(
        run.portal.reuse(id_), accept="application/json", headers=headers, max_body=SMALL
    )
    return read_object(document)


def _mapper(run: Run, items: Sequence[JsonObject]) -> ReuseMapper:
    run.permalinks = site_of(items)
    return ReuseMapper(run.mappings, run.facts, persons=run.options.persons)


def _take(run: Run, mapper: ReuseMapper, items: Sequence[JsonObject]) -> Mapped:
    """Map some of the portal's reuses into the store."""
    ids, services = dataset_ids(items), _ids_of(items, "dataservices")
    ledger = run.intake.ledger
    if run.options.datasets_rdf != "none" and not run.options.limit:
        read_missing(run, ids - ledger.resources(ids).keys() - run.kept)
        named = ledger.resources(services).keys() | ledger.known_resources(services).keys()
        name_services(run, services - named)
    known = _resolved(run, items)
    run.roll.call(Kind.REUSE, _stamps(items, known))
    mapped = mapper.map(items, known)
    run.intake.take(mapped.records)
    run.intake.take(record for record in mapped.agents if _is_for_reuses(run, record))
    run.report.repaired += mapped.repaired
    problems = mapped.problems
    if run.options.limit:  # most of what reuses name lies beyond it
        problems = tuple(problem for problem in problems if problem.category is not Category.DANGLING)
    else:
        run.report.dangling += len(mapped.dangling)
    run.report.add_problems(problems)
    return mapped


def _is_for_reuses(run: Run, agent: Record) -> bool:
    """Tell whether it is left to reuses to describe an organization: no page of the catalogue does."""
    ledger = run.intake.ledger
    if ledger.has_seen(agent.graph):
        return False
    return run.report.mode == "full" or not ledger.known(agent.graph) or agent.graph in run.left_to_reuses


def _resolved(run: Run, items: Sequence[JsonObject]) -> dict[str, str]:
    """Return the IRIs that the catalogue uses for what these reuses name, by portal id."""
    named = set[str]().union(*(_ids_of(items, key) for key in _LINKS))
    ledger = run.intake.ledger
    return ledger.known_resources(named - run.unpublished) | ledger.resources(named)


def _stamps(items: Sequence[JsonObject], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (id, stamp): a reuse moves when the portal says so, and when what it names resolves otherwise."""
    for item in items:
        if isinstance(item.get("id"), str) and (said := stamp_of(item)):
            named = sorted(_ids_of([item], "datasets") | _ids_of([item], "dataservices"))
            links = "\n".join(f"{id_} {known.get(id_, '')}" for id_ in named)
            yield item["id"], f"{said} {sha256(links.encode()).hexdigest()[:16]}"


def _ids_of(documents: Sequence[JsonObject], key: str) -> set[str]:
    """Return the ids of the things that reuses name under `key`, one or a list of them."""
    named = (document.get(key) for document in documents)
    items = (item for value in named for item in (value if isinstance(value, list) else [value]))
    return {item["id"] for item in items if isinstance(item, dict) and isinstance(item.get("id"), str)}


def _take_schemes(run: Run, mapper: ReuseMapper, used: set[str]) -> None:
    """Take in the code lists of reuses, with the portal's labels; keep the known ones if a list fails."""
    own, english = (
        (_codes(run, "types"), _codes(run, "topics")),
        (_codes(run, "types", "en"), _codes(run, "topics", "en")),
    )
    badges = _codes(run, "badges")
    known = list(run.intake.ledger.absent([Kind.CONCEPTS]))
    if known and (badges is None or not all((*own, *english))):  # an empty list is no list
        for scheme in known:
            run.intake.ledger.keep(scheme)
        return
    types, topics = map(_items, own)
    types_in_english, topics_in_english = map(_items, english)
    run.intake.take(
        mapper.schemes(types, topics, english=(types_in_english, topics_in_english), used=sorted(used))
    )
    if badges:
        labels = {run.language: _items(badges)}
        run.intake.take([portal_scheme(run.facts, "reuses/badges/", mapper.crosswalk, labels)])


def _items(codes: dict[str, str] | None) -> list[JsonObject]:
    return [{"id": code, "label": label} for code, label in (codes or {}).items()]


def _codes(run: Run, name: CodeList, language: str | None = None) -> dict[str, str] | None:
    """Return a code list of the portal, code → label; empty if it has none, None if it cannot be read."""
    try:
        url = run.portal.codes(name, language)
        return read_codes(run.fetcher.get(url, accept="application/json", max_body=SMALL))
    except ItemError as error:
        if is_gone(error):
            return {}
        run.report.skip(f"the labels of reuse {name} were skipped", error)
        return None
