"""Full-text search as a task of workers."""

import json
from functools import lru_cache, partial
from pathlib import Path

from pyoxigraph import Store

from harvester.search.finding import Finder, Search
from harvester.search.layout import NoIndex
from harvester.search.terms import NO_INDEX
from harvester.serve.tasks.labels import name_of
from harvester.workers.task import Refused, Work


def search(
    work: Work,
    text: str,
    kind: str,
    facets: tuple[tuple[str, str], ...],
    sort: str,
    page: int,
    size: int,
    language: str,
) -> None:
    """Write a page of hits, facets and all about it as JSON: docs/search.md describes it.

    Raises UsageError for what can never be found, and Refused, slug NO_INDEX, where nothing can be searched.
    """
    chosen = tuple((name, value) for name, value in facets)
    wanted = Search(text, kind, chosen, sort, page, size, language)
    try:
        found = _finder(work.folder, work.store).find(wanted)
    except NoIndex as error:
        # Not the cause of it, which names files: `harvester search` tells that.
        cause = "This catalogue cannot be searched: it has no search index, or a damaged one"
        raise Refused(503, cause, fix="ask its operator to harvest again", slug=NO_INDEX) from error
    work.sink.begin("application/json", total=found["total"])
    work.sink.write(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))


# A worker has one generation open as long as it lives: what is learnt of it once holds.


@lru_cache(maxsize=1)
def _finder(folder: Path, store: Store) -> Finder:
    return Finder(folder, lru_cache(maxsize=50_000)(partial(name_in, store)))


def name_in(store: Store, iri: str, language: str) -> str:
    """Return what a thing is called, "" if nobody says so."""
    found = name_of(store, iri, language)
    return found["text"] if found else ""
