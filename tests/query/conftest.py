"""A small catalogue of two portals (catalogue.trig), in memory and on disk, and the shipped queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from harvester.config import data_dir
from harvester.query.canned import Library
from harvester.query.results import Answer, Output
from harvester.query.sparql import Sparql
from harvester.query.worker import evaluate

CATALOGUE = Path(__file__).with_name("catalogue.trig")


def load(store: Store) -> Store:
    store.load(path=str(CATALOGUE), format=RdfFormat.TRIG)
    return store


class InProcess:
    """An Endpoint over a store in this process: quick, and without a time limit."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @contextmanager
    def ask(self, query: Sparql, output: Output) -> Iterator[Answer]:
        out = BytesIO()
        evaluate(self.store, query, output, out)
        yield Answer(output, BytesIO(out.getvalue()))


@pytest.fixture(scope="session")
def store() -> Store:
    """The catalogue in memory."""
    return load(Store())


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """The catalogue as a store on disk."""
    path = tmp_path_factory.mktemp("query") / "store"
    load(Store(path)).flush()
    return path


@pytest.fixture(scope="session")
def library() -> Library:
    """The shipped queries."""
    return Library.of(data_dir("queries"))
