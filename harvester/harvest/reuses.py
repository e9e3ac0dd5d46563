"""The reuse stage: the portal's JSON, mapped batch by batch, linked to what the catalogue holds."""

from collections import Counter
from collections.abc import Iterator, Sequence

from harvester.enrich.concepts import code_list
from harvester.enrich.outcome import Mapped, unknown_terms
from harvester.enrich.portal import site_of
from harvester.enrich.reuses import ReuseMapper, dataset_ids
from harvester.errors import ItemError
from harvester.harvest.run import Run
from harvester.harvest.singles import name_services, read_missing
from harvester.model import Problem
from harvester.portal.documents import JsonObject
from harvester.portal.listing import ListPage, json_pages
from harvester.portal.udata import CodeList, read_codes

STAGE = "reuses"


def reuse_pages(run: Run) -> Iterator[ListPage | Problem]:
    """Yield the pages of the portal's list of reuses."""
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
    mapped = mapper.map(page.items, ledger.resources(ids | services | _ids_of(page.items, "organization")))
    run.intake.take(mapped.records)
    run.intake.take(record for record in mapped.agents if not ledger.has_seen(record.graph))
    run.report.dangling += len(mapped.dangling)
    run.report.repaired += mapped.repaired
    run.report.add_problems(mapped.problems)
    return mapped


def _ids_of(documents: Sequence[JsonObject], key: str) -> set[str]:
    """Return the ids of the things that reuses name under `key`, one or a list of them."""
    named = (document.get(key) for document in documents)
    items = (item for value in named for item in (value if isinstance(value, list) else [value]))
    return {item["id"] for item in items if isinstance(item, dict) and isinstance(item.get("id"), str)}


def _take_schemes(run: Run, mapper: ReuseMapper, used: set[str]) -> None:
    """Take in the code lists of reuses, with the portal's labels in its own language and in English."""
    own = _items(run, "types"), _items(run, "topics")
    english = _items(run, "types", "en"), _items(run, "topics", "en")
    run.intake.take(mapper.schemes(*own, english=english, used=sorted(used)))
    badges = _codes(run, "badges")
    if badges:
        run.intake.take([code_list(run.facts, "reuses/badges/", badges)])


def _items(run: Run, name: CodeList, language: str | None = None) -> list[JsonObject]:
    return [{"id": code, "label": label} for code, label in _codes(run, name, language).items()]


def _codes(run: Run, name: CodeList, language: str | None = None) -> dict[str, str]:
    """Return a code list of the portal, code → label; empty where it has none."""
    try:
        return read_codes(run.fetcher.get(run.portal.codes(name, language), accept="application/json"))
    except ItemError as error:
        run.report.add_problems([error.problem(f"the labels of reuse {name} were left out")])
        return {}
