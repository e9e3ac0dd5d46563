"""The portal's records, each derived from a seed and its number alone: nothing is kept, any size fits.

Planted on purpose, as measured on a real portal: upstream IRIs with spaces, `|`, accents, brackets, or
without a scheme; two datasets under one IRI; datasets that are deleted, private or archived and still
named by reuses; owners missing; dates missing; control characters.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from tests.simulator import words
from tests.simulator.agents import organization, person
from tests.simulator.parts import EPOCH, resources, some, upstream
from tests.simulator.records import Dataset, Organization, Owner, Person, Reuse, Service, State, Subject
from tests.simulator.services import service
from tests.simulator.society import Society
from tests.simulator.text import identifier, markdown, number_of, slug

HIDDEN = 0xF0000000
"""Numbers from here on: datasets that exist but are not listed."""
FEATURED = range(4, 60, 8)
"""Numbers of the datasets and reuses that the portal features: a few, however large it is."""
HIDDEN_STATES = 3 * (State.DELETED,) + 2 * (State.PRIVATE,) + 2 * (State.ARCHIVED,)


Numbers = Iterable[int]


@dataclass(frozen=True)
class World:
    """A portal of `datasets` datasets and `reuses` reuses, some of which `removed` and others name.

    `cdata` is where udata says datasets live (CDATA_BASE_URL); None: under the API, whatever its host.
    `shared` pairs of datasets have one upstream IRI; None: one pair, half the listing apart.
    `grown` of the datasets came after the portal's beginning: what was there before does not hang on them.
    `edits` has a dataset's number once per edit, `touches` once per change that shows in its date only (it
    was archived, or listed again); `edited_reuses` a reuse's number once per edit. An edit changes the title;
    every second one drops the last file, or puts it back; every third hands the dataset to another owner.
    `unlisted` datasets are public, but the listings lack them, as when a search index was not rebuilt.
    `visits` move the views that the JSON counts, and no date. What people add beside datasets and reuses
    (topics, discussions …) is what it was in the beginning, `grown_reuses` reuses ago.
    """

    datasets: int = 60
    reuses: int = 16
    seed: int = 1
    cdata: str | None = "http://portail.exemple"
    title: str = "Portail synthétique"
    grown: int = 0
    removed: frozenset[int] = frozenset()
    private: frozenset[int] = frozenset()
    archived: frozenset[int] = frozenset()
    unlisted: frozenset[int] = frozenset()
    edits: tuple[int, ...] = ()
    touches: tuple[int, ...] = ()
    edited_reuses: tuple[int, ...] = ()
    removed_reuses: frozenset[int] = frozenset()
    shared: tuple[tuple[int, int], ...] | None = None
    visits: int = 0
    grown_reuses: int = 0

    def evolved(
        self,
        *,
        add: int = 0,
        remove: Numbers = (),
        edit: Numbers = (),
        hide: Numbers = (),
        archive: Numbers = (),
        restore: Numbers = (),
        add_reuses: int = 0,
        remove_reuses: Numbers = (),
        edit_reuses: Numbers = (),
        visits: int = 0,
    ) -> "World":
        """Return this portal some time later, with all that was not named as it is.

        Datasets were added (the newest), deleted, edited, made private (`hide`), archived, or, whatever they
        were before, listed again (`restore`); likewise reuses. Dates of modification move with each change.
        """
        back = set(restore)
        return replace(
            self,
            datasets=self.datasets + add,
            reuses=self.reuses + add_reuses,
            grown=self.grown + add,
            removed=self.removed - back | set(remove),
            private=self.private - back - set(remove) | set(hide),
            archived=self.archived - back - set(remove) | set(archive),
            edits=tuple(sorted((*self.edits, *edit))),
            touches=tuple(sorted((*self.touches, *hide, *archive, *restore))),
            edited_reuses=tuple(sorted((*self.edited_reuses, *edit_reuses))),
            removed_reuses=self.removed_reuses | set(remove_reuses),
            shared=self.pairs,
            visits=self.visits + visits,
            grown_reuses=self.grown_reuses + add_reuses,
        )

    @property
    def origin(self) -> int:
        """How many datasets there were in the beginning: owners, services and links depend on these alone."""
        return self.datasets - self.grown

    @cached_property
    def versions(self) -> Counter[int]:
        """Dataset number -> times that it was edited."""
        return Counter(self.edits)

    @cached_property
    def changes(self) -> Counter[int]:
        """Dataset number -> times that its date of modification moved."""
        return Counter((*self.edits, *self.touches))

    @cached_property
    def reuse_versions(self) -> Counter[int]:
        """Reuse number -> times that it was edited."""
        return Counter(self.edited_reuses)

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Pairs of datasets that share an IRI."""
        if self.shared is not None:
            return self.shared
        first, apart = self.origin // 5, self.origin // 2
        return ((first, first + apart),) if apart > 1 else ()

    @cached_property
    def listed(self) -> tuple[int, ...]:
        """Numbers of the datasets in the catalogue, in its order: newest first."""
        gone = self.removed | self.private | self.archived | self.unlisted
        return tuple(i for i in range(self.datasets - 1, -1, -1) if i not in gone)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Numbers of the datasets that exist but are not listed."""
        planted = range(HIDDEN, HIDDEN + len(HIDDEN_STATES))
        return (*planted, *sorted(self.removed | self.private | self.archived))

    @cached_property
    def listed_reuses(self) -> tuple[int, ...]:
        """Numbers of the reuses in the listing, newest first; archived ones are in it."""
        return tuple(i for i in range(self.reuses - 1, -1, -1) if i not in self.removed_reuses)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        return tuple(person(self.seed, i) for i in range(max(4, self.origin // 100)))

    @cached_property
    def organizations(self) -> tuple[Organization, ...]:
        return tuple(organization(self.seed, i) for i in range(max(8, self.origin // 25)))

    @cached_property
    def services(self) -> tuple[Service, ...]:
        owners = len(self.organizations)
        return tuple(service(self.seed, i, self.origin, owners) for i in range(max(5, self.origin // 50)))

    @cached_property
    def services_of(self) -> dict[int, tuple[Service, ...]]:
        """Dataset number -> the services that serve it."""
        found: dict[int, list[Service]] = {}
        for serving in self.services:
            for index in serving.datasets:
                found.setdefault(index, []).append(serving)
        return {index: tuple(services) for index, services in found.items()}

    @cached_property
    def society(self) -> Society:
        """Topics, discussions and so on: as they were in the beginning."""
        reuses, services = self.reuses - self.grown_reuses, len(self.services)
        return Society(self.seed, self.origin, reuses, services, self.people, self.organizations)

    @cached_property
    def shown(self) -> Counter[Subject]:
        """Dataset or data service -> how many listed reuses name it; organization -> how many are its own."""
        found: Counter[Subject] = Counter()
        for reuse in map(self.reuse, self.listed_reuses):
            found.update(("Dataset", index) for index in reuse.datasets)
            found.update(("Dataservice", index) for index in reuse.services)
            if isinstance(reuse.owner, Organization):
                found["Organization", number_of(reuse.owner.id)] += 1
        return found

    @cached_property
    def owned(self) -> Counter[str]:
        """Organization's id -> how many listed datasets it owns, by the numbers of both alone."""
        owners = (self._owner(index, self.versions[index] // 3) for index in self.listed)
        return Counter(owner.id for owner in owners if isinstance(owner, Organization))

    def find(self, key: str) -> Dataset | None:
        """Return the dataset with this id or slug."""
        number = number_of(key)
        if not (0 <= number < self.datasets or number in self.hidden):
            return None
        dataset = self.dataset(number)
        return dataset if key in (dataset.id, dataset.slug) else None

    def find_reuse(self, key: str) -> Reuse | None:
        """Return the reuse with this id or slug."""
        number = number_of(key)
        if not 0 <= number < self.reuses:
            return None
        reuse = self.reuse(number)
        return reuse if key in (reuse.id, reuse.slug) else None

    def dataset_id(self, index: int) -> str:
        return identifier(self.seed, "dataset", index)

    def reuse_id(self, index: int) -> str:
        return identifier(self.seed, "reuse", index)

    def dataset(self, index: int) -> Dataset:
        """Build dataset number `index` (its rank by age: 0 is the oldest)."""
        draw = random.Random(f"{self.seed}:dataset:{index}")
        created = EPOCH - timedelta(days=900) + timedelta(minutes=37 * (index % HIDDEN))
        version = self.versions[index]
        owner = self._owner(index, version // 3)
        hvd = draw.choice(tuple(words.HVD)) if index % 12 == 0 else None
        theme, place = draw.choice(words.THEMES), draw.choice(words.PLACES)
        pair = next((pair for pair in self.pairs if index in pair), None)
        return Dataset(
            index=index,
            id=self.dataset_id(index),
            slug=f"{slug(theme)}-{slug(place)}-{index}",
            title=f"{theme} – {place}, lot {index}{_version(version)}",
            description=markdown(draw, index),
            acronym=f"JD{index}" if index % 8 == 0 else None,
            owner=owner,
            contacts=some(draw, owner.contacts) if isinstance(owner, Organization) and index % 3 else (),
            created=created.isoformat(),
            updated=(updated := created + timedelta(days=draw.randint(0, 90))).isoformat(),
            modified=_moved(updated, self.changes[index]).isoformat(),
            frequency=draw.choice(tuple(words.FREQUENCIES)) if index % 13 else None,
            license=draw.randrange(len(words.LICENSES)) if index % 9 else None,
            tags=tuple(
                sorted({*draw.sample(words.TAGS, draw.randint(0, 7)), *(("hvd", hvd) if hvd else ())})
            ),
            period=(f"{2000 + index % 20}-07-15", "2023-12-31" if index % 4 else None)
            if index % 2 == 0
            else None,
            closed=index % 38 == 19,
            hvd=hvd,
            harvest=upstream(index, created, pair and pair[0]) if index % 3 == 0 or pair else None,
            resources=resources(draw, self.seed, index)[: -1 if version // 2 % 2 else None],
            state=self._state(index),
            featured=index in FEATURED,
        )

    def reuse(self, index: int) -> Reuse:
        """Build reuse number `index` (0 is the oldest). Every type and topic comes in turn."""
        draw = random.Random(f"{self.seed}:reuse:{index}")
        theme = draw.choice(words.THEMES)
        created = EPOCH - timedelta(days=400) + timedelta(hours=index)
        owner: Owner = None
        if index % 4 != 3:
            owners: tuple[Owner, ...] = self.people if index % 4 == 0 else self.organizations
            owner = draw.choice(owners)
        return Reuse(
            index=index,
            id=self.reuse_id(index),
            slug=f"{slug(theme)}-{index}",
            title=f"Carte {theme} – {index}{_version(self.reuse_versions[index])}",
            description=markdown(draw, index + 7),
            url=f"https://reuse{index}.exemple.fr/appli?é={index}",
            type=tuple(words.REUSE_TYPES)[index % len(words.REUSE_TYPES)],
            topic=tuple(words.REUSE_TOPICS)[index % len(words.REUSE_TOPICS)],
            datasets=self._links(draw, index),
            services=(index % len(self.services),) if index % 10 == 0 else (),
            tags=tuple(sorted(draw.sample(words.TAGS, draw.randint(0, 4)))),
            owner=owner,
            image=f"image%20{index}.png" if index % 3 == 0 else None,
            created=created.isoformat(),
            modified=_moved(
                created + timedelta(days=3, microseconds=77000), self.reuse_versions[index]
            ).isoformat(),
            state=self._reuse_state(index),
            featured=index in FEATURED,
        )

    def every_listed(self) -> Iterator[Dataset]:
        """Yield the datasets of the catalogue in its order, one in memory at a time."""
        return map(self.dataset, self.listed)

    def _links(self, draw: random.Random, index: int) -> tuple[int, ...]:
        if index % 16 == 8:
            return ()
        wanted = min((1, 1, 2, 3, 5, 8)[index % 6], self.origin)
        links = tuple(sorted(draw.sample(range(self.origin), wanted)))
        if index % 16 == 7:  # names one of each state that no listing shows
            return (*links, HIDDEN, HIDDEN + 3, HIDDEN + 5)
        return links

    def _state(self, index: int) -> State:
        if index >= HIDDEN:
            return HIDDEN_STATES[index - HIDDEN]
        if index in self.removed:
            return State.DELETED
        if index in self.private:
            return State.PRIVATE
        return State.ARCHIVED if index in self.archived else State.PUBLIC

    def _reuse_state(self, index: int) -> State:
        if index in self.removed_reuses:
            return State.DELETED
        return State.ARCHIVED if index % 40 == 2 else State.PUBLIC

    def _owner(self, index: int, hands: int) -> Owner:
        """Return who owns a dataset that changed hands so many times."""
        if index % 50 == 49:
            return None
        if index % 11 == 5:
            return self.people[(index + hands) % len(self.people)]
        return self.organizations[(index * 7 + hands) % len(self.organizations)]


def _version(number: int) -> str:
    """Return what an edit leaves in a title."""
    return f" (mis à jour, version {number})" if number else ""


def _moved(date: datetime, times: int) -> datetime:
    """Return a date of modification after so many changes: each goes beyond all before."""
    return max(date, EPOCH) + timedelta(hours=times) if times else date
