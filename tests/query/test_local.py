"""Queries on this machine: answered in a process that can be stopped, and is."""

import json
import time
from io import BytesIO

import psutil
import pytest

from harvester.errors import QueryError, StoreError, UsageError
from harvester.query.endpoint import PatientStream
from harvester.query.local import LocalEndpoint
from harvester.query.results import JSON, TURTLE, read_rows, write_answer
from harvester.query.sparql import Sparql, read

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
MANY = "SELECT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def ask(endpoint: LocalEndpoint, query: str | Sparql, output=JSON) -> bytes:
    out = BytesIO()
    with endpoint.ask(read(query) if isinstance(query, str) else query, output) as answer:
        write_answer(answer, output, out)
    return out.getvalue()


def children() -> list[psutil.Process]:
    """Return the processes that evaluate queries; other tests of this run may have left helpers of theirs."""
    return [child for child in psutil.Process().children() if "harvester.query.worker" in child.cmdline()]


def test_a_query_is_answered(folder):
    """Over the union of all graphs, with known prefixes."""
    found = json.loads(ask(LocalEndpoint(folder), "SELECT (COUNT(*) AS ?n) { ?d a dcat:Dataset }"))
    assert found["results"]["bindings"][0]["n"]["value"] == "4"


def test_a_graph_is_answered(folder):
    """CONSTRUCT gives triples."""
    query = "CONSTRUCT { ?o foaf:name ?n } WHERE { ?o a foaf:Organization ; foaf:name ?n FILTER(isIRI(?o)) }"
    assert ask(LocalEndpoint(folder), query, TURTLE).count(b"foaf:name") == 3


def test_the_store_is_not_changed(folder):
    """Asking leaves every file as it was."""
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.iterdir()}
    ask(LocalEndpoint(folder), "ASK {}")
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.iterdir()} == before


def test_a_query_without_end_is_stopped_in_time(folder):
    """The engine knows no time limit: its process is killed, and none is left."""
    begun = time.monotonic()

    with pytest.raises(QueryError, match=r"stopped after 0\.5 seconds"):
        ask(LocalEndpoint(folder, timeout_s=0.5), ENDLESS)

    assert time.monotonic() - begun < 30
    assert children() == []


class Dripping(PatientStream):
    """A source that takes a while for each byte."""

    pause_s = 0.0

    def _receive(self, size, timeout_s):
        time.sleep(min(self.pause_s, timeout_s))
        if self.pause_s >= timeout_s:
            raise TimeoutError
        return b"x"


def test_time_in_which_nobody_reads_does_not_count():
    """Somebody who pages through an answer has all the time in the world."""
    stream = Dripping(timeout_s=0.1)
    assert stream.read(1) == b"x"
    time.sleep(0.15)
    assert stream.read(1) == b"x"


def test_waiting_counts_in_all():
    """A source that is just fast enough for each piece is still stopped."""
    stream = Dripping(timeout_s=0.1)
    stream.pause_s = 0.03
    with pytest.raises(QueryError, match=r"stopped after 0\.1 seconds"):
        stream.readall()


def test_who_has_seen_enough_ends_the_query(folder):
    """Leaving the block ends the process, however much is still to come."""
    with LocalEndpoint(folder).ask(read(MANY), JSON) as answer:
        next(read_rows(answer).rows)
        assert len(children()) == 1
    assert children() == []


def test_a_mistake_comes_back_with_its_place(folder):
    """The error of the process is that of the caller."""
    with pytest.raises(UsageError, match="line 2, column 2: FITLER does not fit here"):
        ask(LocalEndpoint(folder), "SELECT * { ?s ?p ?o\n FITLER(?o = 1) }")


def test_a_query_that_kills_the_engine_kills_its_process_only(folder):
    """Past our bounds the engine overflows its stack: the caller gets an error and lives."""
    deep = "ASK { FILTER(" + "COALESCE(1, " * 5_000 + "1" + ")" * 5_000 + ") }"
    sparql = read("ASK {}")
    unchecked = Sparql(deep, sparql.form, sparql.names_dataset, sparql.prefixes)

    with pytest.raises(UsageError, match=r"brought the engine down \(signal \d+\)"):
        ask(LocalEndpoint(folder), unchecked)


def test_a_folder_without_store_is_an_error(tmp_path):
    """The store's own error, in words."""
    with pytest.raises(StoreError, match="files of the store are missing"):
        ask(LocalEndpoint(tmp_path / "nothing"), "ASK {}")


def test_the_working_directory_is_not_searched_for_modules(folder, tmp_path, monkeypatch):
    """A file named as a module of ours, in a folder of somebody else's, is not run."""
    (tmp_path / "json.py").write_text("raise SystemExit('hijacked')")
    (tmp_path / "pyoxigraph.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)

    assert ask(LocalEndpoint(folder), "ASK {}") == b'{"head":{},"boolean":true}'
