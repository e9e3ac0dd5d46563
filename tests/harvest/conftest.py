"""What many small harvests share."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest

from harvester.harvest import job
from harvester.harvest.parser import Parser
from tests.harvest.support import harvest_catalogue
from tests.simulator import UDATA, Portal, World, serve


@pytest.fixture(scope="module")
def parser():
    with Parser() as running:
        yield running


@pytest.fixture(autouse=True)
def one_parser(parser, monkeypatch):
    """All runs use the same parsing processes: starting them takes longer than a small harvest."""
    monkeypatch.setattr(job, "Parser", lambda *_, **__: nullcontext(parser))


class Shared:
    """Portals that tests use one after the other, each as it was in the beginning, and stores harvested once.

    A store names its portal's address: it can be shared only with a portal that goes on running.
    """

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        self._portals: dict[World, Portal] = {}
        self._stores: dict[tuple[object, ...], Path] = {}

    def portal(self, world: World) -> Portal:
        """Return the portal of a world, well and with nothing asked yet."""
        portal = self._portals.get(world)
        if portal is None:
            portal = self._portals[world] = self._stack.enter_context(serve(world))
        portal.world, portal.faults, portal.manners = world, (), UDATA
        portal.requests.clear()
        return portal

    def store(self, world: World, target: Path, *, harvest=harvest_catalogue, page_size: int = 10) -> Path:
        """Put into `target` what a first harvest of a portal makes, of the catalogue alone unless told.

        Harvested when it is first asked for, and before the test changes anything.
        """
        key = (world, harvest, page_size)
        if key not in self._stores:
            filled = self._folder / str(len(self._stores))
            harvest(self.portal(world).site, filled, page_size=page_size)
            self._stores[key] = filled
        shutil.copytree(self._stores[key], target, symlinks=True)
        return target


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Iterator[Shared]:
    """What tests begin with: see `portal` and `store`, and those of modules."""
    with ExitStack() as stack:
        yield Shared(stack, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def portal(shared, request) -> Portal:
    """The portal of the module's WORLD."""
    return shared.portal(request.module.WORLD)


@pytest.fixture
def store(shared, request, tmp_path) -> Path:
    """What a first harvest of that portal made, for each test to go on with."""
    return shared.store(request.module.WORLD, tmp_path / "store")
