"""Every record has an address, in each format that Accept or a suffix asks for; what is gone is said so."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from pyoxigraph import Dataset, Literal, NamedNode, Quad, RdfFormat, Store, parse

from tests.export.stores import canonical
from tests.serve.site import EVIL, Page, page
from tests.serve.support import publish, serving

FORMATS = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "xml": "application/rdf+xml",
}
D1, ORGANIZATION, CONCEPT = "http://a.example/d1", "http://a.example/é/o", "http://a.example/topics#health"
RECORD, RUN = "urn:x-harvester:record:a.example:http://a.example/d1", "urn:x-harvester:run:R1"
PREFIXES = """
    @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
    @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix prov: <http://www.w3.org/ns/prov#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix spdx: <http://spdx.org/rdf/terms#> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
    @prefix hv: <urn:x-harvester:vocabulary#> .
    @prefix : <http://a.example/> . @prefix record: <urn:x-harvester:record:a.example:http://a.example/> .
    @prefix inferred: <urn:x-harvester:inferred:a.example:http://a.example/> .
    @prefix run: <urn:x-harvester:run:> .
"""
ABOUT_D1 = f"""
    record:d1 {{
      :catalog dcat:dataset :d1 .
      :d1 a dcat:Dataset ; dct:title "Arrêts de bus"@fr ; dct:identifier "53699569a3a729239d2046eb" ;
        dct:publisher <{ORGANIZATION}> ; dcat:contactPoint :k ; dcat:distribution :d1f ;
        dct:temporal [ dcat:startDate 2020 ] ;
        foaf:page <javascript:alert(1)>, <data:text/html,x>, <https://b.example/?a=1&b=2> .
      :d1f a dcat:Distribution ; dct:title "fichier" .
    }}
    inferred:d1 {{ :d1 dcat:theme <{CONCEPT}> }}
    record:r1 {{ :d1 dct:isReferencedBy :r1 }}
    <urn:x-harvester:record:a.example:http://a.example/%C3%A9/o> {{ <{ORGANIZATION}> foaf:name "Ville" }}
    record:k {{ :k vcard:hasEmail <mailto:a@b.example> }}
"""
ABOUT_RECORD = f"""
    <urn:x-harvester:records:a.example> {{
      <{RECORD}> a dcat:CatalogRecord ; foaf:primaryTopic :d1 ;
        dct:source <http://a.example/catalog.ttl?page=1> ; dct:identifier "53699569a3a729239d2046eb" ;
        spdx:checksum <{RECORD}#checksum> .
      <{RECORD}#checksum> spdx:checksumValue "0f" .
    }}
"""
ABOUT_RUN = """
    <urn:x-harvester:runs> { run:R1 a prov:Activity ; hv:problem <urn:x-harvester:run:R1#p1> .
      <urn:x-harvester:run:R1#p1> dct:title "a problem" }
"""
LONG_TITLE = "long title " * 20
PARTS = [f":part-{n:040}" for n in range(1_000)]
OTHERS = f"""
    record:r1 {{ :r1 dct:title "Appli" ; dct:references :d1, :gone . :gone dct:isReferencedBy :r1 }}
    record:topics {{ :topics dct:title "topics" . <{CONCEPT}> dct:title "Santé" }}
    record:evil {{ :evil dct:title {Literal(EVIL)} ; dct:description "{"x" * 50_000}" }}
    record:named {{ :named dct:hasPart {", ".join(PARTS)} }}
    record:parts {{ {" ".join(f'{part} dct:title "{LONG_TITLE}" .' for part in PARTS)} }}
    record:many {{ :many a dcat:Dataset ; dcat:keyword {", ".join(f'"{n}"' for n in range(5_000))} }}
    record:old {{ :old a dcat:Dataset ; dct:title "Old" }}
    <urn:x-harvester:runs> {{
      run:N1 prov:startedAtTime "2026-01-01T01:00:00Z"^^xsd:dateTime .
      run:N2 prov:startedAtTime "2026-02-02T02:00:00Z"^^xsd:dateTime .
      run:N3 prov:startedAtTime "2026-03-03T03:00:00Z"^^xsd:dateTime .
    }}
    <urn:x-harvester:records:a.example> {{
      record:old a dcat:CatalogRecord ; foaf:primaryTopic :old ; prov:wasGeneratedBy run:R4 ;
        dct:issued "2026-01-01T01:00:00Z"^^xsd:dateTime ; hv:touchedEarlierBy run:N0, run:N1, run:N2, run:N3 .
      record:gone a dcat:CatalogRecord ; foaf:primaryTopic :gone ; dct:identifier "aaaaaaaaaaaaaaaaaaaaaaaa" ;
        prov:invalidatedAtTime "2026-01-31T02:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> ;
        prov:wasInvalidatedBy run:R1 .
    }}
"""


def statements(iri: str) -> str:
    return f"/statements?iri={quote(iri, safe='')}"


def triples(trig: str) -> Dataset:
    return canonical({Quad(*quad.triple) for quad in parse(PREFIXES + trig, RdfFormat.TRIG)})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    store = tmp_path_factory.mktemp("records") / "store"
    publish(store, PREFIXES + ABOUT_D1 + ABOUT_RECORD + ABOUT_RUN + OTHERS)
    with serving(store, "--access-log", "off") as running:
        yield running


def address(iri: str, suffix: str = "") -> str:
    return f"/resource{suffix}?iri={quote(iri, safe='')}"


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("how", ["suffix", "accept"])
def test_a_dataset_is_described_with_all_that_is_said_about_it(server, name, how):
    """What the portal said and what was inferred, its publisher, its contact, and the record of it."""
    path = address(D1, f".{name}" if how == "suffix" else "")
    reply = server.ask("GET", path, {"Accept": "*/*" if how == "suffix" else FORMATS[name]})

    assert (reply.status, reply.media_type) == (200, FORMATS[name])
    found = canonical(parse(reply.body, RdfFormat.from_media_type(FORMATS[name])))
    assert found == triples(ABOUT_D1 + ABOUT_RECORD)


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("53699569a3a729239d2046eb", ABOUT_D1 + ABOUT_RECORD),
        (RECORD, ABOUT_RECORD),
        (RUN, ABOUT_RUN),
        ("http://a.example/d1f", 'record:d1 { :d1f a dcat:Distribution ; dct:title "fichier" }'),
        (CONCEPT, f'record:topics {{ <{CONCEPT}> dct:title "Santé" }}'),
        (ORGANIZATION, f'record:o {{ <{ORGANIZATION}> foaf:name "Ville" }}'),
    ],
    ids=["portal's id", "record", "run", "distribution", "concept", "not ASCII"],
)
def test_other_names_lead_to_what_they_name(server, iri, expected):
    """The portal's id, our own IRIs, and things that stand in another record."""
    reply = server.ask("GET", address(iri, ".nt"))

    assert reply.status == 200
    assert canonical(parse(reply.body, RdfFormat.N_TRIPLES)) == triples(expected)


def test_links_lead_to_the_other_formats(server):
    """And to what is described: https://www.rfc-editor.org/rfc/rfc8288 ; in ASCII, whatever the IRI."""
    for suffix in (".ttl", ".html"):
        links = server.ask("GET", address(ORGANIZATION, suffix)).headers["Link"].split(", ")

        assert '<http://a.example/%C3%A9/o>; rel="describes"' in links
        assert f'<{server.url}{address(ORGANIZATION)}>; rel="canonical"' in links
        for name, media_type in FORMATS.items():
            alternate = (
                f'<{server.url}{address(ORGANIZATION, f".{name}")}>; rel="alternate"; type="{media_type}"'
            )
            assert alternate in links


def test_what_is_unknown_is_404_with_what_is_nearest(server):
    """A slip of the pen is answered with what was meant."""
    reply = server.ask("GET", address("http://a.example/d11"))

    assert reply.status == 404
    assert D1 in reply.body.decode()


@pytest.mark.parametrize("name", ["http://a.example/gone", "aaaaaaaaaaaaaaaaaaaaaaaa"])
def test_what_is_gone_is_410_with_when_and_who_found_out(server, name):
    """Though a reuse still refers to it."""
    reply = server.ask("GET", address(name))
    text = reply.body.decode()

    assert reply.status == 410
    assert "2026-01-31T02:00:00Z" in text
    assert RUN in text


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/resource", "*/*", 400),
        ("/resource?iri=", "*/*", 400),
        (address("a\x00b"), "*/*", 404),
        (address("not an iri <>"), "*/*", 404),
        (address(D1, ".zzz"), "*/*", 404),
        (address(D1), "image/png", 406),
    ],
)
def test_a_wrong_request_is_explained(server, path, accept, status):
    """Never as a failure of the server."""
    reply = server.ask("GET", path, {"Accept": accept})

    assert (reply.status, reply.media_type) == (status, "application/problem+json")


def test_what_the_client_has_is_not_sent_again(server):
    """In one generation a description does not change."""
    first = server.ask("GET", address(D1, ".ttl"))
    again = server.ask("GET", address(D1, ".ttl"), {"If-None-Match": first.headers["ETag"]})
    head = server.ask("HEAD", address(D1, ".ttl"))

    assert (again.status, again.body) == (304, b"")
    assert (head.status, head.body) == (200, b"")


def targets(shown: Page) -> dict[str, dict[str, str]]:
    """The attributes of each link in the page's main part, by address."""
    return {link["href"]: link.attributes for link in shown.all("a") if link["href"]}


def test_a_browser_gets_every_statement(server):
    """With the title, which of them were inferred, and the way to the page that is made for datasets."""
    shown = page(server, statements(D1))
    lines = [str(dd) for dd in shown.all("dd")]

    assert str(shown.one("h1")) == "Arrêts de bus"
    assert {str(dt) for dt in shown.all("dt")} >= {"dcat:theme", "dct:isReferencedBy", "dcat:startDate"}
    assert [str(dd) for dd in shown.all("dd", class_="inferred")] == [
        "Santé a.example/topics#health inferred"
    ]
    assert "Ville" in lines
    assert address(D1) in {link["href"] for link in shown.all("a")}
    assert "2020" in lines


def test_what_the_catalogue_knows_links_to_its_page_and_the_rest_to_itself(server):
    """Never to a script, and never with a word to the other side about who sent the reader."""
    links = targets(page(server, statements(D1)))

    for iri in (ORGANIZATION, CONCEPT, "http://a.example/d1f", "http://a.example/r1", RECORD):
        assert address(iri).replace("%3A", ":") in {href.replace("%3A", ":") for href in links}
    for iri in ("https://b.example/?a=1&b=2", "mailto:a@b.example", "http://www.w3.org/ns/dcat#Dataset"):
        assert set(links[iri]["rel"].split()) == {"nofollow", "noopener", "noreferrer"}
    assert not [href for href in links if urlsplit(href).scheme not in ("", "http", "https", "mailto")]


def test_a_page_offers_the_other_formats_and_the_origin(server):
    """For programs, and for who wants to see what the portal said."""
    shown = page(server, statements(D1))

    offered = {link["type"]: link["href"] for link in shown.all("a") if "type" in link.attributes}
    assert set(offered) == set(FORMATS.values())
    for href in offered.values():
        assert parse_qs(urlsplit(href).query)["iri"] == [D1]
        assert server.ask("GET", href).status == 200
    assert "http://a.example/catalog.ttl?page=1" in targets(shown)


def test_hostile_texts_stay_texts(server):
    """Nothing in a record becomes markup; a very long text is cut."""
    shown = page(server, statements("http://a.example/evil"))

    assert str(shown.one("h1")) == " ".join(EVIL.split())
    assert not [e for e in shown.elements if e.tag in ("script", "img")]
    assert len(shown.reply.body) < 20_000


def test_a_page_has_a_bound_and_says_so(server):
    """Thousands of statements are for programs."""
    shown = page(server, statements("http://a.example/many"))

    assert len(shown.all("dd")) == 500
    assert len(shown.reply.body) < 150_000
    assert "Turtle" in str(shown.one("p", class_="note"))
    turtle = server.ask("GET", address("http://a.example/many", ".ttl"))
    assert len(list(parse(turtle.body, RdfFormat.TURTLE))) == 5_001


def test_a_page_of_things_with_long_names_is_bounded_too(server):
    """Their names are shown cut, and as many as there is room for."""
    shown = page(server, statements("http://a.example/named"))

    assert 100 < len(shown.all("dd")) < 500
    assert 75_000 < len(shown.reply.body) < 150_000
    assert "Turtle" in str(shown.one("p", class_="note"))


def test_a_record_s_page_has_the_dates_on_which_it_changed(server):
    """Each leads to the run that found the change, the last one first; not those of forgotten runs."""
    shown = page(server, address("http://a.example/old"))

    runs = [link["href"] for link in shown.all("a") if link["href"].startswith("/runs/")]
    dates = [time["datetime"] for time in shown.all("time")]
    assert runs == ["/runs/N3", "/runs/N2"]
    assert dates == ["2026-01-01T01:00:00Z", "2026-03-03T03:00:00Z", "2026-02-02T02:00:00Z"]


def test_what_has_a_name_is_called_by_it(server):
    """And its IRI stands beside it: these are the statements as they are said."""
    links = {
        link["href"]: link for link in page(server, statements(D1)).all("a") if "href" in link.attributes
    }

    for iri, name in ((ORGANIZATION, "Ville"), (CONCEPT, "Santé"), ("http://a.example/d1f", "fichier")):
        (link,) = [
            link
            for href, link in links.items()
            if href.replace("%3A", ":") == address(iri).replace("%3A", ":")
        ]
        assert str(link) == name
        assert link["title"] == iri


def test_every_iri_that_anything_is_said_of_has_an_address(server):
    """Resources, their parts, records and runs alike; but for what is gone."""
    store = Store()
    store.load((PREFIXES + ABOUT_D1 + ABOUT_RECORD + ABOUT_RUN + OTHERS).encode(), RdfFormat.TRIG)
    subjects = {quad.subject for quad in store if isinstance(quad.subject, NamedNode)}

    for subject in subjects - {NamedNode("http://a.example/gone")}:
        reply = server.ask("GET", address(subject.value, ".nt"))
        found = {quad.predicate for quad in parse(reply.body, RdfFormat.N_TRIPLES) if quad.subject == subject}
        assert found == {quad.predicate for quad in store.quads_for_pattern(subject, None, None, None)}
