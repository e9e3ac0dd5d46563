"""The bookkeeping in the store: a dcat:CatalogRecord per record, a prov:Activity per run.

The shapes are documented in docs/mapping.md; https://www.w3.org/TR/vocab-dcat-3/#Class:Catalog_Record and
https://www.w3.org/TR/prov-o/#Activity .
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from harvester.model import Kind, Problem
from harvester.store.ledger import Known, Outcome
from harvester.vocab import DCAT, DCT, FOAF, HV, PROV, RDF, RUNS_GRAPH, SPDX, XSD, records_graph

RUN = "urn:x-harvester:run:"
MAX_PROBLEMS = 200
"""Problems of one run that go into the store; the report file lists them all."""

_DATE_TIME = NamedNode(XSD + "dateTime")

_KNOWN = f"""
SELECT ?graph ?kind ?resource ?digest ?id WHERE {{
  GRAPH ?records {{
    ?graph <{HV}kind> ?kind ; <{FOAF}primaryTopic> ?resource ; <{SPDX}checksum> ?checksum .
    ?checksum <{SPDX}checksumValue> ?digest .
    FILTER NOT EXISTS {{ ?graph <{PROV}invalidatedAtTime> ?gone }}
    OPTIONAL {{ ?graph <{DCT}identifier> ?id }}
  }}
}}
"""


def known_records(store: Store, portal: str) -> Iterator[Known]:
    """Yield the records of one portal that the store holds, tombstones left out."""
    rows = store.query(_KNOWN.replace("?records", str(NamedNode(records_graph(portal)))))
    assert isinstance(rows, QuerySolutions)  # noqa: S101  # the query is a SELECT
    for _, same in groupby(rows, key=lambda row: row["graph"]):
        solutions = list(same)
        graph, kind, resource, digest = (
            solutions[0][name] for name in ("graph", "kind", "resource", "digest")
        )
        ids = tuple(sorted(row["id"].value for row in solutions if row["id"] is not None))
        yield Known(graph.value, Kind(kind.value), resource.value, digest.value, ids)


def forget(store: Store, portal: str, graph: str) -> str | None:
    """Remove the dcat:CatalogRecord of `graph`; return when the record was first seen (dct:issued)."""
    bookkeeping = NamedNode(records_graph(portal))
    issued: str | None = None
    for subject in (NamedNode(graph), NamedNode(graph + "#checksum")):
        for quad in list(store.quads_for_pattern(subject, None, None, bookkeeping)):
            if quad.predicate.value == DCT + "issued":
                issued = _text(quad.object)
            store.remove(quad)
    return issued


def catalog_record(portal: str, outcome: Outcome, run: str, when: datetime, issued: str | None) -> str:
    """Describe a record that this run added or changed, as N-Quads."""
    checksum, graph = f"<{outcome.graph}#checksum>", records_graph(portal)
    return _nquads(
        f"<{outcome.graph}>",
        [
            (RDF + "type", f"<{DCAT}CatalogRecord>"),
            (HV + "kind", f'"{outcome.kind}"'),
            (FOAF + "primaryTopic", f"<{outcome.resource}>"),
            (DCT + "source", str(_reference(outcome.source))),
            (DCT + "issued", str(_moment(issued or when))),
            (DCT + "modified", str(_moment(when))),
            (PROV + "wasGeneratedBy", f"<{RUN}{run}>"),
            (HV + "change", f'"{outcome.change}"'),
            (SPDX + "checksum", checksum),
            *((DCT + "identifier", str(Literal(id_))) for id_ in outcome.ids),
        ],
        graph,
    ) + _nquads(
        checksum,
        [
            (RDF + "type", f"<{SPDX}Checksum>"),
            (SPDX + "algorithm", f"<{SPDX}checksumAlgorithm_sha256>"),
            (SPDX + "checksumValue", f'"{outcome.digest}"'),
        ],
        graph,
    )


def tombstone(portal: str, known: Known, run: str, when: datetime, issued: str | None) -> str:
    """Describe a record that this run removed, as N-Quads."""
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
            *([(DCT + "issued", str(_moment(issued)))] if issued else []),
        ],
        records_graph(portal),
    )


def run_activity(
    run: str,
    portal: str,
    catalog: str,
    started: datetime,
    ended: datetime,
    counts: Mapping[str, int],
    problems: Sequence[Problem],
) -> str:
    """Describe a run, as N-Quads: when, what of, how many, and its first problems."""
    activity = f"<{RUN}{run}>"
    nodes = [f"<{RUN}{run}#p{number}>" for number in range(1, min(len(problems), MAX_PROBLEMS) + 1)]
    described = [
        (RDF + "type", f"<{PROV}Activity>"),
        (HV + "portal", str(Literal(portal))),
        (PROV + "used", f"<{catalog}>"),
        (PROV + "startedAtTime", str(_moment(started))),
        (PROV + "endedAtTime", str(_moment(ended))),
        *((HV + name, str(Literal(number))) for name, number in counts.items()),
        *((HV + "problem", node) for node in nodes),
    ]
    return _nquads(activity, described, RUNS_GRAPH) + "".join(
        _nquads(
            node,
            [
                (RDF + "type", f"<{HV}Problem>"),
                (HV + "category", str(Literal(problem.category.value))),
                (DCT + "references", str(_reference(problem.url))),
                (DCT + "title", str(Literal(problem.what))),
                (DCT + "description", str(Literal(problem.why))),
                (HV + "advice", str(Literal(problem.fix))),
            ],
            RUNS_GRAPH,
        )
        for node, problem in zip(nodes, problems, strict=False)
    )


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
