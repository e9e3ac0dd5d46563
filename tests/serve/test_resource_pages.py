"""Each record of a portal has a page made for what it is; what stands there is what the store says."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from pyoxigraph import Literal, NamedNode, Store

from harvester.rdf.iris import repair
from harvester.store.generations import Catalogue
from harvester.vocab import DCAT, DCT, DQV, FOAF, HV, PREFIXES, RDF, SCHEMA
from tests.serve.site import Page, get, page
from tests.serve.support import Server

RECORDED = Path(__file__).parents[1] / "data" / "recorded"
REUSES = json.loads((RECORDED / "reuses.json").read_text(encoding="utf-8"))
DATASETS = json.loads((RECORDED / "datasets.json").read_text(encoding="utf-8"))
PORTAL = "http://portal.test/"
MANY_FILES = f"{PORTAL}datasets/6b0a51a82d3d4a16cb859842"
REUSED = f"{PORTAL}datasets/6b0a51a22d3d4a16cb859810"
TOPIC = f"{PORTAL}topics/4d9a5f886d0592d0340d53ca"
SERVICE = f"{PORTAL}dataservices/6b0a51bf2d3d4a16cb8598e1"
PUBLISHER = f"{PORTAL}organizations/6b0a51992d3d4a16cb859775"
REUSE = f"{PORTAL}reuses/6b0a51c62d3d4a16cb8598ee"
KINDS = {
    "dataset": REUSED,
    "many-files": MANY_FILES,
    "reuse": REUSE,
    "service": SERVICE,
    "publisher": PUBLISHER,
    "topic": TOPIC,
}
LARGEST = 150_000
"""Bytes of a page."""


@pytest.fixture(scope="module")
def server(portal: Server) -> Server:
    return portal


@pytest.fixture(scope="module")
def store(demo_store: Path) -> Store:
    return Store.read_only(str(Catalogue(demo_store).require().path / "store"))


def address(iri: str) -> str:
    return f"/resource?iri={quote(iri, safe='')}"


def hrefs(shown: Page) -> dict[str, dict[str, str]]:
    return {link["href"]: link.attributes for link in shown.all("a") if "href" in link.attributes}


def records(shown: Page) -> set[str]:
    """The IRIs whose pages a page leads to, or in whose themes and topics it searches."""
    links = (urlsplit(href) for href in hrefs(shown))
    return {parse_qs(link.query)["iri"][0] for link in links if link.path == "/resource" and link.query}


def objects(store: Store, subject: str, predicate: str) -> list[Any]:
    quads = store.quads_for_pattern(NamedNode(subject), NamedNode(predicate), None, None)
    return list(dict.fromkeys(quad.object for quad in quads))


def text_of(store: Store, subject: str, predicate: str) -> str:
    return objects(store, subject, predicate)[0].value


def subjects(store: Store, class_: str) -> list[str]:
    quads = store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(class_), None)
    return sorted({quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)})


@pytest.mark.parametrize("name", KINDS)
def test_a_page_is_headed_by_what_the_record_is_called(server, store, name):
    """In the window too, with one canonical address, and the ways to its other forms."""
    iri = KINDS[name]
    shown = page(server, address(iri))
    title = text_of(store, iri, FOAF + "name" if name == "publisher" else DCT + "title")

    assert str(shown.one("h1")) == title
    assert str(shown.one("title")).startswith(title)
    assert shown.one("link", rel="canonical")["href"] == f"{server.url}{address(iri)}"
    alternates = {link["type"] for link in shown.all("link", rel="alternate")}
    assert {"text/turtle", "application/ld+json"} <= alternates
    assert f"/statements?iri={quote(iri, safe='')}" in hrefs(shown)
    assert len(shown.reply.body) < LARGEST


@pytest.mark.parametrize("name", KINDS)
def test_every_link_of_ours_leads_somewhere(server, name):
    """Records, queries with their parameters filled in, searches, runs, files."""
    shown = page(server, address(KINDS[name]))
    ours = sorted({href.partition("#")[0] for href in hrefs(shown) if href.startswith("/")})
    sample = [href for href in ours if not href.startswith("/resource?")]
    sample += [href for href in ours if href.startswith("/resource?")][:25]

    failed = {
        href: status for href in sample if (status := get(server, href, "text/html, */*;q=0.5").status) >= 400
    }
    assert failed == {}


@pytest.mark.parametrize("name", KINDS)
def test_nothing_outside_learns_who_sent_the_reader(server, name):
    """And search engines are told not to follow what others wrote."""
    shown = page(server, address(KINDS[name]))
    outside = [link for link in shown.all("a") if re.match("[a-z]+:", link["href"])]

    assert outside or name == "nothing"
    for link in outside:
        assert urlsplit(link["href"]).scheme in ("http", "https", "mailto")
        assert {"nofollow", "noopener", "noreferrer"} <= set(link["rel"].split())


def test_all_reuses_have_what_the_portal_s_own_list_has(server, store):
    """Title, address, picture; the datasets, and of those that the catalogue lacks that it lacks them."""
    datasets = set(subjects(store, DCAT + "Dataset"))
    known = {}
    for each in DATASETS["data"]:
        permalink = f"{PORTAL}datasets/{each['id']}"
        said = (each["harvest"] or {}).get("uri") or permalink
        found = [iri for iri in (said, repair(said), permalink) if iri in datasets]
        known |= {each["id"]: found[0]} if found else {}
    assert len(known) > 240
    public = [each for each in REUSES["data"] if not each["private"] and not each["deleted"]]
    assert len(public) > 50
    for each in public:
        iri = f"{PORTAL}reuses/{each['id']}"
        shown = page(server, address(iri))
        text = " ".join(map(str, shown.all("main")))

        assert str(shown.one("h1")) == " ".join(each["title"].split())
        assert each["url"].split("/")[2] in "".join(hrefs(shown)), each["url"]
        assert not each["image"] or each["image"] in hrefs(shown)
        used = {dataset["id"] for dataset in each["datasets"]}
        assert {known[id_] for id_ in used & known.keys()} <= records(shown)
        lacking = {
            node.value
            for node in objects(store, iri, DCT + "references")
            if not objects(store, node.value, RDF + "type")
        }
        assert lacking <= hrefs(shown).keys()
        assert bool(lacking) == ("Not in this catalogue" in text)


def test_a_dataset_s_page_has_its_files(server, store):
    """Each with the address to get it from, its format, its size as people say it, and when it changed."""
    shown = page(server, address(REUSED))
    files = objects(store, REUSED, DCAT + "distribution")
    links = hrefs(shown)

    assert "12 files" in str(shown.one("h2", id="files"))
    for file in files:
        assert text_of(store, file.value, DCAT + "downloadURL") in links
        assert file.value in records(shown)
    lines = [str(li) for li in shown.all("li")]
    (zipped,) = [line for line in lines if "Notice zip" in line]
    assert "zip" in zipped
    assert "879 MB" in zipped  # 879,011,261 bytes
    assert "Sep 1, 2026" in zipped


def test_a_dataset_s_page_has_who_when_and_what_about(server, store):
    """Publisher, dates, period, keywords that search, themes by their names, reuses."""
    shown = page(server, address(REUSED))
    text = str(shown.one("main"))
    publisher = objects(store, REUSED, DCT + "publisher")[0].value

    assert publisher in records(shown)
    assert text_of(store, publisher, FOAF + "name") in text
    assert "Mar 23, 2010 – Dec 31, 2021" in text
    for keyword in objects(store, REUSED, DCAT + "keyword"):
        assert f"/search?q={keyword.value}" in hrefs(shown)
    assert "Health" in text  # eutheme:HEAL
    assert objects(store, REUSED, DCT + "isReferencedBy")[0].value in records(shown)
    assert f"/queries/dataset-reuses?dataset={quote(REUSED, safe='')}&lang=en" in hrefs(shown)


def test_what_was_inferred_is_told_apart(server, store):
    """By a word beside each such value, which screen readers read too, and one sentence that explains it."""
    shown = page(server, address(REUSED))
    values = [str(dd) for dd in shown.all("dd")]

    for theme in ("Health", "Transport"):
        assert f"{theme} inferred" in values
    assert "continuous" in values  # said by the portal
    assert "public" in values
    assert str(shown.one("p", class_="legend")).startswith("inferred marks what the portal does not say")


def test_quality_is_what_was_measured(server, store):
    """The score, each dimension as a meter, and what is missing with what it would bring."""
    shown = page(server, address(REUSED))
    measured = {
        text_of(store, node.value, DQV + "isMeasurementOf").removeprefix(HV): text_of(
            store, node.value, DQV + "value"
        )
        for node in objects(store, REUSED, DQV + "hasQualityMeasurement")
        if isinstance(node, NamedNode)
    }
    names = ("findability", "accessibility", "interoperability", "reusability", "contextuality")

    assert str(shown.one("strong", class_="score")) == measured["score"]
    meters = shown.all("meter")
    assert [float(meter["value"]) for meter in meters] == [float(measured[name]) for name in names]
    assert [float(meter["max"]) for meter in meters] == [100, 100, 110, 75, 20]
    assert all(meter["aria-label"] for meter in meters)
    lacking = objects(store, REUSED, HV + "lacks")
    text = str(shown.one("ul", class_="missing"))
    assert len(lacking) == 4
    for node in lacking:
        name, advice = (
            next(o.value for o in objects(store, node.value, p) if o.language == "en")
            for p in (PREFIXES["skos"] + "prefLabel", HV + "advice")
        )
        assert f"{name} +{text_of(store, node.value, HV + 'points')} points {advice}" in text


def test_the_history_leads_to_the_run(server, store):
    """When the catalogue met the record first, when it changed, from where it was read."""
    shown = page(server, address(REUSED))
    record = f"urn:x-harvester:record:portal.test:{REUSED}"
    run = text_of(store, record, PREFIXES["prov"] + "wasGeneratedBy").removeprefix("urn:x-harvester:run:")

    assert f"/runs/{run}" in hrefs(shown)
    assert text_of(store, record, DCT + "issued") in {time["datetime"] for time in shown.all("time")}


def test_150_files_fit_on_one_page(server, store):
    """The newest ones are there at once, the rest unfolds; nothing is left out."""
    shown = page(server, address(MANY_FILES))
    files = objects(store, MANY_FILES, DCAT + "distribution")
    newest = max(
        text_of(store, file.value, DCT + "modified")
        for file in files
        if not objects(store, file.value, DCT + "type")
    )

    assert len(files) == 150
    assert "150 files" in str(shown.one("h2", id="files"))
    assert "125 more files" in [str(summary) for summary in shown.all("summary")]
    assert {file.value for file in files} <= records(shown)
    lists = shown.all("ul", class_="files")
    assert [len(re.findall(r"\bi\b", str(each))) for each in lists] == [25, 125]
    assert newest in {time["datetime"] for time in shown.all("time")}
    assert len(shown.reply.body) < LARGEST


def test_a_publisher_s_page_counts_what_it_publishes(server, store):
    """Datasets, their reuses, its own reuses; the newest datasets first."""
    shown = page(server, address(PUBLISHER))
    published = {
        quad.subject.value
        for quad in store.quads_for_pattern(None, NamedNode(DCT + "publisher"), NamedNode(PUBLISHER), None)
    }
    datasets = published & set(subjects(store, DCAT + "Dataset"))
    reuses = published & set(subjects(store, DCAT + "Resource"))
    using = {reuse for each in datasets for reuse in objects(store, each, DCT + "isReferencedBy")}

    totals = str(shown.one("ul", class_="totals"))
    assert f"{len(datasets)} datasets" in totals
    assert f"{len(using)} reuses of its datasets" in totals
    assert f"{len(reuses)} reuses of its own" in totals
    assert datasets | reuses <= records(shown)
    assert f"/search?kind=dataset&publisher={quote(PUBLISHER, safe='')}" in hrefs(shown)
    assert "Association" in str(shown.one("p", class_="by"))
    score = next(
        objects(store, mean.value, DQV + "value")[0].value
        for mean in objects(store, PUBLISHER, DQV + "hasQualityMeasurement")
        if objects(store, mean.value, DQV + "isMeasurementOf") == [NamedNode(HV + "score")]
    )
    assert str(shown.one("strong", class_="score")) == str(round(float(score)))


def test_a_service_s_page_says_where_it_is_and_what_it_serves(server, store):
    """Its base address, its documentation, the datasets."""
    shown = page(server, address(SERVICE))

    assert text_of(store, SERVICE, DCAT + "endpointURL") in hrefs(shown)
    assert text_of(store, SERVICE, SCHEMA + "documentation") in hrefs(shown)
    assert {node.value for node in objects(store, SERVICE, DCAT + "servesDataset")} <= records(shown)


def test_a_topic_s_page_has_what_it_collects(server, store):
    """And its own words of what nobody publishes yet."""
    shown = page(server, address(TOPIC))

    assert {node.value for node in objects(store, TOPIC, DCT + "hasPart")} <= records(shown)
    assert "Un jeu qui manque not in this catalogue" in str(shown.one("main"))


def test_discussions_are_counted(server, store):
    """How many, and when the last word was said."""
    discussed = next(
        quad.subject.value
        for quad in store.quads_for_pattern(None, NamedNode(SCHEMA + "subjectOf"), None, None)
        if (quad.subject.value in subjects(store, DCAT + "Dataset"))
        and quad.object.value in subjects(store, SCHEMA + "Conversation")
    )
    threads = [
        node.value
        for node in objects(store, discussed, SCHEMA + "subjectOf")
        if node.value in subjects(store, SCHEMA + "Conversation")
    ]
    last = max(text_of(store, thread, PREFIXES["sioc"] + "last_activity_date") for thread in threads)
    shown = page(server, address(discussed))

    assert str(shown.one("h2", id="discussions")).startswith(f"{len(threads)} discussion")
    assert last in {time["datetime"] for time in shown.all("time")}


def test_pages_speak_french(server):
    """Words, dates and sizes; the record's own words stay as they are."""
    reply = get(server, address(REUSED), "text/html", Accept_Language="fr")
    shown = Page(reply)

    assert reply.headers["Content-Language"] == "fr"
    assert "Accept-Language" in ", ".join(reply.headers.get_all("Vary"))
    assert "12 fichiers" in str(shown.one("h2", id="files"))
    text = str(shown.one("main"))
    assert "879 Mo" in text
    assert "1 sept. 2026" in text


def test_what_is_no_such_record_has_the_page_of_its_statements(server):
    """A catalogue, a concept, a file: everything has an address."""
    for iri in (
        f"{PORTAL}api/1/site/catalog",
        "http://publications.europa.eu/resource/authority/data-theme/HEAL",
    ):
        shown = page(server, address(iri))

        assert shown.all("dl", class_="statements")
        assert len(shown.reply.body) < LARGEST


def test_a_page_that_the_reader_has_is_not_sent_again(server):
    """Its tag is that of its bytes."""
    first = get(server, address(REUSED), "text/html")
    again = get(server, address(REUSED), "text/html", If_None_Match=first.headers["ETag"])

    assert (again.status, again.body) == (304, b"")


def test_the_portal_s_id_leads_to_the_same_page(server):
    """With the canonical address of its IRI."""
    shown = page(server, f"/resource?iri={REUSED.rsplit('/', 1)[1]}")

    assert shown.one("link", rel="canonical")["href"] == f"{server.url}{address(REUSED)}"


def test_numbers_of_views_are_the_portal_s(server, store):
    """Told as such."""
    counters = objects(store, REUSED, SCHEMA + "interactionStatistic")
    counts = {
        quad.object.value.removeprefix(SCHEMA): next(
            each.object.value
            for each in store.quads_for_pattern(node, NamedNode(SCHEMA + "userInteractionCount"), None, None)
            if isinstance(each.object, Literal)
        )
        for node in counters
        for quad in store.quads_for_pattern(node, NamedNode(SCHEMA + "interactionType"), None, None)
    }

    text = str(page(server, address(REUSED)).one("main"))
    assert f"{int(counts['ViewAction']):,} views" in text
    assert f"{int(counts['DownloadAction']):,} downloads" in text
