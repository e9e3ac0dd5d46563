"""The bookkeeping in the store can be read back, and queried as the documentation says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pyoxigraph import NamedNode, RdfFormat, Store

from harvester.model import Category, Kind, Problem
from harvester.store.activities import Activity, run_activity
from harvester.store.ledger import Absence, Known, Outcome, Sighting
from harvester.store.records import (
    Past,
    catalog_record,
    forget,
    known_ids,
    known_records,
    mark_absent,
    tombstone,
)
from harvester.vocab import record_graph

WHEN = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
GRAPH = record_graph("data.example", "http://up.example/d 1?x")
OUTCOME = Outcome(
    GRAPH,
    Kind.DATASET,
    "http://up.example/d1",
    "ab12",
    "http://data.example/p1",
    ("a" * 24, "b" * 24),
    Sighting.ADDED,
)


def store_with(*nquads: str) -> Store:
    store = Store()
    for text in nquads:
        store.load(text.encode(), RdfFormat.N_QUADS)  # strict: all of it must be valid
    return store


def test_a_catalog_record_is_read_back_as_known():
    """What the last generation knows is what was written."""
    store = store_with(catalog_record("data.example", OUTCOME, "r1", WHEN, Past()))

    assert list(known_records(store, "data.example")) == [
        Known(GRAPH, Kind.DATASET, "http://up.example/d1", "ab12")
    ]
    assert sorted(known_ids(store, "data.example")) == [(GRAPH, "a" * 24), (GRAPH, "b" * 24)]
    assert list(known_records(store, "other.example")) == []


def test_an_absence_is_noted_and_taken_back():
    """Why, since when and for how many runs a record has been missing: one note, until it is listed again."""
    store = store_with(catalog_record("data.example", OUTCOME, "r1", WHEN, Past()))
    absence = Absence("not found", "2026-11-21T02:00:00Z", 1)

    mark_absent(store, "data.example", GRAPH, absence)
    mark_absent(store, "data.example", GRAPH, replace(absence, runs=2))
    (noted,) = known_records(store, "data.example")
    mark_absent(store, "data.example", GRAPH, None)
    (back,) = known_records(store, "data.example")

    assert noted.absence == replace(absence, runs=2)
    assert back.absence is None


def test_the_first_date_stays_when_a_record_changes():
    """dct:issued says when the record was first seen, dct:modified when it last changed."""
    store = store_with(catalog_record("data.example", OUTCOME, "r1", WHEN, Past()))

    past = forget(store, "data.example", GRAPH)
    later = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    store.load(catalog_record("data.example", OUTCOME, "r2", later, past).encode(), RdfFormat.N_QUADS)

    rows = store.query(
        "PREFIX dct: <http://purl.org/dc/terms/> PREFIX prov: <http://www.w3.org/ns/prov#>"
        "SELECT ?i ?m ?r { GRAPH ?g { ?x dct:issued ?i ; dct:modified ?m ; prov:wasGeneratedBy ?r } }"
    )
    assert [[str(term.value) for term in row] for row in rows] == [
        ["2026-11-21T02:00:00Z", "2026-11-22T02:00:00Z", "urn:x-harvester:run:r2"]
    ]


def test_the_runs_that_touched_a_record_are_remembered():
    """Added, changed, removed, back again, changed: the last run stands by itself, and the others."""
    store = Store()
    known = Known(GRAPH, Kind.DATASET, OUTCOME.resource, "ab12")
    for number in range(40):
        past = forget(store, "data.example", GRAPH)
        run, when = f"2026-{number:03}", WHEN + timedelta(days=number)
        if number % 10 == 9:
            text = tombstone("data.example", known, run, when, past)
        else:
            text = catalog_record("data.example", OUTCOME, run, when, past)
        store.load(text.encode(), RdfFormat.N_QUADS)

    def runs(predicate: str) -> list[str]:
        quads = store.quads_for_pattern(NamedNode(GRAPH), NamedNode(predicate), None, None)
        return sorted(quad.object.value.removeprefix("urn:x-harvester:run:") for quad in quads)

    assert runs("http://www.w3.org/ns/prov#wasInvalidatedBy") == ["2026-039"]
    assert runs("urn:x-harvester:vocabulary#touchedEarlierBy") == [f"2026-{n:03}" for n in range(9, 39)]


def test_a_tombstone_is_not_known_any_more():
    """A removed record stays as a dated trace, and counts as new if it ever comes back."""
    (known,) = known_records(
        store_with(catalog_record("data.example", OUTCOME, "r1", WHEN, Past())), "data.example"
    )
    store = store_with(tombstone("data.example", known, "r2", WHEN, Past("2026-11-20T02:00:00Z")))

    assert list(known_records(store, "data.example")) == []
    assert store.query(
        "ASK { GRAPH ?g { ?x <http://www.w3.org/ns/prov#invalidatedAtTime> ?t ;"
        " <http://www.w3.org/ns/prov#wasInvalidatedBy> <urn:x-harvester:run:r2> } }"
    )


def test_a_run_and_its_problems_are_valid_rdf_whatever_the_portal_said():
    """Texts and URLs of problems come from outside."""
    hostile = Problem(Category.NOT_RDF, 'http://h/ "x> <y', 'quo"te\\', "line\nbreak\x00", "fix")

    run = Activity("r1", "h:80", "http://h/ c", WHEN, WHEN, {"seen": 3}, [hostile], {"error": 'no "disk"'})
    store = store_with(run_activity(run))

    activity = NamedNode("urn:x-harvester:run:r1")
    problem = NamedNode("urn:x-harvester:run:r1#p1")
    said = {
        q.predicate.value.rsplit("#")[-1].rsplit("/")[-1]: q.object.value
        for q in store.quads_for_pattern(problem, None, None)
    }
    assert said["title"] == 'quo"te\\'
    assert said["references"] == 'http://h/ "x> <y'
    assert [
        q.object.value
        for q in store.quads_for_pattern(activity, NamedNode("urn:x-harvester:vocabulary#seen"), None)
    ] == ["3"]
