"""The format is chosen by what the portal serves, cheapest first."""

import re

import pytest

from harvester.errors import PortalUnreachable
from harvester.formats import BY_NAME
from harvester.portal.choice import AUTO, choose_format
from harvester.portal.client import Client
from harvester.portal.udata import Portal
from tests.portal.helpers import quick
from tests.simulator import PLAIN, Fault, Manners, World, faults, serve
from tests.simulator import Portal as Simulated
from tests.simulator.manners import EXTENSIONS

WORLD = World(datasets=12, reuses=0)


def client(simulated: Simulated) -> Client:
    return Client(quick(attempts=1), simulated.site)


def broken(*extensions: str) -> Fault:
    return faults.status(500, rf"catalog\.({'|'.join(extensions)})\?")


def test_turtle_is_the_first_choice_and_found_with_one_small_request():
    """The smallest format that loses nothing, probed with a page of one dataset."""
    with serve(WORLD) as simulated, client(simulated) as fetcher:
        choice = choose_format(fetcher, Portal.at(simulated.site), page_size=50)

    assert choice.format.name == "ttl"
    assert choice.url == f"{simulated.api}/site/catalog.ttl?page=1&page_size=50"
    assert simulated.requests == ["/api/1/site/catalog.ttl?page=1&page_size=1"]
    assert choice.portal == Portal.at(simulated.site)


@pytest.mark.parametrize("count", range(1, len(AUTO)))
def test_the_next_cheapest_is_taken_where_a_format_fails(count):
    """A portal that cannot write the first formats is asked for the next, and the reason says so."""
    failing = [format_.extensions[0] for format_ in AUTO[:count]]
    with serve(WORLD, [broken(*failing)]) as simulated, client(simulated) as fetcher:
        choice = choose_format(fetcher, Portal.at(simulated.site))

    assert choice.format is AUTO[count]
    assert len(simulated.requests) == count + 1
    assert all(f"{format_.name}: answered 500" in choice.reason for format_ in AUTO[:count])


@pytest.mark.parametrize("name", ["ttl", "nt", "n3", "trig", "xml", "jsonld"])
def test_a_format_asked_for_is_the_only_one_tried(name):
    """`--format xml` pulls XML, whatever is cheaper."""
    with serve(WORLD) as simulated, client(simulated) as fetcher:
        choice = choose_format(fetcher, Portal.at(simulated.site), [BY_NAME[name]])
        document = fetcher.get(choice.url, accept=choice.accept)

    assert choice.format.name == name
    assert document.media_type in choice.format.media_types
    assert len(simulated.requests) == 2


@pytest.mark.parametrize("name", [None, "xml", "nt"])
def test_a_server_without_extensions_is_negotiated_with(name):
    """Any server of a DCAT catalogue that heeds Accept will do; no extension, no udata."""
    wanted = [BY_NAME[name]] if name else AUTO
    with serve(WORLD, manners=PLAIN) as simulated, client(simulated) as fetcher:
        choice = choose_format(fetcher, Portal.at(simulated.api), wanted)
        document = fetcher.get(choice.url, accept=choice.accept)

    assert choice.format.name == (name or "ttl")
    assert document.media_type in choice.format.media_types
    assert choice.url.startswith(f"{simulated.api}/site/catalog?")
    assert "by negotiation" in choice.reason


def test_negotiation_follows_udatas_redirect():
    """udata answers negotiation with a relative redirect to an extension: that is where the pages are."""
    manners = Manners(extensions=frozenset(EXTENSIONS))
    hidden = Fault(r"catalog\.\w+\?page=1&page_size=1$", spoil=faults.status(404).spoil)
    with serve(WORLD, [hidden], manners=manners) as simulated, client(simulated) as fetcher:
        choice = choose_format(fetcher, Portal.at(simulated.site))

    assert choice.url == f"{simulated.api}/site/catalog.ttl?page=1&page_size=100"
    assert choice.format.name == "ttl"


def test_the_portal_is_taken_by_the_host_that_it_redirects_to():
    """IRIs and links follow the Host header: what data.example redirects to www.data.example is called so."""
    with (
        serve(WORLD) as home,
        serve(WORLD, manners=Manners(canonical_host=home.site.removeprefix("http://"))) as simulated,
        client(simulated) as fetcher,
    ):
        choice = choose_format(fetcher, Portal.at(simulated.site))

    assert choice.portal == Portal.at(home.site)
    assert choice.url.startswith(home.api)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.html("catalog"), "an HTML page"),
        (faults.body(b'{"message": "moved"}', "catalog"), None),
        (faults.typed("application/json", r"catalog\.(?!json)"), "came as application/json"),
        (faults.status(404, "catalog"), "answered 404"),
        (faults.status(403, "catalog"), "answered 403"),
        (faults.redirected("/api/1/site/catalog.ttl?page=1&page_size=1", "catalog"), "loop"),
    ],
    ids=["html", "json body", "mistyped", "404", "403", "redirect loop"],
)
def test_what_a_portal_answers_in_place_of_a_catalogue_is_told(fault, why):
    """Every format that was tried is named with what came; only a body can be judged by the parser alone."""
    with serve(WORLD, [fault]) as simulated, client(simulated) as fetcher:
        portal = Portal.at(simulated.site)
        if why is None:
            assert choose_format(fetcher, portal).format.name == "ttl"
            return
        with pytest.raises(PortalUnreachable, match=re.escape(why)) as caught:
            choose_format(fetcher, portal, AUTO[:3])

    assert all(f"{format_.name}: " in caught.value.cause for format_ in AUTO[:3])
    assert "/api/1" in caught.value.fix


def test_turtle_called_html_is_still_turtle():
    """A wrong Content-Type does not hide what the body shows not to be a web page."""
    with serve(WORLD, [faults.typed("text/html", "catalog")]) as simulated, client(simulated) as fetcher:
        choice = choose_format(fetcher, Portal.at(simulated.site))

    assert choice.format.name == "ttl"


@pytest.mark.parametrize("status", [429, 503])
def test_an_overloaded_portal_is_not_asked_for_every_format(status):
    """429 and 503 speak of the portal, not of a format: one request, and a clear end."""
    with serve(WORLD, [faults.status(status)]) as simulated, client(simulated) as fetcher:
        with pytest.raises(PortalUnreachable, match=str(status)):
            choose_format(fetcher, Portal.at(simulated.site))

        assert len(simulated.requests) == 1


def test_a_portal_that_does_not_answer_is_unreachable():
    """Nobody listens: the first request tells."""
    with serve(WORLD) as simulated:
        site = simulated.site
    with Client(quick(attempts=1), site) as fetcher, pytest.raises(PortalUnreachable) as caught:
        choose_format(fetcher, Portal.at(site))

    assert site in caught.value.cause
    assert fetcher.requests == 1
