"""The code lists of the portal, and those of others that the mappings hold: each a concept scheme."""

from pyoxigraph import Store

from harvester.enrich.concepts import portal_paths, portal_scheme, shared_schemes
from harvester.enrich.reuses import TOPICS, TYPES
from harvester.errors import ItemError
from harvester.harvest.derivation import metrics
from harvester.harvest.run import Run
from harvester.harvest.singles import is_gone
from harvester.portal.documents import SMALL
from harvester.portal.udata import read_addresses, read_codes
from harvester.vocab import record_graph

PORTAL_LISTS = (
    "datasets/licenses/",
    "datasets/frequencies/",
    "datasets/resource_types/",
    "datasets/badges/",
    "datasets/schemas/",
    "organizations/badges/",
    "spatial/granularities/",
    "spatial/levels/",
    "access_type/reason_categories/",
)
"""Paths below the API's root, beside the lists of reuses; a list has some ten to a hundred codes."""


def take_code_lists(run: Run) -> None:
    """Take in all code lists; a delta, and a run that cannot read one, keeps what is known."""
    run.intake.take(metrics(run.mappings))
    run.intake.take(shared_schemes(run.facts.root, run.mappings.codes))
    if not run.portal.api:
        return
    crosswalk = Store()
    crosswalk.extend(run.mappings.crosswalk(run.facts.root))
    others = portal_paths(run.facts, crosswalk) - {TYPES, TOPICS, *PORTAL_LISTS}
    run.intake.take(portal_scheme(run.facts, path, crosswalk, {}) for path in sorted(others))
    for path in PORTAL_LISTS:
        _take(run, path, crosswalk)


def _take(run: Run, path: str, crosswalk: Store) -> None:
    """Take in one list of the portal; keep the known one where it is not asked for, or does not answer."""
    known = run.intake.ledger.known(record_graph(run.portal.key, f"{run.facts.root}{path}"))
    labels: dict[str, str] = {}
    addresses: dict[str, str] = {}
    try:
        if run.report.mode == "full":
            url = run.portal.code_list(path)
            document = run.fetcher.get(url, accept="application/json", max_body=SMALL)
            labels, addresses = read_codes(document), read_addresses(document)
    except ItemError as error:
        if not is_gone(error):
            run.report.skip(f"the code list {path} was skipped", error)
    if labels or (not known and path in portal_paths(run.facts, crosswalk)):
        listed = {run.language: [{"id": code, "label": label} for code, label in labels.items()]}
        run.intake.take([portal_scheme(run.facts, path, crosswalk, listed, matches=addresses)])
    elif known:
        run.intake.ledger.keep(known, sure=True)
