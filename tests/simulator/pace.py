"""How long a portal takes for an answer, by what is on it."""

import re
from collections.abc import Mapping

from tests.simulator.exchange import Refused, Request
from tests.simulator.manners import Manners
from tests.simulator.surfaces import listing_at, single_at
from tests.simulator.world import World

_PAGE = re.compile(r"/api/1/site/catalog\b")
_DOCUMENT = re.compile(r"/api/1/(datasets|reuses)/[^/]+/")


def seconds(manners: Manners, request: Request, world: World) -> float:
    """Return how long the answer takes to make; one that is an error takes none.

    >>> from tests.simulator.manners import Pace
    >>> request = Request("/api/1/site/catalog.ttl?page=2&page_size=40", {}, "http://h")
    >>> seconds(Manners(pace=Pace(page_dataset=0.5)), request, World(datasets=60))
    10.0
    """
    pace, path = manners.pace, request.path
    if _PAGE.match(path):
        return pace.page_dataset * _on_page(request.query, len(world.listed), 100)
    if not manners.api:
        return 0.0
    try:
        if listing := listing_at(path, world, manners):
            return pace.list_item * _on_page(request.query, len(listing.rows(world, request.query)), 20)
    except Refused:
        return 0.0
    return pace.document if _DOCUMENT.match(path) or single_at(path, manners) else 0.0


def _on_page(query: Mapping[str, str], total: int, usual: int) -> int:
    number, size = (
        int(text) if (text := query.get(name, "")).isdigit() else default
        for name, default in (("page", 1), ("page_size", usual))
    )
    return max(0, min(size, total - (number - 1) * size))
