"""The schema.org view in the store: there while it is asked for, and the same as that of a dump."""

import io
from pathlib import Path

import pytest
from pyoxigraph import Quad

from harvester.config import data_dir
from harvester.enrich.view import View
from harvester.export.files import streaming
from harvester.export.syntax import syntax_of
from harvester.export.vocabulary import write_view
from harvester.store.generations import Catalogue
from harvester.vocab import INFERRED_GRAPHS, SCHEMA
from tests.harvest.support import harvest, said
from tests.simulator import World, serve

VIEW = View.load(data_dir("mappings"))


@pytest.fixture(scope="module")
def portal():
    with serve(World(datasets=20, reuses=6)) as running:
        yield running


def stored(store: Path) -> set[Quad]:
    """Return what is inferred in schema.org's terms."""
    with Catalogue(store).require().open() as reader:
        return {
            quad
            for quad in reader
            if quad.graph_name.value.startswith(INFERRED_GRAPHS)
            if SCHEMA in quad.predicate.value or SCHEMA in str(quad.object)
        }


def exported(store: Path) -> bytes:
    stream = io.BytesIO()
    with Catalogue(store).require().open() as reader, streaming(stream) as output:
        write_view(reader, output, syntax_of("-", "nt"), VIEW)
    return stream.getvalue()


def test_the_view_comes_and_goes_with_the_switch(portal, tmp_path):
    """Though nothing changed on the portal; what the portal said stays as it is."""
    runs = []
    for schema_org in (False, True, False):
        harvest(portal.site, tmp_path, page_size=10, schema_org=schema_org)
        runs.append((said(tmp_path), stored(tmp_path), exported(tmp_path)))

    (before, none, dump), (during, there, same_dump), (after, none_again, last_dump) = runs
    assert before == during == after
    assert none == none_again == set()
    assert {f"<{SCHEMA}{name}>" for name in ("Dataset", "DataDownload", "DataCatalog")} <= {
        str(quad.object) for quad in there
    }
    assert dump == same_dump == last_dump


def test_what_is_stored_is_what_a_dump_tells(portal, tmp_path):
    """Apart from the labels of blank nodes, and from what is said in schema.org's terms by the portal."""
    harvest(portal.site, tmp_path / "fresh", page_size=10, schema_org=True)
    lines = set(exported(tmp_path / "fresh").decode().splitlines())

    kept = {f"{quad.triple} ." for quad in stored(tmp_path / "fresh") if "_:" not in str(quad.triple)}

    assert kept
    assert kept <= lines


def test_a_fresh_store_and_one_switched_over_are_alike(portal, tmp_path):
    """To derive everything anew is to derive what a first run does."""
    harvest(portal.site, tmp_path / "fresh", page_size=10, schema_org=True)
    harvest(portal.site, tmp_path / "over", page_size=10)
    harvest(portal.site, tmp_path / "over", page_size=10, schema_org=True)

    assert stored(tmp_path / "fresh") == stored(tmp_path / "over")
