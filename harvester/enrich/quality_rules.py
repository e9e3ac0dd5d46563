"""The rules that quality is measured by: indicators, the points they are worth, means. Checked when read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, RdfFormat, Store, Triple, parse

from harvester.enrich.rules import SUMMARY, Keys, Rule, read_header, read_rule, refuse_service
from harvester.errors import UsageError
from harvester.rdf.rows import Row
from harvester.vocab import HV

METRICS = "metrics.ttl"
AGGREGATE = "aggregate"
LANGUAGES = ("en", "fr")
MET = "met"
"""The second variable of a rule that knows of some resources only whether they have what it asks for."""

INDICATOR = Keys(
    frozenset({"summary", "dimension", "indicator", "points", "reference", "hint"}),
    frozenset({"indicator", "hint"}),
)
_SUBJECTS = ("dataset", "distribution", "resource")
_DIMENSION = f"{HV}dimension-"
_RATING = f"{HV}rating-"
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_POSITION = re.compile(r"error at (\d+):\d+: (.*)", re.DOTALL)
_FIX = "see docs/quality.md for what these files hold"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing that good metadata have. `text` is a SELECT query for the resources that have it."""

    name: str
    text: str = field(repr=False)
    dimension: str
    points: int
    summary: str = field(repr=False)
    reference: str = field(repr=False)
    """IRI of the metric of others that it follows."""
    label: Mapping[str, str] = field(repr=False)
    hint: Mapping[str, str] = field(repr=False)
    """What to tell the publisher of a dataset that lacks it."""
    checked: bool = False
    """It answers ?met too: of resources that are not in its answer, nothing is known or held against them."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What a total from `low` to `high` points is called."""

    iri: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class QualityRules:
    """A checked folder of rules; without any, nothing is measured."""

    indicators: tuple[Indicator, ...] = ()
    dimensions: Mapping[str, int] = field(default_factory=dict)
    """The most points of each."""
    ratings: tuple[Rating, ...] = ()
    description: tuple[Row, ...] = field(default=(), repr=False)
    """What `metrics.ttl` says, as rows."""
    aggregates: tuple[Rule, ...] = ()
    """CONSTRUCT rules for the whole catalogue, such as means."""


def read_quality(files: Mapping[str, str]) -> QualityRules:
    """Check the files of a folder of quality rules, given as path → text.

    `NAME.rq` are indicators, `metrics.ttl` describes dimensions, metrics and ratings, `aggregate/NAME.rq` are
    CONSTRUCT rules. No files: nothing is measured. Raises UsageError naming file and line.
    """
    if not files:
        return QualityRules()
    rules = {PurePath(path): path for path in sorted(files) if path.endswith(".rq")}
    metrics = next((path for path in sorted(files) if PurePath(path).name == METRICS), None)
    if metrics is None:
        folder = PurePath(min(files)).parent
        raise UsageError(f"{folder} holds no {METRICS}", fix=_FIX)
    indicators = tuple(
        _read_indicator(path, pure.stem, files[path])
        for pure, path in rules.items()
        if pure.parent.name != AGGREGATE
    )
    triples = _read_metrics(metrics, files[metrics])
    dimensions = _points_of_dimensions(triples)
    _check_points(metrics, files[metrics], dimensions, indicators)
    return QualityRules(
        indicators=indicators,
        dimensions=dimensions,
        ratings=_ratings(triples),
        description=tuple(sorted({(str(t.subject), str(t.predicate), str(t.object)) for t in triples})),
        aggregates=tuple(
            read_rule(path, files[path], SUMMARY)
            for pure, path in rules.items()
            if pure.parent.name == AGGREGATE
        ),
    )


def _read_indicator(path: str, name: str, text: str) -> Indicator:
    header = read_header(path, text, INDICATOR)
    if not _NAME.fullmatch(name):
        raise _bad(path, 1, f"{name!r} is no name of an indicator", "use lower case, digits and hyphens")
    for key in ("indicator", "hint"):
        if not isinstance(header[key], dict) or not all(header[key].get(tag) for tag in LANGUAGES):
            wanted = ", ".join(f"{tag}: …" for tag in LANGUAGES)
            raise _bad(
                path, _line(text, f"#+ {key}:"), f"{key} is not said in each language", f"write {wanted}"
            )
    if not re.fullmatch(r"[1-9][0-9]{0,3}", header["points"]):
        raise _bad(path, _line(text, "#+ points:"), "points are no number from 1 to 9999", 'write "20"')
    try:
        reference = NamedNode(header["reference"])
    except ValueError as error:
        raise _bad(
            path, _line(text, "#+ reference:"), "reference is no IRI", "write a web address"
        ) from error
    return Indicator(
        name=name,
        text=text,
        dimension=header["dimension"],
        points=int(header["points"]),
        summary=header["summary"],
        reference=reference.value,
        label={tag: header["indicator"][tag] for tag in LANGUAGES},
        hint={tag: header["hint"][tag] for tag in LANGUAGES},
        checked=MET in _variables(path, text),
    )


def _variables(path: str, text: str) -> list[str]:
    """Return what a query selects, which must be resources, and maybe whether they have it."""
    refuse_service(path, text)
    try:
        result = Store().query(text)
    except (SyntaxError, RuntimeError) as error:
        position = _POSITION.match(str(error))
        line, why = (int(position[1]), position[2]) if position else (1, str(error))
        why = " ".join(why.split())[:160]
        raise _bad(path, line, f"not a query that can be run: {why}", "correct the query") from error
    found = [variable.value for variable in result.variables] if isinstance(result, QuerySolutions) else []
    if not found or found[0] not in _SUBJECTS or found[1:] not in ([], [MET]):
        one = " or ".join(f"?{name}" for name in _SUBJECTS)
        raise _bad(path, 1, f"does not select {one}", "begin it with SELECT ?dataset WHERE")
    return found


def _read_metrics(path: str, text: str) -> list[Triple]:
    try:
        triples = [quad.triple for quad in parse(text, RdfFormat.TURTLE)]
    except SyntaxError as error:
        why = error.msg.split(": ", 1)[-1]
        raise _bad(
            path, error.lineno or 1, f"not Turtle: {why}", "correct it; its IRIs are absolute"
        ) from error
    if any(isinstance(term, BlankNode) for triple in triples for term in triple):
        raise _bad(path, 1, "makes blank nodes", "name what it describes by IRI")
    return triples


def _numbers(triples: list[Triple], predicate: str) -> dict[str, int]:
    """Return subject → the number that it has by a predicate of our own."""
    return {
        t.subject.value: int(t.object.value)
        for t in triples
        if t.predicate.value == HV + predicate
        and isinstance(t.subject, NamedNode)
        and isinstance(t.object, Literal)
        and t.object.value.isdecimal()
    }


def _points_of_dimensions(triples: list[Triple]) -> dict[str, int]:
    points = _numbers(triples, "points").items()
    return {iri.removeprefix(_DIMENSION): most for iri, most in points if iri.startswith(_DIMENSION)}


def _ratings(triples: list[Triple]) -> tuple[Rating, ...]:
    high = _numbers(triples, "to")
    found = [
        Rating(iri, low, high[iri])
        for iri, low in _numbers(triples, "from").items()
        if iri.startswith(_RATING) and iri in high
    ]
    return tuple(sorted(found, key=lambda rating: rating.low))


def _check_points(
    path: str, text: str, dimensions: Mapping[str, int], indicators: tuple[Indicator, ...]
) -> None:
    """See that each indicator belongs to a dimension, whose points are those of its indicators together."""
    sums = dict.fromkeys(dimensions, 0)
    for indicator in indicators:
        if indicator.dimension not in sums:
            why = f"hv:dimension-{indicator.dimension}, which {indicator.name} belongs to, has no hv:points"
            raise _bad(path, 1, why, _FIX)
        sums[indicator.dimension] += indicator.points
    for name, most in dimensions.items():
        if sums[name] != most:
            raise _bad(
                path,
                _line(text, f"hv:dimension-{name}"),
                f"{name} has {most} points, but its indicators have {sums[name]} together",
                "make them equal",
            )


def _line(text: str, words: str) -> int:
    """Return the line where some words first stand."""
    return text.count("\n", 0, max(text.find(words), 0)) + 1


def _bad(path: str, line: int, why: str, fix: str) -> UsageError:
    return UsageError(f"{path}, line {line}: {why}", fix=fix)
