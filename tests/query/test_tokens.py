"""The tokenizer: whatever stands in a query is told from what only looks like it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.query.tokens import decode, refuse, tokens

PIECES = (
    # (kind, text): terminals of https://www.w3.org/TR/sparql11-query/#sparqlGrammar, awkward ones first
    ("string", '"a \\" # <x> ?y \\\\"'),
    ("string", "'it\\'s \"x\" }'"),
    ("string", '"""two\nlines, "" and " ?_a_iri"""'),
    ("string", "'''two\nlines, '' and '\\''''"),
    ("string", '""'),
    ("iri", "<http://a.example/?q=1#SELECT>"),
    ("iri", "<#?_x_iri>"),
    ("iri", "<caf\\u00e9>"),
    ("name", "ex:it\\'s"),
    ("name", "ex:a%20b.c"),
    ("name", "service:SERVICE"),
    ("name", ":"),
    ("name", "ex:a\\#b"),
    ("variable", "?_dataset_iri"),
    ("variable", "$été"),
    ("blank", "_:b.1"),
    ("language", "@fr-be"),
    ("number", "1.5e-3"),
    ("number", "-12"),
    ("number", ".5"),
    ("number", "1.e3"),
    ("number", "+1.25"),
    ("word", "SERVICE"),
    ("word", "a"),
    ("mark", "^^"),
    ("mark", "<="),
    ("mark", "<"),
    ("mark", "{"),
    ("mark", "?"),
)
GAPS = st.sampled_from([" ", "\n", "\t", " # a comment with ' and \" and <\n", "\r\n# }\n"])


@given(st.lists(st.tuples(st.sampled_from(PIECES), GAPS)))
def test_tokens_are_found_whatever_stands_around_them(pieces):
    """Each terminal of the grammar comes back whole, with its kind and place, in any order."""
    text = "".join(piece + gap for (_, piece), gap in pieces)

    found = list(tokens(text))

    assert [(token.kind, token.text) for token in found] == [piece for piece, _ in pieces]
    assert all(text[token.start : token.end] == token.text for token in found)


@given(st.text())
def test_any_text_is_read_or_refused(text):
    """No text makes the tokenizer hang or fail otherwise, and what it reads is all of the text but gaps."""
    try:
        found = list(tokens(text))
    except UsageError:
        return
    edges = [0, *(edge for token in found for edge in (token.start, token.end)), len(text)]
    gaps = [text[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    lines = [line.strip(" \t\r") for gap in gaps for line in gap.split("\n")]
    assert [line for line in lines if line and not line.startswith("#")] == []


LONG = 100_000
WEARING = {
    "dotted words": "a." * LONG,
    "digits": "1" * LONG,
    "digits and dots": "1." * LONG,
    "dots": "e" + "." * LONG,
    "letters": "a" * LONG + " " + "b" * LONG,
    "opened IRIs": "<a" * LONG,
    "an opened IRI": "<" + "a" * LONG,
    "quotes": '"' * LONG,
    "mixed quotes": "\"'" * LONG,
    "three quotes": "\"\"\" ''' " * LONG,
    "escaped quotes": '"' + '\\"' * LONG,
    "escapes": "a:" + "%20" * LONG,
    "codepoints": r"\u0041" * LONG,
    "colons": "a:." * LONG,
    "comments": "#" * LONG + "\n" * LONG,
}


@pytest.mark.timeout(20)  # each takes well under a second; quadratic ones took minutes
@pytest.mark.parametrize("text", WEARING.values(), ids=WEARING)
def test_reading_takes_time_in_proportion_to_the_text(text):
    """No text keeps the tokenizer busy for long."""
    with suppress(UsageError):
        list(tokens(decode(text)))


@pytest.mark.parametrize(
    ("text", "column", "why"),
    [
        ("SELECT 'abc", 8, "this string is not closed"),
        ('ASK { ?s ?p "one\nline" }', 13, "this string is not closed"),
        ("ASK { ?s \\p ?o }", 10, "the character '\\\\' cannot stand here"),
        ("ASK { ?s ?p ؟ }", 13, "the character '؟' cannot stand here"),
    ],
)
def test_what_fits_no_token_is_shown(text, column, why):
    """The message has line, column and reason, and a caret below the place."""
    with pytest.raises(UsageError) as refused:
        list(tokens(text))

    message, shown, caret = refused.value.cause.split("\n")
    assert message == f"The query cannot be used, line 1, column {column}: {why}"
    assert shown.strip() == text.split("\n")[0]
    assert caret.index("^") - shown.index(text[0]) == column - 1


def test_a_mistake_far_to_the_right_is_still_in_sight():
    """Of a long line, the part around the mistake is shown."""
    text = "x" * 5000 + "!" + "y" * 5000

    with pytest.raises(UsageError) as refused:
        refuse(text, 5000, "why")

    _, shown, caret = refused.value.cause.split("\n")
    assert shown[caret.index("^")] == "!"
    assert len(shown) <= 120


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (r"\u0041SK {}", "ASK {}"),
        (r"\U00000041SK {}", "ASK {}"),
        (r"ASK { ?s ?caf\u00e9 ?o }", "ASK { ?s ?café ?o }"),
        (
            r"ASK { ?s ?p '\u0027' }",
            r"ASK { ?s ?p '\u0027' }",
        ),  # the engine decodes it, as part of the string
        (r"ASK { ?s ?p '\\' } \u0041", r"ASK { ?s ?p '\\' } A"),
        (r"ASK { ?s ex:it\'s ?o } \u0041", r"ASK { ?s ex:it\'s ?o } A"),
        (r"ASK { ?s <a\u0041> ?o }", r"ASK { ?s <a\u0041> ?o }"),
        ("# \\u000A SERVICE\nASK {}", "# \\u000A SERVICE\nASK {}"),
        (r"\uD800 \UFFFFFFFF", r"\uD800 \UFFFFFFFF"),  # no characters: left for the tokenizer to refuse
        (r"\u005Cu0041", r"\u0041"),  # once, not again
    ],
)
def test_codepoint_escapes_are_decoded_where_they_make_up_tokens(text, meaning):
    """Outside strings, IRIs and comments `\\u0041` is `A`, decoded once."""
    assert decode(text) == meaning
