"""`harvester validate`: what a user types, and what comes of it."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import rdflib
from click.testing import CliRunner
from pyoxigraph import RdfFormat

from harvester.cli import main
from harvester.errors import EXIT_SKIPPED
from harvester.store.generations import Catalogue

TRIG = Path(__file__).parent.parent / "query" / "catalogue.trig"
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix : <http://s.example/> .
:D a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property :title .
:title sh:path dct:title ; sh:minCount 1 ; sh:severity sh:SEVERITY ; sh:message "needs \\u001B[31m a title" .
"""
INFERRED = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <http://a.example/> .
@prefix eu: <http://publications.europa.eu/resource/authority/> .
@prefix record: <urn:x-harvester:record:a.example:http://a.example/> .
@prefix details: <urn:x-harvester:details:a.example:http://a.example/> .
@prefix inferred: <urn:x-harvester:inferred:a.example:http://a.example/> .
@prefix quality: <urn:x-harvester:quality:a.example:http://a.example/> .
record:d {
  :d a dcat:Dataset ; dct:title "D"@fr ; dct:description "D"@fr ; dcat:distribution :f ; dct:language "fr" ;
    dct:modified "2024-01-01T00:00:00"^^xsd:dateTime ; dct:publisher :one , :other .
  :f a dcat:Distribution ; dcat:accessURL :a ; dct:format "csv" ; dct:rights "Autre" ; dct:license :terms .
}
details:d { :d dct:accrualPeriodicity "weekly" . }
inferred:d {
  :d dct:modified "2024-01-01T00:00:00Z"^^xsd:dateTime ; dct:language eu:language\\/FRA ;
    dct:accrualPeriodicity eu:frequency\\/WEEKLY .
  :f dct:format eu:file-type\\/CSV ; dct:rights :autre ; dct:license eu:licence\\/CC0 .
}
quality:d { :d :score 7 . }
record:s { :s a dcat:DataService ; dct:title "S"@fr ; dcat:endpointURL :e ; dct:format "x" . }
details:s { :s dct:license :terms . }
inferred:s { :s dct:license eu:licence\\/CC0 . } quality:s { :s :score 7 . }
"""
BAD = "<http://d.example/1> a <http://www.w3.org/ns/dcat#Dataset> ."


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory) -> Path:
    """A published catalogue of two small portals."""
    path = tmp_path_factory.mktemp("validate") / "catalogue"
    catalogue = Catalogue(path)
    with catalogue.lock("test"), catalogue.stage("run") as stage:
        stage.store.load(path=str(TRIG), format=RdfFormat.TRIG)
        stage.publish({})
    return path


@pytest.fixture
def validate(catalogue, tmp_path, monkeypatch):
    """A function that validates, in a folder with shapes and a file that break them."""
    monkeypatch.setenv("HARVESTER_STORE", str(catalogue))
    monkeypatch.chdir(tmp_path)
    for severity in ("Violation", "Warning", "Info"):
        Path(f"{severity}.ttl").write_text(SHAPES.replace("SEVERITY", severity))
    Path("bad.ttl").write_text(BAD)
    Path("good.ttl").write_text(BAD.replace(" .", ' ; <http://purl.org/dc/terms/title> "T" .'))
    return lambda *arguments: CliRunner().invoke(main, ["validate", *arguments], catch_exceptions=False)


def test_the_catalogue_against_dcat_ap(validate):
    """By portal: counts, rules, and what to tell the publisher; progress goes to standard error."""
    done = validate()

    assert done.exit_code == EXIT_SKIPPED
    assert "what it asks" in done.stdout
    assert "What to tell the publisher" in done.stdout
    assert "violations per 100 datasets" in done.stdout
    assert "Validation: " in done.stderr


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        ("Violation", "violation", 5),
        ("Violation", "warning", 5),
        ("Violation", "never", 0),
        ("Warning", "violation", 0),
        ("Warning", "warning", 5),
        ("Info", "warning", 0),
    ],
)
def test_exit_codes(validate, severity, fail_on, code):
    """5 for what is as heavy as asked for, else 0."""
    assert validate("bad.ttl", "--shapes", f"{severity}.ttl", "--fail-on", fail_on).exit_code == code
    assert validate("good.ttl", "--shapes", f"{severity}.ttl", "--fail-on", fail_on).exit_code == 0


def test_what_is_not_wanted_is_not_shown(validate):
    """--severity leaves lighter results out; --fail-on may not ask for those."""
    shown = validate("bad.ttl", "--shapes", "Warning.ttl", "--severity", "violation")

    assert (shown.exit_code, "needs" in shown.stdout) == (0, False)
    assert validate("bad.ttl", "--severity", "violation", "--fail-on", "warning").exit_code == 2


def test_formats(validate):
    """Each is read by its kind of reader, from standard output and from a file."""
    readers = {
        "json": lambda text: json.loads(text)["portals"][0]["rules"][0]["rule"] == "title",
        "sarif": lambda text: json.loads(text)["runs"][0]["results"][0]["ruleId"] == "title",
        "junit": lambda text: ET.fromstring(text).find("testsuite/testcase/failure") is not None,
        "turtle": lambda text: len(rdflib.Graph().parse(data=text, format="turtle")) > 5,
        "table": lambda text: "http://d.example/1" in text,
    }
    for format_, reads in readers.items():
        options = ("bad.ttl", "--shapes", "Violation.ttl", "-o", format_)
        there = validate(*options)
        in_file = validate(*options, "--to", "out")

        assert reads(there.stdout), format_
        assert reads(Path("out").read_text()), format_
        assert (there.exit_code, in_file.exit_code, in_file.stdout) == (5, 5, "")
        assert "\x1b" not in there.stdout


def test_the_same_data_gives_the_same_table(validate):
    """Engines find results in any order."""
    assert validate().stdout == validate().stdout


@pytest.mark.parametrize("name", ["dump.ttl.gz", "dump.jsonld", "dump.rdf", "dump.nq"])
def test_a_dump_for_dcat_ap_breaks_the_rules_that_the_store_breaks(validate, tmp_path, name):
    """What stands in for what, a dump by that profile has decided: others' validators find what ours does."""
    store = ("--store", str(tmp_path / "store"))
    catalogue = Catalogue(tmp_path / "store")
    with catalogue.lock("test"), catalogue.stage("run") as stage:
        stage.store.load(INFERRED.encode(), format=RdfFormat.TRIG)
        stage.publish({})
    for file, more in ((name, ("--profile", "dcat-ap")), ("all.ttl", ())):
        CliRunner().invoke(main, ["export", file, *store, *more], catch_exceptions=False)

    def told(*arguments: str) -> set[tuple[str, int]]:
        (portal,) = json.loads(validate(*arguments, "-o", "json", "--severity", "violation").stdout)[
            "portals"
        ]
        return {(rule["rule"], rule["results"]) for rule in portal["rules"]}

    assert told(*store) == told(name) == {("Dataset.publisher", 1), ("DataService.format.vocabulary", 1)}
    assert ("Distribution.format", 1) in told("all.ttl")


def test_one_portal(validate):
    """Named by its key; a wrong one is told with the right ones."""
    whole, one = (
        json.loads(validate("-o", "json", *more).stdout) for more in ((), ("--portal", "a.example"))
    )
    wrong = validate("--portal", "nowhere")

    assert [portal["portal"] for portal in one["portals"]] == ["a.example"]
    assert one["portals"][0] in whole["portals"]
    assert (wrong.exit_code, "a.example" in wrong.stderr) == (2, True)


def test_limit_examples(validate):
    """So many of each rule at most; none if asked for none."""
    for number in (0, 1):
        told = json.loads(validate("-o", "json", "--limit-examples", str(number)).stdout)
        assert {len(rule["examples"]) for portal in told["portals"] for rule in portal["rules"]} == {number}


@pytest.mark.parametrize(
    "arguments", [("--shapes", "none.ttl"), ("none.ttl",), ("--shapes", "bad.ttl"), ("--to", "no/such/out")]
)
def test_mistakes_are_usage_errors(validate, arguments):
    """With the name at fault; nothing is written."""
    done = validate(*arguments)

    assert done.exit_code in (1, 2)
    assert arguments[-1] in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_catalogue(validate):
    """Nothing breaks no rules."""
    Path("empty.nt").write_text("")
    done = validate("empty.nt")

    assert (done.exit_code, done.stdout) == (0, "There are no records.\n")
