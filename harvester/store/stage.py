"""A generation in the making: a copy of the last one, changed, verified, made durable, published."""

import json
import secrets
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from pyoxigraph import QuerySolutions, Store

from harvester.errors import StoreError
from harvester.store.generation import CONTEXT, SEARCH, STORE, Generation
from harvester.store.local import (
    as_store_error,
    disk_errors,
    link_tree,
    open_read_only,
    open_writable,
    remove_tree,
    sync_tree,
)
from harvester.store.manifest import JSON, Manifest, list_files

PARTIAL = ".partial"
SCRATCH = ".scratch"
Admit = Callable[[Path, int], Generation]
"""Take in a finished folder as the current generation, and keep so many."""


class Stage:
    """Make the folder `path` and fill it with a copy of `base`: a context manager, which cleans up.

    `store` may be written to. Files put into `path` become part of the generation, those in `scratch` do not;
    the search index in it is that of `base`, whose files must not be written to, but only replaced.
    Left without `publish`, nothing stays. Errors of RocksDB that end the block become StoreError.
    """

    def __init__(
        self, path: Path, *, run_id: str, created: datetime, base: Generation | None, admit: Admit
    ) -> None:
        self.path = path
        # A name of its own: a failed run in this process may still hold its store open.
        self.scratch = path.with_suffix(f".{secrets.token_hex(4)}{SCRATCH}")
        self._run_id = run_id
        self._created = created
        self._admit = admit
        # Not the generation itself: as long as it is held, nothing may remove it.
        self._base = base.path if base else None
        self._store: Store | None = None
        try:
            with disk_errors(path):
                self.path.mkdir()
                self.scratch.mkdir()
                if base is not None:
                    self._copy(base)
            self._store = open_writable(self.scratch / STORE)
        except BaseException:
            self._discard()
            raise

    def _copy(self, base: Generation) -> None:
        with base.open() as reader:
            reader.backup(self.scratch / STORE)
        if (base.path / CONTEXT).exists():
            shutil.copyfile(base.path / CONTEXT, self.path / CONTEXT)
        if (base.path / SEARCH).is_dir():
            link_tree(base.path / SEARCH, self.path / SEARCH)

    @property
    def store(self) -> Store:
        """The store to write to, until the stage is published or left."""
        if self._store is None:
            raise RuntimeError("this stage was published or left")
        return self._store

    def pin_context(self, context: Mapping[str, JSON]) -> None:
        """Keep the portal's JSON-LD context with the generation. Raises StoreError."""
        with disk_errors(self.path):
            (self.path / CONTEXT).write_text(json.dumps(context, ensure_ascii=False), encoding="utf-8")

    def publish(self, facts: Mapping[str, JSON], keep: int = 3) -> Generation:
        """Make what was written the current generation; keep the newest `keep` of each portal (at least 1).

        The portal is `facts["portal"]`. Raises StoreError if anything is not as it should be; then the last
        generation stays current.
        """
        with disk_errors(self.path):
            quads = self._freeze()
            self._verify(quads)
            Manifest(
                id=self.path.stem,
                created=self._created,
                run=self._run_id,
                quads=quads,
                facts=dict(facts),
                files=tuple(list_files(self.path, self._base)),
            ).write(self.path)
            sync_tree(self.path)
            return self._admit(self.path, keep)

    def _freeze(self) -> int:
        """Put a checkpoint of the scratch store in its place; return its number of quads.

        A checkpoint and not the store itself, so that nobody who still has `store` in hand can change it.
        """
        store = self.store
        store.flush()
        quads = len(store)
        store.backup(self.path / STORE)
        self._store = None
        return quads

    def _verify(self, quads: int) -> None:
        """Read the checkpoint as a reader will."""
        store = open_read_only(self.path / STORE)
        rows = store.query("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1", use_default_graph_as_union=True)
        found, sample = len(store), len(list(rows)) if isinstance(rows, QuerySolutions) else 0
        if found != quads or sample != min(quads, 1):
            raise StoreError(
                f"{self.path}: {quads} quads were written, {found} can be read back",
                fix="check the disk and the memory, then run again; the last generation is still current",
            )

    def _discard(self) -> None:
        self._store = None
        for folder in (self.path, self.scratch):
            remove_tree(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._discard()
        if (translated := as_store_error(error, self.path)) is not None:
            raise translated from error
