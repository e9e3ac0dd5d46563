"""The words of a query in several languages: read from its header, English where there are no others."""

import pytest

from harvester.errors import UsageError
from harvester.query.canned import Library
from harvester.query.check import check
from harvester.query.header import read_header
from tests.query.conftest import InProcess

HEADER = """\
#+ summary: Reuses of a dataset
#+ description: Who made what.
#+ columns: {last_comment: newest comment}
#+ values: {what: {reuses: Reuses}}
#+ fr:
#+   summary: Réutilisations d’un jeu de données
#+   columns: {title: titre}
#+   parameters: {dataset: jeu de données}
#+   values:
#+     what: {datasets: jeux de données}
#+ de: {columns: {title: Titel}}
ASK {}
"""


def test_what_a_language_says_comes_before_english():
    """Summary, headings, labels and words of values."""
    told = read_header(HEADER, "a.rq").told("fr")

    assert (told.summary, told.language) == ("Réutilisations d’un jeu de données", "fr")
    assert told.column("title") == "titre"
    assert told.parameter("dataset") == "jeu de données"
    assert told.value("what", "datasets") == "jeux de données"


def test_what_it_does_not_say_is_english():
    """Each gap by itself: a heading may be missing where the summary is there."""
    told = read_header(HEADER, "a.rq").told("fr")

    assert told.description == "Who made what."
    assert (told.column("last_comment"), told.column("other_thing")) == ("newest comment", "other thing")
    assert told.value("what", "reuses") == "Reuses"
    assert (told.parameter("lang"), told.value("what", "runs"), told.value("no", "a")) == (
        "lang",
        "runs",
        "a",
    )


@pytest.mark.parametrize(
    ("language", "summary", "title"), [("en", "en", "title"), ("es", "en", "title"), ("de", "en", "Titel")]
)
def test_the_language_told_is_that_of_the_summary(language, summary, title):
    """So that a page can mark it, where it is not the page's."""
    told = read_header(HEADER, "a.rq").told(language)

    assert (told.language, told.summary) == (summary, "Reuses of a dataset")
    assert told.column("title") == title


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("#+ fr: Les réutilisations", "line 2: fr: must be lines of `key: words`"),
        ("#+ fr: {sumary: a}", "line 2: fr: must be lines of `key: words`"),
        ("#+ fr: {columns: [a]}", "line 2: fr: must be lines of `name: value`"),
        ("#+ values: {what: [a]}", "line 2: values: must be lines of `name: value`"),
        ("#+ values: [what]", "line 2: values: must be columns or parameters"),
    ],
)
def test_words_of_another_shape_are_refused(line, mistake):
    """With file, line and what they must look like."""
    with pytest.raises(UsageError) as caught:
        read_header(f"#+ summary: a\n{line}\nASK {{}}", "a.rq")

    assert mistake in caught.value.cause


def test_a_longer_key_is_no_language():
    """So that a typing mistake is still told."""
    (warning,) = read_header("#+ summary: a\n#+ fra: {summary: b}\nASK {}", "a.rq").warnings

    assert "fra is not a known key" in warning


def test_words_for_what_a_query_has_not_are_warnings_of_its_check(store, tmp_path):
    """For columns, parameters and values, in each language."""
    header = """\
#+ summary: a
#+ columns: {s: subject, t: title}
#+ fr:
#+   parameters: {x: a, y: b}
#+   values: {x: {a: b}, s: {a: b}, z: {a: b}}
"""
    (tmp_path / "mine.rq").write_text(f"{header}SELECT ?s {{ ?s ?p ?o FILTER(?__x) }}", encoding="utf-8")
    (found,) = check(Library.of(tmp_path), InProcess(store))

    warnings = [warning.rpartition("mine.rq, ")[2] for warning in found.warnings]
    assert warnings == [
        "line 2: columns: the query has no column t",
        "line 3: parameters: the query has no parameter y",
        "line 3: values: the query has no column or parameter z",
    ]
    assert found.problem == ""
