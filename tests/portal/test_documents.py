"""JSON from a portal is read with bounds: whatever comes, a value or a DocumentError."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import DocumentError
from harvester.model import Category, Document
from harvester.portal.documents import MAX_DEPTH, is_html, read_json, read_list, read_object

URL = "http://data.example/api/1/site/"


def document(body: bytes) -> Document:
    return Document(URL, URL, 200, "application/json", body)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(values, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans())
def test_json_is_read_as_the_standard_library_reads_it(value, encoding, ascii_only):
    """Any JSON value comes out as it went in, escaped or not, with or without a byte order mark."""
    assert read_json(document(json.dumps(value, ensure_ascii=ascii_only).encode(encoding))) == value


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_an_error_with_the_url(body):
    """Garbage never raises anything else."""
    try:
        read_json(document(body))
    except DocumentError as error:
        assert (error.url, error.category) == (URL, Category.NOT_JSON)  # noqa: PT017 - either way is right


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<!DOCTYPE html><title>Maintenance</title>", "HTML"),
        (b"\xef\xbb\xbf\n<html lang=fr>", "HTML"),
        (b'{"data": [', "Expecting value"),
        (b'{"a": "\xff"}', "utf-8"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b'{"a": 1e999}', "1e999 is not a number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
        (nested(MAX_DEPTH + 2), "nests more than"),
        (nested(100_000), "nests more than"),
        (b'[{"a":' * 50_000, "nests more than"),
    ],
)
def test_what_is_not_json_says_why(body, why):
    """Each message names the URL and the reason, and gives advice."""
    with pytest.raises(DocumentError, match=why) as caught:
        read_json(document(body))

    assert URL in caught.value.cause
    assert caught.value.fix


def test_documents_may_nest_as_deep_as_allowed():
    """The bound is the bound, not one less."""
    assert read_json(document(nested(MAX_DEPTH))) == json.loads(nested(MAX_DEPTH))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb'"a\ud83d\ude8cb"', "a🚌b"),
        (rb'"a\ud83db"', "a\ufffdb"),
        (rb'"a\ude8cb"', "a\ufffdb"),
        (rb'"a\\ud83db"', r"a\ud83db"),
    ],
)
def test_half_characters_become_replacement_characters(written, read):
    """JSON can write half of a surrogate pair; nothing that goes into a store can."""
    value = read_json(document(b"[" + written + b"]"))

    assert value == [read]
    assert json.dumps(value, ensure_ascii=False).encode()


@given(st.lists(st.integers(0xD7F0, 0xE010).map(chr), max_size=8).map("".join))
def test_whatever_surrogates_come_text_can_be_encoded(text):
    """After reading, text is always valid Unicode, and what was valid is as it was."""
    value = read_json(document(json.dumps([text]).encode()))

    assert isinstance(value, list)
    assert value[0] == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert value[0].encode().decode() == value[0]


@pytest.mark.parametrize(
    ("read", "body", "why"),
    [
        (read_object, b"[]", "an object was expected, not a list"),
        (read_object, b"null", "not null"),
        (read_list, b"{}", "a list was expected, not an object"),
        (read_list, b'"x"', "not a string"),
        (read_list, b"17", "not a number"),
        (read_list, b"true", "not a truth value"),
    ],
)
def test_the_outermost_value_must_be_what_was_expected(read, body, why):
    """An object where a list should be is an error, in words."""
    with pytest.raises(DocumentError, match=why):
        read(document(body))


@pytest.mark.parametrize("body", [b"<!doctype html>", b"\n\n <HTML>", b"\xef\xbb\xbf<html>"])
def test_html_is_known_by_its_beginning(body):
    """Whatever media type a login or maintenance page has."""
    assert is_html(document(body))
    assert not is_html(document(b"@prefix html: <http://www.w3.org/1999/xhtml> ."))
