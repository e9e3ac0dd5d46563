"""The state of a catalogue in one value: what it holds, what the last runs did, what it takes on disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from harvester.errors import EXIT_SKIPPED, StoreError
from harvester.store import journal
from harvester.store.generations import Catalogue, Generation
from harvester.store.local import disk_errors, disk_use
from harvester.store.lock import Holder
from harvester.vocab import HV, PREFIXES, PROV, RUNS_GRAPH, XSD, records_graph

CONTENTS = {
    "datasets": "?s a dcat:Dataset",
    "distributions": "?s a dcat:Distribution",
    "data services": "?s a dcat:DataService FILTER(isIRI(?s))",
    "reuses": "?s a dcat:Resource",
    "organizations": "?s a foaf:Organization FILTER(isIRI(?s))",
}
"""What is counted, and the graph pattern that finds it: as in queries/catalogue-totals.rq."""

_RUNS = f"""
SELECT ?portal ?run WHERE {{
  GRAPH <{RUNS_GRAPH}> {{ ?run a prov:Activity ; hv:portal ?portal ; prov:startedAtTime ?started
    FILTER NOT EXISTS {{ ?run hv:outcome ?outcome FILTER(?outcome != "published") }} }}
}} ORDER BY ?started ?run
"""
_PROBLEMS = f"""
SELECT ?category (COUNT(*) AS ?number) WHERE {{
  GRAPH <{RUNS_GRAPH}> {{ ?run hv:problem ?problem . ?problem hv:category ?category }}
}} GROUP BY ?category ORDER BY DESC(?number) ?category
"""


_ABSENT = """
SELECT ?absence (COUNT(*) AS ?number) WHERE { GRAPH ?records { ?record hv:absence ?absence } }
GROUP BY ?absence ORDER BY ?absence
"""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run that published something of a portal. `counts` as in the run's report.

    `absent` are the records that the portal no longer lists, but that are kept: how it answers, to number.
    """

    portal: str
    run: str
    started: datetime
    ended: datetime
    counts: Mapping[str, int]
    problems: Mapping[str, int]
    """Category to number."""
    absent: Mapping[str, int]

    @property
    def exit_code(self) -> int:
        """What the run ended with: 0, or 5 where items were skipped."""
        return EXIT_SKIPPED if self.counts.get("skipped") else 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A generation in short. Of one whose manifest cannot be read, only `damage` is known: why."""

    id: str
    created: datetime | None = None
    quads: int | None = None
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A catalogue in short. `current` is None where nothing was published yet."""

    holder: Holder | None
    current: Entry | None
    contents: Mapping[str, int]
    runs: tuple[LastRun, ...]
    failures: tuple[journal.Entry, ...]
    """The last runs of those portals whose last run failed or was interrupted."""
    generations: tuple[Entry, ...]
    disk_bytes: int


def summarise(catalogue: Catalogue) -> Summary:
    """Describe a catalogue, which need not exist yet. Raises StoreError if it cannot be read."""
    holder, generations = catalogue.holder(), catalogue.generations()
    current, contents, runs = catalogue.current(), dict[str, int](), tuple[LastRun, ...]()
    if current is not None:
        with current.open() as store, disk_errors(current.path):
            contents, runs = count_contents(store), last_runs(store)
    with disk_errors(catalogue.path):
        disk_bytes = disk_use(catalogue.path)
    return Summary(
        holder=holder,
        current=_entry(current) if current else None,
        contents=contents,
        runs=runs,
        failures=_failures(catalogue),
        generations=tuple(_entry(generation) for generation in generations),
        disk_bytes=disk_bytes,
    )


def _failures(catalogue: Catalogue) -> tuple[journal.Entry, ...]:
    last: dict[str, journal.Entry] = {}
    for entry in journal.Journal(catalogue.path).entries():
        last.setdefault(entry.portal, entry)
    return tuple(last[portal] for portal in sorted(last) if last[portal].outcome in journal.FAILURES)


def count_contents(store: Store) -> dict[str, int]:
    """Count the resources of each kind in CONTENTS."""
    return {
        name: int(_rows(store, f"SELECT (COUNT(DISTINCT ?s) AS ?number) WHERE {{ {pattern} }}")[0]["number"])
        for name, pattern in CONTENTS.items()
    }


def last_runs(store: Store) -> tuple[LastRun, ...]:
    """Return the last run of each portal, by portal."""
    last = {row["portal"]: row["run"] for row in _rows(store, _RUNS)}
    return tuple(_last_run(store, portal, NamedNode(run)) for portal, run in sorted(last.items()))


def _last_run(store: Store, portal: str, run: NamedNode) -> LastRun:
    said = {
        quad.predicate.value: quad.object
        for quad in store.quads_for_pattern(run, None, None, NamedNode(RUNS_GRAPH))
        if isinstance(quad.object, Literal)
    }
    return LastRun(
        portal=portal,
        run=run.value,
        started=datetime.fromisoformat(said[PROV + "startedAtTime"].value),
        ended=datetime.fromisoformat(said[PROV + "endedAtTime"].value),
        counts={
            term.removeprefix(HV): int(value.value)
            for term, value in said.items()
            if term.startswith(HV) and value.datatype.value == XSD + "integer"
        },
        problems={
            row["category"]: int(row["number"]) for row in _rows(store, _PROBLEMS.replace("?run", str(run)))
        },
        absent={
            row["absence"]: int(row["number"])
            for row in _rows(store, _ABSENT.replace("?records", str(NamedNode(records_graph(portal)))))
        },
    )


def _entry(generation: Generation) -> Entry:
    try:
        return Entry(generation.id, generation.manifest.created, generation.manifest.quads)
    except StoreError as error:
        return Entry(generation.id, damage=error.cause)


def _rows(store: Store, query: str) -> list[dict[str, str]]:
    rows = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)  # noqa: S101  # the queries here are SELECTs
    names = [variable.value for variable in rows.variables]
    return [{name: getattr(row[name], "value", "") for name in names} for row in rows]
