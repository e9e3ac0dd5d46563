"""A portal that asks for fewer requests gets fewer, over real HTTP."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from harvester.errors import FetchError
from tests.portal.helpers import Talk, Time, fails
from tests.portal.loopback import Behaviour, Handler, Loopback, redirect, reply, silence


class Log:
    """When, by the client's clock, requests came."""

    def __init__(self, world: Time) -> None:
        self.at: list[float] = []
        self._world = world

    def __call__(self, behaviour: Behaviour) -> Behaviour:
        def behave(handler: Handler) -> None:
            self.at.append(self._world.now)
            behaviour(handler)

        return behave

    @property
    def gaps(self) -> list[float]:
        return [round(after - before, 6) for before, after in pairwise(self.at)]


@pytest.fixture
def world() -> Time:
    return Time()


@pytest.fixture
def timed(talk: Talk, world: Time) -> Callable[..., object]:
    return lambda **how: talk(
        world={"sleep": world.sleep, "clock": world.clock}, **{"max_spacing": 30.0, **how}
    )


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("rate", [0.0, 10.0])
def test_each_refusal_doubles_the_distance(server: Loopback, timed, world: Time, status: int, rate: float):
    """Without a word of Retry-After, with a rate or without one, up to half a minute."""
    log = Log(world)
    url = server.on("/a", log(reply(status=status)))
    client = timed(rate=rate, attempts=11)

    fails(client, url)

    assert log.gaps == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]
    host = f"127.0.0.1:{server.port}"
    assert client.slowdowns == (f"{host} asked to slow down 11 times: down to one request in 30 s",)


def test_the_longest_wait_bounds_the_distance(server: Loopback, timed, world: Time):
    log = Log(world)
    url = server.on("/a", log(reply(status=503)))

    fails(timed(attempts=6, max_wait=1.0), url)

    assert log.gaps == [0.2, 0.4, 0.8, 1.0, 1.0]


def test_good_answers_win_the_speed_back(server: Loopback, timed, world: Time):
    """Bit by bit to the configured rate, and never past it."""
    log = Log(world)
    url = server.on("/a", log(reply(status=429)), log(reply()))
    client = timed(rate=10.0)

    for _ in range(150):
        client.get(url)

    gaps = log.gaps
    assert gaps[0] == 0.2
    assert all(after <= before for before, after in pairwise(gaps))
    assert 0.1 < gaps[50] < 0.2
    assert gaps[-1] == 0.1


def test_a_portal_that_never_complains_is_not_slowed(server: Loopback, timed, world: Time):
    """Refusals that have other reasons are no wish for rest."""
    urls = [server.on(f"/{status}", reply(status=status)) for status in (404, 410, 403, 500, 502)]
    client = timed(attempts=1)

    for url in urls * 4:
        fails(client, url)

    assert client.slowdowns == ()
    assert world.slept == []


def test_retry_after_counts_when_it_is_longer(server: Loopback, timed, world: Time):
    """And the distance, when that is."""
    log = Log(world)
    busy = [log(reply(status=429, Retry_After=after)) for after in ("7", "0", "1")]
    url = server.on("/a", *busy, log(reply()))

    timed().get(url)

    assert log.gaps == [7.0, 0.4, 1.0]


def test_a_portal_that_is_silent_again_and_again_is_asked_less(server: Loopback, talk: Talk):
    url = server.on("/a", silence)
    client = talk(read_timeout=0.05, attempts=3, max_spacing=0.01)

    fails(client, url)

    host = f"127.0.0.1:{server.port}"
    assert client.slowdowns == (
        f"{host} answered too late 3 times in a row, once: down to one request in 0.01 s",
    )


def test_two_threads_in_a_storm(server: Loopback, timed, world: Time):
    """Two requests that are refused at once are one storm: one slowdown; from then on one is under way."""
    both = threading.Barrier(2, timeout=10)
    guard = threading.Lock()
    under_way: list[int] = [0]
    most: list[int] = [0]

    def refused(handler: Handler) -> None:
        both.wait()
        reply(status=429)(handler)

    def alone(handler: Handler) -> None:
        with guard:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        handler.stopping.wait(0.02)
        with guard:
            under_way[0] -= 1
        reply(b"well")(handler)

    url = server.on("/a", refused, refused, alone)
    client = timed(concurrency=2)

    with ThreadPoolExecutor(4) as pool:
        bodies = [document.body for document in pool.map(client.get, [url] * 8)]

    assert bodies == [b"well"] * 8
    assert server.peak == 2
    assert most == [1]
    host = f"127.0.0.1:{server.port}"
    assert client.slowdowns == (f"{host} asked to slow down once: down to one request in 0.2 s",)


def test_a_storm_that_does_not_end(server: Loopback, timed, world: Time):
    """Many threads, refused for ever: each gets its error, and the host sees less and less of them."""
    log = Log(world)
    url = server.on("/a", log(reply(status=503)))
    client = timed(attempts=3, concurrency=4)

    def outcome(_: int) -> int | None:
        with pytest.raises(FetchError) as caught:
            client.get(url)
        return caught.value.status

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(outcome, range(8))) == [503] * 8

    assert client.requests == 24
    assert log.at[-1] - log.at[0] > 10 * 25  # without slowing down: some milliseconds
    assert "down to one request in 30 s" in client.slowdowns[0]


def test_another_host_has_a_pace_of_its_own(server: Loopback, timed, world: Time):
    """Where a redirect leads to another host, that one's rate counts, and its haste is its own."""
    here, there = Log(world), Log(world)
    with Loopback() as other:
        target = other.on("/there", there(reply(status=429)), there(reply(b"there")))
        away = server.on("/away", here(redirect(target)))
        home = server.on("/home", here(reply(b"home")))
        client = timed(rate=2.0)

        assert client.get(away).body == b"there"
        assert client.get(home).body == b"home"
        assert client.get(target).body == b"there"

        assert client.slowdowns == (
            f"127.0.0.1:{other.port} asked to slow down once: down to one request in 1 s",
        )
    assert here.gaps == [0.5, 0.5]
    assert there.gaps[0] == 1.0


def test_another_host_has_seats_of_its_own(server: Loopback, talk: Talk):
    """While all that may be under way to one host is, another one is still asked."""
    answered = threading.Event()

    def waits(handler: Handler) -> None:
        answered.wait(10)
        reply(b"first")(handler)

    with Loopback() as other:
        slow = server.on("/slow", waits)
        quick = other.on("/quick", reply(b"second"))
        client = talk(concurrency=1)
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(client.get, slow)
            assert client.get(quick).body == b"second"
            answered.set()
            assert first.result().body == b"first"
