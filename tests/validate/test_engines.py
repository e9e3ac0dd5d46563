"""Both engines do what SHACL says, and nothing of one batch is left for the next."""

from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from harvester.errors import UsageError
from harvester.validate import engine as engines
from harvester.validate.engine import PyShacl, Rudof, engine_for, term_of
from harvester.validate.rules import Severity
from harvester.validate.shapes import load_shapes
from harvester.vocab import DCAT, XSD
from tests.validate.stores import shapes_of

SHAPES = ":S a sh:NodeShape ; sh:targetClass :C ; sh:property :p . :p sh:path :q ; sh:in ( :none ) ."
SPARQL = """
:S a sh:NodeShape ; sh:targetClass :C ; sh:message "one value only" ; sh:sparql [ sh:select '''
  SELECT $this ?value { $this <http://a.example/q> ?value, ?other FILTER(?value < ?other) }
''' ] .
"""
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
VALUES = {
    '"text"': Literal("text"),
    '"l\'été"@fr': Literal("l'été", language="fr"),
    r'"a \"quoted\" \\ line\nand another"': Literal('a "quoted" \\ line\nand another'),
    '"007"^^<http://www.w3.org/2001/XMLSchema#integer>': Literal("007", datatype=NamedNode(XSD + "integer")),
    '"2024-05-17T08:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>': Literal(
        "2024-05-17T08:00:00Z", datatype=NamedNode(XSD + "dateTime")
    ),
    '"POINT(1 2)"^^<http://a.example/wkt>': Literal("POINT(1 2)", datatype=NamedNode("http://a.example/wkt")),
    '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>': Literal(
        "true", datatype=NamedNode(XSD + "boolean")
    ),
    "<urn:uuid:1>": NamedNode("urn:uuid:1"),
    "_:b1": BlankNode("b1"),
}


@pytest.mark.parametrize("engine", [Rudof, PyShacl])
@pytest.mark.parametrize("value", VALUES)
def test_a_result_tells_the_term_at_fault(engine, value, tmp_path):
    """As it stands in the data, blank nodes by their labels."""
    data = f"_:focus {TYPE} <http://a.example/C> .\n_:focus <http://a.example/q> {value} .\n"
    (result,) = engine(shapes_of(tmp_path, SHAPES)).results(data.encode())

    assert (result.focus, result.value) == (BlankNode("focus"), VALUES[value])
    assert (result.path, result.shape) == ("http://a.example/q", "http://a.example/p")
    assert result.component == "http://www.w3.org/ns/shacl#InConstraintComponent"


@pytest.mark.parametrize("engine", [Rudof, PyShacl])
def test_data_is_forgotten(engine, tmp_path):
    """What one batch holds is not in the next, nor is an empty one an error."""
    it = engine(shapes_of(tmp_path, SHAPES))
    data = f'<urn:a> {TYPE} <http://a.example/C> .\n<urn:a> <http://a.example/q> "1" .\n'

    assert len(it.results(data.encode())) == 1
    assert it.results(b"") == []
    assert it.results(b"<urn:b> <urn:c> <urn:d> .\n") == []


def test_constraints_in_sparql_are_evaluated(tmp_path):
    """By the engine that can: the other misses them without a word."""
    shapes = shapes_of(tmp_path, SPARQL)
    engine = engine_for(shapes)
    data = "".join(
        f"<urn:a> {predicate} .\n"
        for predicate in (
            f"{TYPE} <http://a.example/C>",
            f'<http://a.example/q> "1"^^<{XSD}integer>',
            f'<http://a.example/q> "2"^^<{XSD}integer>',
        )
    )

    assert isinstance(engine, PyShacl)
    (result,) = engine.results(data.encode())
    assert (result.focus, result.value) == (
        NamedNode("urn:a"),
        Literal("1", datatype=NamedNode(XSD + "integer")),
    )


def test_core_goes_to_the_fast_one(tmp_path, monkeypatch):
    """Only SPARQL needs the slow one; which does without the other, too."""
    shapes = shapes_of(tmp_path, SHAPES)
    assert isinstance(engine_for(shapes), Rudof)
    monkeypatch.setattr(engines, "find_spec", lambda name: name == "pyshacl" or None)
    assert isinstance(engine_for(shapes), PyShacl)


def test_a_missing_library_is_told(tmp_path, monkeypatch):
    """With how to get it."""
    monkeypatch.setattr(engines, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pip install 'catalog-harvester\[validate\]'"):
        engine_for(shapes_of(tmp_path, SHAPES))


def test_numbers_may_come_without_quotes():
    """pyrudof writes some literals as they are."""
    assert term_of("false") == Literal("false", datatype=NamedNode(XSD + "boolean"))


def test_the_example_of_the_documentation(tmp_path):
    """Shapes of one's own, as docs/validation.md shows them."""
    text = (Path(__file__).parent.parent.parent / "docs" / "validation.md").read_text(encoding="utf-8")
    (tmp_path / "mine.ttl").write_text(text.partition("```turtle\n")[2].partition("```")[0])
    shapes = load_shapes([str(tmp_path / "mine.ttl")])
    (result,) = engine_for(shapes).results(f"<urn:d> {TYPE} <{DCAT}Dataset> .\n".encode())
    rule = shapes.rules[result.shape]

    assert (rule.name, rule.severity, shapes.notices) == ("Dataset.keywords", Severity.WARNING, ())
    assert rule.asks().startswith("A dataset has three")
    assert rule.advises().startswith("Think of words")
