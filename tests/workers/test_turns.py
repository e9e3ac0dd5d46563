"""Whose turn it is: clients that ask for much wait behind those that ask for little."""

import asyncio

import pytest

from harvester.workers.job import Job
from harvester.workers.task import Refused, Task
from harvester.workers.turns import Turns

LITTLE, MUCH = 0.001, 30.0


def joined(turns: Turns, *clients: str) -> list[Job]:
    """Let a job of each client wait."""
    jobs = [Job(Task("any", ()), client) for client in clients]
    for job in jobs:
        turns.join(job)
        job.place = asyncio.get_running_loop().create_future()
    return jobs


def in_a_loop(test):
    def run() -> None:
        async def within() -> None:
            test()

        asyncio.run(within())

    run.__doc__ = test.__doc__
    return run


@in_a_loop
def test_among_equals_the_first_is_the_first():
    """Jobs of clients who hold nothing are served in their order."""
    turns = Turns(9)
    jobs = joined(turns, "a", "b", "a")

    assert [turns.take(9) for _ in range(4)] == [*jobs, None]


@in_a_loop
def test_clients_take_turns():
    """However many jobs each has waiting."""
    turns = Turns(9)
    *many, few = joined(turns, "many", "many", "many", "few")

    assert [turns.take(9) for _ in range(4)] == [many[0], few, *many[1:]]


@in_a_loop
def test_who_holds_less_comes_first():
    """However many jobs another has waiting before."""
    turns = Turns(9)
    turns.held["a"] = 2
    first, second, other = joined(turns, "a", "a", "b")

    assert [turns.take(9) for _ in range(3)] == [other, first, second]


@in_a_loop
def test_who_took_much_comes_last():
    """Time that was taken of late counts; a little of it does not."""
    turns = Turns(9)
    turns.charge("heavy", MUCH)
    turns.charge("light", LITTLE)
    heavy, light = joined(turns, "heavy", "light")

    assert turns.is_heavy("heavy")
    assert not turns.is_heavy("light")
    assert [turns.take(9) for _ in range(2)] == [light, heavy]


def test_much_of_a_little_is_much():
    """A thousand short tasks in a moment are a heavy load too."""
    turns = Turns(9)
    for _ in range(2000):
        turns.charge("busy", LITTLE)

    assert turns.is_heavy("busy")


def test_who_has_slow_tasks_under_way_is_heavy():
    """At once: nobody waits until they are done to count them."""
    turns = Turns(9)
    turns.slow["client"] = 1

    assert turns.is_heavy("client")


@in_a_loop
def test_the_last_process_is_for_who_has_none():
    """Neither a heavy client gets it, nor one that holds another."""
    turns = Turns(9)
    turns.charge("heavy", MUCH)
    turns.held["holder"] = 1
    _, _, new = joined(turns, "heavy", "holder", "new")

    assert [turns.may_have(client, 1) for client in ("heavy", "holder", "new")] == [False, False, True]
    assert [turns.take(1), turns.take(1)] == [new, None]
    assert turns.take(2) is not None


@in_a_loop
def test_a_full_line_has_room_for_a_newcomer():
    """The last of who has most waiting is told to come back; when all have the same, the newcomer is."""
    turns = Turns(4)
    *_, last = joined(turns, "many", "many", "many", "many")
    joined(turns, "few", "few")

    assert last.reason is not None
    assert last.reason.status == 429
    assert last.reason.retry_after_s
    with pytest.raises(Refused, match="4 queries are waiting already"):
        joined(turns, "many")
    with pytest.raises(Refused):
        joined(turns, "few")
    assert len(turns) == 4


@in_a_loop
def test_who_leaves_is_not_served():
    """Nor counted."""
    turns = Turns(1)
    (job,) = joined(turns, "a")
    turns.leave(job)
    turns.leave(job)

    assert len(turns) == 0
    assert turns.take(9) is None


def test_what_is_remembered_of_clients_is_bounded(monkeypatch):
    """Those who have paid off what they took are forgotten."""
    now = 0.0
    monkeypatch.setattr("harvester.workers.turns.time.monotonic", lambda: now)
    turns = Turns(1)
    for number in range(5000):
        now += 1
        turns.charge(f"client {number}", LITTLE)

    assert len(turns._paid_off) <= 1001
    turns.charge("heavy", MUCH)
    assert turns.is_heavy("heavy")
    now += 60
    assert not turns.is_heavy("heavy")
