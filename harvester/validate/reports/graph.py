"""All results as a SHACL report graph, written as they are found.

https://www.w3.org/TR/shacl/#validation-report
"""

from typing import BinaryIO

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from harvester.validate.engine import Result
from harvester.validate.rules import SH, Rule
from harvester.vocab import PREFIXES, RDF, XSD

_TYPE = NamedNode(RDF + "type")
_PREFIXES = {"sh": SH, **PREFIXES}


class Graph:
    """Writes results to `out` as Turtle; blank nodes of the data keep their labels."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._report = BlankNode()
        self._write([Triple(self._report, _TYPE, NamedNode(SH + "ValidationReport"))], prefixes=True)
        self.conforms = True
        """No results at all: sh:conforms knows no severities."""

    def add(self, result: Result, rule: Rule) -> None:
        """Write one result."""
        self.conforms = False
        node = BlankNode()
        said = [
            (_TYPE, NamedNode(SH + "ValidationResult")),
            (NamedNode(SH + "focusNode"), result.focus),
            (NamedNode(SH + "resultSeverity"), rule.severity.term),
            (NamedNode(SH + "sourceConstraintComponent"), NamedNode(result.component)),
            *((NamedNode(SH + "resultMessage"), text) for text in _messages(result, rule)),
        ]
        if result.shape.partition(":")[2] and not result.shape.startswith("_:"):
            said.append((NamedNode(SH + "sourceShape"), NamedNode(result.shape)))
        if result.path:
            said.append((NamedNode(SH + "resultPath"), NamedNode(result.path)))
        if result.value is not None:
            said.append((NamedNode(SH + "value"), result.value))
        self._write(
            [Triple(self._report, NamedNode(SH + "result"), node), *(Triple(node, p, o) for p, o in said)]
        )

    def finish(self) -> None:
        """Write whether the data conforms."""
        conforms = Literal("true" if self.conforms else "false", datatype=NamedNode(XSD + "boolean"))
        self._write([Triple(self._report, NamedNode(SH + "conforms"), conforms)])

    def _write(self, triples: list[Triple], *, prefixes: bool = False) -> None:
        text = serialize(triples, format=RdfFormat.TURTLE, prefixes=_PREFIXES) or b""
        self._out.write(text if prefixes else b"".join(_body(text)))


def _body(turtle: bytes) -> list[bytes]:
    return [line for line in turtle.splitlines(keepends=True) if not line.startswith(b"@prefix ")]


def _messages(result: Result, rule: Rule) -> list[Literal]:
    texts = dict(rule.messages) or {"": result.message}
    return [
        Literal(text, language=language) if language else Literal(text) for language, text in texts.items()
    ]
