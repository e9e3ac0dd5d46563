"""The catalogue in another vocabulary: what rules make of neighbourhoods, by the resource that it describes.

Unlike inference, a view may have blank nodes: the places, shapes and channels in it have no IRIs, and to make
some up would be to name things in the name space of whoever publishes them. Their labels come from the
resource and from what they say, so that the same description has the same labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from pyoxigraph import NamedNode, RdfFormat, Store

from harvester.enrich.mapping_files import read_rules, read_turtle
from harvester.enrich.neighbourhood import (
    BESIDE,
    CODES,
    INFERRED,
    SAID,
    Neighbourhood,
    code_lists,
    named_terms,
)
from harvester.enrich.rules import INFERENCE, Graph, Rule
from harvester.rdf.blanks import label_blanks
from harvester.rdf.rows import Row, read_ntriples
from harvester.vocab import DCAT, SKOS

FOLDER = "schema"
_SEEN: list[Graph] = [SAID, BESIDE, INFERRED, CODES]
_DISTRIBUTION = NamedNode(DCAT + "distribution")
_IN_SCHEME = NamedNode(SKOS + "inScheme")


@dataclass(frozen=True, slots=True)
class View:
    """The rules of a view, with the code lists that they look things up in (N-Quads)."""

    rules: tuple[Rule, ...]
    codes: bytes = field(repr=False)
    predicates: frozenset[bytes] = field(repr=False)
    """Tokens: statements with other predicates are of no use to the rules."""

    @classmethod
    def load(cls, folder: Path) -> "View":
        """Read what a view needs of a mapping folder; raise UsageError naming file and line."""
        rules = tuple(read_rules(folder / FOLDER, INFERENCE, some=True))
        lists = (read_turtle(path) for path in sorted((folder / "codes").glob("*.ttl")))
        names = named_terms(rule.text for rule in rules)
        return cls(rules, _codes(code_lists(lists), names), names)


def _codes(lists: Store, names: frozenset[bytes]) -> bytes:
    """Return of the code lists that are named what is said by predicates that are named."""
    members = lists.quads_for_pattern(None, _IN_SCHEME, None, None)
    concepts = {str(quad.subject).encode() for quad in members if str(quad.object).encode() in names}
    lines = cast("bytes", lists.dump(format=RdfFormat.N_QUADS)).splitlines(True)
    parts = (line.split(b" ", 2) for line in lines)
    return b"".join([b" ".join(part) for part in parts if part[0] in concepts and part[1] in names])


def describe(around: Neighbourhood, rules: Sequence[Rule], base: str) -> Mapping[str, list[Row]]:
    """Return, by resource, the sorted rows that the rules make of it, blank nodes labelled.

    They are about the resource, its distributions and what hangs from both: never about what has a record of
    its own, so that each resource is described once, and alike whichever others it is described with. Nothing
    that is said already, nor blank nodes of which nothing is said. `base` is the IRI of the catalogue.
    """
    text = "".join(f"{line}\n" for rule in rules for line in around.ntriples(rule, base, _SEEN))
    made = dict.fromkeys(read_ntriples(text, base).rows)
    described = {s for s, _, _ in made}
    rows = [row for row in made if row[2][0] != "_" or row[2] in described]
    homes = _homes(around)
    above = {o: s for s, _, o in rows if o[0] == "_"}
    found: dict[str, list[Row]] = {}
    for row in rows:
        resource = homes.get(_top(row[0], above))
        if resource is not None:
            found.setdefault(resource, []).append(row)
    return {
        resource: sorted(label_blanks(sorted(own), resource, {})) for resource, own in sorted(found.items())
    }


def _homes(around: Neighbourhood) -> dict[str, str]:
    """Return the resource that each resource and each distribution in its record belongs to, by token."""
    homes = {token: resource for token, resource in around.owners.items() if token == f"<{resource}>"}
    for quad in around.store.quads_for_pattern(None, _DISTRIBUTION, None, SAID):
        resource = homes.get(str(quad.subject))
        if resource is not None:
            homes.setdefault(str(quad.object), resource)
    return homes


def _top(node: str, above: Mapping[str, str]) -> str:
    """Climb from a blank node to the IRI that leads to it; stop in a circle."""
    met = set()
    while node[0] == "_" and node in above and node not in met:
        met.add(node)
        node = above[node]
    return node
