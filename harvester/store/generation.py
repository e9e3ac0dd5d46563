"""One published state of a catalogue: a folder that never changes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from harvester.errors import StoreError
from harvester.store.local import disk_errors, open_read_only
from harvester.store.lock import Pin
from harvester.store.manifest import Manifest

STORE = "store"
"""The folder of the Oxigraph store in a generation."""

SEARCH = "search"
"""The folder of the search index in a generation, if it could be built."""

CONTEXT = "context.jsonld"
"""The portal's JSON-LD context in a generation, if it had one."""


class Generation:
    """One published state of a catalogue. It stays on disk at least as long as this object exists.

    `store_path` is for other processes, which open it while this one holds on to the object.
    """

    def __init__(self, path: Path, pin: Pin) -> None:
        self.id = path.name
        self.path = path
        self.store_path = path / STORE
        self._pin = pin

    @cached_property
    def manifest(self) -> Manifest:
        """What the generation says of itself. Raises StoreError if it is damaged or too new."""
        with disk_errors(self.path):
            return Manifest.read(self.path)

    @property
    def created(self) -> datetime:
        """When it was begun, by the clock of the machine that made it."""
        return self.manifest.created

    @contextmanager
    def open(self) -> Iterator[Store]:
        """Open the store read-only for a `with` block, undisturbed by publications and pruning meanwhile.

        Raises StoreError.
        """
        self.manifest  # noqa: B018  # refuses what a newer program wrote
        yield open_read_only(self.store_path)

    def context(self) -> dict[str, Any] | None:
        """Return the portal's JSON-LD context as the run found it, None if it had none. Raises StoreError."""
        return read_context(self.path)


def read_context(folder: Path) -> dict[str, Any] | None:
    """Return the context pinned in the generation in `folder`: see `Generation.context`."""
    with disk_errors(folder):
        try:
            context = json.loads((folder / CONTEXT).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise StoreError(f"{folder / CONTEXT} is damaged: {error}", fix="harvest again") from error
    return context if isinstance(context, dict) else None
