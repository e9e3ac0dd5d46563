"""What differs between two generations, against what was put into them."""

import tempfile
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.store.changes import changes, count_records, portals, statements
from harvester.store.generations import Catalogue
from harvester.vocab import DCT, FOAF, SCHEMA, SKOS
from tests.store.recorded import Thing, data, publish_things


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "catalogue")


def told(old, new, **options):
    """Changes as plain tuples."""
    return [(c.change, c.kind.value, c.resource, c.title) for c in changes(old, new, **options)]


def thing(name: str, **more) -> Thing:
    return Thing(f"http://example.org/{name}", more.pop("title", name.upper()), **more)


def test_records_are_added_changed_removed_or_not_told(catalogue):
    """What is in one only, or in both with another content; the rest is not told. Sorted by graph."""
    old = publish_things(catalogue, [thing("same"), thing("b", kind="reuse"), thing("c")])
    new = publish_things(
        catalogue, [thing("same"), thing("b", kind="reuse", title="B2"), thing("a")], gone=[thing("c")]
    )

    assert told(old, new) == [
        ("added", "dataset", "http://example.org/a", "A"),
        ("changed", "reuse", "http://example.org/b", "B2"),
        ("removed", "dataset", "http://example.org/c", "C"),
    ]
    assert told(new, new) == []


def test_in_the_first_generation_all_is_added(catalogue):
    """Without an older generation each record is new."""
    new = publish_things(catalogue, [thing("a"), thing("b")], gone=[thing("c")])

    assert [change[0] for change in told(None, new)] == ["added", "added"]


def test_a_record_that_comes_back_is_added_again(catalogue):
    """A tombstone is no record, neither before nor after; nor is one that leaves no tombstone."""
    there = publish_things(catalogue, [thing("a")])
    gone = publish_things(catalogue, [], gone=[thing("a")])
    forgotten = publish_things(catalogue, [])

    assert told(gone, there) == [("added", "dataset", "http://example.org/a", "A")]
    assert told(there, forgotten) == [("removed", "dataset", "http://example.org/a", "A")]
    assert told(gone, forgotten) == []


def test_portals_are_told_apart(catalogue):
    """Two portals may describe one resource: each description is a record of its own."""
    ours, theirs = thing("a"), thing("a", portal="127.0.0.1:7000", title="Theirs")
    old = publish_things(catalogue, [ours])
    new = publish_things(catalogue, [replace(ours, title="Ours"), theirs])

    assert [title for *_, title in told(old, new)] == ["Theirs", "Ours"]
    assert [title for *_, title in told(old, new, portal="127.0.0.1:7000")] == ["Theirs"]
    assert told(old, new, portal="nobody.example") == []
    with new.open() as store:
        assert (portals(store), count_records(store)) == ({"data.example", "127.0.0.1:7000"}, 2)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ([(DCT + "title", "Bikes", "en"), (DCT + "title", "Vélos", "fr")], "Vélos"),
        ([(DCT + "title", "Vélos", "fr-CA"), (DCT + "title", "Fahrräder", "de")], "Vélos"),
        ([(DCT + "title", "Fahrräder", "de"), (DCT + "title", "Velos", None)], "Velos"),
        ([(FOAF + "name", "A town", "en")], "A town"),
        ([(SKOS + "prefLabel", "Transport", "fr")], "Transport"),
        ([(SCHEMA + "name", "An app", None)], "An app"),
        ([(SCHEMA + "name", "An app", None), (DCT + "title", "A title", "de")], "A title"),
        ([], ""),
    ],
)
def test_a_change_goes_by_the_title_that_the_data_gives(catalogue, said, title):
    """A title in no language or in French comes first, then English, then any; a name stands in for one."""
    things = [
        Thing("http://example.org/a", text, language=lang, title_term=term) for term, text, lang in said
    ]
    new = publish_things(catalogue, things or [Thing("http://example.org/a")])

    assert [change[3] for change in told(None, new)] == [title]


NOTES = st.frozensets(st.sampled_from(["x", "y\n\u2028z", 'q"\\', "é\x07"]), max_size=3)
WORLDS = st.dictionaries(
    st.sampled_from(["a", "a?b#c", "é", "b/c", "d", "e%20"]).map("http://example.org/{}".format),
    st.tuples(st.sampled_from(["", "A", "B"]), NOTES),
    max_size=6,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=WORLDS, after=WORLDS)
def test_the_statements_of_all_changes_turn_the_old_data_into_the_new(tmp_path, before, after):
    """Old statements, less those removed, and those added: the new ones; none is told that is in both."""
    old_things, new_things = (
        [Thing(resource, *said) for resource, said in world.items()] for world in (before, after)
    )
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        catalogue = Catalogue(Path(folder))
        old, new = publish_things(catalogue, old_things), publish_things(catalogue, new_things)
        found = list(changes(old, new))
        with old.open() as old_store, new.open() as new_store:
            each = [statements(old_store, new_store, change) for change in found]

    assert {change.resource: change.change for change in found} == (
        dict.fromkeys(after.keys() - before.keys(), "added")
        | dict.fromkeys(before.keys() - after.keys(), "removed")
        | {r: "changed" for r in before.keys() & after.keys() if before[r] != after[r]}
    )
    added, removed = ({quad for pair in each for quad in pair[side]} for side in (0, 1))
    assert added == data(new_things) - data(old_things)
    assert removed == data(old_things) - data(new_things)


def test_memory_does_not_grow_with_the_catalogue(catalogue):
    """Eight times as many records, all of them changed: no more memory."""

    def peak(number: int) -> int:
        generations = [
            publish_things(catalogue, [thing(str(n), title=title) for n in range(number)])
            for title in ("before", "after")
        ]
        tracemalloc.start()
        assert sum(1 for _ in changes(*generations)) == number
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    small = peak(100)

    assert peak(800) < 1.5 * small + 20_000
