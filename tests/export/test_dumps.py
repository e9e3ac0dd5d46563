"""Dumps of a generation: whole or not at all, one maker at a time, and only those of one generation stay."""

import gzip
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from pyoxigraph import Dataset, Quad, RdfFormat, parse

from harvester.errors import StoreError
from harvester.export.dumps import FILES, SUMS, find_dumps, make_dump
from harvester.store.generations import Catalogue
from harvester.vocab import RECORDS_GRAPHS
from tests.export.stores import PREFIXES, canonical
from tests.serve.support import publish

DATA = """
    record:d1 { :d1 dct:title "Bus" ; dct:temporal [ dcat:startDate 2020 ] }
    inferred:d1 { :d1 dcat:theme :transport }
"""
NOTES = "urn:records:a.example { record:d1 a dcat:CatalogRecord }"


@pytest.fixture
def generation(tmp_path):
    return publish(tmp_path / "store", PREFIXES + DATA + NOTES)


def content(path: Path, format_: RdfFormat) -> Dataset:
    return canonical(parse(gzip.decompress(path.read_bytes()), format_))


def test_a_dump_is_the_generation(generation, tmp_path):
    """N-Quads hold all of it, the other formats its data; sha256sum finds all files as they should be."""
    make_dump(generation.path, tmp_path / "dumps")
    (dump,) = find_dumps(tmp_path / "dumps")
    quads = list(parse(PREFIXES + DATA + NOTES, RdfFormat.TRIG))
    triples = [Quad(*quad.triple) for quad in quads if not quad.graph_name.value.startswith(RECORDS_GRAPHS)]

    assert dump.generation == generation.id
    assert set(dump.files) == {*FILES, SUMS}
    assert content(dump.files["catalogue.nq.gz"].path, RdfFormat.N_QUADS) == canonical(quads)
    assert content(dump.files["catalogue.ttl.gz"].path, RdfFormat.TURTLE) == canonical(triples)
    assert content(dump.files["catalogue.jsonld.gz"].path, RdfFormat.JSON_LD) == canonical(triples)
    folder = dump.files[SUMS].path.parent
    subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=folder, check=True, capture_output=True)
    for file in dump.files.values():
        body = file.path.read_bytes()
        assert (file.size, file.digest) == (len(body), hashlib.sha256(body).hexdigest())


def test_the_same_generation_gives_the_same_bytes(generation, tmp_path):
    """So that a download can go on from another server's file."""
    digests = []
    for folder in ("one", "two"):
        make_dump(generation.path, tmp_path / folder)
        digests.append({file.name: file.digest for file in find_dumps(tmp_path / folder)[0].files.values()})

    assert digests[0] == digests[1]


def test_a_new_dump_takes_the_place_of_the_old(generation, tmp_path):
    """Only when it is whole; what is none of ours is left alone."""
    dumps = tmp_path / "dumps"
    make_dump(generation.path, dumps)
    (dumps / "20200101T000000Z.partial").mkdir()  # left by a server that was killed
    (dumps / "notes").mkdir()
    newer = publish(tmp_path / "store", PREFIXES + DATA)
    make_dump(newer.path, dumps)

    assert [dump.generation for dump in find_dumps(dumps)] == [newer.id]
    assert sorted(path.name for path in dumps.iterdir()) == sorted([newer.id, "lock", "notes"])


def test_a_dump_that_is_there_is_not_made_again(generation, tmp_path):
    """Of several servers one makes it."""
    make_dump(generation.path, tmp_path)
    (before,) = find_dumps(tmp_path)
    make_dump(generation.path, tmp_path)

    assert find_dumps(tmp_path) == [before]


def test_generations_of_one_second_are_told_apart(tmp_path):
    """The newest comes first, whatever its name's length."""
    for name in ("20260131T020000Z", "20260131T020000Z-10", "20260131T020000Z-9", "20251231T020000Z-1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / SUMS).write_text("")

    assert [dump.generation for dump in find_dumps(tmp_path)] == [
        "20260131T020000Z-10",
        "20260131T020000Z-9",
        "20260131T020000Z",
        "20251231T020000Z-1",
    ]


def start(generation: Path, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "harvester.serve.core.dumping", str(generation), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_servers_do_not_fight(generation, tmp_path):
    """The second waits for the first, says so, and is content with what that made."""
    (tmp_path / "dumps").mkdir()
    with FileLock(tmp_path / "dumps" / "lock"):
        servers = [start(generation.path, tmp_path / "dumps") for _ in range(2)]
        waiting = [server.stdout.readline() for server in servers]
    for server in servers:
        server.communicate(timeout=30)

    assert all("another server" in line for line in waiting)
    assert [server.returncode for server in servers] == [0, 0]
    assert len(find_dumps(tmp_path / "dumps")) == 1


def test_a_maker_that_is_killed_leaves_nothing_that_looks_whole(generation, tmp_path):
    """The next one makes it anew."""
    dumps = tmp_path / "dumps"
    server = start(generation.path, dumps)
    server.stdout.readline()  # it has begun to write
    os.kill(server.pid, signal.SIGKILL)
    server.communicate(timeout=30)
    found = find_dumps(dumps)
    make_dump(generation.path, dumps)

    assert all(
        set(dump.files) == {*FILES, SUMS} for dump in found
    )  # it may have been quicker than the signal
    assert len(find_dumps(dumps)) == 1


def test_a_folder_that_cannot_be_written_to_is_an_error_with_advice(generation, tmp_path):
    """The disk's own words, and what the operator can do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file") as caught:
        make_dump(generation.path, tmp_path / "file" / "dumps")

    assert "--dumps" in caught.value.fix


def test_a_generation_that_is_gone_is_an_error(tmp_path):
    """It may have been removed since the server saw it."""
    with pytest.raises(StoreError, match="gone"):
        make_dump(tmp_path / "20260131T020000Z", tmp_path / "dumps")

    assert find_dumps(tmp_path / "dumps") == []


def test_a_generation_is_kept_while_its_dump_is_made(generation, tmp_path):
    """Though newer ones are published and old ones removed meanwhile."""
    catalogue = Catalogue(tmp_path / "store")
    seen = []

    def publish_another(_words: str) -> None:
        if not seen:
            seen.append(publish(tmp_path / "store", PREFIXES + DATA).id)
            with catalogue.lock("a test"):
                catalogue.prune(1)

    path = generation.path
    del generation
    make_dump(path, tmp_path / "dumps", publish_another)

    assert len(seen) == 1
    assert [dump.generation for dump in find_dumps(tmp_path / "dumps")] == [path.name]
