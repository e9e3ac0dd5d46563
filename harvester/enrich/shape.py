"""The shape of a portal's JSON as a JSON-LD context declares it: which keys may be lifted, and as what.

The context file is the mapping; this reads from it what the fence around hostile documents needs
(`harvester.enrich.lift`). Of JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/#context-definitions) it takes:

- `"title": "udata:title"`: a text, number or truth value, or several;
- `"url": {…, "@type": "@id"}`: a web address;
- `"type": {…, "@type": "@id", "@context": {"@base": "types/"}}`: a code, which becomes the portal's concept;
- `"organization": {…, "@context": {"@base": "../organizations/", …}}`: another thing of the portal, by id;
- `"metrics": {…, "@context": {…}}`: a nested object;
- `"geom": {…, "@type": "geo:wktLiteral"}`: a geometry in GeoJSON, which becomes WKT;
- `"subject.Dataset": …`: the key `subject` where the `class` of what it holds is `Dataset`;
- `"private": null`: asked from the portal, not lifted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from urllib.parse import urljoin

from harvester.portal.mask import parts

_ROOT = "https://portal.invalid/"
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z]+)?")
_WKT = "geo:wktLiteral"
_KEYWORDS = frozenset({"@version", "@base"})
_DEFINITION = frozenset({"@id", "@type", "@language", "@context", "@container"})
_CONTAINERS = frozenset({"@set", "@list"})


class Role(Enum):
    """What a key holds."""

    VALUE = auto()
    LINK = auto()
    CONCEPT = auto()
    THING = auto()
    OBJECT = auto()
    GEOMETRY = auto()
    UNLIFTED = auto()


class BadContext(ValueError):
    """A context that cannot serve: `key` is the term at fault."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(why)
        self.key = key


@dataclass(frozen=True, slots=True)
class Term:
    """A key: its role and, where it has a context of its own, the shape of what it holds.

    `name` is that of the key in the flat context, with the keys that lead to it before it: see `flatten`.
    """

    role: Role
    shape: "Shape | None" = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: the path under which the portal names such things (`reuses/`), and its keys.

    `lifted` are those keys that become RDF.
    """

    path: str
    terms: Mapping[str, Term] = field(repr=False)
    lifted: Mapping[str, Term] = field(repr=False)

    def fields(self, leave_out: frozenset[str] = frozenset()) -> str:
        """Return the keys as a mask for the portal's X-Fields header, without braces."""
        inner: dict[str, set[str]] = {}
        for key, term in self.terms.items():
            name, _, class_ = key.partition(".")
            if name in leave_out:
                continue
            fields = inner.setdefault(name, set())
            if class_:
                fields.add("class")
            if term.shape and term.shape.terms:
                fields.update(parts(term.shape.fields(leave_out)))
        return ",".join(
            f"{name}{{{','.join(sorted(fields))}}}" if fields else name
            for name, fields in sorted(inner.items())
        )


def flatten(context: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return a context that says the same of names that tell where they stand, without contexts within.

    A processor reads a context within anew for each object that it applies to, which takes longer than all
    else that is done with a document. `@base` is of no use any more: the fence makes all IRIs absolute.

    >>> flatten({"a": {"@id": "u:a", "@context": {"@base": "b/", "id": "@id", "c": "u:c"}}, "d": None})
    {'a': {'@id': 'u:a'}, 'a>c': 'u:c'}
    """
    flat: dict[str, Any] = {}
    for key, definition in context.items():
        if key == "@version" or (key not in _KEYWORDS and _is_prefix(definition)):
            flat[key] = definition
        elif isinstance(definition, dict):
            flat[path + key] = {name: value for name, value in definition.items() if name != "@context"}
            flat |= flatten(definition.get("@context", {}), f"{path}{key}>")
        elif key not in _KEYWORDS and definition not in (None, "@id"):
            flat[path + key] = definition
    return flat


def read_shape(context: Mapping[str, Any], parent: str = _ROOT, path: str = "") -> Shape:
    """Read a context; raise BadContext where it uses what would let a document escape its place."""
    base = urljoin(parent, str(context.get("@base", "")))
    if not base.startswith(_ROOT):
        raise BadContext("@base", "@base is not a path of the portal")
    terms: dict[str, Term] = {}
    for key, definition in context.items():
        if key in _KEYWORDS:
            continue
        if not _KEY.fullmatch(key):
            raise BadContext(key, f"{key} cannot be used here")
        if not _is_prefix(definition):
            terms[key] = _term(key, definition, base, path)
    lifted = {key: term for key, term in terms.items() if term.role is not Role.UNLIFTED}
    return Shape(base.removeprefix(_ROOT), terms, lifted)


def _term(key: str, definition: object, base: str, path: str) -> Term:
    name = path + key
    if definition is None or definition == "@id":
        return Term(Role.UNLIFTED)
    if isinstance(definition, str) and not definition.startswith("@"):
        return Term(Role.VALUE, name=name)
    if not isinstance(definition, dict):
        raise BadContext(key, f"{key} stands for {definition!r}")
    _check(key, definition)
    nested = definition.get("@context")
    if definition.get("@type") == "@id":
        if not nested:
            return Term(Role.LINK, name=name)
        return Term(Role.CONCEPT, read_shape(nested, base), name)
    if definition.get("@type") == _WKT:
        return Term(Role.GEOMETRY, name=name)
    if nested is None:
        return Term(Role.VALUE, name=name)
    role = Role.THING if "@base" in nested else Role.OBJECT
    return Term(role, read_shape(nested, base, f"{name}>"), name)


def _check(key: str, definition: Mapping[str, Any]) -> None:
    """Refuse what would let the text of a document become a keyword, a name or another's property."""
    if odd := definition.keys() - _DEFINITION:
        raise BadContext(key, f"{key} uses {min(odd)}")
    if not isinstance(definition.get("@id"), str) or definition["@id"].startswith("@"):
        raise BadContext(key, f"{key} names no property")
    type_ = definition.get("@type", "@id")
    if not isinstance(type_, str) or (type_.startswith("@") and type_ != "@id"):
        raise BadContext(key, f"{key} uses the type {type_}")
    if definition.get("@container", "@set") not in _CONTAINERS:
        raise BadContext(key, f"{key} uses the container {definition['@container']}")
    if not isinstance(definition.get("@context", {}), dict):
        raise BadContext(key, f"{key} has a context that is not written in place")


def _is_prefix(definition: object) -> bool:
    """Tell whether a term only abbreviates IRIs: https://www.w3.org/TR/json-ld11/#compact-iris."""
    return isinstance(definition, str) and definition[-1:] in set(":/?#[]@")
