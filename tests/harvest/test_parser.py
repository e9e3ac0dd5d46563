"""Parsing in workers: what a document does to its worker costs that document."""

import os
import signal
import time
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import suppress

import psutil
import pytest

from harvester.errors import DocumentError
from harvester.formats import BY_NAME
from harvester.harvest.parser import Parser
from harvester.model import Document
from harvester.rdf.page import Reading
from tests.waiting import PATIENCE_S

URL = "http://data.example/page"
READING = Reading("data.example", BY_NAME["ttl"])


def page(body: bytes) -> Document:
    return Document(URL, URL, 200, "text/turtle", body)


GOOD = page(b"<http://data.example/d> a <http://www.w3.org/ns/dcat#Dataset> .")


def test_a_document_that_takes_too_long_is_refused():
    """Its worker is stopped, and another reads the next document."""
    many = page(b"<http://a/> <http://p/> " + b",".join(b"%d" % i for i in range(400_000)) + b" .")
    with Parser(timeout=0.3) as parser, pytest.raises(DocumentError, match=r"took longer than 0\.3 s"):
        parser.read(many, READING)
    with Parser() as parser:
        assert len(parser.read(GOOD, READING).records) == 1


def test_a_worker_that_dies_is_replaced():
    """Killed from outside: the next document is read."""
    with Parser() as parser:
        parser.read(GOOD, READING)
        for child in psutil.Process().children():
            if "multiprocessing.forkserver" in " ".join(child.cmdline()):
                os.kill(child.pid, signal.SIGKILL)

        assert len(parser.read(GOOD, READING).records) == 1


def test_a_run_that_is_interrupted_starts_no_other_workers(caplog):
    """A thread that still reads ahead hears that it is over; the processes are not taken for dead."""
    many = page(b"<http://a/> <http://p/> " + b",".join(b"%d" % i for i in range(4_000_000)) + b" .")
    with ThreadPoolExecutor(1) as thread:
        with suppress(KeyboardInterrupt), Parser() as parser:
            parser.read(GOOD, READING)
            under_way = thread.submit(parser.read, many, READING)
            time.sleep(0.2)
            raise KeyboardInterrupt
        assert isinstance(under_way.exception(PATIENCE_S), BrokenExecutor)

    with pytest.raises(BrokenExecutor):
        parser.read(GOOD, READING)
    assert "others are started" not in caplog.text


def test_what_our_own_code_cannot_take_costs_the_document():
    """An error that nobody foresaw is reported like the others."""
    with Parser() as parser, pytest.raises(DocumentError, match="could not be read: TypeError"):
        parser.read(page(None), READING)  # type: ignore[arg-type]  # no body at all
