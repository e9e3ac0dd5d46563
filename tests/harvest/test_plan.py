"""Which mode a run takes, and which pages a delta asks for: pure decisions."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.harvest.places import cover
from harvester.harvest.plan import Past, Plan, after, before
from harvester.harvest.run import Options

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
PAST = Past(YESTERDAY, same_settings=True, incremental=True)


@pytest.mark.parametrize(
    ("options", "past", "mode", "words"),
    [
        ({}, PAST, "delta", "2026-11-20 02:00 UTC, is recent enough"),
        ({"mode": "delta"}, PAST, "delta", "--mode delta"),
        ({"mode": "full"}, PAST, "full", "--mode full"),
        ({}, Past(NOW - timedelta(days=7), True, True), "full", "--full-every"),
        ({"full_every_s": 3600}, PAST, "full", "--full-every"),
        ({"mode": "delta", "full_every_s": 3600}, PAST, "delta", "--mode delta"),
        ({}, Past(NOW + timedelta(days=300), True, True), "full", "--full-every"),
        ({}, Past(None, True, True), "full", "no full harvest is known"),
        ({"mode": "delta"}, Past(None, True, True), "full", "no full harvest is known"),
        ({}, Past(YESTERDAY, False, True), "full", "settings changed"),
        ({}, Past(YESTERDAY, True, False), "full", "no list of changes"),
        ({"limit": 5}, PAST, "full", "--limit"),
        ({"standalone": True}, PAST, "full", "stand by itself"),
        ({"standalone": True, "mode": "delta"}, PAST, "delta", "--mode delta"),
    ],
)
def test_the_mode_and_its_reason(options, past, mode, words):
    """A delta needs a full harvest with the same settings, recent unless asked for; a clock may be wrong."""
    plan = before(Options(**options), past, NOW)

    assert plan.mode == mode
    assert words in plan.reason


@pytest.mark.parametrize(
    ("census", "mode", "words"),
    [
        ({}, "delta", "12 of 1,000 datasets changed"),
        ({"complete": False}, "full", "incomplete"),
        ({"stamped": 0}, "full", "does not say when"),
        ({"moved": 251}, "full", "251 of 1,000 datasets changed"),
        ({"listed": 110, "stamped": 110, "moved": 100}, "delta", "100 of 110"),
    ],
)
def test_the_census_may_call_for_a_full_harvest(census, mode, words):
    """Where it is incomplete, tells nothing, or tells of too much; few datasets are never too much."""
    facts = {"complete": True, "listed": 1000, "stamped": 1000, "moved": 12} | census
    plan = after(Plan("delta", "recent enough"), **facts)

    assert plan.mode == mode
    assert words in plan.reason


def test_a_full_harvest_stays_one():
    """Whatever the census says."""
    plan = Plan("full", "asked for")
    assert after(plan, complete=True, listed=1000, stamped=1000, moved=0) is plan


@given(st.sets(st.integers(0, 3000), max_size=200))
def test_the_pages_cover_all_places_and_no_place_twice(places):
    """Each place is on exactly one page, each page shows one that is wanted, never more pages than places."""
    pages = list(cover(places))
    shown = [set(range((number - 1) * size, number * size)) for number, size in pages]

    assert places <= set().union(*shown)
    assert sum(map(len, shown)) == len(set().union(*shown))
    assert all(places & page for page in shown)
    assert len(pages) <= len(places)


def test_where_many_are_near_one_page_shows_them():
    """Twenty new datasets head the listing: two requests, not twenty."""
    assert list(cover(range(20))) == [(1, 10), (2, 10)]
    assert list(cover(range(200, 230))) == [(3, 100)]
