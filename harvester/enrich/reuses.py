"""Reuses as linked data, and the code lists of their types and topics."""

from collections.abc import Iterable, Sequence

from harvester.enrich.concepts import portal_scheme, shared_schemes
from harvester.enrich.lift import DATASETS, portal_id_of
from harvester.enrich.mapper import Mapper
from harvester.enrich.mappings import REUSE, Mappings
from harvester.enrich.portal import PortalFacts
from harvester.model import Record

TYPES, TOPICS = "reuses/types/", "reuses/topics/"


def dataset_ids(documents: Iterable[object]) -> set[str]:
    """Return the ids of the datasets that a batch of reuses refers to."""
    lists = [document.get(DATASETS) for document in documents if isinstance(document, dict)]
    items = [item for datasets in lists if isinstance(datasets, list) for item in datasets]
    return {portal_id for item in items if (portal_id := portal_id_of(item))}


class ReuseMapper(Mapper):
    """Maps the reuses of one portal."""

    def __init__(self, mappings: Mappings, portal: PortalFacts, *, persons: bool = False) -> None:
        super().__init__(mappings, REUSE, portal, persons=persons)
        self._facts = portal
        self._crosswalks = mappings.crosswalks

    def schemes(
        self,
        types: Sequence[object],
        topics: Sequence[object],
        *,
        english: tuple[Sequence[object], Sequence[object]] = ((), ()),
        used: Iterable[str] = (),
    ) -> list[Record]:
        """Describe the portal's types and topics of reuses, and the vocabularies that they match.

        `types` and `topics` are the portal's lists (`[{"id", "label"}, …]`) in its own language, `english`
        both in English where asked for. `used` are the concepts that reuses were found to have
        (`Mapped.concepts`): those that the portal does not list are described too.
        """
        concepts = list(used)
        lists = zip((TYPES, TOPICS), (types, topics), english, strict=True)
        own = [
            portal_scheme(
                self._facts, path, self.crosswalk, {"en": translated, self.language: given}, concepts
            )
            for path, given, translated in lists
        ]
        return [*own, *shared_schemes(self._facts.root, self._crosswalks)]
