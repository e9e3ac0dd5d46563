"""`harvester export`: what a user types, and what file comes of it."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse

from harvester.cli import main
from harvester.store.generations import Catalogue

TRIG = Path(__file__).parent.parent / "query" / "catalogue.trig"
CONTEXT = {"@vocab": "http://www.w3.org/ns/dcat#", "titre": "http://purl.org/dc/terms/title"}
D1 = "http://a.example/datasets/d1"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory) -> Path:
    """A published catalogue of two small portals, with a JSON-LD context."""
    path = tmp_path_factory.mktemp("export") / "catalogue"
    catalogue = Catalogue(path)
    with catalogue.lock("test"), catalogue.stage("run") as stage:
        stage.store.load(path=str(TRIG), format=RdfFormat.TRIG)
        stage.pin_context(CONTEXT)
        stage.publish({})
    return path


@pytest.fixture
def export(catalogue, tmp_path, monkeypatch):
    """A function that exports the catalogue, in an empty folder."""
    monkeypatch.setenv("HARVESTER_STORE", str(catalogue))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, ["export", *arguments], catch_exceptions=False)


def triples(text: str | bytes, format_: RdfFormat = RdfFormat.N_TRIPLES) -> int:
    return sum(1 for _ in parse(text, format_))


NAMES = ("c.ttl", "c.nt", "c.jsonld", "c.rdf", "c.trig", "c.nq", "c.ttl.gz", "c.nq.zst")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_and_its_checksum(export, name):
    """`sha256sum -c` agrees; how much it is goes to standard error; a second run gives the same bytes."""
    first = export(name)
    content = Path(name).read_bytes()
    second = export(name)

    assert (first.exit_code, first.stdout, first.stderr) == (0, "", second.stderr)
    assert first.stderr.startswith(f"{name}: ")
    assert Path(name).read_bytes() == content
    assert subprocess.run(["sha256sum", "-c", f"{name}.sha256"], check=False).returncode == 0


def test_the_portals_words_are_used_in_json_ld(export):
    """By the context that the run pinned."""
    export("c.jsonld")

    document = json.loads(Path("c.jsonld").read_text())
    assert document["@context"] == CONTEXT
    assert "Vélos en libre-service" in [node.get("titre") for node in document["@graph"]]


def test_standard_output(export):
    """Needs a format; compressed if asked."""
    assert export("-").exit_code == 2
    plain = export("-", "--format", "nt").stdout_bytes
    packed = export("-", "--format", "nt.gz").stdout_bytes

    assert gzip.decompress(packed) == plain
    assert triples(plain) > 100
    assert list(Path().iterdir()) == []


def test_the_portals_word_alone(export):
    """Without inference and notes fewer statements are left, and none by the harvester."""
    everything = export("-", "--format", "nq").stdout
    told = export("-", "--format", "nq", "--no-inferred", "--no-provenance").stdout

    assert set(told.splitlines()) < set(everything.splitlines())
    assert all("<urn:x-harvester:record:" in line for line in told.splitlines())


def test_notes_are_in_a_dump_of_triples_only_if_asked_for(export):
    """A catalogue for the public is about data, not about the harvest."""
    assert "CatalogRecord" not in export("-", "--format", "ttl").stdout
    assert "CatalogRecord" in export("-", "--format", "ttl", "--provenance").stdout


def test_one_dataset(export):
    """By its IRI or the portal's id."""
    by_iri = export("-", "--format", "ttl", "--dataset", D1)
    by_id = export("-", "--format", "ttl", "--dataset", "d1")

    assert by_iri.exit_code == 0
    assert by_iri.stdout == by_id.stdout
    assert f"\n<{D1}> a dcat:Dataset" in by_iri.stdout


def test_another_vocabulary(export):
    """`--vocabulary schema.org`: the view alone, in JSON-LD with schema.org's own words for keys."""
    result = export("c.jsonld", "--vocabulary", "schema.org")
    document = json.loads(Path("c.jsonld").read_text())
    one = {node["@id"]: node for node in document["@graph"]}[D1]

    assert result.stderr.startswith("c.jsonld: ")
    assert document["@context"]["@vocab"] == "http://schema.org/"
    assert (one["@type"], one["name"]) == ("Dataset", "Vélos en libre-service")
    assert (
        "dcat" not in export("-", "--format", "ttl", "--vocabulary", "schema.org", "--dataset", "d1").stdout
    )


def test_a_dump_for_dcat_ap(export):
    """By --profile: no more than is in the dump of all, which is the default."""
    everything = export("-", "--format", "nt").stdout
    by_profile = export("-", "--format", "nt", "--profile", "dcat-ap").stdout

    assert export("-", "--format", "nt", "--profile", "all").stdout == everything
    assert set(by_profile.splitlines()) <= set(everything.splitlines())
    assert f"<{D1}> " in by_profile


def test_rules_of_ones_own_for_another_vocabulary(export, tmp_path):
    """`--mappings`: only what the folder's rules make is in the view."""
    (tmp_path / "mine" / "schema").mkdir(parents=True)
    (tmp_path / "mine" / "schema" / "name.rq").write_text(
        "#+ summary: a\n#+ infers: b\n#+ from: c\n"
        "PREFIX dct: <http://purl.org/dc/terms/>\nPREFIX schema: <http://schema.org/>\n"
        "CONSTRUCT { ?thing schema:headline ?title } WHERE { ?thing dct:title ?title }"
    )

    options = ["--format", "nt", "--vocabulary", "schema.org", "--dataset", "d1", "--no-inferred"]
    mine = export("-", *options, "--mappings", str(tmp_path / "mine")).stdout

    assert f"<{D1}> <http://schema.org/headline> " in mine
    assert f"<{D1}> <http://schema.org/name> " not in mine
    assert f"<{D1}> <http://schema.org/name> " in export("-", *options).stdout


def test_an_unknown_dataset(export):
    """Leaves no file, and says what is near."""
    result = export("c.ttl", "--dataset", "velos")

    assert result.exit_code == 2
    assert f"did you mean {D1} (Vélos en libre-service)" in result.stderr
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["c.zip"], "does not tell in which format to write"),
        (["c.ttl", "--format", "csv"], "--format csv does not tell"),
        (["missing/c.ttl"], "No such file or directory"),
        (["c.ttl", "--vocabulary", "schema.org", "--provenance"], "no words for the harvester's notes"),
        (["c.ttl", "--vocabulary", "schema.org", "--mappings", "."], "holds no rules"),
        (["c.ttl", "--mappings", "."], "--mappings is for another vocabulary"),
        (["c.ttl", "--profile", "dcat-ap", "--no-inferred"], "what was inferred in place of what was said"),
        (["c.ttl", "--profile", "dcat-ap", "--vocabulary", "schema.org"], "is a profile of DCAT"),
    ],
)
def test_a_mistake_has_exit_code_2(export, arguments, message):
    """And says what would do."""
    result = export(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert "\n  Try: " in result.stderr


def test_no_catalogue_yet(export, tmp_path):
    """Says how to make one."""
    result = export("c.ttl", "--store", str(tmp_path / "none"))

    assert result.exit_code == 1
    assert "harvester harvest" in result.stderr


def test_what_a_format_cannot_hold_is_said(tmp_path):
    """In numbers, on standard error."""
    catalogue = Catalogue(tmp_path / "catalogue")
    with catalogue.lock("test"), catalogue.stage("run") as stage:
        stage.store.update('INSERT DATA { GRAPH <urn:g> { <urn:s> <http://a.example/2020> "1" } }')
        stage.publish({})

    result = CliRunner().invoke(main, ["export", str(tmp_path / "c.rdf"), "--store", str(catalogue.path)])

    assert result.exit_code == 0
    assert "Not in this format: 1 statements whose predicate has no name in XML." in result.stderr


def test_a_reader_that_has_seen_enough(catalogue):
    """`harvester export - … | head` ends without a complaint."""
    command = [sys.executable, "-m", "harvester", "export", "-", "--format", "nq", "--store", str(catalogue)]
    reading, writing = os.pipe()
    os.close(reading)

    run = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)

    assert run.stderr == ""
