"""HTML, script and marks that turn the direction of text, IRIs that are scripts, in every field: harmless."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page
from pyoxigraph import QuerySolutions

from harvester.store.generations import Catalogue
from tests.harvest.support import THOROUGH
from tests.once import once
from tests.serve.site import get
from tests.serve.support import Server, serving
from tests.site.planting import MARK, PLANT, SCRIPT, plant

KINDS = """SELECT ?kind (MIN(STR(?thing)) AS ?one) (MAX(STR(?thing)) AS ?other) WHERE {
  ?thing a ?kind FILTER(isIRI(?thing))
} GROUP BY ?kind"""
FIXED = ["/", "/search", "/reuses", "/queries", "/sparql", "/runs", "/api", "/dumps/"]
SEEN = """() => ({
  marks: document.querySelectorAll('#MARK').length,
  links: [...document.querySelectorAll('a, area, form, img, iframe, object, use')].map(
    e => e.href?.baseVal ?? e.href ?? e.src ?? e.action ?? e.data ?? ''),
  scripts: [...document.scripts].filter(s => !s.src && s.type !== 'application/ld+json').length,
  data: [...document.querySelectorAll('script[type="application/ld+json"]')].map(s => s.textContent),
  handlers: [...document.querySelectorAll('*')].filter(
    e => [...e.attributes].some(a => a.name.startsWith('on'))).length,
})""".replace("MARK", MARK)


@pytest.fixture(scope="module")
def store(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "planted", partial(plant, demo_store))


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[Server]:
    with serving(store, "--access-log", "off") as server:
        yield server


@pytest.fixture(scope="module")
def things(store: Path) -> list[str]:
    """One of every class, and one in forty of those that only the plants made; THOROUGH: twice that."""
    with Catalogue(store).require().open() as reader:
        solutions = reader.query(KINDS, use_default_graph_as_union=True)
        assert isinstance(solutions, QuerySolutions)
        rows = [(row["kind"].value, row["one"].value, row["other"].value) for row in solutions]
    one_or_both = 2 if THOROUGH else 1
    ours = {thing for kind, *both in rows if SCRIPT not in kind for thing in both[:one_or_both]}
    others = {thing for kind, *both in rows if SCRIPT in kind for thing in both} - ours
    return sorted(ours) + sorted(others)[:: 40 // one_or_both]


def addresses(server: Server, things: list[str]) -> list[str]:
    """The site's own pages, those of things, searches, and every second query; THOROUGH: every query."""
    named = json.loads(get(server, "/queries.json").body)["queries"]
    queries = [f"/queries/{query['name']}" for query in named[:: 1 if THOROUGH else 2]]
    shown = [f"/resource?iri={quote(thing, safe='')}" for thing in things]
    shown += [f"/statements?iri={quote(thing, safe='')}" for thing in things[::8]]
    return [
        *FIXED,
        f"/search?q={quote(PLANT)}",
        "/search?q=planted&kind=reuse",
        f"/sparql?query={quote('SELECT ?s ?o WHERE { ?s <http://purl.org/dc/terms/title> ?o } LIMIT 30')}",
        f"/sparql?query={quote(PLANT)}",
        *queries,
        *shown,
    ]


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_what_is_planted_in_every_field_is_harmless(server, browser, things):
    """No page runs it, breaks by it, fetches for it, links to it, or complains; most pages show it."""
    showing = 0
    with browser.new_context() as context:
        page = context.new_page()
        heard = listen(page, server)
        for address in addresses(server, things):
            page.goto(server.url + address, wait_until="domcontentloaded")
            seen = page.evaluate(SEEN)
            assert (seen["marks"], seen["scripts"], seen["handlers"]) == (0, 0, 0), address
            unsafe = [link for link in seen["links"] if not re.match(r"(https?:|mailto:|$)", link)]
            assert unsafe == [], address
            for data in seen["data"]:
                json.loads(data)
            assert heard == [], address
            showing += MARK in page.inner_text("main")
    assert showing > 40


def listen(page: Page, server: Server) -> list[str]:
    """Return a list that grows by whatever a page must not do."""
    heard: list[str] = []
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda said: heard.append(said.text) if "olicy" in said.text else None)
    page.on(
        "request",
        lambda request: None if request.url.startswith((server.url, "data:")) else heard.append(request.url),
    )
    return heard


@pytest.mark.parametrize("path", ["/changes.atom", "/sitemap.xml", "/opensearch.xml", "/charts/formats.svg"])
def test_what_is_not_a_page_is_well_formed(server, path):
    """XML stays XML, and links lead to the web."""
    import xml.etree.ElementTree as ET

    reply = get(server, path)
    root = ET.fromstring(reply.body)

    assert reply.status == 200
    assert not [e for e in root.iter() if SCRIPT in "".join(e.attrib.values()) and "href" in e.attrib]
    assert not [e for e in root.iter() if e.tag.endswith("script")]
