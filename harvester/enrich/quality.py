"""The quality of datasets, measured by rules: as the portal describes them, and with what enrichment adds.

The points are those of data.europa.eu's metadata quality assessment (docs/quality.md). Indicators of
distributions count by the one distribution that brings the most points. Measurements are shared: one node for
all datasets that have so many points of a metric (docs/decisions/0013-shared-measurements.md).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from pyoxigraph import Literal, QueryResultsFormat, QuerySolutions, Store

from harvester.enrich.neighbourhood import BESIDE, CODES, INFERRED, SAID
from harvester.enrich.quality_rules import Indicator, QualityRules
from harvester.enrich.rules import Graph
from harvester.rdf.rows import Row
from harvester.vocab import DCAT, DQV, HV, RDF, SKOS, XSD

BEFORE: list[Graph] = [SAID, CODES]
"""What an indicator sees of a neighbourhood when datasets are measured as the portal's RDF describes them."""
AFTER: list[Graph] = [SAID, BESIDE, INFERRED, CODES]
"""What it sees when they are measured with all that is known of them."""

MEASUREMENTS = "urn:x-harvester:measurement:"
SCORE = "score"
AS_SAID = "AsSaid"

_DATASETS = f"SELECT DISTINCT ?dataset WHERE {{ ?dataset a <{DCAT}Dataset> FILTER(isIRI(?dataset)) }}"
_PARTS = f"SELECT ?dataset ?distribution WHERE {{ ?dataset <{DCAT}distribution> ?distribution }}"
_TYPE = f"<{RDF}type>"
_HAS = f"<{DQV}hasQualityMeasurement>"
_LACKS = f"<{HV}lacks>"


@dataclass(frozen=True, slots=True)
class State:
    """What a dataset has: the points of each dimension, and the names of the indicators that it meets."""

    points: Mapping[str, int]
    total: int
    met: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scores:
    """The quality of one dataset, as the portal's RDF says and enriched; what it still lacks, by name.

    Nothing is lacking of which nothing is known, such as answers of links that were not checked.
    """

    said: State
    enriched: State
    lacks: tuple[str, ...]


def measure(store: Store, rules: QualityRules) -> dict[str, Scores]:
    """Return the scores of each dataset (by IRI) that the default graph of a neighbourhood describes."""
    if not rules.indicators:
        return {}
    states = _States(rules.indicators)
    said = _Answers.of(store, rules.indicators, BEFORE)
    enriched = _Answers.of(store, rules.indicators, AFTER)
    found = {}
    for dataset in _ask(store, _DATASETS, [SAID]):
        before, _ = said.best(dataset, states)
        after, failed = enriched.best(dataset, states)
        found[dataset[1:-1].decode()] = Scores(states[before], states[after], states.lacking(after, failed))
    return found


def rows_of(dataset: str, scores: Scores) -> list[Row]:
    """Return what is said of one dataset: a measurement of each metric, and what it lacks, in order."""
    subject = f"<{dataset}>"
    rows = [
        (subject, _HAS, f"<{MEASUREMENTS}{metric}{suffix}:{points}>")
        for suffix, state in (("", scores.enriched), (AS_SAID, scores.said))
        for metric, points in (*state.points.items(), (SCORE, state.total))
    ]
    rows += [(subject, _LACKS, f"<{_indicator(name)}>") for name in scores.lacks]
    return sorted(rows)


def shared_rows(rules: QualityRules) -> list[Row]:
    """Return what all measured datasets share, in order: metrics, indicators, each measurement there can be.

    It follows from the rules alone, so that it changes when they do, and at no other time.
    """
    rows = {*rules.description}
    for indicator in rules.indicators:
        rows.update(_description(indicator))
    for metric, points in _possible(rules):
        for suffix in ("", AS_SAID):
            rows.update(_measurement(rules, metric, suffix, points))
    return sorted(rows)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What indicators say in one state of a neighbourhood; bit n of a number stands for the nth indicator."""

    met: Mapping[bytes, int]
    failed: Mapping[bytes, int]
    """Those that are known not to be met, of indicators that know of some resources only."""
    parts: Mapping[bytes, list[bytes]] = field(repr=False)
    """The distributions of each dataset."""

    @classmethod
    def of(cls, store: Store, indicators: Sequence[Indicator], graphs: list[Graph]) -> "_Answers":
        met: defaultdict[bytes, int] = defaultdict(int)
        failed: defaultdict[bytes, int] = defaultdict(int)
        for number, indicator in enumerate(indicators):
            bit = 1 << number
            for line in set(_ask(store, indicator.text, graphs)):
                resource, _, state = line.partition(b"\t") if indicator.checked else (line, b"", b"true")
                if state == b"true":
                    met[resource] |= bit
                elif state == b"false":
                    failed[resource] |= bit
        parts: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for line in _ask(store, _PARTS, graphs):
            dataset, _, distribution = line.partition(b"\t")
            parts[dataset].append(distribution)
        return cls(met, failed, parts)

    def best(self, dataset: bytes, states: "_States") -> tuple[int, int]:
        """Return what a dataset meets and fails, with the distribution that brings it the most points.

        Of several that bring as many, content decides and not order: the same metadata have the same score.
        """
        own, bad = self.met.get(dataset, 0), self.failed.get(dataset, 0)
        candidates = [
            (own | self.met.get(part, 0), bad | self.failed.get(part, 0))
            for part in self.parts.get(dataset, ())
        ]
        return max(candidates, key=lambda one: (states[one[0]].total, one), default=(own, bad))


class _States(dict[int, State]):
    """Bits of indicators → the state that they amount to: thousands of datasets share a few hundred."""

    def __init__(self, indicators: Sequence[Indicator]) -> None:
        super().__init__()
        self._indicators = indicators

    def __missing__(self, bits: int) -> State:
        points = {indicator.dimension: 0 for indicator in self._indicators}
        met = [indicator for number, indicator in enumerate(self._indicators) if bits >> number & 1]
        for indicator in met:
            points[indicator.dimension] += indicator.points
        self[bits] = State(points, sum(points.values()), frozenset(indicator.name for indicator in met))
        return self[bits]

    def lacking(self, met: int, failed: int) -> tuple[str, ...]:
        """Name the indicators that are neither met nor unknown."""
        return tuple(
            indicator.name
            for number, indicator in enumerate(self._indicators)
            if not met >> number & 1 and (failed >> number & 1 or not indicator.checked)
        )


def _ask(store: Store, query: str, graphs: list[Graph]) -> list[bytes]:
    """Return the rows of an answer as N-Triples tokens with tabs between: cheaper than rows of term objects.

    https://www.w3.org/TR/sparql11-results-csv-tsv/#tsv: tabs and line ends of literals are escaped.
    """
    result = cast("QuerySolutions", store.query(query, default_graph=graphs))
    return (result.serialize(format=QueryResultsFormat.TSV) or b"").split(b"\n")[1:-1]


def _possible(rules: QualityRules) -> Iterator[tuple[str, int]]:
    """Yield each metric with each sum of points that its indicators can come to."""
    sums = {name: {0} for name in (*rules.dimensions, SCORE)}
    for indicator in rules.indicators:
        for metric in (indicator.dimension, SCORE):
            sums[metric] |= {points + indicator.points for points in sums[metric]}
    return ((metric, points) for metric, found in sums.items() for points in sorted(found))


def _measurement(rules: QualityRules, metric: str, suffix: str, points: int) -> Iterator[Row]:
    """https://www.w3.org/TR/vocab-dqv/#dqv:QualityMeasurement; of a total, also its rating."""
    subject = f"<{MEASUREMENTS}{metric}{suffix}:{points}>"
    yield subject, _TYPE, f"<{DQV}QualityMeasurement>"
    yield subject, f"<{DQV}isMeasurementOf>", f"<{HV}{metric}{suffix}>"
    yield subject, f"<{DQV}value>", str(Literal(points))
    for rating in rules.ratings:
        if metric == SCORE and rating.low <= points <= rating.high:
            yield subject, f"<{HV}rating>", f"<{rating.iri}>"


def _description(indicator: Indicator) -> Iterator[Row]:
    """Describe an indicator by its header, as a metric that is true or not."""
    subject = f"<{_indicator(indicator.name)}>"
    yield subject, _TYPE, f"<{DQV}Metric>"
    yield subject, f"<{DQV}inDimension>", f"<{HV}dimension-{indicator.dimension}>"
    yield subject, f"<{DQV}expectedDataType>", f"<{XSD}boolean>"
    yield subject, f"<{HV}points>", str(Literal(indicator.points))
    yield subject, f"<{SKOS}definition>", str(Literal(indicator.summary, language="en"))
    yield subject, f"<{SKOS}closeMatch>", f"<{indicator.reference}>"
    for tag, text in indicator.label.items():
        yield subject, f"<{SKOS}prefLabel>", str(Literal(text, language=tag))
    for tag, text in indicator.hint.items():
        yield subject, f"<{HV}advice>", str(Literal(text, language=tag))


def _indicator(name: str) -> str:
    return f"{HV}indicator-{name}"
