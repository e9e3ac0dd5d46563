"""A task under way: who wants it, who does it, and how it is stopped."""

import asyncio
from dataclasses import dataclass, field

from harvester.workers.task import Refused, Task
from harvester.workers.worker import Worker

LEFT = Refused(
    499, "Nobody waits for this answer any more", fix="ask again", slug="client-left", of_client=True
)
"""Told to nobody; the status is what nginx writes into its log."""


@dataclass(eq=False)
class Job:
    """A task under way for `client`."""

    task: Task
    client: str
    place: asyncio.Future[Worker] | None = None
    worker: Worker | None = None
    reason: Refused | None = None
    begun: float = 0.0
    left_s: float = 0.0
    slow: bool = False
    unwanted: bool = False
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    def disarm(self) -> None:
        """Call off what the timer would do."""
        if self.timer:
            self.timer.cancel()

    def stop(self, reason: Refused) -> None:
        """End it; `reason` is what its asker is told."""
        self.reason = self.reason or reason
        if self.worker:
            self.worker.kill()
        elif self.place and not self.place.done():
            self.place.set_exception(self.reason)

    def leave(self) -> None:
        """Say that nobody waits for the answer any more. What may be done in a moment is not stopped."""
        self.unwanted = True
        if self.slow or not self.worker:
            self.stop(LEFT)
