"""Atom feeds as XML (https://www.rfc-editor.org/rfc/rfc4287).

By the standard library: feedgen, the library for this, brings lxml along and fails on a control
character in a title, which the standard library writes and we have to replace in either case.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from harvester import __version__

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What https://www.w3.org/TR/xml/#charsets leaves out, control characters and halves of surrogate pairs."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a feed or an entry; all but `rel` and `href` may be ""."""

    rel: str
    href: str
    type: str = ""
    language: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A category: a term out of a scheme, and its name for people."""

    term: str
    scheme: str
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news."""

    id: str
    title: str
    summary: str
    updated: datetime
    links: Sequence[Link]
    labels: Sequence[Label]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed. `updated` has a time zone, as that of its entries; `home` is the author's address."""

    id: str
    title: str
    subtitle: str
    author: str
    home: str
    language: str
    updated: datetime
    links: Sequence[Link]
    entries: Sequence[Entry]


def write_atom(feed: Feed) -> bytes:
    """Write a feed as XML in UTF-8, well-formed whatever is in its texts."""
    root = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": feed.language})
    _put(root, "id", feed.id)
    _put(root, "title", feed.title)
    _put(root, "subtitle", feed.subtitle)
    _put(root, "updated", _moment(feed.updated))
    author = SubElement(root, "author")
    _put(author, "name", feed.author)
    _put(author, "uri", feed.home)
    _put(root, "generator", "harvester").set("version", __version__)
    _links(root, feed.links)
    for entry in feed.entries:
        node = SubElement(root, "entry")
        _put(node, "id", entry.id)
        _put(node, "title", entry.title)
        _put(node, "updated", _moment(entry.updated))
        _put(node, "summary", entry.summary)
        _links(node, entry.links)
        for label in entry.labels:
            _put(node, "category").attrib |= _attributes(
                term=label.term, scheme=label.scheme, label=label.label
            )
    body: bytes = tostring(root, "utf-8", xml_declaration=True)
    return body


def xml_text(text: str) -> str:
    r"""Return a text as XML can hold it.

    >>> xml_text("a\x00b\ud800c")
    'a�b�c'
    """
    return _NOT_XML.sub("\ufffd", text)


def _put(parent: Element, name: str, text: str = "") -> Element:
    node = SubElement(parent, name)
    if text:
        node.text = xml_text(text)
    return node


def _links(parent: Element, links: Sequence[Link]) -> None:
    for link in links:
        _put(parent, "link").attrib |= _attributes(
            rel=link.rel, type=link.type, hreflang=link.language, href=link.href, title=link.title
        )


def _attributes(**values: str) -> dict[str, str]:
    return {name: xml_text(value) for name, value in values.items() if value}


def _moment(when: datetime) -> str:
    """Write a time as https://www.rfc-editor.org/rfc/rfc3339 has it."""
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
