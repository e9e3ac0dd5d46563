"""Generations published while clients ask: none of them meets an error, a mixture, or the past.

State N of a catalogue says N about each of its things and nothing else: an answer with two numbers is a
mixture.
"""

import http.client
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from urllib.parse import quote

import pytest

from harvester.store.generations import Catalogue
from tests.serve.support import Server, serving, started, wait_until_served
from tests.store.catalogues import THINGS, publish
from tests.waiting import PATIENCE_S, wait_for

STATES = 10
ALL = "SELECT ?state { ?thing <http://example.org/state> ?state }"
COPIES = "SELECT ?state { ?thing <http://example.org/state> ?state . ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
"""All of it 27,000 times."""
CANNED = "#+ summary: States of things\nSELECT ?thing ?state { ?thing <http://example.org/state> ?state }\n"
PLAIN = {"Accept": "text/tab-separated-values"}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Each test begins with publishing what it needs."""
    return Catalogue(tmp_path_factory.mktemp("publication") / "c")


@pytest.fixture(scope="module")
def server(catalogue: Catalogue) -> Iterator[Server]:
    """Over a catalogue into which the tests publish, one after the other."""
    queries = catalogue.path.with_name("queries")
    queries.mkdir()
    (queries / "states.rq").write_text(CANNED)
    publish(catalogue, 0)
    with serving(catalogue.path, "--queries", str(queries), "--access-log", "off") as server:
        yield server


class Client:
    """Asks one path on one connection, again and again, and keeps what it saw."""

    def __init__(self, server: Server, path: str, read: Callable[[bytes], list[int]]) -> None:
        self._connection = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE_S)
        self._path = path
        self._read = read
        self._known: dict[str, str] = {}
        self.seen: list[int] = []
        self.unchanged = 0

    def ask(self) -> None:
        """Ask once, with the ETag of the last answer. Anything but 200 and 304 is an error."""
        self._connection.request("GET", self._path, headers={**PLAIN, **self._known})
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status in (200, 304), (answer.status, body)
        if answer.status == 304:
            self.unchanged += 1
            return
        (number,) = set(self._read(body))
        if self.seen:
            assert number != self.seen[-1], "the same state had another ETag"
        self.seen.append(number)
        self._known = {"If-None-Match": answer.headers["ETag"]}

    def ask_until(self, done: threading.Event) -> "Client":
        with closing(self._connection):
            while not done.is_set():
                self.ask()
        return self


def tsv(body: bytes) -> list[int]:
    rows = body.decode().splitlines()[1:]
    assert len(rows) == THINGS
    return [int(row.rpartition("\t")[2].strip('"').partition('"')[0]) for row in rows]


def sparql_json(body: bytes) -> list[int]:
    rows = json.loads(body)["results"]["bindings"]
    assert len(rows) == THINGS
    return [int(row["state"]["value"]) for row in rows]


def fresh(number: int) -> str:
    """A query that was not asked before."""
    return f"/sparql?query={quote(ALL + f' # {number}')}"


def tidy(catalogue: Catalogue) -> int:
    """Remove what is neither current nor in use; return how many generations are left."""
    with catalogue.lock("a test"):
        catalogue.prune(1)
    return len(list((catalogue.path / "generations").iterdir()))


@contextmanager
def asking(clients: list[Client]) -> Iterator[None]:
    """Have clients ask for as long as the block runs."""
    done = threading.Event()
    with ThreadPoolExecutor(len(clients)) as threads:
        asked = [threads.submit(client.ask_until, done) for client in clients]
        try:
            yield
        finally:
            done.set()
        for future in asked:
            future.result()


def test_publications_under_load(catalogue, server):
    """No error, no mixture, never back in time; each state is served soon, and the old ones go."""
    wait_until_served(server, publish(catalogue, 0).id)
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE_S)) as slow:
        slow.request("GET", f"/sparql?query={quote(COPIES)}", headers=PLAIN)
        long = slow.getresponse()
        clients = [
            Client(server, fresh(0), tsv),
            Client(server, fresh(0), tsv),
            Client(server, fresh(1), tsv),
            Client(server, "/queries/states.json", sparql_json),
        ]
        body = b""
        with asking(clients):
            for state in range(1, STATES + 1):
                wait_until_served(server, publish(catalogue, state).id)
                body += long.read(1000)
            wait_for(lambda: all(client.seen[-1:] == [STATES] for client in clients))
        lines = (body + long.read()).decode().splitlines()[1:]

        assert (long.status, len(lines), set(lines)) == (200, THINGS**4, {"0"})
        for client in clients:
            assert client.seen == sorted(set(client.seen))
            assert client.seen[-1] == STATES
            assert client.unchanged
        assert set().union(*(client.seen for client in clients)) == set(range(STATES + 1))
        wait_for(lambda: tidy(catalogue) == 1)


def test_an_answer_under_way_is_of_its_own_time(catalogue, server):
    """A long answer begun before a publication ends as it began, while others get the new state.

    Its generation stays on the disk until then, whatever is pruned.
    """
    old = publish(catalogue, 1)
    wait_until_served(server, old.id)
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE_S)) as slow:
        slow.request("GET", f"/sparql?query={quote(COPIES)}", headers=PLAIN)
        answer = slow.getresponse()
        seen = answer.read(1000)
        wait_until_served(server, publish(catalogue, 2, keep=1).id)
        assert set(tsv(server.ask("GET", fresh(2), PLAIN).body)) == {2}
        publish(catalogue, 3, keep=1)
        assert old.path.is_dir()
        lines = (seen + answer.read()).decode().splitlines()[1:]

        assert answer.status == 200
        assert len(lines) == THINGS**4
        assert set(lines) == {"1"}


def test_a_publication_changes_the_tag_of_an_answer(catalogue, server):
    """304 as long as it holds, then the new answer with its own tag."""
    wait_until_served(server, publish(catalogue, 1).id)
    first = server.ask("GET", fresh(0), PLAIN)
    known = {**PLAIN, "If-None-Match": first.headers["ETag"]}
    same = server.ask("GET", fresh(0), known)
    wait_until_served(server, publish(catalogue, 2).id)
    second = server.ask("GET", fresh(0), known)
    again = server.ask("GET", fresh(0), {**PLAIN, "If-None-Match": second.headers["ETag"]})

    assert (same.status, same.body) == (304, b"")
    assert (second.status, set(tsv(second.body))) == (200, {2})
    assert second.headers["ETag"] != first.headers["ETag"]
    assert again.status == 304


def test_a_rollback_is_followed(catalogue, server):
    """An older generation that is made current again is served again, under its old tag."""
    old = publish(catalogue, 1)
    wait_until_served(server, old.id)
    before = server.ask("GET", fresh(0), PLAIN)
    wait_until_served(server, publish(catalogue, 2).id)
    with catalogue.lock("an operator"):
        catalogue.switch(old)
    wait_until_served(server, old.id)
    after = server.ask("GET", fresh(0), PLAIN)

    assert set(tsv(after.body)) == {1}
    assert after.headers["ETag"] == before.headers["ETag"]


def test_a_catalogue_made_anew_is_served(tmp_path):
    """The whole folder removed and harvested again: the old state goes on until the new one is there."""
    catalogue = Catalogue(tmp_path / "c")
    an_hour_later = publish(catalogue, 1).created + timedelta(hours=1)
    with serving(catalogue.path) as server:
        shutil.rmtree(catalogue.path)
        assert set(tsv(server.ask("GET", fresh(0), PLAIN).body)) == {1}
        later = Catalogue(catalogue.path, clock=lambda: an_hour_later)
        wait_until_served(server, publish(later, 2).id)
        assert set(tsv(server.ask("GET", fresh(0), PLAIN).body)) == {2}


def test_the_first_publication_is_served(tmp_path):
    """A server may be started before the first harvest."""
    catalogue = Catalogue(tmp_path / "c")
    with started(catalogue.path) as server:
        refused = server.ask("GET", fresh(0))
        wait_until_served(server, publish(catalogue, 1).id)
        answer = server.ask("GET", fresh(0), PLAIN)

    assert refused.status == 503
    assert set(tsv(answer.body)) == {1}
