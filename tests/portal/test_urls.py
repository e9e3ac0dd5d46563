"""URLs as requested and as written down."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.portal.urls import MAX_LENGTH, clean, origin, redact, redirect_target

WORD = st.text(st.characters(codec="utf-8", exclude_characters="/?#@:[]\\%&="), min_size=4, max_size=20)


@given(st.text())
def test_clean_refuses_or_gives_what_may_be_sent(text: str):
    """Anything at all ends as ValueError or as an ASCII http(s) URL with a host and no fragment."""
    try:
        url = clean("https://data.example/" + text)
    except ValueError:
        return
    parts = urlsplit(url)

    assert url.isascii()
    assert " " not in url
    assert (parts.scheme, parts.hostname, parts.username, parts.fragment) == (
        "https",
        "data.example",
        None,
        "",
    )


@given(st.text())
def test_clean_of_anything_is_a_url_or_a_value_error(text: str):
    try:
        url = clean(text)
    except ValueError:
        return

    assert urlsplit(url).scheme in {"http", "https"}


@given(WORD, WORD, WORD)
def test_cleaning_again_changes_nothing(path: str, name: str, value: str):
    """So a link that went through a portal and back is the same request."""
    url = clean(f"http://data.example:8080/{path}?{name}={value}")

    assert clean(url) == url


@given(st.from_regex(r"[a-z0-9!$'()*+,;:@-]{4,20}", fullmatch=True))
def test_a_password_is_never_written_down(password: str):
    url = redact(f"https://me:{password}X@data.example/api?page=2")

    assert url == "https://data.example/api?page=2"


@pytest.mark.parametrize(
    "name", ["token", "access_token", "API_KEY", "apikey", "X-Amz-Signature", "key", "auth"]
)
def test_secret_parameters_are_masked(name: str):
    """Their names stay, so that a reader knows that there was one."""
    url = redact(f"https://data.example/a?page=2&{name}=hush&sort=title#top")

    assert url == f"https://data.example/a?page=2&{name}=REDACTED&sort=title#top"


@pytest.mark.parametrize("query", ["page=2&page_size=100", "tag=monkey", "q=token", "author=me"])
def test_other_parameters_are_left_alone(query: str):
    url = f"https://data.example/a?{query}"

    assert redact(url) == url


def test_redacting_again_changes_nothing():
    once = redact("https://me:pw@data.example/?token=a&key=b")

    assert redact(once) == once


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://data.example/other", True),
        ("https://DATA.example:443/", True),
        ("http://data.example/", False),
        ("https://data.example:8443/", False),
        ("https://www.data.example/", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, same: bool):
    """https://www.rfc-editor.org/rfc/rfc6454#section-4"""
    assert (origin(url) == origin("https://data.example/")) == same


@pytest.mark.parametrize(
    ("here", "location", "target"),
    [
        (
            "http://h/api/site/catalog",
            "/api/1/site/catalog.ttl?page=1",
            "http://h/api/1/site/catalog.ttl?page=1",
        ),
        ("http://h/a/b", "../c", "http://h/c"),
        ("http://h/a", "//other/c", "http://other/c"),
        ("http://h/a", "https://h/a", "https://h/a"),
        ("https://h/a", "http://h/a/?b=c", "https://h/a/?b=c"),
        ("https://h/a", "http://h:80/a/", "https://h/a/"),
        ("https://h/a", "http://H/a/", "https://h/a/"),
    ],
)
def test_redirects_are_resolved_and_stay_on_https(here: str, location: str, target: str):
    assert redirect_target(here, location) == target


@pytest.mark.parametrize("location", ["http://other/", "http://h:8080/", "file:///etc/passwd", "//[::1"])
def test_redirects_that_are_refused(location: str):
    with pytest.raises(ValueError):
        redirect_target("https://h/a", location)


def test_a_url_may_be_long_but_not_endless():
    base = "https://h/"

    assert clean(base + "a" * (MAX_LENGTH - len(base)))
    with pytest.raises(ValueError, match=str(MAX_LENGTH)):
        clean(base + "a" * MAX_LENGTH)
