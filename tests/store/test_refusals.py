"""Folders that cannot be read or written: what is said, and that nothing is touched."""

import json
import os
import resource
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from harvester.errors import StoreError
from harvester.store.generations import Catalogue
from harvester.store.local import disk_errors
from tests.store.catalogues import content, names, publish, snapshot, state

NOBODY = 65534


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "catalogue")


def test_where_there_is_nothing_a_reader_learns_how_to_begin(catalogue):
    """Reading a folder that is not there says which command makes it, and makes nothing."""
    with pytest.raises(StoreError) as caught:
        catalogue.require()

    assert caught.value.fix == f"harvester harvest https://www.data.gouv.fr --store {catalogue.path}"
    assert not catalogue.path.exists()
    assert (catalogue.current(), catalogue.generations(), catalogue.holder()) == (None, [], None)


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    """A run does not litter somebody's folder, and a reader is told that it is none of ours."""
    (tmp_path / "thesis.txt").write_text("mine")
    catalogue = Catalogue(tmp_path)
    with pytest.raises(StoreError, match="holds other files"), catalogue.lock("test"):
        pass
    with pytest.raises(StoreError, match="holds other files"):
        catalogue.require()

    assert names(tmp_path) == {"thesis.txt"}


def test_an_empty_folder_becomes_a_catalogue(tmp_path):
    """A folder that was made for the purpose is used."""
    publish(Catalogue(tmp_path), 1)

    assert content(Catalogue(tmp_path).require()) == state(1)


def test_folders_on_the_way_are_made(tmp_path):
    """`--store a/b/c` need not exist in any part."""
    publish(Catalogue(tmp_path / "a/b/c"), 1)

    assert content(Catalogue(tmp_path / "a/b/c").require()) == state(1)


@pytest.mark.parametrize("act", [Catalogue.require, Catalogue.generations, lambda c: c.lock("x").__enter__()])
def test_a_file_is_not_a_catalogue(tmp_path, act):
    """Naming a file where a folder is needed says so."""
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="a file stands where a folder is needed"):
        act(Catalogue(tmp_path / "file"))


def test_litter_is_only_what_has_our_names(catalogue):
    """What a killed run left goes with the next run; what others put there stays."""
    publish(catalogue, 1)
    folder = catalogue.path / "generations"
    for name in (
        "20260101T000000Z.partial",
        "20260101T000000Z.scratch",
        "20260101T000000Z-3.dropped",
        "notes.partial",
        "notes",
    ):
        (folder / name).mkdir()
        (folder / name / "file").write_text("")
    with catalogue.lock("test"):
        pass

    assert names(folder) == {catalogue.require().id, "notes.partial", "notes"}


def test_a_newer_format_is_refused_by_name(catalogue):
    """A generation that a later program wrote in another format names that program and says to upgrade."""
    generation = publish(catalogue, 1)
    file = generation.path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 2, "harvester": "9.1"}))

    with pytest.raises(StoreError, match=r"written by harvester 9\.1 in format 2") as caught:
        content(catalogue.require())
    assert "upgrade" in caught.value.fix
    with pytest.raises(StoreError, match="format 2"):
        publish(catalogue, 2)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format": 1}', '{"format": "x"}'], ids=lambda text: text or "empty"
)
def test_a_damaged_manifest_is_a_clear_error(catalogue, text):
    """Whatever stands in the manifest, the error names its file."""
    (publish(catalogue, 1).path / "manifest.json").write_text(text)

    with pytest.raises(StoreError, match=r"manifest\.json is missing or damaged"):
        catalogue.require().manifest  # noqa: B018


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda current, target: shutil.rmtree(target), "which is not there"),
        (lambda current, target: (current.unlink(), current.symlink_to("/etc")), "which is no generation"),
        (lambda current, target: (current.unlink(), shutil.copytree(target, current)), "not a symbolic link"),
        (lambda current, target: (target / "store/CURRENT").unlink(), "missing or damaged"),
        (lambda current, target: (target / "store/CURRENT").write_text("x"), "missing or damaged"),
        (lambda current, target: (target / "context.jsonld").write_text("{"), "context.jsonld is damaged"),
    ],
    ids=[
        "generation gone",
        "link elsewhere",
        "link copied",
        "store gone",
        "store damaged",
        "context damaged",
    ],
)
def test_a_damaged_catalogue_is_a_clear_error(catalogue, break_it, message):
    """Whatever somebody did to the files, a reader gets a StoreError with a way out."""
    break_it(catalogue.path / "current", publish(catalogue, 1).path)

    with pytest.raises(StoreError, match=message) as caught:
        (content(catalogue.require()), catalogue.require().context())
    assert caught.value.fix


@pytest.fixture
def frozen():
    """A published catalogue in which this process may write nothing."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    catalogue = Catalogue(folder / "catalogue")
    publish(catalogue, 1)
    folders = [Path(parent) for parent, _, _ in os.walk(folder)]
    files = [path for path in folder.rglob("*") if path.is_file()]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in folders + files}
    for path, mode in modes.items():
        path.chmod((mode | 0o444) & ~0o222)
    privileged = os.geteuid() == 0
    if privileged:
        os.seteuid(NOBODY)
    try:
        yield catalogue
    finally:
        if privileged:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)
        shutil.rmtree(folder)


def test_a_catalogue_can_be_read_without_any_right_to_write(frozen):
    """Readers need no write permission, so a catalogue can be served from a read-only disk."""
    before = snapshot(frozen.path)

    assert content(frozen.require()) == state(1)
    assert [generation.manifest.run for generation in frozen.generations()] == ["run-1"]
    assert frozen.holder() is None
    assert snapshot(frozen.path) == before


def test_a_run_without_the_right_to_write_says_so(frozen):
    """A run on a catalogue of somebody else ends at once, with a way out."""
    with pytest.raises(StoreError, match="permission denied") as caught, frozen.lock("test"):
        pass
    assert "owns the catalogue" in caught.value.fix


@pytest.fixture
def narrow(tmp_path):
    """A folder, and a function after which its disk is nearly full (by a limit if none can be mounted)."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        yield folder, lambda: None
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        return
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield folder, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_costs_the_run_and_nothing_else(narrow):
    """A run that fills the disk ends in a StoreError; the last generation serves, and no litter stays."""
    folder, begin = narrow
    catalogue = Catalogue(folder / "catalogue")
    generation = publish(catalogue, 1)
    before = snapshot(generation.path)

    def run():
        with catalogue.lock("test"), catalogue.stage("run-2") as stage:
            for page in range(100):
                lines = (f'<urn:s{page}.{n}> <urn:p> "{os.urandom(200).hex()}" .\n' for n in range(500))
                stage.store.bulk_load("".join(lines), RdfFormat.N_QUADS)

    begin()
    with pytest.raises(StoreError, match="the disk takes no more") as caught:
        run()

    assert "make room" in caught.value.fix
    assert snapshot(generation.path) == before
    assert content(catalogue.require()) == state(1)
    assert names(catalogue.path / "generations") == {generation.id}


def test_an_error_of_the_harvest_is_not_taken_for_one_of_the_disk(catalogue):
    """What a portal or a bug raises while a stage is open comes out as it is."""
    with (
        pytest.raises(ConnectionError, match=r"^portal went away$"),
        catalogue.lock("test"),
        catalogue.stage("run-1"),
    ):
        raise ConnectionError("portal went away")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space left on device"), "the disk takes no more"),
        (OSError("IO error: No space left on device: While appending to file: x"), "the disk takes no more"),
        (OSError(122, "Disk quota exceeded"), "the disk takes no more"),
        (OSError(30, "Read-only file system"), "the disk is read-only"),
        (OSError(37, "No locks available"), "no file locks"),
        (OSError("Oxigraph needs at least 96 file descriptors"), "too few files may be open"),
        (RuntimeError("Corruption: bad table magic number"), "missing or damaged"),
        (OSError(5, "Input/output error"), "Input/output error"),
    ],
    ids=str,
)
def test_errors_of_a_disk_are_said_in_words(error, message):
    """Each way in which a disk can fail has its sentence, which names the place."""
    with pytest.raises(StoreError, match=f"/the/place: .*{message}"), disk_errors(Path("/the/place")):
        raise error


def test_bugs_are_not_errors_of_a_disk():
    """A RuntimeError that does not come from RocksDB is not dressed up."""
    with pytest.raises(RecursionError), disk_errors(Path("/the/place")):
        raise RecursionError
