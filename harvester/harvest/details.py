"""The details of datasets: what JSON says of each beside its RDF, from the portal's list or one by one."""

from collections.abc import Iterator, Sequence
from math import ceil

from harvester.enrich.surfaces import DATASETS
from harvester.errors import ItemError
from harvester.harvest.run import Run
from harvester.harvest.singles import is_gone
from harvester.model import Kind, Problem
from harvester.portal.documents import SMALL, read_object
from harvester.portal.listing import ListPage, json_pages
from harvester.portal.mask import union

_FULL_OBJECTS = {"X-Get-Datasets-Full-Objects": "1"}
"""Asks a udata for zones with their names in place of their ids: https://github.com/opendatateam/udata"""


def list_details(run: Run, also: str = "") -> Iterator[ListPage | Problem]:
    """Yield the pages of the list of all datasets: their details, and what the mask `also` asks for."""
    url = run.portal.surface(DATASETS.path, DATASETS.size)
    return json_pages(run.fetcher, url, union(run.fields(DATASETS), also), _FULL_OBJECTS)


def read_details(run: Run, leaving: set[str]) -> Iterator[ListPage | Problem]:
    """Yield the details that this run takes in; keep those of the other datasets.

    `leaving` are IRIs of records that go.
    """
    if run.stash.whole:
        yield from run.stash.pages()
        return
    ids = _wanted(run, leaving)
    yield from list_details(run) if ids is None else _singles(run, ids)


def _wanted(run: Run, leaving: set[str]) -> list[str] | None:
    """Return the ids of the datasets whose details are read one by one; None: those of all are."""
    if run.report.mode == "full" and not run.options.limit:
        return None
    listed = run.roll.number(Kind.DATASET)
    if run.options.limit:
        return run.intake.ledger.ids_of_kind(Kind.DATASET, DATASETS.size)
    moved = [place.id for place in run.roll.moved(Kind.DATASET)]
    if len(moved) > ceil(listed / DATASETS.size):
        return None
    ledger = run.intake.ledger
    ledger.keep_unseen_but(DATASETS.kind, {*ledger.resources(moved).values(), *leaving})
    return moved


def _singles(run: Run, ids: Sequence[str]) -> Iterator[ListPage | Problem]:
    headers = {"X-Fields": run.fields(DATASETS), **_FULL_OBJECTS}
    for id_ in ids:
        url = run.portal.dataset(id_)
        try:
            document = run.fetcher.get(url, accept="application/json", headers=headers, max_body=SMALL)
            yield ListPage((read_object(document),), len(ids), url)
        except ItemError as error:
            if not is_gone(error):
                yield error.problem(f"the details of the dataset {id_} were left out")
