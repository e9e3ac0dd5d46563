"""The synthetic portal answers requests as udata 17.18 was recorded to answer them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.simulator import LEGACY, PLAIN, Manners, Portal, World, serve
from tests.simulator.records import State
from tests.simulator.world import HIDDEN, HIDDEN_STATES

RECORDED = json.loads(
    (Path(__file__).parents[1] / "data" / "udata-17.18" / "exchanges.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with serve(World(datasets=45, reuses=24)) as running:
        yield running


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers.clear()
        yield session


def outline(text: str, media_type: str) -> object:
    """What must agree of a body: the keys and codes of JSON, nothing of HTML."""
    if not media_type.endswith("json"):
        return None
    value = json.loads(text)
    if isinstance(value, list):
        return [entry["id"] for entry in value]
    return {key: type(inner).__name__ for key, inner in value.items()}


@pytest.mark.parametrize("exchange", RECORDED, ids=lambda exchange: exchange["name"])
def test_requests_are_answered_as_recorded(portal, session, exchange):
    """Status, media type, Location and the outline of JSON agree with the recording of a real udata."""
    answer = session.get(
        portal.site + exchange["target"],
        headers={"Accept": None} | exchange["headers"],
        allow_redirects=False,
        timeout=10,
    )

    location = answer.headers.get("Location")
    assert answer.status_code == exchange["status"]
    assert answer.headers["Content-Type"] == exchange["media_type"]
    assert (location and location.replace(portal.site, "http://portal.test")) == exchange["location"]
    if "site/" not in exchange["target"] or "catalog" in exchange["target"]:
        assert outline(answer.text, exchange["media_type"]) == outline(
            exchange["body"], exchange["media_type"]
        )


STATES = {State.DELETED: (410, 410), State.PRIVATE: (404, 404), State.ARCHIVED: (200, 200)}


@pytest.mark.parametrize("state", STATES)
def test_hidden_datasets_tell_their_state(portal, session, state):
    """Deleted is 410, private 404, archived 200 with a date; none of them is listed."""
    dataset = portal.world.dataset(HIDDEN + HIDDEN_STATES.index(state))
    url = f"{portal.api}/datasets/{dataset.id}/"
    described = session.get(f"{url}rdf.ttl", timeout=10)
    documented = session.get(url, timeout=10)

    assert (described.status_code, documented.status_code) == STATES[state]
    assert dataset.id not in session.get(f"{portal.api}/site/catalog.nt", timeout=10).text
    if state is State.ARCHIVED:
        assert documented.json()["archived"]


@pytest.mark.parametrize(
    "extension", ["ttl", "TTL", "n3", "nt", "trig", "xml", "rdf", "owl", "json", "json-ld"]
)
def test_page_links_keep_the_extension_asked_for(portal, session, extension):
    """Paging controls name the same extension, page size and absolute URLs, with the host of the request."""
    body = session.get(f"{portal.api}/site/catalog.{extension}?page=2&page_size=20", timeout=10).text

    for number in (1, 2, 3):
        page = f"{portal.api}/site/catalog.{extension.lower()}?page={number}&page_size=20"
        assert page in body.replace("&amp;", "&")


def test_urls_follow_the_host_header(portal, session):
    """The same portal under another name gives other IRIs for the catalogue, and the same for datasets."""
    answer = session.get(f"{portal.api}/site/catalog.nt", headers={"Host": "other.test"}, timeout=10)

    assert "<http://other.test/api/1/site/catalog>" in answer.text
    assert f"<{portal.world.cdata}/datasets/" in answer.text
    assert portal.site not in answer.text


def test_an_empty_catalogue_has_one_page(session):
    """totalItems is 0, there is no next page, and the last page is number 0."""
    with serve(World(datasets=0, reuses=0)) as portal:
        body = session.get(f"{portal.api}/site/catalog.nt", timeout=10).text

    assert '"0"^^<http://www.w3.org/2001/XMLSchema#integer>' in body
    assert "hydra/core#next" not in body
    assert "catalog.nt?page=0&page_size=100" in body


def test_a_mask_thins_lists_and_takes_what_it_does_not_name(portal, session):
    """X-Fields keeps what it names: without next_page and total in it, both are gone."""
    url = f"{portal.api}/reuses/?page_size=5"
    masked = session.get(url, headers={"X-Fields": "data{id,datasets{id}},total"}, timeout=10).json()
    bare = session.get(url, headers={"X-Fields": "data{id}"}, timeout=10).json()
    ignored = session.get(f"{url}&X-Fields=data%7Bid%7D", timeout=10).json()

    assert masked.keys() == {"data", "total"}
    assert all(entry.keys() == {"id", "datasets"} for entry in masked["data"])
    assert bare.keys() == {"data"}
    assert "next_page" in ignored


def test_legacy_paging_stands_on_the_collection(session):
    """The dialect of 2013: hydra:nextPage of the catalogue itself; the home page's lists still exist."""
    with serve(World(datasets=30), manners=LEGACY) as portal:
        body = session.get(f"{portal.api}/site/catalog.nt?page_size=10", timeout=10).text
        home = session.get(f"{portal.api}/site/home/datasets/", timeout=10)

    assert f"<{portal.api}/site/catalog> <http://www.w3.org/ns/hydra/core#nextPage>" in body
    assert "hydra/core#view" not in body
    assert all(entry["featured"] for entry in home.json())


def test_a_plain_catalogue_only_negotiates(session):
    """No extensions, no API, no paging: one document in the format that Accept prefers."""
    with serve(World(datasets=30), manners=PLAIN) as portal:
        url = f"{portal.api}/site/catalog"
        answers = [
            session.get(url, headers={"Accept": kind}, timeout=10) for kind in ("text/turtle", "text/n3")
        ]
        missing = session.get(f"{url}.ttl", timeout=10), session.get(f"{portal.api}/reuses/", timeout=10)

    assert [answer.headers["Content-Type"] for answer in answers] == ["application/x-turtle", "text/n3"]
    assert "hydra:" not in answers[0].text.replace("@prefix hydra:", "")
    assert [answer.status_code for answer in missing] == [404, 404]


def test_a_portal_may_insist_on_its_host(session):
    """Like data.gouv.fr, which redirects to www.data.gouv.fr."""
    with (
        serve(World(datasets=5)) as home,
        serve(World(datasets=5), manners=Manners(canonical_host=home.site.removeprefix("http://"))) as portal,
    ):
        answer = session.get(f"{portal.api}/site/catalog.ttl?page_size=1", timeout=10)

    assert answer.url == f"{home.api}/site/catalog.ttl?page_size=1"


def test_a_front_proxy_may_compress(session):
    """With gzip on, a page is a fraction of its size on the wire, and the same to the client."""
    with serve(World(datasets=30), manners=Manners(gzip=True)) as portal:
        url = f"{portal.api}/site/catalog.ttl"
        answer = session.get(url, headers={"Accept-Encoding": "gzip"}, timeout=10)
        plain = session.get(url, headers={"Accept-Encoding": "identity"}, timeout=10)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < len(plain.content) / 3
    assert answer.text.startswith("@prefix")
