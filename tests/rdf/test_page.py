"""Documents of all kinds become pages, or an error that says what is wrong."""

import json
import time

import pytest

from harvester.config import RdfLimits
from harvester.errors import DocumentError
from harvester.formats import BY_NAME, FORMATS
from harvester.model import Category, Document
from harvester.rdf.context import inline_context, parse_context
from harvester.rdf.page import Reading, read_page

URL = "http://data.example/api/1/site/catalog.ttl?page=1"
DATASET = (
    b"<http://data.example/d> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> 'T' ."
)


def document(body: bytes, media_type: str = "text/turtle") -> Document:
    return Document(URL, URL, 200, media_type, body)


def reading(name: str = "ttl", **changes) -> Reading:
    return Reading("data.example", BY_NAME[name], **changes)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_every_format_of_the_table_is_known_to_the_library(format_):
    """The registered media type names the format for the parser; names and suffixes are unambiguous."""
    assert format_.rdf.media_type == format_.media_type
    assert BY_NAME[format_.name] is format_


@pytest.mark.parametrize("media_type", ["text/turtle", "application/x-turtle"])
def test_udatas_own_media_type_for_turtle_is_no_problem(media_type):
    """udata says application/x-turtle."""
    page = read_page(document(DATASET, media_type), reading())

    assert [r.resource for r in page.records] == ["http://data.example/d"]
    assert page.problems == ()


def test_a_wrong_content_type_is_reported_and_the_page_read_all_the_same():
    """The body counts: Turtle that is called text/html is Turtle."""
    page = read_page(document(DATASET, "text/html"), reading())

    assert len(page.records) == 1
    assert [p.what for p in page.problems] == ["was served as text/html, read as ttl"]


@pytest.mark.parametrize(
    ("body", "media_type", "category", "words"),
    [
        (
            b"<!DOCTYPE html><title>Maintenance</title>",
            "text/html",
            Category.NOT_RDF,
            "is an HTML page where ttl",
        ),
        (b"", "text/turtle", Category.NOT_RDF, "is empty"),
        (
            DATASET + b"\n<http://x> broken",
            "text/turtle",
            Category.NOT_RDF,
            "not valid ttl: Parser error at line 2",
        ),
        (DATASET[:60], "text/turtle", Category.NOT_RDF, "not valid ttl"),
        (b'{"@id": "http://a/", ', "application/ld+json", Category.NOT_RDF, "not valid jsonld"),
        (
            b'{"@context": "http://other.example/c"}',
            "application/ld+json",
            Category.NOT_RDF,
            "not valid jsonld",
        ),
        (b"\xff\xfe\x00rubbish", "text/turtle", Category.NOT_RDF, "not valid ttl"),
        (
            b'{"a":' * 100 + b"1" + b"}" * 100,
            "application/ld+json",
            Category.REFUSED,
            "nests more than 64 levels",
        ),
        (b"<a>" * 100 + b"</a>" * 100, "application/rdf+xml", Category.REFUSED, "nests more than 64 levels"),
        (
            b"<http://a/> <http://p/> " + b"1," * 2000 + b"1 .",
            "text/turtle",
            Category.REFUSED,
            "more than 1,000 triples",
        ),
        (b"#" * 300_000, "text/turtle", Category.REFUSED, "is larger than 200,000 bytes"),
        (
            b"<http://a/" + b"x" * 50_000 + b"> <http://p/> " + b"1," * 200 + b"1 .",
            "text/turtle",
            Category.REFUSED,
            "grows",
        ),
    ],
)
def test_what_is_not_rdf_or_too_much_is_refused(body, media_type, category, words):
    """The error names the document, says what is wrong, and what to do."""
    with pytest.raises(DocumentError, match=words) as raised:
        read_page(document(body, media_type), reading(limits=RdfLimits(200_000, 64, 1000)))

    assert raised.value.category is category
    assert raised.value.url == URL
    assert raised.value.fix


def test_entities_cannot_blow_up():
    """A billion laughs costs the document, not the memory."""
    entities = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    xml = (
        f'<!DOCTYPE r [<!ENTITY a0 "{"ha" * 50}">{entities}]>'
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
        "<r:Description r:about='http://a/'><e:p>&a9;</e:p></r:Description></r:RDF>"
    )

    with pytest.raises(DocumentError):
        read_page(document(xml.encode(), "application/rdf+xml"), reading("xml"))


def test_a_context_named_by_url_is_resolved_to_the_pinned_one():
    """Pages that say "@context": ".../context.jsonld" are read with the pinned copy."""
    context = parse_context(
        b'{"title": "http://purl.org/dc/terms/title", "@vocab": "http://www.w3.org/ns/dcat#"}'
    )
    body = json.dumps(
        {"@context": "/api/1/site/context.jsonld", "@id": "/d", "@type": "Dataset", "title": "T"}
    )

    page = read_page(
        document(body.encode(), "application/ld+json"),
        reading("jsonld", context=context, context_url="http://data.example/api/1/site/context.jsonld"),
    )

    (record,) = page.records
    assert record.triples == 2
    assert b'<http://purl.org/dc/terms/title> "T"' in record.nquads


def test_other_contexts_are_never_fetched_nor_replaced():
    """Only the pinned URL is replaced."""
    body = b'{"@context": ["http://other.example/c", {"a": "http://a/"}]}'

    assert inline_context(body, URL, {"b": "http://b/"}, "http://data.example/context.jsonld") is body


def test_a_portal_cannot_speak_of_our_runs_and_records():
    """Else its page could hide another portal's runs from queries over the union of all graphs."""
    page = read_page(
        document(
            DATASET
            + b"""
            <urn:x-harvester:run:9> a <http://www.w3.org/ns/prov#Activity> .
            <http://evil.example/run> <urn:x-harvester:vocabulary#portal> "data.example" .
            <http://evil.example/r> <http://www.w3.org/ns/prov#wasGeneratedBy> <urn:x-harvester:run:9> ."""
        ),
        reading(),
    )

    assert [r.resource for r in page.records] == ["http://data.example/d"]
    assert [p.what for p in page.problems] == ["3 statements in the harvester's own namespace were left out"]


OURS = """
    <http://data.example/d> <urn:x-harvester:vocabulary#reuses> 3 ;
      <urn:x-harvester:vocabulary#lastReuse> "2026-01-31" ; <urn:x-harvester:vocabulary#featured> true .
    <http://data.example/site> <urn:x-harvester:vocabulary#features> <http://data.example/d> .
"""
FALSE = """
    <urn:x-harvester:run:9> <urn:x-harvester:vocabulary#reuses> 3 .
    <http://data.example/d> <urn:x-harvester:vocabulary#reuses> <urn:x-harvester:run:9> ;
      <urn:x-harvester:vocabulary#change> "removed" ; <urn:x-harvester:vocabulary#kind> "agent" ;
      <urn:x-harvester:vocabulary#problem> <http://data.example/p> .
"""


def test_another_harvesters_catalogue_may_hold_our_terms_for_data():
    """What it inferred of datasets and reuses; of records and runs it speaks as little as anybody."""
    page = read_page(document(DATASET + (OURS + FALSE).encode()), reading(plain=True))

    said = b"".join(record.nquads for record in page.records)
    assert said.count(b"<urn:x-harvester:vocabulary#") == 4
    assert [p.what for p in page.problems] == ["5 statements in the harvester's own namespace were left out"]


def test_a_udata_may_not_hold_them():
    """It has never heard of us."""
    page = read_page(document(DATASET + OURS.encode()), reading())

    assert [p.what for p in page.problems] == ["4 statements in the harvester's own namespace were left out"]


def test_members_are_counted_as_their_portal_counts_them():
    """udata by its ids, of which two may share an IRI; others by IRI."""
    two_ids = b"""<http://up.example/d> a <http://www.w3.org/ns/dcat#Dataset> ;
        <http://purl.org/dc/terms/identifier> "53699569a3a729239d2046eb", "53699569a3a729239d2046ec" .
        <http://data.example/c> <http://www.w3.org/ns/dcat#dataset> <http://up.example/d> ."""

    assert read_page(document(two_ids), reading()).members == 2
    assert read_page(document(two_ids), reading(plain=True)).members == 1


def test_a_page_of_files_and_mentions_is_split_in_time():
    """Each of 20,000 files is looked at once, however often it is mentioned."""
    files = ", ".join(f"<http://data.example/d/{i}>" for i in range(20_000))
    described = "".join(f"<http://data.example/d/{i}> a dcat:Distribution .\n" for i in range(20_000))
    turtle = (
        f"@prefix dcat: <http://www.w3.org/ns/dcat#> . <http://data.example/d> dcat:distribution {files} .\n"
    )
    before = time.process_time()

    page = read_page(document((turtle + described).encode()), reading())

    assert len(page.records) == 1
    assert time.process_time() - before < 10


def test_a_shared_iri_counts_as_two_members():
    """hydra:totalItems counts datasets, of which two may share an IRI (and differ in their portal id)."""
    page = read_page(
        document(
            b"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
            <http://h/c> a dcat:Catalog ; dcat:dataset <http://up.example/d> .
            <http://up.example/d> a dcat:Dataset ;
              dct:identifier "aaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbb" ."""
        ),
        reading(),
    )

    assert page.members == 2
