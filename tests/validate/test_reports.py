"""Outcomes as documents, each read by what is made for reading it."""

import io
import json
from xml.etree import ElementTree as ET

import pytest
import rdflib
from pyoxigraph import BlankNode
from rdflib.namespace import RDF, SH

from harvester.validate.batches import Source
from harvester.validate.engine import PyShacl, Rudof
from harvester.validate.outcome import Outcome
from harvester.validate.reports.document import document
from harvester.validate.reports.graph import Graph
from harvester.validate.reports.junit import junit
from harvester.validate.reports.sarif import sarif
from harvester.validate.rules import Severity
from harvester.validate.validation import Wanted, judge
from tests.validate.stores import shapes_of, store_of

SHAPES = """
:Thing a sh:NodeShape ; sh:targetClass :Thing ; sh:property :name , :old , [ sh:path :n ; sh:maxCount 9 ] .
:name sh:path :name ; sh:nodeKind sh:IRI ; sh:message "A thing has an IRI for a name."@en , "Un IRI."@fr ;
  hv:advice "Give it an IRI."@en ; <http://www.w3.org/2000/01/rdf-schema#seeAlso> <http://a.example/clause> .
:old sh:path :old ; sh:maxCount 0 ; sh:severity sh:Warning ; sh:message "Things are not old." .
"""
AWKWARD = '<b>&amp; ]]> \\u0001\\u001B[31m \\"quoted\\" \\n l\'été'
STORE = f"""
record:t1 {{ :t1 a :Thing ; :name "{AWKWARD}" , "two" ; :old true . }}
record:t2 {{ :t2 a :Thing ; :name "three" ; :part [ a :Thing ; :name "four" ] . }}
record:t3 {{ :t3 a :Thing ; :name :iri . }}
other:t9 {{ :t9 a :Thing ; :name :iri . }}
"""


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    return shapes_of(tmp_path_factory.mktemp("shapes"), SHAPES)


@pytest.fixture(scope="module")
def graph(shapes) -> bytes:
    return judged(shapes)[1]


@pytest.fixture(scope="module")
def outcome(shapes) -> Outcome:
    return judged(shapes)[0]


def judged(shapes, wanted=None) -> tuple[Outcome, bytes]:
    out = io.BytesIO()
    writer = Graph(out)
    rules = dict(shapes.rules)
    portals = judge(
        Source(store_of(STORE)), Rudof(shapes), rules, wanted or Wanted(examples=2), sink=writer.add
    )
    writer.finish()
    return Outcome(("mine.ttl",), "catalogue", tuple(shapes.rules.values()), portals), out.getvalue()


def test_counts_and_examples(outcome):
    """Results and the records that they are in, by portal; examples are of different records."""
    told = document(outcome)
    one, other = told["portals"]
    name, old = one["rules"]

    assert json.loads(json.dumps(told)) == told
    assert (told["conforms"], told["shapes"], told["source"]) == (False, ["mine.ttl"], "catalogue")
    assert (one["portal"], one["records"], one["results"]) == (
        "a.example",
        3,
        {"violation": 4, "warning": 1, "info": 0},
    )
    assert (other["portal"], other["results"]["violation"], other["rules"]) == ("b.example", 0, [])
    assert (name["rule"], name["results"], name["records"], name["severity"]) == ("name", 4, 2, "violation")
    assert name["message"] == {"en": "A thing has an IRI for a name.", "fr": "Un IRI."}
    assert (name["advice"], name["see"]) == ({"en": "Give it an IRI."}, "http://a.example/clause")
    assert {example["resource"] for example in name["examples"]} == {
        "http://a.example/t1",
        "http://a.example/t2",
    }
    assert (old["rule"], old["severity"], old["examples"][0]["value"]) == ("old", "warning", "")


def test_violations_per_100_datasets(shapes):
    """Of the portal's own datasets; none where it has none."""
    store = store_of(STORE + "record:d { :d a dcat:Dataset . } record:e { :e a dcat:Dataset . }")
    one, other = judge(Source(store), Rudof(shapes), dict(shapes.rules), Wanted())

    assert one.per_100_datasets(Severity.VIOLATION) == 200
    assert other.per_100_datasets(Severity.VIOLATION) is None


def test_only_what_is_wanted_is_counted(shapes):
    """Lighter results are as if they were not there."""
    outcome, graph = judged(shapes, Wanted(Severity.VIOLATION, 0))

    assert [f.rule.name for f in outcome.portals[0].sorted()] == ["name"]
    assert outcome.portals[0].sorted()[0].examples == []
    assert b"sh:Warning" not in graph


def test_the_report_graph_is_that_of_the_standard(shapes, graph):
    """The same results as pySHACL's own report of the same data, but for the messages."""
    ours = rdflib.Graph().parse(data=graph, format="turtle")
    theirs = PyShacl(shapes)
    data = [batch.data for batch in Source(store_of(STORE)).batches()]
    expected = sorted(r.key for each in data for r in theirs.results(each))
    results = list(ours.subjects(RDF.type, SH.ValidationResult))
    (report,) = ours.subjects(RDF.type, SH.ValidationReport)

    assert ours.value(report, SH.conforms).toPython() is False
    assert set(ours.objects(report, SH.result)) == set(results)
    assert sorted(
        (str(ours.value(r, SH.sourceShape)), str(ours.value(r, SH.sourceConstraintComponent)))
        for r in results
    ) == sorted((shape, component) for _focus, shape, component, _value in expected)
    for result in results:
        assert ours.value(result, SH.focusNode) is not None
        assert ours.value(result, SH.resultPath) is not None
        assert ours.value(result, SH.resultSeverity) in (SH.Violation, SH.Warning)
        assert list(ours.objects(result, SH.resultMessage))
    values = {str(value) for value in ours.objects(None, SH.value)}
    assert '<b>&amp; ]]> \x01\x1b[31m "quoted" \n l\'été' in values


def test_the_report_graph_keeps_blank_nodes(shapes):
    """As the data labels them, so that who has the data finds them."""
    out = io.BytesIO()
    writer = Graph(out)
    source = Source(store_of('record:t { :t :part _:inner . _:inner a :Thing ; :name "four" . }'))
    judge(source, Rudof(shapes), dict(shapes.rules), Wanted(), sink=writer.add)
    (batch,) = source.batches()
    (label,) = {str(term) for term in batch.owners if isinstance(term, BlankNode)}

    assert f"sh:focusNode {label} " in out.getvalue().decode()


def test_nothing_found_conforms(shapes):
    """In all words."""
    out = io.BytesIO()
    writer = Graph(out)
    writer.finish()
    graph = rdflib.Graph().parse(data=out.getvalue(), format="turtle")
    store = store_of("record:t3 { :t3 a :Thing ; :name :iri . }")
    portals = judge(Source(store), Rudof(shapes), dict(shapes.rules), Wanted())
    outcome = Outcome(("mine.ttl",), "catalogue", tuple(shapes.rules.values()), portals)

    assert [value.toPython() for value in graph.objects(None, SH.conforms)] == [True]
    assert outcome.conforms()
    assert document(outcome)["conforms"]
    assert sarif(outcome)["runs"][0]["results"] == []
    assert ET.fromstring(junit(outcome, Severity.INFO)).find("testsuite").get("failures") == "0"


def test_sarif(outcome):
    """What section 3 of the standard requires of a log, a run, a rule and a result."""
    log = sarif(outcome)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]

    assert (log["version"], len(log["runs"])) == ("2.1.0", 2)
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    assert run["tool"]["driver"]["name"]
    assert [rule["id"] for rule in rules] == ["name", "old"]
    assert [rule["defaultConfiguration"]["level"] for rule in rules] == ["error", "warning"]
    assert rules[0]["help"]["text"] == "Give it an IRI."
    assert rules[0]["helpUri"] == "http://a.example/clause"
    assert len(run["results"]) == 3
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"].startswith("http://a.example/t")
    assert {result["occurrenceCount"] for result in run["results"]} == {4, 1}


@pytest.mark.parametrize(("fail_on", "failures"), [(Severity.VIOLATION, 1), (Severity.WARNING, 2), (None, 0)])
def test_junit(outcome, fail_on, failures):
    """A suite for each portal, a test for each rule; what is lighter than asked for passes, with its text."""
    root = ET.fromstring(junit(outcome, fail_on))
    one, other = root.findall("testsuite")

    assert (one.get("name"), one.get("failures")) == ("a.example", str(failures))
    assert (other.get("name"), other.get("failures")) == ("b.example", "0")
    assert int(one.get("tests")) == len(one.findall("testcase")) == len(outcome.rules)
    assert len(one.findall("testcase/failure")) == failures
    assert len(one.findall("testcase/system-out")) == 2 - failures
    assert "http://a.example/t1" in "".join(one.itertext())
