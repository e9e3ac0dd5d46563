"""Answers: known already, shared with who asks the same at this moment, or from a worker."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from cachetools import LRUCache
from starlette.requests import Request

from harvester.serve.core.departure import Departure
from harvester.serve.core.gate import CLIENT, Gate
from harvester.serve.core.settings import ServeSettings
from harvester.serve.http.answer import Answer
from harvester.serve.http.problem import Problem, problem_from
from harvester.store.generations import Generation
from harvester.workers.job import Job
from harvester.workers.pool import Pool
from harvester.workers.tally import Tally
from harvester.workers.task import INTERNAL, Refused, Task

_T = TypeVar("_T")
_log = logging.getLogger(__name__)
_OVERHEAD = 1_000
"""Bytes that an answer takes in the cache beyond its body."""


def _size(answer: Answer) -> int:
    """Estimate what a whole answer takes in memory, with its compressed forms."""
    return 2 * len(answer.body) + _OVERHEAD


def _told(error: Refused) -> Problem:
    """Return what the client is told; the log has what only the operator should know."""
    if error.slug == INTERNAL:
        _log.error("a task failed: %s", error.cause)
    return problem_from(error)


class Flight:
    """A task under way that several requests wait for. It is stopped when the last of them has left."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._landed: asyncio.Future[Answer | None] | None = None
        self._waiting = 0

    def board(self) -> None:
        """Count in a request that waits."""
        self._waiting += 1
        self.job.unwanted = False

    def leave(self) -> None:
        """Count out a request whose client has left."""
        self._waiting -= 1
        if not self._waiting:
            self.job.leave()

    def land(self, outcome: Answer | Refused | None) -> None:
        """Tell those who wait what came of it; None: an answer too long to be shared."""
        if self._landed is None:
            return
        if isinstance(outcome, Refused):
            self._landed.set_exception(outcome)
            self._landed.exception()  # it is no fault if all who waited have left
        else:
            self._landed.set_result(outcome)

    async def wait(self) -> Answer | None:
        """Wait for what `land` tells. Raises Refused."""
        if self._landed is None:
            self._landed = asyncio.get_running_loop().create_future()
        return await asyncio.shield(self._landed)


class Edition:
    """One generation as it is served: its workers, and the answers that were computed from it."""

    def __init__(self, generation: Generation, pool: Pool, cache: int) -> None:
        self.generation = generation
        self.pool = pool
        self.cache: LRUCache[str, Answer] = LRUCache(cache, getsizeof=_size)
        self.flights: dict[str, Flight] = {}


class Engine:
    """Answers tasks from the current edition."""

    def __init__(self, settings: ServeSettings, gate: Gate) -> None:
        self._settings = settings
        self._gate = gate
        self.edition: Edition | None = None
        self.trouble = ""
        """What keeps it from serving what is published, in words for everybody; "" if nothing does."""
        self.tally = Tally()
        self.hits = 0
        self.shared = 0
        self.evaluated = 0

    def require(self) -> Edition:
        """Return the current edition. Raises Problem (503) if nothing was published yet."""
        if self.edition is None:
            raise Problem(
                503,
                "There is no catalogue to serve yet",
                "harvest a portal into the server's store; it is served as soon as it is published",
                retry_after_s=10,
            )
        return self.edition

    def known(self, task: Task) -> Answer | None:
        """Return the answer to a task if it was computed already. Raises Problem as `require`."""
        found = self.require().cache.get(task.digest)
        self.hits += found is not None
        return found

    async def answer(self, task: Task, request: Request) -> Answer:
        """Answer a task for `request`, whose body was read. Raises Problem.

        An answer that is not whole holds a worker until its `response` is sent or it is closed.
        """
        edition = self.require()
        if found := self.known(task):
            return found
        client: str = request.scope[CLIENT]
        self._gate.enter(client)
        answer = None
        try:
            answer = await self._shared(edition, task, request) or await self._lead(
                edition, Job(task, client), request
            )
        except Refused as error:
            raise _told(error) from error
        finally:
            if answer is None or answer.rest is None:
                self._gate.leave(client)
        return answer

    async def _shared(self, edition: Edition, task: Task, request: Request) -> Answer | None:
        """Wait for the answer that somebody else asked for; None if there is none to be shared."""
        flight = edition.flights.get(task.digest)
        if flight is None:
            return None
        self.shared += 1
        try:
            return await self._watched(flight, request, flight.wait())
        except Refused as error:
            if error.of_client:
                return None
            raise

    async def _lead(self, edition: Edition, job: Job, request: Request) -> Answer:
        """Have a worker do a task, for this request and all that join it meanwhile."""
        self.evaluated += 1
        digest = job.task.digest
        flight = Flight(job)
        edition.flights.setdefault(digest, flight)
        outcome: Answer | Refused | None = None
        rest: _Rest | None = None
        try:
            beginning = await self._watched(flight, request, edition.pool.begin(job, self._settings.entry))
            if not beginning.whole:
                rest = _Rest(edition, job, self._gate, request)
            etag = f'W/"{edition.generation.id}-{digest}"'
            head = dict(beginning.head)
            answer = Answer(head.pop("type"), head, etag, beginning.data, rest)
            if beginning.whole:
                outcome = answer
                self._keep(edition, digest, answer)
        except Refused as error:
            outcome = error
            raise
        finally:
            if edition.flights.get(digest) is flight:
                del edition.flights[digest]
            flight.land(outcome)
        return answer

    async def _watched(self, flight: Flight, request: Request, work: Awaitable[_T]) -> _T:
        """Wait for `work` on behalf of a request, counted among those who wait for the flight."""
        flight.board()
        departure = Departure(request.receive, flight.leave)
        try:
            return await work
        finally:
            departure.cancel()

    def _keep(self, edition: Edition, digest: str, answer: Answer) -> None:
        if _size(answer) <= edition.cache.maxsize:
            edition.cache[digest] = answer


class _Rest:
    """The rest of an answer from a worker. It counts among its client's requests until it is closed.

    Until then it holds on to the edition, whose generation must stay on disk.
    """

    def __init__(self, edition: Edition, job: Job, gate: Gate, request: Request) -> None:
        self._edition = edition
        self._job = job
        self._gate = gate
        self._receive = request.receive
        self._open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        departure = Departure(self._receive, self._job.leave)
        try:
            async for piece in self._edition.pool.rest(self._job):
                yield piece
        finally:
            departure.cancel()
            self.close()

    def close(self) -> None:
        if self._open:
            self._open = False
            self._edition.pool.end(self._job)
            self._gate.leave(self._job.client)
