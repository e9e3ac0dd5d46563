"""How long a portal takes for an answer, by what is on it."""

import re
from collections.abc import Mapping

from tests.simulator.exchange import Request
from tests.simulator.manners import Pace
from tests.simulator.world import World

_PAGE = re.compile(r"/api/1/site/catalog\b")
_LIST = re.compile(r"/api/1/(datasets|reuses)/")
_DOCUMENT = re.compile(r"/api/1/(datasets|dataservices|reuses)/[^/]+/")


def seconds(pace: Pace, request: Request, world: World) -> float:
    """Return how long the answer takes to make.

    >>> request = Request("/api/1/site/catalog.ttl?page=2&page_size=40", {}, "http://h")
    >>> seconds(Pace(page_dataset=0.5), request, World(datasets=60))
    10.0
    """
    if _PAGE.match(request.path):
        return pace.page_dataset * _on_page(request.query, len(world.listed), 100)
    if kind := _LIST.fullmatch(request.path):
        total = len(world.listed if kind[1] == "datasets" else world.listed_reuses)
        return pace.list_item * _on_page(request.query, total, 20)
    return pace.document if _DOCUMENT.match(request.path) else 0.0


def _on_page(query: Mapping[str, str], total: int, usual: int) -> int:
    number, size = (
        int(text) if (text := query.get(name, "")).isdigit() else default
        for name, default in (("page", 1), ("page_size", usual))
    )
    return max(0, min(size, total - (number - 1) * size))
