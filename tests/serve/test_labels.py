"""Labels: what a thing is called, in the reader's language where the catalogue has it."""

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from harvester.serve.tasks.labels import label_of, name_of
from harvester.vocab import DCT, RDFS, SKOS

THING = "http://a.example/thing"


def said(*literals: tuple[str, Literal]) -> Store:
    store = Store()
    for number, (predicate, literal) in enumerate(literals):
        graph = NamedNode(f"http://a.example/g{number}")
        store.add(Quad(NamedNode(THING), NamedNode(predicate), literal, graph))
    return store


@pytest.mark.parametrize(
    ("language", "text"), [("fr", "Santé"), ("en", "Health"), ("pt", "plain"), ("de", "Gesundheit")]
)
def test_the_reader_s_language_comes_first(language, text):
    """Then none, then English."""
    store = said(
        (DCT + "title", Literal("Health", language="en")),
        (DCT + "title", Literal("Santé", language="fr-BE")),
        (DCT + "title", Literal("Gesundheit", language="de")),
        (DCT + "title", Literal("plain")),
    )

    assert label_of(store, THING, language)["text"] == text


def test_a_name_goes_before_a_label():
    """Concepts have preferred labels, records titles; rdfs:label is what is left."""
    store = said(
        (RDFS + "label", Literal("l")), (SKOS + "prefLabel", Literal("p")), (DCT + "title", Literal("t"))
    )

    assert label_of(store, THING, "en") == {"text": "p", "language": ""}


@pytest.mark.parametrize("iri", ["http://a.example/other", "not an IRI", ""])
def test_what_has_no_name_has_no_label(iri):
    """Not even a made-up one."""
    assert label_of(said((DCT + "title", Literal(""))), iri, "en") is None


def test_what_has_no_name_is_called_as_a_concept_that_is_the_same():
    """Code lists say so of other vocabularies' terms; a label of its own goes before."""
    same, concept = NamedNode("http://other.example/weekly"), NamedNode(THING)
    store = said((SKOS + "prefLabel", Literal("hebdomadaire", language="fr")))
    store.add(Quad(concept, NamedNode(SKOS + "exactMatch"), same))
    before = name_of(store, same.value, "fr")
    store.add(Quad(same, NamedNode(RDFS + "label"), Literal("weekly", language="en")))

    assert before == {"text": "hebdomadaire", "language": "fr"}
    assert name_of(store, same.value, "fr") == {"text": "weekly", "language": "en"}


@pytest.mark.parametrize("iri", ["http://a.example/other", "not an IRI", ""])
def test_what_is_the_same_as_nothing_has_no_name(iri):
    """Whatever the page asked for."""
    assert name_of(said((DCT + "title", Literal("t"))), iri, "en") is None
