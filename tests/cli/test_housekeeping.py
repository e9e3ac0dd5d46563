"""`harvester prune`, `check` and `compact`."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from harvester.cli.housekeeping import check, compact, prune
from harvester.errors import Locked, StoreError
from harvester.store.generations import Catalogue
from tests.store.catalogues import content, publish, snapshot, state
from tests.store.test_check import add, flip, remove
from tests.store.test_housekeeping import grow_and_shrink


@pytest.fixture
def catalogue(tmp_path):
    catalogue = Catalogue(tmp_path / "catalogue", clock=lambda: datetime(2026, 1, 31, 2, 0, tzinfo=UTC))
    for number in range(4):
        publish(catalogue, number, keep=10)
    return catalogue


def run(command, catalogue: Catalogue, *arguments: str, code: int = 0) -> str:
    """The command's output; what it raises is raised."""
    result = CliRunner().invoke(
        command, ["--store", str(catalogue.path), *arguments], catch_exceptions=False, standalone_mode=False
    )
    assert (result.return_value or 0) == code
    return result.stdout


def test_prune_removes_the_oldest_and_says_what(catalogue):
    """But for those that are being read; how much room that made is told."""
    read = catalogue.generations()[2]
    text = run(prune, catalogue, "--keep", "1").splitlines()

    assert text[:3] == [
        "removed 20260131T020000Z-2",
        "removed 20260131T020000Z",
        f"kept    {read.id}: it is being read",
    ]
    assert text[3].startswith("2 generations removed, ")
    assert [content(generation) for generation in catalogue.generations()] == [state(3), state(1)]


def test_prune_must_be_told_how_many_to_keep(catalogue):
    """By option or by HARVESTER_KEEP, as for a harvest; not fewer than one."""
    for arguments, code in [([], 2), (["--keep", "0"], 2), (["--keep", "9"], 0)]:
        assert CliRunner().invoke(prune, ["--store", str(catalogue.path), *arguments]).exit_code == code
    assert len(catalogue.generations()) == 4
    CliRunner().invoke(prune, ["--store", str(catalogue.path)], env={"HARVESTER_KEEP": "2"})

    assert len(catalogue.generations()) == 2


@pytest.mark.parametrize(("command", "arguments"), [(prune, ["--keep", "1"]), (compact, [])])
def test_a_catalogue_that_is_being_written_is_left_alone(catalogue, command, arguments):
    """Whoever holds it is named."""
    with (
        catalogue.lock("harvest https://portal.example"),
        pytest.raises(Locked, match="harvest https://portal"),
    ):
        run(command, catalogue, *arguments)

    assert len(catalogue.generations()) == 4


@pytest.mark.parametrize(("command", "arguments"), [(prune, ["--keep", "1"]), (check, []), (compact, [])])
def test_where_there_is_no_catalogue_none_is_made(tmp_path, command, arguments):
    """An error that says how to begin."""
    with pytest.raises(StoreError, match="holds no catalogue yet"):
        run(command, Catalogue(tmp_path / "nothing"), *arguments)

    assert not (tmp_path / "nothing").exists()


def test_check_tells_that_all_is_well(catalogue):
    """A line for each generation; nothing is changed."""
    before = snapshot(catalogue.path)
    lines = run(check, catalogue).splitlines()

    assert [line.split()[0] for line in lines] == [generation.id for generation in catalogue.generations()]
    assert all("is whole" in line and line.endswith(" 30 quads") for line in lines)
    assert snapshot(catalogue.path) == before


def test_check_finds_a_flipped_byte_a_missing_and_an_extra_file(catalogue):
    """Each with its generation and the file; the exit code tells it to a scheduler."""
    _, one, two, three = catalogue.generations()
    damaged = {one.id: flip(one).name, two.id: remove(two).name, three.id: add(three).name}
    text = run(check, catalogue, code=1)

    found = {line.split()[0]: line for line in text.splitlines()}
    for (id_, name), word in zip(damaged.items(), ("checksum", "missing", "extra"), strict=True):
        assert f"store/{name}" in found[id_]
        assert word in found[id_]
    assert "is whole" in found[catalogue.require().id]


def test_check_looks_at_the_generations_that_are_named(catalogue):
    """A damaged one among others does not matter then."""
    newest, *_, oldest = catalogue.generations()
    flip(oldest)

    assert run(check, catalogue, newest.id).count("\n") == 1
    assert run(check, catalogue, newest.id, oldest.id, code=1)


def test_check_as_json(catalogue):
    """Every finding of every generation, and of where readers are sent."""
    newest = catalogue.require()
    path = flip(newest).relative_to(newest.path)
    (catalogue.path / "current").unlink()
    (catalogue.path / "current").symlink_to("elsewhere")
    document = json.loads(run(check, catalogue, "-o", "json", code=1))

    assert document["damaged"] is True
    assert [finding["damage"] for finding in document["current"]] == ["current"]
    (finding,) = document["generations"].pop(newest.id)
    assert (finding["damage"], finding["path"]) == ("wrong checksum", str(path))
    assert list(document["generations"].values()) == [[], [], []]


def test_compact_publishes_the_same_content_or_says_why_not(tmp_path):
    """Bytes and tables before and after are told."""
    catalogue = Catalogue(tmp_path / "catalogue")
    grow_and_shrink(catalogue)
    before = content(catalogue.require())
    first, second = run(compact, catalogue), run(compact, catalogue)

    assert content(catalogue.require()) == before
    assert f"was rewritten as {catalogue.require().id}, now current" in first
    assert f"Generation {catalogue.require().id} would gain nothing and stays current" in second
    assert all(text.count(" tables") == 2 for text in (first, second))
