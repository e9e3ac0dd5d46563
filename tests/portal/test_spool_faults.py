"""What damage, full disks and kills do to a spool: it has whole documents, or none."""

import json
import logging
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.portal import spool_kills
from tests.portal.spools import PAGE, TURTLE, URL, Days, files, run


@settings(max_examples=300, deadline=None)
@given(position=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), way=st.sampled_from("xct"))
def test_damage_is_noticed(tmp_path_factory, position: float, byte: int, way: str):
    """A changed byte, an end too soon, bytes too many: as if it had never been there, and the file goes."""
    folder = tmp_path_factory.mktemp("spool")
    spool = run(folder, Days())
    spool.put(PAGE, TURTLE)
    spool.keep_note("listing", b"ids " * 40)
    for path in files(folder):
        data = path.read_bytes()
        at = int(position * len(data))
        damaged = {
            "x": data[:at] + bytes([byte]) + data[at + 1 :],
            "c": data[:at],
            "t": data + bytes([byte]),
        }[way]
        path.write_bytes(damaged)
        harmless = damaged == data

        after = run(folder, Days())
        found = after.take(URL, TURTLE) if path.suffix == ".document" else after.note("listing")

        whole = PAGE if path.suffix == ".document" else b"ids " * 40
        assert found == (whole if harmless else None)
        assert path.exists() is harmless


def test_an_entry_under_another_name_is_still_itself(folder: Path, clock: Days):
    """Files that somebody renamed: a document is only taken for the URL that was asked for."""
    spool = run(folder, clock)
    spool.put(PAGE, TURTLE)
    spool.put(replace(PAGE, requested="http://h/2", body=b"two"), TURTLE)
    one, two = files(folder)
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)

    after = run(folder, clock)

    assert after.take(URL, TURTLE) is None
    assert after.take("http://h/2", TURTLE) is None


def test_a_spool_that_is_half_cleared_is_gone(folder: Path, clock: Days, monkeypatch: pytest.MonkeyPatch):
    """A kill in the middle of clearing does not make a finished run look like a killed one."""
    spool = run(folder, clock)
    for number in range(5):
        spool.put(replace(PAGE, requested=f"http://h/{number}"), TURTLE)

    def killed(path: Path) -> None:
        files(path)[0].unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("harvester.portal.spool.shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            spool.clear()

    assert len(files(folder.parent)) == 4
    assert run(folder, clock).count == 0
    assert files(folder.parent) == []


def test_a_full_spool_takes_no_more(folder: Path, clock: Days, caplog: pytest.LogCaptureFixture):
    """The bound holds for what is on the disk, with what earlier runs left; it is said once."""
    run(folder, clock).put(PAGE, TURTLE)
    size = files(folder)[0].stat().st_size
    spool = run(folder, clock, max_bytes=3 * size + 20)

    for number in range(10):
        spool.put(replace(PAGE, requested=f"http://h/{number}"), TURTLE)

    assert sum(path.stat().st_size for path in files(folder)) <= 3 * size + 20
    assert run(folder, clock).count == 3
    assert len(caplog.records) == 1
    assert "holds all that it may" in caplog.text


def test_a_full_disk_ends_the_spooling_only(folder: Path, clock: Days, caplog: pytest.LogCaptureFixture):
    """/dev/full takes no byte: it is said once, what was kept before stays, and the harvest goes on."""
    spool = run(folder, clock)
    spool.put(PAGE, TURTLE)
    spool.put(replace(PAGE, requested="http://h/2"), TURTLE)
    for path in files(folder):
        path.with_name(f"{path.name}.partial").symlink_to("/dev/full")

    for _ in range(3):
        spool.put(replace(PAGE, body=b"newer"), TURTLE)
        spool.keep_note("listing", b"ids")

    assert [(record.levelno, record.name) for record in caplog.records] == [
        (logging.WARNING, "harvester.portal.spool")
    ]
    assert "No space left" in caplog.text
    assert run(folder, clock).count == 2
    assert len(files(folder)) == 2


def test_a_folder_that_cannot_be_made_ends_the_spooling_only(
    folder: Path, clock: Days, caplog: pytest.LogCaptureFixture
):
    folder.parent.parent.mkdir(exist_ok=True)
    folder.parent.write_text("in the way")
    spool = run(folder, clock)

    for _ in range(3):
        spool.put(PAGE, TURTLE)
        assert spool.take(URL, TURTLE) is None
    spool.clear()

    assert len(caplog.records) == 1
    assert str(folder) in caplog.text


def by_place(seen: list[dict[str, int]]) -> list[tuple[dict[str, int], dict[str, int]]]:
    """Return what was found after two kills in a row, where both were in the same folder."""
    return [pair for number, pair in enumerate(pairwise(seen), 1) if number % spool_kills.EACH]


def test_a_kill_leaves_whole_documents_or_none(folder: Path):
    """kill -9 fifty times, half of them while a file is half written: nothing else is ever found.

    Nor does replacing a document ever cost the older one.
    """
    done = subprocess.run(
        [sys.executable, spool_kills.__file__, str(folder), "50", "4"],
        capture_output=True,
        check=True,
        timeout=120,
    )
    seen = json.loads(done.stdout)

    assert len(seen) == 50
    assert {(found["wrong"], found["litter"]) for found in seen} == {(0, 0)}
    assert all(found["whole"] + found["absent"] == 2 * spool_kills.KEYS for found in seen)
    assert all(before["whole"] <= after["whole"] for before, after in by_place(seen)), "an older one was lost"
    assert sum(found["half"] for found in seen) >= 5
    assert sum(found["whole"] for found in seen) >= 50
