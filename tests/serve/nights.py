"""A catalogue of two nights, between which a portal changed, and a server over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from harvester.harvest.report import Report
from harvester.store.changes import changes
from harvester.store.generations import Catalogue
from tests.harvest.support import harvest
from tests.serve.support import Server, serving
from tests.simulator import Night, World
from tests.simulator import serve as simulate

NIGHT = Night(add=3, remove=2, edit=4, add_reuses=2, remove_reuses=1, edit_reuses=2)


@dataclass(frozen=True)
class Nights:
    """A server over a store of two nights, the report of the second, and what changed.

    `changed` has (change, kind, title) of each record that differs between the two generations.
    """

    server: Server
    report: Report
    changed: list[tuple[str, str, str]]


@contextmanager
def two_nights(store: Path) -> Iterator[Nights]:
    """Harvest a simulated portal twice into `store`, and serve it."""
    options = {"grace": 0, "allow_mass_removal": True, "page_size": 20}
    with simulate(World(datasets=40, reuses=12)) as portal:
        harvest(portal.site, store, **options)
        portal.world = NIGHT.over(portal.world, Random(5))
        report = harvest(portal.site, store, **options)
    old, new = sorted(Catalogue(store).generations(), key=lambda each: each.id)[-2:]
    changed = [(each.change, each.kind.value, each.title) for each in changes(old, new)]
    with serving(store, "--access-log", "off") as server:
        yield Nights(server, report, changed)
