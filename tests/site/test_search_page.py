"""The search page and the gallery over the demo's catalogue, beside what SPARQL says of the same store."""

import json
import re
from itertools import pairwise
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from tests.serve.site import EVIL, Page, get, get_json, page
from tests.serve.support import Server

KINDS = ("dataset", "reuse", "organization", "dataservice", "all")
PREFIXES = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "


def search(server: Server, *pairs: tuple[str, str]) -> dict:
    return get_json(server, f"/search.json?{urlencode(pairs)}")


def rows(server: Server, query: str) -> list[dict[str, str]]:
    found = get_json(server, f"/sparql?{urlencode({'query': PREFIXES + query})}")["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def behind(shown: Page) -> str:
    """The query that a page says is behind it."""
    link = next(link for link in shown.all("a") if link["href"].startswith("/sparql?query="))
    return parse_qs(urlsplit(link["href"]).query)["query"][0]


def hits(shown: Page) -> list[str]:
    """IRIs of the records that a page lists."""
    titles = {str(heading) for heading in shown.all("h2")}
    links = [link for link in shown.all("a") if link["href"].startswith("/resource?") and str(link) in titles]
    return [parse_qs(urlsplit(link["href"]).query)["iri"][0] for link in links]


def choices(shown: Page) -> list[tuple[str, str]]:
    """Addresses and texts of the facets' values."""
    return [
        (link["href"], str(link)) for link in shown.all("a", rel="nofollow") if re.search(r"\d$", str(link))
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_a_facet_finds_what_the_query_behind_it_finds(demo, kind):
    """The count beside it, the total of the search with it, and the rows of the query in SPARQL are equal."""
    facets = search(demo, ("kind", kind))["facets"]
    checked = 0
    for facet in facets:
        for value in facet["values"][:5]:
            shown = page(demo, f"/search?{urlencode({'kind': kind, facet['name']: value['value']})}")
            found = search(demo, ("kind", kind), (facet["name"], value["value"]))
            records = {row["record"] for row in rows(demo, behind(shown).replace("LIMIT 1000", ""))}
            assert value["count"] == found["total"] == len(records), (facet["name"], value)
            assert {hit["iri"] for hit in found["hits"]} <= records
            checked += 1
    assert checked >= (2 if kind == "organization" else 5) or not facets


def test_facets_together_find_what_the_query_behind_them_finds(demo):
    """One of two formats, and a theme, and reused."""
    facets = {each["name"]: each["values"] for each in search(demo)["facets"]}
    pairs = [("format", each["value"]) for each in facets["format"][:2]]
    pairs += [("theme", facets["theme"][0]["value"]), ("reused", "yes")]
    shown = page(demo, f"/search?{urlencode(pairs)}")

    found = search(demo, *pairs)
    assert (
        0
        < found["total"]
        < search(demo, pairs[0], *pairs[2:])["total"] + search(demo, *pairs[1:])["total"] + 1
    )
    assert found["total"] == len(rows(demo, behind(shown)))


def test_without_words_all_datasets_are_found(demo):
    """As many as the store has, the most reused first."""
    (counted,) = rows(demo, "SELECT (COUNT(DISTINCT ?d) AS ?n) { ?d a dcat:Dataset }")
    shown = page(demo, "/search")

    assert str(shown.one("p", role="status")) == f"{counted['n']} datasets"
    reused = [hit["reuses"] for hit in search(demo)["hits"]]
    assert reused == sorted(reused, reverse=True)
    assert hits(shown) == [hit["iri"] for hit in search(demo)["hits"]]


def test_a_hit_tells_what_the_store_says(demo):
    """Title, publisher, number of reuses and a link to the record, which has a page."""
    hit = search(demo, ("q", "velo"))["hits"][0]
    shown = page(demo, "/search?q=velo")
    item = str(shown.one("ol", class_="hits"))

    (said,) = rows(
        demo,
        f"""PREFIX foaf: <http://xmlns.com/foaf/0.1/>
        SELECT ?title ?name (COUNT(DISTINCT ?reuse) AS ?reuses) {{
          BIND(<{hit["iri"]}> AS ?d) ?d dct:title ?title ; dct:publisher/foaf:name ?name
          OPTIONAL {{ ?d dct:isReferencedBy ?reuse . ?reuse a dcat:Resource }} }} GROUP BY ?title ?name""",
    )
    assert said["title"] in item
    assert said["name"] in item
    assert f"{said['reuses']} reuses" in item
    assert page(demo, f"/resource?{urlencode({'iri': hit['iri']})}")


def test_facets_are_links_that_narrow_and_widen(demo):
    """A value leads to as many as it says; what is chosen is shown, and can be taken away one by one."""
    shown = page(demo, "/search?q=velo")
    address, text = next(each for each in choices(shown) if "format=" in each[0])
    narrowed = page(demo, address)

    assert str(narrowed.one("p", role="status")).split()[0] == text.split()[-1]
    chips = narrowed.one("ul", class_="chosen")
    assert str(chips).startswith("Format: ")
    assert [link for link in narrowed.all("a", aria_current="true") if "chosen" in str(link)]
    away = next(link["href"] for link in narrowed.all("a", rel="nofollow") if "take it away" in str(link))
    assert away == "/search?q=velo"


def test_tabs_tell_how_many_there_are_of_each_kind(demo):
    """Each tab finds what it says."""
    shown = page(demo, "/search?q=velo")
    tabs = {
        link["href"]: str(link) for link in shown.all("a") if re.fullmatch(r"[A-Z][a-z ]+ \d+", str(link))
    }
    tabs = {
        address: text for address, text in tabs.items() if "theme=" not in address and "sort=" not in address
    }

    for address in ("/search?q=velo", "/search?q=velo&kind=reuse", "/search?q=velo&kind=all"):
        number = tabs[address].split()[-1]
        assert str(page(demo, address).one("p", role="status")).split()[0] == number
        assert int(number) > 0


def test_pages_are_turned(demo):
    """All hits of all pages, each once; links to the neighbours for people and programs."""
    seen: list[str] = []
    address = "/search?kind=dataset&sort=title"
    while address:
        shown = page(demo, address)
        seen += hits(shown)
        following = shown.all("a", rel="next")
        assert [link["href"] for link in shown.all("link", rel="next")] == [
            each["href"] for each in following
        ]
        address = following[0]["href"] if following else ""
    datasets = {row["d"] for row in rows(demo, "SELECT DISTINCT ?d { ?d a dcat:Dataset }")}
    assert len(seen) == len(set(seen))
    assert set(seen) == datasets
    assert "There are no more pages" in str(page(demo, "/search?page=99").one("main"))


def test_json_leads_from_page_to_page(demo):
    """By Link headers, with the language that was asked for."""
    reply = get(demo, "/search.json?sort=title&language=fr")
    links = dict(re.findall(r'<([^>]+)>; rel="(\w+)"', reply.headers["Link"]))
    following = next(address for address, relation in links.items() if relation == "next")

    assert reply.media_type == "application/json"
    assert following == f"{demo.url}/search.json?sort=title&page=2&language=fr"
    titles = [hit["title"] for hit in get_json(demo, following.removeprefix(demo.url))["hits"]]
    assert titles
    assert not set(titles) & {hit["title"] for hit in json.loads(reply.body)["hits"]}


def test_orders(demo):
    """Newest first, most reused first; the one in force is marked."""
    newest = [hit["modified"] for hit in search(demo, ("sort", "newest"))["hits"]]
    shown = page(demo, "/search?q=velo&sort=newest")

    assert newest == sorted(newest, reverse=True)
    marked = [str(link) for link in shown.all("a", aria_current="true")]
    assert "Newest" in marked
    assert "Best match" not in marked


def test_a_wrong_spelling_is_put_right(demo):
    """A link to the search for what was meant, which finds something."""
    shown = page(demo, "/search?q=hydrometire")

    found = search(demo, ("q", "hydrometire"))
    assert found["suggestion"]
    link = next(link for link in shown.all("a") if str(link) == found["suggestion"])
    assert "Did you mean" in str(shown.one("main"))
    assert hits(page(demo, link["href"]))


def test_where_nothing_is_found_there_are_ways_on(demo):
    """The same without filters, other kinds, the query."""
    shown = page(demo, f"/search?{urlencode({'q': 'velo', 'format': 'no-such-format'})}")

    assert str(shown.one("p", role="status")).startswith("0 datasets")
    assert "Nothing fits all of this" in str(shown.one("main"))
    empty = next(link["href"] for link in shown.all("a") if "without filters" in str(link))
    assert hits(page(demo, empty))
    other = page(demo, "/search?q=velo&kind=organization&type=x")
    assert [link for link in other.all("a") if link["href"] == "/search?q=velo"]


@pytest.mark.parametrize(
    "query",
    [
        urlencode({"q": "x" * 301}),
        urlencode({"kind": EVIL}),
        urlencode({"sort": EVIL}),
        "page=0",
        "page=1e3",
        "page=501",
        "&".join(f"format={number}" for number in range(31)),
    ],
    ids=["long", "kind", "sort", "zero", "power", "deep", "many"],
)
def test_what_cannot_be_meant_is_told(demo, query):
    """400 as a page and as a problem, for the search, the gallery and the JSON alike."""
    for path in ("/search", "/reuses", "/search.json"):
        if path == "/reuses" and query.startswith("kind"):
            continue  # it is about reuses whatever the address says
        assert get(demo, f"{path}?{query}", "text/html").status == 400
        reply = get(demo, f"{path}?{query}", "application/json")
        assert (reply.status, reply.media_type) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "text",
    [
        *(EVIL, "\0", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), '"', '"""', "AND OR NOT"),
        *("a:b^~*", "(" * 299, "\u202eolév", "\N{ZERO WIDTH JOINER}", "🚲" * 100, "%", "\\", "' OR 1=1 --"),
    ],
    ids=[f"text {number}" for number in range(14)],
)
def test_whatever_is_typed_is_searched_for(demo, text):
    """An answer, the text as it was typed, and a query behind it that can be asked."""
    shown = page(demo, f"/search?q={quote(text)}")

    assert shown.one("input", id="q")["value"] == text.strip()
    assert get(demo, f"/sparql?{urlencode({'query': behind(shown)})}", "application/json").status == 200
    assert page(demo, f"/reuses?q={quote(text)}")


def test_a_stranger_value_is_harmless(demo):
    """Of a facet, in the query as well."""
    values = [
        ("theme", EVIL),
        ("publisher", "http://x.example/> } DROP ALL #"),
        ("format", '"} #\\'),
        ("type", "javascript:x"),
    ]
    for kind in ("dataset", "reuse"):
        shown = page(demo, f"/search?{urlencode([('kind', kind), *values])}")
        assert not [link for link in shown.all("a") if not link["href"].startswith(("/", "#"))]
        assert rows(demo, behind(shown)) == []


def test_the_gallery_shows_reuses_as_cards(demo):
    """All that the store has, the newest first, each with its type; a type narrows."""
    shown = page(demo, "/reuses")
    (counted,) = rows(demo, "SELECT (COUNT(DISTINCT ?r) AS ?n) { ?r a dcat:Resource }")

    assert str(shown.one("p", role="status")) == f"{counted['n']} reuses"
    assert len(hits(shown)) == min(24, int(counted["n"]))
    kinds = {str(each) for each in shown.all("p", class_="type application")}
    assert kinds == {"Application"}
    type_ = next(
        address for address, text in choices(shown) if "type=" in address and text.startswith("Application")
    )
    narrowed = page(demo, type_)
    assert {str(each) for each in narrowed.all("p", class_="type application")} == {"Application"}
    assert not narrowed.all("p", class_="type idea")
    assert type_.startswith("/reuses?")


def test_pictures_are_links(demo):
    """Nothing is loaded from elsewhere."""
    shown = page(demo, "/reuses")

    assert shown.all("img") == []
    pictures = [link for link in shown.all("a") if str(link) == "Picture"]
    assert pictures
    assert all(link["rel"] == "nofollow noopener noreferrer" for link in pictures)


@pytest.mark.parametrize("path", ["/", "/search", "/search?q=velo&kind=all", "/reuses"])
def test_pages_are_light(demo, path):
    """Less than 150 kB with style and pictures, not compressed."""
    shown = page(demo, path)
    parts = {
        element.attributes[name]
        for element in shown.elements
        for tag, name in (("img", "src"), ("link", "href"))
        if element.tag == tag and element.attributes.get("rel", "stylesheet") in ("stylesheet", "icon")
    }

    weight = len(shown.reply.body) + sum(len(get(demo, part).body) for part in parts)
    assert len(parts) >= 3
    assert weight < 150_000, weight


def test_words_are_french_for_the_french(demo):
    """Tabs, facets, numbers; titles say their language only where it is another."""
    french = Page(get(demo, "/search?q=velo", "text/html", Accept_Language="fr"))

    text = str(french.one("main"))
    assert "jeux de données" in text
    assert "Producteur" in text
    assert french.all("bdi", lang="fr") == []
    assert all(after["href"] != before["href"] for before, after in pairwise(french.all("a")[:3]))
