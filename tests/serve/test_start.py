"""The start page: what is here, how fresh, what is used; and what to do where something is missing."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from tests.serve.site import CATALOGUE, Page, add_index, get, get_json, page
from tests.serve.support import Server, publish, serving, started
from tests.waiting import awaited, wait_for

HEAVY = "SELECT ?format (COUNT(*) AS ?distributions) { " + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(30))
NOW = datetime.now(UTC).replace(microsecond=0)
DATASETS = """
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX hv: <urn:x-harvester:vocabulary#> PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
<urn:x-harvester:record:a.example:d> { <http://a.example/d> a dcat:Dataset ; dct:title "Arbres" . }
<urn:x-harvester:runs> {
  <urn:x-harvester:run:1> a prov:Activity ; hv:portal "a.example" ; hv:outcome "published" ;
  prov:startedAtTime "BEGUN"^^xsd:dateTime ; prov:endedAtTime "ENDED"^^xsd:dateTime . }
"""


def datasets_only(ago: timedelta) -> str:
    """A catalogue of one dataset, harvested some time ago."""
    ended = NOW - ago
    return DATASETS.replace("BEGUN", f"{ended - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}").replace(
        "ENDED", f"{ended:%Y-%m-%dT%H:%M:%SZ}"
    )


def whole(server: Server, path: str = "/") -> Page:
    """The start page when all is counted."""
    return awaited(
        lambda: page(server, path), lambda shown: "still being counted" not in str(shown.one("main"))
    )


def count(server: Server, pattern: str, counted: str = "?x") -> int:
    """How many things the store has, by a query of the test's own."""
    prefixes = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "
    prefixes += "PREFIX foaf: <http://xmlns.com/foaf/0.1/> "
    query = f"{prefixes} SELECT (COUNT(DISTINCT {counted}) AS ?n) {{ {pattern} }}"
    rows = get_json(server, f"/sparql?{urlencode({'query': query})}")
    return int(rows["results"]["bindings"][0]["n"]["value"])


@pytest.fixture(scope="module")
def server(shared_site):
    return shared_site


def test_totals_are_those_of_the_store_and_lead_to_their_queries(server):
    """Each number is what SPARQL counts; its link answers with a table."""
    shown = whole(server)
    links = {str(link): link["href"] for link in shown.all("a")}

    wanted = {
        "datasets": count(server, "?x a dcat:Dataset"),
        "reuses": count(server, "?x a dcat:Resource"),
        "datasets reused": count(server, "?x a dcat:Dataset ; dct:isReferencedBy ?r"),
        "organizations": count(server, "?x a foaf:Organization FILTER(isIRI(?x))"),
        "distributions": count(server, "?x a dcat:Distribution"),
    }
    for what, number in wanted.items():
        assert number > 1
        address = links[f"{number} {what}"]
        assert address.startswith("/queries/")
        assert page(server, address).all("table")


def test_it_names_the_portals_and_how_old_their_data_are(server):
    """Both of them; what is months old is called out of date, with the command that mends it."""
    shown = whole(server)

    fresh = str(shown.one("ul", class_="freshness"))
    lead = str(shown.one("p", class_="lead"))
    assert all(name in lead and name in fresh for name in ("a.example", "b.example"))
    assert re.search(r"a\.example harvested \d[\d,]* days ago \(Jan 31, 2026\)", fresh)
    assert "out of date" in fresh
    assert "harvester harvest" in fresh


@pytest.mark.parametrize(
    ("ago", "words", "stale"),
    [
        (timedelta(minutes=10), "less than an hour ago", False),
        (timedelta(hours=5, minutes=1), "5 hours ago", False),
        (timedelta(days=1, hours=1), "1 day ago", False),
        (timedelta(days=20), "20 days ago", True),
    ],
    ids=["now", "hours", "a day", "weeks"],
)
def test_it_tells_the_age_in_words(show, ago, words, stale):
    """From minutes to weeks; only after a week it asks for a harvest."""
    fresh = str(whole(show(datasets_only(ago))).one("ul", class_="freshness"))

    assert words in fresh
    assert ("out of date" in fresh) is stale


def test_charts_show_what_their_queries_answer(server):
    """Each figure has its picture, the table behind it, and links to the query and to the data."""
    shown = whole(server)

    figures = shown.all("figure")
    pictures = [image["src"] for image in shown.all("img")]
    assert len(figures) == len(pictures) >= 4
    for address in pictures:
        assert get(server, address).media_type == "image/svg+xml"
    document = get_json(server, "/queries/formats")
    names, rows = document["head"]["vars"], document["results"]["bindings"]
    cells = [str(cell) for cell in shown.all("td")]
    wanted = [row[name]["value"] for row in rows for name in names]
    assert wanted
    at = next(at for at in range(len(cells)) if cells[at : at + 2] == wanted[:2])
    assert cells[at : at + len(wanted)] == wanted
    hrefs = {link.attributes.get("href") for link in shown.all("a")}
    assert {"/queries/formats", "/queries/formats.csv"} <= hrefs


def test_lists_are_those_of_their_queries(server):
    """The same records in the same order, each with its page."""
    shown = whole(server)

    for name, column in (
        ("latest-reuses", "reuse"),
        ("most-reused-datasets", "dataset"),
        ("newest-datasets", "dataset"),
    ):
        rows = get_json(server, f"/queries/{name}?limit=6")["results"]["bindings"]
        wanted = [f"/resource?{urlencode({'iri': row[column]['value']})}" for row in rows]
        hrefs = [link.attributes.get("href", "") for link in shown.all("a")]
        behind = hrefs.index(f"/queries/{name}?limit=6")
        assert hrefs[behind + 1 : behind + 1 + len(wanted)] == wanted
        assert wanted
        assert page(server, wanted[0])


def test_it_searches(server):
    """The form leads to the search with what was typed."""
    shown = whole(server)

    assert shown.one("form", role="search")["action"] == "/search"
    assert shown.one("input", type="search")["name"] == "q"
    assert {"/search", "/search?kind=reuse"} <= {link["href"] for link in shown.all("a")}


def test_it_speaks_french(server):
    """Labels, numbers, ages and lists; the same numbers."""
    whole(server)
    reply = get(server, "/", "text/html", Accept_Language="fr")
    french = Page(reply)

    assert french.one("html", lang="fr")
    assert "5 réutilisations" in {str(link) for link in french.all("a")}
    assert "jeux de données" in str(french.one("ul", class_="totals"))


def test_an_empty_store_says_what_to_do(tmp_path):
    """503, as there is nothing to serve, and the commands that change it; then the page is there at once."""
    with started(tmp_path) as server:
        shown = page(server, "/", 503)
        said = str(shown.one("main"))
        assert "harvester harvest https://" in said
        assert "harvester demo" in said
        assert page(server, "/search", 503)

        add_index(publish(tmp_path, CATALOGUE.read_text(encoding="utf-8")))
        wait_for(lambda: get(server, "/", "text/html").status == 200)
        assert "a.example" in str(whole(server).one("main"))


def test_without_reuses_it_says_how_to_get_them(show):
    """A portal that was read as a catalogue only: the command names it."""
    said = str(whole(show(datasets_only(timedelta(hours=1)))).one("main"))

    assert "no reuse in the catalogue" in said
    assert "harvester harvest https://a.example" in said
    assert "1 dataset" in said


def test_without_an_index_titles_can_be_searched(show):
    """As in a catalogue of an older version: the form asks the query, and the search says what to do."""
    server = show(CATALOGUE.read_text(encoding="utf-8"))
    shown = whole(server)
    assert shown.one("form", role="search")["action"] == "/queries/search-titles"
    assert shown.one("input", type="search")["name"] == "text"
    assert "harvester harvest --full" in str(shown.one("main"))
    for path in ("/search?q=velo", "/reuses?q=velo"):
        shown = page(server, path, 503)
        assert "no search index" in str(shown.one("main"))
        assert shown.one("input", name="text")["value"] == "velo"
    problem = get(server, "/search.json?q=velo")
    assert problem.status == 503
    assert json.loads(problem.body)["type"].endswith(":no-search-index")


def test_a_catalogue_without_datasets_says_so(show):
    """A run that brought nothing."""
    said = str(whole(show("<urn:g> { <urn:a> <urn:b> <urn:c> }")).one("main"))

    assert "There is no dataset in the catalogue" in said
    assert "harvester history" in said


def test_no_reader_waits_for_a_heavy_query(tmp_path):
    """The page is there within moments, says what is missing, and links the query; other parts are whole."""
    queries = tmp_path / "queries"
    queries.mkdir()
    header = "#+ summary: Formats in use\n#+ chart: {type: bar, x: format, y: distributions}\n"
    (queries / "formats.rq").write_text(f"{header}{HEAVY} }} GROUP BY ?format")
    publish(tmp_path / "store", CATALOGUE.read_text(encoding="utf-8"))
    with serving(tmp_path / "store", "--queries", str(queries), "--timeout", "120") as server:
        shown = awaited(lambda: page(server, "/"), lambda shown: "5 reuses" in str(shown.one("main")))

    assert "still being counted" in str(shown.one("main"))
    assert "/queries/formats" in {link["href"] for link in shown.all("a")}


def test_a_new_edition_has_new_numbers(show):
    """What is published shows without a restart."""
    server = show(datasets_only(timedelta(hours=1)))
    assert "1 dataset" in {str(link) for link in whole(server).all("a")}
    show(CATALOGUE.read_text(encoding="utf-8"))
    assert "5 reuses" in {str(link) for link in whole(server).all("a")}
