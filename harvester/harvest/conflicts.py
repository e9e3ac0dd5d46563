"""One IRI in two portals: both descriptions are kept, each in its own graph, and it is reported."""

from collections.abc import Iterator
from itertools import islice
from typing import cast

from pyoxigraph import QuerySolutions, Store

from harvester.harvest.run import Run
from harvester.model import Category, Problem
from harvester.store.activities import portals_of_runs
from harvester.vocab import FOAF, HV, records_graph

_SHARED = f"""
SELECT DISTINCT ?resource WHERE {{
  VALUES ?kind {{ "dataset" "data service" "reuse" }}
  GRAPH <%s> {{ ?here <{FOAF}primaryTopic> ?resource ; <{HV}kind> ?kind ; <{HV}change> ?how }}
  GRAPH <%s> {{ ?there <{FOAF}primaryTopic> ?resource ; <{HV}change> ?once }}
  FILTER(?how != "removed" && ?once != "removed")
}} ORDER BY ?resource
"""
MOST = 1_000
"""Conflicts listed one by one, for each other portal."""


def find_conflicts(run: Run, store: Store) -> Iterator[Problem]:
    """Yield the resources that this portal and another one of the catalogue both describe."""
    own = run.report.portal
    for other in portals_of_runs(store):
        if other == own:
            continue
        rows = cast("QuerySolutions", store.query(_SHARED % (records_graph(own), records_graph(other))))
        for row in islice(rows, MOST):
            resource = row["resource"].value
            yield Problem(
                category=Category.CONFLICT,
                url=resource,
                what=f"{own} and {other} both describe {resource}",
                why="both harvested it from the same source, or one from the other: each description is kept",
                fix="leave one portal out, or name a portal's graphs in queries that must not see it twice",
            )
