"""What a worker is asked to do, and what may become of it. Plain values: they cross between processes."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Store

from harvester.errors import HarvesterError
from harvester.workers.limits import Limits

if TYPE_CHECKING:
    from harvester.workers.sink import Sink

HEAVY = "query-too-heavy"
"""Slug of a refusal for want of memory."""
INTERNAL = "unavailable"
"""Slug of a refusal whose words are for the server's log only: they may name files."""


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work on a generation, which never changes: the same task always has the same answer.

    `arguments` are plain values (texts, numbers, None, tuples of them). `digest` tells tasks apart.
    """

    name: str
    arguments: tuple[Hashable, ...]
    digest: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Compute the digest: 128 bits, so that nobody finds two tasks that share it."""
        text = repr((self.name, self.arguments)).encode("utf-8", "surrogatepass")
        object.__setattr__(self, "digest", blake2b(text, digest_size=16).hexdigest())


class Refused(HarvesterError):
    """A task without an answer. `status` is the HTTP status that says it best.

    `slug` tells kinds of one status apart; `retry_after_s`: seconds after which asking again may help, None
    if it will not. `of_client`: it is about who asked, not about the task, which another may well ask.
    """

    def __init__(
        self,
        status: int,
        cause: str,
        *,
        fix: str,
        slug: str | None = None,
        retry_after_s: int | None = None,
        of_client: bool = False,
    ) -> None:
        super().__init__(cause, fix=fix)
        self.status = status
        self.slug = slug
        self.retry_after_s = retry_after_s
        self.of_client = of_client


@dataclass(frozen=True, slots=True)
class Work:
    """What a task has to work with: the generation's folder, its store, and where the answer goes."""

    folder: Path
    store: Store
    sink: "Sink"
    limits: Limits


Handler = Callable[..., None]
"""Does one kind of task: called with a Work and the task's arguments."""
