from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.portal.client import Client
from tests.portal.helpers import Talk, quick
from tests.portal.loopback import Loopback
from tests.portal.spools import Days

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def talk(server: Loopback) -> Iterator[Talk]:
    """Make clients of `server`, quick ones; keywords are settings, or `world`: Client's own keywords."""
    clients: list[Client] = []

    def make(portal: str = "", *, world: dict[str, object] | None = None, **settings: object) -> Client:
        client = Client(quick(**settings), portal or server.url(), **(world or {}))
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def clock() -> Days:
    return Days()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a spool keeps its files."""
    return tmp_path / "spool" / "portal.example"
