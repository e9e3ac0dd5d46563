"""The two libraries that apply shapes: pyrudof for SHACL Core, pySHACL where constraints are in SPARQL.

docs/decisions/0012-shacl-library.md says why. Both come with the extra `validate`, and are imported when
used.
"""

import logging
import re
import threading
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from harvester.errors import HarvesterError, UsageError
from harvester.validate.rules import SH, local
from harvester.validate.shapes import Shapes
from harvester.vocab import RDF, RDFS, XSD

Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result: https://www.w3.org/TR/shacl/#results-validation-result.

    `path` is the IRI of a path of one predicate, "" for none and for longer ones; `shape` the IRI of its
    source; `component` that of the constraint component; `message` the engine's own words.
    """

    focus: Term
    path: str
    value: Term | None
    shape: str
    component: str
    message: str

    @property
    def key(self) -> tuple[str, ...]:
        """What results are sorted by: engines give them in any order."""
        return (str(self.focus), self.shape, self.component, str(self.value))


class Engine(Protocol):
    """Applies shapes to data."""

    def results(self, data: bytes) -> list[Result]:
        """Return the results for data as N-Triples, sorted; blank nodes keep their labels."""
        ...


def engine_for(shapes: Shapes) -> Engine:
    """Return the fastest engine that is installed and can apply `shapes`. Raises UsageError if there is none.

    Each finds the same where both can; pyrudof has no wheels for every platform.
    """
    for module in ("pyshacl",) if shapes.sparql else ("pyrudof", "pyshacl"):
        if find_spec(module) is not None:
            return Rudof(shapes) if module == "pyrudof" else PyShacl(shapes)
    raise UsageError(
        "validation needs a library that is not installed", fix="pip install 'catalog-harvester[validate]'"
    )


class Rudof:
    """SHACL Core, in Rust, without the GIL: https://github.com/rudof-project/rudof."""

    def __init__(self, shapes: Shapes) -> None:
        import pyrudof  # noqa: PLC0415  # an extra

        self._library = pyrudof
        self._shapes = shapes.ntriples.decode()
        self._sessions = threading.local()
        self._session()

    def results(self, data: bytes) -> list[Result]:
        """See Engine."""
        library, session = self._library, self._session()
        # Never an empty text, which is refused, nor one that could be taken for a path or a URL.
        text = "# data\n" + data.decode()
        try:
            # It says that it replaces what was read before, but that has to be asked for.
            session.read_data(
                text, library.RDFFormat.NTriples, reader_mode=library.ReaderMode.Strict, merge=False
            )
            report = session.validate_shacl()
        except library.RudofError as error:
            raise _refused(error) from error
        return sorted(map(_result, report), key=lambda result: result.key)

    def _session(self) -> Any:
        """Return the session of this thread: it holds the data, too."""
        if not hasattr(self._sessions, "session"):
            library = self._library
            session = library.Rudof(library.RudofConfig())
            try:
                session.read_shacl(
                    self._shapes, library.ShaclFormat.NTriples, reader_mode=library.ReaderMode.Strict
                )
            except library.RudofError as error:
                raise _refused(error) from error
            self._sessions.session = session
        return self._sessions.session


class PyShacl:
    """SHACL Core and SPARQL, in Python: https://github.com/RDFLib/pySHACL."""

    def __init__(self, shapes: Shapes) -> None:
        import pyshacl  # noqa: PLC0415  # an extra

        self._library = pyshacl
        self._shapes = _rdflib_graph(shapes.ntriples)
        self._turn = threading.Lock()
        logging.getLogger("pyshacl").setLevel(logging.ERROR)
        self.results(b"")

    def results(self, data: bytes) -> list[Result]:
        """See Engine."""
        errors = self._library.errors
        try:
            with self._turn:
                _conforms, report, _text = self._library.validate(
                    _rdflib_graph(data),
                    shacl_graph=self._shapes,
                    inplace=True,
                    advanced=False,
                    do_owl_imports=False,
                )
        except (errors.ShapeLoadError, errors.ConstraintLoadError, errors.ReportableRuntimeError) as error:
            raise _refused(error) from error
        if isinstance(report, errors.ValidationFailure):
            raise _refused(report)
        return sorted(_results_in(report), key=lambda result: result.key)


def _refused(error: Exception) -> HarvesterError:
    text = " ".join(str(getattr(error, "message", error)).split())
    return UsageError(f"the shapes cannot be applied: {text[:500]}", fix="correct them")


_LITERAL = re.compile(r'"(.*)"(?:@([A-Za-z0-9-]+)|\^\^(?:<(.+)>|(\w+):(\w+)))?', re.DOTALL)
_DATE_TIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\S+")
_PREFIXES = {"rdf": RDF, "rdfs": RDFS, "xsd": XSD}


def _result(entry: Any) -> Result:
    path = entry.path or ""
    return Result(
        focus=term_of(entry.focus_node),
        path="" if path.startswith("(") else path,
        value=None if entry.value is None else term_of(entry.value),
        shape=entry.source_shape or "",
        component=entry.constraint_component,
        message=entry.message.split('", "')[0].strip('"'),
    )


def term_of(text: str) -> Term:
    """Return the term that pyrudof writes so: literals without escapes, some without quotes and datatype.

    >>> str(term_of('"2020"^^xsd:gYear')), str(term_of("_:b1"))
    ('"2020"^^<http://www.w3.org/2001/XMLSchema#gYear>', '_:b1')
    """
    if text.startswith("_:"):
        return BlankNode(text[2:])
    if found := _LITERAL.fullmatch(text):
        value, language, datatype, prefix, name = found.groups()
        if language:
            return Literal(value, language=language)
        if prefix in _PREFIXES:
            datatype = _PREFIXES[prefix] + name
        return Literal(value, datatype=NamedNode(datatype)) if datatype else Literal(value)
    if text in ("true", "false"):
        return Literal(text, datatype=NamedNode(XSD + "boolean"))
    if _DATE_TIME.fullmatch(text):
        return Literal(text, datatype=NamedNode(XSD + "dateTime"))
    return NamedNode(text)


def _rdflib_graph(ntriples: bytes) -> Any:
    """Read N-Triples with the labels of blank nodes as they are, and literals as they are written."""
    from rdflib import BNode, Graph, URIRef  # noqa: PLC0415  # takes 0.2 s
    from rdflib import Literal as Text  # noqa: PLC0415

    def term(of: Any) -> Any:
        if isinstance(of, NamedNode):
            return URIRef(of.value)
        if isinstance(of, BlankNode):
            return BNode(of.value)
        if of.language or of.datatype.value == XSD + "string":
            return Text(of.value, lang=of.language)
        return Text(of.value, datatype=URIRef(of.datatype.value), normalize=False)

    graph = Graph()
    for quad in parse(ntriples, RdfFormat.N_TRIPLES):
        graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return graph


def _results_in(report: Any) -> list[Result]:
    from rdflib import BNode, URIRef  # noqa: PLC0415

    def term(of: Any) -> Term:
        if isinstance(of, URIRef):
            return NamedNode(str(of))
        if isinstance(of, BNode):
            return BlankNode(str(of))
        if of.language:
            return Literal(str(of), language=of.language)
        return Literal(str(of), datatype=NamedNode(str(of.datatype or XSD + "string")))

    def one(node: Any, name: str) -> Any:
        return report.value(node, URIRef(SH + name))

    found = []
    for node in report.objects(None, URIRef(SH + "result")):
        path, value = one(node, "resultPath"), one(node, "value")
        found.append(
            Result(
                focus=term(one(node, "focusNode")),
                path=str(path) if isinstance(path, URIRef) else "",
                value=None if value is None else term(value),
                shape=str(one(node, "sourceShape")),
                component=str(one(node, "sourceConstraintComponent")),
                message=str(one(node, "resultMessage") or local(str(one(node, "sourceConstraintComponent")))),
            )
        )
    return found
