"""The synthetic portal against a recording of udata 17.18: same predicates, same keys, same sizes."""

import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from tests.simulator import docs
from tests.simulator.docs import Scene
from tests.simulator.graph import Graph
from tests.simulator.hydra import describe_paging, view_of
from tests.simulator.manners import Hydra
from tests.simulator.names import Names
from tests.simulator.rdf import describe_catalog
from tests.simulator.render import render
from tests.simulator.world import World

RECORDED = Path(__file__).parents[1] / "data" / "udata-17.18"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
GEODCAT = "http://data.europa.eu/930/"


@pytest.fixture(scope="module")
def recorded() -> list[Triple]:
    """The first hundred datasets, as Turtle."""
    body = gzip.decompress((RECORDED / "catalog-page-1.ttl.gz").read_bytes())
    return [quad.triple for quad in parse(body, RdfFormat.TURTLE, lenient=True)]


@pytest.fixture(scope="module")
def simulated() -> tuple[list[Triple], int]:
    """The triples of 250 datasets in one page, and its size in bytes."""
    world, names, graph = (
        World(datasets=250),
        Names("http://portal.test/api/1", "http://portal.test"),
        Graph(),
    )
    node = describe_catalog(graph, world, names, world.every_listed(), first=True)
    describe_paging(graph, node, view_of(f"{names.catalog}.ttl", 1, 125, 250), Hydra.VIEW)
    body = render(graph, "ttl")
    return [quad.triple for quad in parse(body, RdfFormat.TURTLE, lenient=True)], len(body)


def predicates(triples: list[Triple]) -> dict[str, set[str]]:
    """Class -> predicates of its instances, the roles of GeoDCAT-AP counted as one."""
    classes = defaultdict(set)
    for triple in triples:
        if triple.predicate.value == TYPE:
            classes[str(triple.subject)].add(triple.object.value)
    found = defaultdict(set)
    for triple in triples:
        name = triple.predicate.value
        for class_ in classes[str(triple.subject)]:
            found[class_].add(GEODCAT if name.startswith(GEODCAT) else name)
    return dict(found)


def test_each_class_has_the_predicates_of_the_recording(recorded, simulated):
    """Nothing is missing from a synthetic page, and nothing is invented."""
    assert predicates(simulated[0]) == predicates(recorded)


def test_a_dataset_weighs_what_it_weighs_in_the_recording(simulated):
    """About 89 triples and 6.5 kB of Turtle per dataset: what a benchmark measures is what a portal sends."""
    triples, size = simulated

    assert len(triples) / 250 == pytest.approx(89, rel=0.15)
    assert size / 250 == pytest.approx(6500, rel=0.15)


def test_blank_nodes_are_as_frequent(simulated):
    """About 3.3 blank nodes per dataset."""
    blank = {str(triple.subject) for triple in simulated[0] if str(triple.subject).startswith("_:")}

    assert len(blank) / 250 == pytest.approx(3.3, rel=0.25)


@pytest.mark.parametrize("light", [False, True])
def test_a_reuse_has_the_keys_of_the_recording(light):
    """Both shapes of datasets[] are parts of what udata sends; the reuse around them is all of it."""
    recorded = json.loads((RECORDED / "reuse.json").read_text())
    world = World()
    reuse = docs.reuse(Scene(world, Names("http://h/api/1", "http://h"), light), world.reuse(0))

    assert reuse.keys() == recorded.keys()
    assert reuse["datasets"][0].keys() <= recorded["datasets"][0].keys()
    assert reuse["datasets"][0].keys() >= {"id", "uri", "page", "title"}
    assert ("resources" in reuse["datasets"][0]) is not light


def test_without_a_site_of_its_own_a_portal_names_things_by_api_url():
    """CDATA_BASE_URL decides the IRIs of datasets and distributions; without it pages are null."""
    world = World(cdata=None)
    names = Names("http://portal.test/api/1", world.cdata)
    dataset = world.dataset(1)

    assert names.dataset(dataset) == f"http://portal.test/api/1/datasets/{dataset.id}/"
    assert names.resource(dataset, dataset.resources[0]).startswith("http://portal.test/api/1/datasets/r/")
    assert docs.dataset_reference(names, dataset)["page"] is None
