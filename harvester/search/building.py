"""The index of a generation in the making: anew, or the last one with what a run affects put in its place."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pyoxigraph import Store
from tantivy import Index, IndexWriter, Query, Searcher

from harvester.batches import batches
from harvester.config import MEBIBYTE
from harvester.errors import StoreError
from harvester.search.document import document
from harvester.search.entry import Entry
from harvester.search.layout import NoIndex, create, is_there, open_index, write_note
from harvester.search.reading import Reader
from harvester.search.terms import DATASET

_BATCH = 500
_HEAP = 40 * MEBIBYTE
_MOST_DELETED = 1 / 3
"""Share of an index that may be documents long replaced, and …"""
_MOST_AFFECTED = 1 / 2
"""… of it that a run may affect, before it is built anew."""

Tell = Callable[[int], None]
"""Told how many resources were looked at so far."""
Shown = dict[str, Any]


def build(store: Store, folder: Path, run: str, affected: Iterable[str] | None, tell: Tell) -> int:
    """Make the index in `folder` say what `store` says; return how many documents were written.

    `affected`: resources of which the store says something else than when the index that is in `folder` was
    made; None: any. If there is no index yet, or another layout's, it is built anew, as it is where most of
    it would be replaced. `run` is the id of the run that publishes it. Raises StoreError; then nothing in
    `folder` may be relied upon.
    """
    try:
        if affected is not None and is_there(folder):
            changes = _Changes(store, folder)
            if changes.is_worth_it(wanted := list(affected)):
                written = changes.make(wanted, tell)
                write_note(folder, run)
                return written
        written = _build_anew(store, folder, tell)
        write_note(folder, run)
    except (OSError, ValueError) as error:
        raise StoreError(
            f"the search index cannot be built: {error}", fix="check the disk, then harvest again"
        ) from error
    return written


def _build_anew(store: Store, folder: Path, tell: Tell) -> int:
    if folder.exists():
        shutil.rmtree(folder)
    index = create(folder)
    reader, writer = Reader(store), _writer(index)
    done = written = 0
    seen: set[str] = set()
    for batch in batches(reader.resources(), _BATCH):
        new = [iri for iri in dict.fromkeys(batch) if iri not in seen]
        seen.update(new)
        for entry in reader.entries(new).values():
            writer.add_document(document(entry))
            written += 1
        tell(done := done + len(new))
    _finish(index, writer)
    _verify(index, written)
    return written


class _Changes:
    """Changes the index in `folder`, which is the last generation's."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._folder = folder
        self._store = store
        self._reader = Reader(store)
        self._index = open_index(folder)
        self._index.reload()
        self._searcher = self._index.searcher()
        self._documents = self._searcher.num_docs
        self._written = 0

    def is_worth_it(self, affected: list[str]) -> bool:
        """Tell whether changing the index is less work, and leaves a better one, than building it anew."""
        segments = json.loads((self._folder / "meta.json").read_text(encoding="utf-8"))["segments"]
        deleted = sum(each["deletes"]["num_deleted_docs"] for each in segments if each["deletes"])
        of = self._documents
        return deleted <= (of + deleted) * _MOST_DELETED and len(affected) <= of * _MOST_AFFECTED

    def make(self, affected: list[str], tell: Tell) -> int:
        """Put in their place what is affected, and what shows something of it."""
        writer = _writer(self._index)
        done = set(affected)
        beside: set[str] = set()
        looked_at = 0
        for batch in batches(affected, _BATCH):
            beside.update(self._replace(writer, batch))
            tell(looked_at := looked_at + len(batch))
        for batch in batches(sorted(beside - done), _BATCH):
            list(self._replace(writer, batch))  # whose own stay as they are
            tell(looked_at := looked_at + len(batch))
        _finish(self._index, writer)
        _verify(self._index, self._documents)
        return self._written

    def _replace(self, writer: IndexWriter, iris: Iterable[str]) -> Iterator[str]:
        """Replace documents; yield the resources whose own may have to be replaced for it."""
        wanted = list(iris)
        old, new = _documents(self._searcher, self._index, wanted), self._reader.entries(wanted)
        for iri in wanted:
            yield from self._replace_one(writer, iri, old.get(iri), new.get(iri))

    def _replace_one(
        self, writer: IndexWriter, iri: str, old: Shown | None, new: Entry | None
    ) -> Iterator[str]:
        is_dataset = DATASET in (old and old["kind"], new and new.kind)
        if is_dataset:  # organizations count their datasets, and the reuses of these
            yield from (iri for iri, *_ in (old["publishers"] if old else ()))
            yield from (each.iri for each in (new.publishers if new else ()))
        if is_dataset and (old is None) != (new is None):  # reuses count those that there are
            yield from self._reader.reusers(iri)
        yield from self._of_renamed(iri)
        if old is not None and new is not None and old["digest"] == new.digest:
            return
        if old is not None:
            writer.delete_documents_by_term("iri", iri)
            self._documents -= 1
        if new is not None:
            writer.add_document(document(new))
            self._documents += 1
            self._written += 1

    def _of_renamed(self, publisher: str) -> Iterator[str]:
        """Yield what a publisher has published, if it is otherwise described than the index says."""
        query = Query.term_query(self._index.schema, "publisher", publisher)
        first = self._searcher.search(query, 1)
        if not first.hits:
            return
        known = _shown(self._searcher, first.hits[0][1])["publishers"]
        now = self._reader.publisher(publisher)
        if [now.iri, now.is_organization, list(now.names)] not in known:
            hits = self._searcher.search(query, self._searcher.num_docs).hits
            yield from (_shown(self._searcher, address)["iri"] for _, address in hits)


def _documents(searcher: Searcher, index: Index, iris: list[str]) -> dict[str, Shown]:
    """Return what the index shows of those resources that it has."""
    if not iris:
        return {}
    query = Query.term_set_query(index.schema, "iri", iris)
    found = [_shown(searcher, address) for _, address in searcher.search(query, len(iris)).hits]
    return {shown["iri"]: shown for shown in found}


def _shown(searcher: Searcher, address: Any) -> Shown:
    shown: Shown = json.loads(searcher.doc(address)["shown"][0])
    return shown


def _writer(index: Index) -> IndexWriter:
    return index.writer(_HEAP, 1)


def _finish(index: Index, writer: IndexWriter) -> None:
    writer.commit()
    writer.wait_merging_threads()
    index.reload()


def _verify(index: Index, expected: int) -> None:
    """Read the index as a reader will."""
    found = index.searcher().num_docs
    if found != expected:
        raise NoIndex(
            f"the search index has {found:,} documents instead of {expected:,}",
            fix="check the disk, then harvest again",
        )
