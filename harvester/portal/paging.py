"""Paging as pure decisions: which page comes next, and whether the listing was read to its end.

For Hydra collections (https://www.hydra-cg.com/spec/latest/core/#collections) and for the portal's JSON
lists alike: both page by number over a live listing, where items move while one reads.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import islice

from harvester.model import Category, HydraView, Problem
from harvester.portal.page_urls import follow, page_of, same_page, spelling, with_page
from harvester.portal.urls import redact

MAX_PAGES = 20_000
"""Pages of one listing, at most: two million datasets at the usual hundred."""
MAX_REWINDS = 20
"""Times that one listing is gone back in because something was deleted meanwhile, at most."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do after a page: read `next` (None: the listing ends here), report `problem`.

    `again`: `next` was read before, and is read again because the listing moved.
    """

    next: str | None
    problem: Problem | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether every member of a listing was seen, and `why`: only then may absence mean removal."""

    complete: bool
    why: str


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A page that was turned; `members` are those that it adds."""

    url: str
    members: int
    fingerprint: Hashable = None


class Pager:
    """Leads through one listing, page by page; whatever a portal says, it ends.

    A link is followed within the portal only, and to no page twice. Where the portal's next link fails, the
    page after is counted from the last page's number, so that a bad page costs only itself. When the total
    falls between two pages, something was deleted and the rest moved up, past the reader: reading goes back
    as many pages as may have moved. While the total does not fall, nothing can be missed.
    `may_be_one`: a single page that says nothing of paging is a listing by itself, and complete.
    """

    def __init__(self, *, max_pages: int = MAX_PAGES, may_be_one: bool = False) -> None:
        self._max_pages = max_pages
        self._may_be_one = may_be_one
        self._trail: list[_Leaf] = []
        self._asked: set[str] = set()
        self._fingerprints: set[Hashable] = set()
        self._size = 1
        self._last: str | None = None
        self._total: int | None = None
        self._paged = False
        self._slack = 0  # how far the total may have fallen since: pages gone back, in members
        self._rewinds = 0
        self._repeats = 0
        self._doubts: list[str] = []

    def turn(self, url: str, view: HydraView, members: int, fingerprint: Hashable = None) -> Turn:
        """Decide what follows the page at `url`, which listed `members` items.

        `fingerprint` is equal for two pages that list the same items (their sorted ids, say); None: unknown.
        """
        fallen = self._total - view.total if self._total is not None and view.total is not None else 0
        if fallen > self._slack and self._trail:
            if self._rewinds < MAX_REWINDS:
                return self._rewind(fallen)
            self._doubts.append("the listing shrank again and again while it was read")
        self._slack = 0
        self._learn(view)
        repeated = fingerprint is not None and fingerprint in self._fingerprints
        self._repeats = self._repeats + 1 if repeated else 0
        self._add(_Leaf(url, 0 if repeated else members, fingerprint))
        return self._bounded(self._repeated(url, view) if repeated else self._onward(url, view))

    def skip(self, url: str, members: int = 0, view: HydraView | None = None) -> Turn:
        """Decide what follows a page that failed; `members` and `view` are what was learnt otherwise."""
        self._learn(view or HydraView())
        self._add(_Leaf(url, members))
        if not members:
            self._doubts.append(f"{redact(url)} could not be read")
        counted = self._counted(url)
        if counted is None and not self._is_last(url):
            self._doubts.append(f"what follows {redact(url)} is not known")
        return self._bounded(Turn(counted))

    @property
    def members(self) -> int:
        """Members seen so far; those of pages gone back over count once."""
        return sum(leaf.members for leaf in self._trail)

    def verdict(self) -> Verdict:
        """Tell whether all members were seen, once a turn had no next page."""
        counts = f"{self.members} members seen"
        if self._total is None and self._is_whole():
            return Verdict(True, f"{counts}, in one document without paging")
        if self._total is None:
            doubts = [*self._doubts, "the portal gives no total to compare with"]
        elif self.members != self._total:
            doubts = [*self._doubts, f"the portal counts {self._total}"]
        elif self._doubts:
            doubts = [f"the portal counts as many, but {self._doubts[0]}", *self._doubts[1:]]
        else:
            return Verdict(True, f"{counts}, as many as the portal counts")
        return Verdict(False, "; ".join([counts, *doubts[:5]]))

    def _is_whole(self) -> bool:
        """Tell whether the catalogue is one document: nothing in it speaks of pages."""
        return (
            self._may_be_one
            and len(self._trail) == 1
            and self._last is None
            and not self._doubts
            and not self._paged
        )

    def _learn(self, view: HydraView) -> None:
        self._last = view.last or self._last
        self._total = view.total if view.total is not None else self._total
        self._paged = self._paged or view.next is not None

    def _add(self, leaf: _Leaf) -> None:
        self._trail.append(leaf)
        self._asked.add(spelling(leaf.url))
        self._fingerprints.add(leaf.fingerprint)
        self._size = max(self._size, leaf.members)

    def _rewind(self, fallen: int) -> Turn:
        """Go back over the pages onto which `fallen` members may have moved, and read on from there."""
        pages = -(-fallen // self._size)
        back = min(pages - self._slack // self._size, len(self._trail))
        here = self._trail[-back].url
        kept = self._trail[:-back]
        self._trail, self._asked, self._fingerprints = [], set(), set()
        for leaf in kept:
            self._add(leaf)
        self._slack = pages * self._size
        self._rewinds += 1
        return Turn(here, again=True)

    def _onward(self, url: str, view: HydraView) -> Turn:
        if view.next is None:
            counted = self._counted(url)
            if counted is None:
                return Turn(None)
            why = f"it names no next page, although the last is {redact(self._last or '')}"
            return Turn(counted, _problem(url, why))
        try:
            following = follow(url, view.next)
        except ValueError as error:
            why = f"its next page {redact(view.next)[:200]} {error}"
            return self._detour(url, _problem(url, why, Category.REFUSED))
        if spelling(following) in self._asked:
            return self._detour(
                url, _problem(url, f"its next page {redact(following)} was read before: a loop")
            )
        return Turn(following)

    def _repeated(self, url: str, view: HydraView) -> Turn:
        problem = _problem(url, "it lists the same items as an earlier page")
        if self._repeats > 1:
            self._doubts.append("the portal repeats its pages")
            return Turn(None, problem)
        onward = self._onward(url, view)
        return Turn(onward.next, problem)

    def _detour(self, url: str, problem: Problem) -> Turn:
        counted = self._counted(url)
        if counted is None:
            self._doubts.append(problem.why)
        return Turn(counted, problem)

    def _counted(self, url: str) -> str | None:
        """Return the page after `url` by its number, if hydra:last says that there is one."""
        if self._last is None or self._is_last(url):
            return None
        try:
            last = follow(url, self._last)
        except ValueError:
            return None
        following = with_page(last, page_of(url) + 1)
        return None if spelling(following) in self._asked else following

    def _is_last(self, url: str) -> bool:
        return self._last is not None and page_of(url) >= page_of(self._last)

    def _bounded(self, onward: Turn) -> Turn:
        limit = self._max_pages
        if self._total is not None:
            # Twice what the portal announces: additions while reading make pages repeat. Pages may hold more
            # than the members that count, so the number of the last one is an announcement too.
            announced = max(self._total // self._size + 1, page_of(self._last or ""))
            limit = min(limit, 2 * announced + 10)
        if onward.next is None or len(self._trail) < limit:
            return onward
        why = f"the listing goes on after {limit} pages, more than its total of {self._total} explains"
        self._doubts.append(why)
        return Turn(None, _problem(onward.next, why))


def predicted(url: str, view: HydraView) -> Iterator[str]:
    """Yield the pages after the next one, up to hydra:last, if the portal counts pages as udata does.

    So that pages can be asked for ahead. Good only as long as each page's own next link confirms it.

    >>> view = HydraView(next="http://h/c.ttl?page=2&page_size=9", last="http://h/c.ttl?page=4&page_size=9")
    >>> list(predicted("http://h/c.ttl", view))
    ['http://h/c.ttl?page=3&page_size=9', 'http://h/c.ttl?page=4&page_size=9']
    """
    if view.next is None or view.last is None:
        return
    try:
        following, last = follow(url, view.next), follow(url, view.last)
    except ValueError:
        return
    number, end = page_of(following), page_of(last)
    if number != page_of(url) + 1 or not same_page(with_page(following, end), last):
        return
    for ahead in range(number + 1, min(end, number + MAX_PAGES) + 1):
        yield with_page(following, ahead)


def expected(url: str, view: HydraView, turn: Turn, most: int) -> list[str]:
    """Return the pages to ask for ahead after the one at `url`, `most` of them.

    None where the listing moved: what was fetched ahead is older than what is read again.
    """
    if turn.next is None or turn.again:
        return []
    return [turn.next, *islice(predicted(url, view), most - 1)]


def _problem(url: str, why: str, category: Category = Category.INCOMPLETE) -> Problem:
    return Problem(
        category=category,
        url=redact(url),
        what=f"{redact(url)} does not lead on as it should",
        why=why,
        fix="report it to the portal's owner; nothing is removed on account of an incomplete listing",
    )
