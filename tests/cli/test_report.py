"""`--report`: what a run did, for programs, as its published schema says."""

import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from pyoxigraph import NamedNode

from harvester.cli.outlets.report_file import RunsFile, write_report
from harvester.errors import StoreError
from harvester.model import Category, Kind
from harvester.store.changes import Change
from harvester.store.generations import Catalogue
from harvester.store.journal import Journal
from tests.cli.harvesting import LEAN_FILE, from_file, harvest
from tests.simulator import World, faults, serve

WORLD = World(datasets=12, reuses=4, shared=())
SCHEMA = json.loads(harvest("--report-schema").stdout)


def valid(path: Path) -> dict:
    """Return a report that the schema has nothing against, and that says nothing it does not know."""
    report = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(
        SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(report)
    for run in report.get("runs", [report]):
        assert run.keys() == SCHEMA["$defs"]["run"]["properties"].keys()
        assert run["counts"].keys() == SCHEMA["$defs"]["run"]["properties"]["counts"]["properties"].keys()
    return report


def valid_facts(site: str, folder: Path) -> dict:
    """Return the report of a dry run on a portal."""
    folder.mkdir()
    harvest(site, "--dry-run", "--store", folder / "c", "--report", folder / "r.json")
    return valid(folder / "r.json")


def graphs(store: Path) -> dict[str, frozenset[str]]:
    """Return what each record of the catalogue says."""
    said: dict[str, set[str]] = {}
    with Catalogue(store).require().open() as reader:
        for quad in reader:
            if quad.graph_name.value.startswith(("urn:x-harvester:record:", "urn:x-harvester:details:")):
                said.setdefault(quad.graph_name.value, set()).add(str(quad))
    return {graph: frozenset(statements) for graph, statements in said.items()}


def test_every_changed_record_is_in_it(tmp_path):
    """By IRI, kind, change and title: as many as differ between the two catalogues, and each of them."""
    store, report = tmp_path / "c", tmp_path / "report.json"
    files = ["--store", store, "--report", report, "--surfaces", "default"]
    with serve(WORLD) as portal:
        assert harvest(portal.site, *files).exit_code == 0
        first, before = valid(report), graphs(store)
        portal.world = WORLD.evolved(add=2, edit=(3, 4, 5))
        assert harvest(portal.site, *files).exit_code == 0
        second, after = valid(report), graphs(store)

    assert {change["change"] for change in first["changes"]} == {"added"}
    assert len(first["changes"]) == len(before) == first["counts"]["added"]
    expected = {
        "added": after.keys() - before.keys(),
        "changed": {graph for graph in after.keys() & before.keys() if after[graph] != before[graph]},
    }
    for what, which in expected.items():
        told = [change["iri"] for change in second["changes"] if change["change"] == what]
        assert len(told) == second["counts"][what] == len(which) > 0
        with Catalogue(store).require().open() as reader:
            for iri in told:
                assert any(
                    q.graph_name.value in which for q in reader.quads_for_pattern(NamedNode(iri), None, None)
                )
    titles = {change["iri"]: change["title"] for change in second["changes"]}
    with Catalogue(store).require().open() as reader:
        for iri, title in titles.items():
            said = [
                q.object.value
                for q in reader.quads_for_pattern(NamedNode(iri), None, None)
                if hasattr(q.object, "value")
            ]
            assert title in ["", *said]
    assert any(titles.values())


def test_a_run_that_changes_nothing_tells_so(tmp_path):
    """No changes, no generation."""
    store, report = tmp_path / "c", tmp_path / "report.json"
    with serve(WORLD) as portal:
        harvest(portal.site, "--store", store)
        harvest(portal.site, "--store", store, "--report", report)

    told = valid(report)
    assert (told["outcome"], told["changes"], told["generation"]) == ("unchanged", [], None)


def test_a_dry_run_has_a_report_too(tmp_path):
    """Of what would have been; nothing is published."""
    with serve(WORLD) as portal:
        harvest(portal.site, "--store", tmp_path / "c", "--dry-run", "--report", tmp_path / "r.json")

    told = valid(tmp_path / "r.json")
    assert (told["outcome"], told["changes"]) == ("tried", [])
    assert told["counts"]["added"] > WORLD.datasets
    assert Catalogue(tmp_path / "c").current() is None


FAILURES = {
    "unreachable": (3, "PortalUnreachable", [faults.status(503)]),
    "not RDF": (4, "NothingPublishable", [faults.malformed("/site/catalog")]),
}


@pytest.mark.parametrize(("code", "kind", "spoilt"), FAILURES.values(), ids=FAILURES.keys())
def test_a_run_that_failed_says_why(code, kind, spoilt, tmp_path):
    """In its report as on the terminal, in the place of the one before."""
    report = tmp_path / "report.json"
    report.write_text("{}")
    with serve(WORLD, spoilt) as portal:
        done = harvest(portal.site, "--store", tmp_path / "c", "--report", report)

    told = valid(report)
    assert (done.exit_code, told["exit_code"], told["outcome"]) == (code, code, "failed")
    assert told["error"]["kind"] == kind
    assert told["error"]["cause"] in done.stderr
    assert told["requests"] > 0


def test_a_run_that_could_not_begin_has_one_as_well(tmp_path):
    """The store is held by another: its report is not mistaken for this run's."""
    with serve(WORLD) as portal, Catalogue(tmp_path / "c").lock("another"):
        # It began after ours was started: the journal's newest run is that one.
        theirs = valid_facts(portal.site, tmp_path / "theirs")
        later = datetime.now(UTC) + timedelta(hours=1)
        Journal(tmp_path / "c").begin({**theirs, "run": "theirs", "started": later.isoformat()})
        done = harvest(portal.site, "--store", tmp_path / "c", "--report", tmp_path / "r.json")

    told = valid(tmp_path / "r.json")
    assert (done.exit_code, told["exit_code"], told["error"]["kind"]) == (6, 6, "Locked")
    assert "another" in told["error"]["cause"]
    assert told["run"] != "theirs"


def test_it_says_what_the_portals_owner_should_do(tmp_path):
    """Once per category that occurred: what the schema says there."""
    spoilt = [faults.malformed(faults.page(2)), faults.status(500, "/api/1/datasets/")]
    with serve(WORLD, spoilt) as portal:
        done = harvest(portal.site, "--store", tmp_path / "c", "--report", tmp_path / "r.json")

    told = valid(tmp_path / "r.json")
    assert done.exit_code == told["exit_code"] == 5
    assert told["advice"].keys() == told["problem_counts"].keys() >= {"not RDF"}
    said = {each["const"]: each["description"] for each in SCHEMA["$defs"]["category"]["oneOf"]}
    assert told["advice"].items() <= said.items()


def test_writing_it_takes_no_more_memory_for_more_changes(tmp_path):
    """They go to the file one by one."""

    def peak(number: int) -> int:
        changes = (
            Change(Kind.DATASET, "added", f"https://data.example/{n}", "Vélos", "") for n in range(number)
        )
        tracemalloc.start()
        write_report(tmp_path / "r.json", {"run": "r1"}, changes)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    # Twice: what else this process does meanwhile counts too.
    assert min(peak(5_000), peak(5_000)) < peak(100) + 50_000
    assert len(json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["changes"]) == 100


def test_it_is_there_all_at_once(tmp_path):
    """What goes wrong while it is written leaves the last one, and no litter."""
    (tmp_path / "r.json").write_text("the last one")

    def broken():
        yield Change(Kind.DATASET, "added", "https://data.example/1", "", "")
        raise StoreError("a damaged generation", fix="harvest again")

    with pytest.raises(StoreError):
        write_report(tmp_path / "r.json", {"run": "r1"}, broken())
    with RunsFile(tmp_path / "r.json") as file, pytest.raises(StoreError):
        file.add({"run": "r1"}, broken())

    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    assert (tmp_path / "r.json").read_text() == "the last one"


def test_the_schema_knows_every_category_and_kind():
    """With advice for each category."""
    categories = SCHEMA["$defs"]["category"]["oneOf"]

    assert {each["const"] for each in categories} == set(Category)
    assert all(len(each["description"]) > 40 for each in categories)
    assert set(SCHEMA["$defs"]["kind"]["enum"]) == set(Kind)


def test_several_portals_are_told_of_together_and_each_by_itself(tmp_path):
    """The file named at the top has all runs, that of a portal its own."""
    config = tmp_path / "harvester.toml"
    with serve(WORLD) as one, serve(WORLD, [faults.status(503)]) as other:
        config.write_text(
            f'{LEAN_FILE}store = "c"\nreport = "all.json"\nattempts = 1\nrate = 0\n'
            f'[[portal]]\nurl = "{other.site}"\n[[portal]]\nurl = "{one.site}"\nreport = "one.json"\n'
        )
        done = from_file(config)

    told = valid(tmp_path / "all.json")
    assert [run["outcome"] for run in told["runs"]] == ["failed", "published"]
    assert done.exit_code == told["exit_code"] == 3
    assert valid(tmp_path / "one.json") == told["runs"][1]
    assert len(told["runs"][1]["changes"]) == told["runs"][1]["counts"]["added"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.json", "c", "harvester.toml", "one.json"]
