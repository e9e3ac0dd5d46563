"""/changes.atom: a valid feed of what changed, in the reader's language, harmless whatever titles say."""

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from harvester.serve.feeds.atom import Entry, Feed, Label, Link, write_atom, xml_text
from tests.serve.atom_rules import ATOM, mistakes
from tests.serve.site import CATALOGUE, EVIL, get, page
from tests.serve.support import Reply, Server, publish, serving

NASTY = r"a\u0001\u0008\u000B\u001F\uFFFE\uFFFF]]>&amp;<!-- \u202Eright to left\u2066"
MANY = 120
_TRIG = r"""
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix hv: <urn:x-harvester:vocabulary#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix run: <urn:x-harvester:run:> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:g:c> {
  <urn:c:evil> dct:title "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>" .
  <urn:c:nasty> dct:title "%s" .
  <http://c.example/é> dct:title "Vélos"@fr, "Bicycles"@en .
}
<urn:x-harvester:records:c.example> {
  <urn:x-harvester:record:c.example:urn:c:evil> hv:kind "dataset" ; hv:change "added" ;
    prov:wasGeneratedBy run:C1 ;
    foaf:primaryTopic <urn:c:evil> ; dct:modified "2026-02-01T02:00:00Z"^^xsd:dateTime .
  <urn:x-harvester:record:c.example:urn:c:nasty> hv:kind "dataset" ; hv:change "added" ;
    prov:wasGeneratedBy run:C1 ;
    foaf:primaryTopic <urn:c:nasty> ; dct:modified "2026-02-01T02:00:00Z"^^xsd:dateTime .
  <urn:x-harvester:record:c.example:javascript:alert(1)> hv:kind "dataset" ; hv:change "added" ;
    prov:wasGeneratedBy run:C1 ;
    foaf:primaryTopic <javascript:alert(1)> ; dct:modified "2026-02-01T02:00:00Z"^^xsd:dateTime .
  <urn:x-harvester:record:c.example:http://c.example/%%C3%%A9> hv:kind "dataset" ; hv:change "added" ;
    prov:wasGeneratedBy run:C1 ; dct:issued "2025-02-01T02:00:00Z"^^xsd:dateTime ;
    foaf:primaryTopic <http://c.example/é> ; dct:modified "2026-02-01T02:00:00Z"^^xsd:dateTime .
}
<urn:x-harvester:runs> {
  run:C1 a prov:Activity ; hv:portal "c.example" ; prov:startedAtTime "2026-02-01T02:00:00Z"^^xsd:dateTime ;
    prov:endedAtTime "2026-02-01T02:01:00Z"^^xsd:dateTime ; hv:outcome "published" .
}
"""


def hostile() -> str:
    return CATALOGUE.read_text(encoding="utf-8") + _TRIG % NASTY


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    store = tmp_path_factory.mktemp("changes") / "store"
    publish(store, hostile())
    with serving(store, "--access-log", "off") as server:
        yield server


def feed(reply: Reply) -> ET.Element:
    """Return a feed that came, and is as RFC 4287 wants it."""
    assert reply.status == 200, reply.body
    assert reply.media_type == "application/atom+xml"
    assert mistakes(reply.body) == []
    return ET.fromstring(reply.body)


def entries(root: ET.Element) -> list[tuple[str, str, str]]:
    """Return (change, kind, the page's path and query) of each entry."""
    found = []
    for entry in root.findall(ATOM + "entry"):
        terms = {
            each.attrib["scheme"].rpartition("#")[2]: each.attrib["term"]
            for each in entry.findall(ATOM + "category")
        }
        found.append((terms["change"], terms["kind"], link(entry, "alternate", "text/html")))
    return found


def link(node: ET.Element, rel: str, type_: str = "") -> str:
    return next(
        (
            each.attrib["href"]
            for each in node.findall(ATOM + "link")
            if each.get("rel") == rel and (not type_ or each.get("type") == type_)
        ),
        "",
    )


def titles(root: ET.Element) -> list[str]:
    return [str(entry.findtext(ATOM + "title")) for entry in root.findall(ATOM + "entry")]


def test_the_feed_tells_what_changed(server):
    """Newest first; each with what happened, of which kind, and a page of ours that answers."""
    root = feed(get(server, "/changes.atom?portal=a.example&language=en"))

    told = entries(root)
    assert [(change, kind) for change, kind, _ in told] == [
        ("removed", "dataset"),
        ("new", "reuse"),
        ("changed", "dataset"),
        ("new", "dataset"),
    ]
    assert titles(root) == [
        "Removed dataset: Ancien jeu",
        "New reuse: Carte",
        "Changed dataset: Vélos en libre-service",
        "New dataset: Arrêts de bus",
    ]
    summaries = [str(entry.findtext(ATOM + "summary")) for entry in root.findall(ATOM + "entry")]
    assert summaries[0].startswith(
        "a.example no longer publishes it: removed on January 31, 2026; known since"
    )
    assert "has changed it" in summaries[2]
    assert "for the first time" in summaries[3]
    for _, _, address in told[1:]:
        assert get(server, address.removeprefix(server.url), "text/html").status == 200
    assert root.findtext(ATOM + "updated") == "2026-01-31T02:05:00Z"


def test_what_is_gone_leads_to_what_is_still_known_of_it(server):
    """Its own page is no more; that of its record says since when."""
    root = feed(get(server, "/changes.atom?portal=a.example"))

    address = link(root.findall(ATOM + "entry")[0], "alternate").removeprefix(server.url)
    assert "Ancien jeu" in get(server, address, "text/html").body.decode()


@pytest.mark.parametrize(
    ("search", "kinds"),
    [("kind=reuse", {"reuse"}), ("kind=dataset", {"dataset"}), ("", {"dataset", "reuse"})],
)
def test_one_kind_can_be_followed(server, search, kinds):
    """Datasets, or new reuses, or both."""
    assert {kind for _, kind, _ in entries(feed(get(server, f"/changes.atom?{search}")))} == kinds


def test_ids_stay(server):
    """The same change has the same id in each of the feeds, in each language; a feed has its own."""
    feeds = [
        feed(get(server, f"/changes.atom?{search}"))
        for search in ("language=en", "language=fr", "portal=a.example&language=en")
    ]
    ids = [{entry.findtext(ATOM + "id") for entry in root.findall(ATOM + "entry")} for root in feeds]

    assert ids[0] == ids[1]
    assert ids[2] < ids[0]
    assert len({root.findtext(ATOM + "id") for root in feeds}) == 3
    assert all(str(each).startswith("urn:x-harvester:change:2026") for each in ids[0])


@pytest.mark.parametrize(("language", "title"), [("fr", "Vélos"), ("en", "Bicycles"), ("de", "Bicycles")])
def test_titles_are_in_the_language_asked_for(server, language, title):
    """Where the portal says one; else in another."""
    root = feed(get(server, f"/changes.atom?portal=c.example&language={language}"))

    assert any(each.endswith(f": {title}") for each in titles(root))


def test_the_reader_s_language_counts_where_the_address_says_none(server):
    """By Accept-Language; and caches are told so."""
    reply = get(server, "/changes.atom", accept_language="fr")

    assert feed(reply).attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "fr"
    assert "Accept-Language" in str(reply.headers.get_all("Vary"))
    assert "language=fr" in link(feed(reply), "self")


def test_hostile_texts_stay_texts(server):
    """Markup is text, what XML cannot hold is replaced, marks of direction stay; no link is a script."""
    root = feed(get(server, "/changes.atom?portal=c.example&language=en"))

    found = titles(root)
    assert f"New dataset: {EVIL}" in found
    assert any(
        "a\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd]]>&amp;<!-- \u202eright to left\u2066" in each
        for each in found
    )
    links = [each.attrib["href"] for each in root.iter(ATOM + "link")]
    assert all(each.startswith(("http://127.0.0.1", "http://c.example/%C3%A9")) for each in links)
    assert any("again" in str(each.text) for each in root.iter(ATOM + "summary"))


def test_nothing_makes_a_feed_ill_formed():
    """Not halves of surrogate pairs either, which a store cannot hold, but a program can."""
    text, when = "x\ud800\udfffy\x00z", datetime(2026, 1, 31, tzinfo=UTC)
    links = [Link("self", "http://a.example/"), Link("alternate", "http://a.example/e", title=text)]
    entry = Entry("urn:e", text, text, when, links, [Label(text, "urn:s", text)])
    made = Feed("urn:f", text, text, text, "http://a.example/", "en", when, links, [entry])

    assert mistakes(write_atom(made)) == []
    assert xml_text("\ud83d\ude00 \U0001f600") == "\ufffd\ufffd \U0001f600"


def test_a_reader_that_has_it_is_told_so(server):
    """304 for its ETag, by GET and HEAD."""
    first = get(server, "/changes.atom?language=en")
    again = get(server, "/changes.atom?language=en", if_none_match=first.headers["ETag"])

    assert (again.status, again.body) == (304, b"")
    assert get(server, "/changes.atom?language=fr", if_none_match=first.headers["ETag"]).status == 200
    head = server.ask("HEAD", "/changes.atom?language=en")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", first.headers["ETag"])


@pytest.mark.parametrize("search", ["kind=agent", "language=..%2Fx", "since=2026", "kind=dataset%00"])
def test_what_cannot_be_meant_is_said(server, search):
    """And how to ask."""
    assert get(server, f"/changes.atom?{search}").status == 400


def test_a_feed_is_bounded(show):
    """At most a hundred entries, the newest; without any change it is empty, and valid."""
    records = "".join(
        f'<urn:r:{n}> hv:kind "dataset" ; hv:change "added" ; prov:wasGeneratedBy run:C1 ; '
        f"foaf:primaryTopic <urn:d:{n}> .\n"
        for n in range(MANY)
    )
    many = _TRIG % NASTY + f"<urn:x-harvester:records:m> {{ {records} }}"

    assert len(entries(feed(get(show(many), "/changes.atom")))) == 100
    none = "<urn:g> { <urn:a> <urn:b> <urn:c> }"
    assert entries(feed(get(show(none), "/changes.atom"))) == []


def test_every_page_leads_to_the_feeds(server):
    """In both languages."""
    head = [each for each in page(server, "/runs").all("link") if each["rel"] == "alternate"]
    feeds = {
        each["hreflang"]: each["href"]
        for each in head
        if each.attributes.get("type") == "application/atom+xml"
    }

    assert set(feeds) == {"en", "fr"}
    for language, address in feeds.items():
        assert f'xml:lang="{language}"' in get(server, address).body.decode()


def test_behind_a_proxy_all_addresses_are_public(tmp_path):
    """With its prefix, whatever host the request names."""
    public = "https://data.example/catalogue"
    publish(tmp_path / "store", hostile())
    with serving(tmp_path / "store", "--public-url", public, "--access-log", "off") as server:
        root = feed(get(server, "/catalogue/changes.atom", host="evil.example"))

    ours = [each.attrib["href"] for each in root.iter(ATOM + "link") if each.get("rel") != "via"]
    assert ours
    assert all(each.startswith(f"{public}/") and "catalogue/catalogue" not in each for each in ours)


def test_after_two_nights_the_feed_says_exactly_what_changed(nights):
    """Against a comparison of the two generations, record by record: nothing is missing, nothing too much."""
    expected = {
        ({"added": "new"}.get(change, change), kind, title)
        for change, kind, title in nights.changed
        if kind == "dataset" or (kind == "reuse" and change == "added")
    }
    root = feed(get(nights.server, "/changes.atom?language=fr"))
    told = set()
    for entry, (change, kind, _) in zip(root.findall(ATOM + "entry"), entries(root), strict=True):
        if link(entry, "related").endswith(nights.report.run_id):
            told.add((change, kind, str(entry.findtext(ATOM + "title")).partition(": ")[2]))

    assert {change for change, _, _ in expected} == {"new", "changed", "removed"}
    assert told == expected
