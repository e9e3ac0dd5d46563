"""`harvester map`: a JSON document goes in, its triples come out, and what was left out is said."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, FOAF, RDF, Namespace

from harvester.cli import main
from harvester.cli import map as command
from harvester.store.generations import Catalogue
from harvester.vocab import DCT, details_graph, record_graph, records_graph
from tests.enrich.support import EXAMPLES, SITE, recorded, reuse, turtle
from tests.enrich.test_examples import KNOWN

DCAT = Namespace("http://www.w3.org/ns/dcat#")
SCHEMA = Namespace("http://schema.org/")
EXAMPLE = EXAMPLES / "reuse" / "application.json"
RECORDED = {document["id"]: document for document in recorded("reuses.json")}
FORMATS = ("turtle", "nt", "jsonld", "trig")


def show(*arguments: object, given: object = None) -> Result:
    """Run the command; `given` stands on its standard input, as JSON unless it is text."""
    text = given if isinstance(given, str | bytes) else json.dumps(given)
    return CliRunner().invoke(main, ["map", *map(str, arguments)], input=text, catch_exceptions=False)


def read(text: str, output: str = "turtle") -> Graph:
    """Read what the command wrote, without the names of its graphs."""
    if output in ("jsonld", "trig"):
        output, quads = "nt", parse(text, RdfFormat.from_extension(output))
        text = "".join(f"{quad.triple} .\n" for quad in quads)
    return Graph().parse(data=text, format=output)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """A catalogue that has what the examples name, by the IRIs that they expect."""
    organizations = {id_: f"{SITE}/organizations/{id_}" for id_ in _organizations()}
    catalogue = Catalogue(tmp_path_factory.mktemp("map") / "catalogue")
    identifier, records = NamedNode(DCT + "identifier"), NamedNode(records_graph("data.example"))
    with catalogue.lock("test"), catalogue.stage("run") as stage:
        for id_, iri in {**organizations, **KNOWN}.items():
            graph = NamedNode(record_graph("data.example", iri))
            details = NamedNode(details_graph("data.example", iri))
            stage.store.add(Quad(NamedNode(iri), identifier, Literal(id_), graph))
            stage.store.add(Quad(graph, identifier, Literal(id_), records))
            stage.store.add(Quad(details, NamedNode(DCT + "source"), Literal("details"), records))
        stage.publish({})
    return catalogue.path


def _named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _organizations() -> set[str]:
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES.glob("*/*.json")]
    named = (document.get("organization") for document in documents)
    return {one["id"] for one in named if isinstance(one, dict)}


@pytest.mark.parametrize("path", [min(folder.glob("*.json")) for folder in EXAMPLES.iterdir()], ids=_named)
def test_an_example_becomes_the_graph_beside_it(path, store):
    """With a catalogue's own IRIs, the same as in a harvest: the examples say what that is."""
    arguments = ["--mapping", path.parent.name, "--portal", SITE, "--store", store]

    shown = show(path, *arguments)

    assert shown.exit_code == 0, shown.stderr
    assert isomorphic(read(shown.stdout), turtle(path.with_suffix(".ttl").read_text(encoding="utf-8")))


def test_all_formats_say_the_same():
    """Turtle is the default; TriG has it in the graphs of a harvest."""
    shown = {output: show(EXAMPLE, "-o", output).stdout for output in FORMATS}
    graphs = {output: read(text, output) for output, text in shown.items()}

    assert show(EXAMPLE).stdout == shown["turtle"]
    assert len(graphs["nt"]) > 30
    assert all(isomorphic(graph, graphs["nt"]) for graph in graphs.values())
    assert f"<{record_graph('data.example', f'{SITE}/reuses/6b01cc847190cb745d496be1')}> {{" in shown["trig"]
    assert "urn:x-harvester:record" not in shown["turtle"]


def test_only_prefixes_that_are_used_are_declared():
    """What is shown is short enough to be read."""
    text = show("-", "--mapping", "reuse", given={"id": "r1", "title": "Bus"}).stdout
    context = json.loads(show("-", "--mapping", "reuse", "-o", "jsonld", given={"id": "r1"}).stdout)

    declared = re.findall(r"^@prefix (\w+):", text, re.MULTILINE)
    body = text[text.rindex("@prefix") :].partition("\n")[2]
    assert sorted(declared) == sorted(set(re.findall(r"\b(\w+):\w", re.sub(r"<[^>]*>", "", body))))
    assert set(context["@context"]) == {"dcat", "dct", "schema"}


@pytest.mark.parametrize(
    "wrapped",
    [lambda all_: all_, lambda all_: {"data": all_, "total": 21, "next_page": None}],
    ids=["list", "page"],
)
def test_several_documents_are_all_mapped(wrapped):
    """A list, or a page of one as the portal gives it."""
    shown = show("-", given=wrapped(list(RECORDED.values())))

    subjects = set(read(shown.stdout).subjects(RDF.type, DCAT.Resource))
    assert subjects == {URIRef(f"http://portal.test/reuses/{id_}") for id_ in RECORDED}
    assert len(RECORDED) > 20


def test_what_was_guessed_is_said(tmp_path):
    """On standard error, as it is not part of the answer; what was told is not repeated."""
    guessed = show(EXAMPLE)
    told = show(EXAMPLE, "--mapping", "reuse", "--portal", SITE)
    nowhere = show("-", given=reuse())

    assert guessed.stderr == "Mapping: reuse, by its uri.\nPortal: https://data.example, by its uri.\n"
    assert told.stderr == ""
    assert told.stdout == guessed.stdout
    assert "Mapping: reuse, by its keys.\nPortal: https://portal.example, as nothing tells" in nowhere.stderr
    assert "<https://portal.example/reuses/6b01cc847190cb745d496be1>" in nowhere.stdout


def test_a_portal_without_a_site_of_its_own_names_things_by_api_url():
    """As its own RDF does, and as it shows by `page` being null."""
    document = recorded("reuses-api-urls.json")[0]

    graph = read(show("-", given=document).stdout)

    assert URIRef(f"http://portal.test/api/1/reuses/{document['id']}/") in set(graph.subjects())


def test_links_lead_to_origins_where_documents_tell_them():
    """`harvest.uri` of a dataset is its IRI in the portal's RDF; services are linked too."""
    document = reuse(
        datasets=[{"id": "d1", "harvest": {"uri": "https://up.example/1"}}, {"id": "d2"}],
        dataservices=[{"id": "s1"}],
    )

    shown = show("-", "--portal", SITE, given=document)

    assert set(read(shown.stdout).objects(predicate=DCTERMS.references)) == {
        URIRef("https://up.example/1"),
        URIRef(f"{SITE}/datasets/d2"),
        URIRef(f"{SITE}/dataservices/s1"),
    }
    assert "left out" not in shown.stderr


def test_details_are_about_the_iri_of_the_catalogue():
    """What JSON says of a dataset is said of what the portal's RDF describes."""
    document = {"id": "d1", "harvest": {"uri": "https://up.example/1"}, "metrics": {"views": 7}}

    shown = show("-", "--mapping", "dataset", "-o", "trig", given=document)

    assert f"<{details_graph('portal.example', 'https://up.example/1')}> {{" in shown.stdout
    assert URIRef("https://up.example/1") in set(read(shown.stdout, "trig").subjects())


def test_links_to_what_the_catalogue_lacks_are_reported(store):
    """As a harvest would report them."""
    document = reuse("r1", datasets=[{"id": "d9", "title": "Retiré"}])

    shown = show("-", "--portal", SITE, "--store", store, "--explain", given=document)

    assert shown.exit_code == 0
    assert "The catalogue holds 0 of 2 things that are named." in shown.stderr
    assert "Left out or not found: link to dataset d9 “Retiré”" in shown.stderr


def test_details_of_what_the_catalogue_lacks_are_refused(store):
    """A harvest would pass over them."""
    shown = show("-", "--mapping", "dataset", "--portal", SITE, "--store", store, given={"id": "d9"})

    assert shown.exit_code == 2
    assert "does not hold what the documents describe" in shown.stderr
    assert shown.stdout == ""


def test_what_becomes_of_each_key_is_explained():
    """Mapped, left out for a reason, personal or unknown to the mapping; and what has no usable value."""
    document = reuse(url="javascript:x", slug="bus", colour="red", owner={"id": "u1"}, image=None)

    brief, told = (show("-", *more, given=document).stderr for more in ([], ["--explain"]))

    lines = dict(line.split(": ", 1) for line in told.splitlines())
    assert lines["Mapped"] == "id, title, topic, type, url"
    assert lines["Left out (they change with the title, the id does not)"] == "slug"
    assert lines["Personal, left out without --persons"] == "owner"
    assert lines["Not in reuse.context.jsonld"] == "colour"
    assert lines["Empty"] == "image"
    assert "url cannot be “javascript:x”" in lines["Left out or not found"]
    assert "Parts left out or not found: 1; --explain tells them." in brief


def test_persons_are_named_if_asked_for():
    """And only then."""
    document = reuse(owner={"id": "u1", "first_name": "Dorothée", "last_name": "Legros"})

    without, with_them = (show("-", *more, given=document).stdout for more in ([], ["--persons"]))

    assert "Dorothée" not in without
    assert [str(name) for name in read(with_them).objects(predicate=FOAF.name)] == ["Dorothée Legros"]


def test_texts_have_the_language_that_is_told():
    """French unless it is told."""
    shown = show("-", "--language", "pt", given=reuse())

    assert {title.language for title in read(shown.stdout).objects(predicate=DCTERMS.title)} == {"pt"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ('{"id": 1,\n}', "standard input, line 2: not JSON"),
        ("", "standard input is not the JSON that was expected: it is empty"),
        ("<!DOCTYPE html>\n<p>", "it is an HTML page"),
        (b'{"title": "\xe9"}', "standard input is not the JSON"),
        ('{"id": NaN}', "NaN is not a number in JSON"),
        ("[" * 100_000, "nests more than"),
        ("[]", "nothing tells what kind of document this is"),
        ('{"colour": "red"}', "nothing tells what kind of document this is"),
        ({"id": "a/b", "title": "x", "topic": "others"}, "it has no id that can stand in a permalink"),
        (reuse(private=True), "1 of 1 documents are private or deleted"),
    ],
)
def test_what_cannot_be_mapped_is_refused(given, message):
    """With the reason, the line where there is one, exit code 2, and nothing on standard output."""
    shown = show("-", given=given)

    assert shown.exit_code == 2
    assert message in shown.stderr
    assert "\n  Try: " in shown.stderr
    assert shown.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.json"], "missing.json cannot be read: No such file"),
        (["."], ". cannot be read: Is a directory"),
        ([EXAMPLE, "--mapping", "recipe"], "there is no mapping 'recipe'"),
        ([EXAMPLE, "--portal", "https://data.example/catalog.ttl"], "has no JSON API"),
        ([EXAMPLE, "--portal", "ftp://data.example"], "data.example"),
        ([EXAMPLE, "--mappings", EXAMPLES], "reuse.context.jsonld cannot be read"),
        ([EXAMPLE, "--store", EXAMPLES / "none"], "none"),
    ],
)
def test_a_mistake_is_explained(arguments, message):
    """And what would do."""
    shown = show(*arguments)

    assert shown.exit_code in (1, 2)
    assert message in shown.stderr
    assert "Try" in shown.stderr


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path, monkeypatch):
    """Memory is bounded as in a harvest."""
    monkeypatch.setattr(command, "MAX_BYTES", 100)
    (tmp_path / "large.json").write_text(json.dumps(reuse(description="x" * 200)))

    shown = show(tmp_path / "large.json")

    assert shown.exit_code == 2
    assert "is larger than 100 bytes" in shown.stderr


def in_terminal(given: object, **environment: str) -> str:
    """Return what the command shows in a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "harvester", "map", "-"],
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "40", **environment},
    ) as process:
        os.close(theirs)
        process.stdin.write(json.dumps(given).encode())
        process.stdin.close()
        shown = b""
        while piece := _piece(ours):
            shown += piece
    os.close(ours)
    assert process.returncode == 0
    return shown.decode()


def _piece(terminal: int) -> bytes:
    try:
        return os.read(terminal, 10_000)
    except OSError:  # Linux, once the other end is closed
        return b""


def test_a_terminal_shows_colours_and_is_not_steered():
    """Nothing is cut off, and what a document says moves no cursor."""
    document = reuse(title="a" * 100 + "\x9b2J\x1b[2J\u202eb")

    coloured, plain = in_terminal(document), in_terminal(document, NO_COLOR="1")

    assert "\x1b[" in coloured
    assert not set(re.sub(r"\x1b\[[0-9;]*m", "", coloured)) & {"\x1b", "\x9b", "\u202e"}
    assert "a" * 100 in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == re.sub(r"\x1b\[[0-9;]*m", "", plain)
    assert "\x1b" not in show("-", given=document).stdout


def test_the_examples_of_the_help_are_commands():
    """Options that they use exist."""
    options = {name for option in command.map.params for name in option.opts}

    examples = re.findall(r"harvester map (.*)", command.EPILOG)
    assert len(examples) == 4
    assert {word for line in examples for word in re.findall(r"(?<!\S)--?[a-z]+", line)} <= options
