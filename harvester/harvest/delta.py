"""The delta: only what the census says has moved is read; all else stays as the last generation has it.

What it cannot see, and the next full harvest does: changes to organizations, contact points and data
services while no dataset of theirs is read, and changes that leave a dataset's dates as they were
(docs/operations.md).
"""

from pyoxigraph import NamedNode, Store

from harvester.harvest.places import read_places
from harvester.harvest.run import Run
from harvester.harvest.singles import read_otherwise
from harvester.model import Kind
from harvester.vocab import DCAT, DCT


def recall_catalog(run: Run, store: Store) -> None:
    """Take from the last generation what a page of the catalogue would tell: its IRI and its language."""
    for known in run.intake.ledger.known_of(Kind.CATALOG):
        catalog = NamedNode(known.resource)
        if any(store.quads_for_pattern(catalog, NamedNode(DCAT + "dataset"), None)):
            run.catalog = known.resource
            for quad in store.quads_for_pattern(catalog, NamedNode(DCT + "language"), None):
                run.language = str(getattr(quad.object, "value", run.language))
            return


def harvest_moved(run: Run, first: str) -> None:
    """Read the datasets that moved, on pages of the catalogue whose first is `first`."""
    report, roll = run.report, run.roll
    report.members = report.total_items = roll.number(Kind.DATASET)
    roll.keep_settled(Kind.DATASET)
    missing = read_places(run, first, roll.moved(Kind.DATASET))
    read_otherwise(run, first, missing)
    report.complete = True  # as the census was
