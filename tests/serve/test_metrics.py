"""What Prometheus reads: names by its conventions, few series, numbers that are true."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from harvester.serve.http.problem import TITLES
from harvester.store.generations import Catalogue
from harvester.workers.tally import DONE
from tests.serve.site import settled
from tests.serve.support import Reply, Server, serving
from tests.store.catalogues import publish
from tests.waiting import PATIENCE_S, wait_for

TOKEN = "a-token-of-ours-for-tests"
ASK = "ASK { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(9)) + " }"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("metrics") / "c"
    publish(Catalogue(folder), 1)
    return folder


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[Server]:
    with serving(store, "--timeout", "4", "--workers", "2", "--access-log", "off") as running:
        settled(running)
        yield running


def sparql(server: Server, query: str) -> Reply:
    return server.ask("GET", f"/sparql?query={quote(query)}")


def samples(server: Server) -> list[Sample]:
    text = server.ask("GET", "/metrics").body.decode()
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


def value(found: list[Sample], name: str, **labels: str) -> float:
    return sum(
        sample.value for sample in found if sample.name == name and labels.items() <= sample.labels.items()
    )


def test_names_and_units_are_those_of_the_conventions(server):
    """https://prometheus.io/docs/practices/naming/ , as far as `promtool check metrics` looks at it."""
    sparql(server, ASK)
    text = server.ask("GET", "/metrics").body.decode()

    families = list(text_string_to_metric_families(text))

    assert {family.type for family in families} <= {"counter", "gauge", "histogram"}
    for family in families:
        assert family.documentation, family.name
        assert re.fullmatch(r"(harvester|process)(_[a-z0-9]+)+", family.name)
        assert not re.search(r"_(gauge|counter|histogram|ms|millis|kb|mb)(_|$)", family.name)
        counts = {sample.name for sample in family.samples} == {f"{family.name}_total"}
        assert counts or family.type != "counter" or not family.samples, family.name
        assert not family.name.endswith(("_count", "_sum", "_bucket")), family.name
    names = [family.name for family in families]
    assert len(names) == len(set(names))


def test_answers_are_counted_by_where_they_came_from(server):
    """The first by a worker, its repetition from the cache; both are requests of one route."""
    before = samples(server)
    query = "SELECT ?s { ?s ?p ?o } LIMIT 3"
    assert [sparql(server, query).status for _ in range(3)] == [200] * 3
    after = samples(server)

    def grew(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert grew("harvester_answers_total", source="worker") == 1
    assert grew("harvester_answers_total", source="cache") == 2
    assert grew("harvester_tasks_total", outcome=DONE) == 1
    assert grew("harvester_task_duration_seconds_count") == 1
    assert grew("harvester_http_requests_total", route="/sparql", status="200") == 3
    assert grew("harvester_http_request_duration_seconds_count", route="/sparql") == 3
    assert grew("harvester_cache_answers") == 1
    assert grew("harvester_cache_bytes") > 0


def test_a_task_that_is_stopped_is_counted_with_the_reason(server):
    """And its process is replaced."""
    before = samples(server)
    assert sparql(server, ENDLESS).status == 504
    after = samples(server)

    stopped = {"outcome": "query-too-slow"}
    assert value(after, "harvester_tasks_total", **stopped) == 1 + value(
        before, "harvester_tasks_total", **stopped
    )
    assert value(after, "harvester_workers_started_total") > value(before, "harvester_workers_started_total")
    held = value(after, "harvester_task_duration_seconds_bucket", le="+Inf") - value(
        after, "harvester_task_duration_seconds_bucket", le="1.0"
    )
    assert held >= 1


def test_who_left_is_no_error_of_the_server(server):
    """A client that goes away stops its query: counted as such, not as a 5xx that wakes somebody up."""
    left = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE_S)
    left.request("GET", f"/sparql?query={quote(ENDLESS + ' # left')}")
    wait_for(
        lambda: sum(value(samples(server), "harvester_workers", state=state) for state in ("quick", "slow"))
    )
    before = samples(server)
    left.close()

    wait_for(lambda: value(samples(server), "harvester_tasks_total", outcome="client-left"))
    after = samples(server)
    assert value(after, "harvester_http_requests_total", route="/sparql", status="499") == 1
    for status in ("500", "503", "504"):
        same = {"route": "/sparql", "status": status}
        assert value(after, "harvester_http_requests_total", **same) == value(
            before, "harvester_http_requests_total", **same
        )


def test_whatever_is_asked_for_the_series_are_few(server):
    """Labels are patterns of addresses and statuses, never what a client wrote."""
    sparql(server, ASK)
    before = {(sample.name, *sample.labels.values()) for sample in samples(server)}
    for number in range(30):
        server.ask("GET", f"/nothing/{number}")
        server.ask("GET", f"/queries/nothing-{number}")
        server.ask("GET", f"/static/nothing-{number}")
        server.ask(f"METHOD{number}", "/sparql")
        sparql(server, f"ASK {{ ?s ?p {number} }}")
    after = {(sample.name, *sample.labels.values()) for sample in samples(server)}

    assert not any(re.search(r"nothing|METHOD", word) for series in after for word in series)
    assert len(after - before) < 100
    outcomes = {sample.labels["outcome"] for sample in samples(server) if "outcome" in sample.labels}
    assert outcomes <= {DONE, *TITLES}


def test_what_is_served_can_be_watched(store, server):
    """The age of the data, whether it is the newest, and what the processes do."""
    found = samples(server)
    current = Catalogue(store).require()

    created = value(found, "harvester_generation_created_timestamp_seconds")
    assert created == pytest.approx(current.created.timestamp(), abs=0.001)
    assert value(found, "harvester_up_to_date") == 1
    assert value(found, "harvester_workers") == 3  # two, and one for whoever comes next
    assert value(found, "harvester_tasks_waiting") == 0
    assert value(found, "harvester_build_info") == 1
    assert value(found, "process_resident_memory_bytes") > 1e6


def test_metrics_can_be_turned_off(store):
    """Then there is nothing at the address."""
    with serving(store, "--no-metrics") as quiet:
        assert quiet.ask("GET", "/metrics").status == 404
        assert quiet.ask("GET", "/health").status == 200


def test_where_tokens_are_asked_for_metrics_ask_too_and_health_does_not(store, tmp_path):
    """Load balancers have no tokens; Prometheus may have one. The log names who had which."""
    (tmp_path / "tokens").write_text(f"prometheus:{TOKEN}\n")
    authorization = {"Authorization": f"Bearer {TOKEN}"}
    with serving(store, "--tokens", str(tmp_path / "tokens")) as closed:
        assert closed.ask("GET", "/health").status == 200
        assert closed.ask("GET", "/metrics").status == 401
        assert closed.ask("GET", f"/metrics?access_token={TOKEN}").status == 401
        assert closed.ask("GET", "/metrics", authorization).status == 200
        assert sparql(closed, ASK).status == 401
        assert closed.ask("GET", f"/sparql?query={quote(ASK)}", authorization).status == 200
        closed.process.terminate()
        closed.process.wait(PATIENCE_S)
        text = closed.log.read_text()
    assert TOKEN not in text
    assert re.search(r'^127\.0\.0\.1 - prometheus \[.*"GET /metrics HTTP/1\.1" 200 ', text, re.MULTILINE)
    assert re.search(r'^127\.0\.0\.1 - - \[.*"GET /sparql\?.*" 401 ', text, re.MULTILINE)
