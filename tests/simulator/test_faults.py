"""Each fault does over real HTTP what its name says, and nothing to requests that it does not concern."""

import http.client
import socket

import pytest
import requests

from tests.simulator import Portal, World, faults, serve
from tests.simulator.exchange import Delivery

WORLD = World(datasets=30, reuses=4)


def fetch(portal: Portal, page: int, extension: str = "nt") -> requests.Response:
    url = f"{portal.api}/site/catalog.{extension}?page={page}&page_size=10"
    return requests.get(url, timeout=2, allow_redirects=False)


def links(text: str, name: str) -> list[str]:
    return [line.split("<")[3].split(">")[0] for line in text.splitlines() if f"hydra/core#{name}>" in line]


def test_a_status_for_a_while():
    """Two answers fail, the third does not: retrying is worth it."""
    with serve(WORLD, [faults.status(503, faults.page(2), times=2)]) as portal:
        statuses = [fetch(portal, 2).status_code for _ in range(3)]
        other = fetch(portal, 1).status_code

    assert statuses == [503, 503, 200]
    assert other == 200
    assert portal.statuses == {503: 2, 200: 2}


def test_busy_says_when_to_come_back():
    """429 comes with Retry-After."""
    with serve(WORLD, [faults.busy(seconds=7)]) as portal:
        answer = fetch(portal, 1)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_a_body_may_end_early():
    """Content-Length says more than comes."""
    with (
        serve(WORLD, [faults.delivered(Delivery.CUT)]) as portal,
        pytest.raises(requests.exceptions.ChunkedEncodingError),
    ):
        fetch(portal, 1)


def test_a_connection_may_be_reset():
    """The client sees a reset, not an end."""
    with serve(WORLD, [faults.delivered(Delivery.RESET)]) as portal:
        connection = http.client.HTTPConnection("127.0.0.1", int(portal.site.rsplit(":", 1)[1]), timeout=5)
        connection.request("GET", "/api/1/site/catalog.xml?page_size=30")
        with pytest.raises(ConnectionResetError):
            connection.getresponse().read()
        connection.close()


@pytest.mark.parametrize("delivery", [Delivery.SILENT, Delivery.TRICKLE, Delivery.ENDLESS])
def test_an_answer_may_never_end(delivery):
    """Silence, a drip, a flood: the client has to end it, and the portal still shuts down."""
    pieces: list[bytes] = []
    with serve(WORLD, [faults.delivered(delivery)]) as portal:
        raw = socket.create_connection(("127.0.0.1", int(portal.site.rsplit(":", 1)[1])), timeout=0.3)
        raw.sendall(b"GET /api/1/site/ HTTP/1.1\r\nHost: h\r\n\r\n")
        try:
            while len(pieces) < 20 and (data := raw.recv(65536)):
                pieces.append(data)
        except TimeoutError:
            assert delivery is Delivery.SILENT
        raw.close()

    assert len(pieces) == (0 if delivery is Delivery.SILENT else 20)
    if delivery is Delivery.TRICKLE:
        assert pieces[-1] == b" "


def test_documents_may_be_something_else():
    """HTML for RDF, RDF called HTML, half a document, a broken one, an empty one."""
    broken = [
        faults.html(faults.page(1)),
        faults.typed("text/html", faults.page(2)),
        faults.body(b"", faults.page(3)),
    ]
    with serve(WORLD, broken) as portal:
        page, mistyped, empty = (fetch(portal, number) for number in (1, 2, 3))
        portal.faults = [faults.halved(faults.page(1)), faults.malformed(faults.page(2))]
        half, malformed = fetch(portal, 1), fetch(portal, 2)
        portal.faults = []
        whole = fetch(portal, 1)

    assert page.text.startswith("<!doctype html>")
    assert (mistyped.headers["Content-Type"], mistyped.text[0]) == ("text/html", "<")
    assert empty.content == b""
    assert len(half.content) == pytest.approx(len(whole.content) / 2, rel=0.01)
    assert "unterminated" in malformed.text


def test_redirects_may_go_anywhere():
    """To itself, or away."""
    loop, away = "/api/1/site/catalog.nt?page=2&page_size=10", "http://169.254.169.254/latest/"
    spoilt = [faults.redirected(loop, faults.page(2)), faults.redirected(away, faults.page(1))]
    with serve(WORLD, spoilt) as portal:
        answers = [fetch(portal, 2), fetch(portal, 1)]

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (302, loop),
        (302, away),
    ]


def test_paging_controls_may_be_wrong():
    """A next page that is the page itself, none, or one elsewhere; a total that is too low."""
    wrong = [
        faults.next_page(1, lambda view: view.url),
        faults.next_page(2, lambda view: None),
        faults.total(2, -5),
    ]
    with serve(WORLD, wrong) as portal:
        first, second = fetch(portal, 1).text, fetch(portal, 2).text

    assert links(first, "next") == [f"{portal.api}/site/catalog.nt?page=1&page_size=10"]
    assert links(second, "next") == []
    assert '"25"^^' in second


def test_a_page_may_be_repeated():
    """Page 2 lists the datasets of page 1, and still leads on to page 3."""
    with serve(WORLD, [faults.repeated(2)]) as portal:
        first, second = fetch(portal, 1).text, fetch(portal, 2).text

    def datasets(text: str) -> set[str]:
        return {line for line in text.splitlines() if "dcat#dataset>" in line}

    assert datasets(first) == datasets(second)
    assert links(second, "next") == [f"{portal.api}/site/catalog.nt?page=3&page_size=10"]


@pytest.mark.parametrize(("fault", "repeats", "lost"), [(faults.grows(1), 1, 0), (faults.shrinks(1), 0, 1)])
def test_the_listing_moves_while_it_is_read(fault, repeats, lost):
    """One added between two pages: one repeated. One removed: one never seen (nor the removed one lost)."""
    with serve(World(datasets=30, shared=()), [fault]) as portal:
        seen = [
            line
            for page in (1, 2, 3, 4)
            for line in fetch(portal, page).text.splitlines()
            if "dcat#dataset>" in line
        ]

    assert len(seen) - len(set(seen)) == repeats
    assert 30 - len(set(seen)) == lost
