"""Additive increase, multiplicative decrease: the arithmetic alone."""

from hypothesis import assume, given
from hypothesis import strategies as st

from harvester.portal.pace import Pace

USUAL = st.sampled_from([0.0, 0.001, 0.1, 0.5, 7.0, 100.0])
LONGEST = st.sampled_from([0.0, 0.05, 2.0, 30.0])


@given(USUAL, st.integers(1, 16), LONGEST, st.lists(st.booleans(), max_size=300))
def test_the_pace_stays_within_its_bounds(usual: float, seats: int, longest: float, news: list[bool]):
    """Whatever happens in whatever order: neither faster than usual nor slower than the longest spacing."""
    pace = Pace(usual, seats, longest)
    seen = [usual]

    for good in news:
        pace.faster() if good else pace.slower()
        seen.append(pace.spacing)
        assert usual <= pace.spacing <= max(usual, longest)
        assert 1 <= pace.seats <= seats

    assert pace.slowest == max(seen)


@given(USUAL, st.integers(1, 16), st.integers(1, 40))
def test_each_refusal_doubles_the_spacing(usual: float, seats: int, refusals: int):
    """From a tenth of a second on if the usual one is less, up to the longest; and one at a time it is."""
    pace = Pace(usual, seats, 30.0)

    for number in range(1, refusals + 1):
        pace.slower()
        assert pace.spacing == min(max(30.0, usual), max(usual, 0.1) * 2**number)
        assert pace.seats == 1


@given(USUAL, st.integers(2, 16), st.integers(1, 12))
def test_speed_is_won_back_by_equal_steps(usual: float, seats: int, refusals: int):
    """Each good answer adds the same to the rate, so that 200 of them win all of it back; then the seats."""
    pace = Pace(usual, seats, 30.0)
    for _ in range(refusals):
        pace.slower()
    assume(pace.spacing > usual)
    full = 1 / max(usual, 0.1)
    answers = 0

    while pace.spacing > usual:
        before = 1 / pace.spacing
        pace.faster()
        answers += 1
        assert pace.seats == 1
        if pace.spacing > usual:
            assert abs(1 / pace.spacing - before - full / 200) < 1e-9 * full

    assert answers <= 201
    assert answers >= 100 - 1  # half of the rate at least was lost
    for number in range(2, seats + 1):
        pace.faster()
        assert pace.seats == number
    pace.faster()
    assert (pace.spacing, pace.seats) == (usual, seats)
