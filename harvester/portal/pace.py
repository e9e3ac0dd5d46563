"""How fast one host may be asked: halved when it asks for rest, won back bit by bit.

Additive increase, multiplicative decrease, as TCP does it
(https://www.rfc-editor.org/rfc/rfc5681#section-3.1). As in Scrapy's AutoThrottle, errors never speed it up.
"""

BRISK = 0.1
"""Seconds. Slowing down starts from this spacing, however small or absent the usual one is."""
STEPS = 200
"""So many good answers lead from a standstill to the usual rate."""


class Pace:
    """What one host may be asked: `spacing`, seconds between two requests, and `seats`, requests under way.

    Neither ever goes past its usual value; `spacing` stays below `longest` unless the usual one is above it.
    Not thread safe.
    """

    def __init__(self, spacing: float, seats: int, longest: float) -> None:
        self.spacing = self._usual = spacing
        self.seats = self._full = seats
        self.slowest = spacing
        """The largest spacing so far."""
        self._brisk = max(spacing, BRISK)
        self._longest = max(longest, spacing)

    def slower(self) -> None:
        """Halve the rate, and let one request be under way."""
        self.spacing = min(self._longest, 2 * max(self.spacing, BRISK))
        self.slowest = max(self.slowest, self.spacing)
        self.seats = 1

    def faster(self) -> None:
        """Add a step to the rate, or, when that is the usual one, a request under way."""
        if self.spacing > self._usual:
            spacing = 1 / (1 / self.spacing + 1 / (STEPS * self._brisk))
            self.spacing = spacing if spacing > self._brisk else self._usual
        elif self.seats < self._full:
            self.seats += 1
