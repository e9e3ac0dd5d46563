"""The SPARQL 1.1 Protocol: what a request asks, or why it asks nothing that can be answered."""

import time
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harvester.serve.http.problem import Problem
from harvester.serve.sparql.protocol import (
    FORM,
    MAX_PARAMETERS,
    MAX_REMEMBERED,
    QUERY,
    UPDATE,
    Operation,
    read_get,
    read_post,
)

A, B, C = "http://a.example/é", "urn:x:b?c=d&e#f", "http://c.example/a%20b+c"
GRAPHS = st.lists(st.sampled_from([A, B, C]), unique=True).map(tuple)
TYPES = st.sampled_from([FORM, QUERY, UPDATE, "text/plain", "", None]) | st.text()


def encoded(query: str | None, default: tuple[str, ...], named: tuple[str, ...]) -> bytes:
    parameters = [("default-graph-uri", graph) for graph in default]
    parameters += [("named-graph-uri", graph) for graph in named]
    return urlencode(parameters + ([] if query is None else [("query", query)])).encode()


@given(st.text(), GRAPHS, GRAPHS)
@example("SELECT * { ?s ?p '+ & % = é \U0001f600' }\r\n", (A,), (B, C))
def test_what_was_asked_arrives(query, default, named):
    """In the address, in a form, or bare with the graphs in the address: the same operation."""
    asked = Operation(query, default, named)
    everything, graphs = encoded(query, default, named), encoded(None, default, named)

    assert read_get(everything) == asked
    assert read_post(FORM, everything, b"") == asked
    assert read_post(FORM, encoded(query, (), ()), graphs) == asked
    assert read_post(QUERY, f"\ufeff{query}".encode(), graphs) == asked


@given(st.binary() | st.text(st.sampled_from("query=update&default-graph-uri+%41FE;")).map(str.encode), TYPES)
def test_a_request_is_an_operation_or_a_problem(data, content_type):
    """Whatever bytes somebody sends."""
    for read in (
        lambda: read_get(data),
        lambda: read_post(content_type, data, b""),
        lambda: read_post(content_type, b"", data),
    ):
        try:
            assert isinstance(read(), Operation | None)
        except Problem as problem:
            assert problem.status in (400, 403, 415)  # noqa: PT017


@pytest.mark.parametrize("query_string", [b"", b"utm_source=mail", b"format=json", b"&&"])
def test_who_asks_nothing_wants_the_description(query_string):
    """https://www.w3.org/TR/sparql11-service-description/#accessing"""
    assert read_get(query_string) is None


@pytest.mark.parametrize(
    ("query_string", "status", "words"),
    [
        (b"query=ASK%7B%7D&query=ASK%7B%7D", 400, "2 queries"),
        (b"default-graph-uri=http%3A%2F%2Fa.example%2F", 400, "no queries"),
        (
            b"query=ASK%7B%7D&default-graph-uri=data.rdf",
            400,
            "default-graph-uri is not an absolute IRI: 'data.rdf'",
        ),
        (b"query=ASK%7B%7D&named-graph-uri=http://a b", 400, "named-graph-uri is not an absolute IRI"),
        (b"query=ASK%7B%7D&named-graph-uri=", 400, "named-graph-uri is not an absolute IRI"),
        (
            b"query=ASK%7B%7D&using-graph-uri=http://a.example/",
            400,
            "using-graph-uri is a parameter of updates",
        ),
        (b"using-named-graph-uri=http://a.example/", 400, "using-named-graph-uri is a parameter of updates"),
        (b"query=100%", 400, "wrongly encoded at '%'"),
        (b"query=%zz", 400, "wrongly encoded at '%zz'"),
        (b"query=%E9t%E9", 400, "not UTF-8"),
        (b"query=\xe9t\xe9", 400, "not UTF-8"),
        (b"query=%ED%A0%80", 400, "not UTF-8"),
        (b"update=CLEAR%20ALL", 403, "Updates are refused"),
        (b"query=ASK%7B%7D&update=CLEAR%20ALL", 403, "Updates are refused"),
    ],
)
def test_what_the_protocol_does_not_allow_is_refused(query_string, status, words):
    """In the address as in a form, with what is wrong and what to do."""
    for read in (lambda: read_get(query_string), lambda: read_post(FORM, query_string, b"")):
        with pytest.raises(Problem) as refused:
            read()
        assert refused.value.status == status
        assert words in refused.value.cause
        assert refused.value.fix


def test_a_form_without_a_query_is_refused():
    """There is no description by POST."""
    with pytest.raises(Problem, match="no queries"):
        read_post(FORM, b"", b"")


@pytest.mark.parametrize("body", [b"query=ASK%7B%7D", b"ASK {}"])
def test_a_query_in_the_address_and_another_in_the_body_are_two(body):
    """Neither wins silently."""
    with pytest.raises(Problem, match="2 queries"):
        read_post(FORM if b"=" in body else QUERY, body, b"query=ASK%7B%7D")


@pytest.mark.parametrize(
    "content_type",
    [
        f"{FORM}; charset=UTF-8",
        f"{FORM};charset=utf8",
        FORM.upper(),
        f'{FORM}; charset="utf-8"',
        f" {FORM} ; x=y",
    ],
)
def test_a_media_type_may_have_parameters(content_type):
    """And its case does not matter."""
    assert read_post(content_type, b"query=ASK+%7B%7D", b"") == Operation("ASK {}")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (None, b"ASK {}"),
        ("", b"query=ASK%7B%7D"),
        ("text/plain", b"ASK {}"),
        ("application/json", b"{}"),
        ("multipart/form-data; boundary=x", b""),
        ("application/sparql", b"ASK {}"),
        (f"{QUERY}; charset=UTF-16", "ASK {}".encode("utf-16")),
        (f"{FORM}; charset=ISO-8859-1", b"query=ASK%7B%7D"),
    ],
)
def test_a_body_that_is_neither_is_refused_with_what_would_be_read(content_type, body):
    """https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16"""
    with pytest.raises(Problem) as refused:
        read_post(content_type, body, b"")

    assert refused.value.status == 415
    assert refused.value.headers["Accept"] == "application/sparql-query, application/x-www-form-urlencoded"


def test_a_bare_query_that_is_not_utf_8_is_refused():
    """https://www.w3.org/TR/sparql11-protocol/#query-via-post-direct: no other charset is valid."""
    with pytest.raises(Problem, match="The query is not UTF-8"):
        read_post(QUERY, "ASK { ?s ?p 'é' }".encode("latin-1"), b"")


@pytest.mark.parametrize(("content_type", "body"), [(UPDATE, b"CLEAR ALL"), (FORM, b"update=CLEAR+ALL")])
def test_updates_are_refused_as_such(content_type, body):
    """However well they are formed: 403, which asking again or otherwise does not change."""
    with pytest.raises(Problem) as refused:
        read_post(content_type, body, b"")

    assert (refused.value.status, refused.value.slug) == (403, "read-only")


def test_a_graph_named_twice_is_one():
    """The engine would find its triples twice; a dataset is a set."""
    assert read_get(encoded("ASK {}", (A, B, A), (C, C))) == Operation("ASK {}", (A, B), (C,))


def test_graphs_are_bounded():
    """A thousand parameters are read, and no more."""
    graphs = tuple(f"http://a.example/{number}" for number in range(MAX_PARAMETERS - 1))
    operation = read_get(encoded("ASK {}", graphs, ()))
    assert operation == Operation("ASK {}", graphs)

    for read in (read_get, lambda form: read_post(FORM, form, b"")):
        with pytest.raises(Problem, match="more than 1,000 parameters"):
            read(encoded("ASK {}", graphs, (A,)))


def test_short_requests_are_remembered_and_long_ones_are_not():
    """A long query string costs its reading, and no memory afterwards."""
    short, long = b"query=ASK%7B%7D", b"query=" + b"a" * MAX_REMEMBERED

    assert read_get(short) is read_get(bytes(bytearray(short)))
    assert read_get(long) == read_get(long)
    assert read_get(long) is not read_get(long)


@pytest.mark.parametrize(
    "body",
    [
        b"query=" + piece * (4_000_000 // len(piece))
        for piece in (b"+", b"%41", b"=", b"%C3%A9", b"a\xc3\xa9%41", b"&", b"%")
    ],
    ids=["plus", "escapes", "equals", "two bytes", "mixed", "ampersands", "percent"],
)
def test_every_form_is_read_in_linear_time(body):
    """4 MB of what costs most: a reader that went over it again for each piece would take hours."""
    started = time.perf_counter()
    with suppress(Problem):
        read_post(FORM, body, b"")
    assert time.perf_counter() - started < 60
