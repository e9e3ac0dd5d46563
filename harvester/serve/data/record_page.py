"""The page of one resource: what the catalogue says of it, as a reader wants it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from urllib.parse import quote

from harvester.serve.html.labels import Label
from harvester.serve.html.links import resource_address
from harvester.serve.html.rows import shorten, shorten_iri, web_address
from harvester.vocab import DCT, FOAF, RDFS, RECORD_GRAPHS, SCHEMA, SKOS, VCARD

_TITLES = (DCT + "title", FOAF + "name", SKOS + "prefLabel", VCARD + "fn", SCHEMA + "name", RDFS + "label")
_LONGEST_NAME = 100
"""Characters of what something else is called."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is said: a text, a link (`href`; `inside` if it leads to a page of ours), or what hangs there.

    `source` is "said" by the portal, "inferred" or "noted" by the harvester; `title` the whole of what `text`
    shortens, or the type of a text; `code` the IRI in short where `text` is what it is called.
    """

    text: str
    source: str
    title: str = ""
    href: str = ""
    inside: bool = False
    language: str = ""
    code: str = ""
    properties: tuple["Property", ...] = ()


@dataclass(frozen=True, slots=True)
class Property:
    """A predicate with its values."""

    label: str
    iri: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One subject. `anchor` is what links in the page lead to, "" for a subject with a page of its own."""

    heading: Value
    anchor: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A resource, its `title`, what is said of it (`sections`, itself first), the `origin` of its record."""

    resource: Value
    title: str
    sections: tuple[Section, ...]
    origin: Value | None
    more: bool


def iris_in(outline: Mapping[str, Any]) -> set[str]:
    """Return the IRIs that are said of something, and that the catalogue says something of."""
    return set(_known(statement for each in outline["subjects"] for statement in each["statements"]))


def record_page(
    outline: Mapping[str, Any], path: Callable[[str], str], names: Mapping[str, Label]
) -> RecordPage:
    """Arrange an outline (see `harvester.serve.tasks.outline`).

    `path` adds the proxy's prefix to a link; `names` has the labels of IRIs.
    """
    view = _View(path, names)
    resource = _outside(outline["resource"], "said")
    sections = tuple(view.section(each["name"], each["statements"]) for each in outline["subjects"])
    return RecordPage(
        resource=resource,
        title=sections[0].heading.text if sections else resource.text,
        sections=sections,
        origin=_origin(outline["subjects"]),
        more=outline["more"],
    )


class _View:
    def __init__(self, path: Callable[[str], str], names: Mapping[str, Label]) -> None:
        self._path = path
        self._names = names

    def section(self, name: str, statements: Sequence[Mapping[str, Any]]) -> Section:
        """Show a subject."""
        if name[0] == "_":
            heading, anchor = Value(f"_:{name[2:14]}", "said"), _anchor(name)
        else:
            link = self._link(name[1:-1], "said", known=True)
            heading, anchor = replace(link, text=_title(statements) or link.text), ""
        return Section(heading, anchor, self._properties(statements))

    def _properties(self, statements: Sequence[Mapping[str, Any]]) -> tuple[Property, ...]:
        ordered = sorted(statements, key=_rank)
        return tuple(
            Property(shorten_iri(predicate), predicate, tuple(map(self._value, same)))
            for predicate, same in groupby(ordered, key=lambda each: str(each["predicate"]))
        )

    def _value(self, statement: Mapping[str, Any]) -> Value:
        source = statement["source"]
        match statement:
            case {"iri": str(iri), "known": known}:
                return self._link(iri, source, known=bool(known))
            case {"node": str(label)}:
                return Value(f"_:{label[2:14]}", source, href=f"#{_anchor(label)}", inside=True)
            case {"statements": list(inner)}:
                return Value("", source, properties=self._properties(inner))
        datatype = statement["datatype"]
        title = shorten_iri(datatype) if datatype else ""
        return Value(statement["text"], source, title, language=statement["language"])

    def _link(self, iri: str, source: str, *, known: bool) -> Value:
        if not known:
            return _outside(iri, source)
        link = Value(shorten_iri(iri), source, iri, resource_address(self._path, iri), inside=True)
        name = self._names.get(iri)
        if name is None or name.text == link.text:
            return link
        return replace(link, text=shorten(name.text, _LONGEST_NAME), language=name.language, code=link.text)


def _known(statements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for statement in statements:
        if statement.get("known"):
            yield statement["iri"]
        yield from _known(statement.get("statements", ()))


def _outside(iri: str, source: str) -> Value:
    """Link to an IRI itself, if it is one that a browser may follow."""
    return Value(shorten_iri(iri), source, iri, web_address(iri))


def _rank(statement: Mapping[str, Any]) -> tuple[bool, bool, str]:
    """Put a resource's class first, then its names, then the rest by predicate."""
    predicate = str(statement["predicate"])
    return not predicate.endswith("#type"), predicate not in _TITLES, predicate


def _title(statements: Iterable[Mapping[str, Any]]) -> str:
    texts = {each["predicate"]: each["text"] for each in reversed([*statements]) if each.get("text")}
    return next((str(texts[predicate]) for predicate in _TITLES if predicate in texts), "")


def _origin(subjects: Iterable[Mapping[str, Any]]) -> Value | None:
    """Return where the first of the records was read from."""
    for each in subjects:
        if each["name"].startswith(f"<{RECORD_GRAPHS}"):
            for statement in each["statements"]:
                if statement["predicate"] == DCT + "source" and "iri" in statement:
                    return _outside(statement["iri"], "noted")
    return None


def _anchor(label: str) -> str:
    return "node-" + quote(label[2:], safe="")
