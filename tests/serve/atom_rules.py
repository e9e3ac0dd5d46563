"""The rules of Atom, read from RFC 4287 and not from our code: what is wrong with a feed, in words.

https://www.rfc-editor.org/rfc/rfc4287 (its RELAX NG grammar, and the rules in its text).
"""

import re
from collections import Counter
from datetime import datetime
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"

_ONE = {"feed": ("id", "title", "updated"), "entry": ("id", "title", "updated")}
_AT_MOST_ONE = {
    "feed": ("generator", "icon", "logo", "rights", "subtitle"),
    "entry": ("content", "published", "rights", "source", "summary"),
}
_MANY = {"feed": ("author", "contributor", "category", "link", "entry")}
_MANY["entry"] = ("author", "contributor", "category", "link")
_TEXTS = ("title", "subtitle", "summary", "rights")
_ATTRIBUTES = {
    "link": {"href", "rel", "type", "hreflang", "title", "length"},
    "category": {"term", "scheme", "label"},
    "generator": {"uri", "version"},
    **{name: {"type"} for name in (*_TEXTS, "content")},
}
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+")
_MEDIA_TYPE = re.compile(r".+/.+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def mistakes(document: bytes) -> list[str]:
    """Return what is wrong with a feed document, nothing if it is as it should be."""
    try:
        root = ET.fromstring(document)
    except ET.ParseError as error:
        return [f"not well-formed: {error}"]
    if root.tag != ATOM + "feed":
        return [f"{root.tag} is no feed"]
    entries = root.findall(ATOM + "entry")
    found = [*_container(root, "feed"), *(wrong for entry in entries for wrong in _container(entry, "entry"))]
    ids = Counter(entry.findtext(ATOM + "id") for entry in entries)
    found += [f"two entries have the id {each}" for each, number in ids.items() if number > 1]
    if root.find(ATOM + "author") is None:
        found += ["an entry without author" for entry in entries if entry.find(ATOM + "author") is None]
        found += [] if entries else ["nobody is the author"]
    if not any(link.get("rel") == "self" for link in root.findall(ATOM + "link")):
        found.append("the feed has no link to itself")
    return found


def _container(node: ET.Element, kind: str) -> list[str]:
    counts = Counter(child.tag.removeprefix(ATOM) for child in node)
    found = [f"{kind} has {counts[name]} {name}" for name in _ONE[kind] if counts[name] != 1]
    found += [f"{kind} has {counts[name]} {name}" for name in _AT_MOST_ONE[kind] if counts[name] > 1]
    known = {*_ONE[kind], *_AT_MOST_ONE[kind], *_MANY[kind]}
    found += [f"{kind} may not have {name}" for name in counts if name not in known]
    if (node.text or "").strip():
        found.append(f"{kind} has text of its own")
    links = node.findall(ATOM + "link")
    alternates = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in links
        if link.get("rel", "alternate") == "alternate"
    )
    found += [f"{kind} has two alternates {each}" for each, number in alternates.items() if number > 1]
    if kind == "entry" and not alternates and not counts["content"]:
        found.append("an entry has neither content nor an alternate")
    return found + [wrong for child in node if child.tag != ATOM + "entry" for wrong in _part(child)]


def _part(node: ET.Element) -> list[str]:
    name, text = node.tag.removeprefix(ATOM), node.text or ""
    known = _ATTRIBUTES.get(name, set())
    found = [
        f"{name} may not have @{each}"
        for each in node.attrib
        if each not in known and each not in (XML + "lang", XML + "base")
    ]
    if name in ("id", "icon", "logo", "uri") and not _IRI.fullmatch(text):
        found.append(f"{name} is no IRI: {text!r}")
    if name in ("updated", "published"):
        found += _date(text)
    if name in _TEXTS and (node.get("type", "text") not in ("text", "html", "xhtml") or len(node)):
        found.append(f"{name} is no plain text")
    if name == "link":
        found += _link(node)
    if name == "category" and (not node.get("term") or not _IRI.fullmatch(node.get("scheme", "urn:x"))):
        found.append("category without term, or with a scheme that is no IRI")
    if name in ("author", "contributor"):
        names = [child.text for child in node if child.tag == ATOM + "name"]
        found += [] if len(names) == 1 and names[0] else [f"{name} without one name"]
        found += [wrong for child in node for wrong in _part(child)]
    return found


def _link(node: ET.Element) -> list[str]:
    href = node.get("href", "")
    found = [] if _IRI.fullmatch(href) else [f"link to {href!r}"]
    if (rel := node.get("rel")) is not None and not re.fullmatch(r"[^:]+", rel) and not _IRI.fullmatch(rel):
        found.append(f"link of the relation {rel!r}")
    if not _MEDIA_TYPE.fullmatch(node.get("type", "a/b")):
        found.append("link with a broken type")
    if not _LANGUAGE.fullmatch(node.get("hreflang", "en")):
        found.append("link with a broken language")
    return found


def _date(text: str) -> list[str]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return [f"no date: {text!r}"]
    return [] if _DATE.fullmatch(text) and moment.tzinfo else [f"no date of RFC 3339: {text!r}"]
