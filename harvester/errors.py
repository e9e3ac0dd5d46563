"""The error tree. Every error says what happened and what to do about it.

HarvesterError                 exit 1: a disk, a store, or a bug
├── UsageError                 exit 2: an option, a setting, a parameter, a query
├── PortalUnreachable          exit 3: the portal gave nothing to start from
├── NothingPublishable         exit 4: the run found nothing that may be published
├── Locked                     exit 6: another run holds the store
├── StoreError                 exit 1: the catalogue on disk cannot be read or written
├── QueryError                 exit 1: a query was not answered (too slow, an endpoint out of reach)
└── ItemError                  one request or document failed; the harvest goes on without it
    ├── FetchError             no usable HTTP answer (see `harvester.portal.client`)
    │   └── BudgetSpent        the run has made all the requests that it may make
    └── DocumentError          an answer that is not what it should be
"""

from harvester.model import Category, Problem

EXIT_SKIPPED = 5
"""Exit code of a harvest that published, but had to skip some items."""

EXIT_INTERRUPTED = 130
"""Exit code after Ctrl-C (128 + SIGINT)."""


class HarvesterError(Exception):
    """Base of all errors that a user may see.

    `cause` says what, where and why in one sentence without a final full stop;
    `fix` says what the reader can do, and cannot be left out.
    """

    exit_code = 1

    def __init__(self, cause: str, *, fix: str) -> None:
        super().__init__(f"{cause}\n  Try: {fix}")
        self.cause = cause
        self.fix = fix


class UsageError(HarvesterError):
    """An option, setting, parameter or query that cannot be used."""

    exit_code = 2


class PortalUnreachable(HarvesterError):
    """The portal did not give the catalogue's first page."""

    exit_code = 3


class NothingPublishable(HarvesterError):
    """The run ended without anything that may be published."""

    exit_code = 4


class Locked(HarvesterError):
    """Another run holds the store."""

    exit_code = 6


class StoreError(HarvesterError):
    """The catalogue on disk cannot be read or written."""


class QueryError(HarvesterError):
    """A query that could be asked, but was not answered: too slow, or its endpoint failed."""


class ItemError(HarvesterError):
    """One request or document failed: costs only itself, and is listed in the report."""

    def __init__(self, cause: str, *, fix: str, url: str, category: Category) -> None:
        super().__init__(cause, fix=fix)
        self.url = url
        self.category = category

    def problem(self, what: str) -> Problem:
        """Return this error as a line of the report; `what` says what was lost by it."""
        return Problem(category=self.category, url=self.url, what=what, why=self.cause, fix=self.fix)

    def __reduce__(self) -> tuple[object, ...]:
        """Cross process borders (workers raise these) with all fields."""
        return _rebuild, (type(self), self.cause, self.fix, self.__dict__)


def _rebuild(kind: type[ItemError], cause: str, fix: str, state: dict[str, object]) -> ItemError:
    error = kind.__new__(kind)
    Exception.__init__(error, f"{cause}\n  Try: {fix}")
    error.__dict__.update(state)
    return error


class FetchError(ItemError):
    """A request without a usable answer. `status` is the last HTTP status, None if there was none."""

    def __init__(
        self, cause: str, *, fix: str, url: str, category: Category, status: int | None = None
    ) -> None:
        super().__init__(cause, fix=fix, url=url, category=category)
        self.status = status


class BudgetSpent(FetchError):
    """The run may make no more requests, or take no more bytes: it ends with what it has."""


class DocumentError(ItemError):
    """An answer that is not the document it should be (bad RDF, bad JSON, past a limit)."""
