"""A page's triples while they are being written, with IRIs that no RDF library would let in."""

import re
from functools import cache

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geodcat": "http://data.europa.eu/930/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
BLANK = "Nq7q7q7q7q"
"""Start of every blank node label; replaced in each answer, so that no two are alike."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")

Subject = NamedNode | BlankNode


@cache
def term(name: str) -> NamedNode:
    """Return the IRI of a prefixed name.

    >>> term("dcat:Dataset")
    <NamedNode value=http://www.w3.org/ns/dcat#Dataset>
    """
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


class Graph:
    """Collects triples. None as an object adds nothing.

    IRIs that are not valid stand in `triples` as placeholders (`urn:x-odd:N:`), in `odd` as they are.
    Control characters become `?`, as in all of udata's RDF but JSON-LD (`controls=True`).
    """

    def __init__(self, *, controls: bool = False) -> None:
        self.triples: list[Triple] = []
        self.odd: list[str] = []
        self._controls = controls
        self._described: set[str] = set()
        self._blanks = 0

    def once(self, key: str) -> bool:
        """Tell whether `key` is asked about for the first time: nodes that many share are described once."""
        if key in self._described:
            return False
        self._described.add(key)
        return True

    def blank(self) -> BlankNode:
        self._blanks += 1
        return BlankNode(f"{BLANK}{self._blanks}")

    def iri(self, text: str) -> NamedNode:
        try:
            return NamedNode(text)
        except ValueError:
            self.odd.append(text)
            return NamedNode(f"urn:x-odd:{len(self.odd) - 1}:")

    def add(self, subject: Subject, predicate: str, *objects: NamedNode | BlankNode | Literal) -> None:
        self.triples.extend(Triple(subject, term(predicate), value) for value in objects)

    def links(self, subject: Subject, predicate: str, *iris: str | None) -> None:
        self.add(subject, predicate, *(self.iri(iri) for iri in iris if iri is not None))

    def texts(self, subject: Subject, predicate: str, *texts: str | None) -> None:
        for text in texts:
            if text is not None:
                self.add(subject, predicate, Literal(text if self._controls else _CONTROLS.sub("?", text)))

    def typed(self, subject: Subject, predicate: str, value: str | int | None, datatype: str) -> None:
        if value is not None:
            self.add(subject, predicate, Literal(str(value), datatype=term(datatype)))
