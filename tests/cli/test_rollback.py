"""`harvester rollback`: back to an earlier generation, for all readers at once."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli.rollback import rollback
from harvester.errors import Locked, StoreError, UsageError
from harvester.store.generations import Catalogue
from tests.store.catalogues import content, publish, state
from tests.store.recorded import Thing, publish_things
from tests.store.test_check import flip

TURNS = 20


@pytest.fixture
def catalogue(tmp_path):
    catalogue = Catalogue(tmp_path / "catalogue", clock=lambda: datetime(2026, 1, 31, 2, 0, tzinfo=UTC))
    for number in range(3):
        publish(catalogue, number)
    return catalogue


def run(catalogue: Catalogue, *arguments: str) -> str:
    """The command's output; what it raises is raised."""
    result = CliRunner().invoke(
        rollback, ["--store", str(catalogue.path), *arguments], catch_exceptions=False, standalone_mode=False
    )
    return result.stdout


def test_it_goes_to_the_generation_before(catalogue):
    """Step by step, and says from which to which, how to go back, and what follows."""
    text = run(catalogue)

    assert content(catalogue.require()) == state(1)
    assert text == (
        f"The catalogue {catalogue.path} went from generation 20260131T020000Z-2 to 20260131T020000Z-1:"
        " 0 records, 30 quads.\n"
        "All readers see it from now on; the next harvest goes on from there.\n"
        f"To go back: harvester rollback 20260131T020000Z-2 --store {catalogue.path}\n"
    )
    run(catalogue)
    assert content(catalogue.require()) == state(0)
    with pytest.raises(UsageError, match="is the oldest generation"):
        run(catalogue)


def test_it_goes_to_any_generation_forth_and_back(catalogue):
    """To a named one; all stay."""
    run(catalogue, "20260131T020000Z")
    assert content(catalogue.require()) == state(0)
    run(catalogue, "20260131T020000Z-2")

    assert content(catalogue.require()) == state(2)
    assert len(catalogue.generations()) == 3


def test_the_next_run_goes_on_from_there(catalogue):
    """And is the newest again, though newer ones had been there."""
    run(catalogue)
    with catalogue.lock("test"), catalogue.stage("run") as stage:
        assert set(stage.store) == state(1)
        stage.publish({})

    assert catalogue.require().id == "20260131T020000Z-3"


def test_records_are_counted(tmp_path):
    """Of the generation that is current now; tombstones are none."""
    catalogue = Catalogue(tmp_path / "catalogue")
    gone = Thing("http://example.org/c")
    publish_things(catalogue, [Thing("http://example.org/a"), Thing("http://example.org/b")], gone=[gone])
    publish_things(catalogue, [])

    assert ": 2 records, 15 quads." in run(catalogue)


def test_where_it_already_is_it_stays(catalogue):
    """No switch, no error."""
    name = catalogue.require().id

    assert run(catalogue, name) == f"{name} is the current generation already: nothing changed.\n"


def test_a_damaged_generation_is_refused(catalogue):
    """Unless it must be that one: what is wrong is told first."""
    damaged = flip(catalogue.generations()[1]).relative_to(catalogue.generations()[1].path)
    with pytest.raises(StoreError, match="is damaged: 1 findings; nothing was changed"):
        run(catalogue)
    assert content(catalogue.require()) == state(2)
    result = CliRunner().invoke(rollback, ["--store", str(catalogue.path), "--force"])

    assert f"wrong checksum: {damaged}" in result.stderr
    assert catalogue.require().id == "20260131T020000Z-1"


def test_it_is_the_cure_where_readers_are_sent_nowhere(catalogue):
    """`current` leads to a generation that is gone: going to another one helps."""
    (catalogue.path / "current").unlink()
    (catalogue.path / "current").symlink_to("generations/20200101T000000Z")
    with pytest.raises(StoreError):
        run(catalogue)
    run(catalogue, "20260131T020000Z-1")

    assert content(catalogue.require()) == state(1)


def test_it_waits_for_no_run(catalogue):
    """While a run holds the catalogue nothing is changed under it."""
    with (
        catalogue.lock("harvest https://portal.example"),
        pytest.raises(Locked, match="harvest https://portal"),
    ):
        run(catalogue)

    assert content(catalogue.require()) == state(2)


def test_an_unknown_generation_or_none_at_all_is_refused(catalogue, tmp_path):
    """The known ones are named; where there is no catalogue, none is made."""
    with pytest.raises(UsageError) as caught:
        run(catalogue, "2025")
    assert "20260131T020000Z-1" in caught.value.fix
    with pytest.raises(StoreError, match="holds no catalogue"):
        run(Catalogue(tmp_path / "nothing"))
    assert not (tmp_path / "nothing").exists()


def test_a_reader_in_another_process_sees_no_error(catalogue):
    """One that looks up, opens and reads all the time finds one whole state or the other."""
    reader = subprocess.Popen(
        [sys.executable, "-m", "tests.store.reading", str(catalogue.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert reader.stdout is not None
    ready = reader.stdout.readline()
    for turn in range(TURNS):
        run(catalogue, f"20260131T020000Z-{1 + turn % 2}")
    output, errors = reader.communicate(timeout=60)

    assert (ready, reader.returncode, errors) == ("ready\n", 0, "")
    assert {"1", "2"} <= json.loads(output).keys() <= {"1", "2"}
