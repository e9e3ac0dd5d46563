"""What a complete harvest of a world must find, computed from its records alone."""

from dataclasses import dataclass
from functools import cached_property

from tests.simulator.names import Names, repaired
from tests.simulator.records import Dataset, Organization, State
from tests.simulator.world import World


@dataclass(frozen=True)
class Truth:
    """The expected contents of a catalogue, for a portal whose API root is `api`."""

    world: World
    api: str

    @property
    def names(self) -> Names:
        return Names(self.api, self.world.cdata)

    @cached_property
    def iri_of(self) -> dict[str, str]:
        """Id of each listed dataset -> its IRI after repair. Two ids can have one IRI."""
        return {record.id: self.iri(record) for record in self.world.every_listed()}

    @property
    def datasets(self) -> frozenset[str]:
        """IRIs of the listed datasets, after repair."""
        return frozenset(self.iri_of.values())

    @cached_property
    def services(self) -> frozenset[str]:
        """IRIs of the data services on the catalogue's pages."""
        listed = set(self.world.listed)
        shown = (s for s in self.world.services if not s.datasets or listed & set(s.datasets))
        return frozenset(repaired(self.names.service(service), self.names.catalog) for service in shown)

    @cached_property
    def organizations(self) -> frozenset[str]:
        """IRIs of the organizations that own a listed dataset."""
        return frozenset(self._owners(Organization))

    @cached_property
    def contacts(self) -> frozenset[str]:
        """IRIs of the contact points of listed datasets."""
        listed = self.world.every_listed()
        return frozenset(self.names.contact(contact) for record in listed for contact in record.contacts)

    @cached_property
    def reuses(self) -> frozenset[str]:
        """IRIs of the listed reuses: permalinks by id."""
        return frozenset(self.names.reuse(self.world.reuse(index)) for index in self.world.listed_reuses)

    @cached_property
    def links(self) -> frozenset[tuple[str, str]]:
        """(reuse IRI, dataset IRI) of every link that resolves; archived datasets still have a document."""
        return frozenset((reuse, self.iri(record)) for reuse, record in self._links() if _readable(record))

    @cached_property
    def dangling(self) -> frozenset[tuple[str, str]]:
        """(reuse IRI, dataset id) of every link to a dataset that is deleted or private."""
        return frozenset((reuse, record.id) for reuse, record in self._links() if not _readable(record))

    @cached_property
    def unlisted_targets(self) -> frozenset[str]:
        """Ids that reuses name and the catalogue does not list."""
        return frozenset(
            record.id for _, record in self._links() if record.index not in set(self.world.listed)
        )

    def iri(self, record: Dataset) -> str:
        """Return the dataset's IRI after repair, as the catalogue's pages lead to it."""
        return repaired(self.names.dataset(record), self.names.catalog)

    def _links(self) -> list[tuple[str, Dataset]]:
        return [
            (self.names.reuse(reuse), self.world.dataset(index))
            for reuse in map(self.world.reuse, self.world.listed_reuses)
            for index in reuse.datasets
        ]

    def _owners(self, kind: type[Organization]) -> set[str]:
        owners = (record.owner for record in self.world.every_listed())
        return {self.names.owner(owner) for owner in owners if isinstance(owner, kind)}


def _readable(record: Dataset) -> bool:
    return record.state in (State.PUBLIC, State.ARCHIVED)
