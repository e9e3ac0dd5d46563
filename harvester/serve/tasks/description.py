"""What the endpoint and its data are, for machines: SPARQL 1.1 Service Description, VoID, DCAT.

https://www.w3.org/TR/sparql11-service-description/ , https://www.w3.org/TR/void/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple, serialize

from harvester.query.results import GraphOutput
from harvester.vocab import DCAT, DCT, FOAF, PREFIXES, PROV, RDF, RUNS_GRAPH, XSD

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
FORMATS = "http://www.w3.org/ns/formats/"

MOST_PARTS = 500
"""Classes, and properties, that are listed with their counts: those with most."""

_ROW_FORMATS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_GRAPH_FORMATS = ("Turtle", "JSON-LD", "N-Triples", "RDF_XML", "TriG", "N-Quads")
"""https://www.w3.org/ns/formats/ (pyoxigraph has another name for JSON-LD)."""

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_SHOWN = {name: PREFIXES[name] for name in ("dcat", "dct", "foaf", "xsd")} | {
    "sd": SD,
    "void": VOID,
    "format": FORMATS,
}

_SUBJECTS = "SELECT DISTINCT ?s { ?s ?p ?o }"
_PROPERTIES = "SELECT ?term (COUNT(*) AS ?number) { ?s ?term ?o } GROUP BY ?term"
_CLASSES = f"SELECT ?term (COUNT(DISTINCT ?s) AS ?number) {{ ?s <{RDF}type> ?term }} GROUP BY ?term"
_EXAMPLE = f"SELECT ?d {{ ?d a <{DCAT}Dataset> FILTER(isIRI(?d)) }} LIMIT 1"
_SOURCES = f"SELECT DISTINCT ?catalog {{ GRAPH <{RUNS_GRAPH}> {{ ?run <{PROV}used> ?catalog }} }}"


@dataclass(frozen=True, slots=True)
class Dump:
    """A file with all the data, described as a dcat:Distribution.

    `media_type` is that of what is in it, `compression` the one of its wrapping, if any; `size` in bytes.
    """

    url: str
    media_type: str
    compression: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Site:
    """What is served, and where. `base` is the public address, without a slash at its end.

    `license` is an IRI, None where the operator names none.
    """

    base: str
    generation: str
    created: datetime
    title: str = "Catalogue of open data"
    license: str | None = None
    dumps: tuple[Dump, ...] = ()

    @property
    def endpoint(self) -> str:
        """Where queries are answered; also the document that describes the service."""
        return self.base + "/sparql"

    @property
    def void(self) -> str:
        """Where the data is described (https://www.w3.org/TR/void/#well-known)."""
        return self.base + "/.well-known/void"

    @property
    def dataset(self) -> str:
        """The IRI of the data itself."""
        return self.void + "#catalogue"


@dataclass(frozen=True, slots=True)
class Totals:
    """The numbers that VoID wants, over the union of all graphs.

    `subjects` and `entities` are distinct; entities have an IRI. Classes with their distinct instances and
    properties with their triples, by number, then name. `sources`: the portals' catalogues.
    """

    triples: int
    subjects: int
    entities: int
    classes: tuple[tuple[str, int], ...]
    properties: tuple[tuple[str, int], ...]
    sources: tuple[str, ...]
    example: str | None


def totals(store: Store) -> Totals:
    """Count what is in a store: 1.5 to 3 s for a million triples, and memory for the distinct subjects."""
    subjects = entities = 0
    for row in ask(store, _SUBJECTS):
        subjects += 1
        entities += isinstance(row[0], NamedNode)
    properties = _counts(store, _PROPERTIES)
    return Totals(
        triples=sum(number for _, number in properties),
        subjects=subjects,
        entities=entities,
        classes=_counts(store, _CLASSES),
        properties=properties,
        sources=tuple(sorted(row[0].value for row in ask(store, _SOURCES))),
        example=next((row[0].value for row in ask(store, _EXAMPLE)), None),
    )


def describe_service(site: Site) -> list[Triple]:
    """Describe the endpoint: what it understands, how it answers, and over which dataset."""
    service, graph = NamedNode(site.endpoint + "#service"), BlankNode("graph")
    about = [
        *_typed(service, SD + "Service", DCAT + "DataService"),
        _link(service, SD + "endpoint", site.endpoint),
        _link(service, SD + "supportedLanguage", SD + "SPARQL11Query"),
        _link(service, SD + "feature", SD + "UnionDefaultGraph"),
        _link(service, SD + "defaultEntailmentRegime", "http://www.w3.org/ns/entailment/Simple"),
        *(_link(service, SD + "resultFormat", FORMATS + name) for name in _ROW_FORMATS + _GRAPH_FORMATS),
        _link(service, SD + "defaultDataset", site.dataset),
        _link(service, DCAT + "endpointURL", site.endpoint),
        _link(service, DCAT + "endpointDescription", site.endpoint),
        _link(service, DCAT + "servesDataset", site.dataset),
        _say(service, DCT + "title", Literal(site.title, language="en")),
        *_typed(NamedNode(site.dataset), SD + "Dataset"),
        Triple(NamedNode(site.dataset), NamedNode(SD + "defaultGraph"), graph),
        *_typed(graph, SD + "Graph"),
    ]
    if site.license:
        about.append(_link(service, DCT + "license", site.license))
    return about


def describe_data(site: Site, numbers: Totals) -> list[Triple]:
    """Describe the data: how much of what there is, where it comes from, and how to get it."""
    document, data = NamedNode(site.void), NamedNode(site.dataset)
    created = Literal(site.created.isoformat(), datatype=NamedNode(XSD + "dateTime"))
    about = [
        *_typed(document, VOID + "DatasetDescription"),
        _link(document, FOAF + "primaryTopic", site.dataset),
        *_typed(data, VOID + "Dataset", DCAT + "Dataset"),
        _say(data, DCT + "title", Literal(site.title, language="en")),
        _say(data, DCT + "identifier", Literal(site.generation)),
        _say(data, DCT + "modified", created),
        _link(data, FOAF + "homepage", site.base + "/"),
        _link(data, VOID + "sparqlEndpoint", site.endpoint),
        *(_link(data, DCT + "source", source) for source in numbers.sources),
        *(_link(data, VOID + "rootResource", source) for source in numbers.sources),
        *(_link(data, VOID + "feature", FORMATS + name) for name in _GRAPH_FORMATS),
        *(_link(data, VOID + "vocabulary", space) for space in _vocabularies(numbers)),
        *_statistics(data, numbers),
    ]
    if site.license:
        about.append(_link(data, DCT + "license", site.license))
    if numbers.example:
        about.append(_link(data, VOID + "exampleResource", numbers.example))
    for dump in site.dumps:
        about += _distribution(data, dump)
    return about


def write_description(about: list[Triple], output: GraphOutput) -> bytes:
    """Write a description in any format of graphs."""
    return serialize(about, format=output.syntax, prefixes=_SHOWN) or b""


def _statistics(data: NamedNode, numbers: Totals) -> Iterator[Triple]:
    """Yield the counts (https://www.w3.org/TR/void/#statistics), and those of each class and property."""
    yield _count(data, "triples", numbers.triples)
    yield _count(data, "distinctSubjects", numbers.subjects)
    yield _count(data, "entities", numbers.entities)
    yield _count(data, "classes", len(numbers.classes))
    yield _count(data, "properties", len(numbers.properties))
    yield from _partitions(data, "class", "entities", numbers.classes)
    yield from _partitions(data, "property", "triples", numbers.properties)


def _partitions(
    data: NamedNode, kind: str, counted: str, counts: tuple[tuple[str, int], ...]
) -> Iterator[Triple]:
    """Yield the parts with most in them, labelled by rank, so that the same data has the same bytes."""
    parts = [(BlankNode(f"{kind}{rank}"), *count) for rank, count in enumerate(counts[:MOST_PARTS])]
    for part, _, _ in parts:
        yield Triple(data, NamedNode(f"{VOID}{kind}Partition"), part)
    for part, term, number in parts:
        yield _link(part, VOID + kind, term)
        yield _count(part, counted, number)


def _distribution(data: NamedNode, dump: Dump) -> Iterator[Triple]:
    file = NamedNode(dump.url + "#distribution")
    yield _link(data, VOID + "dataDump", dump.url)
    yield Triple(data, NamedNode(DCAT + "distribution"), file)
    yield from _typed(file, DCAT + "Distribution")
    yield _link(file, DCAT + "downloadURL", dump.url)
    yield _link(file, DCAT + "accessURL", dump.url)
    yield _link(file, DCAT + "mediaType", _MEDIA_TYPES + dump.media_type)
    if dump.compression:
        yield _link(file, DCAT + "compressFormat", _MEDIA_TYPES + dump.compression)
    size = Literal(str(dump.size), datatype=NamedNode(XSD + "nonNegativeInteger"))
    yield _say(file, DCAT + "byteSize", size)


def _vocabularies(numbers: Totals) -> list[str]:
    """Return the well-known namespaces that the data's classes and properties are of."""
    terms = [term for term, _ in numbers.classes + numbers.properties]
    return sorted(space for space in PREFIXES.values() if any(term.startswith(space) for term in terms))


def _counts(store: Store, query: str) -> tuple[tuple[str, int], ...]:
    found = [(row["term"], int(row["number"].value)) for row in ask(store, query)]
    named = [(term.value, number) for term, number in found if isinstance(term, NamedNode)]
    return tuple(sorted(named, key=lambda count: (-count[1], count[0])))


def ask(store: Store, query: str) -> QuerySolutions:
    """Evaluate a SELECT over all graphs at once."""
    solutions = store.query(query, use_default_graph_as_union=True)
    assert isinstance(solutions, QuerySolutions)  # noqa: S101  # the queries here are SELECTs
    return solutions


def _typed(subject: NamedNode | BlankNode, *classes: str) -> list[Triple]:
    return [_link(subject, RDF + "type", class_) for class_ in classes]


def _link(subject: NamedNode | BlankNode, predicate: str, target: str) -> Triple:
    return Triple(subject, NamedNode(predicate), NamedNode(target))


def _say(subject: NamedNode, predicate: str, value: Literal) -> Triple:
    return Triple(subject, NamedNode(predicate), value)


def _count(subject: NamedNode | BlankNode, name: str, number: int) -> Triple:
    return Triple(subject, NamedNode(VOID + name), Literal(number))
