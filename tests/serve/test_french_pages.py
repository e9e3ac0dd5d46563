"""Pages in French say nothing of ours in English, and write numbers as French does."""

from urllib.parse import urlencode

import pytest
from pyoxigraph import RdfFormat, parse

from tests.serve.crawl import literals, untranslated
from tests.serve.site import CATALOGUE, HOSTILE, QUERIES, Page, get

HTML = "text/html"


@pytest.fixture(scope="module")
def server(shared_site):
    return shared_site


def test_pages_say_nothing_of_ours_in_english(server):
    """What both languages have in common is data."""
    catalogue = (CATALOGUE.read_text(encoding="utf-8") + HOSTILE).encode()
    data = literals(parse(catalogue, RdfFormat.TRIG)) + "\n".join(QUERIES.values())

    assert untranslated(server, data) == {}


def _french(server, path: str) -> Page:
    return Page(get(server, path, HTML, Accept_Language="fr"))


def test_a_query_is_told_in_its_readers_language(server):
    """Its title, its form's labels, the headings of its columns, and the labels that it looks up."""
    shown = _french(server, "/queries/reuses-by-type-and-topic")

    assert str(shown.one("h1")) == "Réutilisations par type et thématique"
    assert str(shown.one("label", for_="field-lang")) == "langue"
    assert shown.one("input", id="field-lang")["value"] == "fr"
    assert [str(each) for each in shown.all("th")] == ["type", "thématique", "réutilisations"]
    assert [each["href"] for each in shown.all("a") if str(each) == "CSV"] == [
        "/queries/reuses-by-type-and-topic.csv?lang=fr"
    ]


def test_what_a_query_itself_says_is_translated(server):
    """The words that it puts into a column, and the choices of a parameter."""
    totals = _french(server, "/queries/catalogue-totals")
    publishers = _french(server, "/queries/publishers")

    assert "jeux de données" in [str(each) for each in totals.all("td")]
    assert [str(each) for each in publishers.all("option")] == ["jeux de données", "réutilisations"]
    assert [each["value"] for each in publishers.all("option")] == ["datasets", "reuses"]


def test_a_query_without_french_is_marked_as_english(server):
    """So that it is read out as what it is; the page around it is French."""
    shown = _french(server, "/queries/numbers?page=2")

    assert shown.one("h1")["lang"] == "en"
    assert str(shown.one("h2")) == "Lignes 11 à 20"
    assert [str(each) for each in shown.all("th")] == ["n"]


def test_files_and_programs_get_what_the_query_says(server):
    """Whatever language their user's browser asks for."""
    english, french = (
        get(server, "/queries/reuses-by-type-and-topic.csv", Accept_Language=language).body
        for language in ("en", "fr")
    )

    assert english == french
    assert english.startswith(b"type,topic,reuses")


def test_numbers_are_written_as_the_language_has_them(server):
    """A narrow space between thousands and a comma before the fraction; what a program reads is as it was."""
    query = "SELECT (12345 AS ?a) (1234567.5 AS ?b) (2015 AS ?c) {}"
    path = f"/sparql?{urlencode({'query': query})}"
    english = Page(get(server, path, HTML, Accept_Language="en"))

    assert [str(each) for each in _french(server, path).all("td", class_="number")] == [
        "12 345",
        "1234567,5",
        "2015",
    ]
    assert [str(each) for each in english.all("td", class_="number")] == ["12,345", "1234567.5", "2015"]


def test_a_problem_is_told_in_french_as_far_as_it_goes(server):
    """Its title; its cause and what to do are English, and marked so."""
    shown = _french(server, "/no/such/page")

    assert str(shown.one("h1")) == "Il n’y a rien à cette adresse"
    assert str(shown.one("div", lang="en"))
    assert str(shown.one("span", lang="en"))


def test_only_another_language_is_named(server):
    """A text says its language where that is not the page's."""
    english = Page(get(server, "/queries/hostile", HTML, Accept_Language="en"))

    assert {str(each) for each in english.all("span", class_="language")} == {"fr"}
    assert _french(server, "/queries/hostile").all("span", class_="language") == []
