"""A portal's faults over real HTTP: each costs only itself, and the report says what, where, why."""

import re

import pytest

from harvester.errors import NothingPublishable, PortalUnreachable
from harvester.model import Category
from harvester.store.generations import Catalogue
from tests.harvest.support import QUICK, THOROUGH, ask, harvest_catalogue, instances, said
from tests.simulator import Truth, World, faults, serve
from tests.simulator.exchange import Delivery

DATASET = "http://www.w3.org/ns/dcat#Dataset"
WORLD = World(datasets=40, reuses=10)
SIZE = 10
MEMBERS = "PREFIX dcat: <http://www.w3.org/ns/dcat#> SELECT ?d { ?c a dcat:Catalog ; dcat:dataset ?d }"


def datasets(store) -> set[str]:
    return instances(said(store), DATASET)


def harvested(portal, store, **options):
    return harvest_catalogue(portal.site, store, page_size=SIZE, datasets_rdf="none", **options)


SHORT = 5
"""Datasets a page, where there is to be a page for each of several faults."""
IN_TURTLE = f"/api/1/site/catalog.ttl?page={{}}&page_size={SHORT}"


def turtle(page: int) -> str:
    return re.escape(IN_TURTLE.format(page)) + "$"


def anywhere(page: int) -> str:
    return turtle(page).replace("ttl", "[a-z0-9-]+")


RECOVERED = {
    "500 twice": lambda page: faults.status(500, anywhere(page), times=2),
    "503 with Retry-After": lambda page: faults.status(503, anywhere(page), times=1, Retry_After="0"),
    "429 with Retry-After": lambda page: faults.busy(anywhere(page), seconds=1, times=1),
    "reset in the middle": lambda page: faults.delivered(Delivery.RESET, anywhere(page), times=1),
    "truncated body": lambda page: faults.delivered(Delivery.CUT, anywhere(page), times=1),
    "half a page": lambda page: faults.halved(anywhere(page), times=1),
    "maintenance page once": lambda page: faults.html(anywhere(page), times=1),
    "malformed once": lambda page: faults.malformed(anywhere(page), times=1),
    "malformed in Turtle only": lambda page: faults.malformed(turtle(page)),
    "500 in Turtle only": lambda page: faults.status(500, turtle(page)),
    "endless in Turtle only": lambda page: faults.delivered(Delivery.ENDLESS, turtle(page)),
    "too slow in Turtle only": lambda page: faults.delivered(Delivery.TRICKLE, turtle(page)),
    "redirect loop in Turtle only": lambda page: faults.redirected(IN_TURTLE.format(page), turtle(page)),
    "redirect to a file": lambda page: faults.redirected("file:///etc/passwd", turtle(page)),
    "wrong content type": lambda page: faults.typed("text/html", anywhere(page)),
    "page malformed in all formats": lambda page: faults.malformed(anywhere(page)),
    "page is HTML in all formats": lambda page: faults.html(anywhere(page)),
    "page gone": lambda page: faults.status(404, anywhere(page)),
}
"""By name, what befalls a page."""
AT_ONCE = 1 if THOROUGH else 6
GROUPS = [list(RECOVERED)[first :: len(RECOVERED) // AT_ONCE] for first in range(len(RECOVERED) // AT_ONCE)]


@pytest.mark.parametrize("names", GROUPS, ids=", ".join)
def test_bad_pages_lose_nothing(names, tmp_path):
    """Asked again, in another format, or dataset by dataset: in the end the catalogue lists every dataset."""
    pages = {name: page for page, name in enumerate(names, 2)}
    with serve(WORLD, [RECOVERED[name](page) for name, page in pages.items()]) as portal:
        report = harvest_catalogue(portal.site, tmp_path, page_size=SHORT, datasets_rdf="none")
        truth = Truth(WORLD, portal.api)

    assert datasets(tmp_path) == truth.datasets
    assert {dataset for (dataset,) in ask(tmp_path, MEMBERS)} == truth.datasets
    assert report.skipped == 0
    assert {name for name, page in pages.items() if not portal.asked(IN_TURTLE.format(page))} == set()


def test_a_dataset_that_cannot_be_read_costs_itself(tmp_path):
    """A malformed page, and in it one dataset that is malformed by itself too, wherever it is shown."""
    place = SIZE + 3
    bad = WORLD.dataset(WORLD.listed[place])
    spoilt = [
        faults.malformed(faults.page(2)),
        faults.malformed(rf"catalog.*page={place + 1}&page_size=1$"),
        faults.malformed(f"/datasets/{bad.id}/rdf"),
    ]
    with serve(WORLD, spoilt) as portal:
        report = harvested(portal, tmp_path)

        truth = Truth(WORLD, portal.api)
        assert datasets(tmp_path) == truth.datasets - {truth.iri(bad)}
    assert (report.skipped, report.exit_code) == (1, 5)
    (problem,) = [p for p in report.problems if bad.id in p.what]
    assert problem.category is Category.NOT_RDF
    assert bad.id in problem.url
    assert problem.fix


def test_a_page_that_nothing_helps_is_skipped_and_reported(tmp_path):
    """No JSON list to name its datasets: the page is lost, the rest is not, and nothing is removed."""
    spoilt = [faults.malformed(faults.page(2)), faults.status(500, "/api/1/datasets/")]
    with serve(WORLD, spoilt) as portal:
        report = harvested(portal, tmp_path)
        found, truth = datasets(tmp_path), Truth(WORLD, portal.api).datasets

    assert found < truth
    assert len(truth) - len(found) in (SIZE - 1, SIZE)  # one of the page may share its IRI with another
    assert (report.exit_code, report.complete) == (5, False)


@pytest.mark.parametrize(
    "fault",
    [
        faults.next_page(2, lambda view: view.first),
        faults.next_page(2, lambda view: None),
        faults.repeated(3),
    ],
    ids=["next leads back", "next is missing", "a page is repeated"],
)
def test_paging_faults_end_and_are_reported(fault, tmp_path):
    """Loops and repeats end; what lies after a wrong link is still found where hydra:last tells of it."""
    with serve(WORLD, [fault]) as portal:
        report = harvested(portal, tmp_path)

    assert report.problem_counts[Category.INCOMPLETE] >= 1
    assert len(portal.asked("/site/catalog.ttl")) < 20


def test_a_listing_that_shrinks_while_it_is_read_loses_nothing(tmp_path):
    """One dataset is deleted between two pages: what moved up past the reader is found again."""
    with serve(WORLD, [faults.shrinks(2)]) as portal:
        harvested(portal, tmp_path, ahead=1)

        assert Truth(portal.world, portal.api).datasets <= datasets(tmp_path)


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (faults.status(503), PortalUnreachable, "503"),
        (faults.status(404), PortalUnreachable, "404"),
        (faults.html(), (PortalUnreachable, NothingPublishable), "HTML"),
        (faults.malformed(r"/site/catalog"), NothingPublishable, "not valid"),
        (faults.body(b"", r"/site/catalog"), (PortalUnreachable, NothingPublishable), "empty|catalogue"),
    ],
    ids=["503", "404", "maintenance page", "malformed", "empty"],
)
def test_without_a_first_page_there_is_nothing_to_publish(fault, error, words, tmp_path):
    """A clear error with what to do; the store stays as it was."""
    with serve(WORLD, [fault]) as portal, pytest.raises(error, match=words):
        harvested(portal, tmp_path)

    assert Catalogue(tmp_path).current() is None


def test_no_portal_at_all(tmp_path):
    """Nothing listens: the error names the address."""
    with serve(WORLD) as portal:
        site = portal.site

    with pytest.raises(PortalUnreachable, match=site.removeprefix("http://")):
        harvest_catalogue(site, tmp_path)


def test_a_bad_reuse_list_costs_the_reuses_only(tmp_path):
    """The catalogue is published; the report says that the reuses are incomplete."""
    with serve(WORLD, [faults.html("/api/1/reuses/")]) as portal:
        report = harvested(portal, tmp_path)

        assert datasets(tmp_path) == Truth(WORLD, portal.api).datasets
    assert report.exit_code == 5
    assert report.problem_counts[Category.NOT_JSON] >= 1


def test_the_portal_is_treated_politely(tmp_path):
    """No more requests at once than allowed, and a User-Agent that says who asks."""
    settings = QUICK.__class__(concurrency=2, contact="mailto:me@example.org", rate=0)
    with serve(WORLD) as portal:
        harvest_catalogue(portal.site, tmp_path, settings=settings, page_size=5, ahead=4)

    assert portal.most_at_once <= 2
    assert all("harvester/" in agent and "mailto:me@example.org" in agent for agent in portal.agents)
