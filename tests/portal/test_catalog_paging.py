"""Catalogues are paged to their end over HTTP, in each dialect and through each fault."""

from dataclasses import dataclass, field

import pytest

from harvester.errors import ItemError
from harvester.formats import BY_NAME
from harvester.model import Kind, Problem
from harvester.portal.choice import choose_format
from harvester.portal.client import Client
from harvester.portal.paging import Pager, Verdict, predicted
from harvester.portal.udata import Portal
from harvester.rdf.page import Reading, read_page
from tests.portal.helpers import quick
from tests.simulator import LEGACY, PLAIN, UDATA, Fault, Truth, World, faults, serve
from tests.simulator import Portal as Simulated

WORLD = World(datasets=45, reuses=0, shared=())


@dataclass
class Crawl:
    """What came of reading a catalogue page by page."""

    datasets: set[str] = field(default_factory=set)
    pages: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    foreseen: list[str] = field(default_factory=list)
    verdict: Verdict = field(default_factory=lambda: Verdict(False, "not read"))


def crawl(simulated: Simulated, name: str = "ttl", size: int = 10) -> Crawl:
    """Read all pages in one format; a page that fails is skipped."""
    done = Crawl()
    pager = Pager()
    with Client(quick(attempts=1), simulated.site) as client:
        portal = Portal.at(simulated.api)
        choice = choose_format(client, portal, [BY_NAME[name]], size)
        here: str | None = choice.url
        while here is not None:
            done.pages.append(here)
            try:
                page = read_page(client.get(here, accept=choice.accept), Reading(portal.key, choice.format))
            except ItemError:
                turn = pager.skip(here)
            else:
                listed = {record.resource for record in page.records if record.kind is Kind.DATASET}
                done.datasets |= listed
                done.foreseen = done.foreseen or list(predicted(here, page.view))
                turn = pager.turn(here, page.view, page.members, tuple(sorted(listed)))
            done.problems += [turn.problem] if turn.problem else []
            here = turn.next
    done.verdict = pager.verdict()
    return done


@pytest.mark.parametrize("manners", [UDATA, LEGACY], ids=["hydra:view", "hydra:nextPage"])
@pytest.mark.parametrize("name", ["ttl", "nt", "xml", "jsonld", "n3", "trig"])
def test_every_dialect_is_paged_in_every_format(manners, name):
    """All datasets, five requests, complete: whichever vocabulary of Hydra, whichever syntax of RDF."""
    with serve(WORLD, manners=manners) as simulated:
        done = crawl(simulated, name)

    assert done.datasets == Truth(WORLD, simulated.api).datasets
    assert len(done.pages) == 5
    assert done.problems == []
    assert done.verdict == Verdict(True, "45 members seen, as many as the portal counts")


def test_pages_ahead_are_known_after_the_first():
    """What was predicted from the first page is what the next links then say."""
    with serve(WORLD) as simulated:
        done = crawl(simulated)

    assert done.foreseen == done.pages[2:]


def test_a_plain_catalogue_is_one_page():
    """Without Hydra there is nothing to follow, and no total to call it complete."""
    with serve(WORLD, manners=PLAIN) as simulated:
        done = crawl(simulated)

    assert len(done.pages) == 1
    assert done.datasets == Truth(WORLD, simulated.api).datasets
    assert not done.verdict.complete


def test_an_empty_catalogue_is_complete():
    """A page without members and with total 0; its last page, number 0, is not asked for."""
    with serve(World(datasets=0, reuses=0)) as simulated:
        done = crawl(simulated)

    assert done.verdict == Verdict(True, "0 members seen, as many as the portal counts")
    assert len(done.pages) == 1


def test_datasets_that_share_an_iri_are_two_members():
    """The total counts datasets, not IRIs: on one page or on two, the listing is complete."""
    for pair in ((3, 4), (3, 40)):
        with serve(World(datasets=45, reuses=0, shared=(pair,))) as simulated:
            done = crawl(simulated)

        assert len(done.datasets) == 44
        assert done.verdict.complete


HARMLESS = {
    "next is the page itself": faults.next_page(2, lambda view: view.url),
    "next is the first page": faults.next_page(3, lambda view: view.first),
    "next is missing": faults.next_page(2, lambda view: None),
    "next is elsewhere": faults.next_page(2, lambda view: "http://192.0.2.1/catalog.ttl?page=3"),
    "next is a file": faults.next_page(2, lambda view: "file:///etc/passwd"),
}


@pytest.mark.parametrize("fault", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_wrong_next_link_costs_a_line_in_the_report(fault):
    """All pages are read, the fault is told, nothing outside the portal is asked."""
    with serve(WORLD, [fault]) as simulated:
        done = crawl(simulated)

    assert done.datasets == Truth(WORLD, simulated.api).datasets
    assert len(done.problems) == 1
    assert done.verdict.complete


COSTLY = {
    "malformed": faults.malformed(faults.page(3)),
    "cut short": faults.halved(faults.page(3)),
    "HTML": faults.html(faults.page(3)),
    "500": faults.status(500, faults.page(3)),
    "past the end": faults.status(404, faults.page(3)),
    "redirect loop": faults.redirected("/api/1/site/catalog.ttl?page=3&page_size=10", faults.page(3)),
    "repeated": faults.repeated(3),
}


@pytest.mark.parametrize("fault", COSTLY.values(), ids=COSTLY.keys())
def test_a_bad_page_costs_only_itself(fault):
    """Forty-five datasets less the ten of the bad page, and a verdict that nothing may be removed."""
    with serve(WORLD, [fault]) as simulated:
        done = crawl(simulated)
        truth = Truth(WORLD, simulated.api)

    lost = {truth.iri(WORLD.dataset(index)) for index in WORLD.listed[20:30]}
    assert done.datasets == truth.datasets - lost
    assert not done.verdict.complete
    assert "35 members seen" in done.verdict.why


def test_a_wrong_total_is_no_proof_of_completeness():
    """The last page counts one more than there were: something was not seen, or the portal cannot count."""
    with serve(WORLD, [faults.total(5, +1)]) as simulated:
        done = crawl(simulated)

    assert done.verdict == Verdict(False, "45 members seen; the portal counts 46")


@pytest.mark.parametrize("number", [2, 4])
def test_a_dataset_deleted_meanwhile_hides_no_other(number):
    """One goes after a page was read, the rest move up: all that stayed are seen, and that is complete."""
    with serve(WORLD, [faults.shrinks(number)]) as simulated:
        done = crawl(simulated)
        truth = Truth(simulated.world, simulated.api)

    assert len(truth.datasets) == 44
    assert truth.datasets <= done.datasets
    assert done.verdict.complete
    assert len(done.pages) == 7  # back one page, and on from there


def test_a_dataset_added_meanwhile_is_left_for_the_next_run():
    """One comes after a page was read: one is seen twice, none is lost, and the count agrees."""
    with serve(WORLD, [faults.grows(2)]) as simulated:
        done = crawl(simulated)

    assert done.datasets == Truth(WORLD, simulated.api).datasets
    assert done.verdict == Verdict(True, "46 members seen, as many as the portal counts")


def test_paging_follows_the_portals_own_urls():
    """Filters and page size that the portal repeats in its links are kept, in its own spelling."""

    def spelled(fault_page: int) -> Fault:
        return faults.next_page(
            fault_page, lambda view: view.next and view.next.replace("http://127.0.0.1", "HTTP://127.0.0.1")
        )

    with serve(WORLD, [spelled(number) for number in range(1, 5)]) as simulated:
        done = crawl(simulated)

    assert len(done.pages) == 5
    assert done.verdict.complete
