"""The client over real HTTP on loopback: documents, what is sent, what is said, several threads."""

import base64
import gzip
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harvester import __version__
from harvester.errors import FetchError, UsageError
from harvester.model import Category, Document
from tests.portal.helpers import Talk, Time, fails
from tests.portal.loopback import Loopback, raw, redirect, reply, zipped

TURTLE = b"<urn:s> <urn:p> 'caf\xc3\xa9' .\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\n"


def test_a_document_is_what_the_server_sent(server: Loopback, talk: Talk):
    """Body, lower-case media type without parameters, and both URLs come back."""
    url = server.on("/a?page=1", reply(TURTLE, 200, "Text/Turtle; charset=utf-8"))

    assert talk().get(url) == Document(url, url, 200, "text/turtle", TURTLE)


def test_a_page_of_html_is_a_document_too(server: Loopback, talk: Talk):
    """With status 200 it is the parser who says that it is not RDF."""
    url = server.on("/a", reply(b"<!doctype html>", 200, "text/html"))

    assert talk().get(url, accept="text/turtle").media_type == "text/html"


def test_no_content_type_is_an_empty_media_type(server: Loopback, talk: Talk):
    url = server.on("/a", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))

    assert talk().get(url).media_type == ""


def test_gzip_is_decoded(server: Loopback, talk: Talk):
    """Compressed answers are asked for and decoded, also when they come in several gzip members."""
    whole = server.on("/whole", zipped(TURTLE * 1000))
    two = server.on("/two", reply(gzip.compress(b"one ") + gzip.compress(b"two"), Content_Encoding="x-gzip"))

    assert talk().get(whole).body == TURTLE * 1000
    assert talk().get(two).body == b"one two"
    assert server.seen[0].headers["accept-encoding"] == "gzip"


def test_an_encoding_that_was_not_asked_for_is_an_error(server: Loopback, talk: Talk):
    """Rather than handing bytes on that no parser understands."""
    url = server.on("/a", reply(b"\x0b\x02", Content_Encoding="br"))

    assert "'br'" in fails(talk(), url).cause


def test_chunks_are_joined(server: Loopback, talk: Talk):
    url = server.on("/a", raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))

    assert talk().get(url).body == b"abcde"


def test_connections_are_used_again(server: Loopback, talk: Talk):
    url = server.on("/a", reply(TURTLE))
    client = talk()

    client.get(url)
    client.get(url)

    assert server.seen[0].client == server.seen[1].client


def test_requests_say_who_asks(server: Loopback, talk: Talk):
    """The User-Agent names tool, version and contact."""
    url = server.on("/a", reply())

    contacts = ("mailto:me@example.org", "me@example.org", "https://example.org/bots?a@b", "")
    for contact in contacts:
        talk(contact=contact).get(url)

    assert [seen.headers["user-agent"] for seen in server.seen] == [
        f"harvester/{__version__} (+mailto:me@example.org)",
        f"harvester/{__version__} (+mailto:me@example.org)",
        f"harvester/{__version__} (+https://example.org/bots?a@b)",
        f"harvester/{__version__}",
    ]


def test_a_contact_does_not_end_its_comment(server: Loopback, talk: Talk):
    """Parentheses and backslashes would (RFC 9110, section 5.6.5)."""
    url = server.on("/a", reply())

    talk(contact="https://example.org/a_(b) c\\").get(url)

    agent = server.seen[0].headers["user-agent"]
    assert agent == f"harvester/{__version__} (+https://example.org/a_%28b%29%20c%5C)"


@pytest.mark.parametrize("contact", ["me\r\nX-Evil: 1", "mé@example.org"])
def test_a_contact_that_no_header_can_carry_is_a_usage_error(talk: Talk, contact: str):
    with pytest.raises(UsageError):
        talk(contact=contact)


def test_accept_and_other_headers_are_sent(server: Loopback, talk: Talk):
    """X-Fields reaches the portal; without a wish anything is accepted."""
    url = server.on("/a", reply())

    talk().get(url, accept="application/json", headers={"X-Fields": "data{id}"})
    talk().get(url)

    assert server.seen[0].headers["accept"] == "application/json"
    assert server.seen[0].headers["x-fields"] == "data{id}"
    assert server.seen[1].headers["accept"] == "*/*"


def test_cookies_are_not_kept(server: Loopback, talk: Talk):
    url = server.on("/a", reply(Set_Cookie="session=1; Path=/"))
    client = talk()

    client.get(url)
    client.get(url)

    assert "cookie" not in server.seen[1].headers


def test_netrc_is_not_read(server: Loopback, talk: Talk, tmp_path, monkeypatch):
    """A password that the user keeps for other programs is not sent to a portal."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    url = server.on("/a", reply())

    talk().get(url)

    assert "authorization" not in server.seen[0].headers


def test_a_password_stays_with_the_portals_origin(server: Loopback, talk: Talk):
    """User name and password go to the portal's host and port, not where it redirects or links to."""
    with Loopback() as other:
        link = other.on("/linked", reply())
        away = server.on("/away", redirect(other.on("/there", reply())))
        client = talk(server.url().replace("//", "//me:s%C3%A9same@"))

        document = client.get(away.replace("//", "//me:other@"))
        client.get(link.replace("//", "//me:other@"))

    sent = base64.b64encode("me:sésame".encode()).decode()
    assert server.seen[0].headers["authorization"] == f"Basic {sent}"
    assert [seen.headers.get("authorization") for seen in other.seen] == [None, None]
    assert document.requested == away


def test_a_key_is_not_sent_on_to_another_origin(server: Loopback, talk: Talk):
    """A redirect within the portal keeps all headers; one that leaves it loses the secret ones."""
    with Loopback() as other:
        there = other.on("/there", reply())
        url = server.on("/a", redirect("/b"))
        server.on("/b", redirect(there))

        talk().get(url, headers={"X-API-KEY": "k", "X-Fields": "data"})

        assert server.seen[1].headers["x-api-key"] == "k"
        assert "x-api-key" not in other.seen[0].headers
        assert other.seen[0].headers["x-fields"] == "data"


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (404, Category.GONE),
        (410, Category.GONE),
        (429, Category.REFUSED),
        (504, Category.TOO_SLOW),
        (400, Category.UNREACHABLE),
        (500, Category.UNREACHABLE),
        (204, Category.UNREACHABLE),
    ],
)
def test_each_refusal_has_its_category(server: Loopback, talk: Talk, status: int, category: Category):
    url = server.on("/a", reply(status=status))

    error = fails(talk(attempts=1), url)

    assert (error.status, error.category, error.url) == (status, category, url)


def test_the_portals_own_words_are_told(server: Loopback, talk: Talk):
    """udata explains in a JSON `message`: its first line, bounded, without control characters."""
    message = json.dumps({"message": "Mask \x1b[31mparse\x07 error " + "x" * 1000 + "\nTraceback: secret"})
    url = server.on("/a", zipped(message.encode(), 400, "application/json"))

    cause = fails(talk(), url).cause

    assert "400 Bad Request: Mask [31mparse error xxx" in cause
    assert len(cause) < 400
    assert "Traceback" not in cause
    assert re.search(r"[\x00-\x1f]", cause) is None


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"message": 7}', b"\xff\xfe", b'"text"', b"{"])
def test_an_explanation_that_makes_no_sense_is_left_out(server: Loopback, talk: Talk, body: bytes):
    url = server.on("/a", reply(body, 404, "application/json"))

    assert fails(talk(), url).cause == f"{url} answered 404 Not Found"


def test_secrets_are_not_told(server: Loopback, talk: Talk, caplog):
    """Neither errors nor logs hold passwords, or the values of parameters that look secret."""
    caplog.set_level("DEBUG", logger="harvester")
    url = server.on("/a?api_key=hush1", redirect(f"http://u:hush2@127.0.0.1:{server.port}/b?token=hush3"))
    server.on("/b?token=hush3", reply(status=503))
    client = talk(server.url().replace("//", "//me:hush4@"), attempts=2)

    with pytest.raises(FetchError) as caught:
        client.get(url.replace("//", "//me:hush5@"))

    assert "token=REDACTED" in str(caught.value)
    assert "asking again" in caplog.text
    assert "hush" not in str(caught.value) + caught.value.url + caplog.text


def test_the_end_of_a_redirect_is_told(server: Loopback, talk: Talk):
    """An error names what was asked for and where that led."""
    url = server.on("/a", redirect("/gone"))

    error = fails(talk(), url)

    assert error.url == url
    assert server.url("/gone") in error.cause


def test_requests_under_way_are_limited(server: Loopback, talk: Talk):
    """Of six threads two at a time are let through to one host: never more, and not fewer."""
    pair = threading.Barrier(2, timeout=10)

    def in_pairs(handler):
        pair.wait()
        reply(TURTLE)(handler)

    url = server.on("/a", in_pairs)
    client = talk(concurrency=2)

    with ThreadPoolExecutor(6) as pool:
        documents = list(pool.map(client.get, [url] * 6))

    assert [document.body for document in documents] == [TURTLE] * 6
    assert server.peak == 2
    assert client.requests == 6


def test_requests_per_second_are_limited(server: Loopback, talk: Talk):
    """Five requests at two per second take two seconds, and another host is not held back by them."""
    url = server.on("/a", reply())
    world = Time()
    client = talk(world={"sleep": world.sleep, "clock": world.clock}, rate=2.0)

    for _ in range(5):
        client.get(url)

    assert sum(world.slept) == pytest.approx(2.0)

    with Loopback() as other:
        client.get(other.on("/a", reply()))
    assert sum(world.slept) == pytest.approx(2.0)
