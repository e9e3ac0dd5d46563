"""Paging controls are read in both dialects, and never stored."""

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from harvester.model import HydraView
from harvester.rdf.hydra import take_view
from harvester.rdf.rows import read_ntriples

CURRENT = """
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
<http://h/catalog> a dcat:Catalog, hydra:Collection ;
  hydra:totalItems 250 ; hydra:view <http://h/catalog.ttl?page=1> .
<http://h/catalog.ttl?page=1> a hydra:PartialCollectionView ; hydra:first <http://h/catalog.ttl?page=1> ;
  hydra:last <http://h/catalog.ttl?page=3> ; hydra:next <http://h/catalog.ttl?page=2> .
"""
LEGACY = """
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
<http://h/catalog> a dcat:Catalog .
<http://h/catalog.ttl?page=1> a hydra:PagedCollection ; hydra:totalItems 250 ; hydra:itemsPerPage 100 ;
  hydra:firstPage "http://h/catalog.ttl?page=1" ; hydra:lastPage "http://h/catalog.ttl?page=3" ;
  hydra:nextPage "http://h/catalog.ttl?page=2" .
"""
LAST = """
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
<http://h/catalog> hydra:totalItems "250"^^<http://www.w3.org/2001/XMLSchema#integer> ;
  hydra:view <http://h/catalog.ttl?page=3> .
<http://h/catalog.ttl?page=3> hydra:last <http://h/catalog.ttl?page=3> .
"""
NESTED = (
    CURRENT
    + """
<http://h/other> hydra:view <http://h/other?page=1> .
<http://h/other?page=1> hydra:next <http://h/aaa?page=2> .
"""
)


def view_of(turtle: str):
    return take_view(
        read_ntriples(serialize(parse(turtle, RdfFormat.TURTLE), format=RdfFormat.N_QUADS).decode()).rows
    )


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (CURRENT, HydraView("http://h/catalog.ttl?page=2", "http://h/catalog.ttl?page=3", 250)),
        (LEGACY, HydraView("http://h/catalog.ttl?page=2", "http://h/catalog.ttl?page=3", 250)),
        (LAST, HydraView(None, "http://h/catalog.ttl?page=3", 250)),
        (NESTED, HydraView("http://h/catalog.ttl?page=2", "http://h/catalog.ttl?page=3", 250)),
        ("", HydraView()),
    ],
    ids=["view", "2013 dialect", "last page", "several views", "not paged"],
)
def test_controls(page, expected):
    """hydra:view/hydra:next, hydra:nextPage with literals, no next on the last page, none at all."""
    assert view_of(page)[0] == expected


def test_a_next_page_that_is_a_blank_node_is_none():
    """hydra:next [ ] names no page."""
    turtle = "<http://h/c> <http://www.w3.org/ns/hydra/core#next> [ ] ."

    assert view_of(turtle)[0] == HydraView()


def test_controls_are_taken_out():
    """What is stored says nothing of pages; the rest stays."""
    _, rest = view_of(CURRENT)

    assert [row[2] for row in rest] == ["<http://www.w3.org/ns/dcat#Catalog>"]
