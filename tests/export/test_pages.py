"""The catalogue in pages: together they hold all that a portal said and that was inferred, and no more."""

import io

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad, RdfFormat, Store, parse
from rdflib.namespace import DCAT, RDF

from harvester.errors import UsageError
from harvester.export.files import streaming
from harvester.export.pages import MAX_SIZE, SYNTAXES, Pages, write_page
from harvester.export.syntax import Syntax
from harvester.rdf.iris import is_valid
from harvester.vocab import HYDRA, INFERRED_GRAPHS, RECORD_GRAPHS
from tests.export.stores import canonical, rdflib_graph, store_of, stores

HY = rdflib.Namespace(HYDRA)
COLLECTION = "http://mirror.example/catalog"


def address(number: int) -> str:
    return f"{COLLECTION}.ttl?page={number}"


def page(store: Store, number: int, size: int = 100, format_: str = "nt") -> str:
    stream = io.BytesIO()
    with streaming(stream) as output:
        write_page(
            store, output, Syntax(format_), Pages.of(store, size), number, address, collection=COLLECTION
        )
    return stream.getvalue().decode()


def all_pages(store: Store, size: int) -> list[str]:
    return [page(store, number, size) for number in range(1, Pages.of(store, size).last + 1)]


def statements(text: str) -> set[Quad]:
    """What a page in N-Triples says of anything but itself; blank nodes keep their labels."""
    quads = parse(text, RdfFormat.N_TRIPLES)
    return {q for q in quads if HYDRA not in q.predicate.value and HYDRA not in str(q.object)}


def travelling(store: Store) -> set[Quad]:
    """What record graphs and inferred graphs hold, as the engine tells it."""
    names = (quad.graph_name.value for quad in store)
    wanted = {n for n in names if n.startswith((RECORD_GRAPHS, INFERRED_GRAPHS)) and is_valid(n)}
    return {Quad(*quad.triple) for quad in store if quad.graph_name.value in wanted}


PORTAL = """
    record:catalog { :catalog a dcat:Catalog ; dct:title "Catalogue" ; dct:publisher [ dct:title "Ville" ] }
    record:d1 { :catalog dcat:dataset :d1 . :d1 a dcat:Dataset ; dct:title "Bus" ; dcat:distribution :d1f ;
                dct:temporal [ dcat:startDate 2020 ] . :d1f dct:title "fichier" }
    inferred:d1 { :d1 dcat:theme :transport }
    record:d2 { :catalog dcat:dataset :d2 . :d2 a dcat:Dataset ; dct:title "Vélos" ; dct:publisher :o }
    record:o { :o dct:title "Ville" }
    record:r1 { :catalog dcat:resource :r1 . :r1 dct:references :d1 . :d1 dct:isReferencedBy :r1 }
"""
NOTES = """
    urn:records:a.example { record:d1 a dcat:CatalogRecord . record:gone a dcat:CatalogRecord }
    urn:runs { urn:run:1 dct:title "run" }
"""
OTHER_PORTAL = """
    other:catalog2 { :catalog2 a dcat:Catalog ; dct:title "Other" }
    other:d1 { :catalog2 dcat:dataset :d1 . :d1 dct:title "Bus 2" ; dct:temporal [ dcat:startDate 2021 ] }
    other:d3 { :catalog2 dcat:dataset :d3 . :d3 dct:title "Trams" }
"""


@settings(deadline=None)  # many pages at a time
@given(store=stores(), size=st.integers(1, 9))
def test_the_pages_together_are_the_data(store, size):
    """Whatever records hold and however small the pages: nothing is lost, nothing is added."""
    found = set().union(*map(statements, all_pages(store, size)))

    assert found == travelling(store)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_bookkeeping_does_not_travel(size):
    """Our runs and our dates are ours: who harvests us has its own."""
    store = store_of(PORTAL + NOTES + OTHER_PORTAL)

    found = set().union(*map(statements, all_pages(store, size)))

    assert canonical(found) == canonical(travelling(store_of(PORTAL + OTHER_PORTAL)))


@pytest.mark.parametrize("format_", SYNTAXES)
def test_each_format_says_the_same(format_):
    """As the other library reads it, blank nodes and all."""
    store = store_of(PORTAL)

    found = rdflib_graph(page(store, 1, format_=format_), {"xml": "rdf"}.get(format_, format_))

    assert found == rdflib_graph(page(store, 1), "nt")
    assert len(found) == len(store) + len(Pages.of(store, 100).controls(1, address, COLLECTION))


def graph(text: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=text, format="nt")


def test_a_page_leads_to_its_neighbours_as_hydra_says():
    """https://www.hydra-cg.com/spec/latest/core/#hydra:PartialCollectionView ; the portal's catalogue is the
    collection, as on udata.
    """
    store = store_of(PORTAL)
    pages = [graph(text) for text in all_pages(store, 3)]

    for number, found in enumerate(pages, 1):
        (view,) = found.subjects(RDF.type, HY.PartialCollectionView)
        (whole,) = found.subjects(RDF.type, HY.Collection)
        leads = {str(p).removeprefix(HYDRA): str(o) for p, o in found.predicate_objects(view) if p in HY}
        numbers = {"first": 1, "previous": number - 1, "next": number + 1, "last": len(pages)}
        assert leads == {k: address(n) for k, n in numbers.items() if 1 <= n <= len(pages)}
        assert str(view) == address(number)
        assert (whole, HY.view, view) in found
        assert str(whole) == "http://a.example/catalog"
        assert [int(total) for total in found.objects(whole, HY.totalItems)] == [2]


def test_the_total_is_that_of_the_datasets_on_all_pages():
    """As on udata: a dataset that two portals list is one, on one page, under both catalogues."""
    store = store_of(PORTAL + OTHER_PORTAL)
    listed = [set(graph(text).objects(None, DCAT.dataset)) for text in all_pages(store, 1)]

    assert sum(map(len, listed)) == len(set().union(*listed)) == Pages.of(store, 1).total == 3
    assert (
        sum(len(list(graph(text).triples((None, DCAT.dataset, None)))) for text in all_pages(store, 1)) == 4
    )


def test_with_several_portals_the_collection_is_our_own():
    """None of their catalogues has all the datasets."""
    found = graph(page(store_of(PORTAL + OTHER_PORTAL), 1))

    assert [str(whole) for whole in found.subjects(RDF.type, HY.Collection)] == [COLLECTION]


def test_a_page_with_a_member_describes_the_catalogue():
    """Each page can be read alone, as udata's."""
    for text in all_pages(store_of(PORTAL), 1):
        found = graph(text)
        for catalogue in set(found.subjects(DCAT.dataset, None)):
            assert (catalogue, RDF.type, DCAT.Catalog) in found


def test_what_is_said_of_a_dataset_is_on_one_page():
    """Its reuses' statements about it and what was inferred included."""
    pages = [graph(text) for text in all_pages(store_of(PORTAL), 1)]
    (whole,) = [
        found for found in pages if (None, DCAT.dataset, rdflib.URIRef("http://a.example/d1")) in found
    ]

    about = {
        str(p).rsplit("/", 1)[-1].split("#")[-1]
        for p in whole.predicates(rdflib.URIRef("http://a.example/d1"))
    }

    assert about == {"type", "title", "distribution", "temporal", "theme", "isReferencedBy"}


def test_a_page_holds_no_more_records_than_asked_for():
    """But for the catalogue's own, which each repeats."""
    many = "".join(
        f'record:x{n} {{ :catalog dcat:dataset :x{n} . :x{n} dct:title "{n}" }} ' for n in range(50)
    )
    store = store_of(PORTAL + many)

    for text in all_pages(store, 7):
        subjects = {q.subject.value for q in statements(text) if "/x" in q.subject.value}
        assert len(subjects) <= 7


def test_a_blank_node_that_another_record_describes_comes_along():
    """A page that mentions it is of use without the others; who reads all has it twice, described alike."""
    store = store_of(
        'record:d1 { :d1 dct:publisher _:o . _:o dct:title "Ville" } record:d2 { :d2 dct:publisher _:o }'
    )

    for text in all_pages(store, 1):
        assert "publisher" not in text or '"Ville"' in text


def test_an_empty_store_has_one_page():
    """As an empty udata has."""
    pages = Pages.of(Store(), 100)

    assert (pages.last, pages.total) == (1, 0)
    assert statements(page(Store(), 1)) == set()


@pytest.mark.parametrize("size", [0, -1, MAX_SIZE + 1])
def test_a_page_has_a_bound(size):
    """A page is made in memory."""
    with pytest.raises(UsageError, match="1 to 1,000"):
        Pages.of(Store(), size)


@pytest.mark.parametrize("number", [0, 2])
def test_there_is_no_page_beyond_the_last(number):
    """It is said, not answered with an empty one."""
    with pytest.raises(UsageError, match="last one is 1"):
        page(store_of(PORTAL), number)
