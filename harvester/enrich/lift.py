"""The fence between a portal's JSON and the JSON-LD processor.

What a document says is not trusted. Only keys that the context declares pass, at each depth, so that no
`@id`, `@context` or `@graph` of a document is ever read; things get their IRIs here, from checked ids; web
addresses are repaired or left out, and counted. What does not have the declared shape costs only itself.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from harvester.enrich.portal import PortalFacts
from harvester.enrich.shape import Role, Shape, Term
from harvester.model import Category
from harvester.rdf.iris import repair

Json = Mapping[str, Any]

DATASETS = "datasets"
SERVICES = "dataservices"

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_WEB = re.compile(r"(?:https?|ftps?)://[^/]", re.IGNORECASE)
_MAX_CODE = 100
_MAX_INTEGER = 2**63


@dataclass(frozen=True, slots=True)
class Fault:
    """A part of a document that was left out, and why."""

    category: Category
    what: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A dataset or data service that the catalogue does not list: `key` is DATASETS or SERVICES."""

    key: str
    portal_id: str
    title: str
    iri: str


@dataclass(slots=True)
class Lifted:
    """One document behind the fence.

    `node` is safe JSON-LD. `concepts` are the IRIs of its codes, `agents` those of its organization and owner
    with their ids; `missing` and `faults` say what was not found or left out; `repaired` counts addresses.
    """

    iri: str
    portal_id: str
    node: dict[str, Any] = field(default_factory=dict)
    concepts: set[str] = field(default_factory=set)
    agents: dict[str, str] = field(default_factory=dict)
    missing: set[Missing] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    repaired: int = 0


@dataclass(frozen=True, slots=True)
class Fence:
    """Lets documents of one shape pass. `leave_out` names keys that never do."""

    shape: Shape
    portal: PortalFacts
    leave_out: frozenset[str]

    def lift(self, document: object, known: Mapping[str, str]) -> Lifted | None:
        """Return a document as safe JSON-LD; None if it has no usable id.

        `known` maps portal ids to the IRIs that the catalogue uses.
        """
        portal_id = portal_id_of(document)
        if portal_id is None or not isinstance(document, dict):
            return None
        lifted = Lifted(self.portal.permalink(self.shape.path, portal_id), portal_id)
        lifted.node = {"@id": lifted.iri, **_Passage(self, known, lifted).fields(self.shape, document)}
        return lifted


class _Passage:
    """One document on its way through the fence."""

    def __init__(self, fence: Fence, known: Mapping[str, str], lifted: Lifted) -> None:
        self.fence = fence
        self.known = known
        self.lifted = lifted

    def fields(self, shape: Shape, given: Json) -> dict[str, Any]:
        """Return the keys of `shape` that `given` has, each with what may pass."""
        node: dict[str, Any] = {}
        for key, term in shape.lifted.items():
            value = given.get(key)
            if value is None or value == "" or key in self.fence.leave_out:
                continue
            if term.role is Role.VALUE and isinstance(value, str):  # nearly always: saves a third of the time
                node[key] = value
                continue
            items = value if isinstance(value, list) else [value]
            passed = [self._item(key, term, item) for item in items if item is not None and item != ""]
            if good := [item for item in passed if item is not None]:
                node[key] = good
        return node

    def _item(self, key: str, term: Term, item: object) -> object:
        """Return one value made safe; None, and a fault, if it cannot pass."""
        match term.role:
            case Role.VALUE:
                good = _value(item)
            case Role.LINK:
                good = self._link(item)
            case Role.CONCEPT:
                good = self._concept(term, item)
            case _ if term.shape and isinstance(item, dict):
                return self._nested(key, term.role, term.shape, item)
            case _:
                good = None
        if good is None:
            self._fault(key, term.role, item)
        return good

    def _link(self, item: object) -> str | None:
        if not isinstance(item, str) or not _WEB.match(item.strip()):
            return None
        iri = repair(item.strip())
        self.lifted.repaired += iri is not None and iri != item
        return iri

    def _concept(self, term: Term, item: object) -> str | None:
        iri = concept_iri(self.fence.portal, term, item)
        if iri:
            self.lifted.concepts.add(iri)
        return iri

    def _nested(self, key: str, role: Role, shape: Shape, item: Json) -> dict[str, Any] | None:
        if role is Role.OBJECT:
            return self.fields(shape, item)
        portal_id = portal_id_of(item)
        if portal_id is None:
            self._fault(f"the id in {key}", role, item.get("id"))
            return None
        iri = self.known.get(portal_id) or self.fence.portal.permalink(shape.path, portal_id)
        if key not in (DATASETS, SERVICES):
            self.lifted.agents[iri] = portal_id
        elif portal_id not in self.known:
            self.lifted.missing.add(Missing(key, portal_id, _shown(item.get("title")), iri))
            if key == SERVICES:  # a harvested service has an IRI that its id does not tell
                return None
        return {"@id": iri, **self.fields(shape, item)}

    def _fault(self, key: str, role: Role, item: object) -> None:
        category = Category.INVALID_IRI if role is Role.LINK else Category.MALFORMED
        self.lifted.faults.append(Fault(category, f"{key} cannot be {_shown(item)}"))


def portal_id_of(document: object) -> str | None:
    """Return the id of a thing in the portal's JSON (udata: 24 hex digits) if it can stand in a permalink."""
    portal_id = document.get("id") if isinstance(document, dict) else None
    return portal_id if isinstance(portal_id, str) and _ID.fullmatch(portal_id) else None


def concept_iri(portal: PortalFacts, term: Term, code: object) -> str | None:
    """Return the IRI of a code of one of the portal's lists: `{api}/reuses/types/#api`."""
    if term.shape is None or not isinstance(code, str) or not 0 < len(code) <= _MAX_CODE:
        return None
    return f"{portal.root}{term.shape.path}#{quote(code, errors='replace')}"


def _value(item: object) -> str | float | None:
    match item:
        case str() | bool():
            return item
        case int() if abs(item) < _MAX_INTEGER:
            return item
        case float() if math.isfinite(item):
            return item
        case _:
            return None


def _shown(item: object) -> str:
    """Return `item` fit for one line of a report."""
    if not isinstance(item, str):
        return "nothing" if item is None else f"a {type(item).__name__}"
    return "“" + " ".join(item.split())[:120] + "”"
