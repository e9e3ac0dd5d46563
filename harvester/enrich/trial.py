"""Documents mapped by themselves, without a harvest: what must be guessed, and what becomes of their keys."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harvester import libyaml
from harvester.enrich.lift import portal_id_of
from harvester.enrich.mapping_files import read_bytes
from harvester.enrich.mappings import Mappings
from harvester.enrich.portal import PortalFacts
from harvester.enrich.shape import Role, Shape, Term
from harvester.errors import UsageError
from harvester.portal.udata import Portal
from harvester.rdf.iris import repair

Json = Mapping[str, Any]

NOWHERE = "https://portal.example"
"""Whose a document is that does not tell."""

_API_KEYS = ("uri", "self_api_url", "url")
_PAGE_KEYS = ("page", "self_web_url")
_API = re.compile(r"(https?://[^\s<>\"{}|\\^`?#]+)/api/[0-9]+/([^?#]+/)?[^/?#]+/?")
_PAGE = re.compile(r"(https?://[^/\s<>\"{}|\\^`?#]+)[^\s<>\"{}|\\^`?#]*")
_TERM = re.compile(r"[^:/#]*\Z")
_MAX_URL = 2_000


@dataclass(frozen=True, slots=True)
class Guess:
    """What a document was taken for; `why` names the key that told."""

    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What becomes of the keys that documents have: paths such as `organization.name`, sorted.

    `mapped` keys are lifted and named by a rule, `idle` ones lifted in vain, `read` ones only asked of the
    portal; `personal` ones are left out, and so are those in `left_out`, by reason; `unnamed` ones are
    unknown to the mapping, `empty` ones hold nothing.
    """

    mapped: Sequence[str]
    idle: Sequence[str]
    read: Sequence[str]
    personal: Sequence[str]
    left_out: Mapping[str, Sequence[str]]
    unnamed: Sequence[str]
    empty: Sequence[str]


def documents_of(value: object) -> list[object]:
    """Return the documents in a JSON file: a page of a list (`{"data": […]}`), a list, or one document.

    >>> documents_of({"data": [{"id": "a"}], "total": 1})
    [{'id': 'a'}]
    """
    if isinstance(value, dict) and isinstance(value.get("data"), list) and "id" not in value:
        value = value["data"]
    return value if isinstance(value, list) else [value]


def guess_mapping(documents: Sequence[object], mappings: Mappings) -> Guess:
    """Tell what kind of documents these are, by their API URL, their page, or else by their keys.

    Raises UsageError where nothing tells.
    """
    by_path = {mapping.shape.path: name for name, mapping in mappings.documents.items()}
    for key, text in _texts(documents, _API_KEYS):
        found = _API.fullmatch(text)
        if found and (name := by_path.get(found[2] or "")):
            return Guess(name, key)
    for key, text in _texts(documents, _PAGE_KEYS):
        for path, name in by_path.items():
            if path and re.search(rf"/{re.escape(path)}[^/?#]+/?\Z", text):
                return Guess(name, key)
    if name := _nearest(documents, mappings):
        return Guess(name, "keys")
    raise UsageError(
        "nothing tells what kind of document this is",
        fix=f"name one by --mapping: {', '.join(sorted(mappings.documents))}",
    )


def _nearest(documents: Sequence[object], mappings: Mappings) -> str | None:
    """Return the mapping that names most of the keys of documents, and least beside; None if none does."""
    keys = {key for document in documents if isinstance(document, dict) for key in document}
    likeness: dict[str, float] = {}
    for name, mapping in mappings.documents.items():
        named = {key.partition(".")[0] for key in mapping.shape.terms}
        likeness[name] = len(keys & named - {"id"}) / (len(keys | named) or 1)
    best = max(likeness.values(), default=0.0)
    nearest = [name for name, like in likeness.items() if like == best]
    return nearest[0] if best and len(nearest) == 1 else None


def guess_portal(documents: Sequence[object]) -> Guess:
    """Tell whose documents these are: the address of a portal, by theirs or that of what they name.

    `NOWHERE` if nothing tells.
    """
    named = [item for one in documents if isinstance(one, dict) for item in one.values()]
    for several in (documents, named):
        for keys, pattern in ((_API_KEYS, _API), (_PAGE_KEYS, _PAGE)):
            for key, text in _texts(several, keys):
                found = pattern.fullmatch(text)
                if found and _is_portal(address := found[1] + ("/api/1" if pattern is _API else "")):
                    return Guess(address, key)
    return Guess(NOWHERE, "")


def _is_portal(address: str) -> bool:
    try:
        return bool(Portal.at(address).api)
    except UsageError:
        return False


def facts_of(portal: Portal, documents: Sequence[object], shape: Shape, language: str) -> PortalFacts:
    """Return what mapping must know of a portal: as a harvest finds out, but from these documents alone.

    A document with a `page` shows the base of the permalinks, one whose `page` is null that there is none.
    """
    bases = [
        text.partition(f"/{shape.path}")[0]
        for _, text in _texts(documents, _PAGE_KEYS)
        if f"/{shape.path}" in text and _PAGE.fullmatch(text)
    ]
    no_page = any(isinstance(one, dict) and "page" in one and one["page"] is None for one in documents)
    site = bases[0] if bases else "" if no_page else portal.site
    return PortalFacts(portal.api, site, portal.key, f"{portal.api}/site/catalog", language)


def named_things(shape: Shape, documents: Sequence[object], portal: PortalFacts) -> dict[str, str]:
    """Return id → IRI of these documents and of all things that they name.

    The IRI is that of its origin where a thing was harvested by the portal and its document tells
    (`harvest.uri`), else its permalink: what the portal's RDF would say.
    """
    found: dict[str, str] = {}
    for document in documents:
        if portal_id := portal_id_of(document):
            found[portal_id] = _iri(document, portal.permalink(shape.path, portal_id))
        for thing, path in _things(shape, document):
            if portal_id := portal_id_of(thing):
                found[portal_id] = _iri(thing, portal.permalink(path, portal_id))
    return found


def _things(shape: Shape, value: object) -> Iterator[tuple[object, str]]:
    """Yield each thing that a value names, at any depth, with the path under which it has its permalink."""
    for _, item, term in _items(shape, value):
        if term and term.shape and term.role in (Role.THING, Role.OBJECT):
            if term.role is Role.THING:
                yield item, term.shape.path
            yield from _things(term.shape, item)


def _iri(document: object, permalink: str) -> str:
    harvest = document.get("harvest") if isinstance(document, dict) else None
    uri = harvest.get("uri") if isinstance(harvest, dict) else None
    return (repair(uri) if isinstance(uri, str) else None) or permalink


def read_reasons(folder: Path, name: str) -> dict[str, str]:
    """Return why the mapping `name` leaves keys out, by key: `a.*` stands for all that are below `a`.

    `left-out.yaml` says so, if there is one. Raises UsageError where it cannot serve.
    """
    path = folder / "left-out.yaml"
    if not path.exists():
        return {}
    try:
        listed = (libyaml.load(read_bytes(path)) or {}).get(name) or {}
        return {key: str(reason) for reason, keys in listed.items() for key in keys}
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise UsageError(
            f"{path} is no list of what is left out", fix="write mapping, reason and keys, as YAML"
        ) from error


def explain(
    mappings: Mappings,
    name: str,
    documents: Sequence[object],
    *,
    personal: frozenset[str],
    reasons: Mapping[str, str],
) -> Explanation:
    """Tell what the mapping `name` does with each key of these documents.

    Keys in `personal` are left out, others for `reasons`: see `read_reasons`.
    """
    mapping = mappings.documents[name]
    rules = [rule.text for rule in (*mapping.rules, *mappings.agent)]
    crosswalks = [text.decode() for text in mappings.crosswalks]  # rules may take names from there
    told = _Keys("\n".join((*rules, *crosswalks)), personal, reasons)
    for document in documents:
        told.tell(mapping.context, mapping.shape, document, "")
    held = told.mapped | told.idle | told.read | told.personal
    return Explanation(
        mapped=sorted(told.mapped),
        idle=sorted(told.idle),
        read=sorted(told.read),
        personal=sorted(told.personal),
        left_out={reason: sorted(paths) for reason, paths in sorted(told.left_out.items())},
        unnamed=sorted(told.unnamed - held),
        empty=sorted(told.empty - held),
    )


class _Keys:
    """What becomes of keys, gathered document by document."""

    def __init__(self, rules: str, personal: frozenset[str], reasons: Mapping[str, str]) -> None:
        self._rules = rules
        self._personal = personal
        self._reasons = reasons
        self.mapped: set[str] = set()
        self.idle: set[str] = set()
        self.read: set[str] = set()
        self.personal: set[str] = set()
        self.left_out: dict[str, set[str]] = {}
        self.unnamed: set[str] = set()
        self.empty: set[str] = set()

    def tell(self, context: Json, shape: Shape, value: object, path: str) -> None:
        for key, item, term in _items(shape, value):
            name, _, class_ = key.partition(".")
            here = path + name
            definition = context.get(key)
            if term is None:
                self._tell_unnamed(here, item)
            elif item is None or item in ("", [], {}):
                self.empty.add(here)
            elif name in self._personal:
                self.personal.add(here)
            elif term.role is Role.UNLIFTED and definition != "@id":
                self.read.add(here)
            else:
                (self.mapped if self._is_taken_up(definition) else self.idle).add(here)
                self.mapped |= {f"{here}.class"} if class_ else set()
                if term.shape and isinstance(definition, dict):
                    self.tell(definition.get("@context", {}), term.shape, item, f"{here}.")

    def _tell_unnamed(self, path: str, value: object) -> None:
        """Look for the reason why a key is left out, or the keys below it."""
        reason = self._reasons.get(path) or self._reasons.get(f"{path.rpartition('.')[0]}.*")
        if reason:
            self.left_out.setdefault(reason, set()).add(path)
        elif any(each.startswith(f"{path}.") for each in self._reasons) and _holds_keys(value):
            for item in value if isinstance(value, list) else [value]:
                for key, inner in item.items() if isinstance(item, dict) else ():
                    self._tell_unnamed(f"{path}.{key}", inner)
        else:
            self.unnamed.add(path)

    def _is_taken_up(self, definition: object) -> bool:
        """Tell whether a rule names the property; `@id` names the thing itself."""
        iri = definition.get("@id") if isinstance(definition, dict) else definition
        found = _TERM.search(str(iri))
        return iri == "@id" or bool(found and re.search(rf"[:/#]{re.escape(found[0])}\b", self._rules))


def _items(shape: Shape, value: object) -> Iterator[tuple[str, object, Term | None]]:
    """Yield the keys of an object, or of each of a list, with each item under them and what it is taken for.

    An empty list is an item.
    """
    for each in value if isinstance(value, list) else [value]:
        for name, held in each.items() if isinstance(each, dict) else ():
            for item in held if isinstance(held, list) and held else [held]:
                key = name
                if isinstance(item, dict) and f"{name}.{item.get('class')}" in shape.terms:
                    key = f"{name}.{item.get('class')}"
                yield key, item, shape.terms.get(key)


def _holds_keys(value: object) -> bool:
    return any(isinstance(item, dict) and item for item in (value if isinstance(value, list) else [value]))


def _texts(documents: Sequence[object], keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (key, text) of those of `keys` that documents have, unless it is too long for an address."""
    for document in documents:
        for key in keys:
            text = document.get(key) if isinstance(document, dict) else None
            if isinstance(text, str) and len(text) <= _MAX_URL and (key != "url" or _is_own(text, document)):
                yield key, text


def _is_own(url: str, document: object) -> bool:
    """Tell whether a URL is the document's own, as that of a discussion, and not what it is about."""
    portal_id = portal_id_of(document)
    return portal_id is not None and url.rstrip("/").endswith(f"/{portal_id}")
