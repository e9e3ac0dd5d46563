"""The workers of one generation: quick ones that are shared, slow ones that are bounded, none that lasts."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

from harvester.workers.job import LEFT, Job
from harvester.workers.limits import Limits
from harvester.workers.tally import DONE, Tally
from harvester.workers.task import HEAVY, Refused
from harvester.workers.turns import AGAIN_S, Turns, count
from harvester.workers.worker import Beginning, Worker, WorkerDied

_log = logging.getLogger(__name__)
_SPARE = 1
"""Processes beyond the limit's, so that there is one for whoever comes next."""


class Pool:
    """Does tasks on the generation in `folder`, each in a process of its own.

    A task is quick at first. If it is not done after `limits.brisk_s`, it gets low priority; after
    `limits.quick_s` it counts as slow, and another process takes its place: so quick tasks always find one
    soon, whatever the slow ones do. A process that was slow, was killed or died is replaced, since priority
    cannot be given back. What happens is counted in `tally`.
    """

    def __init__(self, folder: Path, limits: Limits, table: str, tally: Tally | None = None) -> None:
        self._folder = folder
        self._limits = limits
        self._quick_s = min(limits.quick_s, limits.time_s)
        self._table = table
        self._tally = tally or Tally()
        self._idle: list[Worker] = []
        self._turns = Turns(limits.queue)
        self._quick = 0
        self._starting = 0
        self._retired = False
        self._failing = False
        self._background: set[asyncio.Task[object]] = set()

    async def start(self) -> None:
        """Start the processes. Raises Refused if the generation cannot be opened."""
        starting = (self._new() for _ in range(self._limits.workers + _SPARE))
        started = await asyncio.gather(*starting, return_exceptions=True)
        workers = [worker for worker in started if isinstance(worker, Worker)]
        self._quick = len(workers)
        self._idle += workers
        for error in started:
            if isinstance(error, BaseException):
                await self.close()
                cause = f"{self._folder} cannot be opened: {error}"
                raise error if isinstance(error, Refused) else Refused(503, cause, fix="check the disk")

    @property
    def busy(self) -> int:
        """Tasks under way, slow ones included."""
        return self._quick - len(self._idle) + self.slow

    @property
    def slow(self) -> int:
        """Slow tasks under way."""
        return self._turns.slow.total()

    @property
    def idle(self) -> int:
        """Processes that wait for a task."""
        return len(self._idle)

    @property
    def stranded(self) -> bool:
        """Whether no task can be done, because processes cannot be started."""
        return self._failing and not self._quick

    @property
    def queued(self) -> int:
        """Tasks that wait for a process."""
        return len(self._turns)

    async def begin(self, job: Job, at_most: int) -> Beginning:
        """Do a task; return its answer, or the first `at_most` bytes, to be followed by `rest`.

        Raises Refused: 429 when too many wait already, 503 and 504 for a task that was stopped, and what
        the task itself refuses.
        """
        worker = await self._take(job)
        count(self._turns.held, job.client, 1)
        if job.reason:
            count(self._turns.held, job.client, -1)
            self._offer(worker)
            raise job.reason
        job.worker = worker
        loop = asyncio.get_running_loop()
        job.begun = loop.time()
        job.timer = loop.call_later(self._limits.brisk_s, self._lower, job)
        try:
            beginning = await worker.begin(job.task, at_most)
        except Refused:  # the worker's own word, after which it is free
            self._release(job, free=True)
            raise
        except WorkerDied as error:
            reason = self._why(job, error)
            self._release(job, free=False)
            raise reason from error
        except BaseException:
            self._release(job, free=False)
            raise
        if beginning.whole:
            self._release(job, free=True)
            return beginning
        if not job.slow:
            self._slow_down(job)  # who takes a long answer may be slow
        if job.reason:
            self._release(job, free=False)
            raise job.reason
        job.disarm()
        job.left_s = self._limits.time_s - (loop.time() - job.begun)
        return beginning

    async def rest(self, job: Job) -> AsyncIterator[bytes]:
        """Yield the rest of an answer. Raises Refused. To be closed (aclose) by who stops before its end."""
        free = False
        loop = asyncio.get_running_loop()
        assert job.worker  # noqa: S101  # `begin` gave it one
        deadline = loop.call_at(job.begun + self._limits.transfer_s, job.stop, self._too_long_a_transfer())
        try:
            async for piece in job.worker.rest(job.left_s):
                yield piece
            free = True
        except TimeoutError as error:
            job.stop(self._too_slow())
            raise self._too_slow() from error
        except WorkerDied as error:
            raise self._why(job, error) from error
        finally:
            deadline.cancel()
            self._release(job, free=free)

    def end(self, job: Job) -> None:
        """Give up an answer of which no more is wanted."""
        self._release(job, free=False)

    def retire(self) -> None:
        """Take no new tasks; end each process when it has nothing left to do."""
        self._retired = True
        self._serve()

    async def close(self) -> None:
        """Retire, and wait until the processes have ended: each after the task that it does."""
        self.retire()
        while self._background:
            await asyncio.gather(*self._background, return_exceptions=True)

    async def _take(self, job: Job) -> Worker:
        self._bury()
        if self._turns.may_have(job.client, len(self._idle)):
            return self._idle.pop()
        self._turns.join(job)
        place: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        job.place = place
        self._fill()
        self._serve()
        try:
            return await place
        except BaseException:
            self._turns.leave(job)
            if place.done() and not place.cancelled() and not place.exception():
                self._offer(place.result())  # given at the very moment in which the job was cancelled
            raise

    def _release(self, job: Job, *, free: bool) -> None:
        """Take back the process of a job; `free`: it has done its task and may do another."""
        job.disarm()
        worker, job.worker = job.worker, None
        if worker is None:
            return
        stopped = None if free else job.reason or LEFT
        held_s = asyncio.get_running_loop().time() - job.begun
        self._tally.ended(str(stopped.slug) if stopped else DONE, held_s)
        self._turns.charge(job.client, held_s)
        if job.slow:
            count(self._turns.slow, job.client, -1)
            self._drop(worker)
            return
        count(self._turns.held, job.client, -1)
        if free and not job.reason and not worker.slow:
            self._offer(worker)
        else:
            self._quick -= 1
            self._drop(worker)
            self._fill()

    def _bury(self) -> None:
        """Replace idle processes that somebody else killed."""
        for worker in [idle for idle in self._idle if idle.ended]:
            self._idle.remove(worker)
            self._quick -= 1
            self._drop(worker)
            self._fill()

    def _offer(self, worker: Worker) -> None:
        self._idle.append(worker)
        self._serve()

    def _serve(self) -> None:
        """Give idle processes to those whose turn it is; a retired pool keeps none of them."""
        spare = _SPARE if self._retired else 0
        while self._idle and (job := self._turns.take(len(self._idle) + spare)):
            if job.place and not job.place.done():
                job.place.set_result(self._idle.pop())
        while self._retired and self._idle:
            self._quick -= 1
            self._drop(self._idle.pop())

    def _lower(self, job: Job) -> None:
        """Let others go before a job that does not end in a moment; its process will do no other."""
        if job.worker:
            job.worker.slow_down()
            left_s = self._quick_s - self._limits.brisk_s
            job.timer = asyncio.get_running_loop().call_later(max(0.0, left_s), self._slow_down, job)

    def _slow_down(self, job: Job) -> None:
        """Move a job to the slow ones, or stop it if there are enough of them."""
        worker = job.worker
        if worker is None:
            return
        job.disarm()
        if job.unwanted:
            job.stop(LEFT)
            return
        mine, all_ = self._turns.slow[job.client], self.slow
        if all_ >= self._limits.slow_workers or mine >= max(1, self._limits.slow_workers // 2):
            whose = f"{mine} of yours" if all_ < self._limits.slow_workers else f"{all_}"
            job.stop(
                Refused(
                    503,
                    f"The query is a heavy one, and {whose} are under way already",
                    fix="ask again when those are done, or ask for less",
                    slug="too-many-heavy",
                    retry_after_s=AGAIN_S,
                    of_client=True,
                )
            )
            return
        job.slow = True
        count(self._turns.slow, job.client, 1)
        count(self._turns.held, job.client, -1)
        self._quick -= 1
        worker.slow_down()
        left = self._limits.time_s - self._quick_s
        job.timer = asyncio.get_running_loop().call_later(left, job.stop, self._too_slow())
        self._fill()

    def _fill(self) -> None:
        """Start processes until there are as many quick ones as there should be."""
        wanted = min(1, self.queued) if self._retired else self._limits.workers + _SPARE
        while self._quick + self._starting < wanted:
            self._starting += 1
            self._behind(self._replace())

    async def _replace(self) -> None:
        try:
            worker = await self._new()
        except (Refused, WorkerDied, OSError) as error:
            _log.error("no new worker for %s: %s", self._folder, error)
            self._failing = True
            asyncio.get_running_loop().call_later(AGAIN_S, self._fill)
            why = Refused(503, "No process can be started", fix="ask again later", retry_after_s=AGAIN_S)
            while job := self._turns.take(idle=2):
                job.stop(why)
        else:
            self._failing = False
            self._quick += 1
            self._offer(worker)
        finally:
            self._starting -= 1

    async def _new(self) -> Worker:
        worker = await Worker.start(self._folder, self._limits, self._table)
        self._tally.started += 1
        return worker

    def _drop(self, worker: Worker) -> None:
        worker.kill()
        self._behind(worker.stop())

    def _behind(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _why(self, job: Job, died: WorkerDied) -> Refused:
        if job.reason:
            return job.reason
        _log.info("a worker died (status %s) of the task %s", died.status, job.task.digest)
        job.reason = Refused(
            503,
            f"The query needs more than the {self._limits.memory >> 20:,} MiB of memory it may have, "
            "or is too involved for the engine",
            fix="make it simpler or ask for less",
            slug=HEAVY,
        )
        return job.reason

    def _too_slow(self) -> Refused:
        return Refused(
            504,
            f"The query was stopped after {self._limits.time_s:g} seconds",
            fix="ask for less: fewer patterns, a LIMIT, a narrower FILTER",
            slug="query-too-slow",
        )

    def _too_long_a_transfer(self) -> Refused:
        fix = "ask for less, or take a dump"
        return Refused(503, "The answer was taken too slowly", fix=fix, slug="taken-too-slowly")
