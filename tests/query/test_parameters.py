"""Parameters: what their names say, and which values they take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store

from harvester.errors import UsageError
from harvester.query.parameters import parse_variable

XSD = "http://www.w3.org/2001/XMLSchema#"


def typed(value: str, name: str) -> Literal:
    return Literal(value, datatype=NamedNode(XSD + name))


@pytest.mark.parametrize(
    ("token", "name", "type_", "required"),
    [
        ("?_dataset_iri", "dataset", "iri", True),
        ("?__limit_integer", "limit", "integer", False),
        ("$_datasetId_literal", "datasetId", "literal", True),
        ("?_word", "word", "literal", True),
        ("?__word", "word", "literal", False),
        ("?_word_fr", "word", "fr", True),
        ("?_day_xsd_date", "day", "date", True),
        ("?_day_date", "day", "date", True),
        ("?_since_dateTime", "since", "dateTime", True),
        ("?_n_number", "n", "number", True),
        ("?_yes_boolean", "yes", "boolean", True),
    ],
)
def test_a_variable_says_name_type_and_need(token, name, type_, required):
    """One underscore before the name: required; two: optional; the suffix is the type."""
    parameter = parse_variable(token)

    assert (parameter.name, parameter.type.name, parameter.required) == (name, type_, required)
    assert parameter.variables == ("?" + token[1:],)


@pytest.mark.parametrize("token", ["?dataset", "?data_set", "$x", "?_", "?__", "?___x"])
def test_other_variables_are_no_parameters(token):
    """Only a name behind one or two underscores makes a parameter."""
    assert parse_variable(token) is None


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("?_dataset_id_iri", "write datasetId_iri"),
        ("?_a_b_c_d", "write aBC_d"),
        ("?_day_xsd_dat", "xsd:dat is not among"),
        ("?_limit_interger", "'interger' is neither a type"),
        ("?_limit_", "'' is neither a type"),
    ],
)
def test_an_ill_formed_name_is_refused_with_the_reason(token, reason):
    """An underscore in a name, an unknown type, a misspelt one."""
    with pytest.raises(ValueError, match=reason):
        parse_variable(token)


@pytest.mark.parametrize(
    ("suffix", "value", "term"),
    [
        ("iri", "https://data.example/é?a=1#b", NamedNode("https://data.example/é?a=1#b")),
        ("iri", "urn:uuid:1", NamedNode("urn:uuid:1")),
        ("literal", "", Literal("")),
        ("literal", 'a "b"\n\\', Literal('a "b"\n\\')),
        ("fr", "Vélo", Literal("Vélo", language="fr")),
        ("integer", "-07", typed("-07", "integer")),
        ("number", "7", typed("7", "integer")),
        ("number", "7.5", typed("7.5", "decimal")),
        ("number", "7e5", typed("7e5", "double")),
        ("decimal", ".5", typed(".5", "decimal")),
        ("date", "2024-02-29", typed("2024-02-29", "date")),
        ("date", "2024-02-29Z", typed("2024-02-29Z", "date")),
        (
            "dateTime",
            "2024-02-29T12:00:00.123456+01:00",
            typed("2024-02-29T12:00:00.123456+01:00", "dateTime"),
        ),
        ("boolean", "true", typed("true", "boolean")),
        ("xsd_gYear", "2024", typed("2024", "gYear")),
        ("xsd_string", "x", Literal("x")),
        ("xsd_dayTimeDuration", "P1DT2H", typed("P1DT2H", "dayTimeDuration")),
    ],
)
def test_a_value_becomes_a_term_of_its_type(suffix, value, term):
    """The lexical form stays as given."""
    assert parse_variable(f"?_x_{suffix}").term(value) == term


@pytest.mark.parametrize(
    ("suffix", "value", "expected"),
    [
        ("iri", "pas une iri", "an absolute IRI"),
        ("iri", "/relative", "an absolute IRI"),
        ("iri", "http://a.example/> } DROP ALL", "an absolute IRI"),
        ("literal", "\ud800", "a text"),
        ("integer", "1.0", "a whole number"),
        ("integer", "", "a whole number"),
        ("integer", "١", "a whole number"),
        ("integer", "1\n", "a whole number"),
        ("number", "1,5", "a number"),
        ("decimal", "1e5", "a number without exponent"),
        ("date", "2023-02-29", "a date"),
        ("date", "29/02/2024", "a date"),
        ("date", "2024-02-29T00:00:00", "a date"),
        ("dateTime", "2024-02-29", "a date and time"),
        ("dateTime", "2024-02-29T25:00:00", "a date and time"),
        ("boolean", "yes", "true or false"),
        ("xsd_gYear", "24", "a year"),
        ("xsd_gYearMonth", "2024-13", "a month of a year"),
        ("xsd_dayTimeDuration", "P", "a duration"),
        ("xsd_nonNegativeInteger", "-1", "a whole number, 0 or more"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(suffix, value, expected):
    """The error tells parameter, value, what was expected, and an example that would do."""
    parameter = parse_variable(f"?_since_{suffix}")

    with pytest.raises(UsageError) as refused:
        parameter.term(value)

    assert refused.value.cause == f"Parameter since: {value!r} is not {expected}"
    name, _, example = refused.value.fix.partition("=")
    assert name == "since"
    assert parameter.term(example)


@given(st.text())
def test_any_text_means_itself_to_the_engine(text):
    """A bound text, whatever is in it, is read back by the engine as the same text."""
    term = parse_variable("?_x").term(text)

    (row,) = Store().query(f"SELECT ?x {{ VALUES ?x {{ {term} }} }}")

    assert row["x"] == Literal(text)
