"""The self-test of queries: every way to fail it is found and told."""

from pathlib import Path

import pytest

from harvester.query.canned import Library
from harvester.query.check import check
from tests.query.conftest import InProcess

TITLES = "PREFIX dct: <http://purl.org/dc/terms/> SELECT ?s ?title { ?s dct:title ?title } ORDER BY ?title"


@pytest.fixture
def checked(store, tmp_path):
    """A function that checks one query file, beside another named `titles`."""

    def run(text: str, name: str = "mine"):
        Path(tmp_path / "titles.rq").write_text(f"#+ summary: titles\n{TITLES}", encoding="utf-8")
        Path(tmp_path / f"{name}.rq").write_text(text, encoding="utf-8")
        (found,) = check(Library.of(tmp_path), InProcess(store), [name])
        return found

    return run


def test_a_query_that_keeps_its_promise_passes(checked):
    """Rows are counted, time is taken, warnings are kept."""
    found = checked(f"#+ summary: a\n#+ expect: {{min_rows: 20}}\n#+ typo: b\n{TITLES}")

    assert (found.name, found.problem, found.rows) == ("mine", "", 20)
    assert found.seconds > 0
    assert "typo is not a known key" in found.warnings[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"#+ summary: a\n#+ expect: {{min_rows: 21}}\n{TITLES}", "20 rows, at least 21 expected"),
        (f"#+ summary: a\n#+ chart: {{type: bar, x: title, y: count}}\n{TITLES}", "the chart's y is count"),
        ("#+ summary: a\nASK { ?s ?p ?_x }", "The query mine needs x"),
        ("#+ summary: a\nSELECT ?_x { ?s ?p ?o }\n#", "The query mine needs x"),
        (
            "#+ summary: a\n#+ example: {x: b}\nSELECT ?_x { ?s ?p ?o }\n#",
            'line 3, column 8: "b" does not fit here',
        ),
        ("#+ summary: a\nSELECT * { ?s ?p }", "line 2, column 12: ?s does not fit here"),
        ("#+ summary: [", "there is no query"),
        ("#+ summary: [\nASK {}", "line 1: the header is not YAML"),
    ],
)
def test_a_query_that_does_not_fails_with_the_reason(checked, text, problem):
    """Too few rows, a chart of nothing, no example or one that does not fit, a mistake, a broken file."""
    assert problem in checked(text).problem


def test_a_page_counts_as_what_it_shows(checked):
    """Not the row too many that tells of a next page."""
    assert checked(f"#+ summary: a\n#+ pagination: 5\n{TITLES}").rows == 5


def test_a_graph_counts_its_triples(checked):
    """And a truth value is one row."""
    assert checked("#+ summary: a\nCONSTRUCT WHERE { ?s <http://xmlns.com/foaf/0.1/name> ?name }").rows == 5
    assert checked("#+ summary: a\nASK {}").rows == 1


def test_an_example_may_come_from_another_query(checked):
    """A value that depends on the catalogue is the first that the other query gives."""
    one = "#+ summary: a\n#+ example:\n#+   s: {query: titles, column: s}\n#+ expect: {min_rows: 1}\n"
    found = checked(one + "SELECT ?p ?o { ?_s_iri ?p ?o }")
    assert found.problem == ""
    assert found.rows >= 1


@pytest.mark.parametrize(
    ("sample", "problem"),
    [
        ("{query: titels, column: s}", "There is no query 'titels'; did you mean titles?"),
        ("{query: titles, column: x}", "titles gives no x to take as an example"),
    ],
)
def test_an_example_that_cannot_be_found_is_told(checked, sample, problem):
    """No such query, no such column."""
    assert problem in checked(f"#+ summary: a\n#+ example: {{s: {sample}}}\nASK {{ ?_s_iri ?p ?o }}").problem
