"""`harvester diff`: what a user learns of the changes between two generations."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Dataset, RdfFormat, parse

from harvester.cli.diff import diff
from harvester.errors import StoreError, UsageError
from harvester.store.generations import Catalogue
from tests.store.recorded import Thing, data, publish_things

NIGHT = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)
SAME = Thing("http://example.org/same", "Same")
BEFORE = [
    SAME,
    Thing("http://example.org/b", "B", frozenset("xy")),
    Thing("http://example.org/c", "C", frozenset("z")),
    Thing("http://example.org/app", "An app", kind="reuse"),
]
AFTER = [
    SAME,
    Thing("http://example.org/a", "A", frozenset("x")),
    Thing("http://example.org/b", "B, again", frozenset("y")),
    Thing("http://example.org/c", "C", frozenset("z")),
    Thing("http://example.org/c", "Theirs", portal="other.example"),
]


@pytest.fixture
def catalogue(tmp_path):
    catalogue = Catalogue(tmp_path / "catalogue", clock=lambda: NIGHT)
    publish_things(catalogue, BEFORE)
    publish_things(catalogue, AFTER, gone=[BEFORE[3]])
    return catalogue


def run(catalogue: Catalogue, *arguments: str) -> str:
    """The command's output; what it raises is raised."""
    result = CliRunner().invoke(
        diff, ["--store", str(catalogue.path), *arguments], catch_exceptions=False, standalone_mode=False
    )
    return result.stdout


def rows(text: str) -> list[list[str]]:
    return [re.split(r"  +", line) for line in text.splitlines()]


def test_without_arguments_it_shows_what_the_last_publication_changed(catalogue):
    """Each record with its kind, title and IRI, by graph; at the end how many there are."""
    assert rows(run(catalogue)) == [
        ["change", "kind", "title", "IRI"],
        ["added", "dataset", "A", "http://example.org/a"],
        ["removed", "reuse", "An app", "http://example.org/app"],
        ["changed", "dataset", "B, again", "http://example.org/b"],
        ["added", "dataset", "Theirs", "http://example.org/c"],
        ["2 added, 1 changed, 1 removed from 20260131T020000Z to 20260131T020000Z-1"],
    ]


def test_generations_can_be_named(catalogue):
    """One: what has changed since; two: from the first to the second, backwards too."""
    first, second = "20260131T020000Z", "20260131T020000Z-1"
    third = publish_things(catalogue, BEFORE).id

    assert rows(run(catalogue, first)) == [[f"0 added, 0 changed, 0 removed from {first} to {third}"]]
    assert rows(run(catalogue, second, first))[-1] == [
        f"1 added, 1 changed, 2 removed from {second} to {first}"
    ]
    with catalogue.lock("test"):
        catalogue.switch(catalogue.find(second))
    assert rows(run(catalogue))[-1][0].endswith(f"from {first} to {second}")


def test_the_oldest_generation_is_compared_with_nothing(tmp_path):
    """After a first harvest everything is added."""
    catalogue = Catalogue(tmp_path / "catalogue")
    publish_things(catalogue, AFTER)

    assert "5 added, 0 changed, 0 removed from nothing (it is the oldest generation)" in run(catalogue)


def test_an_unknown_generation_is_refused_and_the_known_ones_are_named(catalogue):
    """So that the next attempt is right."""
    with pytest.raises(UsageError, match="no generation '2025'") as caught:
        run(catalogue, "2025")
    assert "20260131T020000Z-1, 20260131T020000Z" in caught.value.fix
    with pytest.raises(UsageError, match="more than one generation"):
        run(catalogue, "2026", "20260131T020000Z")
    with pytest.raises(StoreError, match="holds no catalogue"):
        run(Catalogue(catalogue.path / "generations/nothing"))


def test_records_can_be_chosen(catalogue):
    """By portal and by kind; a portal that is not there is refused, and those that are named."""
    assert [row[2] for row in rows(run(catalogue, "--portal", "other.example"))[1:-1]] == ["Theirs"]
    assert [row[2] for row in rows(run(catalogue, "--kind", "reuse"))[1:-1]] == ["An app"]
    assert run(catalogue, "--kind", "concept scheme").startswith("0 added")
    with pytest.raises(UsageError) as caught:
        run(catalogue, "--portal", "nobody.example")
    assert "data.example, other.example" in caught.value.fix


def test_rows_past_the_limit_are_counted_and_told(catalogue):
    """A table is for reading."""
    result = CliRunner().invoke(diff, ["--store", str(catalogue.path), "--limit", "1"])

    assert [row[0] for row in rows(result.stdout)] == [
        "change",
        "added",
        "2 added, 1 changed, 1 removed from 20260131T020000Z to 20260131T020000Z-1",
    ]
    assert "--limit 0 shows all" in result.stderr


def test_json_has_counts_and_changes(catalogue):
    """One document; with --triples each change has its statements, as N-Quads."""
    document = json.loads(run(catalogue, "-o", "json"))
    whole = json.loads(run(catalogue, "-o", "json", "--triples"))

    assert (document["old"], document["new"]) == ("20260131T020000Z", "20260131T020000Z-1")
    assert document["counts"] == {"added": 2, "changed": 1, "removed": 1}
    assert document["changes"][0] == {
        "change": "added",
        "kind": "dataset",
        "resource": "http://example.org/a",
        "title": "A",
        "graph": "urn:x-harvester:record:data.example:http://example.org/a",
    }
    added, removed = (
        {line for change in whole["changes"] for line in change[side]} for side in ("added", "removed")
    )
    assert added == {f"{quad} ." for quad in data(AFTER) - data(BEFORE)}
    assert removed == {f"{quad} ." for quad in data(BEFORE) - data(AFTER)}


def test_no_changes_are_a_whole_document_too(catalogue):
    """An empty list."""
    name = catalogue.require().id

    assert json.loads(run(catalogue, name, name, "-o", "json")) == {
        "old": name,
        "new": name,
        "changes": [],
        "counts": {"added": 0, "changed": 0, "removed": 0},
    }


def test_nquads_are_the_statements_added_or_removed(catalogue):
    """Read by a parser, they are the difference of both data sets."""
    added, removed = (
        set(parse(run(catalogue, "-o", "nq", *option), RdfFormat.N_QUADS)) for option in ([], ["--removed"])
    )

    assert added == data(AFTER) - data(BEFORE)
    assert removed == data(BEFORE) - data(AFTER)


def test_a_patch_turns_the_old_data_into_the_new(catalogue):
    """Applied line by line as RDF Patch says: one transaction, statements deleted and added."""
    begin, *lines, commit = run(catalogue, "-o", "patch").splitlines()
    assert (begin, commit) == ("TX .", "TC .")
    mirror = set(data(BEFORE))
    for line in lines:
        (quad,) = parse(line[2:], RdfFormat.N_QUADS)
        assert (quad in mirror) == (line[:2] == "D ")
        (mirror.remove if line[:2] == "D " else mirror.add)(quad)

    assert Dataset(mirror) == Dataset(data(AFTER))


@pytest.mark.parametrize("arguments", [["--triples"], ["--removed", "-o", "json"], ["--triples", "-o", "nq"]])
def test_options_that_would_do_nothing_are_refused(catalogue, arguments):
    """Rather than to leave out in silence what was asked for."""
    with pytest.raises(UsageError):
        run(catalogue, *arguments)


@pytest.mark.parametrize("output", ["table", "json", "nq", "patch"])
def test_titles_cannot_command_a_terminal(tmp_path, output):
    """Control characters come out harmless, whatever the output; in RDF as escapes, which parsers undo."""
    hostile = Thing("http://example.org/a", "a\x1b[31m\x9b2J\u202eb\nc\td" + "long" * 100)
    catalogue = Catalogue(tmp_path / "catalogue")
    publish_things(catalogue, [hostile])
    text = run(catalogue, "-o", output)

    assert not {"\x1b", "\x9b", "\t"} & set(text)
    if output == "table":
        assert len(text.splitlines()) == 3
        assert "\u202e" not in text
    if output == "nq":
        assert set(parse(text, RdfFormat.N_QUADS)) == hostile.statements()


def test_in_a_terminal_changes_have_colours(catalogue):
    """Added is green, removed red; in a pipe there are none."""
    ours, theirs = os.openpty()
    code = f"from harvester.cli.diff import diff; diff(['--store', {str(catalogue.path)!r}])"
    environment = os.environ | {"COLUMNS": "100", "TERM": "xterm"}
    command = [sys.executable, "-c", code]
    subprocess.run(command, stdout=theirs, env=environment, cwd=Path(__file__).parents[2], check=True)
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        shown = terminal.read1().decode()

    assert "\x1b[32madded" in shown
    assert "\x1b[31mremoved" in shown
    assert "\x1b" not in run(catalogue)
