"""The runs of which the store tells: a prov:Activity each (https://www.w3.org/TR/prov-o/#Activity).

The shapes are documented in docs/mapping.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from harvester.model import Problem
from harvester.store.statements import moment, nquads, reference, remove, text_of
from harvester.vocab import DCT, HV, PROV, RDF, RUN, RUNS_GRAPH

MAX_PROBLEMS = 200
"""Problems of one run that go into the store; the report file lists them all."""
TALLIED = ("seen", "added", "changed", "unchanged", "removed")
"""What a run counts of each kind of record."""
KEPT_RUNS, KEPT_PROBLEMS = 1_000, 30
"""Runs of a portal of which the store tells, and of which it lists the problems."""


@dataclass(frozen=True, slots=True)
class Activity:
    """A run as the store tells of it. `used` is the catalogue's IRI, `said` are texts (outcome, mode).

    `kinds` has per kind of record the counts that are TALLIED.
    """

    id: str
    portal: str
    used: str
    started: datetime
    ended: datetime
    counts: Mapping[str, int]
    problems: Sequence[Problem]
    said: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


_RUNS = f"""
SELECT ?run ?outcome WHERE {{
  GRAPH <{RUNS_GRAPH}> {{
    ?run <{HV}portal> ?portal ; <{PROV}startedAtTime> ?started .
    OPTIONAL {{ ?run <{HV}outcome> ?outcome }}
  }}
}} ORDER BY DESC(?started) DESC(?run)
"""


def portals_of_runs(store: Store) -> set[str]:
    """Return the keys of the portals of which the store tells runs."""
    said = store.quads_for_pattern(None, NamedNode(HV + "portal"), None, NamedNode(RUNS_GRAPH))
    return {text_of(quad.object) for quad in said}


def known_run(store: Store, run: str) -> bool:
    """Tell whether the store tells of a run."""
    return any(store.quads_for_pattern(NamedNode(RUN + run), None, None, NamedNode(RUNS_GRAPH)))


def last_run(store: Store, portal: str) -> str | None:
    """Return the last run of a portal that published, None if the store tells of none."""
    runs = _runs(store, portal)
    return next((run for run, outcome in runs if outcome in (None, "published")), None)


def mapped_otherwise(store: Store, portal: str, fingerprint: str) -> bool:
    """Tell whether the last run of a portal that published used mappings of another fingerprint."""
    run = last_run(store, portal)
    if run is None:
        return False
    said = store.quads_for_pattern(NamedNode(RUN + run), NamedNode(HV + "mappings"), None)
    return all(text_of(quad.object) != fingerprint for quad in said)


def forget_runs(store: Store, portal: str) -> None:
    """Remove what the store tells of a portal's oldest runs, and the problems of all but the last ones.

    Or it would grow with every night for ever.
    """
    for number, (run, _) in enumerate(_runs(store, portal)):
        node = NamedNode(RUN + run)
        if number >= KEPT_PROBLEMS:
            _forget_parts(store, node, "problem")
        if number >= KEPT_RUNS:
            _forget_parts(store, node, "tally")
            remove(store, node, None, NamedNode(RUNS_GRAPH))


def _forget_parts(store: Store, run: NamedNode, link: str) -> None:
    """Remove what a term of ours leads to from a run, and the links."""
    graph, predicate = NamedNode(RUNS_GRAPH), NamedNode(HV + link)
    for quad in list(store.quads_for_pattern(run, predicate, None, graph)):
        if isinstance(quad.object, NamedNode):
            remove(store, quad.object, None, graph)
    remove(store, run, predicate, graph)


def _runs(store: Store, portal: str) -> list[tuple[str, str | None]]:
    """Return (id, outcome) of a portal's runs, the last one first."""
    rows = store.query(_RUNS.replace("?portal", str(Literal(portal))))
    assert isinstance(rows, QuerySolutions)  # noqa: S101  # the query is a SELECT
    return [(row["run"].value.removeprefix(RUN), row["outcome"] and row["outcome"].value) for row in rows]


def run_activity(run: Activity) -> str:
    """Describe a run, as N-Quads: when, what of, how many, how it ended, and its first problems."""
    activity = f"<{RUN}{run.id}>"
    nodes = [f"<{RUN}{run.id}#p{number}>" for number in range(1, min(len(run.problems), MAX_PROBLEMS) + 1)]
    tallies = {kind: f"<{RUN}{run.id}#{quote(kind)}>" for kind in run.kinds}
    described = [
        (RDF + "type", f"<{PROV}Activity>"),
        (HV + "portal", str(Literal(run.portal))),
        (PROV + "used", str(reference(run.used))),
        (PROV + "startedAtTime", str(moment(run.started))),
        (PROV + "endedAtTime", str(moment(run.ended))),
        *((HV + name, str(Literal(text))) for name, text in run.said.items() if text),
        *((HV + name, str(Literal(number))) for name, number in run.counts.items()),
        *((HV + "problem", node) for node in nodes),
        *((HV + "tally", node) for node in tallies.values()),
    ]
    return "".join(
        [
            nquads(activity, described, RUNS_GRAPH),
            *(_tally(node, kind, run.kinds[kind]) for kind, node in tallies.items()),
            *(_problem(node, problem) for node, problem in zip(nodes, run.problems, strict=False)),
        ]
    )


def _tally(node: str, kind: str, counts: Mapping[str, int]) -> str:
    said = [(HV + name, str(Literal(counts.get(name, 0)))) for name in TALLIED]
    return nquads(
        node, [(RDF + "type", f"<{HV}Tally>"), (HV + "kind", str(Literal(kind))), *said], RUNS_GRAPH
    )


def _problem(node: str, problem: Problem) -> str:
    said = [
        (RDF + "type", f"<{HV}Problem>"),
        (HV + "category", str(Literal(problem.category.value))),
        (DCT + "references", str(reference(problem.url))),
        (DCT + "title", str(Literal(problem.what))),
        (DCT + "description", str(Literal(problem.why))),
        (HV + "advice", str(Literal(problem.fix))),
    ]
    return nquads(node, said, RUNS_GRAPH)
