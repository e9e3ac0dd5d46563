"""A catalogue in pages is a portal too, whatever its software: named by its URL, found in its formats."""

import pytest

from harvester.errors import PortalUnreachable
from harvester.formats import BY_NAME
from harvester.portal.choice import AUTO, choose_format
from harvester.portal.client import Client
from harvester.portal.plain import in_format, is_catalogue
from harvester.portal.udata import Portal
from tests.portal.helpers import quick
from tests.portal.loopback import Loopback, redirect, reply

TURTLE = reply(b"<http://a.example/s> <http://a.example/p> 1 .")
XML = reply(
    b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", media_type="application/rdf+xml"
)


@pytest.mark.parametrize(
    ("address", "site", "key"),
    [
        ("https://ckan.example/catalog.ttl", "https://ckan.example", "ckan.example"),
        ("https://ckan.example/catalog", "https://ckan.example", "ckan.example"),
        ("https://ckan.example/catalog.jsonld?page=1&page_size=9", "https://ckan.example", "ckan.example"),
        ("ckan.example:8443/data/catalog.xml", "https://ckan.example:8443", "ckan.example:8443/data"),
        ("https://a.example/dcat/", "https://a.example", "a.example/dcat"),
        ("https://a.example/export/all.RDF", "https://a.example", "a.example/export/all"),
        ("https://a.example/catalog.ttl?q=bus", "https://a.example", "a.example?q=bus"),
    ],
)
def test_a_catalogue_is_named_by_its_url(address, site, key):
    """The same in each format; two on one host are two, so that none removes what the other lists."""
    portal = Portal.at(address)

    assert (portal.site, portal.key, portal.api) == (site, key, "")
    assert portal.pages == (address if "://" in address else f"https://{address}")


def test_a_secret_in_the_address_goes_into_no_name():
    """Names of graphs are published."""
    assert "s3cret" not in Portal.at("https://a.example/catalog.ttl?api_key=s3cret").key


@pytest.mark.parametrize(
    "path", ["", "/", "/fr", "/datasets/a-dataset", "/api/2/", "/index.html", "/catalogs"]
)
def test_other_pages_are_no_catalogues(path):
    """They are the site of a portal, or a mistake."""
    assert not is_catalogue(f"https://a.example{path}")


def test_the_formats_of_a_catalogue_differ_by_their_extension():
    """An address that names the format already stays as it is, whatever spelling it has for it."""
    assert in_format("https://h/a/catalog.ttl?q=1", "xml") == "https://h/a/catalog.xml?q=1"
    assert in_format("https://h/dcat/", "xml") == "https://h/dcat.xml"
    assert in_format("https://h/all.rdf", "xml") == "https://h/all.rdf"


def choose(server: Loopback, path: str, *names: str):
    wanted = [BY_NAME[name] for name in names] or AUTO
    with Client(quick(attempts=1), server.url()) as fetcher:
        return choose_format(fetcher, Portal.at(server.url(path)), wanted)


@pytest.mark.parametrize(("path", "name"), [("/catalog.ttl", "ttl"), ("/data/catalog.rdf", "xml")])
def test_the_format_in_the_address_is_the_first_choice(path, name):
    """Who names one means it; it is asked for once."""
    with Loopback() as server:
        server.on("/catalog.ttl", TURTLE)
        server.on("/data/catalog.rdf", XML)
        server.on("/data/catalog.ttl", TURTLE)
        choice = choose(server, path)

    assert (choice.format.name, choice.url) == (name, server.url(path))
    assert [seen.path for seen in server.seen] == [path]


def test_a_format_asked_for_is_taken_in_place_of_that_in_the_address():
    """`--format xml` means what it says."""
    with Loopback() as server:
        server.on("/catalog.xml", XML)
        choice = choose(server, "/catalog.ttl", "xml")

    assert (choice.format.name, choice.url) == ("xml", server.url("/catalog.xml"))


def test_a_site_without_udata_is_looked_at_for_a_catalogue():
    """Where CKAN has it, and we ourselves; its pages have whatever size it gives them."""
    with Loopback() as server:
        server.on("/catalog.ttl", TURTLE)
        choice = choose(server, "/")

    assert choice.portal == Portal.at(server.url("/catalog"))
    assert choice.url == server.url("/catalog.ttl")


def test_a_catalogue_may_choose_by_accept():
    """Without extensions."""
    with Loopback() as server:
        server.on("/dcat", XML)
        choice = choose(server, "/dcat")

    assert (choice.format.name, choice.url) == ("xml", server.url("/dcat"))


def test_a_catalogue_that_moved_keeps_its_query():
    """And is known by where it is now."""
    with Loopback() as server, Loopback() as home:
        home.on("/catalog.ttl?q=bus", TURTLE)
        server.on("/catalog.ttl?q=bus", redirect(home.url("/catalog.ttl?q=bus")))
        choice = choose(server, "/catalog.ttl?q=bus")

    assert choice.portal == Portal.at(home.url("/catalog.ttl?q=bus"))
    assert choice.url == home.url("/catalog.ttl?q=bus")


def test_what_is_no_catalogue_is_told_with_what_came():
    """A page for people in its place, say."""
    with Loopback() as server:
        server.on("/catalog.ttl", reply(b"<!doctype html><title>Log in</title>", media_type="text/html"))
        with pytest.raises(PortalUnreachable, match="ttl: an HTML page") as caught:
            choose(server, "/catalog.ttl", "ttl")

    assert "catalog.ttl" in caught.value.fix
