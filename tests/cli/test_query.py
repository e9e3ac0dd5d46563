"""`harvester query`, `queries` and `sparql`: what a user types, and what comes back."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat

from harvester.cli import main
from harvester.config import data_dir
from harvester.store.generations import Catalogue

TRIG = Path(__file__).parent.parent / "query" / "catalogue.trig"
TITLES = "SELECT ?title { ?d a dcat:Dataset ; dct:title ?title } ORDER BY ?title"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory) -> Path:
    """A published catalogue of two small portals."""
    path = tmp_path_factory.mktemp("cli") / "catalogue"
    catalogue = Catalogue(path)
    with catalogue.lock("test"), catalogue.stage("run") as stage:
        stage.store.load(path=str(TRIG), format=RdfFormat.TRIG)
        stage.publish({})
    return path


@pytest.fixture
def harvester(catalogue, monkeypatch):
    """A function that runs the command, on the catalogue unless told otherwise."""
    monkeypatch.setenv("HARVESTER_STORE", str(catalogue))

    def run(*arguments: str, stdin: str = ""):
        return CliRunner().invoke(main, arguments, input=stdin, catch_exceptions=False)

    return run


def lines(result) -> list[str]:
    assert result.exit_code == 0, result.stderr
    return result.stdout.splitlines()


def test_a_canned_query_gives_a_table(harvester):
    """Aligned text, the most reused first; no more to read."""
    result = harvester("query", "most-reused-datasets")

    head, first, *others = lines(result)
    assert head.split() == ["title", "publisher", "reuses", "dataset"]
    assert first.startswith("Vélos en libre-service  Ville           3  http://a.example/datasets/d1")
    assert len(others) == 2
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("name", "parse"),
    [
        ("csv", lambda text: [row[0] for row in csv.reader(io.StringIO(text))][1:]),
        ("tsv", lambda text: [line.split("\t")[0].strip('"') for line in text.splitlines()][1:]),
        ("json", lambda text: [row["title"]["value"] for row in json.loads(text)["results"]["bindings"]]),
    ],
)
def test_every_format_goes_to_standard_output(harvester, name, parse):
    """`-o` names it."""
    result = harvester("query", "most-reused-datasets", "-p", "limit=2", "-o", name)
    assert parse("\n".join(lines(result))) == ["Vélos en libre-service", "Arrêts de bus"]


def test_a_graph_is_turtle_unless_told_otherwise(harvester):
    """A table cannot hold it."""
    resource = ("-p", "resource=http://a.example/organizations/o1")
    assert "foaf:Organization" in "\n".join(lines(harvester("query", "describe-resource", *resource)))
    refused = harvester("query", "describe-resource", *resource, "-o", "table")
    assert refused.exit_code == 2
    assert "one of ttl, jsonld, nt, xml, trig, nq" in refused.stderr


def test_pages_tell_of_the_next(harvester, tmp_path):
    """Each shows its rows; all but the last name the next."""
    header = "#+ summary: a\n#+ pagination: 3\n"
    prefixes = "PREFIX dcat: <http://www.w3.org/ns/dcat#>\nPREFIX dct: <http://purl.org/dc/terms/>\n"
    Path(tmp_path / "titles.rq").write_text(header + prefixes + TITLES)

    first = harvester("query", "titles", "--queries", str(tmp_path))
    second = harvester("query", "titles", "--queries", str(tmp_path), "--page", "2", "-o", "csv")

    assert lines(first) == ["title", "Arrêts de bus", "Budget primitif", "Forêts"]
    assert first.stderr == "This is page 1; --page 2 shows the next.\n"
    assert lines(second) == ["title", "Vélos en libre-service"]
    assert second.stderr == ""


def test_show_prints_the_query_that_would_be_asked(harvester):
    """With the values in place; nothing is asked."""
    result = harvester("query", "most-reused-datasets", "-p", "limit=7", "--show", "--store", "/nowhere")
    assert "    LIMIT 7" in lines(result)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["query", "most-reused"], "did you mean most-reused-datasets"),
        (["query", "dataset-reuses"], "needs dataset\n  Try: -p dataset=https://"),
        (["query", "dataset-reuses", "-p", "dataset"], "'dataset' is no parameter\n  Try: -p name=value"),
        (["query", "dataset-reuses", "-p", "dataset=x"], "Parameter dataset: 'x' is not an absolute IRI"),
        (["query", "formats", "-p", "a=1"], "has no parameter 'a'\n  Try: it takes none"),
        (["query", "publishers", "-p", "by=x"], "'x' is not one of its choices\n  Try: datasets, reuses"),
        (["query", "most-reused-datasets", "-p", "limit=1", "-p", "limit=2"], "limit is given twice"),
        (["query", "formats", "--page", "2"], "has no pages"),
        (["query", "formats", "-o", "ttl"], "SELECT gives rows, which ttl cannot hold"),
        (["sparql"], "No query was given"),
        (["sparql", "ASK {}", "--file", "-"], "Two queries were given"),
        (
            ["sparql", "ASK { ?s ?p }"],
            "line 1, column 7: ?s does not fit here\n    ASK { ?s ?p }\n          ^",
        ),
        (["sparql", "DROP ALL"], "is an update"),
        (["sparql", "ASK { SERVICE <http://127.0.0.1:1/> {} }"], "SERVICE would have"),
        (["sparql", "ASK {}", "--endpoint", "file:///etc/passwd"], "is no SPARQL endpoint"),
        (["queries", "show", "nothing"], "There is no query 'nothing'"),
    ],
)
def test_what_cannot_be_used_is_exit_code_2_with_a_way_out(harvester, arguments, message):
    """A cause and something to try, on standard error; nothing on standard output."""
    result = harvester(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "\n  Try: " in result.stderr


def test_sparql_from_the_line_a_file_or_standard_input(harvester, tmp_path):
    """All the same, and known prefixes need no declaration."""
    path = Path(tmp_path / "titles.rq")
    path.write_text(TITLES)
    expected = ["title", "Arrêts de bus", "Budget primitif", "Forêts", "Vélos en libre-service"]

    assert lines(harvester("sparql", TITLES)) == expected
    assert lines(harvester("sparql", "--file", str(path))) == expected
    assert lines(harvester("sparql", "--file", "-", stdin=TITLES)) == expected


def test_a_long_table_is_cut_and_says_so(harvester):
    """--limit chooses where, 0 nowhere."""
    cut = harvester("sparql", TITLES, "--limit", "2")
    assert lines(cut) == ["title", "Arrêts de bus", "Budget primitif"]
    assert cut.stderr == "Only the first 2 rows are shown; --limit 0 shows all.\n"
    assert len(lines(harvester("sparql", TITLES, "--limit", "0"))) == 5


def test_a_file_appears_when_it_is_complete(harvester, tmp_path):
    """What was there stays until then, and if the query fails."""
    path = Path(tmp_path / "titles.csv")
    path.write_text("old")

    failed = harvester(
        "sparql", "SELECT (<http://e.example/f>(?s) AS ?x) { ?s ?p ?o }", "-o", "csv", "--to", str(path)
    )
    assert failed.exit_code == 2
    assert [file.name for file in tmp_path.iterdir()] == ["titles.csv"]
    assert path.read_text() == "old"

    assert lines(harvester("sparql", TITLES, "-o", "csv", "--to", str(path))) == []
    assert path.read_text().splitlines()[:2] == ["title", "Arrêts de bus"]
    assert lines(harvester("sparql", TITLES, "--to", str(path))) == []
    assert path.read_text().splitlines()[-1] == "Vélos en libre-service"
    assert [file.name for file in tmp_path.iterdir()] == ["titles.csv"]


def test_a_file_that_cannot_be_written_is_told(harvester, tmp_path):
    """Before any work is shown as done."""
    result = harvester("sparql", TITLES, "--to", str(tmp_path / "no" / "folder.csv"))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_a_query_that_takes_too_long_is_stopped(harvester):
    """After --timeout seconds, with exit code 1."""
    result = harvester(
        "sparql", "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a", "--timeout", "0.3"
    )
    assert result.exit_code == 1
    assert "stopped after 0.3 seconds" in result.stderr


def test_no_catalogue_tells_how_to_begin(harvester, tmp_path):
    """An empty folder is not an empty answer."""
    result = harvester("query", "formats", "--store", str(tmp_path))
    assert result.exit_code == 1
    assert "holds no catalogue yet" in result.stderr


def test_the_list_tells_names_summaries_and_parameters(harvester):
    """Every shipped query; brackets for what may be left out."""
    listed = {line.split()[0]: line for line in lines(harvester("queries"))[1:]}

    assert set(listed) == {path.stem for path in data_dir("queries").glob("*.rq")}
    assert listed["dataset-reuses"].split("  ")[-1].strip() == "dataset: iri, [lang: literal = en]"
    assert "Datasets most reused" in listed["most-reused-datasets"]


def test_show_explains_a_query(harvester):
    """What it answers, what it takes, how to call it, and its text."""
    shown = "\n".join(lines(harvester("queries", "show", "publishers")))

    assert shown.startswith("publishers: Publishers by datasets and by reuses\n")
    assert "one of datasets, reuses; datasets unless given" in shown
    assert "Example: harvester query publishers -p by=reuses" in shown
    assert "SELECT" in shown


def test_own_queries_take_the_place_of_shipped_ones(harvester, tmp_path):
    """And it is said which."""
    Path(tmp_path / "formats.rq").write_text("#+ summary: My formats\nASK {}")
    Path(tmp_path / "extra.rq").write_text("#+ summary: One more\nASK {}")

    result = harvester("queries", "--queries", str(tmp_path))

    assert "My formats" in result.stdout
    assert "One more" in result.stdout
    assert "Formats in use" not in result.stdout
    assert result.stderr == f"From {tmp_path}, in place of shipped ones: formats\n"
    assert lines(harvester("query", "formats", "--queries", str(tmp_path))) == ["answer", "true"]


def test_check_runs_examples_and_fails_with_them(harvester, tmp_path):
    """A table of what passed; failures and warnings on standard error; exit code 1."""
    Path(tmp_path / "good.rq").write_text("#+ summary: a\n#+ typo: b\nASK {}")
    Path(tmp_path / "poor.rq").write_text("#+ summary: a\n#+ expect: {min_rows: 2}\nASK {}")
    Path(tmp_path / "broken.rq").write_text("#+ summary: [\nASK {}")
    folder = ("--queries", str(tmp_path))

    passed = harvester("queries", "check", *folder, "good", "dangling-links")
    failed = harvester("queries", *folder, "check", "good", "poor", "broken")

    assert [line.split()[:3] for line in lines(passed)] == [
        ["query", "result", "rows"],
        ["good", "passed", "1"],
        ["dangling-links", "passed", "1"],
        ["2", "passed,", "0"],
    ]
    assert failed.exit_code == 1
    assert [line.split()[:2] for line in failed.stdout.splitlines()[1:-1]] == [
        ["good", "passed"],
        ["poor", "failed"],
        ["broken", "failed"],
    ]
    assert failed.stdout.splitlines()[-1] == "1 passed, 2 failed"
    assert "Failed: poor: 1 rows, at least 2 expected" in failed.stderr
    assert "broken.rq, line 1: the header is not YAML" in failed.stderr
    assert "good.rq, line 2: typo is not a known key" in failed.stderr


def test_a_reader_that_leaves_early_is_no_error(catalogue):
    """`harvester sparql … | head -1`: the query ends, silently."""
    many = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    command = [sys.executable, "-m", "harvester", "sparql", many, "-o", "csv", "--store", str(catalogue)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"a,b,c,d,e,f,g,h,i\r\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=20) == 0


def test_a_terminal_gets_a_drawn_table(catalogue):
    """Folded to its width, with every character of every cell."""
    master, terminal = pty.openpty()
    command = [sys.executable, "-m", "harvester", "query", "most-reused-datasets", "--store", str(catalogue)]
    environment = {**os.environ, "COLUMNS": "60", "NO_COLOR": "1", "TERM": "xterm"}
    with subprocess.Popen(command, stdout=terminal, env=environment) as process:
        os.close(terminal)
        shown = b""
        try:
            while piece := os.read(master, 65536):
                shown += piece
        except OSError:
            pass  # Linux says so when the other end of a terminal is closed
        assert process.wait() == 0
    os.close(master)
    drawn = re.sub(r"\x1b\[\d*m", "", shown.decode()).splitlines()
    assert max(map(len, drawn)) <= 60
    cells = [
        "Vélos en libre-service",
        "Ville",
        "http://a.example/datasets/d1",
        "http://b.example/datasets/e1",
    ]
    assert Counter("".join(cells)) - Counter("".join(drawn)) == Counter()
