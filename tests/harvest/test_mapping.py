"""Mapping in a worker: what a document does to it costs that document."""

import shutil

import pytest

from harvester.config import data_dir
from harvester.enrich.mapper import Mapper
from harvester.enrich.mappings import Mappings
from harvester.enrich.outcome import Mapped
from harvester.enrich.portal import PortalFacts
from harvester.harvest.mapping import MAX_REFUSALS, map_page
from harvester.harvest.parser import Parser
from harvester.model import Problem
from harvester.portal.listing import ListPage

FACTS = PortalFacts("http://portal.test/api/1", "http://portal.test", "portal.test", "http://portal.test/")
ENDLESS = """#+ summary: Takes for ever where a post is called so
PREFIX udata: <urn:x-udata:>
CONSTRUCT { ?post udata:never ?o }
WHERE {
  ?post udata:title "endless"@fr .
  ?s ?p ?o . ?s1 ?p1 ?o1 . ?s2 ?p2 ?o2 . ?s3 ?p3 ?o3
  FILTER(CONCAT(STR(?o), STR(?o1), STR(?o2), STR(?o3)) = "never")
}
"""


@pytest.fixture
def mapper(tmp_path) -> Mapper:
    """Maps posts by the shipped rules, and one more."""
    folder = tmp_path / "mappings"
    shutil.copytree(data_dir("mappings"), folder)
    (folder / "post" / "endless.rq").write_text(ENDLESS)
    return Mapper(Mappings.load(folder), "post", FACTS)


def posts(*names: str) -> ListPage:
    items = tuple({"id": f"p{number}", "name": name} for number, name in enumerate(names))
    return ListPage(items, len(items), "http://portal.test/api/1/posts/")


def outcome(mapped: list[Mapped | Problem]) -> tuple[list[str], list[Problem]]:
    """Return the ids of the posts that became records, in order, and the problems."""
    batches = [each for each in mapped if isinstance(each, Mapped)]
    ids = [record.ids[0] for batch in batches for record in batch.records]
    return ids, [each for each in mapped if isinstance(each, Problem)]


def test_a_worker_maps_as_the_process_itself(mapper):
    """The same records, byte for byte."""
    page = posts("one", "two", "three")
    with Parser() as parser:
        same, mapped = map_page(parser, mapper, (page, {}))

    assert same is page
    assert [each.records for each in mapped if isinstance(each, Mapped)] == [
        mapper.map(page.items, {}).records
    ]


def test_an_item_that_takes_too_long_is_left_out(mapper):
    """The worker is stopped each time; by halves the one is found, and all others are mapped."""
    page = posts("one", "two", "endless", "four", "five")
    with Parser(timeout=2) as parser:
        ids, problems = outcome(map_page(parser, mapper, (page, {}))[1])

    assert ids == ["p0", "p1", "p3", "p4"]
    (problem,) = problems
    assert "the item p2 of http://portal.test/api/1/posts/" in problem.what
    assert "longer than 2 s" in problem.why


def test_a_page_of_such_items_is_given_up(mapper):
    """After some refusals, however many items there are: each costs the time that a worker has."""
    page = posts(*["endless"] * 64)
    with Parser(timeout=0.2) as parser:
        ids, problems = outcome(map_page(parser, mapper, (page, {}))[1])

    assert ids == []
    assert 0 < len(problems) <= MAX_REFUSALS


def test_nothing_is_asked_of_a_worker_for_a_page_that_failed(mapper):
    """The problem is passed on."""
    failed = ListPage((), None, "http://portal.test/api/1/posts/")
    with Parser() as parser:
        assert map_page(parser, mapper, (failed, {})) == (failed, [])
