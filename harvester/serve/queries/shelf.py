"""The canned queries while a server runs: each file read when it has changed, and not for every request."""

import logging
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from harvester.errors import HarvesterError, UsageError
from harvester.query.canned import Library, Query, load

_log = logging.getLogger(__name__)


class BrokenQuery(HarvesterError):
    """A query file that cannot be used: the operator's to mend. Its path and error are in the log only."""


def find(library: Library, name: str) -> Query | None:
    """Return a query, None if there is none of that name. Raises BrokenQuery."""
    path = library.paths.get(name)
    if path is None:
        return None
    query = _load(path, _changed(path))
    if query is None:
        raise BrokenQuery(
            f"The query {name} cannot be used: there is a mistake in its file",
            fix="tell the operator of this server; harvester queries check says what is wrong",
        )
    return query


def usable(library: Library, names: Iterable[str] | None = None) -> Iterator[Query]:
    """Yield all queries by name, or those of these names; one whose file is broken costs only itself."""
    for name in library.paths if names is None else names:
        try:
            query = find(library, name)
        except BrokenQuery:
            continue
        if query is not None:
            yield query


@lru_cache(maxsize=1_000)
def _load(path: Path, changed: int) -> Query | None:  # noqa: ARG001  # a part of the cache's key
    """Return the query in a file, None if it is broken, which the log is told once."""
    try:
        return load(path)
    except UsageError as error:
        _log.error("%s", error.cause)
        return None


def _changed(path: Path) -> int:
    """Return when a file was changed, 0 if it is gone: reading it then says why."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
