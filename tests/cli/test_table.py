"""Tables: what a person sees of an answer."""

import io

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode
from rich.cells import cell_len

from harvester.cli.table import print_rows, print_table, safe, shown
from harvester.query.results import Rows

INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")


def printed(columns, rows, limit=0):
    out = io.StringIO()
    more = print_rows(Rows(columns, iter(rows)), limit, out)
    return out.getvalue().split("\n")[:-1], more


def test_columns_are_aligned_whatever_the_script():
    """Wide characters take two places; numbers are flush right; no line ends in spaces."""
    rows = [(Literal("日本"), Literal(7)), (Literal("Vélos"), Literal(1200)), (Literal("x"), None)]

    lines, more = printed(("title", "n"), rows)

    assert lines == ["title     n", "日本      7", "Vélos  1200", "x"]
    assert {cell_len(line) for line in lines[:3]} == {11}
    assert not more


def test_nothing_is_cut_off():
    """A long title stays whole."""
    lines, _ = printed(("a", "b"), [(Literal("x" * 500), Literal("y"))])
    assert lines[1] == "x" * 500 + "  y"


@pytest.mark.parametrize(
    ("limit", "rows", "more"), [(0, 5, False), (5, 5, False), (4, 4, True), (1, 1, True)]
)
def test_rows_past_the_limit_are_left_and_told(limit, rows, more):
    """0 is no limit."""
    lines, told = printed(("n",), [(Literal(n),) for n in range(5)], limit)
    assert (len(lines) - 1, told) == (rows, more)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (NamedNode("http://purl.org/dc/terms/title"), "dct:title"),
        (NamedNode("http://purl.org/dc/terms/"), "dct:"),
        (NamedNode("http://purl.org/dc/terms/a/b"), "http://purl.org/dc/terms/a/b"),
        (NamedNode("https://data.example/dataset/1?a=b#c"), "https://data.example/dataset/1?a=b#c"),
        (NamedNode("urn:x-harvester:vocabulary#seen"), "hv:seen"),
        (Literal("Vélos", language="fr"), "Vélos"),
        (Literal("007", datatype=INTEGER), "007"),
        (BlankNode("b1"), "_:b1"),
        (None, ""),
    ],
)
def test_terms_are_shown_as_people_read_them(term, text):
    """A prefix where one is known, no quotes, no datatypes."""
    assert shown(term) == text


def test_data_cannot_command_the_terminal():
    """Escape sequences, carriage returns and text direction overrides are made visible."""
    lines, _ = printed(("a",), [(Literal("\x1b]0;owned\x07red\rgone\u202etxt\nnext"),)])
    assert lines[1] == "\ufffd]0;owned\ufffdred\ufffdgone\ufffdtxt↵next"
    assert safe("\x9b31m\x7f") == "\ufffd31m\ufffd"


def test_a_table_without_rows_has_its_head():
    """So that a program that reads it knows the columns."""
    out = io.StringIO()
    print_table(("name", "summary"), [], out=out)
    assert out.getvalue() == "name  summary\n"
