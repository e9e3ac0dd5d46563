"""Small catalogues with an index, without a harvest."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from harvester.search.building import build
from harvester.search.finding import Finder, Search
from harvester.store.generation import SEARCH
from harvester.store.manifest import Manifest
from harvester.vocab import DCAT, DCT, RDF

PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX hv: <urn:x-harvester:vocabulary#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX : <http://a.example/>
"""


def no_label(_iri: str, _language: str) -> str:
    return ""


def write_manifest(folder: Path, run: str = "run") -> None:
    Manifest(id=folder.name, created=datetime(2026, 1, 31, tzinfo=UTC), run=run, quads=0).write(folder)


def index(folder: Path, store: Store, affected: Iterable[str] | None = None, label=no_label) -> Finder:
    """Make what `folder` has an index of the store, and a generation that can be searched."""
    folder.mkdir(exist_ok=True)
    build(store, folder / SEARCH, "run", affected, lambda _: None)
    write_manifest(folder)
    return Finder(folder, label)


def catalogue(trig: str) -> Store:
    store = Store()
    store.load(f"{PREFIXES}\n{trig}".encode(), RdfFormat.TRIG)
    return store


def titled(*titles: str | Literal) -> Store:
    """A store of datasets with nothing but titles, in graphs of their own."""
    store = Store()
    for number, title in enumerate(titles):
        iri, graph = NamedNode(f"http://a.example/{number}"), NamedNode(f"urn:g:{number}")
        text = title if isinstance(title, Literal) else Literal(title)
        store.add(Quad(iri, NamedNode(RDF + "type"), NamedNode(DCAT + "Dataset"), graph))
        store.add(Quad(iri, NamedNode(DCT + "title"), text, graph))
    return store


def titles(finder: Finder, text: str, **how) -> list[str]:
    """Titles of the hits, the first one first."""
    return [hit["title"] for hit in finder.find(Search(text, **how))["hits"]]
