"""The queries about runs where there is more than they give: the newest, and nothing twice."""

from io import BytesIO

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from harvester.query.bind import bind
from harvester.query.results import JSON, Answer, read_rows
from harvester.query.sparql import read
from harvester.query.worker import evaluate

NIGHTS, RECORDS = 4, 300


@pytest.fixture(scope="module")
def nightly(tmp_path_factory) -> Store:
    """A store on disk with runs of many records each, some other than datasets; written in no order."""
    said = ["@prefix hv: <urn:x-harvester:vocabulary#> .", "@prefix dct: <http://purl.org/dc/terms/> ."]
    said += ["@prefix prov: <http://www.w3.org/ns/prov#> .", "@prefix foaf: <http://xmlns.com/foaf/0.1/> ."]
    for night in (2, 0, 3, 1):
        when = f'"2026-01-0{night + 1}T02:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
        run = f"<urn:x-harvester:run:N{night}>"
        said.append(f'{run} a prov:Activity ; hv:portal "p" ; prov:startedAtTime {when} .')
        for number in range(RECORDS):
            kind = "dataset" if number % 3 else "dataset details"
            said.append(
                f'<urn:record:{night}:{number}> hv:kind "{kind}" ; hv:change "added" ; dct:modified {when} ; '
                f"prov:wasGeneratedBy {run} ; foaf:primaryTopic <urn:d:{night}:{number}> ."
            )
    store = Store(tmp_path_factory.mktemp("nightly") / "store")
    records = NamedNode("urn:x-harvester:records:p")
    store.load("\n".join(said).encode(), RdfFormat.TURTLE, to_graph=records)
    return store


def rows(store: Store, library, name: str, **values: str) -> list[dict[str, str]]:
    out = BytesIO()
    evaluate(store, read(bind(library[name], values)), JSON, out)
    table = read_rows(Answer(JSON, BytesIO(out.getvalue())))
    return [
        {name: "" if term is None else term.value for name, term in zip(table.columns, row, strict=True)}
        for row in table.rows
    ]


@pytest.mark.parametrize(("limit", "nights"), [(5, {"3"}), (200, {"3"}), (250, {"3", "2"})])
def test_the_newest_changes_come_first(nightly, library, limit, nights):
    """Of more changes than are asked for, those of the last runs, whatever order the store has them in."""
    found = rows(nightly, library, "recent-changes", limit=str(limit))

    assert len(found) == limit
    assert {row["run"][-1] for row in found} == nights
    assert [row["when"] for row in found] == sorted((row["when"] for row in found), reverse=True)


def test_pages_of_changes_put_together_are_the_whole(nightly, library):
    """Each record of a run once."""
    run, size = "urn:x-harvester:run:N1", 70
    pages = [
        rows(nightly, library, "run-changes", run=run, limit=str(size), **{"from": str(begin)})
        for begin in range(0, RECORDS, size)
    ]

    records = [row["record"] for page in pages for row in page]
    assert sorted(records) == sorted(f"urn:record:1:{number}" for number in range(RECORDS))


def test_a_portal_that_was_never_harvested_has_no_runs(nightly, library):
    """Not one without values either. (rdflib makes such a row of an empty group, so it is not asked here.)"""
    assert rows(nightly, library, "runs", portal="elsewhere") == []
    assert len(rows(nightly, library, "runs", portal="p")) == NIGHTS
