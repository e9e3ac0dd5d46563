"""A recording replays what happened: documents, errors, redirects, retries; without the portal."""

import gzip
import signal
import socket
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from harvester.errors import FetchError, HarvesterError, UsageError
from harvester.model import Category, Document
from harvester.portal.client import Client, Fetcher
from harvester.portal.warc import Recorder, Replayer
from tests.portal.helpers import Talk, fails, quick
from tests.portal.loopback import Loopback, cut, drip, raw, redirect, reply, silence, zipped

TURTLE = b"<urn:s> <urn:p> 'caf\xc3\xa9' .\n"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
)
HTML = b"<!doctype html>Redirecting..."
STORIES = {
    "document": [reply(TURTLE)],
    "empty": [reply()],
    "gzip": [zipped(TURTLE * 1000)],
    "chunks": [raw(CHUNKED)],
    "no length": [raw(b"HTTP/1.0 200 OK\r\n\r\n" + TURTLE)],
    "html": [reply(b"<!doctype html>", 200, "text/html; charset=utf-8")],
    "redirect": [redirect("/document?page=1")],
    "accents": [redirect("/données".encode().decode("latin-1"))],
    "secret": [redirect("/signed?token=hush&page=1")],
    "loop": [redirect("/loop")],
    "inside": [redirect("http://10.0.0.1/")],
    "file": [redirect("file:///etc/passwd")],
    "missing": [reply(b'{"message": "No such dataset"}', 404, "application/json")],
    "deleted": [zipped(b'{"message": "deleted"}', 410, "application/json")],
    "long reason": [drip(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n", b"no " * 1000)],
    "busy, then well": [reply(b"", 503), reply(b"", 429, Retry_After="0"), reply(TURTLE)],
    "always busy": [reply(b"busy", 503, "text/plain")],
    "later": [reply(b"", 429, Retry_After="86400")],
    "cut, then well": [cut(TURTLE, 1000), reply(TURTLE)],
    "always cut": [cut(TURTLE, 1000, reset=True)],
    "slow": [silence],
    "too large": [drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)],
    "bomb": [zipped(bytes(2_000_000))],
    "changing": [reply(b"one"), reply(b"two"), reply(b"three")],
}


def outcome(client: Fetcher, url: str, **how: object) -> Document | tuple[object, ...]:
    try:
        return client.get(url, **how)
    except FetchError as error:
        return (str(error), error.url, error.status, error.category)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.warc.gz"


def record(
    path: Path, server: Loopback, talk: Talk, *gets: str | tuple[str, dict[str, object]], **how
) -> list:
    with Recorder(path) as recorder:
        client = talk(world={"recorder": recorder}, **how)
        return [outcome(client, url, **options) for url, options in map(_with_options, gets)]


def _with_options(get: str | tuple[str, dict[str, object]]) -> tuple[str, dict[str, object]]:
    return get if isinstance(get, tuple) else (get, {})


def bodies(path: Path) -> list[tuple[str, str, bytes]]:
    """Type, URL and decoded body of each record, as warcio reads them."""
    with path.open("rb") as file:
        return [
            (r.rec_type, r.rec_headers.get_header("WARC-Target-URI"), r.content_stream().read())
            for r in ArchiveIterator(file)
        ]


def test_a_replay_is_the_run_again(path: Path, talk: Talk):
    """Every story ends as it did live, by as many requests, though the portal is gone."""
    how = {"read_timeout": 0.2, "max_body": 500_000, "attempts": 3}
    with Loopback() as server:
        urls = [server.on(f"/{name.replace(' ', '-')}", *story) for name, story in STORIES.items()]
        for end in ("/document?page=1", "/donn%C3%A9es", "/signed?token=hush&page=1"):
            server.on(end, reply(TURTLE + end.encode()))
        urls += [server.url("/changing"), server.url("/changing"), server.url("/changing"), "ftp://h/"]
        with Recorder(path) as recorder, Client(quick(**how), server.url(), recorder=recorder) as client:
            live = [outcome(client, url) for url in urls]
            requests, slowdowns = client.requests, client.slowdowns

    with Replayer(path, quick(**how)) as replayer:
        assert [outcome(replayer, url) for url in urls] == live
        assert (replayer.requests, replayer.slowdowns) == (requests, slowdowns)
    assert "asked to slow down" in slowdowns[0]
    assert {type(end) for end in live} == {Document, tuple}


def test_a_refused_connection_is_replayed(path: Path, server: Loopback, talk: Talk):
    with socket.socket() as reserved:  # bound, but nobody listens
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/"
        [live] = record(path, server, talk, url, attempts=2)

    with Replayer(path, quick(attempts=2)) as replayer:
        assert outcome(replayer, url) == live
        assert "Connection refused" in str(live)


def test_masks_and_formats_are_kept_apart(path: Path, server: Loopback, talk: Talk):
    """One URL asked with several X-Fields or Accept headers has as many answers."""
    url = server.on("/a", *(reply(str(number).encode()) for number in range(4)))
    ways: list[dict[str, object]] = [
        {"headers": {"X-Fields": "data{id}"}},
        {"headers": {"X-Fields": "data{title}"}},
        {"accept": "text/turtle"},
        {},
    ]
    live = record(path, server, talk, *((url, way) for way in ways))

    with Replayer(path, quick()) as replayer:
        backwards = [outcome(replayer, url, **way) for way in reversed(ways)]

    assert backwards == live[::-1]
    assert len({document.body for document in live}) == 4


def test_a_mask_is_never_answered_by_another(path: Path, server: Loopback, talk: Talk):
    """What was recorded with one X-Fields answers neither another one nor none."""
    url = server.on("/a", reply(b"{}"))
    record(path, server, talk, (url, {"headers": {"X-Fields": "data{id}"}}))

    with Replayer(path, quick()) as replayer:
        for headers in ({"X-Fields": "data{title}"}, {}):
            with pytest.raises(UsageError, match="holds no answer"):
                replayer.get(url, headers=headers)


def test_a_plain_recording_answers_any_wish(path: Path, server: Loopback, talk: Talk):
    """Without a mask the portal gave everything, and without Accept what it prefers."""
    url = server.on("/a", reply(b"all"))
    record(path, server, talk, url)

    with Replayer(path, quick()) as replayer:
        assert replayer.get(url, accept="text/turtle", headers={"X-Fields": "data"}).body == b"all"


def test_what_was_not_recorded_is_a_clear_error(path: Path, server: Loopback, talk: Talk):
    """It names URL and file, and no network is asked instead."""
    record(path, server, talk, server.on("/a", reply()))
    other = server.on("/b", reply())

    with Replayer(path, quick()) as replayer, pytest.raises(UsageError, match="no answer for") as raised:
        replayer.get(other)

    assert str(path) in raised.value.cause
    assert other in raised.value.cause
    assert [seen.path for seen in server.seen] == ["/a"]


def test_several_threads_record_and_replay(path: Path, server: Loopback, talk: Talk):
    urls = [server.on(f"/{number}", zipped(str(number).encode() * 5000)) for number in range(40)]
    with Recorder(path) as recorder, ThreadPoolExecutor(8) as pool:
        live = list(pool.map(talk(world={"recorder": recorder}, concurrency=8).get, urls))

    with Replayer(path, quick()) as replayer, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(replayer.get, urls)) == live


def test_a_replay_keeps_to_the_limit(path: Path, server: Loopback, talk: Talk):
    url = server.on("/a", zipped(b"x" * 1000))
    record(path, server, talk, url)

    with Replayer(path, quick(max_body=999)) as replayer:
        assert fails(replayer, url).category is Category.REFUSED


def test_a_recording_is_a_warc_that_others_read(path: Path, server: Loopback, talk: Talk):
    """Requests beside responses, each hop of a redirect, and bodies that warcio decodes."""
    a = server.on("/a", redirect("/b?page=1"))
    b = server.on("/b?page=1", zipped(TURTLE))
    c = server.on("/c", raw(CHUNKED))
    record(path, server, talk, a, c)

    first, *pairs = bodies(path)

    assert first[0] == "warcinfo"
    assert [kind for kind, _, _ in pairs] == ["response", "request"] * 3
    assert [url for _, url, _ in pairs] == [a, a, b, b, c, c]
    assert pairs[2][2] == TURTLE
    with path.open("rb") as file:
        heads = [r.http_headers.headers for r in ArchiveIterator(file) if r.rec_type == "response"]
    lengths = [[value for name, value in head if name.lower() == "content-length"] for head in heads]
    assert lengths == [[str(len(sent))] for sent in (HTML, gzip.compress(TURTLE, mtime=0), b"abc")]
    assert "transfer-encoding" not in str(heads).lower()
    check = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", str(path)], capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stdout) == (0, "")


def test_a_name_without_gz_is_not_compressed(tmp_path: Path, server: Loopback, talk: Talk):
    path = tmp_path / "run.warc"
    url = server.on("/a", reply(TURTLE))
    [live] = record(path, server, talk, url)

    assert path.read_bytes().startswith(b"WARC/1.1\r\n")
    with Replayer(path, quick()) as replayer:
        assert outcome(replayer, url) == live


def test_secrets_are_not_recorded(tmp_path: Path, server: Loopback, talk: Talk):
    """Passwords, keys, cookies and secret parameters stay out of the file, which may be published."""
    path = tmp_path / "run.warc"
    url = server.on("/a?token=hush1", redirect(f"http://u:hush2@127.0.0.1:{server.port}/b?api_key=hush3"))
    server.on("/b?api_key=hush3", reply(TURTLE, Set_Cookie="session=hush4"))
    with Recorder(path) as recorder:
        client = talk(server.url().replace("//", "//me:hush5@"), world={"recorder": recorder})
        client.get(url, headers={"X-API-KEY": "hush6", "Cookie": "hush7", "Authorization": "hush8"})

    text = path.read_bytes()

    assert b"token=REDACTED" in text
    assert b"hush" not in text
    assert b"Basic" not in text
    with Replayer(path, quick()) as replayer:
        assert replayer.get(url).body == TURTLE


def test_the_name_comes_last(path: Path, server: Loopback, talk: Talk):
    """An earlier recording stays until the new one is whole."""
    url = server.on("/a", reply(TURTLE))
    path.write_bytes(b"earlier")
    with Recorder(path) as recorder:
        talk(world={"recorder": recorder}).get(url)
        assert path.read_bytes() == b"earlier"

    assert len(bodies(path)) == 3
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("end", "names"),
    [
        (HarvesterError("x", fix="y"), {"run.warc.gz"}),
        (KeyboardInterrupt(), {"run.warc.gz.partial"}),
        (ZeroDivisionError(), {"run.warc.gz.partial"}),
    ],
    ids=["failed", "interrupted", "crashed"],
)
def test_only_a_run_that_came_to_its_end_has_a_recording(path: Path, end: BaseException, names: set[str]):
    """A failed run can be replayed; an interrupted one must not be taken for a whole one."""
    with pytest.raises(type(end)), Recorder(path):
        raise end

    assert {file.name for file in path.parent.iterdir()} == names


def test_a_killed_run_leaves_no_recording(path: Path, server: Loopback):
    script = f"""
        import os, pathlib, signal
        from harvester.config import HttpSettings
        from harvester.portal.client import Client
        from harvester.portal.warc import Recorder
        recorder = Recorder(pathlib.Path({str(path)!r}))
        Client(HttpSettings(), {server.url()!r}, recorder=recorder).get({server.on("/a", reply(TURTLE))!r})
        os.kill(os.getpid(), signal.SIGKILL)
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)

    assert run.returncode == -signal.SIGKILL
    assert len(server.seen) == 1
    assert not path.exists()


def test_a_recording_that_cannot_be_written_is_a_usage_error(tmp_path: Path):
    with pytest.raises(UsageError, match="No such file"):
        Recorder(tmp_path / "nowhere" / "run.warc.gz")


def test_a_full_disk_is_an_error_with_advice(path: Path):
    """/dev/full takes no byte; the run must not end with half a recording that has its name."""
    path.with_name("run.warc.gz.partial").symlink_to("/dev/full")

    with pytest.raises(HarvesterError, match="No space left"):
        Recorder(path)
    assert not path.exists()
