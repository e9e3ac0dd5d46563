"""What a query finds: stems, accents, elisions, phrases, beginnings, and words nearly like its own."""

import time

import pytest

from harvester.search.finding import Search
from harvester.search.words import MOST_WORDS, wanted
from tests.search.support import index, titled, titles

SHELF = (
    "Comptages de vélos",
    "Le vélo en ville",
    "Écoles primaires",
    "L’école d'été",
    "Qualité de l'air",
    "L'air et l'eau : la qualité",
    "Cycling routes in London",
    "Schools and universities",
    "Bornes de recharge",
    "Journaux officiels",
    "Œuvres d'art",
    "Budget 2024",
    "Transports scolaires",
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    return index(tmp_path_factory.mktemp("shelf"), titled(*SHELF))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("vélos", {"Comptages de vélos", "Le vélo en ville"}),
        ("velo", {"Comptages de vélos", "Le vélo en ville"}),
        ("VÉLO", {"Comptages de vélos", "Le vélo en ville"}),
        ("ve\u0301lo", {"Comptages de vélos", "Le vélo en ville"}),
        ("ecole", {"Écoles primaires", "L’école d'été"}),
        ("écoles", {"Écoles primaires", "L’école d'été"}),
        ("l'ecole", {"Écoles primaires", "L’école d'été"}),
        ("d’école", {"Écoles primaires", "L’école d'été"}),
        ("qualité air", {"Qualité de l'air", "L'air et l'eau : la qualité"}),
        ("qualité de l’air", {"Qualité de l'air", "L'air et l'eau : la qualité"}),
        ('"qualité de l’air"', {"Qualité de l'air"}),
        ("« qualité de l'air »", {"Qualité de l'air"}),
        ("cycle route", {"Cycling routes in London"}),
        ("school", {"Schools and universities"}),
        ("journal", {"Journaux officiels"}),
        ("oeuvre", {"Œuvres d'art"}),
        ("2024", {"Budget 2024"}),
        ("transpor", {"Transports scolaires"}),
        ("vélo école", set()),
    ],
)
def test_words_are_found_in_any_form(shelf, text, found):
    """Plural or not, with accents or not, behind an article or not: in French and in English."""
    assert set(titles(shelf, text)) == found


@pytest.mark.parametrize(
    ("typed", "title", "instead"),
    [
        ("velso", "Le vélo en ville", "vélo"),
        ("qualtié de l'air", "Qualité de l'air", "qualité de l'air"),
        ("budjet", "Budget 2024", "budget"),
        ("univesities", "Schools and universities", "universities"),
        ("brones de recahrge", "Bornes de recharge", "bornes de recharge"),
    ],
)
def test_a_typing_error_finds_what_was_meant_and_says_how_it_is_spelt(shelf, typed, title, instead):
    """Where no record has a word: one letter of four may be wrong, two of seven."""
    found = shelf.find(Search(typed))

    assert title in [hit["title"] for hit in found["hits"]]
    assert found["suggestion"] == instead
    assert title in titles(shelf, instead)


@pytest.mark.parametrize("text", ["vélo", "", "art", "zzqqxxyy", "123456", "xy"])
def test_nothing_is_suggested_for_what_is_right_or_like_nothing(shelf, text):
    """Nor are numbers and short words taken for others."""
    assert shelf.find(Search(text))["suggestion"] == ""


def test_where_no_record_has_all_words_those_with_most_are_found(shelf):
    """One word too many does not cost the rest."""
    assert titles(shelf, "comptages vélos zzqqxxyy")[0] == "Comptages de vélos"


def test_a_title_that_is_the_query_comes_first(tmp_path):
    """Then words that stand together, and the rarer word counts for more."""
    finder = index(
        tmp_path / "g",
        titled("Air : qualité et mesures", "Mesures de la qualité de l'air en ville", "Qualité de l'air"),
    )

    assert titles(finder, "qualité de l'air") == [
        "Qualité de l'air",
        "Mesures de la qualité de l'air en ville",
        "Air : qualité et mesures",
    ]


HOSTILE = {
    "ten megabytes": "a" * 10_000_000,
    "one word often": "vélo " * 100_000,
    "five thousand words": " ".join(f"mot{number}" for number in range(5_000)),
    "regex": ".* [a-z]+ (vélo|x) {1,9} \\",
    "a grammar": "title.fr:vélo AND NOT * OR (",
    "nul": "vél\0o",
    "right to left": "\u202eolév\u202c \u200f",
    "quote left open": '"vélo',
    "quotes": 'vélo"""""',
    "french quotes": "«««»»» “”",
    "surrogate": "\ud800 vélo",
    "sql": "'; DROP TABLE --",
    "html": "<script>alert(1)</script>",
    "control": "\n\r\t\x00\x1b",
    "scripts of others": "的 数据 опыт δεδομένα",
    "combining": "e\u0301" * 5_000,
    "operators": "~~~1 vélo~2 vélo^9",
    "many opened": "“" * 4_000,
    "many quotes": '" "' * 2_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_is_wrong_and_none_is_dear(shelf, name):
    """Queries have no syntax but quotes: whatever strangers send is words, few and short ones."""
    started = time.process_time()

    found = shelf.find(Search(HOSTILE[name]))

    assert time.process_time() - started < 0.5
    assert found["total"] <= len(SHELF)


def test_a_query_has_a_bounded_number_of_words():
    """Of phrases too."""
    many = wanted('"' + " ".join(f"w{number}" for number in range(99)) + '"')

    assert len(many.words) == MOST_WORDS
    assert sum(len(phrase) for phrase in many.phrases) <= 3 * MOST_WORDS
