"""How many requests one run may make, and how many bytes it may receive."""

import threading

from harvester.config import MEBIBYTE
from harvester.errors import BudgetSpent
from harvester.model import Category
from harvester.portal.exchange import Readable


class Budget:
    """Counts what a run uses up, and ends it with BudgetSpent before it takes more. Safe among threads.

    `max_requests` counts redirects and retries; `max_transfer` counts bytes of bodies as they come, before
    decompression. 0: no limit. URLs are for messages: hand them in redacted.
    """

    def __init__(self, max_requests: int, max_transfer: int) -> None:
        self._max_requests = max_requests
        self._max_transfer = max_transfer
        self._lock = threading.Lock()
        self._requests = 0
        self._transfer = 0

    @property
    def requests(self) -> int:
        """Requests made so far."""
        return self._requests

    def check(self, url: str) -> None:
        """Raise BudgetSpent if no request may follow."""
        if self._max_requests and self._requests >= self._max_requests:
            raise self._no_more_requests(url)
        if self._max_transfer and self._transfer >= self._max_transfer:
            raise self._no_more_bytes(url)

    def request(self, url: str) -> None:
        """Count a request that is about to be made, or raise BudgetSpent."""
        with self._lock:
            self.check(url)
            self._requests += 1

    def metered(self, url: str, stream: Readable) -> Readable:
        """Return the body of `url`, counted: reading past the budget raises BudgetSpent."""
        return _Metered(stream, url, self)

    def received(self, size: int, url: str) -> None:
        """Count bytes; raise BudgetSpent if they are too many."""
        with self._lock:
            self._transfer += size
            if self._max_transfer and self._transfer > self._max_transfer:
                raise self._no_more_bytes(url)

    def _no_more_requests(self, url: str) -> BudgetSpent:
        return BudgetSpent(
            f"the {self._max_requests:,} requests that one run may make are used up, "
            f"so {url} was not asked for",
            fix="raise --max-requests (0: no limit), or harvest less at once",
            url=url,
            category=Category.REFUSED,
        )

    def _no_more_bytes(self, url: str) -> BudgetSpent:
        return BudgetSpent(
            f"the {self._max_transfer / MEBIBYTE:,.4g} MiB that one run may receive are used up, "
            f"so {url} was not read",
            fix="raise --max-transfer (MiB; 0: no limit), or harvest less at once",
            url=url,
            category=Category.REFUSED,
        )


class _Metered:
    def __init__(self, stream: Readable, url: str, budget: Budget) -> None:
        self._stream = stream
        self._url = url
        self._budget = budget

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._budget.received(len(data), self._url)
        return data
