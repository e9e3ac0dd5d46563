"""Run after run: what changed is written, what is gone goes on proof, and a bad night changes nothing."""

import pytest

from harvester.errors import Locked, NothingPublishable
from harvester.model import Category, Kind
from harvester.store.generations import Catalogue
from tests.harvest.support import ask, harvest_catalogue, instances, said
from tests.simulator import LEGACY, UDATA, Manners, Truth, World, faults, serve

DATASET = "http://www.w3.org/ns/dcat#Dataset"
WORLD = World(datasets=40, reuses=10)
LINKS = """
SELECT ?reuse ?dataset {
  ?reuse a <http://www.w3.org/ns/dcat#Resource> ; <http://purl.org/dc/terms/references> ?dataset .
  ?dataset a <http://www.w3.org/ns/dcat#Dataset>
}"""


def test_a_harvest_finds_the_truth_and_a_second_one_no_news(portal, tmp_path):
    """Datasets, services, organisations, contacts, reuses, links: as the portal has them; then nothing."""
    report = harvest_catalogue(portal.site, tmp_path, page_size=10)
    truth = Truth(WORLD, portal.api)
    quads = said(tmp_path)

    hidden_but_named = {d for _, d in truth.links} - truth.datasets
    assert instances(quads, DATASET) == truth.datasets | hidden_but_named
    assert instances(quads, "http://www.w3.org/ns/dcat#DataService") == truth.services
    assert (
        instances(quads, "http://www.w3.org/2006/vcard/ns#Kind", "http://xmlns.com/foaf/0.1/Agent")
        == truth.contacts
    )
    assert truth.organizations <= instances(quads, "http://xmlns.com/foaf/0.1/Organization")
    assert instances(quads, "http://www.w3.org/ns/dcat#Resource") == truth.reuses
    assert {tuple(row) for row in ask(tmp_path, LINKS)} == truth.links
    assert report.dangling == len(truth.dangling)

    second = harvest_catalogue(portal.site, tmp_path, page_size=10)
    assert second.writes == 0
    assert second.count("unchanged") == report.count("added")
    assert second.generation is None
    assert [g.id for g in Catalogue(tmp_path).generations()] == [report.generation]


@pytest.mark.parametrize(
    ("manners", "cdata"),
    [(UDATA, None), (LEGACY, "http://portail.exemple"), (LEGACY, None)],
    ids=["API IRIs", "old dialect", "old dialect and API IRIs"],
)
def test_portals_of_other_versions_and_settings(manners, cdata, tmp_path):
    """Old paging dialect and reuse lists, IRIs under the API: links resolve all the same."""
    world = World(datasets=40, reuses=10, cdata=cdata)
    with serve(world, manners=manners) as portal:
        harvest_catalogue(portal.site, tmp_path, page_size=10)

        assert {tuple(row) for row in ask(tmp_path, LINKS)} == Truth(world, portal.api).links


def test_a_portal_that_redirects_to_another_host_is_one_portal(tmp_path):
    """Named by either host, its records and their bookkeeping are under the one that it redirects to."""
    with serve(WORLD) as first:
        port = first.site.rpartition(":")[2]
    with serve(WORLD, manners=Manners(canonical_host=f"127.0.0.1:{port}"), port=int(port)) as portal:
        redirected = harvest_catalogue(f"http://localhost:{port}", tmp_path, page_size=10)
        again = harvest_catalogue(f"http://localhost:{port}", tmp_path, page_size=10)
        direct = harvest_catalogue(portal.site, tmp_path, page_size=10)

    assert redirected.portal == direct.portal == f"127.0.0.1:{port}"
    assert (again.writes, direct.writes) == (0, 0)


def test_the_second_run_equals_a_first_run_over_the_new_state(portal, store, tmp_path):
    """Added, edited and deleted datasets: afterwards the store says what a fresh harvest says."""
    portal.world = WORLD.evolved(add=2, remove=(WORLD.listed[7],), edit=(WORLD.listed[3], WORLD.listed[20]))
    report = harvest_catalogue(portal.site, store, page_size=10)
    harvest_catalogue(portal.site, tmp_path / "new", page_size=10)

    assert said(store) == said(tmp_path / "new")
    assert report.kinds[Kind.DATASET]["added"] == 2
    assert report.kinds[Kind.DATASET]["removed"] == 1
    assert report.kinds[Kind.DATASET]["changed"] >= 2


def test_the_runs_that_changed_a_dataset_are_remembered(portal, store):
    """Its page lists them; those of others are not among them."""
    changed = WORLD.listed[3]
    runs = [Catalogue(store).require().manifest.run]
    for edited in (changed, WORLD.listed[20], changed):
        portal.world = portal.world.evolved(edit=(edited,))
        runs.append(harvest_catalogue(portal.site, store, page_size=10).run_id)

    rows = ask(
        store,
        "PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX hv: <urn:x-harvester:vocabulary#>"
        f"SELECT ?run {{ ?x foaf:primaryTopic <{Truth(WORLD, portal.api).iri(WORLD.dataset(changed))}> ;"
        " hv:touchedEarlierBy ?run }",
    )
    assert {run for (run,) in rows} == {f"urn:x-harvester:run:{run}" for run in (runs[0], runs[1])}


def test_a_removed_dataset_leaves_a_dated_trace(portal, store):
    """The tombstone says which run removed it."""
    gone = WORLD.dataset(WORLD.listed[7])
    portal.world = WORLD.evolved(remove=(WORLD.listed[7],))
    report = harvest_catalogue(portal.site, store, page_size=10)

    rows = ask(
        store,
        "PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX foaf: <http://xmlns.com/foaf/0.1/>"
        "SELECT ?d ?run { ?x foaf:primaryTopic ?d ; prov:wasInvalidatedBy ?run ; prov:invalidatedAtTime ?t }",
    )
    assert [Truth(WORLD, portal.api).iri(gone), f"urn:x-harvester:run:{report.run_id}"] in rows


def test_an_archived_dataset_is_kept(portal, store):
    """It leaves the listing, but its own address still answers: not gone."""
    archived = WORLD.listed[7]
    portal.world = World(datasets=40, reuses=10, archived=frozenset({archived}))
    report = harvest_catalogue(portal.site, store, page_size=10)

    assert Truth(WORLD, portal.api).iri(WORLD.dataset(archived)) in instances(said(store), DATASET)
    assert report.kinds[Kind.DATASET]["removed"] == 0
    assert report.problem_counts[Category.GONE] == 1


def test_an_incomplete_listing_removes_nothing(portal, store):
    """A page fails on a night when datasets are gone: nothing is concluded from absence."""
    before = instances(said(store), DATASET)
    portal.world = WORLD.evolved(remove=(WORLD.listed[7],))
    portal.faults = [faults.malformed(faults.page(2)), faults.status(500, "/api/1/datasets/")]
    report = harvest_catalogue(portal.site, store, page_size=10)

    assert report.count("removed") == 0
    assert before <= instances(said(store), DATASET)


def test_a_portal_that_loses_most_of_its_datasets_is_not_believed(portal, store):
    """More than a tenth gone: nothing is published unless told so."""
    portal.world = WORLD.evolved(remove=WORLD.listed[:30])

    with pytest.raises(NothingPublishable, match="lacks"):
        harvest_catalogue(portal.site, store, page_size=10)
    report = harvest_catalogue(portal.site, store, page_size=10, allow_mass_removal=True)

    gone = Truth(WORLD, portal.api).datasets - Truth(portal.world, portal.api).datasets
    assert report.kinds[Kind.DATASET]["removed"] == len(gone)


def test_an_empty_portal_publishes_nothing(portal, store):
    """An empty catalogue is answered with 200: the last generation stays."""
    first = Catalogue(store).require().id
    portal.world = World(datasets=0, reuses=0)

    with pytest.raises(NothingPublishable):
        harvest_catalogue(portal.site, store, page_size=10)

    assert Catalogue(store).require().id == first


def test_a_dry_run_publishes_nothing(portal, tmp_path):
    report = harvest_catalogue(portal.site, tmp_path, page_size=10, dry_run=True)

    assert report.count("added") > 40
    assert Catalogue(tmp_path).current() is None


def test_a_limited_run_takes_the_first_pages_and_removes_nothing(portal, store):
    everything = instances(said(store), DATASET)
    portal.world = WORLD.evolved(edit=(WORLD.listed[0],))
    limited = harvest_catalogue(portal.site, store, page_size=10, limit=10)

    assert limited.pages == 1
    assert limited.count("removed") == 0
    assert instances(said(store), DATASET) == everything


def test_a_limited_run_leaves_a_full_store_as_good_as_it_was(portal, store):
    """Links of reuses to datasets beyond the limit stay resolved, and none is called dangling."""
    before = said(store)
    report = harvest_catalogue(portal.site, store, page_size=10, limit=10)

    assert said(store) == before
    assert report.dangling == 0
    assert not report.problem_counts[Category.DANGLING]


def test_a_bad_page_on_a_full_store_degrades_nothing(portal, store):
    """What the page lists stays as the last generation has it, with what only the page says."""
    before = said(store)
    portal.faults = [faults.malformed(faults.page(2))]
    harvest_catalogue(portal.site, store, page_size=10)

    assert said(store) == before


@pytest.mark.parametrize("where", ["/api/1/site/$", "/reuses/(types|topics|badges)/", "featured"])
def test_small_failures_keep_what_was_known(where, portal, store):
    """A code list or the portal's description fails: skipped, reported, and the known one stays."""
    before = said(store)
    portal.faults = [faults.status(500, where)]
    report = harvest_catalogue(portal.site, store, page_size=10)

    assert said(store) == before
    assert report.exit_code == 5


def test_a_reuse_that_a_complete_list_lacks_is_asked_for(portal, store):
    """Only 404 and 410 remove a reuse."""
    portal.world = World(datasets=40, reuses=10, removed_reuses=frozenset({3}))
    gone = Truth(WORLD, portal.api).reuses - Truth(portal.world, portal.api).reuses
    portal.faults = [faults.status(500, r"/reuses/[0-9a-f]{24}/")]
    assert harvest_catalogue(portal.site, store, page_size=10).kinds[Kind.REUSE]["removed"] == 0
    portal.faults = []
    harvest_catalogue(portal.site, store, page_size=10)

    assert (
        Truth(WORLD, portal.api).reuses - instances(said(store), "http://www.w3.org/ns/dcat#Resource") == gone
    )


def test_two_runs_never_overlap(portal, tmp_path):
    """The second is told who holds the store, and ends at once."""
    catalogue = Catalogue(tmp_path)

    with catalogue.lock("another harvest"), pytest.raises(Locked, match="another harvest"):
        harvest_catalogue(portal.site, tmp_path)


def test_old_generations_are_kept_and_pruned(portal, store):
    """--keep generations stay."""
    first = Catalogue(store).require().id
    for edited in (1, 2):
        portal.world = WORLD.evolved(edit=WORLD.listed[:edited])
        harvest_catalogue(portal.site, store, page_size=10, keep=2)

    kept = [generation.id for generation in Catalogue(store).generations()]
    assert len(kept) == 2
    assert first not in kept


def test_reading_every_dataset_by_itself_adds_what_only_its_document_says(portal, store, tmp_path):
    """--datasets-rdf all asks for each dataset; nothing that its page said is lost."""
    harvest_catalogue(portal.site, tmp_path / "all", page_size=10, datasets_rdf="all")

    assert {q.triple for q in said(store)} <= {q.triple for q in said(tmp_path / "all")}
    assert len(portal.asked("/rdf.ttl")) >= 40


def test_inferred_triples_stand_apart(portal, store):
    """Themes that datasets get from their reuses are in graphs of their own, and said nowhere else."""
    with Catalogue(store).require().open() as store:
        inferred = {q.triple for q in store if q.graph_name.value.startswith("urn:x-harvester:inferred:")}
        harvested = {q.triple for q in store if q.graph_name.value.startswith("urn:x-harvester:record:")}

    assert any(t.predicate.value.endswith("theme") for t in inferred)
    assert not inferred & harvested
