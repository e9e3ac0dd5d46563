"""What people add to a portal beside datasets, data services and reuses."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tests.simulator.community import community_resource, discussion
from tests.simulator.editorial import post, topic
from tests.simulator.records import (
    CommunityResource,
    Discussion,
    Organization,
    Owner,
    Person,
    Post,
    Source,
    Subject,
    Topic,
)
from tests.simulator.sources import sources


@dataclass(frozen=True)
class Society:
    """What hangs on so many datasets, reuses and services; a portal without datasets has none of it."""

    seed: int
    datasets: int
    reuses: int
    services: int
    people: tuple[Person, ...]
    organizations: tuple[Organization, ...]

    @cached_property
    def community_resources(self) -> tuple[CommunityResource, ...]:
        """One for 50 datasets, by people and organizations in turn."""
        return tuple(
            community_resource(self.seed, number, self.datasets, self._owners)
            for number in self._range(3, 50)
        )

    @cached_property
    def discussions(self) -> tuple[Discussion, ...]:
        """One for 20 datasets, though not each about a dataset."""
        subjects = (*self._subjects, ("Topic", len(self.topics)), ("Post", len(self.posts)))
        return tuple(
            discussion(self.seed, number, subjects, self.people, self.organizations)
            for number in self._range(5, 20)
        )

    @cached_property
    def discussed(self) -> dict[Subject, tuple[int, int]]:
        """What is discussed -> how many discussions there are, and how many of them are open."""
        every = Counter(found.subject for found in self.discussions)
        still = Counter(found.subject for found in self.discussions if found.closed is None)
        return {subject: (number, still[subject]) for subject, number in every.items()}

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """One for 100 datasets; the first is empty."""
        return tuple(topic(self.seed, number, self._subjects, self._owners) for number in self._range(3, 100))

    @cached_property
    def posts(self) -> tuple[Post, ...]:
        """One for 50 datasets, and 20 at the most."""
        return tuple(
            post(self.seed, number, range(2, number, 5), self.people, self.datasets, self.reuses)
            for number in self._range(5, 50)[:20]
        )

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Five that are in use, or one for 400 datasets, and one that was deleted."""
        return sources(self.seed, self.datasets, self._owners, self.people)

    @cached_property
    def _owners(self) -> Sequence[Owner]:
        """Organizations and people in turn."""
        return [owner for pair in zip(self.organizations, self.people, strict=False) for owner in pair]

    @property
    def _subjects(self) -> Sequence[tuple[str, int]]:
        """Classes of records and how many there are of each; none without a record."""
        counts = (("Dataset", self.datasets), ("Reuse", self.reuses), ("Dataservice", self.services))
        return [(kind, count) for kind, count in counts if count]

    def _range(self, least: int, every: int) -> range:
        return range(max(least, self.datasets // every) if self.datasets else 0)
