"""Stores for the tests of dumps, and what a dump of them must say."""

import io
import warnings
from collections.abc import Iterable

import rdflib
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
)
from rdflib.compare import to_canonical_graph

from harvester.export.dump import Summary, write_dump
from harvester.export.files import streaming
from harvester.export.selection import Selection
from harvester.export.syntax import syntax_of
from harvester.vocab import DCAT, DCT, INFERRED_GRAPHS, RECORD_GRAPHS, RECORDS_GRAPHS, RUNS_GRAPH, SCHEMA, XSD

ALL = Selection(inferred=True, provenance=True)
PARSED_AS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "trig": RdfFormat.TRIG,
    "nq": RdfFormat.N_QUADS,
}
TRIPLE_FORMATS = ("ttl", "nt", "jsonld", "rdf")
QUAD_FORMATS = ("trig", "nq")


def dumped(store: Store, format_: str, selection: Selection = ALL, **options) -> tuple[str, Summary]:
    """Dump `store` into a string."""
    stream = io.BytesIO()
    with streaming(stream) as output:
        summary = write_dump(store, output, syntax_of("-", format_), selection, **options)
    return stream.getvalue().decode(), summary


def read(text: str, format_: str) -> Dataset:
    """Read a dump as it comes, blank nodes renamed in one way."""
    return canonical(parse(text, PARSED_AS[format_]))


def canonical(quads: Iterable[Quad]) -> Dataset:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def union(store: Store, selection: Selection = ALL) -> Dataset:
    """Return the triples that the graphs of `store` hold, as a set, told by the engine."""
    return canonical(Quad(*quad.triple) for quad in store if selection.admits(quad.graph_name.value))


def rdflib_graph(text: str, format_: str) -> set[tuple[rdflib.term.Node, ...]]:
    """Read a dump with the other library; equal for equal graphs."""
    names = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}
    with warnings.catch_warnings():
        # It warns of classes that it deprecates itself, and of literals that are no values of their datatype.
        warnings.simplefilter("ignore")
        return set(to_canonical_graph(rdflib.Graph().parse(data=text, format=names[format_])))


def store_of(text: str, path=None) -> Store:
    """Return a store that holds a TriG document, labels and all; on disk at `path`."""
    store = Store(path) if path else Store()
    store.bulk_extend(parse(PREFIXES + text, RdfFormat.TRIG))
    return store


PREFIXES = f"""
@prefix dcat: <{DCAT}> .
@prefix dct: <{DCT}> .
@prefix xsd: <{XSD}> .
@prefix : <http://a.example/> .
@prefix record: <{RECORD_GRAPHS}a.example:http://a.example/> .
@prefix inferred: <{INFERRED_GRAPHS}a.example:http://a.example/> .
@prefix other: <{RECORD_GRAPHS}b.example:http://a.example/> .
@prefix urn: <urn:x-harvester:> .
"""

RESOURCES = [f"http://a.example/{name}" for name in ("d1", "d2", "r1")]
GRAPHS = [
    *(prefix + resource for prefix in (f"{RECORD_GRAPHS}a.example:",) for resource in RESOURCES),
    INFERRED_GRAPHS + "a.example:http://a.example/d1",
    INFERRED_GRAPHS + "a.example:http://a.example/d9",
    RECORD_GRAPHS + "b.example:http://a.example/d1",
    RECORDS_GRAPHS + "a.example",
    RUNS_GRAPH,
    "http://graph.example/other",
    RECORD_GRAPHS + "a.example",
    RECORD_GRAPHS + "a.example:no%20iri",
]
AWKWARD_IRIS = [
    DCAT,
    DCAT + "a.b",
    DCAT + "a.",
    DCAT + "-a",
    DCAT + "%41",
    DCAT + "a/b",
    DCT + "title",
    XSD + "integer",
    "http://a.example/été?x='1'&y=(2)#a:b",
    "dct:title",
    "keyword:x",
    "urn:uuid:1",
    "mailto:a@b.example",
    "http:a",
]
PREDICATES = [
    *(DCAT + name for name in ("keyword", "startDate", "distribution", "byteSize", "2020", "a.b")),
    *(DCT + name for name in ("title", "issued", "publisher", "temporal")),
    SCHEMA + "startDate",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#_1",
    "http://a.example/p/é",
    "urn:x:p",
    "dct:title",
]
DATATYPES = [XSD + name for name in ("integer", "boolean", "decimal", "dateTime", "date", "anyURI", "double")]
DATATYPES += ["http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral", "dct:type", "http://a.example/été"]

blank_nodes = st.sampled_from([BlankNode(label) for label in ("a", "b1", "0f", "x.y", "été", "c")])
iris = st.sampled_from([NamedNode(iri) for iri in RESOURCES * 3 + AWKWARD_IRIS])
predicates = st.sampled_from([NamedNode(iri) for iri in PREDICATES])
languages = st.sampled_from(["fr", "en-GB", "zh-Hant"])
datatypes = st.sampled_from([NamedNode(iri) for iri in DATATYPES])
texts = st.text() | st.sampled_from(
    ["", "7", "-0", "true", "0.5", "1e5", '"', "\\", "\r\n", "\\u0041", " \t"]
)
literals = (
    st.builds(Literal, texts)
    | st.builds(lambda text, tag: Literal(text, language=tag), texts, languages)
    | st.builds(lambda text, datatype: Literal(text, datatype=datatype), texts, datatypes)
)
triples = st.builds(Triple, iris | blank_nodes, predicates, iris | blank_nodes | literals)


@st.composite
def stores(draw, alphabet=triples) -> Store:
    """Stores of a few statements, over all kinds of graphs."""
    graphs = st.sampled_from([NamedNode(graph) for graph in GRAPHS])
    quads = draw(st.lists(st.tuples(alphabet, graphs), max_size=12))
    store = Store()
    store.extend(Quad(triple.subject, triple.predicate, triple.object, graph) for triple, graph in quads)
    return store
