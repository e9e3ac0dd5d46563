"""French: every message and every query is translated, with care."""

import re
from collections import Counter

import pytest
from pyoxigraph import Store

from harvester.query.bind import bind
from harvester.query.canned import Query
from tests.serve.messages import LIBRARY, PLACEHOLDER, file_of, forms, messages, translated, updated

FRENCH = translated("fr")

MISTAKES = {
    "a narrow no-break space belongs before ; ! ? »": r"(?<!\u202f)[;!?»]",
    "a narrow no-break space belongs before a colon": r"(?<!\u202f):(?=\s|$)",
    "a narrow no-break space belongs behind «": r"«(?!\u202f)",
    "the apostrophe is ’": r"(?<=\w)'",
    "quotation marks are « »": r'["“”]',
    "an ellipsis is one character": r"\.\.\.",
    "two spaces": r"  ",
}
CODE = re.compile(r"`[^`]*`|<code>.*?</code>|<[^>]*>|https?://[^\s)]+|%\(\w+\)s")
"""What follows other rules than French."""


def mistakes(text: str) -> list[str]:
    plain = CODE.sub("x", text)
    return [f"{why}: {text}" for why, pattern in MISTAKES.items() if re.search(pattern, plain)]


def test_mistakes_are_noticed():
    """The rules below find what they are for."""
    assert [len(mistakes(text)) for text in ("Quoi ?", "a: b", "« a »", "l'eau", 'un "mot"', "a...")] == [
        1, 1, 2, 1, 1, 1,
    ]  # fmt: skip
    assert mistakes("Voir`a: b`\u202f: «\u202fl’eau\u202f»\u202f; <code>a;b</code>") == []


def test_every_message_is_there_and_no_other():
    """`make words` brings fr.po to what code and templates say."""
    said = {(message.context, message.id) for message in messages() if message.id}
    french = {(message.context, message.id) for message in FRENCH if message.id}

    assert said - french == set()
    assert french - said == set()
    assert not FRENCH.obsolete


def test_every_message_is_translated():
    """In all its forms, and none is a guess."""
    assert [message.id for message in FRENCH if message.id and not all(forms(message.string))] == []
    assert [message.id for message in FRENCH if message.id and message.fuzzy] == []


def test_what_is_filled_in_stays():
    """Placeholders and markup are those of English; a number may be a word in the singular."""
    for message in FRENCH:
        if not message.id:
            continue
        english, french = forms(message.id), forms(message.string)
        wanted = Counter(PLACEHOLDER.findall(english[-1]))
        for text in french:
            found = Counter(PLACEHOLDER.findall(text))
            assert found == wanted or found == Counter(PLACEHOLDER.findall(english[0])), text
        assert Counter(PLACEHOLDER.findall(french[-1])) == wanted, french[-1]


def test_the_typography_is_french():
    """Spaces, apostrophes and quotation marks."""
    texts = [text for message in FRENCH if message.id for text in forms(message.string)]

    assert [mistake for text in texts for mistake in mistakes(text)] == []


def test_the_file_is_as_the_command_writes_it():
    """So that a change to it shows only what changed."""
    assert file_of("fr").read_text(encoding="utf-8") == updated("fr")


@pytest.fixture(scope="module", params=LIBRARY, ids=lambda query: query.name)
def query(request) -> Query:
    """Each shipped query."""
    return request.param


def test_a_query_is_told_in_french(query):
    """Summary, description, each column and parameter, each choice that is a word."""
    header, told = query.header, query.header.translations.get("fr")

    assert told, "no key fr"
    assert told.summary
    assert bool(told.description) == bool(header.description)
    assert set(told.columns) == set(columns(query))
    assert set(told.parameters) == {parameter.name for parameter in query.parameters}
    for parameter in query.parameters:
        assert set(parameter.choices) <= set(told.values.get(parameter.name, {}))


def test_a_query_has_french_typography(query):
    """As the pages have."""
    told = query.header.translations["fr"]
    values = [text for words in told.values.values() for text in words.values()]
    texts = [told.summary, told.description, *told.columns.values(), *told.parameters.values(), *values]

    assert [mistake for text in texts for mistake in mistakes(text)] == []


def columns(query: Query) -> list[str]:
    if query.form.gives_graph:
        return []
    example = {
        name: value if isinstance(value, str) else "urn:x:example"
        for name, value in query.header.example.items()
    }
    return [variable.value for variable in Store().query(bind(query, example)).variables]
