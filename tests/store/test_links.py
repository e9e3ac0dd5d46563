"""What is known of links is a cache: damage and loss cost requests, and order is that of a fair guest."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harvester.errors import StoreError
from harvester.portal.links import Link, host_of
from harvester.store.links import LinkCache

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
A, B, C = "http://a.test/1", "http://b.test/1", "http://c.test/1"


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[LinkCache]:
    with LinkCache(tmp_path) as links:
        yield links


def enlist(cache: LinkCache, *urls: str, now: datetime = MONDAY) -> int:
    return cache.enlist(((url, host_of(url)) for url in urls), now)


def known(cache: LinkCache, days_ago: float, *urls: str, status: int = 200) -> None:
    """Let links have been checked some days before Monday."""
    enlist(cache, *urls, now=MONDAY - timedelta(days=days_ago))
    for url in urls:
        cache.note(Link(url, status, "", MONDAY - timedelta(days=days_ago)))


def planned(
    cache: LinkCache, *, most: int | None = None, per_host: int | None = None, now: datetime = MONDAY
) -> list[str]:
    """Return the links of a plan by their places."""
    cache.plan(now, fresh=30 * DAY, retry=3 * DAY, most=most, per_host=per_host)
    found = []
    for host in cache.hosts():
        number = 0
        while step := cache.following(host, number):
            assert step[0] > number
            number = step[0]
            found.append(step)
    return [url for _, url in sorted(found)]


def test_results_are_read_back_by_whatever_name_they_are_asked_for(tmp_path: Path):
    """By another process, later; what was never checked is left out."""
    link = Link(A, 404, "404 Not Found", MONDAY + timedelta(microseconds=1))
    with LinkCache(tmp_path) as cache:
        assert enlist(cache, A, B, A) == 2
        cache.note(link)

    with LinkCache(tmp_path) as again:
        assert again.status([f"{A}#top", A, B, "urn:x", "http://a.test/\ud800"]) == {
            f"{A}#top": link,
            A: link,
        }


def test_many_links_are_looked_up_at_once(cache: LinkCache):
    """More than SQLite takes parameters."""
    urls = [f"http://a.test/{number}" for number in range(1200)]
    known(cache, 1, *urls)

    assert list(cache.status(urls)) == urls


def test_where_no_links_are_checked_there_is_no_file(tmp_path: Path):
    """Looking up is no reason to make one."""
    with LinkCache(tmp_path) as cache:
        assert cache.status([A]) == {}

    assert list(tmp_path.iterdir()) == []


def test_links_never_asked_come_first_then_those_asked_longest_ago(cache: LinkCache):
    """However many there are."""
    known(cache, 40, C)
    known(cache, 50, B)
    enlist(cache, A, B, C)

    assert planned(cache) == [A, B, C]
    assert planned(cache, most=2) == [A, B]


def test_no_host_has_the_plan_to_itself(cache: LinkCache):
    """The first of each host come before the second of any; one that has too many leaves room for others."""
    many = [f"http://a.test/{number}" for number in range(9)]
    enlist(cache, *many, B, "http://b.test/2")

    assert set(planned(cache)[:2]) == {many[0], B}
    assert set(planned(cache, most=4)) == {many[0], many[1], B, "http://b.test/2"}
    assert planned(cache, per_host=1) == [many[0], B]


@pytest.mark.parametrize(
    ("status", "days", "due"),
    [(200, 29.9, False), (204, 30, True), (404, 2.9, False), (404, 3, True), (0, 3, True), (302, 3, True)],
)
def test_a_result_is_due_when_it_is_old(cache: LinkCache, status: int, days: float, due: bool):
    """30 days for what answers, 3 for what does not."""
    known(cache, days, A, status=status)
    enlist(cache, A)

    assert (planned(cache) == [A]) == due


def test_a_result_from_the_future_is_due(cache: LinkCache):
    """The clock was wrong then."""
    known(cache, -400, A)
    enlist(cache, A)

    assert planned(cache) == [A]


def test_only_links_in_use_are_planned(cache: LinkCache):
    """Those of an earlier run may be gone from the catalogue."""
    enlist(cache, A, now=MONDAY - DAY)
    enlist(cache, B)

    assert planned(cache) == [B]


def test_links_that_were_not_seen_are_forgotten(cache: LinkCache):
    """By when they were in use last, not by when they were checked."""
    known(cache, 10, A, B)
    enlist(cache, B)

    cache.forget(MONDAY - DAY)

    assert set(cache.status([A, B])) == {B}


def test_links_are_streamed_in_all_or_none(cache: LinkCache):
    """A source that fails midway leaves no half of a list."""

    def failing() -> Iterator[tuple[str, str]]:
        yield A, "a.test"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cache.enlist(failing(), MONDAY)

    assert planned(cache) == []


@pytest.mark.parametrize(
    "damage", [b"", b"no database at all", None], ids=["empty", "rubbish", "of another format"]
)
def test_a_damaged_cache_is_forgotten(tmp_path: Path, damage: bytes | None):
    """It reads as empty, and can be written again."""
    with LinkCache(tmp_path) as cache:
        known(cache, 1, A)
    (path,) = tmp_path.iterdir()
    if damage is None:
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    else:
        path.write_bytes(damage)

    with LinkCache(tmp_path) as cache:
        assert cache.status([A]) == {}
        known(cache, 1, A)
        assert set(cache.status([A])) == {A}


def test_a_disk_that_refuses_costs_the_memory_only(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Links are checked all the same, and a warning says what is lost."""
    (tmp_path / "catalogue").write_text("a file where a folder is needed")

    with LinkCache(tmp_path / "catalogue") as cache:
        known(cache, 1, A)
        assert set(cache.status([A])) == {A}
    assert "asked again" in caplog.text


def test_a_disk_that_refuses_later_is_an_error_with_a_remedy(tmp_path: Path):
    """It names the file."""
    with LinkCache(tmp_path) as cache:
        enlist(cache, A)
        with sqlite3.connect(tmp_path / "links.sqlite") as db:
            db.execute("DROP TABLE links")
        db.close()

        with pytest.raises(StoreError, match=r"links\.sqlite") as caught:
            cache.note(Link(A, 200, "", MONDAY))
    assert "may be deleted" in caught.value.fix
