"""A catalogue page that cannot be read in any way: what it lists is kept, or read in smaller pages."""

from harvester.errors import ItemError
from harvester.harvest.places import read_places
from harvester.harvest.run import Run
from harvester.harvest.singles import read_members
from harvester.model import Kind, Problem
from harvester.portal.listing import json_pages
from harvester.portal.page_urls import page_of, with_page
from harvester.store.roll import Place


def rescue(run: Run, url: str, error: ItemError) -> int:
    """Keep what the page at `url`, which failed with `error`, lists and is known; read the rest.

    Which datasets these are the portal's JSON list tells: it has the same order and pages as the catalogue.
    Returns how many members the page turned out to have; 0 where that cannot be known, which costs the page.
    """
    run.page_lost = True
    places = _places_on_page(run, page_of(url)) if run.portal.api else []
    if not places:
        run.report.skip(f"the page {url} was skipped with all that it lists", error)
        return 0
    new = [place for place in places if not run.intake.ledger.known_as(place.id)]
    missing = read_places(run, url, new)
    found = {place.id for place in new} - missing
    kept, read = read_members(run, [place.id for place in places if place.id not in found])
    what = f"{url} lists {len(places)} datasets: {kept} were kept as they were, {len(found)} new ones read"
    if read:
        what += f", {read} from their own documents, without what only the page says (owner, services)"
    run.report.add_problems([error.problem(what)])
    return len(places)


def _places_on_page(run: Run, number: int) -> list[Place]:
    """Return the datasets that the portal's JSON list has on one page."""
    size = run.options.page_size
    start = (number - 1) * size
    if run.roll.number(Kind.DATASET):
        return run.roll.between(Kind.DATASET, start, start + size)
    url = with_page(run.portal.listing("datasets", size), number)
    ids: list[str] = []
    for found in json_pages(run.fetcher, url, "id"):
        if isinstance(found, Problem):
            run.report.add_problems([found])
            break
        ids += [item["id"] for item in found.items if isinstance(item.get("id"), str)]
        if len(ids) >= size:
            break
    return [Place(id_, place) for place, id_ in enumerate(ids, start)]
