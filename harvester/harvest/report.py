"""What a run did, as values: counts, problems, and what they mean for the exit code."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from harvester.errors import EXIT_INTERRUPTED, EXIT_SKIPPED, HarvesterError, ItemError
from harvester.model import Category, Kind, Problem

COUNTS = ("seen", "added", "changed", "unchanged", "removed", "skipped", "repaired", "dangling")
MAX_PROBLEMS = 10_000
"""Problems listed one by one; the rest is only counted, so that a hostile portal cannot fill memory."""


@dataclass(slots=True)
class Report:
    """The facts of one run, filled while it goes on.

    `kinds` has per kind of record the counts seen, added, changed, unchanged, removed.
    `skipped` counts items that could not be harvested (pages, datasets, list pages).
    `outcome` is "published", "unchanged", "tried" (a dry run), "failed" or "interrupted"; None before.
    """

    run_id: str
    portal: str
    url: str
    started: datetime
    ended: datetime | None = None
    mode: str = ""
    mode_reason: str = ""
    format: str = ""
    pages: int = 0
    resumed_pages: int = 0
    total_items: int | None = None
    members: int = 0
    complete: bool = False
    kinds: dict[Kind, Counter[str]] = field(default_factory=dict)
    skipped: int = 0
    repaired: int = 0
    dangling: int = 0
    requests: int = 0
    marks: int = 0
    """Records of which the store is told anew that the portal does not list them, or that it does again."""
    links: int = 0
    """Links of distributions that answer otherwise than was known."""
    new_rules: bool = False
    """The mappings are others than those of the last generation: what follows from them is made anew."""
    new_index: bool = False
    """The last generation has no search index, or another version's: it is made anew."""
    slowed: tuple[str, ...] = ()
    outcome: str | None = None
    error: HarvesterError | None = None
    problems: list[Problem] = field(default_factory=list)
    problem_counts: Counter[Category] = field(default_factory=Counter)
    generation: str | None = None
    quads: int | None = None
    dry_run: bool = False
    notes: list[str] = field(default_factory=list)

    def count(self, what: str) -> int:
        """Return one of COUNTS over all kinds of records."""
        if what in ("skipped", "repaired", "dangling"):
            return int(getattr(self, what))
        return sum(counts[what] for counts in self.kinds.values())

    def tally(self, kind: Kind, what: str, number: int = 1) -> None:
        """Add to the count of one kind of record."""
        self.kinds.setdefault(kind, Counter())[what] += number

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Note problems."""
        for problem in problems:
            self.problem_counts[problem.category] += 1
            if len(self.problems) < MAX_PROBLEMS:
                self.problems.append(problem)

    def skip(self, what: str, error: ItemError) -> None:
        """Note an item that could not be harvested, and why."""
        self.skipped += 1
        self.add_problems([error.problem(what)])

    @property
    def writes(self) -> int:
        """Records added, changed or removed."""
        return self.count("added") + self.count("changed") + self.count("removed")

    @property
    def is_news(self) -> bool:
        """Whether the store has anything new to tell."""
        return self.writes > 0 or self.marks > 0 or self.links > 0 or self.new_rules or self.new_index

    @property
    def exit_code(self) -> int:
        """0, or 5 where items were skipped; of a run that failed, that of its error; 130 if interrupted."""
        if self.outcome == "interrupted":
            return EXIT_INTERRUPTED
        if self.error is not None:
            return self.error.exit_code
        return EXIT_SKIPPED if self.skipped else 0

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values (docs/operations.md describes them)."""
        return {
            "run": self.run_id,
            "portal": self.portal,
            "url": self.url,
            "started": self.started.isoformat(),
            "ended": self.ended.isoformat() if self.ended else None,
            "seconds": round((self.ended - self.started).total_seconds(), 3) if self.ended else None,
            "outcome": self.outcome,
            "error": self.error
            and {"kind": type(self.error).__name__, "cause": self.error.cause, "fix": self.error.fix},
            "mode": self.mode,
            "mode_reason": self.mode_reason,
            "format": self.format,
            "pages": self.pages,
            "resumed_pages": self.resumed_pages,
            "total_items": self.total_items,
            "members": self.members,
            "complete": self.complete,
            "counts": {what: self.count(what) for what in COUNTS},
            "kinds": {kind.value: dict(counts) for kind, counts in sorted(self.kinds.items())},
            "requests": self.requests,
            "slowed": list(self.slowed),
            "generation": self.generation,
            "quads": self.quads,
            "dry_run": self.dry_run,
            "exit_code": self.exit_code,
            "notes": self.notes,
            "problem_counts": {category.value: n for category, n in sorted(self.problem_counts.items())},
            "problems": [{**asdict(p), "category": p.category.value} for p in self.problems],
        }
