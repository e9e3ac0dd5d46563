"""What the pools of a server did, counted over all generations."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

BOUNDS = (0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper ends, in seconds, of the classes that times are counted in; the last class has none."""

DONE = "done"


@dataclass(eq=False, slots=True)
class Tally:
    """Counts processes and tasks; only ever grows."""

    started: int = 0
    """Processes that became ready."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """Tasks by what ended them: DONE, or the slug of why they were stopped."""
    seconds: float = 0.0
    """How long tasks held their processes, all together."""
    within: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """Tasks by how long they held theirs: in the classes of BOUNDS."""

    def ended(self, outcome: str, seconds: float) -> None:
        """Count a task that held a process for so long."""
        self.outcomes[outcome] += 1
        self.seconds += seconds
        self.within[bisect_left(BOUNDS, seconds)] += 1
