"""Paging controls of a catalogue page, in both dialects."""

from dataclasses import dataclass
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from tests.simulator.graph import Graph
from tests.simulator.manners import Hydra


@dataclass(frozen=True, slots=True)
class View:
    """The controls of page `number` of `pages`; `next` None: the portal says that nothing follows."""

    url: str
    first: str
    last: str
    next: str | None
    previous: str | None
    total: int
    size: int


def view_of(base: str, number: int, size: int, total: int, filters: tuple[tuple[str, str], ...] = ()) -> View:
    """Return the controls as udata computes them; an empty catalogue's last page is page 0.

    >>> view_of("http://h/c.ttl", 2, 100, 250).next
    'http://h/c.ttl?page=3&page_size=100'
    >>> view_of("http://h/c.ttl", 1, 100, 0).last
    'http://h/c.ttl?page=0&page_size=100'
    """
    pages = -(-total // size)

    def url(page: int) -> str:
        return f"{base}?{urlencode((('page', page), ('page_size', size), *filters))}"

    return View(
        url=url(number),
        first=url(1),
        last=url(pages),
        next=url(number + 1) if number < pages else None,
        previous=url(number - 1) if number > 1 else None,
        total=total,
        size=size,
    )


def describe_paging(graph: Graph, catalog: NamedNode, view: View, dialect: Hydra) -> None:
    """Say how to page: on a view node, or, as in 2013, on the collection itself."""
    if dialect is Hydra.NONE:
        return
    hydra = "http://www.w3.org/ns/hydra/core#"
    graph.typed(catalog, "hydra:totalItems", view.total, "xsd:integer")
    if dialect is Hydra.LEGACY:
        graph.links(catalog, "rdf:type", f"{hydra}PagedCollection")
        graph.typed(catalog, "hydra:itemsPerPage", view.size, "xsd:integer")
        holder, suffix = catalog, "Page"
    else:
        graph.links(catalog, "rdf:type", f"{hydra}Collection")
        graph.links(catalog, "hydra:view", view.url)
        holder, suffix = graph.iri(view.url), ""
        graph.links(holder, "rdf:type", f"{hydra}PartialCollectionView")
    graph.links(holder, f"hydra:first{suffix}", view.first)
    graph.links(holder, f"hydra:last{suffix}", view.last)
    graph.links(holder, f"hydra:next{suffix}", view.next)
    graph.links(holder, f"hydra:previous{suffix}", view.previous)
