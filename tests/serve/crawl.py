"""Pages read in both languages, link by link: what French ones say as English ones do."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from pyoxigraph import Literal, Quad

from tests.serve.messages import forms, translated
from tests.serve.site import get
from tests.serve.support import Server

BEGIN = (
    "/",
    "/no/such/page",
    "/queries/typed?count=many",
    "/queries/numbers?page=2",
    "/sparql?query=nonsense",
    "/sparql?query=ASK%20%7B%7D",
    "/search?q=velo",
    "/search?q=zzzz",
    "/reuses",
    "/runs",
    "/resource?iri=urn:no:such",
)
"""Where reading begins; all else is followed from there."""
LIKE_EACH_OTHER = 3
"""Pages of one kind that are read, however many there are; all queries are."""
OTHERS = ("/language/", "/static/", "/dumps/c", "/dumps/S", "/health", "/metrics", "/.well-known", "/charts/")
"""Addresses that lead to no page."""

_HTML = "text/html"


class Texts(HTMLParser):
    """The texts of a page that are in its own language, and neither code nor marked as the catalogue's."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.language = ""
        self.texts: list[str] = []
        self.links: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(body)

    def handle_starttag(self, tag, attributes):
        values = {name: value or "" for name, value in attributes}
        self.language = self.language or values.get("lang", "")
        if tag == "a":
            self.links.append(values.get("href", ""))
        ours = self._ours and values.get("lang", self.language) == self.language
        ours = ours and tag not in ("code", "pre", "script", "style", "textarea", "bdi")
        ours = ours and values.get("dir") != "auto"
        if tag not in ("meta", "link", "input", "img", "br", "hr", "wbr", "source", "path"):
            self._open.append((tag, ours))
        if ours:
            self.texts += [
                values[name] for name in ("title", "aria-label", "alt", "placeholder") if name in values
            ]

    def handle_endtag(self, tag):
        if tag in [name for name, _ in self._open]:
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data):
        if self._ours and data.strip():
            self.texts.append(" ".join(data.split()))

    @property
    def _ours(self) -> bool:
        return not self._open or self._open[-1][1]


def untranslated(server: Server, data: str, besides: tuple[str, ...] = ()) -> dict[str, str]:
    """Return texts that are the same in both languages, and a page that has each.

    Not those that are in `data` or in a query that is asked, nor short ones unless they are messages with
    other words in French. Addresses that begin with one of `besides` are left out.
    """
    messages = _messages()
    judged = set(data.splitlines())  # most of what is data is a whole text of the catalogue
    found: dict[str, str] = {}
    for path, english, french in _pages(server, (*OTHERS, *besides)):
        same = set(english.texts) & set(french.texts) - judged
        answer = unquote_plus(path) if path.startswith("/sparql?") else ""
        for text in same:
            if answer and (text in messages or text in answer):
                continue
            judged.add(text)
            if (_is_prose(text) or text in messages) and text.rstrip("…") not in data:
                found[text] = path
    return found


def literals(quads: Iterable[Quad]) -> str:
    """Return the texts of a catalogue, in one."""
    texts = {quad.object.value for quad in quads if isinstance(quad.object, Literal)}
    return "\n".join(" ".join(text.split()) for text in texts)


def _pages(server: Server, others: tuple[str, ...]) -> Iterator[tuple[str, Texts, Texts]]:
    """Yield pages, as they are in English and in French."""
    seen: set[str] = set()
    kinds: Counter[object] = Counter()
    waiting = deque(BEGIN)
    while waiting:
        path = waiting.popleft()
        kind = _kind(path)
        if path in seen or kinds[kind] >= LIKE_EACH_OTHER or path.startswith(others):
            continue
        seen.add(path)
        kinds[kind] += 1
        replies = [get(server, path, _HTML, Accept_Language=language) for language in ("en", "fr")]
        if replies[0].media_type == _HTML:
            english, french = (Texts(reply.body.decode()) for reply in replies)
            yield path, english, french
            waiting += [link.partition("#")[0] for link in french.links if link.startswith("/")]


def _kind(path: str) -> object:
    """Return the same for pages that are made alike: of one query, or of one part with as many parameters."""
    parts = urlsplit(path)
    names = {name for name, _ in parse_qsl(parts.query)}
    return parts.path if parts.path.startswith("/queries/") else parts.path.split("/")[1], len(names)


def _is_prose(text: str) -> bool:
    return len(re.findall(r"[^\W\d_]{2,}", text)) > 2 and " " in text


def _messages() -> set[str]:
    """Return the messages that have other words in French, and are not French themselves."""
    catalogue = [message for message in translated("fr") if message.id]
    french = {text for message in catalogue for text in forms(message.string)}
    return {text for message in catalogue for text in forms(message.id)} - french
