"""`harvester diff` over real harvests: it agrees with the run's own report, and with both data sets."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse

from harvester.cli.diff import diff
from harvester.harvest.report import Report
from harvester.store.generations import Catalogue
from harvester.vocab import DETAILS_GRAPHS, RECORD_GRAPHS
from tests.harvest.support import QUICK, harvest
from tests.simulator import World, serve

WORLD = World(datasets=40, reuses=10)
PATIENT = replace(QUICK, read_timeout=60, total_timeout=60)
WRITES = ("added", "changed", "removed")


@pytest.fixture(scope="module")
def harvested(tmp_path_factory):
    """A catalogue after two nights between which datasets came, went and were edited; the second report."""
    store = tmp_path_factory.mktemp("diff") / "catalogue"
    with serve(WORLD) as portal:
        harvest(portal.site, store, settings=PATIENT, page_size=10)
        gone, edited = (WORLD.listed[7],), (WORLD.listed[3], WORLD.listed[20])
        portal.world = WORLD.evolved(add=2, remove=gone, edit=edited)
        return store, harvest(portal.site, store, settings=PATIENT, page_size=10)


def output(store, *arguments: str) -> str:
    return CliRunner().invoke(diff, ["--store", str(store), *arguments], catch_exceptions=False).stdout


def test_changes_agree_with_the_report_of_the_run(harvested):
    """As many of each kind as the run says that it added, changed and removed."""
    store, report = harvested
    document = json.loads(output(store, "-o", "json"))

    assert isinstance(report, Report)
    assert document["counts"] == {what: report.count(what) for what in WRITES}
    assert Counter((change["kind"], change["change"]) for change in document["changes"]) == {
        (kind.value, what): counts[what]
        for kind, counts in report.kinds.items()
        for what in WRITES
        if counts[what]
    }
    assert all(change["title"] for change in document["changes"] if change["kind"] == "dataset")


def test_statements_agree_with_both_generations(harvested):
    """Those added are what the new record graphs say and the old ones do not, and the other way round."""
    store, _ = harvested
    new, old = (said(generation) for generation in Catalogue(store).generations())

    assert set(parse(output(store, "-o", "nq"), RdfFormat.N_QUADS)) == new - old
    assert set(parse(output(store, "-o", "nq", "--removed"), RdfFormat.N_QUADS)) == old - new
    assert new - old


def said(generation):
    with generation.open() as store:
        return {quad for quad in store if quad.graph_name.value.startswith((RECORD_GRAPHS, DETAILS_GRAPHS))}
