"""The catalogues that the portal itself harvests: where a third of its datasets comes from."""

from collections.abc import Sequence
from datetime import timedelta

from tests.simulator.parts import EPOCH
from tests.simulator.records import Owner, Person, Source
from tests.simulator.text import identifier

BACKENDS = ("dcat", "csw-dcat", "ckan")


def sources(
    seed: int, datasets: int, owners: Sequence[Owner], people: Sequence[Person]
) -> tuple[Source, ...]:
    """Build five sources, or one for 400 datasets, and a last one that was deleted: its datasets stay."""
    if not datasets:
        return ()
    count = max(5, datasets // 400) + 1
    return tuple(
        Source(
            index=number,
            id=identifier(seed, "source", number),
            slug=f"moissonneur-{number}",
            name=f"Catalogue « amont » {number}",
            description="Moissonné **chaque nuit**." if number % 2 else None,
            url=f"https://amont{number}.exemple.fr/{('catalog.xml', 'csw', '')[number % 3]}",
            backend=BACKENDS[number % len(BACKENDS)],
            owner=owners[number % len(owners)],
            validator=people[number % len(people)] if number % 5 != 3 else None,
            harvests=datasets // 3 // count if number % 5 != 3 else None,
            created=(EPOCH - timedelta(days=800 - number % 700)).isoformat(),
            deleted=(EPOCH - timedelta(days=5)).isoformat() if number == count - 1 else None,
        )
        for number in range(count)
    )


def source_of(found: Sequence[Source], dataset: int) -> Source:
    """Return the source of a harvested dataset, by its number."""
    return found[dataset // 3 % len(found)]
