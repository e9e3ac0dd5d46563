"""The catalogue for harvesters, from a real server: what is harvested from us is what we have."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import rdflib
from pyoxigraph import BlankNode, RdfFormat, Triple, parse
from rdflib.compare import isomorphic

from harvester.export.pages import SYNTAXES
from harvester.export.selection import Selection
from harvester.harvest import derivation
from harvester.store.generations import Catalogue
from harvester.vocab import HYDRA
from tests import simulator
from tests.harvest.support import QUICK, ask
from tests.harvest.support import harvest as harvest_in_haste
from tests.serve.support import serving
from tests.waiting import PATIENCE_S

PASSED_ON = Selection(remade=False)
harvest = partial(
    harvest_in_haste, settings=replace(QUICK, read_timeout=PATIENCE_S, total_timeout=2 * PATIENCE_S)
)
"""With time: a server on a busy machine may need half a minute for a page, which others go before."""
HY = rdflib.Namespace(HYDRA)
MEDIA_TYPES = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "xml": "application/rdf+xml",
    "nt": "application/n-triples",
}


def small(*names: str) -> str:
    """A catalogue of datasets of those names, as a harvest leaves it."""
    catalogue = "record:catalog { :catalog a dcat:Catalog ; dct:title 'Catalogue' ; dct:language 'en' }"
    records = [
        f"record:{n} {{ :catalog dcat:dataset :{n} . :{n} a dcat:Dataset ; dct:identifier '{n}' }}"
        for n in names
    ]
    return f"""
        @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
        @prefix : <http://a.example/> . @prefix record: <urn:x-harvester:record:a.example:http://a.example/> .
        {catalogue} {" ".join(records)}
    """


def triples(store: Path, selection: Selection = PASSED_ON) -> set[Triple]:
    """What a catalogue holds but for what each harvester makes itself."""
    with Catalogue(store).require().open() as reader:
        return {q.triple for q in reader if selection.admits(q.graph_name.value)}


def data(store: Path, selection: Selection = PASSED_ON) -> set[tuple[str, str, object]]:
    """The same, blank nodes being what they say."""
    return ground(triples(store, selection))


def ground(found: set[Triple]) -> set[tuple[str, str, object]]:
    """Triples without blank nodes: in the place of each is what it says."""
    said: dict[str, set[Triple]] = {}
    for triple in found:
        said.setdefault(str(triple.subject), set()).add(triple)

    def meaning(node: str) -> object:
        if not node.startswith("_:"):
            return node
        return frozenset((str(t.predicate), meaning(str(t.object))) for t in said.get(node, ()))

    named = (t for t in found if not isinstance(t.subject, BlankNode))
    return {(str(t.subject), str(t.predicate), meaning(str(t.object))) for t in named}


@pytest.fixture(scope="module")
def first_hand(demo_store):
    return data(demo_store)


@pytest.fixture(scope="module")
def server(portal):
    return portal


@pytest.fixture(scope="module")
def small_store(tmp_path_factory):
    """A simulated portal, harvested."""
    store = tmp_path_factory.mktemp("small") / "store"
    with simulator.serve(simulator.World(datasets=15, reuses=5)) as portal:
        harvest(portal.site, store)
    return store


@pytest.fixture(scope="module")
def small_server(small_store):
    with serving(small_store, "--access-log", "off") as running:
        yield running


@pytest.mark.parametrize("format_", SYNTAXES)
def test_the_second_hand_store_equals_the_first(format_, small_store, small_server, tmp_path):
    """Every statement that the portal made and that was inferred arrives, in each format; the next night
    nothing has changed.
    """
    first = harvest(f"{small_server.url}/catalog.{format_}", tmp_path)
    again = harvest(f"{small_server.url}/catalog.{format_}", tmp_path)

    assert data(tmp_path) == data(small_store)
    assert (first.complete, first.exit_code, first.problems) == (True, 0, [])
    assert (again.complete, again.writes) == (True, 0)


def test_the_site_alone_is_address_enough(first_hand, server, tmp_path):
    """Where there is no udata, the catalogue is looked for where we have it; a real one arrives whole."""
    report = harvest(server.url, tmp_path)

    assert (report.complete, report.exit_code, report.problems) == (True, 0, [])
    assert report.format == "ttl"
    assert data(tmp_path) == first_hand


@pytest.mark.parametrize("format_", SYNTAXES)
def test_whatever_a_real_portal_says_can_be_said_in_each_format(format_, first_hand, server):
    """Page by page another program reads what the store holds, the links between pages aside."""
    read: set[Triple] = set()
    here: str | None = f"/catalog.{format_}"
    while here:
        page = parse(server.ask("GET", here).body, RdfFormat.from_media_type(MEDIA_TYPES[format_]))
        found = {quad.triple for quad in page}
        nexts = {str(triple.object.value) for triple in found if triple.predicate.value == HYDRA + "next"}
        here = nexts.pop().removeprefix(server.url) if nexts else None
        read |= {triple for triple in found if HYDRA not in f"{triple.predicate}{triple.object}"}

    assert ground(read) == first_hand


def test_a_third_hand_store_equals_the_first(small_store, small_server, tmp_path):
    """Nothing wears off, however often the catalogue is passed on."""
    harvest(small_server.url, tmp_path / "second")
    with serving(tmp_path / "second", "--access-log", "off") as mirror:
        harvest(mirror.url, tmp_path / "third")

    assert data(tmp_path / "third") == data(small_store)


def test_what_follows_does_not_depend_on_what_is_derived_together(
    small_store, small_server, tmp_path, monkeypatch
):
    """Here too, where a dataset's record names its reuses, each batch has all that bears on its records."""
    monkeypatch.setattr(derivation, "_BATCH", 3)
    harvest(small_server.url, tmp_path)

    assert data(tmp_path) == data(small_store)


def test_pages_of_any_size_hold_the_same(small_store, small_server, tmp_path):
    """Also such as count fewer members than the portal's own would."""
    report = harvest(f"{small_server.url}/catalog.ttl?page_size=3", tmp_path)

    assert report.complete
    assert report.pages > 20
    assert data(tmp_path) == data(small_store)


def test_another_library_reads_the_same_graph(small_store, small_server):
    """rdflib, following hydra:next from the first page, has what a simulated portal's harvest has."""
    crawled = rdflib.Graph()
    here: str | None = "/catalog.xml?page_size=20"
    while here:
        reply = small_server.ask("GET", here)
        page = rdflib.Graph().parse(data=reply.body, format="xml")
        following = next(page.objects(None, HY.next), None)
        crawled += page
        here = following and str(following).removeprefix(small_server.url)
    for triple in list(crawled):
        if str(triple[1]).startswith(HYDRA) or str(triple[2]).startswith(HYDRA):
            crawled.remove(triple)

    expected = rdflib.Graph()
    expected.parse(data="".join(f"{triple} .\n" for triple in triples(small_store)), format="nt")
    assert isomorphic(crawled, expected)


def test_what_goes_from_the_first_goes_from_the_second(show, tmp_path):
    """A dataset that is gone from a catalogue read to its end is gone; the tombstone says when."""
    harvest(show(small("d1", "d2", "d3")).url, tmp_path)
    left = small("d1", "d3")
    report = harvest(show(left).url, tmp_path, grace=0)

    assert report.complete
    assert report.count("removed") == 1
    expected = {quad.triple for quad in parse(left, RdfFormat.TRIG)}
    assert data(tmp_path, Selection(inferred=False)) == ground(expected)
    assert ask(
        tmp_path,
        "SELECT ?d { ?r <http://www.w3.org/ns/prov#invalidatedAtTime> ?at ;"
        " <http://xmlns.com/foaf/0.1/primaryTopic> ?d }",
    ) == [["http://a.example/d2"]]


def test_a_listing_never_mixes_two_generations(show):
    """Who was on the way when a new generation was published begins again, and misses nothing."""
    server = show(small("d1", "d2", "d3"))
    first = rdflib.Graph().parse(data=server.ask("GET", "/catalog.ttl?page_size=1").body)
    (following,) = set(first.objects(None, HY.next))
    parts = urlsplit(str(following))
    path = f"{parts.path}?{parts.query}"
    before = server.ask("GET", path).status
    show(small("d1", "d3", "d4"))
    after = server.ask("GET", path)

    assert (before, after.status) == (200, 410)
    assert b"begin again" in after.body


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        ("/catalog", "application/ld+json", "application/ld+json"),
        ("/catalog", "text/html, application/rdf+xml;q=0.9, */*;q=0.1", "application/rdf+xml"),
        ("/catalog", "application/x-turtle", "text/turtle"),
        ("/catalog", "*/*", "text/turtle"),
        ("/catalog.nt", "text/turtle", "application/n-triples"),
        ("/catalog.rdf", "*/*", "application/rdf+xml"),
        ("/catalog.json", "*/*", "application/ld+json"),
    ],
)
def test_the_format_is_chosen_by_suffix_or_accept(server, path, accept, media_type):
    """The suffix says more than Accept."""
    reply = server.ask("GET", path, {"Accept": accept})

    assert (reply.status, reply.media_type) == (200, media_type)


@pytest.mark.parametrize("format_", SYNTAXES)
def test_links_keep_the_format(server, format_):
    """A client that began in one format goes on in it."""
    body = server.ask("GET", "/catalog", {"Accept": MEDIA_TYPES[format_]}).body
    page = list(parse(body, RdfFormat.from_media_type(MEDIA_TYPES[format_])))

    (following,) = {quad.object.value for quad in page if quad.predicate.value == HYDRA + "next"}
    assert following.startswith(f"{server.url}/catalog.{format_}?page=2&")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/catalog.ttl?page=0", 404),
        ("/catalog.ttl?page=999999", 404),
        ("/catalog.ttl?page=x", 400),
        ("/catalog.ttl?page=-1", 400),
        ("/catalog.ttl?page=99999999999999999999", 400),
        ("/catalog.ttl?page_size=0", 400),
        ("/catalog.ttl?page_size=1001", 400),
        ("/catalog.ttl?page_size=", 400),
        ("/catalog.ttl?generation=20200101T000000Z", 410),
        ("/catalog.ttl?generation=../../etc", 410),
        ("/catalog.zzz", 404),
    ],
)
def test_a_wrong_address_is_explained(server, path, status):
    """With a status that says whose fault it is, and what to do."""
    reply = server.ask("GET", path)

    assert reply.status == status
    assert reply.media_type == "application/problem+json"


def test_nothing_fitting_is_not_acceptable(server):
    """The answer names what there is."""
    reply = server.ask("GET", "/catalog", {"Accept": "image/png"})

    assert reply.status == 406
    assert b"text/turtle" in reply.body


def test_a_page_that_the_client_has_is_not_sent_again(server):
    """As long as the generation is current."""
    first = server.ask("GET", "/catalog.ttl?page=2")
    head = server.ask("HEAD", "/catalog.ttl?page=2")
    again = server.ask("GET", "/catalog.ttl?page=2", {"If-None-Match": first.headers["ETag"]})

    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
