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

from harvester.enrich.geometry import to_wkt
from harvester.enrich.portal import PortalFacts
from harvester.enrich.shape import Role, Shape, Term
from harvester.model import Category
from harvester.rdf.iris import repair

Json = Mapping[str, Any]

DATASETS = "datasets"
SERVICES = "dataservices"

_DATASETS_PATH = f"{DATASETS}/"
_LISTED = frozenset({_DATASETS_PATH, f"{SERVICES}/", "reuses/"})
"""Paths of things of which it is known whether the portal lists them."""
_AGENTS = frozenset({"organizations/", "users/"})
_FILES = "datasets/r/"
"""Path of the files of datasets, which are part of what they are listed in."""

_ID = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z_.:-]{0,63}")
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
    with their ids, `parts` those of its files; `missing` and `faults` say what was not found or left out;
    `repaired` counts addresses.
    """

    iri: str
    portal_id: str
    node: dict[str, Any] = field(default_factory=dict)
    concepts: set[str] = field(default_factory=set)
    agents: dict[str, str] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    missing: set[Missing] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    repaired: int = 0

    def name(self, iri: str) -> None:
        """Name the thing by the IRI that the catalogue uses for it."""
        self.iri = self.node["@id"] = iri


@dataclass(frozen=True, slots=True)
class Fence:
    """Lets documents of one shape pass. `leave_out` names keys that never do.

    `dangling`: links to datasets that the catalogue does not list are kept, against their permalinks, and
    reported; else such links are left out.
    """

    shape: Shape
    portal: PortalFacts
    leave_out: frozenset[str] = frozenset()
    dangling: bool = False

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
            name, _, class_ = key.partition(".")
            value = given.get(name)
            if value is None or value == "" or name in self.fence.leave_out:
                continue
            if term.role is Role.VALUE and isinstance(value, str):  # nearly always: saves a third of the time
                node[term.name] = value
                continue
            items = value if isinstance(value, list) else [value]
            if class_:
                items = [item for item in items if isinstance(item, dict) and item.get("class") == class_]
            passed = [self._item(key, term, item) for item in items if item is not None and item != ""]
            if good := [item for item in passed if item is not None]:
                node[term.name] = good
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
            case Role.GEOMETRY if isinstance(item, dict) and item.get("type") is None:
                return None  # udata 17 has zones without geometry: {"type": null, "coordinates": null}
            case Role.GEOMETRY:
                good = to_wkt(item)
            case _ if isinstance(item, dict):
                return self._nested(key, term, item)
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
        code = item.get("id") if isinstance(item, dict) else item  # with its name, if asked for whole
        iri = concept_iri(self.fence.portal, term.shape.path, code) if term.shape else None
        if iri:
            self.lifted.concepts.add(iri)
        return iri

    def _nested(self, key: str, term: Term, item: Json) -> dict[str, Any] | None:
        shape = term.shape
        if shape is None:
            return None
        if term.role is Role.OBJECT:
            return self.fields(shape, item)
        portal_id = portal_id_of(item)
        if portal_id is None:
            self._fault(f"the id in {key}", term.role, item.get("id"))
            return None
        if shape.path == _FILES:
            iri = self.fence.portal.distribution(self.lifted.portal_id, portal_id)
            self.lifted.parts.add(iri)
            return {"@id": iri, **self.fields(shape, item)}
        iri = self.known.get(portal_id) or self.fence.portal.permalink(shape.path, portal_id)
        if shape.path in _AGENTS:
            self.lifted.agents[iri] = portal_id
        elif portal_id not in self.known and not self._may_dangle(shape.path, item, iri):
            return None
        return {"@id": iri, **self.fields(shape, item)}

    def _may_dangle(self, path: str, item: Json, iri: str) -> bool:
        """Note a thing that the catalogue does not list; tell whether to link it nevertheless."""
        if path not in _LISTED:
            return True
        if self.fence.dangling:
            key = path.rstrip("/")
            self.lifted.missing.add(Missing(key, item["id"], _shown(item.get("title")), iri))
        # A harvested service has an IRI that its id does not tell.
        return self.fence.dangling and path == _DATASETS_PATH

    def _fault(self, key: str, role: Role, item: object) -> None:
        category = Category.INVALID_IRI if role is Role.LINK else Category.MALFORMED
        self.lifted.faults.append(Fault(category, f"{key} cannot be {_shown(item)}"))


def portal_id_of(document: object) -> str | None:
    """Return the id of a thing in the portal's JSON (udata: 24 hex digits) if it can stand in a permalink."""
    portal_id = document.get("id") if isinstance(document, dict) else None
    return portal_id if isinstance(portal_id, str) and _ID.fullmatch(portal_id) else None


def concept_iri(portal: PortalFacts, path: str, code: object) -> str | None:
    """Return the IRI of a code of one of the portal's lists: `{api}/reuses/types/#api`."""
    if not isinstance(code, str) or not 0 < len(code) <= _MAX_CODE:
        return None
    return f"{portal.root}{path}#{quote(code, safe='', errors='replace')}"


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
