"""The portal's context is taken only if it is small, flat, and of use."""

import json

import pytest

from harvester.rdf.context import parse_context


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b'{"a": "\\ud800"}',
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        json.dumps({f"t{i}": "http://t.example/" for i in range(20_000)}).encode(),
        b'{"a": "b:x", "b": "a:x"}',
        b'{"@import": "http://elsewhere.example/"}',
        b'{"a": {"@id": "http://a.example/", "@language": 5}}',
    ],
    ids=["list", "cut", "lone surrogate", "deep", "very deep", "huge", "circle", "import", "wrong type"],
)
def test_a_context_that_cannot_be_used_is_refused(body):
    """By ValueError, whatever is wrong: exports would fail on it later, or workers die of it now."""
    with pytest.raises(ValueError, match=r"\S"):
        parse_context(body)
