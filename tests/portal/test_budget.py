"""What one run may take of a portal at most, over real HTTP."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harvester.errors import BudgetSpent, FetchError
from harvester.model import Category
from harvester.portal.client import Fetcher
from harvester.portal.warc import Recorder, Replayer
from tests.portal.helpers import Talk, Time, quick
from tests.portal.loopback import Loopback, cut, drip, redirect, reply, zipped

MEBIBYTE = 1024 * 1024


def spent(client: Fetcher, url: str) -> BudgetSpent:
    """Return the error that says that the budget is used up; it is whole, and no portal's fault."""
    with pytest.raises(BudgetSpent) as caught:
        client.get(url)
    error = caught.value
    assert (error.category, error.status, error.url) == (Category.REFUSED, None, url)
    assert url in error.cause
    return error


def test_the_last_request_is_allowed_and_no_other(server: Loopback, talk: Talk):
    url = server.on("/a", reply(b"a"))
    client = talk(max_requests=2)

    assert [client.get(url).body, client.get(url).body] == [b"a", b"a"]
    for _ in range(3):
        error = spent(client, url)

    assert "2 requests" in error.cause
    assert "--max-requests" in error.fix
    assert len(server.seen) == client.requests == 2


def test_retries_use_it_up(server: Loopback, talk: Talk):
    """In the middle of retries it ends at once: nobody waits for a request that may not be made."""
    url = server.on("/a", reply(status=503))
    world = Time()
    client = talk(world={"sleep": world.sleep, "clock": world.clock}, max_requests=3, attempts=9, backoff=8.0)

    spent(client, url)

    assert len(server.seen) == 3
    assert len(world.slept) == 2


def test_redirects_use_it_up(server: Loopback, talk: Talk):
    url = server.on("/a", redirect("/b"))
    server.on("/b", redirect("/c"))
    client = talk(max_requests=2)

    with pytest.raises(BudgetSpent) as caught:
        client.get(url)

    assert server.url("/c") in caught.value.cause
    assert [seen.path for seen in server.seen] == ["/a", "/b"]


def test_threads_share_it(server: Loopback, talk: Talk):
    """However they race, as many requests are made as may be, and each of the others is told."""
    url = server.on("/a", reply(b"a"))
    client = talk(max_requests=20, concurrency=8)

    def outcome(_: int) -> str:
        try:
            return client.get(url).body.decode()
        except FetchError as error:
            return type(error).__name__

    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(outcome, range(60)))

    assert outcomes == {"a": 20, "BudgetSpent": 40}
    assert len(server.seen) == client.requests == 20


def test_transfer_counts_what_comes_over_the_wire(server: Loopback, talk: Talk):
    """A megabyte that comes as a kilobyte costs a kilobyte."""
    packed = server.on("/packed", zipped(bytes(MEBIBYTE)))
    plain = server.on("/plain", reply(bytes(MEBIBYTE)))

    assert len(talk(max_transfer=MEBIBYTE - 1).get(packed).body) == MEBIBYTE
    error = spent(talk(max_transfer=MEBIBYTE - 1), plain)

    assert "--max-transfer" in error.fix
    assert " 1 MiB" in error.cause


def test_the_last_byte_is_allowed(server: Loopback, talk: Talk):
    """Then nothing is asked for any more."""
    url = server.on("/a", reply(bytes(1000)))
    client = talk(max_transfer=2000)

    client.get(url)
    client.get(url)
    spent(client, url)

    assert len(server.seen) == 2


def test_an_endless_answer_ends_with_the_budget(server: Loopback, talk: Talk):
    """Also one that explains a refusal; and it is not asked for again."""
    head = b"HTTP/1.1 %s\r\nContent-Type: text/turtle\r\n\r\n"
    for status in (b"200 OK", b"503 Busy"):
        url = server.on("/a", drip(head % status, b"x" * 65536))
        server.seen.clear()

        spent(talk(max_transfer=30_000), url)

        assert len(server.seen) == 1


def test_what_broke_off_counts_too(server: Loopback, talk: Talk):
    url = server.on("/a", cut(bytes(100_000), 200_000))

    spent(talk(max_transfer=110_000, attempts=9), url)

    assert len(server.seen) == 2


def test_nothing_means_no_limit(server: Loopback, talk: Talk):
    url = server.on("/a", reply(bytes(1000)))
    client = talk(max_requests=0, max_transfer=0)

    for _ in range(20):
        client.get(url)

    assert client.requests == 20


@pytest.mark.parametrize("limit", [{"max_requests": 3}, {"max_transfer": 250_000}])
def test_a_run_that_spent_it_is_replayed(tmp_path: Path, server: Loopback, talk: Talk, limit: dict[str, int]):
    """The replay ends where the run did, with the same words."""
    url = server.on("/a", reply(bytes(70_000)))

    def outcomes(fetcher: Fetcher) -> list[str]:
        said = []
        for _ in range(5):
            try:
                said.append(f"{len(fetcher.get(url).body)} bytes")
            except BudgetSpent as error:
                said.append(str(error))
        return said

    with Recorder(tmp_path / "run.warc.gz") as recorder:
        live = outcomes(talk(world={"recorder": recorder}, **limit))

    with Replayer(tmp_path / "run.warc.gz", quick(**limit)) as replayer:
        assert outcomes(replayer) == live
    assert live[:3] == ["70000 bytes"] * 3
    assert "used up" in live[3]
