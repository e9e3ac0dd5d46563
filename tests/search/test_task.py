"""Searches in workers: the task, its refusals, and the limits that hold for all tasks."""

import asyncio
import json
import shutil

import pytest

from harvester.store.generation import SEARCH
from harvester.store.generations import Catalogue
from harvester.workers.job import Job
from harvester.workers.limits import Limits
from harvester.workers.pool import Pool
from harvester.workers.task import Refused, Task
from tests.harvest.support import harvest
from tests.search.test_words import HOSTILE
from tests.simulator import World, serve

LIMITS = Limits(workers=1, slow_workers=1)
ALL = ("", "dataset", (), "relevance", 1, 20, "fr")


@pytest.fixture(scope="module")
def generation(tmp_path_factory):
    store = tmp_path_factory.mktemp("task") / "store"
    with serve(World(datasets=20, reuses=5)) as portal:
        harvest(portal.site, store)
    return Catalogue(store).require()


def ask(folder, *searches):
    """Ask a worker, one search after the other: JSON values, or what it refused."""

    async def ask_all():
        pool = Pool(folder, LIMITS, "harvester.serve.tasks.table")
        await pool.start()
        try:
            return [await answer(pool, search) for search in searches]
        finally:
            await pool.close()

    async def answer(pool, search):
        job = Job(Task("search", search), "me")
        try:
            begun = await pool.begin(job, 1 << 20)
            rest = b"" if begun.whole else b"".join([piece async for piece in pool.rest(job)])
            return json.loads(begun.data + rest)
        except Refused as error:
            return error

    return asyncio.run(ask_all())


def test_a_worker_answers_as_docs_search_md_says(generation):
    """All names are there, with values of their kinds."""
    (found,) = ask(generation.path, ALL)
    hit = found["hits"][0]

    assert found["total"] == len(found["hits"]) > 10
    assert set(found) == {"total", "hits", "facets", "kinds", "suggestion"}
    kinds = {name: type(value) for name, value in hit.items() if name not in ("publisher", "score")}
    assert kinds == {
        **dict.fromkeys(("iri", "kind", "title", "title_language", "summary", "summary_language"), str),
        **dict.fromkeys(("modified", "licence", "type", "picture"), str),
        "reuses": int,
        "datasets": int,
        "formats": list,
        "themes": list,
        "high_value": bool,
    }
    assert set(found["facets"][0]) == {"name", "values", "more"}
    assert set(found["facets"][0]["values"][0]) == {"value", "label", "count", "chosen"}
    assert hit["publisher"] is None or set(hit["publisher"]) == {"iri", "name"}


def test_what_strangers_send_is_answered(generation):
    """By one process, which lives on, whatever it is sent."""
    texts = [text for text in HOSTILE.values() if len(text) < 1_000_000]
    answers = ask(generation.path, *[(text, *ALL[1:]) for text in texts], ALL)

    assert [type(each) for each in answers] == [dict] * len(answers)
    assert answers[-1]["total"] > 10


@pytest.mark.parametrize(
    "search",
    [("", "topic", *ALL[2:]), ("", "", (("x", "y"),), *ALL[3:]), (*ALL[:3], "size", 1, 20, "fr")],
    ids=repr,
)
def test_what_there_is_not_is_refused(generation, search):
    """As the client's mistake, with what there is instead."""
    (error,) = ask(generation.path, search)

    assert (error.status, "take one of" in error.fix) == (400, True)


def test_a_generation_without_an_index_says_so(generation, tmp_path):
    """With a slug of its own, and no name of a file; all else is served."""
    folder = tmp_path / "generation"
    shutil.copytree(generation.path, folder)
    shutil.rmtree(folder / SEARCH)

    (error,) = ask(folder, ALL)

    assert (error.status, error.slug) == (503, "no-search-index")
    assert "harvest again" in error.fix
    assert str(tmp_path) not in error.cause + error.fix


def test_nothing_is_written_where_a_generation_is_read(generation):
    """Its folder may belong to somebody else."""
    before = {path.name: path.stat().st_mtime_ns for path in (generation.path / SEARCH).iterdir()}
    folder = (generation.path / SEARCH).stat().st_mtime_ns

    ask(generation.path, ALL, ("données", *ALL[1:]))

    assert {path.name: path.stat().st_mtime_ns for path in (generation.path / SEARCH).iterdir()} == before
    assert (generation.path / SEARCH).stat().st_mtime_ns == folder
