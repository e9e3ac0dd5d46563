"""Readers while generations come and go."""

import json
import subprocess
import sys
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from harvester.store.generations import Catalogue
from tests.store.catalogues import content, names, publish, state

PUBLICATIONS = 20


def test_a_reader_sees_no_error_while_generations_are_replaced(tmp_path):
    """A process that looks up, opens and reads all the time finds one whole state after another."""
    catalogue = Catalogue(tmp_path / "catalogue")
    publish(catalogue, 0, keep=1)
    reader = subprocess.Popen(
        [sys.executable, "-m", "tests.store.reading", str(catalogue.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert reader.stdout is not None
    ready = reader.stdout.readline()
    for number in range(1, PUBLICATIONS + 1):
        publish(catalogue, number, keep=1)
    output, errors = reader.communicate(timeout=60)

    assert (ready, reader.returncode, errors) == ("ready\n", 0, "")
    assert len(json.loads(output)) > PUBLICATIONS / 4


def test_a_generation_stays_while_it_is_read_however_many_files_it_has(tmp_path):
    """RocksDB opens files only when a query needs them: they stay until the reader is done, and no longer."""
    catalogue = Catalogue(tmp_path / "catalogue")
    quads = [
        Quad(NamedNode(f"http://example.org/{n}"), NamedNode(f"http://example.org/p{n}"), Literal(n))
        for n in range(40)
    ]
    with catalogue.lock("test"), catalogue.stage("run-1") as stage:
        for quad in quads:
            stage.store.bulk_extend([quad])
        stage.publish({})
    with catalogue.require().open() as store:
        publish(catalogue, 2, keep=1)
        publish(catalogue, 3, keep=1)

        assert set(store) == set(quads)
        assert len(catalogue.generations()) == 2
    publish(catalogue, 4, keep=1)
    assert names(catalogue.path / "generations") == {catalogue.require().id}


def test_a_generation_in_hand_stays_until_it_is_let_go(tmp_path):
    """Between finding a generation and opening it, it cannot be pruned either."""
    catalogue = Catalogue(tmp_path / "catalogue")
    publish(catalogue, 1, keep=1)
    found = catalogue.require()
    publish(catalogue, 2, keep=1)

    assert content(found) == state(1)


def test_a_generation_that_goes_while_it_is_looked_up_is_looked_up_again(tmp_path, monkeypatch):
    """A reader that follows `current` just before it is switched and pruned gets the next generation."""
    catalogue = Catalogue(tmp_path / "catalogue")
    publish(catalogue, 1, keep=1)
    reader = Catalogue(catalogue.path)
    look_up = reader._current_id
    answers = iter([look_up()])
    monkeypatch.setattr(reader, "_current_id", lambda: next(answers, None) or look_up())
    publish(catalogue, 2, keep=1)

    assert content(reader.require()) == state(2)
