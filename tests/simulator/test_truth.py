"""The truth that tests compare a harvest with, itself compared with what rdflib reads from the pages."""

import json
import logging

import pytest
import rdflib
import requests
from rdflib.namespace import DCAT, FOAF, RDF

from tests.simulator import Truth, World, serve
from tests.simulator.names import repaired

WORLD = World(datasets=45, reuses=32)


@pytest.mark.parametrize("cdata", ["http://portail.exemple", None])
def test_the_truth_is_what_the_pages_say(cdata, caplog):
    """Datasets, services, organizations: the truth has the IRIs on the pages, repaired, and no others."""
    caplog.set_level(logging.CRITICAL, logger="rdflib")
    world = World(datasets=45, reuses=32, cdata=cdata)
    with serve(world) as portal:
        graph = rdflib.Graph()
        catalog = f"{portal.api}/site/catalog"
        for number in (1, 2, 3):
            url = f"{catalog}.xml?page={number}&page_size=15"
            graph.parse(data=requests.get(url, timeout=10).text, format="xml", publicID=catalog)
        truth = Truth(world, portal.api)

    def objects(predicate: rdflib.URIRef) -> set[str]:
        return {repaired(str(found), catalog) for found in graph.objects(rdflib.URIRef(catalog), predicate)}

    owners = set(graph.subjects(RDF.type, FOAF.Organization))
    assert truth.datasets == objects(DCAT.dataset)
    assert truth.services == objects(DCAT.service)
    assert truth.organizations == {str(owner) for owner in owners if isinstance(owner, rdflib.URIRef)}
    assert len(truth.iri_of) == 45
    assert len(truth.datasets) == 44  # two share one


def test_links_are_those_of_the_reuse_list():
    """Every link of the JSON list resolves or dangles; only deleted and private datasets dangle."""
    with serve(WORLD) as portal:
        listed = requests.get(f"{portal.api}/reuses/?page_size=100", timeout=10).json()["data"]
        truth = Truth(WORLD, portal.api)
        status = {
            key: requests.get(f"{portal.api}/datasets/{key}/rdf.ttl", timeout=10).status_code
            for key in truth.unlisted_targets
        }

    linked = {(reuse["id"], dataset["id"]) for reuse in listed for dataset in reuse["datasets"]}
    dangling = {(reuse.rsplit("/", 1)[1], dataset) for reuse, dataset in truth.dangling}
    assert {key for _, key in linked if key not in truth.iri_of} == truth.unlisted_targets
    assert dangling == {(reuse, key) for reuse, key in linked if status.get(key) in (404, 410)}
    assert len(truth.links) + len(truth.dangling) == len(linked)
    assert sorted(set(status.values())) == [200, 404, 410]
    assert len(truth.reuses) == len(listed) == 32


def test_the_same_arguments_make_the_same_portal():
    """Nothing but the seed decides: two worlds of one seed agree, those of two seeds do not."""
    one, same, other = World(datasets=20), World(datasets=20), World(datasets=20, seed=2)

    assert list(one.every_listed()) == list(same.every_listed())
    assert not {d.id for d in one.every_listed()} & {d.id for d in other.every_listed()}


def test_a_portal_evolves():
    """Later on, datasets were added in front, removed and edited; all others are as they were."""
    before = World(datasets=20)
    after = before.evolved(add=2, remove=(7,), edit=(9,))
    old = {dataset.id: dataset for dataset in before.every_listed()}
    new = {dataset.id: dataset for dataset in after.every_listed()}

    assert after.listed[:3] == (21, 20, 19)
    assert old.keys() - new.keys() == {before.dataset_id(7)}
    assert {key for key in old.keys() & new.keys() if old[key] != new[key]} == {before.dataset_id(9)}
    assert json.dumps(sorted(new.keys() - old.keys())) == json.dumps(sorted(map(after.dataset_id, (20, 21))))


def test_rendered_pages_are_kept_on_disk(tmp_path):
    """A page is rendered once; what is served from the disk differs by its labels only."""
    with serve(World(datasets=20), directory=tmp_path) as portal:
        portal.render_all("ttl", 10)
        files = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
        url = f"{portal.api}/site/catalog.ttl?page=2&page_size=10"
        bodies = [requests.get(url, timeout=10).content for _ in range(2)]

    assert len(files) == 2
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == files
    assert bodies[0] != bodies[1]
    assert len(bodies[0]) == len(bodies[1])
