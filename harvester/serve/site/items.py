"""What workers tell of a record, made ready for a page: each value with its words and where it leads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harvester.serve.html.links import resource_address
from harvester.serve.html.rows import shorten_iri, web_address

_VALUE = frozenset({"text", "language", "iri", "known", "inferred"})


@dataclass(frozen=True, slots=True)
class Item:
    """A value to show: its words, the IRI that they stand for, where it leads (`inside`: to a page of ours).

    `inferred`: the harvester says so, not the portal.
    """

    text: str
    language: str = ""
    iri: str = ""
    href: str = ""
    inside: bool = False
    inferred: bool = False


def items(told: Any, path: Callable[[str], str]) -> Any:
    """Return what a worker told, with an Item for each value; `path` adds the proxy's prefix to a link."""
    if isinstance(told, list):
        return [items(each, path) for each in told]
    if not isinstance(told, dict):
        return told
    if told.keys() == _VALUE:
        return _item(told, path)
    return {name: items(each, path) for name, each in told.items()}


def has_inferred(shown: Any) -> bool:
    """Tell whether any of the values was inferred."""
    if isinstance(shown, dict):
        return any(map(has_inferred, shown.values()))
    if isinstance(shown, list):
        return any(map(has_inferred, shown))
    return isinstance(shown, Item) and shown.inferred


def _item(value: dict[str, Any], path: Callable[[str], str]) -> Item:
    iri = value["iri"]
    text = value["text"] or (_readable(iri) if iri else "")
    href = resource_address(path, iri) if value["known"] else web_address(iri)
    return Item(text, value["language"], iri, href, value["known"], value["inferred"])


def _readable(iri: str) -> str:
    scheme, _, mail = web_address(iri).partition(":")
    return mail if scheme == "mailto" else shorten_iri(iri)
