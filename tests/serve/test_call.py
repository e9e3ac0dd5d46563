"""What a request asks of a canned query, read from its address."""

from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.query.canned import Library, Query, load
from harvester.query.sparql import Form
from harvester.serve.queries.call import HTML, MAX_PAGE, MAX_ROWS, MAX_ROWS_SHOWN, Call, formats, split_name

PAGED = """#+ summary: Pages
#+ pagination: 10
#+ defaults: {by: title}
SELECT ?title { ?d ?p ?title FILTER(?__by != ?__kind && ?title != ?_text) } ORDER BY ?title
"""
OWN_NAMES = """#+ summary: Its own format and page
#+ pagination: 10
SELECT ?x { ?x ?y ?_format , ?__page_integer } ORDER BY ?x
"""
WHOLE = "#+ summary: All in one\nSELECT ?x { ?x ?y ?__limit_integer }\n"
GRAPH = "#+ summary: A graph\nCONSTRUCT { ?s ?p ?o } { ?s ?p ?o }\n"


@pytest.fixture(scope="module")
def paged(tmp_path_factory) -> Query:
    """A query in pages."""
    path = tmp_path_factory.mktemp("queries") / "paged.rq"
    path.write_text(PAGED, encoding="utf-8")
    return load(path)


@pytest.fixture
def write(tmp_path):
    """A function that writes a query file and reads it."""

    def write(text: str, name: str = "mine") -> Query:
        path = Path(tmp_path / f"{name}.rq")
        path.write_text(text, encoding="utf-8")
        return load(path)

    return write


def test_an_empty_value_is_none(paged):
    """A form sends its empty fields too: they are as good as not there, and a default holds."""
    call = Call.read(paged, [("text", "a"), ("by", ""), ("kind", ""), ("page", ""), ("format", "")])

    assert (call.values, call.page, call.format) == ({"text": "a"}, 1, None)
    assert '"title"' in call.text()


@given(st.text(min_size=1), st.integers(min_value=1, max_value=MAX_PAGE))
def test_an_address_can_be_shared(paged, text, page):
    """Whatever the values: the address that a call gives asks the same again."""
    call = Call.read(paged, [("text", text), ("page", str(page)), ("format", "csv")])

    again = Call.read(paged, parse_qsl(call.search().removeprefix("?"), keep_blank_values=True))

    assert again == call


def test_a_name_given_twice_is_refused(paged):
    """Which of the two was meant, nobody knows."""
    with pytest.raises(UsageError, match="text is given twice"):
        Call.read(paged, [("text", "a"), ("text", "")])


@pytest.mark.parametrize("page", ["0", "-1", "1.0", "x", "²", "99999999999999999999", str(MAX_PAGE + 1)])
def test_pages_are_whole_numbers_from_one(paged, page):
    """And not so large that the engine would choke on them."""
    with pytest.raises(UsageError, match="no page"):
        Call.read(paged, [("page", page)])


def test_what_is_missing_is_named(paged):
    """With an address that would do."""
    call = Call.read(paged, [])

    with pytest.raises(UsageError, match="needs text") as caught:
        call.text()
    assert "?text=word" in caught.value.fix


def test_a_querys_own_names_go_before_ours(write):
    """A query with a parameter `format` or `page` has it; ours are `_format` and `_page` then."""
    items = [("format", "CSV"), ("page", "7"), ("_format", "xml"), ("_page", "2")]

    call = Call.read(write(OWN_NAMES), items)

    assert (call.values, call.page, call.format) == ({"format": "CSV", "page": "7"}, 2, "xml")
    assert dict(parse_qsl(call.search().removeprefix("?"))) == dict(items)


def test_a_query_without_pages_knows_no_page(write):
    """`page` is then as unknown as any other name."""
    with pytest.raises(UsageError, match="no parameter 'page'"):
        Call.read(write(WHOLE), [("page", "2")]).text()


def test_links_lead_to_pages_that_are_known(paged, write):
    """First always, the one before if there is one, the next if there are more rows; never a last."""
    links = Call.read(paged, [("text", "a"), ("page", "3")]).links(more=True)
    assert {rel: to.page for rel, to in links.items()} == {"first": 1, "prev": 2, "next": 4}
    assert {to.values["text"] for to in links.values()} == {"a"}
    assert set(Call.read(paged, [("text", "a")]).links(more=False)) == {"first"}
    assert Call.read(write(WHOLE), []).links(more=True) == {}


def test_answers_are_bounded(paged, write):
    """By the page, or by what an answer without pages may hold at most; what is shown, by less."""
    third = Call.read(paged, [("text", "a"), ("page", "3")])

    assert third.task("csv").arguments[1:] == (None, None, "csv", None, 10)
    assert "LIMIT 11 OFFSET 20" in str(third.task("csv").arguments[0])
    assert Call.read(write(WHOLE), []).task("xml").arguments[1:] == (None, None, "xml", None, MAX_ROWS)
    assert Call.read(write(WHOLE), []).task(HTML).arguments[1:] == (None, None, "json", None, MAX_ROWS_SHOWN)
    assert Call.read(write(GRAPH), []).task(HTML).arguments[1:] == (None, None, None, "ttl", MAX_ROWS_SHOWN)


def test_each_mistake_is_told_for_its_own_parameter(write):
    """The form shows it beside the field."""
    query = write("#+ summary: Two\nSELECT ?x { ?x ?_day_date ?_n_integer }")

    mistakes = Call.read(query, [("day", "yesterday"), ("n", "7")]).mistakes()

    assert list(mistakes) == ["day"]
    assert "'yesterday' is not a date" in mistakes["day"]


def test_formats_by_form():
    """Rows and truth values cannot come as RDF, graphs not as CSV; both have a page."""
    assert set(formats(Form.SELECT)) == set(formats(Form.ASK)) == {"csv", "tsv", "json", "xml", HTML}
    assert {"ttl", "jsonld", "nt", "xml", HTML} <= set(formats(Form.CONSTRUCT))
    assert "csv" not in formats(Form.DESCRIBE)


def test_a_suffix_is_a_format_unless_it_is_part_of_the_name(write, tmp_path):
    """A query may be called `by.csv`; what is no format belongs to the name."""
    write(WHOLE, "by.csv")
    library = Library.of(tmp_path)

    assert split_name(library, "by.csv") == ("by.csv", None)
    assert split_name(library, "by.csv.json") == ("by.csv", "json")
    assert split_name(library, "mine.ttl") == ("mine", "ttl")
    assert split_name(library, "mine.pdf") == ("mine.pdf", None)


LABELLED = """#+ summary: Labels
#+ defaults: {lang: en}
SELECT ?x { ?x ?y ?z FILTER(LANG(?z) = ?__lang) }
"""


def test_a_reader_gets_labels_in_their_language(write):
    """Where a query has labels in several, and unless its address names another."""
    query = write(LABELLED)

    assert Call(query, {}).for_reader("fr").values == {"lang": "fr"}
    assert Call(query, {}).for_reader("en").values == {}
    assert Call(query, {"lang": "en"}).for_reader("fr").values == {"lang": "en"}


@pytest.mark.parametrize(
    "header", ["#+ summary: a", "#+ summary: a\n#+ defaults: {lang: en}\n#+ enumerate: {lang: [en, de]}"]
)
def test_a_query_without_that_language_stays_as_it_is(write, header):
    """One that asks for a language of its reader, and one that knows no labels in it."""
    query = write(f"{header}\nSELECT ?x {{ ?x ?y ?_lang }}\n")

    assert Call(query, {}).for_reader("fr").values == {}
