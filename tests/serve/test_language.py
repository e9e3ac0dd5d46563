"""The language of pages: what a browser asks for, what a reader chooses, and where choosing leads."""

import pytest

from tests.serve.site import get, page

HTML = "text/html"


@pytest.fixture(scope="module")
def server(shared_site):
    return shared_site


@pytest.mark.parametrize(
    ("accept", "cookie", "expected"),
    [
        ("", "", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "", "fr"),
        ("de,en-GB;q=0.7,fr;q=0.3", "", "en"),
        ("de", "", "en"),
        ("fr", "language=en", "en"),
        ("en", "other=1; language=fr", "fr"),
        ("en", "language=xx", "en"),
        ("x" * 5_000 + ",fr", "", "en"),
        (";;;,,q=,fr;q=x", "", "en"),
    ],
)
def test_a_page_comes_in_the_language_asked_for(server, accept, cookie, expected):
    """Caches are told what it depends on."""
    headers = {"Accept-Language": accept, "Cookie": cookie}
    reply = server.ask("GET", "/queries", {"Accept": HTML, **{k: v for k, v in headers.items() if v}})

    assert f'<html lang="{expected}">'.encode() in reply.body
    assert reply.headers["Content-Language"] == expected
    varies = ", ".join(reply.headers.get_all("Vary"))
    assert "Accept-Language" in varies
    assert "Cookie" in varies


def test_a_choice_is_kept_and_leads_back(server):
    """The switch stands on every page, errors included, and names the page itself."""
    shown = page(server, "/queries?tag=no-such")
    (link,) = shown.all("a", hreflang="fr")
    reply = get(server, link["href"], HTML)

    assert reply.status == 303
    assert reply.headers["Location"] == "/queries?tag=no-such"
    cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith("language=fr;")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert page(server, "/no/such/page", 404).all("a", hreflang="fr")


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example/",
        "https://evil.example/",
        "/%5Cevil.example/",
        "evil",
        "",
        "/a%0D%0ASet-Cookie:%20x=1",
        "javascript:alert(1)",
        "/" + "a" * 9_000,
    ],
)
def test_choosing_leads_nowhere_else(server, back):
    """Not to other sites, and with no header of somebody else's."""
    reply = get(server, f"/language/fr?back={back}", HTML)

    assert (reply.status, reply.headers["Location"]) == (303, "/")


def test_there_is_no_other_language(server):
    """And the answer says which there are."""
    assert get(server, "/language/xx?back=/", HTML).status == 404
