"""Behind a reverse proxy that gives the server a path: every link leads back, every client is told apart."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest
import rdflib

from harvester.store.generations import Catalogue
from tests.serve.proxy import PREFIX, proxy
from tests.serve.site import add_index
from tests.serve.support import Reply, Server, free_port, serving
from tests.store.catalogues import publish
from tests.waiting import wait_for

EVIL = "evil.example"
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(9)) + " }"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
"""What browsers send."""
MOST_PAGES = 90


@dataclass(frozen=True)
class Behind:
    """A server and the address at which the world finds it: `public` goes through the proxy."""

    server: Server
    public: Server
    base: str

    def get(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        """Ask by a path within the server."""
        return self.public.ask("GET", PREFIX + path, headers)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proxy") / "c"
    publish(Catalogue(folder), 1)
    add_index(Catalogue(folder).require())
    return folder


@pytest.fixture(scope="module", params=[True, False], ids=["strips", "passes"])
def behind(request: pytest.FixtureRequest, store: Path) -> Iterator[Behind]:
    outside = free_port()
    base = f"http://127.0.0.1:{outside}{PREFIX}"
    options = ("--public-url", f"{base}/", "--trust-proxy", "127.0.0.1", "--per-client", "1")
    with serving(store, *options, "--timeout", "6") as server:
        public = Server(base, "127.0.0.1", outside, server.process, server.log)
        with proxy(outside, server.port, strips=request.param):
            yield Behind(server, public, base)


class Links(HTMLParser):
    """What a page refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name in ("href", "src", "action") and value}


def test_every_link_of_every_page_leads_somewhere(behind):
    """From the start page on, as a browser goes: all within the prefix, nothing missing."""
    waiting, seen = [f"{behind.base}/"], set()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        seen.add(address)
        parts = urlsplit(address)
        reply = behind.public.ask("GET", parts.path + (f"?{parts.query}" if parts.query else ""), HTML)
        if "/language/" in address:  # each page's leads back to it
            assert (reply.status, reply.headers["Location"].count(PREFIX)) == (303, 1), address
            continue
        assert reply.status == 200, address
        if reply.media_type != "text/html":
            continue
        for link in Links(reply.body.decode()).found:
            found = urljoin(address, link).partition("#")[0]
            if urlsplit(found).netloc == parts.netloc:
                assert found.startswith(f"{behind.base}/"), f"{link} on {address}"
                waiting += [found] if found not in {*seen, *waiting} else []
    assert len(seen) > 20


def test_documents_for_programs_name_the_public_address(behind):
    """The API's description, the service's, and the data's: what they name can be asked."""
    api = json.loads(behind.get("/openapi.json").body)
    assert [entry["url"] for entry in api["servers"]] == [behind.base]

    turtle = {"Accept": "text/turtle"}
    service = rdflib.Graph().parse(behind.get("/sparql", turtle).body, format="turtle")
    endpoint = rdflib.URIRef("http://www.w3.org/ns/sparql-service-description#endpoint")
    assert list(map(str, service.objects(predicate=endpoint))) == [f"{behind.base}/sparql"]

    void = behind.get("/.well-known/void", turtle)
    assert f"<{behind.base}/sparql>" in void.body.decode()


def test_the_paging_of_the_catalogue_stays_within(behind):
    """Hydra's links are absolute; a harvester follows them through the proxy."""
    reply = behind.get("/catalog.nt")

    assert reply.status == 200
    pages = re.findall(
        r"<http://www\.w3\.org/ns/hydra/core#(?:first|next|last|previous)> <([^>]+)>", reply.body.decode()
    )
    assert pages
    assert all(page.startswith(f"{behind.base}/catalog.nt") for page in pages)


def test_redirects_stay_within(behind):
    """An address that is answered by another names it under the prefix, and it is there."""
    for path in ("/dumps",):
        reply = behind.get(path)
        assert reply.status in (301, 302, 303, 307, 308)
        target = urljoin(f"{behind.base}{path}", reply.headers["Location"])
        assert target.startswith(f"{behind.base}/")
        assert behind.public.ask("GET", urlsplit(target).path).status == 200


def test_the_prefix_itself_is_the_start_page(behind):
    """With or without a slash at its end."""
    for path in ("", "/"):
        assert behind.get(path, HTML).status == 200


def test_nobody_is_believed_about_the_host(behind):
    """Neither Host nor what proxies add gets into an answer: https://cwe.mitre.org/data/definitions/644.html."""
    lies = {
        "Host": EVIL,
        "X-Forwarded-Host": EVIL,
        "X-Forwarded-Proto": "gopher",
        "Forwarded": f"host={EVIL}",
    }
    for path in ("/", "/queries", "/api", "/sparql", "/openapi.json", "/catalog.ttl", "/dumps", "/nothing"):
        for accept in ("text/html", "*/*"):
            reply = behind.get(path, {**lies, "Accept": accept})
            assert EVIL not in f"{reply.headers}{reply.body.decode()}", path


def test_a_problem_names_the_address_that_was_asked(behind):
    """With the prefix: `instance` is what the client knows."""
    reply = behind.get("/nothing")

    assert reply.status == 404
    assert json.loads(reply.body)["instance"] == f"{PREFIX}/nothing"


def test_limits_are_for_each_client_behind_the_proxy(behind):
    """One that has its fill under way is refused, others are not; what it says of itself changes nothing."""
    heavy = f"/sparql?query={quote(ENDLESS)}"
    small = "/sparql?query=" + quote("ASK { ?s ?p 1 }")
    mine, other = {"X-Test-Client": "198.51.100.7"}, {"X-Test-Client": "198.51.100.8"}
    with ThreadPoolExecutor() as threads:
        under_way = threads.submit(behind.get, heavy, mine)
        wait_for(lambda: json.loads(behind.get("/health").body)["busy"])
        refused = behind.get(small, {**mine, "X-Forwarded-For": "198.51.100.9"})
        answered = behind.get(small, other)
        assert not under_way.done()

    assert (refused.status, answered.status) == (429, 200)
    assert under_way.result().status == 504
    log = behind.server.log.read_text()
    assert re.search(r'^198\.51\.100\.7 - - .*" 429 ', log, re.MULTILINE)
    assert "198.51.100.9" not in log


def test_without_trust_nobody_is_believed(store):
    """Who is not behind a proxy of ours is who connects, whatever the header says."""
    with serving(store) as server:
        server.ask("GET", "/queries", {"X-Forwarded-For": "198.51.100.7"})
        server.process.terminate()
        server.process.wait(30)
        log = server.log.read_text()

    assert re.search(r'^127\.0\.0\.1 - - .*"GET /queries ', log, re.MULTILINE)
    assert "198.51.100.7" not in log
