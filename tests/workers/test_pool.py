"""The pool of real processes: what one task does never reaches another."""

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from multiprocessing import forkserver
from pathlib import Path

import pytest

from harvester.config import MEBIBYTE
from harvester.store.generations import Catalogue
from harvester.workers.job import Job
from harvester.workers.limits import Limits
from harvester.workers.pool import Pool
from harvester.workers.task import Refused, Task
from harvester.workers.worker import Beginning, preload
from tests.store.catalogues import THINGS, publish

MUCH = MEBIBYTE
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's limits are Linux's")
QUICK = Limits(workers=2, slow_workers=2, quick_s=0.3, time_s=1.5, memory=200 * MEBIBYTE, queue=4)

PATIENT = replace(QUICK, time_s=60)


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(Catalogue(tmp_path_factory.mktemp("catalogue") / "c"), 1).path


@pytest.fixture(scope="module", autouse=True)
def _preloaded() -> Iterator[None]:
    """Processes begin with their modules imported, as those of a server do."""
    preload("harvester.workers.process", "tests.workers.tasks")
    forkserver._forkserver._stop()  # one that another module has started has none
    yield
    preload()
    forkserver._forkserver._stop()


@pytest.fixture
def run(generation: Path) -> Callable[..., None]:
    def run(test: Callable[[Pool], Awaitable[None]], limits: Limits = QUICK) -> None:
        async def in_a_pool() -> None:
            async with started(generation, limits) as pool:
                await test(pool)

        asyncio.run(in_a_pool())

    return run


@asynccontextmanager
async def started(generation: Path, limits: Limits) -> AsyncIterator[Pool]:
    pool = Pool(generation, limits, "tests.workers.tasks")
    await pool.start()
    try:
        yield pool
    finally:
        await pool.close()


async def do(pool: Pool, name: str, *arguments: object, client: str = "me") -> Beginning:
    return await pool.begin(Job(Task(name, arguments), client), MUCH)


async def outcome(pool: Pool, name: str, *arguments: object, client: str = "me") -> str | int:
    """The answer as text, or the status of the refusal."""
    try:
        return (await do(pool, name, *arguments, client=client)).data.decode()
    except Refused as error:
        return error.status


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def leave(tasks: list[asyncio.Future[str | int]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_an_answer_comes_with_what_the_task_says_of_it(run):
    """Head, facts and bytes of a small answer arrive together."""

    async def test(pool: Pool) -> None:
        answer = await do(pool, "echo", "one", "two")

        assert answer == Beginning({"type": "text/plain", "words": ["one", "two"]}, b"one two", whole=True)

    run(test)


def test_a_long_answer_is_streamed_whole(run):
    """What does not fit in the beginning follows in pieces, each once and in order."""

    async def test(pool: Pool) -> None:
        job = Job(Task("long", (100,)), "me")
        beginning = await pool.begin(job, MUCH)
        rest = b"".join([piece async for piece in pool.rest(job)])

        assert not beginning.whole
        assert MUCH < len(beginning.data) < 2 * MUCH
        assert beginning.data + rest == b"".join(b"%07d\n" % number * 8192 for number in range(100))

    run(test)


def test_a_worker_does_one_task_after_the_other(run):
    """The same few processes serve many tasks."""

    async def test(pool: Pool) -> None:
        pids = {(await do(pool, "whoami")).data for _ in range(20)}

        assert 1 <= len(pids) <= QUICK.workers

    run(test)


@pytest.mark.parametrize(
    ("kind", "status"), [("usage", 400), ("store", 503), ("gone", 410), ("bug", 503)], ids=str
)
def test_what_a_task_refuses_reaches_its_asker(run, kind, status):
    """An error crosses with its status and words, and the process goes on."""

    async def test(pool: Pool) -> None:
        before = {(await do(pool, "whoami")).data for _ in range(9)}
        with pytest.raises(Refused) as refused:
            await do(pool, "fail", kind)
        after = {(await do(pool, "whoami")).data for _ in range(9)}

        assert refused.value.status == status
        assert refused.value.fix
        assert after <= before

    run(test)


def test_an_answer_that_fails_midway_says_so(run):
    """A refusal behind the first bytes is still a refusal."""
    run(lambda pool: expect(pool, "fail_late", (), 400))


async def expect(pool: Pool, name: str, arguments: tuple[object, ...], status: int) -> None:
    assert await outcome(pool, name, *arguments) == status
    assert await outcome(pool, "echo", "still", "here") == "still here"


def test_a_task_that_takes_too_long_is_stopped(run):
    """After its time a task is answered 504, and its process is no more."""

    async def test(pool: Pool) -> None:
        begun = time.monotonic()

        assert await outcome(pool, "sleep", 60) == 504
        assert QUICK.time_s <= time.monotonic() - begun < 30
        assert await outcome(pool, "echo", "next") == "next"

    run(test)


@LINUX
def test_a_task_that_hoards_memory_costs_only_itself(run):
    """Beyond its memory a task is refused, and the next one is done."""
    run(lambda pool: expect(pool, "hoard", (), 503), PATIENT)


def test_a_task_that_crashes_costs_only_itself(run):
    """A process that dies of a signal is replaced, and its asker is told what may have been."""

    async def test(pool: Pool) -> None:
        for _ in range(5):
            await expect(pool, "crash", (), 503)

    run(test)


def test_a_query_too_deep_for_the_engine_costs_only_itself(run):
    """The engine overflows its stack and aborts: in a process of its own, with nothing on the screen."""
    deep = "SELECT (COUNT(*) AS ?n) {" + "{" * 50_000 + "?s ?p ?o" + "}" * 50_000 + "}"
    run(lambda pool: expect(pool, "query", (deep,), 503))


@LINUX
def test_no_query_reaches_another_server(run):
    """Even a SERVICE that nobody refused finds no network: the kernel gives no socket."""
    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(5)

        def listen() -> None:
            try:
                canary.accept()[0].close()
            except OSError:
                return
            called.set()

        listener = threading.Thread(target=listen)
        listener.start()
        port = canary.getsockname()[1]
        service = f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"
        silent = f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"

        async def test(pool: Pool) -> None:
            assert await outcome(pool, "query", service) == 503
            assert '"bindings":[{}]' in str(await outcome(pool, "query", silent))
            assert await outcome(pool, "connect", port) == 503
            assert await outcome(pool, "execute") == 503

        run(test)
        assert not called.is_set()
        socket.create_connection(("127.0.0.1", port)).close()  # the canary was alive
        listener.join()
        assert called.is_set()


def test_queries_read_the_generation(run):
    """The processes have the store open."""

    async def test(pool: Pool) -> None:
        answer = await outcome(pool, "query", "SELECT (COUNT(?s) AS ?n) { ?s ?p ?o }")

        assert f'"value":"{THINGS}"' in str(answer)

    run(test)


def test_slow_tasks_make_room_for_quick_ones(run):
    """As many slow tasks as there are processes leave the quick ones undisturbed."""

    async def test(pool: Pool) -> None:
        slow = [asyncio.ensure_future(outcome(pool, "sleep", 60, client=f"c{n}")) for n in range(2)]
        await until(lambda: pool.slow == 2)
        answers = [await outcome(pool, "echo", "quick") for _ in range(20)]

        assert answers == ["quick"] * 20
        assert pool.busy == 2
        await leave(slow)

    run(test, PATIENT)


def test_slow_tasks_have_a_low_priority(run):
    """Once it is slow, a task yields the processor to the quick ones."""

    async def test(pool: Pool) -> None:
        assert await outcome(pool, "priority", 0) == "0"
        assert await outcome(pool, "priority", 0.6) == "15"
        assert await outcome(pool, "priority", 0) == "0"

    run(test)


def test_a_client_that_asks_for_much_keeps_nobody_waiting(run):
    """Two clients ask for slow tasks again and again, more than are done: a third is served in a moment."""

    async def test(pool: Pool) -> None:
        async def third() -> float:
            begun = time.monotonic()
            assert await outcome(pool, "echo", "hello", client="third") == "hello"
            return time.monotonic() - begun

        usual = sorted([await third() for _ in range(9)])[4]
        over = time.monotonic() + 2

        async def insist(client: str) -> None:
            while time.monotonic() < over:
                await outcome(pool, "sleep", 60, client=client)

        heavy = [asyncio.ensure_future(insist(f"c{number % 2}")) for number in range(6)]
        await asyncio.sleep(2 * QUICK.quick_s)
        times = []
        while time.monotonic() < over:
            times.append(await third())
            await asyncio.sleep(0.01)

        assert sorted(times)[len(times) // 2] < max(3 * usual, QUICK.quick_s / 10)
        await asyncio.gather(*heavy)

    run(test)


def test_there_are_only_so_many_slow_tasks(run):
    """Beyond the bound a task that turns out slow is refused with a hint when to come back."""

    async def test(pool: Pool) -> None:
        jobs = [asyncio.ensure_future(outcome(pool, "sleep", 60, client=f"c{n}")) for n in range(2)]
        await until(lambda: pool.slow == 2)
        with pytest.raises(Refused) as refused:
            await do(pool, "sleep", 60, client="other")

        assert refused.value.status == 503
        assert refused.value.retry_after_s
        assert pool.busy == 2
        await leave(jobs)

    run(test, PATIENT)


def test_one_client_has_half_of_the_slow_tasks(run):
    """The rest is for others."""

    async def test(pool: Pool) -> None:
        mine = [asyncio.ensure_future(outcome(pool, "sleep", 60, client="me")) for _ in range(2)]
        await asyncio.sleep(QUICK.quick_s + 0.1)
        other = await outcome(pool, "sleep", QUICK.quick_s + 0.3, client="other")

        assert other == "slept"
        assert sorted(map(str, await asyncio.gather(*mine))) == ["503", "504"]

    run(test)


def test_too_many_tasks_are_told_to_come_back(run):
    """The queue is bounded; what does not fit is refused at once, what does fit is done."""

    async def test(pool: Pool) -> None:
        room = QUICK.workers + QUICK.queue
        outcomes = await asyncio.gather(*(outcome(pool, "sleep", 0.1) for _ in range(room + 3)))

        assert outcomes.count(429) == 3
        assert outcomes.count("slept") == room

    run(test)


def test_a_task_that_nobody_waits_for_ends(run):
    """A job left while it is slow, or still waits, is stopped at once; a quick one may end by itself."""

    async def test(pool: Pool) -> None:
        jobs = [Job(Task("sleep", (60 + n,)), f"c{n}") for n in range(QUICK.workers + 2)]
        running = [asyncio.ensure_future(pool.begin(job, MUCH)) for job in jobs]
        await asyncio.sleep(0.1)
        assert pool.queued == 1
        for job in jobs:
            job.leave()
        begun = time.monotonic()
        outcomes = await asyncio.gather(*running, return_exceptions=True)

        assert all(isinstance(outcome, Refused) for outcome in outcomes)
        assert time.monotonic() - begun < 30
        await until(lambda: pool.busy == 0)

    run(test)


def test_a_cancelled_job_gives_its_process_back(run):
    """Whether it waits or runs, a cancelled task leaves the pool as it was."""

    async def test(pool: Pool) -> None:
        running = [asyncio.ensure_future(do(pool, "sleep", 60)) for _ in range(4)]
        await asyncio.sleep(0.05)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

        assert pool.queued == 0
        assert await outcome(pool, "echo", "on") == "on"
        await until(lambda: pool.busy == 0)

    run(test)


def test_an_answer_that_is_too_long_is_refused(run):
    """The bound on bytes holds while the answer streams."""
    limits = Limits(workers=1, answer=MEBIBYTE // 2)
    run(lambda pool: expect(pool, "long", (100,), 503), limits)


def test_who_takes_an_answer_too_slowly_loses_it(run):
    """A process is held for so long and no longer by one that reads slowly."""

    async def test(pool: Pool) -> None:
        job = Job(Task("long", (200,)), "me")
        await pool.begin(job, MUCH)

        async def sip() -> None:
            async for _ in pool.rest(job):
                await asyncio.sleep(0.1)

        with pytest.raises(Refused, match="slowly"):
            await sip()
        assert await outcome(pool, "echo", "on") == "on"

    run(test, Limits(workers=1, quick_s=0.3, transfer_s=1.0))


def test_time_in_which_nobody_reads_does_not_count(run):
    """A slow reader is no slow query."""

    async def test(pool: Pool) -> None:
        job = Job(Task("long", (40,)), "me")
        size = len((await pool.begin(job, MUCH)).data)
        await asyncio.sleep(4)
        async for piece in pool.rest(job):
            size += len(piece)

        assert size == 40 * 8192 * 8

    run(test, Limits(workers=1, quick_s=0.2, time_s=3))


def test_an_unread_rest_is_given_up(run):
    """Who wants no more ends the process, which is replaced."""

    async def test(pool: Pool) -> None:
        job = Job(Task("long", (200,)), "me")
        await pool.begin(job, MUCH)
        pool.end(job)

        await until(lambda: pool.busy == 0)
        assert await outcome(pool, "echo", "on") == "on"

    run(test)


def test_a_retired_pool_ends_what_it_began(run):
    """Tasks under way and waiting are done, then the processes end by themselves."""

    async def test(pool: Pool) -> None:
        pids = {int((await do(pool, "whoami")).data) for _ in range(20)}
        running = [asyncio.ensure_future(outcome(pool, "sleep", 0.1)) for _ in range(5)]
        await asyncio.sleep(0.05)
        pool.retire()

        assert await asyncio.gather(*running) == ["slept"] * 5
        await until(lambda: all(map(gone, pids)))

    run(test)


def test_a_generation_that_cannot_be_opened_is_refused(tmp_path):
    """A pool that cannot start says so, with the reason, and leaves no process behind."""

    async def start() -> None:
        async with started(tmp_path, QUICK):
            pass

    with pytest.raises(Refused, match="store"):
        asyncio.run(start())
