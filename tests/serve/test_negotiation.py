"""The form that a client likes best: RFC 9110, and what clients really send."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.query.results import GRAPHS, ROWS
from harvester.serve.http.negotiation import (
    GRAPH_TYPES,
    MAX_HEADER,
    ROW_TYPES,
    choose,
    choose_coding,
    content_type,
    graph_output,
    rows_output,
)

OFFERS = ("text/html", "text/csv", "application/json", "application/xml")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
JENA = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.7,"
    " text/csv;q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1"
)


def test_the_example_of_the_standard():
    """https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1-18, from the type liked best to the least."""
    accept = (
        "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
    )
    liked = ["text/plain", "image/jpeg", "text/html"]  # 0.7, 0.5, 0.3

    for at in range(len(liked)):
        assert choose(accept, tuple(reversed(liked[at:]))) == liked[at]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "text/html"),
        ("", "text/html"),
        ("*/*", "text/html"),
        ("text/csv;q=0.1, *", "text/html"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv ; q=1.000", "text/csv"),
        ("application/*", "application/json"),
        ("application/json;q=0.2, application/xml;q=0.3", "application/xml"),
        ("application/xml, application/json", "application/json"),
        ("application/xml;Q=0.8, application/json;q=0.7", "application/xml"),
        ("text/csv, */*", "text/csv"),
        ("text/csv, text/*", "text/csv"),
        ("text/html;q=0, */*", "text/csv"),
        ("text/*;q=0, */*;q=0.001", "application/json"),
        ("text/html;q=0.000", None),
        ("*/*;q=0", None),
        ("image/png", None),
        ("image/*;q=0.9, text/turtle", None),
        ("text/csv;charset=utf-8", "text/csv"),
        ('application/json;profile="a, b;q=0, text/html"', "application/json"),
        ("text/html;level=1;q=0, text/*;q=0.5, */*;q=0.1", "text/html"),
        ("text/csv;header=absent;q=0.9, text/csv;q=0.1, application/json;q=0.5", "application/json"),
        ("text/csv;q=2, application/json;q=0.1", "application/json"),
        ("text/csv;q=high, application/json;q=0.1", "application/json"),
        (",, text/csv ,", "text/csv"),
        (";;;", "text/html"),
        ('text/csv;x="never closed', "text/csv"),
    ],
)
def test_what_a_header_chooses(accept, chosen):
    """Weights, then how closely a range names it, then our order; a weight of 0 is a refusal."""
    assert choose(accept, OFFERS) == chosen


@pytest.mark.parametrize(
    ("client", "accept", "rows", "graph"),
    [
        ("curl", "*/*", "json", "ttl"),
        ("axios", "application/json, text/plain, */*", "json", "jsonld"),
        ("Java's URLConnection", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "json", "ttl"),
        ("a browser", BROWSER, "xml", "xml"),
        ("Jena, of rows", JENA, "json", "jsonld"),
        (
            "Jena, of graphs",
            "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7",
            None,
            "ttl",
        ),
        ("SPARQLWrapper, of XML", "application/sparql-results+xml", "xml", None),
        ("rdflib, of rows", "application/sparql-results+xml, application/rdf+xml", "xml", "xml"),
        (
            "a JSON-LD processor",
            'application/ld+json;profile="http://www.w3.org/ns/json-ld#context"',
            None,
            "jsonld",
        ),
        ("a quad store", "application/trig, application/n-quads;q=0.9, text/turtle;q=0.5", None, "trig"),
        ("a spreadsheet", "text/csv", "csv", None),
        ("an old client", "text/plain", None, "nt"),
        ("an image viewer", "image/png", None, None),
    ],
)
def test_clients_get_what_they_can_read(client, accept, rows, graph):
    """Headers that clients send, and the outputs for them."""
    assert (rows_output(accept), graph_output(accept)) == (rows, graph)


@pytest.mark.parametrize(
    ("outputs", "types", "registered"),
    [
        (
            ROWS,
            ROW_TYPES,
            {
                "json": "application/sparql-results+json",
                "xml": "application/sparql-results+xml",
                "csv": "text/csv; charset=utf-8",
                "tsv": "text/tab-separated-values; charset=utf-8",
            },
        ),
        (
            GRAPHS,
            GRAPH_TYPES,
            {
                "ttl": "text/turtle; charset=utf-8",
                "jsonld": "application/ld+json",
                "nt": "application/n-triples",
                "xml": "application/rdf+xml",
                "trig": "application/trig",
                "nq": "application/n-quads",
            },
        ),
    ],
    ids=["rows", "graphs"],
)
def test_every_output_has_the_media_type_that_is_registered_for_it(outputs, types, registered):
    """https://www.iana.org/assignments/media-types ; every output can be asked for by it."""
    assert {name: content_type(output) for name, output in outputs.items()} == registered
    assert {types[header.partition(";")[0]] for header in registered.values()} == set(outputs)


WEIGHTS = st.sampled_from(["0", "0.0", "0.001", "0.25", ".5", "0.999", "1", "1.000"])
RANGES = st.sampled_from([*OFFERS, "text/*", "application/*", "*/*", "image/png", "image/*"])


@given(st.dictionaries(RANGES, WEIGHTS, min_size=1), st.permutations(OFFERS))
def test_nothing_liked_more_is_passed_over(ranges, offers):
    """As the standard defines the weight of a type: that of the most specific range that it falls in."""

    def weight(offer):
        family = offer.split("/")[0] + "/*"
        return float(ranges.get(offer, ranges.get(family, ranges.get("*/*", "0"))))

    chosen = choose(", ".join(f"{name};q={q}" for name, q in ranges.items()), tuple(offers))

    liked = max(weight(offer) for offer in offers)
    assert (weight(chosen) if chosen else 0) == liked


@given(st.text(st.sampled_from('*/;,=q0.19"\\ atext/csv')) | st.text())
def test_any_text_is_a_header(text):
    """Nothing that a client may send is an error."""
    assert choose(text, OFFERS) in (*OFFERS, None)
    assert choose_coding(text) in ("zstd", "gzip", None)


def test_only_the_beginning_of_a_long_header_is_read():
    """What stands in it counts, up to the last whole element."""
    padding = "text/x," * (MAX_HEADER // 7 - 5)
    assert choose(f"{padding}text/csv,image/png", OFFERS) == "text/csv"
    assert choose(f"{padding * 2}text/csv", OFFERS) is None
    cut = f"{'x' * (MAX_HEADER - len('text/csv,'))},text/csv;q=0"
    assert choose(cut, OFFERS) is None, "its weight is beyond what is read: then so is the type"


def test_a_hostile_header_costs_no_more_than_a_long_one():
    """A million quotes and backslashes, and what would make regular expressions go back and forth."""
    started = time.perf_counter()
    for evil in ('"\\' * 500_000, '"' * 1_000_001, ";q=" * 300_000, "a/b;" * 250_000, "," * 1_000_000):
        choose(evil, OFFERS)
        choose_coding(evil)
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("GZIP", "gzip"),
        ("br, deflate", None),
        ("*", "zstd"),
        ("zstd;q=0, *", "gzip"),
        ("*;q=0", None),
        ("gzip;q=0", None),
        ("gzip;q=0.5, identity;q=0.8", None),
        ("gzip;q=0.5, *;q=0.2", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("identity;q=0", None),
    ],
)
def test_what_an_answer_is_compressed_by(accept, coding):
    """https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3 ; by default an answer goes as it is."""
    assert choose_coding(accept) == coding
