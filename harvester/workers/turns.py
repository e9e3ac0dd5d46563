"""Whose turn it is: what one client asks never keeps another waiting for long."""

import time
from collections import Counter, deque

from harvester.workers.job import Job
from harvester.workers.task import Refused

_SHARE = 0.25
"""How much of one process's time a client may take for good before it counts as heavy."""
_GRACE_S = 1.0
"""How much of it may be taken at once."""
_MEMORY_S = 60.0
"""How long a client counts as heavy at most after its last task."""
_REMEMBERED = 1000
AGAIN_S = 5


class Turns:
    """Jobs that wait for a process, `limit` at most.

    A client that took much of the processes' time of late, or has slow tasks under way, is heavy: its jobs
    come after those of others, and never get the last process that is idle. No client gets that one while
    it holds another.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: dict[str, deque[Job]] = {}
        self._paid_off: dict[str, float] = {}
        self.held: Counter[str] = Counter()
        """Quick processes by client; changed by `count`."""
        self.slow: Counter[str] = Counter()
        """Slow tasks by client; changed by `count`."""

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def charge(self, client: str, seconds: float) -> None:
        """Count time for which a client's task held a process."""
        now = time.monotonic()
        if len(self._paid_off) > _REMEMBERED:
            self._paid_off = {name: then for name, then in self._paid_off.items() if then > now}
        begun = max(now, self._paid_off.get(client, 0.0))
        self._paid_off[client] = min(begun + seconds / _SHARE, now + _MEMORY_S)

    def is_heavy(self, client: str) -> bool:
        """Tell whether a client takes more than its share."""
        owes_s = self._paid_off.get(client, 0.0) - time.monotonic()
        return self.slow[client] > 0 or owes_s > _GRACE_S / _SHARE

    def may_have(self, client: str, idle: int) -> bool:
        """Tell whether a client may have one of so many idle processes."""
        return idle > 1 or (idle == 1 and not self.held[client] and not self.is_heavy(client))

    def join(self, job: Job) -> None:
        """Let a job wait. Raises Refused (429) if too many wait.

        If another client has more jobs waiting than this one, the last of them is refused instead.
        """
        if len(self) >= self._limit:
            full = Refused(
                429,
                f"{len(self)} queries are waiting already",
                fix="ask again in a few seconds",
                retry_after_s=AGAIN_S,
                of_client=True,
            )
            most = max(self._waiting.values(), key=len, default=deque[Job]())
            if len(most) <= len(self._waiting.get(job.client, ())) + 1:
                raise full
            last = most[-1]
            self.leave(last)
            last.stop(full)
        self._waiting.setdefault(job.client, deque()).append(job)

    def leave(self, job: Job) -> None:
        """Let a job wait no more, if it does."""
        jobs = self._waiting.get(job.client, ())
        if job in jobs:
            self._waiting[job.client].remove(job)
            self._forget_if_done(job.client)

    def take(self, idle: int) -> Job | None:
        """Return the job whose turn it is if so many processes are idle; it waits no more.

        Of clients that are alike, the one that has waited longest since it had a turn comes first.
        """
        fitting = [client for client in self._waiting if self.may_have(client, idle)]
        if not fitting:
            return None
        client = fitting[0]
        if len(fitting) > 1:
            client = min(fitting, key=lambda client: (self.is_heavy(client), self.held[client]))
        jobs = self._waiting.pop(client)
        job = jobs.popleft()
        if jobs:
            self._waiting[client] = jobs  # behind the others
        return job

    def _forget_if_done(self, client: str) -> None:
        if not self._waiting[client]:
            del self._waiting[client]


def count(counter: Counter[str], client: str, change: int) -> None:
    """Change what is counted of a client; nothing is kept of those who have nothing."""
    counter[client] += change
    if not counter[client]:
        del counter[client]
