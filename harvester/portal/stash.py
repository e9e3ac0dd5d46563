"""A list of the portal that is read once and used twice: its pages wait on disk, not in memory."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

from harvester.model import Problem
from harvester.portal.listing import ListPage

_LEVEL = 1
"""Of zstandard: JSON shrinks to a tenth, faster than most disks write."""


class Stash:
    """The pages of one list, in the scratch file `path`: a line of JSON for each. `whole`: all are there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.whole = False

    def keep(self, pages: Iterable[ListPage | Problem]) -> Iterator[ListPage]:
        """Yield pages while they are kept, up to the first Problem: without one the list is whole at the end.

        Raises OSError where the disk takes no more.
        """
        with zstandard.open(self._path, "wt", cctx=zstandard.ZstdCompressor(_LEVEL)) as file:
            for page in pages:
                if isinstance(page, Problem):
                    return
                file.write(f"{json.dumps([page.items, page.total, page.url])}\n")
                yield page
        self.whole = True

    def pages(self) -> Iterator[ListPage]:
        """Yield what was kept, in its order."""
        with zstandard.open(self._path, "rt") as file:
            for line in file:
                items, total, url = json.loads(line)
                yield ListPage(tuple(items), total, url)
