"""Binding: values take the place of parameters as terms, and change nothing else of a query."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from harvester.errors import UsageError
from harvester.query.bind import bind
from harvester.query.canned import Query, load
from harvester.query.tokens import tokens

XSD = "http://www.w3.org/2001/XMLSchema#"
HEADER = "#+ summary: A test\n"


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """A function that makes a query of its text."""
    folder = tmp_path_factory.mktemp("bind")

    def make(text: str, header: str = "") -> Query:
        path = Path(folder / "test.rq")
        path.write_text(HEADER + header + text, encoding="utf-8")
        return load(path)

    return make


def body(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith("#+"))


TEMPLATES = (
    # a value wherever a term may stand, with lookalikes of its token around it and neighbours that join
    "SELECT ?s { ?s <http://e.example/?_v_TYPE> ?_v_TYPE . FILTER(?s != '?_v_TYPE') } # ?_v_TYPE",
    "SELECT (?_v_TYPE AS ?x) { ?s ?p ?o FILTER(?s!=?_v_TYPE&&?o>?_v_TYPE) }",
    "ASK { VALUES ?x {?_v_TYPE} FILTER(?x IN(?_v_TYPE,?_v_TYPE)||CONCAT(?_v_TYPE,'')='') }",
    "PREFIX e: <http://e.example/> ASK { ?s e:a ?_v_TYPE;e:b ?_v_TYPE,?_v_TYPE.?s e:c?_v_TYPE}",
    "ASK { FILTER(?a<?_v_TYPE) }",
    'SELECT ?s { ?s ?p """a \' ?_v_TYPE""" . BIND(?_v_TYPE AS ?y) } ORDER BY ?s',
)


def skeleton(text: str) -> object:
    """The syntax tree that rdflib reads, every literal and IRI of the values' kind made the same."""

    def plain(node: object) -> object:
        if isinstance(node, CompValue):
            if node.name in ("literal", "RDFLiteral"):
                return "LITERAL"
            return (node.name, tuple((key, plain(value)) for key, value in sorted(node.items())))
        if isinstance(node, list | tuple) or hasattr(node, "asList"):
            return tuple(plain(item) for item in node)
        return type(node).__name__

    return plain(list(parseQuery(text)))


def test_the_skeleton_tells_structures_apart():
    """What the tests below compare does change with the query."""
    assert skeleton("ASK { ?s ?p 'a' }") == skeleton("ASK { ?s ?p 'b' }")
    assert skeleton("ASK { ?s ?p 'a' }") != skeleton("ASK { ?s ?p 'a' . ?x ?y ?z }")
    assert skeleton("ASK { ?s ?p 'a' }") != skeleton("ASK { ?s ?p <a:b> }")


@pytest.mark.parametrize("template", TEMPLATES)
@settings(max_examples=25)
@given(
    value=st.text()
    | st.sampled_from(['"', "'", '"""', "\\", "\\u0022", "} SERVICE <x> {", "# x", "\n", "@fr"])
)
@example(value='x" } INSERT DATA { <a> <b> "')
def test_a_text_never_changes_the_structure_of_a_query(make, template, value):
    """Whatever the text, the query has the tree that it has with a harmless one."""
    query = make(template.replace("TYPE", "literal"))

    bound = body(bind(query, {"v": value}))

    assert skeleton(bound) == skeleton(body(bind(query, {"v": "x"})))
    replaced = sum(token.text == "?_v_literal" for token in tokens(query.text))
    assert sum(token.text == str(Literal(value)) for token in tokens(bound)) >= replaced
    Store().query(bound)


@pytest.mark.parametrize("template", TEMPLATES)
@settings(max_examples=25)
@given(value=st.text(min_size=1) | st.from_regex(r"http://e\.example/[!-~é]*", fullmatch=True))
@example(value="http://e.example/> ?x } #")
def test_an_iri_never_changes_the_structure_of_a_query(make, template, value):
    """A value is an absolute IRI or refused; bound, it is one token."""
    query = make(template.replace("TYPE", "iri"))
    try:
        bound = body(bind(query, {"v": value}))
    except UsageError:
        with pytest.raises(ValueError, match="IRI"):
            NamedNode(value)
        return

    harmless = body(bind(query, {"v": "http://harmless.example/"}))
    kinds = [(token.kind, token.text) for token in tokens(bound)]
    expected = [
        (token.kind, token.text.replace("<http://harmless.example/>", f"<{value}>"))
        for token in tokens(harmless)
    ]
    assert kinds == expected
    Store().query(bound)


@given(st.integers())
def test_numbers_bind_as_numbers_beside_any_operator(make, number):
    """`1-?_n` with n = -1 is 2, not a syntax error: the sign belongs to the term."""
    query = make("SELECT ?x { BIND(1-?_n_integer AS ?x) }")

    (row,) = Store().query(bind(query, {"n": str(number)}))

    if abs(number) < 2**62:  # the engine counts in 64 bits
        assert int(row["x"].value) == 1 - number


@pytest.mark.parametrize(
    "clause", ["LIMIT ?_n_integer", "LIMIT?_n_integer OFFSET ?__skip_integer", "limit # x\n?_n_integer"]
)
def test_limit_and_offset_take_digits(make, clause):
    """The grammar has no room for a typed literal there."""
    query = make(
        f"SELECT ?x {{ VALUES ?x {{ 1 2 3 4 }} }} {clause}",
        "#+ defaults: {skip: 1}\n" if "skip" in clause else "",
    )
    assert len(list(Store().query(bind(query, {"n": "2"})))) == 2


@pytest.mark.parametrize("value", ["-1", "+1"])
def test_a_number_of_rows_has_no_sign(make, value):
    """The message names the parameter as the file spells it."""
    with pytest.raises(UsageError, match=r"\?_n_integer is not a number of rows"):
        bind(make("SELECT * { ?s ?p ?o } LIMIT ?_n_integer"), {"n": value})


def test_an_optional_parameter_without_value_stays_free(make):
    """Then it matches anything."""
    query = make("SELECT ?s { VALUES (?s ?p) { ('a' 1) ('b' 2) } FILTER(COALESCE(?p = ?__p_integer, true)) }")
    assert len(list(Store().query(bind(query, {})))) == 2
    assert len(list(Store().query(bind(query, {"p": "2"})))) == 1


def test_defaults_serve_where_no_value_is_given(make):
    """A given value wins."""
    query = make("ASK { FILTER(?_a != ?__b) }", "#+ defaults: {a: x, b: y}\n")
    assert body(bind(query, {})) == 'ASK { FILTER("x" != "y") }'
    assert body(bind(query, {"b": "z"})) == 'ASK { FILTER("x" != "z") }'


def test_both_spellings_of_a_variable_are_one_parameter(make):
    """`$_v` and `?_v` are the same variable in SPARQL."""
    assert body(bind(make("ASK { FILTER(?_v = $_v) }"), {"v": "x"})) == 'ASK { FILTER("x" = "x") }'


@pytest.mark.parametrize(
    ("values", "cause", "fix"),
    [
        ({}, "needs dataset, limit", "-p dataset=https://data.example/dataset/1 -p limit=10"),
        ({"dataset": "a:b"}, "needs limit", "-p limit=10"),
        (
            {"dataset": "a:b", "limt": "1"},
            "has no parameter 'limt'; did you mean limit?",
            "it takes dataset, by, limit",
        ),
        ({"dataset": "a:b", "limit": "1", "by": "c"}, "Parameter by: 'c' is not one of its choices", "a, b"),
        ({"dataset": "a b", "limit": "1"}, "Parameter dataset: 'a b' is not an absolute IRI", "dataset="),
    ],
)
def test_what_is_missing_unknown_or_wrong_is_named(make, values, cause, fix):
    """The message tells parameter, value and what would do."""
    query = make(
        "SELECT * { ?s ?p ?_dataset_iri, ?__by } LIMIT ?_limit_integer", "#+ enumerate: {by: [a, b]}\n"
    )

    with pytest.raises(UsageError) as refused:
        bind(query, values)

    assert cause in refused.value.cause
    assert refused.value.fix.startswith(fix)


ROWS = "SELECT ?x { VALUES ?x { 5 3 1 4 2 } } ORDER BY ?x # in order"


@pytest.mark.parametrize(("page", "rows"), [(1, [1, 2, 3]), (2, [3, 4, 5]), (3, [5]), (4, [])])
def test_a_page_asks_for_one_row_more_than_it_shows(make, page, rows):
    """The row too many tells that there is a next page."""
    query = make(ROWS, "#+ pagination: 2\n")
    found = Store().query(bind(query, {}, page=page))
    assert [int(row["x"].value) for row in found] == rows


def test_a_page_comes_before_values_at_the_end(make):
    """The grammar has LIMIT before a trailing VALUES clause."""
    query = make("SELECT ?x { VALUES ?y { 1 } } ORDER BY ?x VALUES ?x { 2 1 }", "#+ pagination: 1\n")
    assert [row["x"].value for row in Store().query(bind(query, {}, page=2))] == ["2"]


@pytest.mark.parametrize(
    ("header", "page", "cause"), [("", 2, "has no pages"), ("#+ pagination: 2\n", 0, "no page 0")]
)
def test_pages_that_cannot_be_are_refused(make, header, page, cause):
    """Pages count from 1, and only paged queries have them."""
    with pytest.raises(UsageError, match=cause):
        bind(make(ROWS, header), {}, page=page)
