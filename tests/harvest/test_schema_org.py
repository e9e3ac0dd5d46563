"""The schema.org view in the store: there while it is asked for, and the same as that of a dump."""

import io
from pathlib import Path

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


def test_the_view_comes_and_goes_with_the_switch(tmp_path):
    """Though nothing changed on the portal: what it said stays, and the view is that of a fresh store.

    A dump tells the same, apart from the labels of blank nodes, and from what the portal says in these terms.
    """
    over, fresh, runs = tmp_path / "over", tmp_path / "fresh", []
    with serve(World(datasets=20, reuses=6)) as portal:
        for schema_org in (False, True, False):
            harvest(portal.site, over, page_size=10, schema_org=schema_org)
            runs.append((said(over), stored(over), exported(over)))
        harvest(portal.site, fresh, page_size=10, schema_org=True)

    (before, none, dump), (during, there, same_dump), (after, none_again, last_dump) = runs
    assert before == during == after
    assert none == none_again == set()
    assert {f"<{SCHEMA}{name}>" for name in ("Dataset", "DataDownload", "DataCatalog")} <= {
        str(quad.object) for quad in there
    }
    assert dump == same_dump == last_dump
    assert stored(fresh) == there
    kept = {f"{quad.triple} ." for quad in there if "_:" not in str(quad.triple)}
    assert kept
    assert kept <= set(exported(fresh).decode().splitlines())
