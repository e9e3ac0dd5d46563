"""Documents are asked for only if they changed, where the portal can tell; RFC 9110, section 13."""

from pathlib import Path

import pytest

from harvester.errors import UsageError
from harvester.model import Category, Document
from harvester.portal.warc import Recorder, Replayer
from tests.portal.helpers import Talk, fails, quick
from tests.portal.loopback import Behaviour, Handler, Loopback, redirect, reply

TURTLE = b"<urn:s> <urn:p> 'caf\xc3\xa9' .\n"
ETAG = 'W/"5f-a,b"'
DATE = "Sat, 21 Nov 2026 10:00:00 GMT"


def validating(etag: str = ETAG, date: str = DATE, body: bytes = TURTLE) -> Behaviour:
    """Answer as a server with validators does; the entity tag goes before the date."""

    def behave(handler: Handler) -> None:
        tag, since = handler.headers["If-None-Match"], handler.headers["If-Modified-Since"]
        same = tag == etag if tag else since == date
        headers = {"ETag": etag, "Last_Modified": date}
        reply(b"" if same else body, 304 if same else 200, **headers)(handler)

    return behave


def sent(server: Loopback, number: int = -1) -> tuple[str | None, str | None]:
    headers = server.seen[number].headers
    return headers.get("if-none-match"), headers.get("if-modified-since")


def test_a_document_has_its_validators_as_sent(server: Loopback, talk: Talk):
    """Weak ones too; without any they are empty, and nothing is asked conditionally."""
    client = talk()

    known = client.get(server.on("/a", validating()))
    bare = client.get(server.on("/b", reply(TURTLE)))

    assert (known.etag, known.last_modified) == (ETAG, DATE)
    assert (bare.etag, bare.last_modified) == ("", "")
    assert sent(server, 0) == (None, None)


@pytest.mark.parametrize("known", [(ETAG, DATE), (ETAG, ""), ("", DATE)])
def test_what_did_not_change_has_no_body(server: Loopback, talk: Talk, known: tuple[str, str]):
    url = server.on("/a", validating())

    document = talk().get(url, accept="text/turtle", validators=known)

    assert document == Document(url, url, 304, "text/turtle", b"", ETAG, DATE)
    assert sent(server) == tuple(value or None for value in known)


def test_what_changed_comes_whole(server: Loopback, talk: Talk):
    """With its new validators."""
    url = server.on("/a", validating('"new"', DATE))

    document = talk().get(url, validators=(ETAG, DATE))

    assert (document.status, document.body, document.etag) == (200, TURTLE, '"new"')


def test_a_304_without_validators_leaves_the_known_ones(server: Loopback, talk: Talk):
    """They still hold, and the next run needs them."""
    url = server.on("/a", reply(status=304))

    document = talk().get(url, validators=(ETAG, DATE))

    assert (document.status, document.etag, document.last_modified) == (304, ETAG, DATE)


def test_a_304_that_nobody_asked_for_is_an_error(server: Loopback, talk: Talk):
    """There is nothing that could be unchanged; it would be a document without content."""
    url = server.on("/a", reply(status=304))

    error = fails(talk(), url)

    assert (error.status, error.category) == (304, Category.UNREACHABLE)
    assert "nothing was known" in error.cause
    assert len(server.seen) == 1


def test_a_busy_portal_is_asked_the_same_again(server: Loopback, talk: Talk):
    url = server.on("/a", reply(status=503), validating())

    assert talk().get(url, validators=(ETAG, "")).status == 304
    assert sent(server, 0) == sent(server, 1) == (ETAG, None)


def test_redirects_keep_conditions_within_the_origin(server: Loopback, talk: Talk):
    url = server.on("/a", redirect("/b"))
    there = server.on("/b", validating())

    document = talk().get(url, validators=(ETAG, DATE))

    assert (document.requested, document.url, document.status) == (url, there, 304)


def test_redirects_to_another_origin_lose_them(server: Loopback, talk: Talk):
    """An equal tag means nothing there, also not on the way back; a 304 from there is an error."""
    with Loopback() as other:
        url = server.on("/a", redirect(other.on("/b", redirect(server.url("/c")))))
        server.on("/c", validating())
        liar = server.on("/d", redirect(other.on("/e", reply(status=304))))
        client = talk()

        assert client.get(url, validators=(ETAG, DATE)).body == TURTLE
        assert fails(client, liar, validators=(ETAG, DATE)).status == 304

        assert sent(other, 0) == sent(other, 1) == (None, None)


@pytest.mark.parametrize(
    "bad", ["*", " * ", '"a"\r\nX-Evil: 1', '"\x00"', '"é"', "x" * 2000, '"日"'], ids=ascii
)
def test_validators_that_cannot_be_sent_are_left_out(server: Loopback, talk: Talk, bad: str):
    """A star would match anything; and whatever a store holds, no header is smuggled in by it."""
    url = server.on("/a", validating())

    assert talk().get(url, validators=(bad, bad)).body == TURTLE
    assert sent(server) == (None, None)
    assert "x-evil" not in server.seen[0].headers


@pytest.mark.parametrize("bad", ["*", "x" * 2000, '"\xe9"'], ids=ascii)
def test_validators_of_no_use_are_not_kept(server: Loopback, talk: Talk, bad: str):
    url = server.on("/a", reply(TURTLE, ETag=bad, Last_Modified=bad))

    document = talk().get(url)

    assert (document.etag, document.last_modified) == ("", "")


def test_a_recording_plays_it_back(tmp_path: Path, server: Loopback, talk: Talk):
    """Whole and unchanged answers of one URL each answer their own kind of request, in any order."""
    path = tmp_path / "run.warc.gz"
    url = server.on("/a", validating())
    ways: list[dict[str, tuple[str, str]]] = [
        {},
        {"validators": (ETAG, DATE)},
        {"validators": ("", DATE)},
        {"validators": ('"old"', "")},
    ]
    with Recorder(path) as recorder:
        client = talk(world={"recorder": recorder})
        live = [client.get(url, **way) for way in ways]

    assert [document.status for document in live] == [200, 304, 304, 200]
    with Replayer(path, quick()) as replayer:
        assert [replayer.get(url, **way) for way in reversed(ways)] == live[::-1]


def test_a_whole_document_answers_any_condition(tmp_path: Path, server: Loopback, talk: Talk):
    """As a portal that does not heed conditions: so a recording can be replayed into any store."""
    path = tmp_path / "run.warc.gz"
    url = server.on("/a", validating())
    with Recorder(path) as recorder:
        live = talk(world={"recorder": recorder}).get(url)

    with Replayer(path, quick()) as replayer:
        assert replayer.get(url, validators=(ETAG, DATE)) == live


def test_unchanged_is_no_answer_to_anything_else(tmp_path: Path, server: Loopback, talk: Talk):
    """A recorded 304 answers neither other validators nor none."""
    path = tmp_path / "run.warc.gz"
    url = server.on("/a", validating())
    with Recorder(path) as recorder:
        talk(world={"recorder": recorder}).get(url, validators=(ETAG, ""))

    with Replayer(path, quick()) as replayer:
        for validators in (("", ""), ('"other"', ""), (ETAG, DATE)):
            with pytest.raises(UsageError, match="holds no answer"):
                replayer.get(url, validators=validators)
