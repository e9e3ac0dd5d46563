"""Answers as bytes: the formats that fit each query form, and the writers of them."""

import io
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO, cast

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)

from harvester.errors import QueryError, UsageError
from harvester.query.sparql import Form
from harvester.vocab import PREFIXES

Row = tuple[NamedNode | BlankNode | Literal | Triple | None, ...]
Results = QuerySolutions | QueryBoolean | Iterable[Triple]

_LOOKED_AT = 50_000
"""Triples at the head of a graph that decide which prefixes are worth declaring."""
_LOCAL_XML_NAME = re.compile(r"[^\W\d][\w.\-]*$")
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""What XML 1.0 cannot hold, in UTF-8: https://www.w3.org/TR/xml/#charsets"""


@dataclass(frozen=True, slots=True)
class RowsOutput:
    """A format of rows and truth values. `name` is the word for it, and the suffix of its files."""

    name: str
    syntax: QueryResultsFormat


@dataclass(frozen=True, slots=True)
class GraphOutput:
    """A format of graphs. `name` as for rows."""

    name: str
    syntax: RdfFormat


Output = RowsOutput | GraphOutput


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it arrives: bytes of the format `output`, read once."""

    output: Output
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer of rows, read: the columns' names, and the rows, once."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


CSV = RowsOutput("csv", QueryResultsFormat.CSV)
TSV = RowsOutput("tsv", QueryResultsFormat.TSV)
JSON = RowsOutput("json", QueryResultsFormat.JSON)
XML = RowsOutput("xml", QueryResultsFormat.XML)
TURTLE = GraphOutput("ttl", RdfFormat.TURTLE)
JSON_LD = GraphOutput("jsonld", RdfFormat.JSON_LD)
N_TRIPLES = GraphOutput("nt", RdfFormat.N_TRIPLES)
RDF_XML = GraphOutput("xml", RdfFormat.RDF_XML)
TRIG = GraphOutput("trig", RdfFormat.TRIG)
N_QUADS = GraphOutput("nq", RdfFormat.N_QUADS)

ROWS = {output.name: output for output in (CSV, TSV, JSON, XML)}
GRAPHS = {output.name: output for output in (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS)}


def output_for(form: Form, name: str) -> Output:
    """Return the format of that name for a query form. Raises UsageError that lists what fits."""
    fitting = GRAPHS if form.gives_graph else ROWS
    if name in fitting:
        return fitting[name]
    kind = "a graph" if form.gives_graph else "a truth value" if form is Form.ASK else "rows"
    names = list(fitting) if form.gives_graph else ["table", *fitting]
    raise UsageError(f"{form} gives {kind}, which {name} cannot hold", fix=f"one of {', '.join(names)}")


def write_results(results: Results, output: Output, out: BinaryIO) -> None:
    """Write what the engine found, streamed. Raises UsageError for a graph that RDF/XML cannot hold."""
    with _xml_safe(out) if output.name == "xml" else nullcontext(out) as target:
        if isinstance(output, GraphOutput):
            _write_graph(cast("Iterable[Triple]", results), output, target)
        else:
            cast("QuerySolutions | QueryBoolean", results).serialize(target, format=output.syntax)


def write_answer(answer: Answer, output: Output, out: BinaryIO) -> None:
    """Write an answer in the wanted format, whatever it arrives in. Raises QueryError if it is broken."""
    if answer.output.syntax == output.syntax:
        shutil.copyfileobj(answer.stream, out)
    elif isinstance(answer.output, GraphOutput):
        write_results(read_triples(answer), output, out)
    else:
        with _well_formed(answer):
            write_results(parse_query_results(answer.stream, format=answer.output.syntax), output, out)


def read_rows(answer: Answer) -> Rows:
    """Read an answer of rows as it arrives; a truth value is one row. Raises QueryError, also later on."""
    with _well_formed(answer):
        results = parse_query_results(answer.stream, format=cast("RowsOutput", answer.output).syntax)
    if isinstance(results, QueryBoolean):
        return Rows(("answer",), iter([(Literal(bool(results)),)]))
    return Rows(tuple(variable.value for variable in results.variables), _terms(answer, results))


def read_triples(answer: Answer) -> Iterator[Triple]:
    """Read an answer that is a graph, as it arrives. Raises QueryError if it is broken."""
    with _well_formed(answer):
        for quad in parse(answer.stream, format=cast("GraphOutput", answer.output).syntax):
            yield quad.triple


def _terms(answer: Answer, solutions: QuerySolutions) -> Iterator[Row]:
    with _well_formed(answer):
        for solution in solutions:
            yield tuple(solution)


def one_page(answer: Answer, size: int) -> tuple[Answer, bool]:
    """Cut an answer of rows to `size`; tell whether there were more. Holds the page in memory."""
    whole = io.BytesIO()
    write_answer(answer, JSON, whole)
    document = json.loads(whole.getvalue())
    rows = document["results"]["bindings"]
    more = len(rows) > size
    del rows[size:]
    return Answer(JSON, io.BytesIO(json.dumps(document, ensure_ascii=False).encode())), more


def _write_graph(triples: Iterable[Triple], output: GraphOutput, out: BinaryIO) -> None:
    """Write triples, with those well-known prefixes that they use."""
    stream = _checked_for_xml(triples) if output is RDF_XML else iter(triples)
    head = list(islice(stream, _LOOKED_AT))
    prefixes = None if output in (N_TRIPLES, N_QUADS) else _used_prefixes(head)
    serialize(chain(head, stream), out, format=output.syntax, prefixes=prefixes)


@contextmanager
def _well_formed(answer: Answer) -> Iterator[None]:
    try:
        yield
    except SyntaxError as error:
        raise QueryError(
            f"The answer is broken {answer.output.syntax.name}: {error.msg}",
            fix="ask again; else tell its operator",
        ) from error


def _used_prefixes(triples: Iterable[Triple]) -> dict[str, str]:
    spaces = {re.sub(r"[^/#:]*$", "", iri) for iri in re.findall(r"<([^<>]*)>", "\n".join(map(str, triples)))}
    return {name: iri for name, iri in PREFIXES.items() if iri in spaces}


def _checked_for_xml(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Refuse a predicate whose end is no XML name, which makes the writer's output ill-formed.

    https://www.w3.org/TR/rdf-syntax-grammar/#section-Serialising
    """
    fine: set[NamedNode] = set()
    for triple in triples:
        if triple.predicate not in fine and not _LOCAL_XML_NAME.search(triple.predicate.value):
            raise UsageError(
                f"RDF/XML cannot hold the predicate {triple.predicate}",
                fix="ask for Turtle, N-Triples or JSON-LD",
            )
        fine.add(triple.predicate)
        yield triple


@contextmanager
def _xml_safe(out: BinaryIO) -> Iterator[BinaryIO]:
    """Yield a file that passes XML on, with U+FFFD for what the engine's writers should not let through."""
    safe = _XmlSafe(out)
    yield cast("BinaryIO", safe)
    safe.finish()


class _XmlSafe(io.RawIOBase):
    def __init__(self, out: BinaryIO) -> None:
        super().__init__()
        self._out = out
        self._held = b""

    def write(self, data: Any) -> int:
        chunk = self._held + bytes(data)
        keep = next((n for n in (2, 1) if chunk.endswith(b"\xef\xbf"[:n])), 0)  # half a character, perhaps
        self._held = chunk[len(chunk) - keep :]
        self._out.write(_NOT_XML.sub("\ufffd".encode(), chunk[: len(chunk) - keep]).replace(b"\r", b"&#13;"))
        return len(data)

    def finish(self) -> None:
        self._out.write(self._held)
