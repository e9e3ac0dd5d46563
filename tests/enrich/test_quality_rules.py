"""Quality as linked data: measurements, what describes them, means; and the files of rules."""

import re
from collections.abc import Iterable
from urllib.parse import quote

import pytest
from pyoxigraph import RdfFormat, Store
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SKOS

from harvester.enrich.quality import measure, rows_of, shared_rows
from harvester.enrich.quality_rules import read_quality
from harvester.errors import UsageError
from tests.enrich.quality_support import (
    DQV,
    FILE,
    FILES,
    HV,
    METHODOLOGY,
    OWN,
    POINTS,
    RULES,
    TURTLE,
    D,
    dataset,
    graph_of,
    neighbourhood,
    scores,
)


def test_a_dataset_points_at_a_measurement_of_each_metric():
    """Twelve of them, described once for all; and at each indicator that it lacks."""
    found = scores(dataset(OWN, FILE[:4]), inferred=f"<{D}#0> dct:license lic:CC_BY_4_0 .")
    rows = rows_of(D, found)
    graph, shared = graph_of(rows), graph_of(shared_rows(RULES))

    values = {
        str(shared.value(node, DQV.isMeasurementOf)).removeprefix(HV): int(shared.value(node, DQV.value))
        for node in graph.objects(URIRef(D), DQV.hasQualityMeasurement)
    }

    expected = {name: found.enriched.points[name] for name in METHODOLOGY} | {"score": found.enriched.total}
    expected |= {f"{name}AsSaid": found.said.points[name] for name in METHODOLOGY}
    expected |= {"scoreAsSaid": found.said.total}
    assert values == expected
    assert set(graph.objects(URIRef(D), HV.lacks)) == {HV["indicator-rights"], HV["indicator-byte-size"]}
    assert rows == sorted(rows)
    assert len(rows) == 12 + 2


def test_each_measurement_that_there_can_be_is_described():
    """Any set of indicators comes to sums that have their node; the total has its rating."""
    shared = graph_of(shared_rows(RULES))
    ratings = {
        int(shared.value(node, DQV.value)): str(shared.value(node, HV.rating)).rpartition("-")[2]
        for node in shared.subjects(DQV.isMeasurementOf, HV.score)
    }
    lowest: dict[str, int] = {}
    for points in sorted(ratings):
        lowest.setdefault(ratings[points], points)

    assert set(ratings) == {*range(0, 406, 5)}  # all points are multiples of five
    assert lowest == {"bad": 0, "sufficient": 125, "good": 225, "excellent": 355}  # 121, 221, 351 in fives
    for dimension, of in METHODOLOGY.items():
        sums = {0}
        for points in of.values():
            sums |= {points + one for one in sums}
        for metric in (HV[dimension], HV[f"{dimension}AsSaid"]):
            nodes = set(shared.subjects(DQV.isMeasurementOf, metric))
            assert {int(shared.value(node, DQV.value)) for node in nodes} == sums
            assert all((node, RDF.type, DQV.QualityMeasurement) in shared for node in nodes)
            assert not any(shared.value(node, HV.rating) for node in nodes)


def test_metrics_indicators_and_ratings_are_described_in_two_languages():
    """Labels of all, definitions of metrics and dimensions, advice for each indicator."""
    shared = graph_of(shared_rows(RULES))
    described = {
        subject
        for kind in (DQV.Metric, DQV.Dimension, DQV.Category, SKOS.Concept)
        for subject in shared.subjects(RDF.type, kind)
    }

    def languages(subject, predicate):
        return sorted(text.language for text in shared.objects(subject, predicate))

    indicators = {HV[f"indicator-{name}"] for name in POINTS}
    assert len(described) == 23 + 12 + 5 + 1 + 4
    assert {subject for subject in described if "indicator-" in subject} == indicators
    assert all(languages(subject, SKOS.prefLabel) == ["en", "fr"] for subject in described)
    for indicator in indicators:
        assert languages(indicator, HV.advice) == ["en", "fr"]
        assert int(shared.value(indicator, HV.points)) == POINTS[indicator.partition("indicator-")[2]]
    for metric in set(shared.subjects(RDF.type, DQV.Metric)) - indicators:
        assert languages(metric, SKOS.definition) == ["en", "fr"]


PORTAL, OTHER = "https://data.example/api/1/site/catalog", "https://other.example/catalog"


def means(catalog: str, text: str, rows: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    """Run the shipped rules; return what has a mean → metric → value."""
    store = Store()
    store.load((TURTLE + text).encode(), RdfFormat.TRIG)
    lines = "".join(f"{s} {p} {o} <urn:x-harvester:quality:x> .\n" for s, p, o in rows)
    store.load(lines.encode(), RdfFormat.N_QUADS)
    found: dict[str, dict[str, str]] = {}
    for rule in RULES.aggregates:
        answer = store.query(rule.text, base_iri=catalog, use_default_graph_as_union=True)
        graph = Graph().parse(data=answer.serialize(format=RdfFormat.N_TRIPLES), format="nt")
        for subject, mean in graph.subject_objects(DQV.hasQualityMeasurement):
            metric = str(graph.value(mean, DQV.isMeasurementOf)).removeprefix(HV)
            assert (mean, RDF.type, DQV.QualityMeasurement) in graph
            assert (
                str(mean)
                == f"urn:x-harvester:mean:{quote(catalog, safe='')}:{metric}:{graph.value(mean, DQV.value)}"
            )
            found.setdefault(str(subject), {})[metric] = str(graph.value(mean, DQV.value))
    return found


def test_publishers_and_portals_have_the_mean_of_their_datasets():
    """To one digit, of the portal's own datasets; a dataset of two publishers counts for both."""
    said = "".join(dataset(own, iri=f"https://data.example/{n}") for n, own in enumerate((OWN, OWN[:1], ())))
    store = neighbourhood(said)
    rows = [*shared_rows(RULES)]
    totals = []
    for iri, one in sorted(measure(store, RULES).items()):
        rows += rows_of(iri, one)
        totals.append(one.enriched.total)
    text = f"""
      <g> {{
        <{PORTAL}> dcat:dataset <0>, <1>, <2> . <{OTHER}> dcat:dataset <2>, <3> .
        <0> dct:publisher <p> . <1> dct:publisher <p>, <q>, [ ] . <2> dct:publisher <q> .
        <0> dqv:hasQualityMeasurement <mine> . <mine> dqv:isMeasurementOf <my-metric> ; dqv:value 1000 .
      }}
      <h> {{ <0> dct:publisher <p> }}
    """

    found = means(PORTAL, text, rows)

    assert totals == [185, 30, 0]
    assert set(found) == {PORTAL, "https://data.example/p", "https://data.example/q"}
    assert found[PORTAL]["score"] == found[PORTAL]["scoreAsSaid"] == "71.7"
    assert found["https://data.example/p"]["score"] == "107.5"
    assert found["https://data.example/q"]["findability"] == "15"
    assert all(len(of) == 12 for of in found.values())
    assert means(OTHER, text, rows)[OTHER]["score"] == "0"


def changed(name: str, old: str, new: str) -> dict[str, str]:
    path = next(path for path in FILES if path.endswith(f"quality/{name}"))
    assert old in FILES[path]
    return FILES | {path: FILES[path].replace(old, new, 1)}


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "why"),
    [
        ("keywords.rq", '"30"', "thirty", 4, "points"),
        ("keywords.rq", '"30"', '"0"', 4, "points"),
        ("keywords.rq", "findability", "colour", 1, "hv:dimension-colour"),
        ("keywords.rq", '"30"', '"31"', 17, "findability has 100 points, but its indicators have 101"),
        ("keywords.rq", "#+ reference: https:", "#+ reference: not an iri ", 5, "reference"),
        ("keywords.rq", ", fr: Mots-clés}", "}", 3, "indicator"),
        ("keywords.rq", "#+   fr: ", "#+   de: ", 6, "hint"),
        ("keywords.rq", "#+ points", "#+ marks", 1, "lacks points"),
        ("keywords.rq", "dcat:keyword ?", "keyword ?", 11, "not a query"),
        ("keywords.rq", "?dataset WHERE", "?subject WHERE { ?subject a ?dataset } #", 1, "does not select"),
        ("keywords.rq", "SELECT ?dataset WHERE", "SELECT ?dataset ?keyword WHERE", 1, "does not select"),
        ("keywords.rq", "SELECT ?dataset WHERE", "ASK", 1, "does not select"),
        ("keywords.rq", "{ ?dataset", "{ SERVICE <urn:x> { ?a ?b ?c } ?dataset", 11, "SERVICE"),
        ("metrics.ttl", "hv:points 100", "hv:points 99", 17, "99 points"),
        ("metrics.ttl", "a dqv:Category ;", "a dqv:Category ;; .", 13, "not Turtle"),
        ("metrics.ttl", "<https://data.europa.eu/mqa/methodology>", "[ ]", 1, "blank nodes"),
        ("metrics.ttl", "<https://data.europa.eu/mqa/methodology>", "<methodology>", 15, "not Turtle"),
        ("aggregate/portal.rq", "#+ summary", "#+ colour", 1, "lacks summary"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_serve_is_named_with_its_line(name, old, new, line, why):
    """One mistake in one file."""
    with pytest.raises(UsageError, match=re.escape(why)) as refused:
        read_quality(changed(name, old, new))

    where = "metrics.ttl" if "hv:dimension-" in why or "points, but" in why else name
    assert re.search(rf"{where}, line (\d+): ", refused.value.cause)[1] == str(line)
    assert refused.value.fix


def test_a_name_that_makes_no_iri_is_refused():
    """The name of a file becomes part of its indicator's IRI."""
    path = next(path for path in FILES if path.endswith("keywords.rq"))
    files = {other: text for other, text in FILES.items() if other != path}

    with pytest.raises(UsageError, match="no name of an indicator"):
        read_quality(files | {path.replace("keywords", "Key words"): FILES[path]})


def test_rules_need_their_metrics():
    """Points without dimensions mean nothing."""
    with pytest.raises(UsageError, match=r"holds no metrics\.ttl"):
        read_quality({path: text for path, text in FILES.items() if not path.endswith(".ttl")})
