"""Where the client goes, and where it does not."""

import pytest

from harvester.errors import UsageError
from harvester.model import Category, Document
from tests.portal.helpers import Talk, fails
from tests.portal.loopback import Loopback, redirect, reply

TURTLE = b"<urn:s> <urn:p> 'caf\xc3\xa9' .\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\n"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server: Loopback, talk: Talk, status: int):
    """Relative ones too, as udata sends them; the document says where it came from."""
    url = server.on("/site/catalog", redirect("catalog.ttl?page=1", status))
    end = server.on("/site/catalog.ttl?page=1", reply(TURTLE))
    client = talk()

    assert client.get(url) == Document(url, end, 200, "text/turtle", TURTLE)
    assert client.requests == 2


def test_a_location_with_accents_is_followed(server: Loopback, talk: Talk):
    """UTF-8 in a header is not allowed, yet sent."""
    url = server.on("/a", redirect("/données".encode().decode("latin-1")))
    server.on("/donn%C3%A9es", reply(TURTLE))

    assert talk().get(url).body == TURTLE


def test_a_redirect_loop_is_noticed(server: Loopback, talk: Talk):
    url = server.on("/a", redirect("/b"))
    server.on("/b", redirect("/a#again"))

    error = fails(talk(), url)

    assert error.category is Category.REFUSED
    assert "loop" in error.cause
    assert len(server.seen) == 2


def test_redirects_are_bounded(server: Loopback, talk: Talk):
    """As many as the settings allow, and not one more."""
    for number in range(10):
        server.on(f"/{number}", redirect(f"/{number + 1}") if number < 3 else reply(TURTLE))

    assert talk(max_redirects=3).get(server.url("/0")).body == TURTLE
    assert fails(talk(max_redirects=2), server.url("/0")).category is Category.REFUSED


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "javascript:alert(1)",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://[::ffff:192.168.1.1]/",
        "http://0xA9FEA9FE/",
        "http://0/",
        "//10.0.0.1/",
        "/" + "a" * 10_000,
    ],
)
def test_a_redirect_to_where_nobody_should_go_is_refused(server: Loopback, talk: Talk, location: str):
    """Other schemes, and networks that the portal is not in; it is not tried again."""
    url = server.on("/a", redirect(location))

    error = fails(talk(connect_timeout=0.5), url)

    assert error.category is Category.REFUSED
    assert len(server.seen) == 1


def test_a_redirect_to_nowhere_is_an_error(server: Loopback, talk: Talk):
    url = server.on("/a", reply(status=302))

    assert "without saying where" in fails(talk(), url).cause


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://2852039166/", "http://[::ffff:10.0.0.1]/"])
def test_a_link_into_another_network_is_not_asked(talk: Talk, url: str):
    """hydra:next comes from the portal: first requests are guarded like redirects."""
    error = fails(talk(connect_timeout=0.5), url)

    assert error.category is Category.REFUSED


@pytest.mark.parametrize(
    "url", ["ftp://h/x", "data.gouv.fr", "http:///x", "", "http://h:port/", "mailto:a@b"]
)
def test_what_is_no_http_url_is_not_asked(talk: Talk, url: str):
    client = talk()

    assert fails(client, url).category is Category.REFUSED
    assert client.requests == 0


@pytest.mark.parametrize("portal", ["www.data.gouv.fr", "ftp://data.example", "http://"])
def test_a_portal_that_is_no_http_url_is_a_usage_error(talk: Talk, portal: str):
    with pytest.raises(UsageError):
        talk(portal)


def test_a_name_is_resolved_once_for_each_connection(server: Loopback, talk: Talk):
    """A connection goes to the address that was checked: no name server has a second say (DNS rebinding)."""
    url = server.on("/a", reply(TURTLE, Connection="close")).replace("127.0.0.1", "portal.example")
    answers = iter([["127.0.0.1"], ["127.0.0.1"], ["169.254.169.254"]])
    client = talk(url, world={"resolve": lambda host: next(answers)})

    assert client.get(url).body == TURTLE
    assert server.seen[0].headers["host"] == f"portal.example:{server.port}"
    assert fails(client, url).category is Category.REFUSED
    assert len(server.seen) == 1


def test_a_host_is_refused_if_one_of_its_addresses_is(server: Loopback, talk: Talk):
    url = server.on("/a", reply()).replace("127.0.0.1", "mixed.example")
    client = talk(world={"resolve": lambda host: ["127.0.0.1", "10.0.0.1"] if "mixed" in host else [host]})

    assert "10.0.0.1" in fails(client, url).cause
    assert server.seen == []


def test_the_next_address_is_tried(server: Loopback, talk: Talk):
    """Of a host with several addresses one may be down."""
    url = server.on("/a", reply(TURTLE)).replace("127.0.0.1", "portal.example")

    assert talk(url, world={"resolve": lambda host: ["127.0.0.2", "127.0.0.1"]}).get(url).body == TURTLE


def test_a_proxy_is_used_but_not_for_this_machine(server: Loopback, talk: Talk, monkeypatch):
    """A public portal is asked through HTTP_PROXY; its links to loopback and private hosts are refused."""
    monkeypatch.setenv("HTTP_PROXY", server.url())
    server.on("http://portal.example/a", reply(TURTLE))
    server.on("http://portal.example/inside", redirect("http://10.0.0.1/"))
    server.on("http://portal.example/here", redirect(server.url("/secret")))
    client = talk("http://portal.example/", world={"resolve": lambda host: _table[host]}, connect_timeout=0.5)
    _table = {"portal.example": ["93.184.216.34"], "127.0.0.1": ["127.0.0.1"]}

    assert client.get("http://portal.example/a").body == TURTLE
    assert "10.0.0.1" in fails(client, "http://portal.example/inside").cause
    assert "loopback" in fails(client, "http://portal.example/here").cause
    assert [seen.path for seen in server.seen] == [
        "http://portal.example/a",
        "http://portal.example/inside",
        "http://portal.example/here",
    ]


def test_the_password_of_a_proxy_is_not_told(talk: Talk, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://me:hush@proxy.example:port/")
    client = talk("http://portal.example/", world={"resolve": lambda host: ["93.184.216.34"]})

    error = fails(client, "http://portal.example/")

    assert "HTTP_PROXY" in error.fix
    assert "hush" not in str(error)


def test_a_portal_on_this_machine_needs_no_proxy(server: Loopback, talk: Talk, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    url = server.on("/a", reply(TURTLE))

    assert talk().get(url).body == TURTLE
    assert talk().get(url.replace("127.0.0.1", "localhost")).body == TURTLE
