"""Shapes that are broken or meant to harm: an error that names the file, never a crash, never the network."""

import socket

import pytest

from harvester.errors import UsageError
from harvester.validate.checks import MAX_DEPTH, MAX_LIST
from harvester.validate.engine import engine_for
from harvester.validate.shapes import MAX_FILE, SHIPPED, load_shapes
from tests.validate.stores import PREFIXES, shapes_of

OWL = "http://www.w3.org/2002/07/owl#"
TARGET = ":S a sh:NodeShape ; sh:targetClass :C ;"


def query(text: str) -> str:
    return f"{TARGET} sh:sparql [ sh:select '{text}' ] ."


REFUSED = {
    "no Turtle": (":S a sh:NodeShape\n  sh:targetClass ; .", r"mine\.ttl, line 1\d: "),
    "no shapes": (":a :b :c .", "holds no shapes"),
    "itself": (f"{TARGET} sh:not :S .", "contains itself"),
    "a circle": (f"{TARGET} sh:property :p . :p sh:path :q ; sh:node :S .", "contains itself"),
    "an endless path": (
        f"{TARGET} sh:property [ sh:path _:p ; sh:minCount 1 ] . _:p sh:inversePath _:p .",
        "itself",
    ),
    "an endless list": (f"{TARGET} sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .", "itself"),
    "too deep": (
        TARGET + "sh:not [ " * (MAX_DEPTH + 1) + "sh:nodeKind sh:IRI" + " ]" * (MAX_DEPTH + 1) + " .",
        "deep",
    ),
    "too long": (f"{TARGET} sh:in ( {' '.join(map(str, range(MAX_LIST + 2)))} ) .", "list of more than"),
    "no path": (f"{TARGET} sh:property [ sh:path 'x' ] .", "cannot be applied"),
    "no expression": (f"{TARGET} sh:pattern '(' .", "cannot be applied"),
    "no number": (f"{TARGET} sh:property [ sh:path :p ; sh:minCount 'x' ] .", "cannot be applied"),
    "SERVICE": (query("SELECT $this { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }"), "SERVICE"),
    "SERVICE, hidden": (query("SELECT $this { # no\\n serVice silent :x { $this ?p ?o } }"), "SERVICE"),
    "FROM": (query("SELECT $this FROM <http://127.0.0.1:9/> { $this ?p ?o }"), "FROM"),
    "an update": (query("DROP ALL"), "update"),
    "no prefix": (query("SELECT $this { $this nope:p ?o }"), "nope: is not declared"),
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Whoever opens a connection fails."""

    def refuse(*_arguments):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused(what, tmp_path):
    """A UsageError that says why."""
    text, why = REFUSED[what]
    with pytest.raises(UsageError, match=why) as refused:
        engine_for(shapes_of(tmp_path, "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> ." + text))
    assert "mine.ttl" in refused.value.cause or "shapes cannot be applied" in refused.value.cause


def test_files_that_cannot_be_read(tmp_path):
    """Missing, a folder, endless, or nested too deep: named, with what to do."""
    (tmp_path / "large.ttl").write_bytes(b"#" * (MAX_FILE + 1))
    (tmp_path / "deep.jsonld").write_text('{"@graph": ' * 100)
    for name in ("none.ttl", "", "large.ttl", "deep.jsonld"):
        with pytest.raises(UsageError, match=str(tmp_path / name)):
            load_shapes([str(tmp_path / name)])


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        (f"{TARGET} sh:property [ sh:path :p ; sh:mincount 1 ] .", "did you mean sh:minCount?"),
        (f"{TARGET} sh:rule [ a sh:TripleRule ] .", "sh:rule is not evaluated"),
        (f"{TARGET} sh:property [ sh:minCount 1 ] .", "it has no sh:path"),
        (f"{TARGET} sh:nodeKind sh:IRI . <> <{OWL}imports> <http://127.0.0.1:9/> .", "is not fetched"),
    ],
)
def test_what_is_passed_over_is_told(text, notice, tmp_path):
    """So that nobody takes silence for conformity."""
    shapes = shapes_of(tmp_path, text)
    engine_for(shapes).results(b"")

    assert any(notice in told for told in shapes.notices)


def test_several_files_are_one_graph(tmp_path):
    """The shipped one by its name; blank nodes of the same label stay apart, all rules have names."""
    (tmp_path / "a.ttl").write_text(
        f"{PREFIXES} {TARGET} sh:property [ sh:path dct:title ; sh:minCount 1 ] ."
    )
    (tmp_path / "b.ttl").write_text(
        f"{PREFIXES} _:s sh:targetClass :D ; sh:property [ sh:path [ sh:inversePath :p ] ] ."
    )
    shapes = load_shapes([str(tmp_path / "a.ttl"), str(tmp_path / "b.ttl"), SHIPPED])

    assert {"S", "S.title", "shape", "shape-2", "Dataset.title"} <= {
        rule.name for rule in shapes.rules.values()
    }
    assert shapes.rules["urn:x-harvester:shapes:a#S.title"].name == "S.title"


def test_shapes_of_the_same_name_keep_their_iris(tmp_path):
    """Short names are for telling rules apart."""
    shapes = shapes_of(
        tmp_path, "<http://x.example/#S> sh:targetClass :C . <http://y.example/#S> sh:targetClass :C ."
    )

    assert {rule.name for rule in shapes.rules.values()} == {"http://x.example/#S", "http://y.example/#S"}
