"""What a run makes of the whole of a portal's API: lists to be switched off, and what follows from them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from harvester.enrich.surfaces import SURFACES
from harvester.harvest import derivation, job, links
from harvester.model import Kind
from harvester.portal.links import Link
from harvester.store.generations import Catalogue
from harvester.vocab import DERIVED_GRAPHS, DETAILS_GRAPHS, HV, INFERRED_GRAPHS, RECORD_GRAPHS
from tests.harvest.support import MAPPINGS, harvest
from tests.simulator import World, serve
from tests.simulator.manners import LEGACY, UDATA

WORLD = World(datasets=30, reuses=12)
KINDS = {surface.kind for surface in SURFACES}
NONE: frozenset[str] = frozenset()


@pytest.fixture
def store(shared, tmp_path):
    """What a first harvest of the whole API made, for each test to go on with."""
    return shared.store(WORLD, tmp_path / "store", harvest=harvest, page_size=100)


def quads(store: Path) -> set[Quad]:
    with Catalogue(store).require().open() as reader:
        return set(reader)


def derived(store: Path) -> dict[str, frozenset[str]]:
    """Return what was derived, graph by graph."""
    found: dict[str, set[str]] = {}
    for quad in quads(store):
        if quad.graph_name.value.startswith(DERIVED_GRAPHS):
            found.setdefault(quad.graph_name.value, set()).add(str(quad.triple))
    return {graph: frozenset(triples) for graph, triples in found.items()}


def kinds(report) -> set[Kind]:
    return {kind for kind, counts in report.kinds.items() if kind in KINDS and counts["seen"]}


def test_lists_are_read_where_they_are_switched_on(tmp_path):
    """None, all, none again: what is no longer wanted goes, and the portal is not asked for it."""
    with serve(WORLD) as portal:
        assert not kinds(harvest(portal.site, tmp_path, surfaces=NONE))
        before = len(portal.requests)
        assert kinds(harvest(portal.site, tmp_path)) == KINDS
        after = len(portal.requests)
        report = harvest(portal.site, tmp_path, surfaces=NONE, allow_mass_removal=True)
        last = len(portal.requests) - after

    assert not kinds(report)
    assert report.count("removed") > 0
    assert not any(quad.graph_name.value.startswith(DETAILS_GRAPHS) for quad in quads(tmp_path))
    assert last < after - before


def test_a_portal_that_lacks_the_lists_is_no_failure(tmp_path):
    """Portals of other versions have fewer: a word about it, exit code 0."""
    with serve(WORLD, manners=LEGACY) as portal:
        report = harvest(portal.site, tmp_path)

    assert (report.exit_code, report.skipped) == (0, 0)
    assert "the portal has no list of discussions" in report.notes


def test_a_list_that_fails_one_night_stays(portal, store):
    """No removal on doubt: what the list told the night before is kept while it answers 404."""
    first = Catalogue(store).require().manifest.facts["kinds"]
    portal.manners = replace(UDATA, surfaces=NONE)
    second = harvest(portal.site, store)

    assert first[Kind.DISCUSSION]["seen"] == second.kinds[Kind.DISCUSSION]["unchanged"] > 0
    assert second.count("removed") == 0


def test_what_is_derived_stands_in_no_data_graph(store):
    """Inferred and measured triples have graphs of their own, and none is said as well."""
    stored = quads(store)
    ours = {q.triple for q in stored if q.graph_name.value.startswith(DERIVED_GRAPHS)}
    said = {q.triple for q in stored if q.graph_name.value.startswith((RECORD_GRAPHS, DETAILS_GRAPHS))}
    assert len(ours) > 500
    assert not ours & said
    assert max(Counter(quad.triple for quad in stored).values()) == 1


def test_new_mappings_derive_everything_anew(portal, store, monkeypatch):
    """The portal has not changed: with the same rules nothing is published, with others all of it is."""
    assert harvest(portal.site, store).outcome == "unchanged"
    first = derived(store)
    fewer = replace(MAPPINGS, infer=MAPPINGS.infer[:1], fingerprint="others")
    monkeypatch.setattr("tests.harvest.support.MAPPINGS", fewer)
    report = harvest(portal.site, store)
    second = derived(store)
    monkeypatch.undo()
    harvest(portal.site, store)

    assert (report.outcome, report.writes) == ("published", 0)
    assert sum(map(len, second.values())) < sum(map(len, first.values()))
    assert derived(store) == first


def inferred(store: Path) -> dict[str, frozenset[str]]:
    return {graph: said for graph, said in derived(store).items() if graph.startswith(INFERRED_GRAPHS)}


def test_what_is_inferred_does_not_depend_on_what_is_derived_together(portal, store, tmp_path, monkeypatch):
    """Batches are for memory's sake: three records at a time give what all at once give."""
    monkeypatch.setattr(derivation, "_BATCH", 3)
    harvest(portal.site, tmp_path / "again")

    assert inferred(tmp_path / "again") == inferred(store)


@pytest.mark.parametrize("mode", ["full", "delta"])
def test_only_what_a_change_bears_on_is_derived_anew(mode, portal, store, monkeypatch):
    """A reuse goes: the datasets that it named have one less, and nothing else is gone through."""
    gone_through: list[str] = []
    derive = job.harvest_all.__globals__["derive"]

    def spy(run, *, everything):
        gone_through.extend(run.intake.material.affected())
        derive(run, everything=everything)

    before = derived(store)
    number = next(n for n in WORLD.listed_reuses if len(WORLD.reuse(n).datasets) > 1)
    portal.world = WORLD.evolved(remove_reuses=[number])
    monkeypatch.setitem(job.harvest_all.__globals__, "derive", spy)
    harvest(portal.site, store, mode=mode, max_removal=1.0)
    after = derived(store)

    changed = {graph for graph in before.keys() | after.keys() if before.get(graph) != after.get(graph)}
    inferred = {graph for graph in changed if graph.startswith(INFERRED_GRAPHS)}
    counts = [_count(before, graph) - _count(after, graph) for graph in inferred]
    assert counts
    assert set(counts) == {1}
    assert len(gone_through) < len(WORLD.listed)


def _count(graphs: dict[str, frozenset[str]], graph: str) -> int:
    said = (line for line in graphs.get(graph, ()) if f"<{HV}reuses>" in line)
    return next((int(line.split('"')[1]) for line in said), 0)


class _Checker:
    """Stands in for the one that asks: every second link answers, or none."""

    dead = False

    def __init__(self, settings, portal_url) -> None:
        pass

    def check(self, urls: Iterable[str], cache):
        listed = sorted({(url, "files.example") for url in urls})
        now = datetime.now(UTC)
        cache.enlist(listed, now)
        for number, (url, _) in enumerate(listed):
            ok = not self.dead and number % 2 == 0
            cache.note(Link(url, 200 if ok else 404, "" if ok else "404", now))
        return links_report(len(listed))


def links_report(number: int):
    from harvester.portal.links import Report

    return Report(number, 0, 0, number, 0, 0, number, 0, "")


def statuses(store: Path) -> Counter[str]:
    term = NamedNode(HV + "httpStatus")
    return Counter(quad.object.value for quad in quads(store) if quad.predicate == term)


def test_links_count_where_they_were_checked(portal, store, monkeypatch):
    """Noted once each; a link that answers otherwise makes news, and one that does not makes none."""
    monkeypatch.setattr(links, "LinkChecker", _Checker)
    assert statuses(store) == {}
    without = sum(map(len, derived(store).values()))
    harvest(portal.site, store, check_links=True)
    half = statuses(store)
    assert harvest(portal.site, store, check_links=True).outcome == "unchanged"
    monkeypatch.setattr(_Checker, "dead", True)
    report = harvest(portal.site, store, check_links=True)

    assert abs(half["200"] - half["404"]) <= 1
    assert sum(map(len, derived(store).values())) != without
    assert (report.outcome, report.links) == ("published", half["200"])
    assert statuses(store) == {"404": half.total()}
