"""The portal's records, each derived from a seed and its number alone: nothing is kept, any size fits.

Planted on purpose, as measured on a real portal: upstream IRIs with spaces, `|`, accents, brackets, or
without a scheme; two datasets under one IRI; datasets that are deleted, private or archived and still
named by reuses; owners missing; dates missing; control characters.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from tests.simulator import words
from tests.simulator.agents import organization, person
from tests.simulator.records import (
    Contact,
    Dataset,
    Harvest,
    Organization,
    Owner,
    Person,
    Resource,
    Reuse,
    Service,
    State,
)
from tests.simulator.text import digest, identifier, markdown, number_of, sentence, slug, uuid

EPOCH = datetime(2026, 11, 1, 8)  # noqa: DTZ001 - the portal's dates have no zone
HIDDEN = 0xF0000000
"""Numbers from here on: datasets that exist but are not listed."""
FEATURED = range(4, 60, 8)
"""Numbers of the datasets and reuses that the portal features: a few, however large it is."""
HIDDEN_STATES = 3 * (State.DELETED,) + 2 * (State.PRIVATE,) + 2 * (State.ARCHIVED,)


@dataclass(frozen=True)
class World:
    """A portal of `datasets` datasets and `reuses` reuses, some of which `removed` and others name.

    `cdata` is where udata says datasets live (CDATA_BASE_URL); None: under the API, whatever its host.
    `shared` pairs of datasets have one upstream IRI; None: one pair, half the listing apart.
    """

    datasets: int = 60
    reuses: int = 16
    seed: int = 1
    cdata: str | None = "http://portail.exemple"
    title: str = "Portail synthétique"
    removed: frozenset[int] = frozenset()
    private: frozenset[int] = frozenset()
    archived: frozenset[int] = frozenset()
    edited: frozenset[int] = frozenset()
    edited_reuses: frozenset[int] = frozenset()
    removed_reuses: frozenset[int] = frozenset()
    shared: tuple[tuple[int, int], ...] | None = None

    def evolved(self, *, add: int = 0, remove: tuple[int, ...] = (), edit: tuple[int, ...] = ()) -> "World":
        """Return this portal some time later: datasets added (the newest), removed, and edited."""
        return replace(
            self,
            datasets=self.datasets + add,
            removed=self.removed | set(remove),
            edited=self.edited | set(edit),
            shared=self.pairs,
        )

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Pairs of datasets that share an IRI."""
        if self.shared is not None:
            return self.shared
        first, apart = self.datasets // 5, self.datasets // 2
        return ((first, first + apart),) if apart > 1 else ()

    @cached_property
    def listed(self) -> tuple[int, ...]:
        """Numbers of the datasets in the catalogue, in its order: newest first."""
        gone = self.removed | self.private | self.archived
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
        return tuple(person(self.seed, i) for i in range(max(4, self.datasets // 100)))

    @cached_property
    def organizations(self) -> tuple[Organization, ...]:
        return tuple(organization(self.seed, i) for i in range(max(8, self.datasets // 25)))

    @cached_property
    def services(self) -> tuple[Service, ...]:
        return tuple(self._service(i) for i in range(max(5, self.datasets // 50)))

    @cached_property
    def services_of(self) -> dict[int, tuple[Service, ...]]:
        """Dataset number -> the services that serve it."""
        found: dict[int, list[Service]] = {}
        for service in self.services:
            for index in service.datasets:
                found.setdefault(index, []).append(service)
        return {index: tuple(services) for index, services in found.items()}

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
        owner = self._owner(index)
        hvd = draw.choice(tuple(words.HVD)) if index % 12 == 0 else None
        theme, place = draw.choice(words.THEMES), draw.choice(words.PLACES)
        edited = index in self.edited
        return Dataset(
            index=index,
            id=self.dataset_id(index),
            slug=f"{slug(theme)}-{slug(place)}-{index}",
            title=f"{theme} – {place}, lot {index}{' (mis à jour)' if edited else ''}",
            description=markdown(draw, index),
            acronym=f"JD{index}" if index % 8 == 0 else None,
            owner=owner,
            contacts=_some(draw, owner.contacts) if isinstance(owner, Organization) and index % 3 else (),
            created=created.isoformat(),
            modified=(EPOCH if edited else created + timedelta(days=draw.randint(0, 90))).isoformat(),
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
            harvest=self._harvest(index, created) if index % 3 == 0 or self._partner(index) else None,
            resources=tuple(self._resource(draw, index, j) for j in range(_resources(draw, index))),
            state=self._state(index),
            featured=index in FEATURED,
        )

    def reuse(self, index: int) -> Reuse:
        """Build reuse number `index` (0 is the oldest). Every type and topic comes in turn."""
        draw = random.Random(f"{self.seed}:reuse:{index}")
        theme = draw.choice(words.THEMES)
        created = EPOCH - timedelta(days=400) + timedelta(hours=index)
        edited = index in self.edited_reuses
        owner: Owner = None
        if index % 4 != 3:
            owners: tuple[Owner, ...] = self.people if index % 4 == 0 else self.organizations
            owner = draw.choice(owners)
        return Reuse(
            index=index,
            id=self.reuse_id(index),
            slug=f"{slug(theme)}-{index}",
            title=f"Carte {theme} – {index}{' (mis à jour)' if edited else ''}",
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
            modified=(EPOCH if edited else created + timedelta(days=3, microseconds=77000)).isoformat(),
            state=self._reuse_state(index),
            featured=index in FEATURED,
        )

    def every_listed(self) -> Iterator[Dataset]:
        """Yield the datasets of the catalogue in its order, one in memory at a time."""
        return map(self.dataset, self.listed)

    def _links(self, draw: random.Random, index: int) -> tuple[int, ...]:
        if index % 16 == 8:
            return ()
        wanted = min((1, 1, 2, 3, 5, 8)[index % 6], self.datasets)
        links = tuple(sorted(draw.sample(range(self.datasets), wanted)))
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

    def _partner(self, index: int) -> tuple[int, int] | None:
        return next((pair for pair in self.pairs if index in pair), None)

    def _owner(self, index: int) -> Owner:
        if index % 50 == 49:
            return None
        if index % 11 == 5:
            return self.people[index % len(self.people)]
        return self.organizations[index * 7 % len(self.organizations)]

    def _harvest(self, index: int, created: datetime) -> Harvest:
        turn = index // 3
        uri = (
            f"https://amont.exemple.fr/dataset/{index}",
            f"https://amont.exemple.fr/jeu de données/{index}",
            f"https://amont.exemple.fr/jeu-é-{index}",
            f"urn:uuid:00000000-0000-4000-8000-{index:012x}",
            None,
            f"http://amont.exemple.fr/ds/{index}#dataset",
            f"https://ogc.exemple.fr/{index}|x%20y",
            f"https://amont.exemple.fr/liste[{index}]/a",
        )[turn % 8]
        if index % 600 == 33:
            uri = f"pas une iri {index}"
        if pair := self._partner(index):
            uri = f"https://amont.exemple.fr/dataset/partage-{pair[0]}"
        return Harvest(
            uri=uri,
            identifier=(f"FR-{index:06d}", None, f"https://doi.org/10.1234/é{index}")[turn % 3],
            page=f"https://amont.exemple.fr/explore/{index}/" if turn % 4 else None,
            created=(created - timedelta(days=900)).isoformat() if turn % 3 else None,
            issued=(created - timedelta(days=600)).isoformat() if turn % 5 else None,
            modified=(created + timedelta(microseconds=index % 1000 * 1000)).isoformat()
            if turn % 6
            else None,
        )

    def _resource(self, draw: random.Random, index: int, number: int) -> Resource:
        kind, mime = draw.choice(words.FILES)
        base = f"https://fichiers{index % 17}.exemple.fr/export/{index}/{number}"
        url = f"{base}/fichier.{kind or 'bin'}"
        match (index * 13 + number) % 23:
            case 3:
                url = f"{base}/données-été-{number}.csv?an=2024&type=détail"
            case 5:
                url = (
                    f"https://geo.exemple.fr/wms?service=WMS&request=GetCapabilities&layer=c{index}_{number}"
                )
                kind = "ogc:wms"
            case 7:
                url, kind = f"https://geo.exemple.fr/wfs/c{index}_{number}", "wfs"
            case 11:
                url = f"{base}/a%20b/[1]|{{x}}^y`z.csv"
        created = EPOCH - timedelta(days=draw.randint(1, 1500), seconds=draw.randint(0, 86399))
        return Resource(
            id=uuid(digest(self.seed, "resource", index, number)),
            title=f"Fichier {kind or 'divers'} – {draw.choice(words.PLACES)} ({2010 + number % 16})",
            description=sentence(draw) if draw.random() < 0.6 else None,
            url=url,
            format=kind,
            mime=mime,
            size=draw.randint(0, 10**9) if draw.random() < 0.7 else None,
            checksum=("sha1", digest(self.seed, "sum", index, number)) if draw.random() < 0.45 else None,
            created=created.isoformat() if number % 4 != 2 else None,
            modified=(created + timedelta(microseconds=number * 1000)).isoformat(),
        )

    def _service(self, i: int) -> Service:
        draw = random.Random(f"{self.seed}:service:{i}")
        theme = draw.choice(words.THEMES)
        wanted = 0 if i % 5 == 4 else min(1 + i % 9, self.datasets)
        served = {*draw.sample(range(self.datasets), wanted), *((i * 12 % self.datasets,) if wanted else ())}
        return Service(
            index=i,
            id=identifier(self.seed, "service", i),
            slug=f"api-{slug(theme)}-{i}",
            title=f"API {theme} v{i}",
            description=markdown(draw, i + 3),
            url=f"https://api{i}.exemple.fr/v1",
            documentation=f"https://api{i}.exemple.fr/openapi.json" if i % 2 else None,
            uri=f"https://amont.exemple.fr/service/{i}" if i % 3 == 0 else None,
            tags=tuple(sorted(draw.sample(words.TAGS, 3))),
            datasets=tuple(sorted(served)),
            created=(EPOCH - timedelta(days=700 - i % 600)).isoformat(),
            modified=EPOCH.isoformat(),
        )


def _some(draw: random.Random, contacts: tuple[Contact, ...]) -> tuple[Contact, ...]:
    return tuple(draw.sample(contacts, draw.randint(1, len(contacts))))


def _resources(draw: random.Random, index: int) -> int:
    if index % 29 == 28:
        return 0
    return 150 if index % 997 == 100 else draw.choice((1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 12))
