"""A small catalogue of two portals (catalogue.trig), in memory and on disk, and the shipped queries."""

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from harvester.config import data_dir
from harvester.query.canned import Library

CATALOGUE = Path(__file__).with_name("catalogue.trig")


def load(store: Store) -> Store:
    store.load(path=str(CATALOGUE), format=RdfFormat.TRIG)
    return store


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
