"""Checking generations: what is damaged is told, whatever it is; what is whole is not."""

import json
import os
from pathlib import Path

import pytest

from harvester.store.check import Damage, check, check_current
from harvester.store.generations import Catalogue
from tests.store.catalogues import publish, snapshot


@pytest.fixture
def catalogue(tmp_path):
    catalogue = Catalogue(tmp_path / "catalogue")
    publish(catalogue, 1)
    return catalogue


def table(generation) -> Path:
    """A file with data, made this generation's own, as damage to a disk is."""
    path = max((generation.path / "store").glob("*.sst"))
    body = path.read_bytes()
    path.unlink()
    path.write_bytes(body)
    return path


def flip(generation) -> Path:
    path = table(generation)
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    return path


def truncate(generation) -> Path:
    path = table(generation)
    path.write_bytes(path.read_bytes()[:-1])
    return path


def remove(generation) -> Path:
    path = table(generation)
    path.unlink()
    return path


def add(generation) -> Path:
    path = generation.path / "store/999999.sst"
    path.write_bytes(b"")
    return path


def put_pipe(generation) -> Path:
    path = remove(generation)
    os.mkfifo(path)
    return path


def put_folder(generation) -> Path:
    path = remove(generation)
    path.mkdir()
    return path


def test_a_generation_as_it_was_published_is_whole(catalogue):
    """Nothing is found, and nothing is changed by looking."""
    publish(catalogue, 2)
    before = snapshot(catalogue.path)

    assert [check(generation) for generation in catalogue.generations()] == [(), ()]
    assert check_current(catalogue) == ()
    assert snapshot(catalogue.path) == before


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (flip, Damage.CONTENT),
        (truncate, Damage.SIZE),
        (remove, Damage.MISSING),
        (add, Damage.EXTRA),
        (put_pipe, Damage.UNREADABLE),
        (put_folder, Damage.MISSING),
    ],
)
def test_each_damage_to_a_file_is_told_with_its_name(catalogue, damage, told):
    """One file, one finding; the other generation is still whole."""
    publish(catalogue, 2)
    newer, older = catalogue.generations()
    path = damage(older)

    (finding,) = check(older)
    assert (finding.generation, finding.damage) == (older.id, told)
    assert older.path / finding.path == path
    assert finding.why
    assert check(newer) == ()


def test_a_lost_store_is_told_file_by_file(catalogue):
    """Each file that the manifest lists is missing."""
    generation = catalogue.require()
    listed = {file.path for file in generation.manifest.files}
    (generation.path / "store").rename(catalogue.path / "elsewhere")

    findings = check(generation)
    assert {finding.path for finding in findings} == listed
    assert {finding.damage for finding in findings} == {Damage.MISSING}


@pytest.mark.parametrize(
    "change",
    [
        lambda data: "",
        lambda data: "{",
        lambda data: "[" * 100_000,
        lambda data: "[]",
        lambda data: json.dumps(data | {"files": None}),
        lambda data: json.dumps(data | {"files": ["x"]}),
        lambda data: json.dumps(data | {"files": [{"path": [], "size": 1, "crc32": "0"}]}),
        lambda data: json.dumps(data | {"quads": "many"}),
        lambda data: json.dumps(data | {"facts": []}),
        lambda data: json.dumps(data | {"created": 7}),
        lambda data: json.dumps(data | {"format": 99}),
        lambda data: json.dumps(data | {"id": "20200101T000000Z"}),
    ],
    ids=range(12),
)
def test_a_damaged_manifest_is_a_finding(catalogue, change):
    """Whatever is wrong with it, it is told, not raised."""
    path = catalogue.require().path / "manifest.json"
    path.write_text(change(json.loads(path.read_text())))

    (finding,) = check(catalogue.require())
    assert (finding.damage, finding.path) == (Damage.MANIFEST, "manifest.json")


def test_a_manifest_that_is_gone_is_a_finding(catalogue):
    """As one that is damaged."""
    (catalogue.require().path / "manifest.json").unlink()

    assert [finding.damage for finding in check(catalogue.require())] == [Damage.MANIFEST]


def test_a_store_of_another_length_is_told(catalogue):
    """All files are as listed, but they do not hold what the manifest says."""
    path = catalogue.require().path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"quads": 31}))

    (finding,) = check(catalogue.require())
    assert (finding.damage, finding.why) == (Damage.QUADS, "it holds 30, 31 when it was published")


def test_a_manifest_cannot_lead_elsewhere(catalogue, tmp_path):
    """A path out of the folder is a file that is missing, whatever lies there."""
    (tmp_path / "secret").write_text("x")
    path = catalogue.require().path / "manifest.json"
    data = json.loads(path.read_text())
    data["files"].append({"path": "../../../secret", "size": 1, "crc32": "8cdc1683"})
    path.write_text(json.dumps(data))

    assert [(f.damage, f.path) for f in check(catalogue.require())] == [(Damage.MISSING, "../../../secret")]


def test_a_store_that_cannot_be_opened_is_told(catalogue):
    """Though each file is as the manifest lists it."""
    generation = catalogue.require()
    path = generation.path / "manifest.json"
    data = json.loads(path.read_text())
    (generation.path / "store/CURRENT").unlink()
    data["files"] = [file for file in data["files"] if file["path"] != "store/CURRENT"]
    path.write_text(json.dumps(data))

    (finding,) = check(catalogue.require())
    assert (finding.damage, finding.path) == (Damage.STORE, "store")


@pytest.mark.parametrize("target", ["generations/20200101T000000Z", "elsewhere"])
def test_readers_that_are_sent_nowhere_are_told_of(catalogue, target):
    """`current` leads to no generation."""
    (catalogue.path / "current").unlink()
    (catalogue.path / "current").symlink_to(target)

    assert [finding.damage for finding in check_current(catalogue)] == [Damage.CURRENT]
