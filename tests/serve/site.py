"""A site: a small catalogue, canned queries of all kinds, and pages read as a browser reads them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from harvester.search.building import build
from harvester.store.generation import SEARCH
from harvester.store.generations import Generation
from tests.serve.support import Reply, Server, publish, serving
from tests.waiting import awaited

CATALOGUE = Path(__file__).parents[1] / "query" / "catalogue.trig"

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
"""What must never become markup, wherever it comes from."""

HOSTILE = r"""
<urn:x-harvester:record:c.example:http://c.example/d> {
  <http://c.example/d> a <http://www.w3.org/ns/dcat#Dataset> ;
    <http://purl.org/dc/terms/title> "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>" ;
    <http://purl.org/dc/terms/title> "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"@fr ;
    <http://purl.org/dc/terms/relation> <javascript:alert(1)>, <data:text/html,x>, <http://c.example/'x='y> .
}
"""


def _numbers(count: int) -> str:
    return " ".join(map(str, range(count)))


_NAMED = f"SELECT ?n (STR(?n) AS ?name) {{ VALUES ?n {{ {_numbers(25)} }} }} ORDER BY ?n"
QUERIES = {
    "many": "#+ summary: More than fit\n"
    f"SELECT ?a ?b {{ VALUES ?a {{ {_numbers(101)} }} VALUES ?b {{ {_numbers(101)} }} }}",
    "few": f"#+ summary: Not so many\nSELECT ?a {{ VALUES ?a {{ {_numbers(100)} }} }}",
    "long": "#+ summary: A text again and again\n"
    f"SELECT ?a (?_text AS ?b) {{ VALUES ?a {{ {_numbers(200)} }} }}",
    "numbers": "#+ summary: Numbers in pages\n#+ pagination: 10\n"
    f"SELECT ?n {{ VALUES ?n {{ {_numbers(25)} }} }} ORDER BY ?n",
    "hostile": f"""#+ summary: {json.dumps(EVIL)}
#+ description: '<script>alert(1)</script> and [a link](javascript:alert(1))'
#+ tags: ['<b>tag</b>']
#+ defaults: {{word: '"><script>alert(1)</script>'}}
#+ enumerate: {{kind: ['"><script>alert(1)</script>', plain]}}
PREFIX dct: <http://purl.org/dc/terms/>
SELECT ?title ?thing {{ <http://c.example/d> dct:title|dct:relation ?title , ?thing
  FILTER(COALESCE(?thing != ?__word && ?thing != ?__kind && ?thing != ?__text, true)) }}""",
    "own-names": """#+ summary: A format and a page of its own
#+ pagination: 2
SELECT (?_format AS ?x) (?__page_integer AS ?y) ?n { VALUES ?n { 1 2 3 } } ORDER BY ?n""",
    "posted": """#+ summary: A long text
#+ method: POST
#+ example: {text: word}
SELECT (STRLEN(?_text) AS ?length) {}""",
    "truth": "#+ summary: Whether there are datasets\nASK { ?d a <http://www.w3.org/ns/dcat#Dataset> }",
    "typed": """#+ summary: Every type
#+ defaults: {number: 2.5, flag: 'true'}
#+ enumerate: {size: ['1', '2']}
#+ example: {day: 2026-01-31, iri: 'http://a.example/datasets/d1', count: '3'}
SELECT ?a ?b ?c ?d ?e ?f ?g ?h {
  VALUES ?a { 1 }
  BIND(?_day_date AS ?b) BIND(?_iri_iri AS ?c) BIND(?_count_integer AS ?d) BIND(?__number_number AS ?e)
  BIND(?__flag_boolean AS ?f) BIND(?__size_integer AS ?g) BIND(?__word_fr AS ?h) BIND(?__at_dateTime AS ?i)
}""",
    "charted": f"#+ summary: Charted\n#+ pagination: 20\n#+ chart: {{type: bar, x: name, y: n}}\n{_NAMED}",
    "whole": f"#+ summary: Whole\n#+ chart: {{type: bar, x: name, y: n}}\n{_NAMED}",
    "nothing": "#+ summary: Nothing\nSELECT ?x ?y { ?x <urn:no:such> ?y }",
    "broken": "#+ summary: Broken\n#+ pagination: none\nSELECT ?x { ?x ?y ?z } ORDER BY ?x",
}
"""Files of canned queries by name."""


@contextmanager
def site(folder: Path, *options: str) -> Iterator[Server]:
    """Serve a catalogue with the shipped queries and those above; `folder` is empty."""
    add_index(publish(folder / "store", CATALOGUE.read_text(encoding="utf-8") + HOSTILE))
    queries = folder / "queries"
    queries.mkdir()
    for name, text in QUERIES.items():
        (queries / f"{name}.rq").write_text(text, encoding="utf-8")
    with serving(folder / "store", "--queries", str(queries), "--access-log", "off", *options) as server:
        yield server


def add_index(generation: Generation) -> None:
    """Give a generation a search index, as a harvest does."""
    with generation.open() as store:
        build(store, generation.path / SEARCH, generation.manifest.run, None, lambda _: None)


def settled(server: Server) -> None:
    """Return when the start page has gathered all that it shows, in both languages, and asks no more."""
    for language in ("en", "fr"):
        awaited(
            lambda language=language: get(server, "/", "text/html", Accept_Language=language).body,
            lambda body: b'role="status">' not in body,
        )


def get(server: Server, path: str, accept: str = "*/*", **headers: str) -> Reply:
    """Ask for something."""
    return server.ask("GET", path, {"Accept": accept, **{k.replace("_", "-"): v for k, v in headers.items()}})


def get_json(server: Server, path: str) -> Any:
    """Ask for something that comes, as JSON."""
    reply = get(server, path, "application/json")
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


@dataclass(frozen=True)
class Element:
    """An element of a page, with the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def __str__(self) -> str:
        return " ".join("".join(self.text).split())


class Page(HTMLParser):
    """A page, read as a browser reads it: its elements in order."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        assert reply.media_type == "text/html", reply
        self.reply = reply
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(reply.body.decode())

    def handle_starttag(self, tag, attributes):
        element = Element(tag, {name: value or "" for name, value in attributes})
        self.elements.append(element)
        if tag not in ("meta", "link", "input", "img", "br", "hr"):
            self._open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if self._open and self._open[-1] is self.elements[-1]:
            self._open.pop()

    def handle_endtag(self, tag):
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop().tag == tag

    def handle_data(self, data):
        for element in self._open:
            element.text.append(data)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of that kind with those attributes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [e for e in self.elements if e.tag == tag and wanted.items() <= e.attributes.items()]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only such element."""
        (found,) = self.all(tag, **attributes)
        return found


def page(server: Server, path: str, status: int = 200) -> Page:
    """Ask for a page as a browser does."""
    reply = get(server, path, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    assert reply.status == status, reply.body.decode()
    return Page(reply)
