"""Paging decides well whatever the portal says: it ends, loses nothing silently, and stays at home."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model import Category, HydraView
from harvester.portal.page_urls import finer, follow, page_of, page_size_of, same_page, with_page
from harvester.portal.paging import MAX_REWINDS, Pager, Verdict, predicted

HOST = "http://data.example/api/1/site/catalog.ttl"


def url(page: int, size: int = 10) -> str:
    return f"{HOST}?page={page}&page_size={size}"


def view(page: int, last: int, total: int | None = None) -> HydraView:
    return HydraView(url(page + 1) if page < last else None, url(last), total)


@dataclass
class Listing:
    """A live listing, newest first; after each read comes an event: how many are added, which go."""

    items: list[int]
    size: int = 10
    events: list[tuple[int, list[int]]] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)

    def read(self, page: int) -> tuple[list[int], HydraView] | None:
        """The page's items and controls, None past the end; then the next event happens."""
        shown = self.items[(page - 1) * self.size : page * self.size]
        last = -(-len(self.items) // self.size)
        answer = (shown, view(page, last, len(self.items))) if shown or page == 1 else None
        self.reads.append(page)
        if self.events:
            added, places = self.events.pop(0)
            for place in places:
                if self.items:
                    del self.items[place % len(self.items)]
            newest = max([*self.items, 1000])
            self.items[:0] = range(newest + added, newest, -1)
        return answer


def crawl(listing: Listing) -> tuple[set[int], Verdict]:
    """Read a listing to its end as a harvest would."""
    pager, seen = Pager(), set()
    here: str | None = url(1)
    while here is not None:
        answer = listing.read(page_of(here))
        if answer is None:
            turn = pager.skip(here)
        else:
            seen.update(answer[0])
            turn = pager.turn(here, answer[1], len(answer[0]), tuple(answer[0]))
        here = turn.next
    return seen, pager.verdict()


events = st.lists(st.tuples(st.integers(0, 4), st.lists(st.integers(0, 1000), max_size=4)), max_size=12)


@given(count=st.integers(0, 60), size=st.integers(2, 12), events=events)
def test_a_listing_called_complete_lost_nothing(count, size, events):
    """However a listing moves: if it is called complete, whatever stayed in it throughout was seen."""
    listing = Listing(list(range(count, 0, -1)), size, events)
    seen, verdict = crawl(listing)
    stayed = set(range(1, count + 1)) & set(listing.items)

    if verdict.complete:
        assert stayed <= seen


@given(count=st.integers(0, 60), size=st.integers(1, 12))
def test_a_still_listing_is_read_once_and_complete(count, size):
    """Without changes each page is read once, in order, and the verdict is complete."""
    listing = Listing(list(range(count)), size)
    seen, verdict = crawl(listing)

    assert seen == set(range(count))
    assert listing.reads == list(range(1, max(1, -(-count // size)) + 1))
    assert verdict == Verdict(True, f"{count} members seen, as many as the portal counts")


def test_a_deletion_between_two_pages_is_made_good():
    """When the total falls, reading goes back a page: what moved up past the reader is on it."""
    listing = Listing(list(range(30, 0, -1)), 10, [(0, []), (0, [3])])  # after page 2 one of page 1 goes
    seen, verdict = crawl(listing)

    assert listing.reads == [1, 2, 3, 2, 3]
    assert verdict.why.startswith("29 members seen")
    assert set(listing.items) <= seen
    assert verdict.complete


def test_an_addition_repeats_and_loses_nothing():
    """One added between two pages: one is seen twice, and the count still agrees."""
    listing = Listing(list(range(30, 0, -1)), 10, [(1, [])])
    seen, verdict = crawl(listing)

    assert set(range(1, 31)) <= seen
    assert verdict.complete


def test_a_listing_that_keeps_shrinking_is_not_chased_for_ever():
    """Going back is bounded, and then the listing is not complete."""
    listing = Listing(list(range(2000, 0, -1)), 10, [(0, [0])] * 200)
    _, verdict = crawl(listing)

    assert len(listing.reads) <= 200 + 2 * MAX_REWINDS
    assert not verdict.complete
    assert "shrank again and again" in verdict.why


@given(st.data())
def test_whatever_next_says_paging_ends(data):
    """Whatever a portal gives as next, last and total, it is left after a bounded number of pages."""
    links = st.one_of(
        st.none(),
        st.integers(0, 30).map(url),
        st.integers(0, 30).map(lambda page: url(page).replace("&", "&x=1&")),
        st.sampled_from(
            ["", "http://[", "//evil.example/x", "file:///etc/passwd", "http://data.example:99999/"]
        ),
    )
    pager, here, pages = Pager(max_pages=50), url(1), 0
    while here is not None:
        pages += 1
        if data.draw(st.booleans()):
            said = HydraView(data.draw(links), data.draw(links), data.draw(st.none() | st.integers(0, 99)))
            here = pager.turn(here, said, data.draw(st.integers(0, 12))).next
        else:
            here = pager.skip(here).next

    assert pages <= 50 + MAX_REWINDS


def test_pages_may_hold_more_than_the_members_that_count():
    """A catalogue whose pages are full of other records: as many pages as hydra:last says are no surprise."""
    pager, here, pages = Pager(), url(1), 0
    while here is not None:
        pages += 1
        here = pager.turn(here, view(pages, 200, total=20), 1 if pages % 10 == 0 else 0).next

    assert pages == 200
    assert pager.verdict().complete


def test_an_endless_listing_is_left_at_the_hard_limit():
    """Without a total, only the number of pages ends a portal that always names a next page."""
    pager, here, pages = Pager(max_pages=40), url(1), 0
    while here is not None:
        pages += 1
        turn = pager.turn(here, HydraView(next=url(pages + 1)), 10, pages)
        here = turn.next

    assert pages == 40
    assert turn.problem
    assert not pager.verdict().complete


def test_a_total_bounds_the_pages():
    """Thirty items at ten a page do not take a hundred pages, drift allowed for."""
    pager, here, pages = Pager(), url(1), 0
    while here is not None:
        pages += 1
        here = pager.turn(here, HydraView(url(pages + 1), None, 30), 10, pages).next

    assert 4 <= pages <= 20


@pytest.mark.parametrize(
    ("link", "why"),
    [
        (url(1), "loop"),
        (HOST.replace("data", "DATA") + "?page_size=10&page=1#x", "loop"),
        (url(2).replace("data.example", "evil.example"), "leaves the portal"),
        (url(2).replace("data.example", "data.example:8080"), "leaves the portal"),
        ("ftp://data.example/catalog.ttl?page=3", "http"),
        ("http://169.254.169.254/latest/meta-data", "leaves the portal"),
    ],
)
def test_a_bad_next_link_is_reported_and_counted_past(link, why):
    """Loops, other hosts and schemes are not followed; the page after is known from hydra:last."""
    pager = Pager()
    pager.turn(url(1), view(1, 3, 30), 10)
    turn = pager.turn(url(2), HydraView(link, url(3), 30), 10)

    assert turn.next == url(3)
    assert turn.problem
    assert why in turn.problem.why
    assert turn.problem.url == url(2)


def test_a_bad_next_link_ends_a_listing_whose_end_is_not_known():
    """Without hydra:last nothing can be counted: the listing stops, incomplete, and says why."""
    pager = Pager()
    turn = pager.turn(url(1), HydraView(url(1), None, 30), 10)

    assert turn.next is None
    assert pager.verdict() == Verdict(
        False, f"10 members seen; its next page {url(1)} was read before: a loop; the portal counts 30"
    )


def test_a_missing_next_link_is_counted_past():
    """A page without next, although hydra:last is further on, costs a line in the report, no datasets."""
    pager = Pager()
    turn = pager.turn(url(1), HydraView(None, url(3), 30), 10)
    pager.turn(url(2), view(2, 3, 30), 10)
    end = pager.turn(url(3), view(3, 3, 30), 10)

    assert turn.next == url(2)
    assert turn.problem
    assert turn.problem.category is Category.INCOMPLETE
    assert end.next is None
    assert pager.verdict().complete


def test_a_repeated_page_is_reported_and_passed():
    """A page with the items of an earlier one is no progress; two in a row, and the portal is not paging."""
    pager = Pager()
    pager.turn(url(1), view(1, 5, 50), 10, "a")
    second = pager.turn(url(2), view(2, 5, 50), 10, "a")
    third = pager.turn(url(3), view(3, 5, 50), 10, "a")

    assert second.next == url(3)
    assert second.problem
    assert third.next is None
    assert pager.verdict().why.startswith("10 members seen; the portal repeats its pages")


def test_a_page_that_failed_costs_only_itself():
    """The page after is counted from what the pages before said; without them nothing is known."""
    pager = Pager()
    pager.turn(url(1), view(1, 3, 30), 10)
    turn = pager.skip(url(2))
    pager.turn(url(3), view(3, 3, 30), 10)
    verdict = pager.verdict()

    assert turn.next == url(3)
    assert not verdict.complete
    assert verdict.why == f"20 members seen; {url(2)} could not be read; the portal counts 30"
    assert Pager().skip(url(1)).next is None


def test_members_found_otherwise_make_a_failed_page_whole():
    """Items of a failed page that were read one by one count."""
    pager = Pager()
    pager.turn(url(1), view(1, 2, 20), 10)
    pager.skip(url(2), members=10)

    assert pager.verdict().complete


def test_a_listing_that_may_be_one_page_is_whole_without_a_word_of_paging():
    """A catalogue in one document: with a next or a last page it would be a part."""
    for view, complete in ((HydraView(), True), (HydraView(last=url(2)), False)):
        pager = Pager(may_be_one=True)
        pager.turn(HOST, view, 30)
        assert pager.verdict().complete is complete


def test_without_a_total_nothing_is_complete():
    """A plain catalogue gives no total: absence proves nothing there."""
    pager = Pager()
    turn = pager.turn(HOST, HydraView(), 30)

    assert turn.next is None
    assert pager.verdict() == Verdict(False, "30 members seen; the portal gives no total to compare with")


def test_pages_ahead_are_predicted_to_the_last():
    """With udata's numbering all later pages are known after the first, whatever the first URL left out."""
    assert list(predicted(HOST, view(1, 4))) == [url(3), url(4)]
    assert list(predicted(url(2), view(2, 4))) == [url(4)]


@pytest.mark.parametrize(
    "said",
    [
        HydraView(url(2), None),
        HydraView(None, url(4)),
        HydraView(url(3), url(4)),  # not the next number
        HydraView(url(2), url(4, size=20)),  # another listing
        HydraView(url(2), "http://elsewhere.example/?page=4"),
        HydraView(f"{HOST}?cursor=abc", f"{HOST}?cursor=xyz"),
    ],
)
def test_nothing_is_predicted_where_the_portal_counts_otherwise(said):
    """Next and last must be one URL with two page numbers, the next of them the one after this."""
    assert list(predicted(url(1), said)) == []


def test_a_monstrous_last_page_is_not_believed():
    """hydra:last may say any number; predictions are bounded and made one at a time."""
    ahead = predicted(url(1), HydraView(url(2), url(999_999_999)))

    assert next(ahead) == url(3)
    assert sum(1 for _ in ahead) < 100_000


def test_a_portal_behind_a_proxy_may_confuse_http_and_https():
    """http links on an https portal are followed by https; the other way round too, never to clear text."""
    assert follow("https://h.example/a", "http://h.example/b?page=2") == "https://h.example/b?page=2"
    assert follow("http://h.example/a", "https://h.example/b?page=2") == "https://h.example/b?page=2"


def test_relative_links_are_followed():
    """A link may leave out the host."""
    assert follow(url(1), "?page=2") == f"{HOST}?page=2"


@given(st.text(max_size=60))
def test_following_a_link_gives_a_page_of_the_portal_or_a_reason(link):
    """Whatever text stands in a link: a URL on this host, or a ValueError."""
    try:
        target = follow(url(1), link)
    except ValueError:
        return

    assert target.startswith("http://data.example/")


@given(st.integers(0, 10**8), st.integers(1, 10**5))
def test_page_numbers_can_be_read_and_written(page, size):
    """What was put into a URL comes out, and nothing else of it changes."""
    there = f"http://h.example/l/?a=page=3&page={page}&page_size={size}&subpage=9"

    assert (page_of(there), page_size_of(there)) == (page, size)
    assert with_page(with_page(there, 77), page) == there
    assert same_page(there, "http://H.example:80" + there.removeprefix("http://h.example"))


@given(st.integers(1, 50), st.integers(1, 2000))
def test_finer_pages_are_the_same_stretch(page, size):
    """The smaller pages together show exactly the items of the large one, in its order."""
    parts = finer(f"http://h/l/?page={page}&page_size={size}")
    stretch = [
        place
        for part in parts
        for place in range((page_of(part) - 1) * page_size_of(part), page_of(part) * page_size_of(part))
    ]

    assert stretch == (list(range((page - 1) * size, page * size)) if parts else [])
    assert bool(parts) is (size > 1 and (size % 10 == 0 or size <= 10))
