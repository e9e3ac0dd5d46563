"""Dumps over HTTP, from a real server: found, taken whole or in parts, and never parts of two generations."""

import asyncio
import gzip
import hashlib
import json
import subprocess
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from filelock import FileLock
from pyoxigraph import RdfFormat, parse

from harvester.export.dumps import FILES, SUMS
from harvester.serve.core.dumps import Dumps
from harvester.serve.core.settings import ServeSettings
from tests.export.stores import PREFIXES
from tests.serve.site import add_index, page
from tests.serve.support import Reply, Server, publish, serving
from tests.waiting import PATIENCE_S, awaited

DATA = PREFIXES + "".join(f'record:d{n} {{ :d{n} dct:title "{n} {"x" * (n % 97)}" }}\n' for n in range(500))
NEWER = PREFIXES + 'record:d { :d dct:title "newer" }'
FILE = "/dumps/catalogue.ttl.gz"


def listing(server: Server) -> dict[str, Any]:
    reply = server.ask("GET", "/dumps/", {"Accept": "application/json"})
    assert reply.status == 200
    return json.loads(reply.body)


def await_listing(server: Server, fits: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    return awaited(lambda: listing(server), fits)


def whole(found: dict[str, Any]) -> bool:
    return found["generation"] == found["current"] and not found["doing"]


@contextmanager
def dumping(store, *options):
    """Serve, and wait until the dump is whole."""
    with serving(store, "--access-log", "off", "--make-dumps", *options) as server:
        await_listing(server, whole)
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    store = tmp_path_factory.mktemp("dumps") / "store"
    add_index(publish(store, DATA))
    with dumping(store) as running:
        yield running


def take(server: Server, path: str = FILE, **headers: str) -> Reply:
    return server.ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})


def test_the_list_tells_what_there_is(server):
    """Names, sizes, dates and checksums, which are those of the files."""
    found = listing(server)

    assert {file["name"] for file in found["files"]} == {*FILES, SUMS}
    assert found["generation"] == found["current"]
    for file in found["files"]:
        body = take(server, file["url"].removeprefix(server.url)).body
        assert (file["bytes"], file["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
        assert found["generation"] in file["url"]


def test_the_list_is_a_page_too(server):
    """With a link to each file; /dumps leads to it."""
    shown = page(server, "/dumps/")
    moved = server.ask("GET", "/dumps")

    assert {str(link) for link in shown.all("a")} >= {*FILES, SUMS}
    for link in shown.all("a"):
        expected = 303 if "hreflang" in link.attributes else 200
        assert (
            server.ask("HEAD", link["href"]).status == expected or "//" in link["href"] or "#" in link["href"]
        )
    assert (moved.status, moved.headers["Location"]) == (308, "/dumps/")


def test_what_is_downloaded_under_its_name_passes_the_checksums(server, tmp_path):
    """As a person does it: fetch the files and the sums, and check."""
    for name in (*FILES, SUMS):
        (tmp_path / name).write_bytes(take(server, f"/dumps/{name}").body)

    subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=tmp_path, check=True, capture_output=True)
    assert len(list(parse(gzip.decompress((tmp_path / FILES[0]).read_bytes()), RdfFormat.N_QUADS))) == 500


@pytest.mark.parametrize("name", [*FILES, SUMS])
def test_a_file_has_the_headers_of_a_file(server, name):
    """Type, size, strong ETag, and no second compression; HEAD says the same."""
    full = take(server, f"/dumps/{name}", Accept_Encoding="gzip, zstd")
    head = server.ask("HEAD", f"/dumps/{name}")

    assert full.media_type == ("text/plain" if name == SUMS else "application/gzip")
    assert full.headers["Content-Length"] == str(len(full.body))
    assert full.headers["ETag"] == f'"{hashlib.sha256(full.body).hexdigest()}"'
    assert full.headers["Accept-Ranges"] == "bytes"
    assert full.headers["Content-Encoding"] is None
    assert full.headers["Content-Location"] == f"/dumps/{listing(server)['generation']}/{name}"
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", full.headers["ETag"])
    assert head.headers["Content-Length"] == full.headers["Content-Length"]


def lasting(server: Server) -> str:
    """The address at which the file never changes."""
    return take(server).headers["Content-Location"]


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-7", -7, None), ("bytes=5-5", 5, 6)],
)
def test_a_part_is_that_part(server, wanted, first, last):
    """https://www.rfc-editor.org/rfc/rfc9110#section-14.2 : first and last byte, from either end."""
    full = take(server)
    part = take(server, lasting(server), Range=wanted)

    assert part.status == 206
    assert part.body == full.body[first:last]
    begin = full.body.index(part.body) if first < 0 else first
    assert part.headers["Content-Range"] == f"bytes {begin}-{begin + len(part.body) - 1}/{len(full.body)}"
    assert part.headers["ETag"] == full.headers["ETag"]


def test_several_parts_come_as_several(server):
    """https://www.rfc-editor.org/rfc/rfc9110#section-14.6 ; too many at once are the whole file."""
    full = take(server)
    parts = take(server, lasting(server), Range="bytes=0-4,10-14")
    many = take(server, lasting(server), Range="bytes=" + ",".join(f"{n}-{n}" for n in range(0, 400, 2)))

    assert (parts.status, parts.media_type) == (206, "multipart/byteranges")
    assert full.body[0:5] in parts.body
    assert full.body[10:15] in parts.body
    assert (many.status, many.body) == (200, full.body)


def test_a_part_beyond_the_end_is_refused(server):
    """With the size, so that the client knows where the end is."""
    size = len(take(server).body)
    reply = take(server, lasting(server), Range=f"bytes={size}-")

    assert (reply.status, reply.headers["Content-Range"]) == (416, f"bytes */{size}")


def test_units_that_nobody_knows_are_passed_over(server):
    """A server must ignore them: section 14.2."""
    assert take(server, lasting(server), Range="lines=0-9").status == 200


def test_a_name_that_moves_on_is_given_in_parts_only_for_the_same_file(server):
    """Who resumes without saying what would get the rest of another file: it gets all of the new one."""
    full = take(server)
    etag = full.headers["ETag"]

    assert take(server, Range="bytes=5-").status == 200
    assert take(server, Range="bytes=5-", If_Range='"another"').body == full.body
    assert take(server, Range="bytes=5-", If_Range=f"W/{etag}").body == full.body
    resumed = take(server, Range="bytes=5-", If_Range=etag)
    assert (resumed.status, resumed.body) == (206, full.body[5:])


def test_a_file_that_the_client_has_is_not_sent_again(server):
    """By its ETag."""
    reply = take(server, If_None_Match=take(server).headers["ETag"])

    assert (reply.status, reply.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/dumps/nothing",
        "/dumps/lock",
        "/dumps/20200101T000000Z/catalogue.ttl.gz",
        "/dumps/../manifest.json",
        "/dumps/%2e%2e/%2e%2e/etc/passwd",
        "/dumps/..%2fmanifest.json",
    ],
)
def test_nothing_else_is_served(server, path):
    """Only files of a dump that is whole."""
    assert server.ask("GET", path).status == 404


def test_a_new_generation_has_a_new_dump_and_no_download_mixes_the_two(tmp_path):
    """Who was on the way begins anew; the old address is gone."""
    publish(tmp_path, DATA)
    with dumping(tmp_path) as server:
        old, old_address = take(server), lasting(server)
        newer = publish(tmp_path, NEWER).id
        await_listing(server, lambda found: found["current"] == newer and whole(found))
        resumed = take(server, Range="bytes=100-", If_Range=old.headers["ETag"])
        gone = take(server, old_address, Range="bytes=100-")

    assert resumed.status == 200
    assert resumed.headers["ETag"] != old.headers["ETag"]
    assert b"newer" in gzip.decompress(resumed.body)
    assert gone.status == 404


def test_until_the_first_dump_is_whole_there_is_none(tmp_path):
    """503, when to ask again, and how it goes; the server answers all else."""
    publish(tmp_path, DATA)
    (tmp_path / "dumps").mkdir()
    lock = FileLock(tmp_path / "dumps" / "lock")  # as another server that makes dumps
    with lock, serving(tmp_path, "--access-log", "off", "--make-dumps") as server:
        await_listing(server, lambda found: "another server" in found["doing"])
        reply = take(server)
        shown = page(server, "/dumps/")
        lock.release()
        await_listing(server, whole)

    assert (reply.status, reply.headers["Retry-After"]) == (503, "30")
    assert b"another server" in reply.body
    assert "another server" in str(shown.one("main"))


def test_until_the_next_dump_is_whole_the_last_one_is_offered_by_its_name(tmp_path):
    """Nobody takes it for the current one."""
    publish(tmp_path, DATA)
    with dumping(tmp_path) as server:
        older = lasting(server)
        with FileLock(tmp_path / "dumps" / "lock"):
            newer = publish(tmp_path, NEWER).id
            found = await_listing(server, lambda found: found["current"] == newer and found["doing"])
            shown = page(server, "/dumps/")
            reply = take(server)
        await_listing(server, whole)

    assert found["generation"] in older
    assert f"These are of an earlier generation, {found['generation']}." in str(shown.one("main"))
    assert (reply.status, reply.headers["Content-Location"]) == (200, older)


def test_a_folder_that_cannot_be_written_to_costs_the_dumps_only(tmp_path):
    """The page says why, the log where; all else is answered."""
    publish(tmp_path / "store", DATA)
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / "file" / "dumps")
    with serving(tmp_path / "store", "--access-log", "off", "--make-dumps", "--dumps", folder) as server:
        found = await_listing(server, lambda found: found["failed"])
        reply = take(server)
        shown = page(server, "/dumps/")
        works = server.ask("GET", "/catalog.ttl").status

        log = server.log.read_text()

    assert "Not a directory" in found["failed"]["cause"]
    assert "--dumps" in found["failed"]["fix"]
    assert (reply.status, reply.headers["Retry-After"]) == (503, None)
    assert "Not a directory" in str(shown.one("main"))
    assert str(tmp_path) not in f"{found}{reply.body!r}{shown.one('main')}"
    assert folder in log
    assert works == 200


def test_a_server_may_make_none(tmp_path):
    """It says so, and where to get all of it else; nothing is written."""
    publish(tmp_path / "store", DATA)
    with serving(tmp_path / "store", "--access-log", "off", "--no-dumps") as server:
        found = listing(server)
        reply = take(server)
        shown = page(server, "/dumps/")

    assert (found["files"], found["doing"], found["failed"]) == ([], "", None)
    assert "makes none" in str(shown.one("main"))
    assert reply.status == 404
    assert json.loads(reply.body)["detail"] == "This server makes no dumps"
    assert f"{server.url}/catalog" in json.loads(reply.body)["fix"]
    assert not (tmp_path / "store" / "dumps").exists()


def children() -> list[psutil.Process]:
    return [
        child for child in psutil.Process().children() if "harvester.serve.core.dumping" in child.cmdline()
    ]


def test_work_that_is_called_off_ends_at_once(tmp_path):
    """Its process with it."""
    generation = publish(tmp_path, DATA)
    (tmp_path / "dumps").mkdir()
    dumps = Dumps(ServeSettings(tmp_path))

    async def call_off() -> list[psutil.Process]:
        task = asyncio.create_task(dumps.make(generation))
        while dumps.progress is None or "another server" not in dumps.progress.doing:
            await asyncio.sleep(0.02)
        made = children()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return made

    with FileLock(tmp_path / "dumps" / "lock"):
        (made,) = asyncio.run(asyncio.wait_for(call_off(), PATIENCE_S))

    assert not made.is_running()


def test_a_maker_that_dies_is_told_of(tmp_path):
    """By whom looks at the list."""
    generation = publish(tmp_path, DATA)
    (tmp_path / "dumps").mkdir()
    dumps = Dumps(ServeSettings(tmp_path))

    async def kill() -> None:
        task = asyncio.create_task(dumps.make(generation))
        while dumps.progress is None or "another server" not in dumps.progress.doing:
            await asyncio.sleep(0.02)
        children()[0].kill()
        await task

    with FileLock(tmp_path / "dumps" / "lock"):
        asyncio.run(asyncio.wait_for(kill(), PATIENCE_S))

    assert dumps.progress is not None
    assert "status -9" in dumps.progress.cause
