"""/health: what a load balancer and an operator are told, while all is well and when it is not."""

import json
import shutil
from collections.abc import Iterator

import pytest

from harvester.store.generations import Catalogue
from tests.serve.support import Reply, Server, kill_workers, serving, started
from tests.store.catalogues import publish
from tests.waiting import awaited

ASK = "/sparql?query=ASK%7B%7D"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    found = Catalogue(tmp_path_factory.mktemp("health") / "c")
    publish(found, 1)
    return found


@pytest.fixture(scope="module")
def server(catalogue: Catalogue) -> Iterator[Server]:
    """Each test leaves it and its catalogue as well as they were."""
    with serving(catalogue.path) as server:
        yield server


def told(reply: Reply) -> dict:
    return json.loads(reply.body)


def until(server: Server, status: str, generation: str = "") -> dict:
    """Wait until the server says that its state is this, and that it serves this generation, if given."""
    return awaited(
        lambda: told(server.ask("GET", "/health")),
        lambda facts: facts["status"] == status and generation in ("", facts["generation"]),
    )


def test_a_server_that_is_well_says_what_it_serves(catalogue, server):
    """The generation and its age; nobody keeps the answer; HEAD will do."""
    reply = server.ask("GET", "/health")
    head = server.ask("HEAD", "/health")

    current = catalogue.require()
    facts = told(reply)
    assert (reply.status, facts["status"], facts["generation"]) == (200, "ok", current.id)
    assert facts["created"] == current.created.isoformat()
    assert 0 <= facts["age_s"] < 600
    assert reply.headers["Cache-Control"] == "no-store"
    assert (head.status, head.body) == (200, b"")


def test_a_catalogue_that_is_gone_is_served_on_and_that_is_said(catalogue, server):
    """Until it is back; the words are for everybody, the paths are in the log."""
    link = catalogue.path / "current"
    target = link.readlink()
    link.unlink()
    facts = until(server, "degraded")
    asked = server.ask("GET", "/health").status, server.ask("GET", ASK).status
    link.symlink_to(target)
    until(server, "ok")
    log = server.log.read_text()

    assert asked == (200, 200)
    assert facts["reason"]
    assert str(catalogue.path) not in json.dumps(facts)
    assert str(catalogue.path) in log


def test_a_generation_that_cannot_be_opened_is_not_served(catalogue, server):
    """The one before goes on; the next that can be opened takes its place."""
    first, broken = catalogue.require(), publish(catalogue, 2)
    with catalogue.lock("a test"):
        catalogue.switch(first)
    until(server, "ok", first.id)
    shutil.rmtree(broken.path / "store")
    with catalogue.lock("a test"):
        catalogue.switch(broken)
    facts = until(server, "degraded")
    answer = server.ask("GET", ASK).status
    with catalogue.lock("a test"):
        catalogue.switch(first)
    third = publish(catalogue, 3)
    until(server, "ok", third.id)

    assert (facts["generation"], answer) == (first.id, 200)


def test_a_link_that_leads_nowhere_changes_nothing(catalogue, server):
    """Somebody's mistake with `ln` costs nobody an answer."""
    link = catalogue.path / "current"
    target = link.readlink()
    for junk in ("../../etc", "generations/20200101T000000Z", "current"):
        link.unlink()
        link.symlink_to(junk)
        until(server, "degraded")
        assert server.ask("GET", ASK).status == 200
        link.unlink()
        link.symlink_to(target)
        until(server, "ok")


def test_a_server_without_a_catalogue_says_so(tmp_path):
    """503 to the load balancer and to who asks, until something is published: no restart is needed."""
    with started(tmp_path / "c") as server:
        reply = server.ask("GET", "/health")
        asked = server.ask("GET", ASK)
        generation = publish(Catalogue(tmp_path / "c"), 1)
        facts = until(server, "ok")

    assert (reply.status, told(reply)["status"]) == (503, "unavailable")
    assert asked.status == 503
    assert asked.headers["Retry-After"]
    assert facts["generation"] == generation.id


def test_a_server_whose_processes_cannot_be_replaced_asks_for_no_more(catalogue, server):
    """503 when the disk under it is gone; it recovers by itself when that is back."""
    current = catalogue.require().path
    away = current.rename(current.with_name("away"))
    kill_workers(server)
    assert server.ask("GET", f"{ASK}%23{current.name}").status == 503
    facts = until(server, "unavailable")
    refused = server.ask("GET", "/health").status, server.ask("GET", ASK + "%20").status
    away.rename(current)
    until(server, "ok")
    assert server.ask("GET", ASK + "%20%20").status == 200

    assert refused == (503, 503)
    assert facts["generation"]
