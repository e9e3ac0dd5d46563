"""The reuse stage: the portal's JSON, mapped batch by batch, linked to what the catalogue holds."""

from collections import Counter
from collections.abc import Iterator, Sequence

from harvester.enrich.concepts import code_list
from harvester.enrich.outcome import Mapped, unknown_terms
from harvester.enrich.portal import site_of
from harvester.enrich.reuses import ReuseMapper, dataset_ids
from harvester.errors import ItemError
from harvester.harvest.run import Run
from harvester.harvest.singles import is_gone, name_services, read_missing
from harvester.model import Category, Kind, Problem
from harvester.portal.documents import SMALL, JsonObject
from harvester.portal.listing import ListPage, json_pages
from harvester.portal.udata import CodeList, read_codes

STAGE = "reuses"


def reuse_pages(run: Run) -> Iterator[ListPage | Problem]:
    """Yield the pages of the portal's list of reuses; none where there is nothing but a catalogue."""
    if not run.portal.api:
        return iter(())
    fields = run.mappings.fields(persons=run.options.persons)
    return json_pages(run.fetcher, run.portal.listing("reuses"), fields)


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
        if mapper is None:
            run.permalinks = site_of(found.items)
            mapper = ReuseMapper(run.mappings, run.facts, persons=run.options.persons)
        mapped = _take(run, mapper, found)
        unknown.update(mapped.unknown)
        concepts |= mapped.concepts
        done += len(found.items)
        run.tell(STAGE, done, found.total, "reuses")
    if mapper is not None:
        run.report.add_problems(unknown_terms(unknown))
        _take_schemes(run, mapper, concepts)
    return complete


def _take(run: Run, mapper: ReuseMapper, page: ListPage) -> Mapped:
    """Map one page of the list into the store."""
    ids, services = dataset_ids(page.items), _ids_of(page.items, "dataservices")
    ledger = run.intake.ledger
    if run.options.datasets_rdf != "none" and not run.options.limit:
        read_missing(run, ids - ledger.resources(ids).keys())
        name_services(run, services - ledger.resources(services).keys())
    named = ids | services | _ids_of(page.items, "organization")
    known = ledger.known_resources(named - run.unpublished) | ledger.resources(named)
    mapped = mapper.map(page.items, known)
    run.intake.take(mapped.records)
    run.intake.take(record for record in mapped.agents if not ledger.has_seen(record.graph))
    run.report.repaired += mapped.repaired
    problems = mapped.problems
    if run.options.limit:  # most of what reuses name lies beyond it
        problems = tuple(problem for problem in problems if problem.category is not Category.DANGLING)
    else:
        run.report.dangling += len(mapped.dangling)
    run.report.add_problems(problems)
    return mapped


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
    if known and None in (*own, *english, badges):
        for scheme in known:
            run.intake.ledger.keep(scheme)
        return
    types, topics = map(_items, own)
    types_in_english, topics_in_english = map(_items, english)
    run.intake.take(
        mapper.schemes(types, topics, english=(types_in_english, topics_in_english), used=sorted(used))
    )
    if badges:
        run.intake.take([code_list(run.facts, "reuses/badges/", badges)])


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
