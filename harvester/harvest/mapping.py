"""Pages of the portal's JSON lists, mapped in a worker: what is too much for it costs itself."""

from collections.abc import Mapping

from harvester.enrich.mapper import Mapper
from harvester.enrich.outcome import Mapped
from harvester.errors import DocumentError
from harvester.harvest.parser import Parser
from harvester.model import Problem
from harvester.portal.listing import ListPage

Given = tuple[ListPage | Problem, Mapping[str, str]]
"""A page of a list, or why there is none, and the IRIs that the catalogue has for what it names, by id."""
MAX_REFUSALS = 10
"""Parts of one page that a worker may refuse: enough to find one item among 500 by halving."""


def map_page(parser: Parser, mapper: Mapper, given: Given) -> tuple[ListPage | None, list[Mapped | Problem]]:
    """Return the page, if there is one, and what became of it.

    Where a worker refuses a page (memory, time) its halves are tried, down to single items, so that the
    others get through; what is left out is a Problem.
    """
    page, known = given
    if isinstance(page, Problem):
        return None, [page]
    mapped: list[Mapped | Problem] = []
    waiting = [page.items] if page.items else []
    refusals = 0
    while waiting:
        items = waiting.pop()
        try:
            mapped.append(parser.map(page.url, mapper, items, known))
        except DocumentError as error:
            refusals += 1
            half = len(items) // 2
            if half and refusals < MAX_REFUSALS:
                waiting += [items[half:], items[:half]]
            else:
                several = f"{len(items)} items" if half else f"the item {items[0].get('id')}"
                mapped.append(error.problem(f"{several} of {page.url} cannot be mapped"))
    return page, mapped
