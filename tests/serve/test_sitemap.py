"""Sitemaps within the protocol's limits, rules for robots, the description of the search."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pyoxigraph import Store

from harvester.serve.tasks import sitemap
from harvester.workers.task import Refused, Work
from tests.serve.site import CATALOGUE, get, page
from tests.serve.support import Server, publish, serving

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
PUBLIC = "https://data.example/catalogue"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?")
"""https://www.w3.org/TR/NOTE-datetime"""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    store = tmp_path_factory.mktemp("sitemap") / "store"
    publish(store, CATALOGUE.read_text(encoding="utf-8") + _records(3))
    with serving(store, "--access-log", "off") as server:
        yield server


def _records(count: int) -> str:
    """Write so many datasets with their bookkeeping, each after 100 that nobody asked for."""
    lines = [
        f"<urn:x-harvester:record:d.example:urn:d:{n}> <urn:x-harvester:vocabulary#kind> "
        f'"dataset" ; <http://xmlns.com/foaf/0.1/primaryTopic> <http://d.example/{n}?a&b> ; '
        '<http://purl.org/dc/terms/modified> "2026-01-31T02:00:00Z"'
        "^^<http://www.w3.org/2001/XMLSchema#dateTime> ."
        for n in range(count)
    ]
    said = [f"<http://d.example/{n}?a&b> <http://purl.org/dc/terms/title> 'D{n}' ." for n in range(count)]
    return f"<urn:x-harvester:records:d.example> {{ {' '.join(lines)} }} <urn:g:d> {{ {' '.join(said)} }}"


def locations(document: bytes, root: str) -> list[str]:
    """Return the addresses in a sitemap, which is as the protocol wants it."""
    tree = ET.fromstring(document)
    inner = {"urlset": "url", "sitemapindex": "sitemap"}[root]
    assert tree.tag == SITEMAP + root
    assert {child.tag for child in tree} <= {SITEMAP + inner}
    assert len(document) < 50_000_000
    found = []
    for each in tree:
        assert [child.tag.removeprefix(SITEMAP) for child in each] in (["loc"], ["loc", "lastmod"])
        changed = each.findtext(SITEMAP + "lastmod")
        assert changed is None or _MOMENT.fullmatch(changed)
        found.append(str(each.findtext(SITEMAP + "loc")))
    assert all(len(each) < 2_048 for each in found)
    assert len(set(found)) == len(found) <= 50_000
    return found


def test_the_sitemap_leads_to_the_pages_of_records(server):
    """Of datasets, reuses, organizations and services; not to what was removed; all of them answer."""
    parts = locations(get(server, "/sitemap.xml").body, "sitemapindex")
    assert parts == [f"{server.url}/sitemap-1.xml"]
    reply = get(server, "/sitemap-1.xml")
    assert reply.media_type == "application/xml"
    found = [each.removeprefix(server.url) for each in locations(reply.body, "urlset")]

    records = [each for each in found if each.startswith("/resource?iri=")]
    assert "/resource?iri=http%3A%2F%2Fd.example%2F1%3Fa%26b" in records
    assert "/resource?iri=http%3A%2F%2Fa.example%2Freuses%2Fr2" in records
    assert len(records) == 3 + 4  # d1 is told by two portals, d0 was removed
    assert {"/", "/queries", "/runs"} < set(found)
    for address in [*records, "/", "/queries", "/runs"]:
        assert get(server, address, "text/html").status == 200


def test_a_part_that_there_is_not_is_not_found(server):
    """Whatever its number."""
    for number in ("0", "2", "01", "-1", "x", "1e3", "9" * 40, "%C2%B2"):
        assert get(server, f"/sitemap-{number}.xml").status == 404, number


class Sink:
    """Takes what a task writes."""

    def __init__(self) -> None:
        self.body = b""
        self.longest = 0

    def begin(self, media_type: str, **facts: object) -> None:
        """Begin."""

    def write(self, data: bytes) -> None:
        """Take bytes."""
        self.body += data
        self.longest = max(self.longest, len(data))


def _work(folder: Path, store: Store) -> Work:
    return Work(folder, store, Sink(), None)  # type: ignore[arg-type]


def test_parts_put_together_are_the_whole(tmp_path, monkeypatch):
    """Each address once, no part longer than the bound, each written line by line."""
    monkeypatch.setattr(sitemap, "PART", 10)
    generation = publish(tmp_path, _records(37))
    pages = ("http://s.example/", "http://s.example/queries")
    with generation.open() as store:
        index = _work(generation.path, store)
        sitemap.sitemap_index(index, "http://s.example/sitemap-%d.xml", len(pages))
        parts = locations(index.sink.body, "sitemapindex")
        found: list[str] = []
        for number in range(1, len(parts) + 1):
            work = _work(generation.path, store)
            sitemap.sitemap_part(work, number, "http://s.example/resource", pages)
            part = locations(work.sink.body, "urlset")
            assert 0 < len(part) <= 10
            assert work.sink.longest < 300
            found += part
        work = _work(generation.path, store)
        with pytest.raises(Refused) as refused:
            sitemap.sitemap_part(work, len(parts) + 1, "http://s.example/resource", pages)

    assert refused.value.status == 404
    assert len(parts) == 4
    assert len(found) == len(set(found)) == 39


def test_addresses_that_are_too_long_are_left_out(tmp_path):
    """The protocol wants fewer than 2,048 characters."""
    long = _records(2).replace("http://d.example/1?", "http://d.example/" + "x" * 2_100 + "?")
    generation = publish(tmp_path, long)
    with generation.open() as store:
        work = _work(generation.path, store)
        sitemap.sitemap_part(work, 1, "http://s.example/resource", ())

    assert len(locations(work.sink.body, "urlset")) == 1


def allowed(rules: str, address: str) -> bool:
    """Tell whether a robot may fetch an address (https://www.rfc-editor.org/rfc/rfc9309#section-2.2.2)."""
    best = (0, True)
    for line in rules.splitlines():
        name, _, pattern = line.partition(": ")
        if name in ("Allow", "Disallow") and pattern:
            expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\$", "$")
            if re.match(expression, address):
                best = max(best, (len(pattern), name == "Allow"))
    return best[1]


def test_robots_may_read_pages_but_not_ask_without_end(server):
    """Pages of records and queries yes; queries of their own, facets, the same as files no."""
    reply = get(server, "/robots.txt")
    rules = reply.body.decode()

    assert reply.media_type == "text/plain"
    assert "User-agent: *" in rules.splitlines()
    assert f"Sitemap: {server.url}/sitemap.xml" in rules.splitlines()
    for address in (
        "/",
        "/resource?iri=x",
        "/queries",
        "/queries/publishers",
        "/runs",
        "/runs/A1",
        "/reuses",
    ):
        assert allowed(rules, address), address
    for address in (
        "/sparql?query=ASK{}",
        "/charts/formats.svg",
        "/search?q=x&theme=y",
        "/queries/publishers?by=reuses",
        "/queries/publishers.csv",
        "/resource.ttl?iri=x",
        "/reuses?topic=x",
        "/runs/A1?kind=dataset",
        "/language/fr?back=/",
    ):
        assert not allowed(rules, address), address


@pytest.mark.parametrize("language", ["en", "fr"])
def test_browsers_learn_how_to_search(server, language):
    """By OpenSearch 1.1, whose texts have bounds; the page links to it."""
    reply = get(server, f"/opensearch.xml?language={language}")
    root = ET.fromstring(reply.body)

    assert reply.media_type == "application/opensearchdescription+xml"
    assert root.tag == OPENSEARCH + "OpenSearchDescription"
    texts = {name: str(root.findtext(OPENSEARCH + name)) for name in ("ShortName", "Description", "LongName")}
    assert 0 < len(texts["ShortName"]) <= 16
    assert 0 < len(texts["Description"]) <= 1_024
    assert 0 < len(texts["LongName"]) <= 48
    urls = {each.get("type"): each.get("template", "") for each in root.findall(OPENSEARCH + "Url")}
    assert urls["text/html"].startswith(f"{server.url}/search?q={{searchTerms}}")
    assert {each.text for each in root.findall(OPENSEARCH + "Language")} == {"en", "fr"}
    assert get(server, str(root.findtext(OPENSEARCH + "Image")).removeprefix(server.url)).status == 200


def test_pages_name_the_description(server):
    """So that a browser offers it."""
    link = page(server, "/").one("link", rel="search")
    reply = get(server, link["href"])

    assert (reply.status, reply.media_type) == (200, link["type"])
    assert get(server, "/opensearch.xml", accept_language="fr").headers["Content-Language"] == "fr"
    assert get(server, "/opensearch.xml?language=xx").status == 400


def test_behind_a_proxy_all_addresses_are_public(tmp_path):
    """With its prefix, in the sitemap, the rules and the description."""
    publish(tmp_path, _records(2))
    with serving(tmp_path, "--public-url", PUBLIC, "--access-log", "off") as server:
        parts = locations(get(server, "/catalogue/sitemap.xml").body, "sitemapindex")
        found = locations(get(server, "/catalogue/sitemap-1.xml").body, "urlset")
        rules = get(server, "/catalogue/robots.txt").body.decode()
        search = get(server, "/catalogue/opensearch.xml").body.decode()

    assert parts == [f"{PUBLIC}/sitemap-1.xml"]
    assert all(each.startswith(PUBLIC + "/") for each in found)
    assert "Disallow: /catalogue/sparql?" in rules
    assert f'template="{PUBLIC}/search?q={{searchTerms}}' in search


def test_a_private_server_wants_its_token(tmp_path):
    """For what robots ask too: nothing of it is anybody's business."""
    publish(tmp_path / "store", _records(2))
    (tmp_path / "tokens").write_text("me:more-than-sixteen-letters\n")
    with serving(tmp_path / "store", "--tokens", str(tmp_path / "tokens"), "--access-log", "off") as server:
        for path in ("/robots.txt", "/sitemap.xml", "/sitemap-1.xml", "/changes.atom", "/runs"):
            assert get(server, path).status == 401
        reply = get(server, "/sitemap-1.xml", authorization="Bearer more-than-sixteen-letters")
    assert reply.status == 200
