"""What modules share, for it is dear: a harvest, and servers that their tests only ask."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.serve.nights import Nights, two_nights
from tests.serve.site import site
from tests.serve.support import Server, publish, serving, wait_until_served


@pytest.fixture(scope="session")
def portal(demo_store: Path) -> Iterator[Server]:
    """A server over the recorded portal's catalogue, that all may ask and none may change."""
    with serving(demo_store, "--access-log", "off") as server:
        yield server
        assert "Traceback" not in server.log.read_text()


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site (tests/serve/site.py) that all may ask and none may change."""
    with site(tmp_path_factory.mktemp("site"), "--make-dumps") as server:
        yield server


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """A server over a store of two nights, that all may ask and none may change."""
    with two_nights(tmp_path_factory.mktemp("nights") / "store") as nights:
        yield nights


@pytest.fixture(scope="session")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Server]]:
    store = tmp_path_factory.mktemp("stage") / "store"
    publish(store, "")
    with serving(store, "--access-log", "off") as server:
        yield store, server


@pytest.fixture
def show(_stage: tuple[Path, Server]) -> Callable[[str], Server]:
    """Has one server, the same for all tests, serve exactly these quads; returns it when it does.

    It takes the newest publication as any server does, which costs a tenth of starting another one.
    """
    store, server = _stage

    def show(trig: str) -> Server:
        wait_until_served(server, publish(store, trig).id)
        return server

    return show
