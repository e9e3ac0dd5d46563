"""The ledger of a run tells what is new, changed, repeated, merged or gone."""

from hashlib import sha256

import pytest

from harvester.model import Kind, Record
from harvester.store.ledger import Known, Ledger, Sighting


def record(name: str, digest: str, *ids: str, kind: Kind = Kind.DATASET) -> Record:
    return Record(
        kind, f"http://d.example/{name}", f"urn:g:{name}", b"", 0, 0, digest, "http://s.example/", ids
    )


def known(name: str, digest: str, *ids: str, kind: Kind = Kind.DATASET) -> Known:
    return Known(f"urn:g:{name}", kind, f"http://d.example/{name}", digest, ids)


@pytest.fixture
def ledger(tmp_path):
    book = Ledger(tmp_path / "run.sqlite")
    book.remember([known("same", "1"), known("moved", "1"), known("gone", "1", "a" * 24)])
    yield book
    book.close()


def test_a_record_is_compared_with_the_last_generation(ledger):
    """Added, changed, unchanged: by digest alone."""
    sightings = [
        ledger.see(record("new", "1")),
        ledger.see(record("moved", "2")),
        ledger.see(record("same", "1")),
    ]

    assert sightings == [Sighting.ADDED, Sighting.CHANGED, Sighting.UNCHANGED]


def test_pages_repeat_records(ledger):
    """Organisations stand on every page: the same description again is no news."""
    ledger.see(record("new", "1"))

    assert ledger.see(record("new", "1")) is Sighting.REPEATED


def test_two_descriptions_of_one_resource_are_merged_whatever_their_order(ledger, tmp_path):
    """Two datasets under one IRI: the outcome has one digest, the same whichever page came first."""
    other = Ledger(tmp_path / "other.sqlite")
    for book, order in ((ledger, "12"), (other, "21")):
        assert [book.see(record("shared", digest)) for digest in order] == [Sighting.ADDED, Sighting.MERGED]

    (one,), (two,) = ([o for o in book.outcomes() if o.graph == "urn:g:shared"] for book in (ledger, other))
    other.close()

    assert one == two
    assert one.digest == sha256(b"1 2").hexdigest()


def test_what_was_known_and_not_seen_is_absent(ledger):
    """Absence is asked for by kind."""
    ledger.see(record("same", "1"))

    assert [k.graph for k in ledger.absent([Kind.DATASET])] == ["urn:g:gone", "urn:g:moved"]
    assert list(ledger.absent([Kind.REUSE])) == []


def test_portal_ids_lead_to_the_iri_that_the_catalogue_uses(ledger):
    """Links of reuses are resolved by id."""
    ledger.see(record("x", "1", "b" * 24, "c" * 24))

    assert ledger.resources(["b" * 24, "c" * 24, "e" * 24]) == {
        "b" * 24: "http://d.example/x",
        "c" * 24: "http://d.example/x",
    }


def test_what_is_kept_counts_as_seen_and_unchanged(ledger):
    """A record that could not be read stays as it was."""
    gone = ledger.known_as("a" * 24)
    ledger.keep(gone)

    assert [k.graph for k in ledger.absent([Kind.DATASET])] == ["urn:g:moved", "urn:g:same"]
    assert ledger.tallies() == {Kind.DATASET: {"seen": 1, Sighting.UNCHANGED: 1}}
    assert list(ledger.outcomes()) == []
    assert ledger.known_resources(["a" * 24, "f" * 24]) == {"a" * 24: "http://d.example/gone"}


def test_outcomes_are_in_order_and_say_what_changed(ledger):
    """Each record seen once, by graph; the unchanged ones are only counted."""
    for r in (record("new", "1", "b" * 24), record("moved", "2"), record("same", "1")):
        ledger.see(r)

    assert [(o.graph, o.change, o.ids) for o in ledger.outcomes()] == [
        ("urn:g:moved", Sighting.CHANGED, ()),
        ("urn:g:new", Sighting.ADDED, ("b" * 24,)),
    ]
    assert ledger.tallies()[Kind.DATASET] == {"seen": 3, "changed": 1, "added": 1, "unchanged": 1}
