"""`harvester search`: what a user finds in a terminal."""

import json

import pytest
from click.testing import CliRunner

from harvester.cli.search import search
from harvester.errors import StoreError, UsageError
from harvester.store.generations import Catalogue
from tests.harvest.support import harvest
from tests.simulator import World, serve
from tests.store.catalogues import publish


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search") / "store"
    with serve(World(datasets=20, reuses=5)) as portal:
        harvest(portal.site, folder)
    return folder


def run(store, *arguments):
    """The command's result; what it raises is raised."""
    return CliRunner().invoke(
        search, ["--store", str(store), *arguments], catch_exceptions=False, standalone_mode=False
    )


def test_words_find_records_in_a_table(store):
    """One line each, and how many there are beside."""
    done = run(store, "données", "--kind", "dataset", "--size", "3")
    lines = done.stdout.splitlines()

    assert lines[0].split() == ["kind", "title", "reuses", "modified", "IRI"]
    assert len(lines) == 4
    assert "found" in done.stderr
    assert "--page 2 shows the next" in done.stderr


def test_json_has_all_that_the_site_shows(store):
    """With facets, of which one can be chosen in turn."""
    found = json.loads(run(store, "--kind", "dataset", "-o", "json").stdout)
    reused = next(each for each in found["facets"] if each["name"] == "reused")
    yes = next(each for each in reused["values"] if each["value"] == "yes")
    again = json.loads(run(store, "--kind", "dataset", "--facet", "reused=yes", "-o", "json").stdout)

    assert 0 < again["total"] == yes["count"] < found["total"]


def test_a_facet_that_is_none_is_refused(store):
    """With what there is instead."""
    with pytest.raises(UsageError, match="no facet"):
        run(store, "--facet", "colour=red")
    with pytest.raises(UsageError, match="no facet"):
        run(store, "--facet", "reused")


def test_a_catalogue_without_an_index_says_so(tmp_path):
    """And what makes one."""
    publish(Catalogue(tmp_path / "c"), 1)

    with pytest.raises(StoreError, match="no search index") as error:
        run(tmp_path / "c", "velo")

    assert "harvest again" in error.value.fix
