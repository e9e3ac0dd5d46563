"""What the portal says of itself: its title and version, and what it features on its home page."""

from collections.abc import Iterator

from pyoxigraph import Literal

from harvester.errors import ItemError
from harvester.harvest.run import Run
from harvester.harvest.singles import is_gone
from harvester.model import Kind, Problem
from harvester.portal.documents import SMALL
from harvester.portal.udata import Listed, featured, read_about
from harvester.rdf.records import record_of
from harvester.rdf.rows import Row
from harvester.vocab import DCT, HV, RDF, SCHEMA, record_graph

FEATURED: tuple[Listed, ...] = ("datasets", "reuses")


def harvest_site(run: Run) -> None:
    """Take in a record of the portal itself; where a part of it fails, the known one is kept."""
    if not run.portal.api:
        return
    ledger = run.intake.ledger
    known = ledger.known(record_graph(run.portal.key, run.portal.about))
    skipped = run.report.skipped
    rows = [*_about(run), *_features(run)]
    if known and run.report.skipped > skipped:
        ledger.keep(known)
        return
    record = record_of(run.portal.key, Kind.OTHER, run.portal.about, rows, source=run.portal.about, ids=())
    run.intake.take([record])


def _about(run: Run) -> Iterator[Row]:
    """Yield title and version of the portal."""
    site = f"<{run.portal.about}>"
    yield site, f"<{RDF}type>", f"<{SCHEMA}WebSite>"
    try:
        about = read_about(run.fetcher.get(run.portal.about, accept="application/json", max_body=SMALL))
    except ItemError as error:
        if not is_gone(error):
            run.report.skip("the portal's description of itself was skipped", error)
        return
    if about.title:
        yield site, f"<{DCT}title>", str(Literal(about.title))
    if about.version:
        yield site, f"<{SCHEMA}softwareVersion>", str(Literal(about.version))


def _features(run: Run) -> Iterator[Row]:
    """Yield what the portal shows on its home page, as far as the catalogue holds it."""
    ids: list[str] = []
    for kind in FEATURED:
        for found in featured(run.fetcher, run.portal, kind):
            if isinstance(found, Problem):
                run.report.skipped += 1
                run.report.add_problems([found])
            else:
                ids.append(found)
    ledger = run.intake.ledger
    resources = ledger.known_resources(ids) | ledger.resources(ids)
    for resource in sorted(set(resources.values())):
        yield f"<{run.portal.about}>", f"<{HV}features>", f"<{resource}>"
