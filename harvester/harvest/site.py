"""What the portal says of itself: its title and version, and what it features on its home page."""

from pyoxigraph import Literal

from harvester.errors import ItemError
from harvester.harvest.run import Run
from harvester.model import Kind, Problem
from harvester.portal.udata import featured, read_about
from harvester.rdf.records import record_of
from harvester.rdf.rows import Row
from harvester.vocab import DCT, HV, RDF, SCHEMA

_FEATURES = f"<{HV}features>"


def harvest_site(run: Run) -> None:
    """Take in a record of the portal itself. What fails is reported, and costs only itself."""
    site = f"<{run.portal.about}>"
    rows: list[Row] = [(site, f"<{RDF}type>", f"<{SCHEMA}WebSite>")]
    try:
        about = read_about(run.fetcher.get(run.portal.about, accept="application/json"))
    except ItemError as error:
        run.report.add_problems([error.problem("the portal's description of itself was left out")])
    else:
        rows += [(site, f"<{DCT}title>", str(Literal(about.title)))] if about.title else []
        rows += [(site, f"<{SCHEMA}softwareVersion>", str(Literal(about.version)))] if about.version else []
    ids: list[str] = []
    for found in (
        *featured(run.fetcher, run.portal, "datasets"),
        *featured(run.fetcher, run.portal, "reuses"),
    ):
        if isinstance(found, Problem):
            run.report.add_problems([found])
        else:
            ids.append(found)
    resources = run.intake.ledger.resources(ids)
    rows += [(site, _FEATURES, f"<{resource}>") for resource in sorted(set(resources.values()))]
    run.intake.take(
        [record_of(run.portal.key, Kind.OTHER, run.portal.about, rows, source=run.portal.about, ids=())]
    )
