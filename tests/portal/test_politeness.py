"""Rates and waits, by a clock that moves only when somebody sleeps."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.portal.politeness import Throttle, retry_after
from tests.portal.helpers import Time


def throttle(time: Time, rate: float) -> Throttle:
    return Throttle(rate, 1, sleep=time.sleep, clock=time.clock)


@given(
    st.floats(0.1, 50), st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 3)), min_size=2, max_size=20)
)
def test_requests_to_a_host_keep_their_distance(rate: float, visits: list[tuple[str, float]]):
    """Whatever the caller does in between, two requests to one host are at least 1/rate seconds apart."""
    time = Time()
    turns = throttle(time, rate)
    started: dict[str, list[float]] = {"a": [], "b": []}

    for host, pause in visits:
        with turns.turn(host):
            started[host].append(time.now)
        time.now += pause

    for starts in started.values():
        gaps = [after - before for before, after in pairwise(starts)]
        assert all(gap >= 1 / rate - 1e-6 for gap in gaps)


def test_no_rate_means_no_waiting():
    time = Time()
    turns = throttle(time, 0.0)

    for _ in range(100):
        with turns.turn("a") as turn:
            assert turn.waited == 0

    assert time.slept == []


def test_a_rest_is_for_one_host():
    time = Time()
    turns = throttle(time, 0.0)
    turns.hold("a", 30.0)
    turns.hold("a", 5.0)  # a shorter one does not end it

    with turns.turn("b") as turn:
        assert turn.waited == 0
    with turns.turn("a") as turn:
        assert turn.waited == 30.0


VISITS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from([200, 200, 304, 404, 500, 429, 503, 504, None]),
        st.floats(0, 3),
    ),
    max_size=60,
)


@given(st.sampled_from([0.0, 0.02, 1.0, 10.0, 200.0]), st.sampled_from([0.0, 0.05, 5.0, 30.0]), VISITS)
def test_distances_stay_between_the_usual_and_the_longest(
    rate: float, longest: float, visits: list[tuple[str, int | None, float]]
):
    """However a host answers (None: in time not at all), it is neither rushed nor given up."""
    time = Time()
    turns = Throttle(rate, 1, sleep=time.sleep, clock=time.clock, max_spacing=longest)
    usual = 1 / rate if rate else 0.0
    last: dict[str, float] = {}
    refused: dict[str, float] = {}

    for host, status, pause in visits:
        arrived = time.now
        with turns.turn(host) as turn:
            gap = time.now - last.get(host, float("-inf"))
            assert gap >= usual - 1e-6
            assert turn.waited == time.now - arrived <= max(usual, longest) + 1e-6
            if host in refused:
                assert time.now - refused.pop(host) >= min(2 * max(usual, 0.1), max(usual, longest)) - 1e-6
            last[host] = time.now
            if status is None:
                turn.timed_out()
            else:
                turn.answered(status)
        if status in {429, 503}:
            refused[host] = time.now
        time.now += pause

    named = {sentence.partition(" ")[0] for sentence in turns.slowdowns}
    assert {host for host, status, _ in visits if status in {429, 503}} <= named <= set("ab")


def test_a_run_of_timeouts_slows_down():
    """Three in a row, also told by the portal's own gateway; an answer in between ends the run."""
    time = Time()
    turns = throttle(time, 10.0)

    def visit(*statuses: int | None) -> tuple[str, ...]:
        for status in statuses:
            with turns.turn("h") as turn:
                turn.timed_out() if status is None else turn.answered(status)
        return turns.slowdowns

    assert visit(None, 504, 200, None, 408, 404) == ()
    assert visit(None, 504, None) == (
        "h answered too late 3 times in a row, once: down to one request in 0.2 s",
    )
    [sentence] = visit(429)
    assert "asked to slow down once and answered too late 3 times in a row, once: " in sentence
    assert sentence.endswith("down to one request in 0.4 s")


def test_a_slowdown_also_puts_off_who_waits_already():
    """A turn that was promised for sooner is put off when the host asks for rest meanwhile."""
    time = Time()

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        if len(time.slept) == 1:  # while the second waits for its turn, the first is refused
            first.answered(429)
            leave.close()

    turns = Throttle(1.0, 2, sleep=sleep, clock=time.clock)
    with ExitStack() as leave:
        first = leave.enter_context(turns.turn("h"))
        with turns.turn("h") as second:
            assert second.waited == 1.0 + 2.0


@given(st.integers(0, 10**7), st.integers(0, 4 * 10**9))
def test_retry_after_is_read_in_both_forms(seconds: int, now: int):
    """https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3"""
    start = datetime.fromtimestamp(now, UTC)
    until = format_datetime(start + timedelta(seconds=seconds), usegmt=True)

    assert retry_after(str(seconds)) == seconds
    assert retry_after(until, format_datetime(start, usegmt=True)) == seconds


def test_a_date_without_the_servers_clock_is_taken_by_ours():
    until = datetime.now(UTC) + timedelta(seconds=100)

    assert retry_after(format_datetime(until, usegmt=True)) == pytest.approx(100, abs=5)


def test_a_date_in_the_past_is_no_wait():
    assert retry_after("Fri, 31 Dec 1999 23:59:59 GMT") == 0.0


@given(st.text())
def test_anything_else_is_no_wish_or_a_time(value: str):
    """Never an error, never negative."""
    wish = retry_after(value, value)

    assert wish is None or wish >= 0


@pytest.mark.parametrize("value", ["", "-5", "1.5", "soon", "٣", "Fri, 99 Foo 1999"])
def test_what_is_no_retry_after(value: str):
    assert retry_after(value) is None


def test_an_absurd_number_is_for_ever():
    assert retry_after("9" * 5000) == float("inf")
