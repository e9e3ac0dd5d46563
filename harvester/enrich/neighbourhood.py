"""What rules see of some resources: what was said of them, what stands beside, and the code lists.

A store in memory with a few graphs, filled with what the rules name and no more, so that a catalogue of any
size is gone through in batches. https://www.w3.org/TR/sparql11-query/#rdfDataset
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from harvester.enrich.rules import Graph, Rule
from harvester.rdf.rows import Row
from harvester.vocab import DCAT, PREFIXES, RDF

SAID = DefaultGraph()
"""What the portal's RDF says of the resources."""
BESIDE = NamedNode("urn:x-harvester:details")
"""What its JSON says of them, and what other records say of them: reuses for one."""
CODES = NamedNode("urn:x-harvester:codes")
"""Code lists."""
INFERRED = NamedNode("urn:x-harvester:inferred")
"""What was inferred of them."""

_HEADER = re.compile(r"^#.*$", re.MULTILINE)
_PREFIX = re.compile(r"^\s*PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)
_IRI = re.compile(r"<([^<>\s]+)>")
_NAME = re.compile(r"(?<![\w:?$@-])([A-Za-z][\w-]*):([\w-]+)")
_ALWAYS = frozenset({f"<{RDF}type>", f"<{DCAT}distribution>"})
_DISTRIBUTION = NamedNode(DCAT + "distribution")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of one resource, as N-Triples: `said` by the portal's RDF, and `beside` that."""

    resource: str
    said: bytes = field(repr=False)
    beside: bytes = field(default=b"", repr=False)


def named_terms(rules: Iterable[str]) -> frozenset[bytes]:
    """Return the IRIs (tokens) that rules name: of use to them is what has one of these as its predicate.

    Read from the text but for its headers, names in strings too: more than they need is no harm.

    >>> b"<http://purl.org/dc/terms/title>" in named_terms(["… { ?d dct:title ?title }"])
    True
    """
    found = set(_ALWAYS)
    for rule in (_HEADER.sub("", text) for text in rules):
        prefixes = PREFIXES | dict(_PREFIX.findall(rule))
        found.update(f"<{iri}>" for iri in _IRI.findall(rule))
        found.update(
            f"<{prefixes[prefix]}{name}>" for prefix, name in _NAME.findall(rule) if prefix in prefixes
        )
    return frozenset(term.encode() for term in found)


def of_use(ntriples: bytes, predicates: Collection[bytes]) -> bytes:
    """Return the lines whose predicate is one of `predicates`."""
    return b"".join([line for line in ntriples.splitlines(True) if line.split(b" ", 2)[1] in predicates])


def code_lists(turtle: Iterable[bytes]) -> Store:
    """Return a store with code lists in the graph CODES, from which neighbourhoods are made."""
    store = Store()
    for text in turtle:
        store.load(text, RdfFormat.TURTLE, to_graph=CODES)
    return store


class Neighbourhood:
    """A batch of resources with their surroundings, and the code lists (N-Quads)."""

    def __init__(self, batch: Iterable[Surroundings], codes: bytes) -> None:
        batch = list(batch)
        self.store = Store()
        self.store.bulk_load(codes, RdfFormat.N_QUADS)
        for graph, parts in ((SAID, [b.said for b in batch]), (BESIDE, [b.beside for b in batch])):
            text = b"".join(parts)
            if text:
                self.store.bulk_load(text, RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)
        self.said = {line for b in batch for part in (b.said, b.beside) for line in part.splitlines()}
        """Lines of N-Triples."""
        self.owners = {f"<{b.resource}>": b.resource for b in batch}
        """Token of a resource, or of one of its distributions → the resource."""
        for quad in self.store.quads_for_pattern(None, _DISTRIBUTION, None, SAID):
            owner = self.owners.get(str(quad.subject))
            if owner is not None:
                self.owners.setdefault(str(quad.object), owner)

    def ntriples(self, rule: Rule, base: str, graphs: list[Graph]) -> list[str]:
        """Run a rule over `graphs`; return the lines that are not said already, without their ends."""
        lines = rule.ntriples(self.store, base, graphs).splitlines()
        return [line for line in lines if line.encode() not in self.said]

    def note_inferred(self, rows: Iterable[Iterable[Row]]) -> None:
        """Let what is asked later see what was inferred."""
        text = "".join([f"{s} {p} {o} .\n" for each in rows for s, p, o in each]).encode()
        if text:
            self.store.bulk_load(text, RdfFormat.N_TRIPLES, to_graph=INFERRED, lenient=True)
