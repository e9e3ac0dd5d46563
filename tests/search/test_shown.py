"""Hits are told in the reader's language where there is one, English no less than French."""

import json

import pytest

from harvester.search.shown import hit

STORED = {
    "iri": "http://a.example/d",
    "kind": "dataset",
    "titles": [["untagged", ""], ["Title", "en"], ["Titre", "fr-FR"], ["Titel", "de"]],
    "summaries": [["Übersicht", "de"], ["", ""]],
    "publishers": [],
    "values": {},
    "modified": "",
    "reuses": 0,
    "datasets": 0,
    "picture": "",
    "high_value": False,
    "score": None,
}


@pytest.mark.parametrize(("language", "title"), [("en", "Title"), ("fr", "Titre"), ("pt", "untagged")])
def test_the_reader_s_language_comes_first(language, title):
    """Then none, then English, then any."""
    told = hit(json.dumps(STORED).encode(), language, lambda iri, language: "")

    assert told["title"] == title
