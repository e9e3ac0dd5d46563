"""Answers of rows as pages show them."""

import json

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, Store, Triple

from harvester.query.told import Told
from harvester.serve.html.rows import LONGEST_IRI, LONGEST_TEXT, LONGEST_TITLE, Cell, followable, read_table
from harvester.vocab import XSD


def answer(query: str) -> bytes:
    """What the engine answers to a query over nothing."""
    return Store().query(query).serialize(format=QueryResultsFormat.JSON)


def cell_of(term: NamedNode | Literal | Triple) -> Cell:
    """The cell of a term, by way of the engine's own JSON."""
    spelled = f"<<( {term} )>>" if isinstance(term, Triple) else str(term)
    return read_table(answer(f"SELECT ?x {{ VALUES ?x {{ {spelled} }} }}")).rows[0][0]


def test_columns_are_named_for_people():
    """`dataset_title` reads `dataset title`; the order is that of the query."""
    table = read_table(answer("SELECT ?dataset_title ?n { VALUES (?n ?dataset_title) { (1 'a') } }"))

    assert [(column.name, column.label) for column in table.columns] == [
        ("dataset_title", "dataset title"),
        ("n", "n"),
    ]


def test_a_column_is_numeric_if_all_that_it_holds_is():
    """Unbound cells do not count; a column of nothing is none."""
    table = read_table(
        answer("SELECT ?n ?mixed ?none { VALUES (?n ?mixed ?none) { (1 1 UNDEF) (UNDEF 'a' UNDEF) } }")
    )

    assert [column.numeric for column in table.columns] == [True, False, False]
    assert table.rows[1][0] == Cell()


def test_a_truth_value_is_no_row():
    """ASK has an answer, and no table."""
    assert read_table(answer("ASK {}")).truth is True
    assert read_table(answer("ASK { FILTER(false) }")).truth is False


def test_terms_of_all_kinds():
    """What a reader sees of each, and what it was."""
    cells = {
        Literal("Vélo", language="fr"): Cell("text", "Vélo", language="fr"),
        Literal("12345678", datatype=NamedNode(XSD + "integer")): Cell(
            "number", "12\u202f345\u202f678", "12345678"
        ),
        Literal("2015", datatype=NamedNode(XSD + "integer")): Cell("number", "2015"),
        Literal("0.3333333333", datatype=NamedNode(XSD + "decimal")): Cell(
            "number", "0.333333", "0.3333333333"
        ),
        Literal("2026-01-31", datatype=NamedNode(XSD + "date")): Cell("time", "2026-01-31"),
        Literal("2026-01-31T12:34:56Z", datatype=NamedNode(XSD + "dateTime")): Cell(
            "time", "2026-01-31 12:34", "2026-01-31T12:34:56Z"
        ),
        Literal("one fine day", datatype=NamedNode(XSD + "dateTime")): Cell("time", "one fine day"),
        NamedNode("http://www.w3.org/ns/dcat#Dataset"): Cell(
            "iri",
            "dcat:Dataset",
            "http://www.w3.org/ns/dcat#Dataset",
            "http://www.w3.org/ns/dcat#Dataset",
            "http://www.w3.org/ns/dcat#Dataset",
        ),
        NamedNode("urn:a:b"): Cell("iri", "urn:a:b", "urn:a:b", "", "urn:a:b"),
        Triple(NamedNode("urn:a"), NamedNode("urn:b"), Literal("c")): Cell("text", "<<( urn:a urn:b c )>>"),
    }

    assert {term: cell_of(term) for term in cells} == cells


def test_only_the_web_is_linked():
    """An IRI that a browser would run, or mail to, is text."""
    assert followable("HTTPS://data.example/1") == "HTTPS://data.example/1"
    for iri in (
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@b.example",
        "http:",
        "http://[bad",
        "urn:a",
    ):
        assert followable(iri) == ""


@given(st.text(min_size=LONGEST_TEXT + 1, max_size=LONGEST_TITLE, alphabet="ab é"))
def test_a_long_text_is_cut_and_kept_whole_beside(text):
    """What is shown is its beginning, and its length is bounded."""
    body = {
        "head": {"vars": ["x"]},
        "results": {"bindings": [{"x": {"type": "literal", "value": text}}]},
    }
    cell = read_table(json.dumps(body).encode()).rows[0][0]

    assert len(cell.text) <= LONGEST_TEXT + 1
    assert text.startswith(cell.text.removesuffix("…"))
    assert cell.whole == text


@given(st.text(alphabet="abc/#-é%:", min_size=0, max_size=200))
def test_an_iri_is_shown_short_and_kept_whole(path):
    """However long it is."""
    iri = f"https://data.example/{path}"
    cell = cell_of(NamedNode(iri)) if _fits(iri) else None

    if cell:
        assert len(cell.text) <= LONGEST_IRI + 1
        assert cell.whole == cell.href == iri


def _fits(iri: str) -> bool:
    try:
        NamedNode(iri)
    except ValueError:
        return False
    return True


def test_a_table_is_told_in_the_words_of_its_query():
    """Headings by variable; words for the query's own texts, not for numbers or for texts in a language."""
    binding = {
        "what": {"type": "literal", "value": "datasets"},
        "title": {"type": "literal", "value": "datasets", "xml:lang": "en"},
        "last_day": {"type": "literal", "value": "datasets"},
    }
    body = json.dumps({"head": {"vars": list(binding)}, "results": {"bindings": [binding]}}).encode()
    words = {"datasets": "jeux de données"}
    table = read_table(body).told(Told(columns={"what": "quoi"}, values={"what": words, "title": words}))

    assert [column.label for column in table.columns] == ["quoi", "title", "last day"]
    assert [cell.text for cell in table.rows[0]] == ["jeux de données", "datasets", "datasets"]
