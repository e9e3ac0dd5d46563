"""The bookkeeping in the store: a dcat:CatalogRecord per record, a prov:Activity per run.

The shapes are documented in docs/mapping.md; https://www.w3.org/TR/vocab-dcat-3/#Class:Catalog_Record and
https://www.w3.org/TR/prov-o/#Activity .
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from harvester.model import Kind, Problem
from harvester.store.ledger import Absence, Known, Outcome
from harvester.vocab import (
    DCAT,
    DCT,
    DETAILS_GRAPHS,
    FOAF,
    HV,
    PROV,
    RDF,
    RUN,
    RUNS_GRAPH,
    SKOS,
    SPDX,
    VCARD,
    XSD,
    records_graph,
)

MAX_PROBLEMS = 200
"""Problems of one run that go into the store; the report file lists them all."""
TALLIED = ("seen", "added", "changed", "unchanged", "removed")
"""What a run counts of each kind of record."""
KEPT_RUNS, KEPT_PROBLEMS = 1_000, 30
"""Runs of a portal of which the store tells, and of which it lists the problems."""
KEPT_CHANGES = 30
"""Earlier changes of a record of which the store tells."""

_TITLES = (DCT + "title", FOAF + "name", VCARD + "fn", SKOS + "prefLabel")
_DATE_TIME = NamedNode(XSD + "dateTime")


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


@dataclass(frozen=True, slots=True)
class Past:
    """What was known of a record before a run: when it was first seen, the runs that touched it (IRIs)."""

    issued: str | None = None
    runs: tuple[str, ...] = ()


_KNOWN = f"""
SELECT ?graph ?kind ?resource ?digest WHERE {{
  GRAPH ?records {{
    ?graph <{HV}kind> ?kind ; <{FOAF}primaryTopic> ?resource ; <{SPDX}checksum> ?checksum .
    ?checksum <{SPDX}checksumValue> ?digest
  }}
}}
"""
"""Tombstones have no checksum."""
_RUNS = f"""
SELECT ?run ?outcome WHERE {{
  GRAPH <{RUNS_GRAPH}> {{
    ?run <{HV}portal> ?portal ; <{PROV}startedAtTime> ?started .
    OPTIONAL {{ ?run <{HV}outcome> ?outcome }}
  }}
}} ORDER BY DESC(?started) DESC(?run)
"""
_ABSENCES = f"""
SELECT ?graph ?why ?since ?runs WHERE {{
  GRAPH ?records {{ ?graph <{HV}absence> ?why ; <{HV}absentSince> ?since ; <{HV}absentRuns> ?runs }}
}}
"""
_TOUCHED = (PROV + "wasGeneratedBy", PROV + "wasInvalidatedBy", HV + "touchedEarlierBy")
_ABSENCE_TERMS = (HV + "absence", HV + "absentSince", HV + "absentRuns")


def known_records(store: Store, portal: str) -> Iterator[Known]:
    """Yield the records of one portal that the store holds, without ids; tombstones left out."""
    absences = {
        row["graph"].value: Absence(row["why"].value, row["since"].value, int(row["runs"].value))
        for row in _ask(store, _ABSENCES, portal)
    }
    records = NamedNode(records_graph(portal))
    merged = {
        _text(quad.subject)
        for quad in store.quads_for_pattern(None, NamedNode(HV + "descriptions"), None, records)
    }
    for row in _ask(store, _KNOWN, portal):
        graph, kind, resource, digest = (row[name].value for name in ("graph", "kind", "resource", "digest"))
        yield Known(graph, Kind(kind), resource, digest, merged=graph in merged, absence=absences.get(graph))


def known_ids(store: Store, portal: str) -> Iterator[tuple[str, str]]:
    """Yield the portal's ids for the records that the store holds: (graph, id)."""
    identifier, records = NamedNode(DCT + "identifier"), NamedNode(records_graph(portal))
    for quad in store.quads_for_pattern(None, identifier, None, records):
        yield _text(quad.subject), _text(quad.object)


def note_ids(store: Store, portal: str, graph: str, ids: Iterable[str]) -> None:
    """Note the portal's ids for a record, beside those that are noted already."""
    record, records = NamedNode(graph), NamedNode(records_graph(portal))
    identifier = NamedNode(DCT + "identifier")
    store.extend(Quad(record, identifier, Literal(id_), records) for id_ in ids)


def portals_of_runs(store: Store) -> set[str]:
    """Return the keys of the portals of which the store tells runs."""
    said = store.quads_for_pattern(None, NamedNode(HV + "portal"), None, NamedNode(RUNS_GRAPH))
    return {_text(quad.object) for quad in said}


def mark_absent(store: Store, portal: str, graph: str, absence: Absence | None) -> None:
    """Note in the dcat:CatalogRecord of a record that the portal no longer lists it; None: that it does."""
    record, records = NamedNode(graph), NamedNode(records_graph(portal))
    for term in _ABSENCE_TERMS:
        _remove(store, record, NamedNode(term), records)
    if absence:
        values = (Literal(absence.why), _moment(absence.since), Literal(absence.runs))
        store.extend(
            Quad(record, NamedNode(term), value, records)
            for term, value in zip(_ABSENCE_TERMS, values, strict=True)
        )


def _ask(store: Store, query: str, portal: str) -> QuerySolutions:
    rows = store.query(query.replace("?records", str(NamedNode(records_graph(portal)))))
    assert isinstance(rows, QuerySolutions)  # noqa: S101  # the queries here are SELECTs
    return rows


def forget(store: Store, portal: str, graph: str) -> Past:
    """Remove the dcat:CatalogRecord of `graph`; return what it told of the past."""
    bookkeeping = NamedNode(records_graph(portal))
    issued: str | None = None
    runs: set[str] = set()
    for subject in (NamedNode(graph), NamedNode(graph + "#checksum")):
        for quad in list(store.quads_for_pattern(subject, None, None, bookkeeping)):
            if quad.predicate.value == DCT + "issued":
                issued = _text(quad.object)
            elif quad.predicate.value in _TOUCHED:
                runs.add(_text(quad.object))
            store.remove(quad)
    return Past(issued, tuple(sorted(runs)[-KEPT_CHANGES:]))  # the names of runs begin with their times


def catalog_record(portal: str, outcome: Outcome, run: str, when: datetime, past: Past) -> str:
    """Describe a record that this run added or changed, as N-Quads.

    Of details no more than what the next run needs: they stand beside a record that has its description.
    """
    checksum, graph = f"<{outcome.graph}#checksum>", records_graph(portal)
    said = [
        (HV + "kind", f'"{outcome.kind}"'),
        (FOAF + "primaryTopic", f"<{outcome.resource}>"),
        (PROV + "wasGeneratedBy", f"<{RUN}{run}>"),
        (HV + "change", f'"{outcome.change}"'),
        (SPDX + "checksum", checksum),
        *((DCT + "identifier", str(Literal(id_))) for id_ in outcome.ids),
        *([(HV + "descriptions", str(Literal(outcome.descriptions)))] * (outcome.descriptions > 1)),
    ]
    digest = [(SPDX + "checksumValue", f'"{outcome.digest}"')]
    if not outcome.graph.startswith(DETAILS_GRAPHS):
        said += [
            (RDF + "type", f"<{DCAT}CatalogRecord>"),
            (DCT + "source", str(_reference(outcome.source))),
            (DCT + "issued", str(_moment(past.issued or when))),
            (DCT + "modified", str(_moment(when))),
            *_earlier(past, run),
        ]
        digest += [
            (RDF + "type", f"<{SPDX}Checksum>"),
            (SPDX + "algorithm", f"<{SPDX}checksumAlgorithm_sha256>"),
        ]
    return _nquads(f"<{outcome.graph}>", said, graph) + _nquads(checksum, digest, graph)


def titles(store: Store, known: Known) -> list[Literal]:
    """Return what a record calls its resource, in each language."""
    resource, graph = NamedNode(known.resource), NamedNode(known.graph)
    for predicate in _TITLES:
        quads = store.quads_for_pattern(resource, NamedNode(predicate), None, graph)
        if said := [quad.object for quad in quads if isinstance(quad.object, Literal)]:
            return said
    return []


def tombstone(
    portal: str,
    known: Known,
    run: str,
    when: datetime,
    past: Past,
    titles: Iterable[Literal] = (),
) -> str:
    """Describe a record that this run removed, as N-Quads. `titles` are what its resource was called."""
    return _nquads(
        f"<{known.graph}>",
        [
            (RDF + "type", f"<{DCAT}CatalogRecord>"),
            (HV + "kind", f'"{known.kind}"'),
            (FOAF + "primaryTopic", f"<{known.resource}>"),
            (HV + "change", '"removed"'),
            (PROV + "invalidatedAtTime", str(_moment(when))),
            (PROV + "wasInvalidatedBy", f"<{RUN}{run}>"),
            *((DCT + "identifier", str(Literal(id_))) for id_ in known.ids),
            *([(DCT + "issued", str(_moment(past.issued)))] if past.issued else []),
            *((DCT + "title", str(title)) for title in titles),
            *_earlier(past, run),
        ],
        records_graph(portal),
    )


def _earlier(past: Past, run: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of earlier runs; a record may be written twice in this one."""
    return ((HV + "touchedEarlierBy", f"<{other}>") for other in past.runs if other != RUN + run)


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
    return all(_text(quad.object) != fingerprint for quad in said)


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
            _remove(store, node, None, NamedNode(RUNS_GRAPH))


def _forget_parts(store: Store, run: NamedNode, link: str) -> None:
    """Remove what a term of ours leads to from a run, and the links."""
    graph, predicate = NamedNode(RUNS_GRAPH), NamedNode(HV + link)
    for quad in list(store.quads_for_pattern(run, predicate, None, graph)):
        if isinstance(quad.object, NamedNode):
            _remove(store, quad.object, None, graph)
    _remove(store, run, predicate, graph)


def _remove(store: Store, subject: NamedNode, predicate: NamedNode | None, graph: NamedNode) -> None:
    for quad in list(store.quads_for_pattern(subject, predicate, None, graph)):
        store.remove(quad)


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
        (PROV + "used", str(_reference(run.used))),
        (PROV + "startedAtTime", str(_moment(run.started))),
        (PROV + "endedAtTime", str(_moment(run.ended))),
        *((HV + name, str(Literal(text))) for name, text in run.said.items() if text),
        *((HV + name, str(Literal(number))) for name, number in run.counts.items()),
        *((HV + "problem", node) for node in nodes),
        *((HV + "tally", node) for node in tallies.values()),
    ]
    return "".join(
        [
            _nquads(activity, described, RUNS_GRAPH),
            *(_tally(node, kind, run.kinds[kind]) for kind, node in tallies.items()),
            *(_problem(node, problem) for node, problem in zip(nodes, run.problems, strict=False)),
        ]
    )


def _tally(node: str, kind: str, counts: Mapping[str, int]) -> str:
    said = [(HV + name, str(Literal(counts.get(name, 0)))) for name in TALLIED]
    return _nquads(
        node, [(RDF + "type", f"<{HV}Tally>"), (HV + "kind", str(Literal(kind))), *said], RUNS_GRAPH
    )


def _problem(node: str, problem: Problem) -> str:
    said = [
        (RDF + "type", f"<{HV}Problem>"),
        (HV + "category", str(Literal(problem.category.value))),
        (DCT + "references", str(_reference(problem.url))),
        (DCT + "title", str(Literal(problem.what))),
        (DCT + "description", str(Literal(problem.why))),
        (HV + "advice", str(Literal(problem.fix))),
    ]
    return _nquads(node, said, RUNS_GRAPH)


def _nquads(subject: str, said: Iterable[tuple[str, str]], graph: str) -> str:
    return "".join([f"{subject} <{predicate}> {value} <{graph}> .\n" for predicate, value in said])


@lru_cache(maxsize=64)
def _moment(when: datetime | str) -> Literal:
    text = when if isinstance(when, str) else f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Literal(text, datatype=_DATE_TIME)


@lru_cache(maxsize=64)
def _reference(url: str) -> NamedNode | Literal:
    """Return the URL as an IRI where it is one: what a portal answers with need not be."""
    try:
        return NamedNode(url)
    except ValueError:
        return Literal(url)


def _text(term: object) -> str:
    assert isinstance(term, NamedNode | Literal)  # noqa: S101  # the query binds nothing else
    return term.value
