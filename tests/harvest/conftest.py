"""What many small harvests share."""

from contextlib import nullcontext

import pytest

from harvester.harvest import job
from harvester.harvest.parser import Parser


@pytest.fixture(scope="module")
def parser():
    with Parser() as running:
        yield running


@pytest.fixture(autouse=True)
def one_parser(parser, monkeypatch):
    """All runs use the same parsing processes: starting them takes longer than a small harvest."""
    monkeypatch.setattr(job, "Parser", lambda *_, **__: nullcontext(parser))
