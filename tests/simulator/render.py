"""Triples to bytes in udata's six formats, each with its quirks.

Turtle, N3, N-Triples and TriG percent-encode odd IRIs, RDF/XML and JSON-LD leave them raw. TriG puts all
in one graph named by a blank node. JSON-LD is rdflib's, with the context that udata hands to it: so it
loses the blank nodes and turns dcat:startDate into schema:startDate by the same code as the real portal.
"""

import io
import json
import re
import secrets
from collections.abc import Callable, Iterable
from html import escape

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from tests.simulator.graph import BLANK, PREFIXES, Graph
from tests.simulator.names import percent_encoded

_PLACEHOLDER = re.compile(rb"urn:x-odd:(\d+):")
_SYNTAX = {
    "ttl": RdfFormat.TURTLE,
    "n3": RdfFormat.N3,
    "nt": RdfFormat.N_TRIPLES,
    "xml": RdfFormat.RDF_XML,
}


def _iri(name: str) -> dict[str, str]:
    return {"@id": name, "@type": "@id"}


def _date(name: str) -> dict[str, str]:
    return {"@id": name, "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}


CONTEXT: dict[str, str | dict[str, str]] = {
    "@vocab": "http://www.w3.org/ns/dcat#",
    **{name: PREFIXES[name] for name in ("dcat", "foaf", "hydra", "rdfs", "skos", "spdx", "vcard")},
    "dct": PREFIXES["dcterms"],
    "freq": "http://purl.org/cld/freq/",
    "org": "http://www.w3.org/ns/org#",
    "schema": "http://schema.org/",
    **{name: _iri(f"dcat:{name}") for name in ("accessURL", "dataset", "distribution", "downloadURL")},
    **{name: _iri(f"hydra:{name}") for name in ("first", "last", "next", "previous", "view")},
    **{name: _date(f"dct:{name}") for name in ("issued", "modified")},
    **{name: f"dct:{name}" for name in ("accrualPeriodicity", "description", "format", "identifier")},
    **{name: f"dct:{name}" for name in ("language", "license", "rights", "spatial", "temporal", "title")},
    "algorithm": _iri("spdx:algorithm"),
    "checksum": "spdx:checksum",
    "checksumValue": "spdx:checksumValue",
    "endDate": "schema:endDate",
    "startDate": "schema:startDate",
    "fn": "vcard:fn",
    "hasEmail": "vcard:email",
    "homepage": _iri("foaf:homepage"),
    "label": "rdfs:label",
    "name": "foaf:name",
    "publisher": _iri("dct:publisher"),
    "subOrganizationOf": "org:subOrganizationOf",
    "totalItems": "hydra:totalItems",
}
"""What `site/context.jsonld` answers, and every JSON-LD page repeats."""


def render(graph: Graph, format_: str) -> bytes:
    """Serialise a page; its blank nodes are called `BLANK…` until `relabelled`."""
    match format_:
        case "jsonld":
            return _spell(_jsonld(graph), graph, lambda iri: json.dumps(iri, ensure_ascii=False)[1:-1])
        case "xml":
            body = _serialize(_grouped(graph), RdfFormat.RDF_XML)
            return _spell(body.replace(b"\r", b"&#13;"), graph, escape)
        case "trig":
            name = BlankNode(f"{BLANK}g")
            quads = [Quad(t.subject, t.predicate, t.object, name) for t in _grouped(graph)]
            body = _serialize(quads, RdfFormat.TRIG)
        case _:
            body = _serialize(_grouped(graph), _SYNTAX[format_])
    return _spell(body, graph, percent_encoded)


def relabelled(body: bytes, labels: str = "") -> bytes:
    """Return a page with blank node labels that no other answer has, or that begin with `labels`."""
    return body.replace(BLANK.encode(), (labels or f"N{secrets.token_hex(5)}").encode())


def _grouped(graph: Graph) -> list[Triple]:
    """Return the triples by subject, as rdflib sorts them."""
    return sorted(graph.triples, key=lambda triple: str(triple.subject))


def _serialize(statements: Iterable[Triple] | Iterable[Quad], format_: RdfFormat) -> bytes:
    out = io.BytesIO()
    serialize(statements, out, format_, prefixes=None if format_ == RdfFormat.N_TRIPLES else PREFIXES)
    return out.getvalue()


def _spell(body: bytes, graph: Graph, spelling: Callable[[str], str]) -> bytes:
    """Put the odd IRIs in the place of their placeholders."""
    if not graph.odd:
        return body
    spelled = [spelling(iri).encode() for iri in graph.odd]
    return _PLACEHOLDER.sub(lambda match: spelled[int(match[1])], body)


def _jsonld(graph: Graph) -> bytes:
    page = rdflib.Graph(bind_namespaces="none")
    for triple in graph.triples:
        page.add((_rdflib(triple.subject), _rdflib(triple.predicate), _rdflib(triple.object)))
    text: str = page.serialize(format="json-ld", context=CONTEXT, auto_compact=False)
    return text.encode()


def _rdflib(term: object) -> rdflib.term.Node:
    match term:
        case NamedNode():
            return rdflib.URIRef(term.value)
        case BlankNode():
            return rdflib.BNode(term.value)
        case Literal():
            plain = term.datatype.value.endswith("#string")
            return rdflib.Literal(term.value, datatype=None if plain else term.datatype.value)
    raise TypeError(term)
