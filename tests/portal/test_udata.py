"""What a udata portal offers, and where; checked on a synthetic one and on recorded answers."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import DocumentError, FetchError, UsageError
from harvester.formats import BY_NAME, FORMATS
from harvester.model import Category, Document, Problem
from harvester.portal.client import Client
from harvester.portal.udata import About, Listed, Portal, featured, read_about, read_codes
from tests.portal.helpers import quick
from tests.simulator import LEGACY, UDATA, Fault, World, faults, serve
from tests.simulator import Portal as Simulated
from tests.simulator.exchange import Answer
from tests.simulator.world import HIDDEN, HIDDEN_STATES

RECORDED = {
    exchange["name"]: exchange
    for exchange in json.loads(
        (Path(__file__).parents[1] / "data" / "udata-17.18" / "exchanges.json").read_text(encoding="utf-8")
    )
}
WORLD = World(datasets=40, reuses=32)


def recorded(name: str) -> Document:
    """An answer of a real udata 17.18."""
    exchange = RECORDED[name]
    url = f"http://portal.test{exchange['target']}"
    return Document(url, url, exchange["status"], exchange["media_type"], exchange["body"].encode())


def document(body: bytes) -> Document:
    return Document("http://h/x", "http://h/x", 200, "application/json", body)


def client(simulated: Simulated) -> Client:
    return Client(quick(attempts=1), simulated.site)


@pytest.mark.parametrize(
    ("address", "site", "key"),
    [
        ("https://www.data.gouv.fr", "https://www.data.gouv.fr", "www.data.gouv.fr"),
        ("https://www.data.gouv.fr/", "https://www.data.gouv.fr", "www.data.gouv.fr"),
        ("https://www.data.gouv.fr/fr/", "https://www.data.gouv.fr", "www.data.gouv.fr"),
        ("https://data.example/pt-BR", "https://data.example", "data.example"),
        ("www.data.gouv.fr", "https://www.data.gouv.fr", "www.data.gouv.fr"),
        ("  HTTPS://WWW.Data.Gouv.FR:443/  ", "https://www.data.gouv.fr", "www.data.gouv.fr"),
        ("https://www.data.gouv.fr/api/1", "https://www.data.gouv.fr", "www.data.gouv.fr"),
        ("https://www.data.gouv.fr/api/1/", "https://www.data.gouv.fr", "www.data.gouv.fr"),
        ("https://www.data.gouv.fr/api/1/site/catalog.ttl", "https://www.data.gouv.fr", "www.data.gouv.fr"),
        ("http://127.0.0.1:7000/api/1/", "http://127.0.0.1:7000", "127.0.0.1:7000"),
        ("localhost:7000", "https://localhost:7000", "localhost:7000"),
        ("http://udata_web:8080", "http://udata_web:8080", "udata_web:8080"),
        ("http://[::1]:7000/", "http://[::1]:7000", "[::1]:7000"),
        ("https://données.exemple.fr", "https://xn--donnes-eva.exemple.fr", "xn--donnes-eva.exemple.fr"),
        ("https://h.example/opendata/api/1/", "https://h.example/opendata", "h.example"),
    ],
)
def test_a_portal_is_named_by_its_site_or_its_api(address, site, key):
    """Site URL or API root, with or without slash, scheme, port, language: one portal, one key."""
    assert Portal.at(address) == Portal(site, f"{site}/api/1", key)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "valid"),
        ("https://", "valid"),
        ("ftp://data.example", "http"),
        ("file:///etc/passwd", "http"),
        ("javascript:alert(1)", "valid"),
        ("https://data.example/?page=2", "query"),
        ("https://data.example/#top", "fragment"),
        ("https://data.example/datasets/some-dataset", "a page of a portal"),
        ("https://data.example/api/2/", "a page of a portal"),
        ("https://data.example/api/10", "a page of a portal"),
        ("https://data.example:99999", "valid"),
        ("https://exa mple.org", "valid"),
        ("https://" + "a" * 9000, "longer"),
    ],
)
def test_an_address_that_names_no_portal_is_refused_with_advice(address, why):
    """A wrong address is a usage error that says what is wrong and shows a right one."""
    with pytest.raises(UsageError, match=why) as caught:
        Portal.at(address)

    assert "/api/1" in caught.value.fix or "https://" in caught.value.fix
    assert len(caught.value.cause) < 500


@pytest.mark.parametrize("address", ["https://me:s3cret@data.example/", "me:s3cret@data.example", "s3cret@h"])
def test_a_password_in_the_address_is_refused_and_not_repeated(address):
    """Credentials in a URL end up in logs and in the store: not accepted, not printed."""
    with pytest.raises(UsageError) as caught:
        Portal.at(address)

    assert "s3cret" not in str(caught.value)


@given(st.text(max_size=40) | st.text(max_size=20).map("{}/catalog.ttl".format))
def test_any_text_is_a_portal_or_a_usage_error(address):
    """No other exception, and a portal that was accepted is accepted again under each of its names."""
    try:
        portal = Portal.at(address)
    except UsageError:
        return

    if portal.pages:
        assert Portal.at(portal.pages) == portal
    else:
        assert Portal.at(portal.site) == Portal.at(portal.api) == portal
        assert urlsplit(portal.site).netloc == portal.key


def test_urls_are_those_that_udata_serves():
    """Final slashes on JSON, none on RDF, as in udata's routes: nothing needs to be redirected."""
    portal = Portal.at("https://h.example")

    assert portal.catalog("ttl", 50) == "https://h.example/api/1/site/catalog.ttl?page=1&page_size=50"
    assert portal.context == "https://h.example/api/1/site/context.jsonld"
    assert portal.dataset_rdf("ab12", BY_NAME["ttl"]) == "https://h.example/api/1/datasets/ab12/rdf.ttl"
    assert (
        portal.dataset_rdf("../x?y", BY_NAME["xml"]) == "https://h.example/api/1/datasets/..%2Fx%3Fy/rdf.xml"
    )
    assert portal.listing("reuses", 9) == "https://h.example/api/1/reuses/?page=1&page_size=9"
    assert portal.codes("types") == "https://h.example/api/1/reuses/types/"
    assert portal.codes("topics", "en") == "https://h.example/api/1/reuses/topics/?lang=en"
    assert portal.about == "https://h.example/api/1/site/"
    assert portal.home("reuses") == "https://h.example/api/1/site/home/reuses/"


def test_every_url_is_answered_without_a_redirect():
    """Asked of a udata, each is 200; only the lists of the home page are gone."""
    with serve(WORLD) as simulated, client(simulated) as fetcher:
        portal = Portal.at(simulated.site)
        dataset = WORLD.dataset_id(1)
        udata = [format_ for format_ in FORMATS if format_.name != "nq"]
        for url in (
            *(portal.catalog(extension) for format_ in udata for extension in format_.extensions),
            *(portal.dataset_rdf(dataset, format_) for format_ in udata),
            *(
                portal.codes(name, language)
                for name in ("types", "topics", "badges")
                for language in (None, "en")
            ),
            *(portal.listing(kind) for kind in ("datasets", "reuses")),
            portal.context,
            portal.about,
        ):
            assert fetcher.get(url).url == url
        with pytest.raises(FetchError) as caught:
            fetcher.get(portal.home("reuses"))

    assert caught.value.status == 404


@pytest.mark.parametrize("state", ["deleted", "private", "archived"])
def test_a_datasets_own_document_tells_its_state(state):
    """410 proves deletion, 404 may be private, and an archived dataset still answers."""
    index = HIDDEN + [str(hidden) for hidden in HIDDEN_STATES].index(state)
    with serve(WORLD) as simulated, client(simulated) as fetcher:
        url = Portal.at(simulated.site).dataset_rdf(WORLD.dataset_id(index), BY_NAME["ttl"])
        try:
            status: int | None = fetcher.get(url).status
        except FetchError as error:
            status = error.status

    assert status == {"deleted": 410, "private": 404, "archived": 200}[state]


def test_code_lists_are_read_in_both_shapes():
    """A list of {id, label} as for types, or an object as for badges, which are none."""
    types = read_codes(recorded("reuses.types.json"))

    assert types["idea"] == "Idée"
    assert types["paper"] == "Papier"
    assert len(types) == 8
    assert len(read_codes(recorded("reuses.topics.json"))) == 15
    assert read_codes(recorded("reuses.badges.json")) == {}
    assert read_codes(document(b'{"dataviz": "Dataviz"}')) == {"dataviz": "Dataviz"}


def test_labels_follow_the_parameter_not_the_header():
    """`?lang=en` changes labels, Accept-Language does not: a recorded pair."""
    french, english = read_codes(recorded("reuses.types.json")), read_codes(recorded("reuses.types.en.json"))

    assert read_codes(recorded("reuses.types.acceptlang.json")) == french
    assert english["idea"] == "Idea"
    assert english.keys() == french.keys()


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b'[{"id": "a"}, {"label": "b"}, 7, null, {"id": "c", "label": "C"}]', {"c": "C"}),
        (b'{"a": 1, "b": null, "c": "C"}', {"c": "C"}),
        (b"[]", {}),
    ],
)
def test_strange_codes_are_left_out(body, codes):
    """What has no code or no label in text is not a code."""
    assert read_codes(document(body)) == codes


@pytest.mark.parametrize("body", [b'"x"', b"<html>", b"", b"17"])
def test_a_code_list_that_is_none_is_an_error_with_its_url(body):
    """Garbage in place of a code list costs that list only."""
    with pytest.raises(DocumentError, match="http://h/x"):
        read_codes(document(body))


def test_a_portal_says_who_it_is():
    """Title and version, as recorded; a portal that says nothing has empty ones."""
    assert read_about(recorded("site.json")) == About("Portail de test", "17.18.0")
    assert read_about(document(b'{"title": 3}')) == About("", "")


def shown(kind: Listed) -> set[str]:
    if kind == "reuses":
        return {WORLD.reuse_id(i) for i in WORLD.listed_reuses if WORLD.reuse(i).featured}
    return {WORLD.dataset_id(i) for i in WORLD.listed if WORLD.dataset(i).featured}


@pytest.mark.parametrize("kind", ["datasets", "reuses"])
@pytest.mark.parametrize("manners", [UDATA, LEGACY], ids=["17.18", "before 10.9"])
def test_what_the_home_page_shows_comes_from_it_or_from_the_featured_fields(kind, manners):
    """Older portals list it; on current ones that is 404, which is normal, and `featured` serves."""
    with serve(WORLD, manners=manners) as simulated, client(simulated) as fetcher:
        found = list(featured(fetcher, Portal.at(simulated.site), kind))

    assert set(found) == shown(kind)
    assert len(found) == len(shown(kind)) > 0


def test_a_portal_that_ignores_the_filter_is_not_read_whole():
    """One page tells that `featured=true` is not understood; what is featured on it is kept."""

    def unfiltered(answer: Answer) -> Answer:
        entries = [{"id": f"{n}", "featured": n == 3} for n in range(500)]
        content = {"data": entries, "next_page": "?page=2&page_size=500", "total": 99_000}
        return Answer(200, "application/json", json.dumps(content).encode())

    with serve(WORLD, [Fault("featured=true", spoil=unfiltered)]) as simulated, client(simulated) as fetcher:
        found = list(featured(fetcher, Portal.at(simulated.site), "datasets"))

    assert found == ["3"]
    assert len(simulated.requests) == 2


@pytest.mark.parametrize(
    ("fault", "category"),
    [
        (faults.html("/site/home/"), Category.NOT_JSON),
        (faults.body(b"{}", "/site/home/"), Category.NOT_JSON),
        (faults.status(503, "/site/home/"), Category.UNREACHABLE),
    ],
    ids=["html", "object", "503"],
)
def test_a_bad_home_page_is_one_problem(fault, category):
    """Anything but 404 in place of the home page's list is reported, and costs only that."""
    with serve(WORLD, [fault], manners=LEGACY) as simulated, client(simulated) as fetcher:
        found = list(featured(fetcher, Portal.at(simulated.site), "reuses"))

    assert [problem.category for problem in found if isinstance(problem, Problem)] == [category]
    assert len(found) == 1
