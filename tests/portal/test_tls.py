"""The client over TLS: the certificate is for the name, whatever address the connection goes to."""

import ssl
from collections.abc import Iterator

import pytest
import trustme

from harvester.model import Category
from tests.portal.helpers import Talk, fails
from tests.portal.loopback import Loopback, redirect, reply

BODY = b"<urn:s> <urn:p> <urn:o> ."
WORLD = {"resolve": lambda host: ["127.0.0.1"]}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[Loopback]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("portal.example").configure_cert(context)
    with Loopback(tls=context) as loopback:
        yield loopback


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path, monkeypatch) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))


def named(server: Loopback, host: str, path: str) -> str:
    return f"https://{host}:{server.port}{path}"


@pytest.mark.usefixtures("trusted")
def test_https_is_spoken_to_the_checked_address(secure: Loopback, talk: Talk):
    """The name is resolved by the guard, and still is the one that the certificate must have."""
    secure.on("/a", reply(BODY))
    url = named(secure, "portal.example", "/a")

    assert talk(url, world=WORLD).get(url).body == BODY


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_refused_at_once(secure: Loopback, talk: Talk):
    url = named(secure, "other.example", "/a")
    client = talk(url, world=WORLD)

    error = fails(client, url)

    assert "certificate" in error.cause
    assert error.category is Category.UNREACHABLE
    assert client.requests == 1


def test_a_certificate_of_an_unknown_authority_is_refused(secure: Loopback, talk: Talk):
    """The message says how to make a company's own authority known."""
    url = named(secure, "portal.example", "/a")

    assert "REQUESTS_CA_BUNDLE" in fails(talk(url, world=WORLD), url).fix


@pytest.mark.usefixtures("trusted")
def test_https_does_not_go_on_in_the_clear(secure: Loopback, server: Loopback, talk: Talk):
    """A redirect to plain http on another host or port is not followed."""
    secure.on("/a", redirect(server.on("/b", reply(BODY)).replace("127.0.0.1", "portal.example")))
    url = named(secure, "portal.example", "/a")

    error = fails(talk(url, world=WORLD), url)

    assert "https" in error.cause
    assert error.category is Category.REFUSED
    assert server.seen == []


def test_plain_http_on_a_tls_port_is_not_repeated(secure: Loopback, server: Loopback, talk: Talk):
    """Speaking TLS to a server that does not cannot heal."""
    url = server.url("/a").replace("http://", "https://")
    client = talk(url)

    assert fails(client, url).category is Category.UNREACHABLE
    assert client.requests == 1
