"""JSON-LD: the portal's words where they mean what the data says, and only there."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.export.jsonld_terms import Terms
from harvester.vocab import DCAT, DCT, SCHEMA, XSD
from tests.export.stores import dumped, rdflib_graph, read, store_of, stores, union

CONTEXT = json.loads((Path(__file__).parent / "udata.context.jsonld").read_text())
"""The context of udata 17.18, as its /api/1/site/context.jsonld sends it."""


def nodes(text: str) -> dict[str, dict]:
    return {node["@id"]: node for node in json.loads(text)["@graph"]}


def test_the_context_is_the_portals_and_a_node_is_a_line():
    """So that a dump can be cut up by line tools."""
    store = store_of("record:a { :a a dcat:Dataset } record:b { :b a dcat:Dataset }")
    text, _ = dumped(store, "jsonld", context=CONTEXT)

    head, *lines, end, rest = text.split("\n")
    assert json.loads(head + "]}")["@context"] == CONTEXT
    assert [json.loads(line.rstrip(","))["@type"] for line in lines] == ["Dataset", "Dataset"]
    assert (end, rest) == ("]}", "")


def test_a_word_is_used_where_it_says_exactly_that():
    """udata's context maps startDate to schema.org, and coerces issued to a time and publisher to an IRI."""
    store = store_of("""
        record:d { :d a dcat:Dataset ; dct:title "T", "U"@fr ; dcat:keyword "k" ; dcat:byteSize 12 ;
          dct:publisher :o ; dct:issued "2020-01-01T00:00:00"^^xsd:dateTime ;
          dct:modified "2020-01-01"^^xsd:date ;
          dcat:startDate "2020" ; dct:temporal [ a dct:PeriodOfTime ] ; dct:creator :o }
        record:e { :e dct:publisher "not an IRI" ; <http://schema.org/startDate> "2020" }
    """)

    text, _ = dumped(store, "jsonld", context=CONTEXT)

    assert nodes(text) == {
        "http://a.example/d": {
            "@id": "http://a.example/d",
            "@type": "Dataset",
            "title": ["T", {"@value": "U", "@language": "fr"}],
            "keyword": "k",
            "byteSize": 12,
            "publisher": "http://a.example/o",
            "issued": "2020-01-01T00:00:00",
            "modified": {"@value": "2020-01-01", "@type": XSD + "date"},
            "dcat:startDate": "2020",
            "temporal": {"@type": "dct:PeriodOfTime"},
            "dct:creator": {"@id": "http://a.example/o"},
        },
        "http://a.example/e": {
            "@id": "http://a.example/e",
            "dct:publisher": "not an IRI",
            "startDate": "2020",
        },
    }
    assert read(text, "jsonld") == union(store)


def test_an_iri_that_looks_like_a_short_name_is_not_expanded():
    """The IRI <dct:title> is not http://purl.org/dc/terms/title: its node is written without the context."""
    store = store_of(
        "record:d { :d dct:relation <dct:title> ; dcat:keyword 'k' , 'l'@fr ; a <dcat:Dataset> }"
    )

    text, _ = dumped(store, "jsonld", context=CONTEXT)

    assert nodes(text)["http://a.example/d"]["@context"] is None
    assert read(text, "jsonld") == union(store)
    assert rdflib_graph(text, "jsonld") == rdflib_graph(dumped(store, "nt")[0], "nt")


def test_a_number_where_links_are_expected_is_a_number_to_everybody():
    """rdflib gives a bare number under a word for IRIs the datatype `@id`."""
    store = store_of("record:d { :d dcat:distribution 0, true ; dct:publisher 1.5 ; dcat:byteSize 12 }")

    text, _ = dumped(store, "jsonld", context=CONTEXT)

    assert rdflib_graph(text, "jsonld") == rdflib_graph(dumped(store, "nt")[0], "nt")


TRICKY = [
    {"@vocab": DCAT, "urn": "http://elsewhere.example/", "http": "http://elsewhere.example/"},
    {"@language": "fr", "title": {"@id": DCT + "title", "@language": "en"}, "dct": DCT},
    {"id": "@id", "type": "@type", "title": {"@id": DCT + "title", "@container": "@language"}},
    {"keyword": {"@id": DCAT + "keyword", "@container": "@list"}, "of": {"@reverse": DCAT + "distribution"}},
    {
        "keyword": {"@id": DCAT + "keyword", "@container": "@set"},
        "issued": {"@id": DCT + "issued", "@type": "@json"},
    },
    {"publisher": {"@id": DCT + "publisher", "@type": "@vocab"}, "d1": "http://elsewhere.example/"},
    {"publisher": {"@id": DCT + "publisher", "@context": {"@vocab": SCHEMA}}, "@vocab": DCT},
    {"title": None, "dct:title": None, "@vocab": DCT, "@base": "http://elsewhere.example/"},
    {"keyword": {"@id": DCAT + "keyword", "@type": "@none"}, "n": {"@id": DCT + "temporal", "@nest": "x"}},
    {},
]


@given(store=stores(), context=st.sampled_from(TRICKY))
def test_no_context_changes_what_is_said(store, context):
    """Whatever a portal's context does, the graph comes back."""
    text, _ = dumped(store, "jsonld", context=context)

    assert read(text, "jsonld") == union(store)


@pytest.mark.parametrize(
    "context",
    [
        {"@import": "http://a.example/"},
        {"title": {"@id": ["x"]}},
        {"@version": 2},
        {"@protected": True, "x": DCT},
    ],
)
def test_a_context_that_cannot_be_used_is_refused(context):
    """Before anything is written: by a message that names another way."""
    with pytest.raises(UsageError, match="context of the portal cannot be used"):
        Terms(context)
