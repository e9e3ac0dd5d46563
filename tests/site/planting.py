"""The demo's catalogue with every text and every address turned into an attack."""

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from harvester.search.building import build
from harvester.store.generation import SEARCH
from harvester.store.generations import Catalogue
from harvester.vocab import DETAILS_GRAPHS, RDF, RECORD_GRAPHS
from tests.once import copied

MARK = "planted"
PLANT = (
    f"<script>alert(1)</script><img src=x onerror=alert(2)></title></script></textarea>\"'"
    f"><b id={MARK}>{MARK}</b>\u202e\u2066{{{{7*7}}}}{{% raw %}}%(x)s "
    "[x](javascript:alert(3)) ![x](http://evil.example/x.png) <http://evil.example/> ]]>&amp;<!--"
)
SCRIPT = "javascript:alert(4)//"
TEXTS = ("http://www.w3.org/2001/XMLSchema#string", RDF + "langString")
KEPT = (RDF, "http://publications.europa.eu/", "http://www.w3.org/", "http://purl.org/", "http://spdx.org/")
"""IRIs that are words of vocabularies, by which pages know what a thing is."""


def plant(demo_store: Path, folder: Path) -> None:
    """Make of the demo's catalogue one in which all that portals said ends in PLANT, or leads to SCRIPT."""
    copied(demo_store, folder)
    catalogue = Catalogue(folder)
    with catalogue.require().open() as reader:
        quads = list(reader)
    subjects = {quad.subject for quad in quads}
    with catalogue.lock("a test"), catalogue.stage("planted") as stage:
        stage.store.clear()
        stage.store.extend(_with_plants(quads, subjects))
        stage.store.flush()
        build(stage.store, stage.path / SEARCH, "planted", None, lambda done: None)
        stage.publish({"portal": "portal.test"})


def _with_plants(quads: list[Quad], subjects: set[NamedNode | BlankNode | Triple]) -> Iterator[Quad]:
    for number, quad in enumerate(quads):
        theirs = getattr(quad.graph_name, "value", "").startswith((RECORD_GRAPHS, DETAILS_GRAPHS))
        yield (
            Quad(quad.subject, quad.predicate, _plant(quad, number, subjects), quad.graph_name)
            if (theirs)
            else quad
        )


def _plant(
    quad: Quad, number: int, subjects: set[NamedNode | BlankNode | Triple]
) -> NamedNode | BlankNode | Literal | Triple:
    thing = quad.object
    if isinstance(thing, Literal) and thing.datatype.value in TEXTS:
        if thing.language:
            return Literal(thing.value + PLANT, language=thing.language)
        return Literal(thing.value + PLANT)
    if isinstance(thing, NamedNode) and thing not in subjects and not thing.value.startswith(KEPT):
        return NamedNode(f"{SCRIPT}{number}")
    return thing
