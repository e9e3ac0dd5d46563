"""Paging as pure decisions: which page comes next, and whether the listing was read to its end.

For Hydra collections (https://www.hydra-cg.com/spec/latest/core/#collections) and for the portal's JSON
lists alike: both page by number over a live listing, where items move while one reads.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from harvester.model import Category, HydraView, Problem
from harvester.portal.page_urls import follow, page_of, same_page, spelling, with_page
from harvester.portal.urls import redact

MAX_PAGES = 20_000
"""Pages of one listing, at most: two million datasets at the usual hundred."""
MAX_REREADS = 20
"""Pages of one listing read a second time because something was deleted meanwhile, at most."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do after a page: read `next` (None: the listing ends here), report `problem`.

    `again`: `next` is a page that was read before; its items replace or repeat those known.
    """

    next: str | None
    problem: Problem | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether every member of a listing was seen, and `why`: only then may absence mean removal."""

    complete: bool
    why: str


class Pager:
    """Leads through one listing, page by page; whatever a portal says, it ends.

    A link is followed within the portal only, and to no page twice. Where the portal's next link fails, the
    page after is counted from the last page's number, so that a bad page costs only itself. When the total
    falls between two pages, something was deleted and the rest moved up: the earlier page is read again, for
    what moved past the reader.
    """

    def __init__(self, first: str, *, max_pages: int = MAX_PAGES) -> None:
        self._max_pages = max_pages
        self._asked = {spelling(first)}
        self._fingerprints: set[Hashable] = set()
        self._repeats = 0
        self._rereads = 0
        self._members = 0
        self._per_page = 0
        self._total: int | None = None
        self._last: str | None = None
        self._previous: str | None = None
        self._resume: Turn | None = None
        self._doubts: list[str] = []

    def turn(self, url: str, view: HydraView, members: int, fingerprint: Hashable = None) -> Turn:
        """Decide what follows the page at `url`, which listed `members` items.

        `fingerprint` is equal for two pages that list the same items (their sorted ids, say); None: unknown.
        """
        if self._resume is not None:
            return self._resumed()
        fallen = self._fallen(view.total)
        self._learn(view)
        self._per_page = max(self._per_page, members)
        if fingerprint is not None and fingerprint in self._fingerprints:
            self._repeats += 1
            onward = self._repeated(url, view)
        else:
            self._repeats = 0
            self._members += members
            onward = self._onward(url, view)
        if fingerprint is not None:
            self._fingerprints.add(fingerprint)
        return self._guarded(url, onward, fallen)

    def skip(self, url: str, members: int = 0, view: HydraView | None = None) -> Turn:
        """Decide what follows a page that failed; `members` and `view` are what was learnt otherwise."""
        if self._resume is not None:
            self._doubts.append(f"{redact(url)}, from which items may have moved, could not be read again")
            return self._resumed()
        self._learn(view or HydraView())
        self._members += members
        if not members:
            self._doubts.append(f"{redact(url)} could not be read")
        counted = self._counted(url)
        if counted is None and not self._is_last(url):
            self._doubts.append(f"what follows {redact(url)} is not known")
        return self._guarded(url, Turn(counted), 0)

    def verdict(self) -> Verdict:
        """Tell whether all members were seen, once a turn had no next page."""
        counts = f"{self._members} members seen"
        if self._total is None:
            doubts = [*self._doubts, "the portal gives no total to compare with"]
        elif self._members != self._total:
            doubts = [*self._doubts, f"the portal counts {self._total}"]
        elif self._doubts:
            doubts = [f"the portal counts as many, but {self._doubts[0]}", *self._doubts[1:]]
        else:
            return Verdict(True, f"{counts}, as many as the portal counts")
        return Verdict(False, "; ".join([counts, *doubts[:5]]))

    def _learn(self, view: HydraView) -> None:
        self._last = view.last or self._last
        self._total = view.total if view.total is not None else self._total

    def _fallen(self, total: int | None) -> int:
        return max(0, self._total - total) if self._total is not None and total is not None else 0

    def _guarded(self, url: str, onward: Turn, fallen: int) -> Turn:
        """Keep the limits, and read the page before `url` again if something was deleted since."""
        onward = self._bounded(onward)
        previous, self._previous = self._previous, url
        if onward.next is not None:
            self._asked.add(spelling(onward.next))
        if not fallen or previous is None:
            return onward
        if self._rereads >= MAX_REREADS or fallen >= self._per_page:
            self._doubts.append(f"the total fell by {fallen} while the listing was read")
            return onward
        self._rereads += 1
        self._resume = onward
        return Turn(previous, again=True)

    def _resumed(self) -> Turn:
        onward, self._resume = self._resume, None
        return onward or Turn(None)

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
        if self._total is not None and self._per_page:
            # Twice what the portal announces: additions while reading make pages repeat.
            limit = min(limit, 2 * (self._total // self._per_page + 1) + 10)
        if onward.next is None or len(self._asked) < limit:
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


def _problem(url: str, why: str, category: Category = Category.INCOMPLETE) -> Problem:
    return Problem(
        category=category,
        url=redact(url),
        what=f"{redact(url)} does not lead on as it should",
        why=why,
        fix="report it to the portal's owner; nothing is removed on account of an incomplete listing",
    )
