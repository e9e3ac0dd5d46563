"""The portal's JSON lists, read from a synthetic portal over HTTP."""

import json

import pytest

from harvester.model import Category, Problem
from harvester.portal.client import Client
from harvester.portal.listing import MAX_FAILURES, ListPage, json_pages
from harvester.portal.udata import Portal
from tests.portal.helpers import quick
from tests.simulator import Fault, Manners, World, faults, serve
from tests.simulator import Portal as Simulated
from tests.simulator.exchange import Answer, Delivery

WORLD = World(datasets=40, reuses=32)
FIELDS = "id,title,datasets{id}"


def read(simulated: Simulated, size: int = 10, **settings: object) -> tuple[list[ListPage], list[Problem]]:
    """All pages and all problems of the list of reuses."""
    url = Portal.at(simulated.api).listing("reuses", size)
    with Client(quick(attempts=1, **settings), simulated.site) as client:
        found = list(json_pages(client, url, FIELDS))
    pages = [page for page in found if isinstance(page, ListPage)]
    return pages, [problem for problem in found if isinstance(problem, Problem)]


def ids(pages: list[ListPage]) -> list[str]:
    return [item["id"] for page in pages for item in page.items]


EXPECTED = [WORLD.reuse_id(index) for index in WORLD.listed_reuses]


def list_page(number: int, size: int = 10) -> str:
    return rf"/reuses/\?(.*&)?page={number}&page_size={size}$"


def test_a_list_is_read_to_its_end_with_the_fields_asked_for():
    """Every item once, in order, with the fields of the mask only; the total is the portal's."""
    with serve(WORLD) as simulated:
        pages, problems = read(simulated)

    assert ids(pages) == EXPECTED
    assert {page.total for page in pages} == {32}
    assert all(item.keys() == {"id", "title", "datasets"} for page in pages for item in page.items)
    assert all(link.keys() == {"id"} for page in pages for item in page.items for link in item["datasets"])
    assert problems == []
    assert len(simulated.requests) == 4


@pytest.mark.parametrize("manners", [Manners(masks=False), Manners(masks=False, light_reuses=True)])
def test_a_portal_that_ignores_the_mask_is_read_all_the_same(manners):
    """Whole dataset documents in datasets[] or short references: both are accepted, ids are what counts."""
    with serve(WORLD, manners=manners) as simulated:
        pages, problems = read(simulated)

    links = [link["id"] for page in pages for item in page.items for link in item["datasets"]]
    assert ids(pages) == EXPECTED
    assert links == [
        WORLD.dataset_id(index) for number in WORLD.listed_reuses for index in WORLD.reuse(number).datasets
    ]
    assert problems == []


def test_an_empty_list_is_complete():
    """No items, no problem, one request."""
    with serve(World(datasets=5, reuses=0)) as simulated:
        pages, problems = read(simulated)

    assert (ids(pages), problems, len(simulated.requests)) == ([], [], 1)


def spoils_reuse(index: int) -> Fault:
    """Any page that holds this reuse answers 500: one bad record breaks the serialisation of its page."""
    key = WORLD.reuse_id(index)

    def spoil(answer: Answer) -> Answer:
        bad = Answer(500, "application/json", b'{"message": "Internal Server Error"}')
        return bad if key.encode() in answer.body else answer

    return Fault(r"/reuses/\?", spoil=spoil)


def test_one_bad_item_costs_one_item():
    """A page that fails is read again in parts, down to the item that spoils it."""
    with serve(WORLD, [spoils_reuse(15)]) as simulated:
        pages, problems = read(simulated)

    assert set(EXPECTED) - set(ids(pages)) == {WORLD.reuse_id(15)}
    assert [problem.category for problem in problems] == [Category.UNREACHABLE, Category.INCOMPLETE]
    assert "page_size=1" in problems[0].url
    assert "31 members seen" in problems[1].why


@pytest.mark.parametrize(
    "fault",
    [
        faults.html(list_page(2)),
        faults.body(b'{"data": "none"}', list_page(2)),
        faults.body(b"[1, 2]", list_page(2)),
        faults.halved(list_page(2)),
        faults.status(503, list_page(2)),
        faults.delivered(Delivery.CUT, list_page(2)),
        faults.redirected("/api/1/reuses/?page=2&page_size=10", list_page(2)),
        faults.body(b"[" * 200_000, list_page(2)),
    ],
    ids=["html", "no list", "list", "half", "503", "cut", "redirect loop", "deep"],
)
def test_a_bad_page_costs_nothing_where_smaller_ones_get_through(fault):
    """Whatever a page gives in place of JSON, its items are asked for again in smaller pages."""
    with serve(WORLD, [fault]) as simulated:
        pages, problems = read(simulated)

    assert ids(pages) == EXPECTED
    assert problems == []
    assert len(simulated.requests) > 4


def test_parts_of_the_last_page_end_with_the_list():
    """The last page holds two items: in smaller pages there are two, and none past the end is asked for."""
    with serve(WORLD, [faults.html(list_page(4))]) as simulated:
        pages, problems = read(simulated)

    assert (ids(pages), problems) == (EXPECTED, [])
    assert len(simulated.requests) == 6
    assert simulated.statuses == {200: len(simulated.requests)}


def test_a_page_that_is_refused_costs_itself():
    """403 is said of the request, not of an item: the list goes on after it, and the loss is told."""
    with serve(WORLD, [faults.status(403, list_page(2))]) as simulated:
        pages, problems = read(simulated)

    assert ids(pages) == EXPECTED[:10] + EXPECTED[20:]
    assert "403" in problems[0].why
    assert "could not be read" in problems[1].why
    assert len(problems) == 2


def test_a_list_that_always_fails_is_given_up_early():
    """A broken endpoint costs a handful of requests and one clear problem."""
    with serve(WORLD, [faults.status(500, "/reuses/")]) as simulated:
        pages, problems = read(simulated)

    assert pages == []
    assert len(simulated.requests) == MAX_FAILURES
    assert "given up after" in problems[-1].what


def test_a_missing_list_is_one_problem():
    """404 is not a reason to try smaller pages."""
    with serve(WORLD, [faults.status(404, "/reuses/")]) as simulated:
        pages, problems = read(simulated)

    assert pages == []
    assert len(simulated.requests) == 1
    assert problems[0].category is Category.GONE


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"next_page": "http://evil.example/api/1/reuses/?page=2"}, "leaves the portal"),
        ({"next_page": "/api/1/reuses/?page=1&page_size=10"}, "loop"),
        ({"next_page": None}, "names no next page"),
        ({"next_page": 7}, "names no next page"),
    ],
)
def test_a_bad_next_page_is_reported_and_counted_past(change, why):
    """Pages are numbered and the total is known: the list goes on where its link fails."""

    def spoil(answer: Answer) -> Answer:
        body = json.dumps(json.loads(answer.body) | change).encode()
        return Answer(200, "application/json", body)

    with serve(WORLD, [Fault(list_page(1), spoil=spoil)]) as simulated:
        pages, problems = read(simulated)

    assert ids(pages) == EXPECTED
    assert len(problems) == 1
    assert why in problems[0].why


@pytest.mark.parametrize("key", ["next_page", "page_size"])
def test_a_list_without_paging_keys_is_counted(key):
    """Where the answer lacks a key that the mask named, the total serves."""

    def spoil(answer: Answer) -> Answer:
        content = json.loads(answer.body)
        del content[key]
        return Answer(200, "application/json", json.dumps(content).encode())

    with serve(WORLD, [Fault("/reuses/", spoil=spoil)]) as simulated:
        pages, problems = read(simulated)

    assert (ids(pages), problems) == (EXPECTED, [])


def test_a_server_that_caps_the_page_size_is_followed():
    """Asked for 500 items a page, a server may give fewer: its own next links lead on."""

    def spoil(answer: Answer) -> Answer:
        content = json.loads(answer.body)
        content["data"], content["page_size"] = content["data"][:16], 16
        content["next_page"] = content["next_page"] or "?page=2&page_size=500"
        return Answer(200, "application/json", json.dumps(content).encode())

    def second(answer: Answer) -> Answer:
        rest = [{"id": key} for key in EXPECTED[16:]]
        content = {"data": rest, "next_page": None, "page_size": 16, "total": 32}
        return Answer(200, "application/json", json.dumps(content).encode())

    answers = [Fault("page=1&", spoil=spoil), Fault("page=2&", spoil=second)]
    with serve(WORLD, answers) as simulated:
        pages, problems = read(simulated, size=500)

    assert (ids(pages), problems) == (EXPECTED, [])


def test_items_that_are_not_objects_are_left_out_and_told():
    """A list of strange things is not a crash: the count says what is missing."""

    def spoil(answer: Answer) -> Answer:
        content = json.loads(answer.body)
        content["data"][3:6] = [None, 17, "x"]
        return Answer(200, "application/json", json.dumps(content).encode())

    with serve(WORLD, [Fault(list_page(1), spoil=spoil)]) as simulated:
        pages, problems = read(simulated)

    assert len(ids(pages)) == 29
    assert [problem.category for problem in problems] == [Category.INCOMPLETE]


def test_a_reuse_deleted_meanwhile_hides_no_other():
    """When the total falls between two pages, reading goes back: no reuse is skipped unseen."""

    def shrink(world: World) -> World:
        return World(datasets=40, reuses=32, removed_reuses=frozenset({31}))

    with serve(WORLD, [Fault(list_page(1), after=shrink, times=1)]) as simulated:
        pages, problems = read(simulated)

    assert set(EXPECTED[1:]) <= set(ids(pages))
    assert problems == []
    assert len(simulated.asked("page=1&")) == 2
