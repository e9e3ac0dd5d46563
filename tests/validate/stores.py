"""Small catalogues for the tests of validation."""

from pathlib import Path

from pyoxigraph import RdfFormat, Store, parse

from harvester.validate.batches import Source
from harvester.validate.engine import Engine
from harvester.validate.outcome import Portal
from harvester.validate.rules import Severity
from harvester.validate.shapes import Shapes, load_shapes
from harvester.validate.validation import Wanted, judge

PREFIXES = """
@prefix : <http://a.example/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix hv: <urn:x-harvester:vocabulary#> .
@prefix record: <urn:x-harvester:record:a.example:http://a.example/> .
@prefix details: <urn:x-harvester:details:a.example:http://a.example/> .
@prefix inferred: <urn:x-harvester:inferred:a.example:http://a.example/> .
@prefix quality: <urn:x-harvester:quality:a.example:http://a.example/> .
@prefix other: <urn:x-harvester:record:b.example:http://a.example/> .
@prefix urn: <urn:x-harvester:> .
"""


def store_of(text: str, path: Path | None = None) -> Store:
    """Return a store that holds a TriG document; on disk at `path`."""
    store = Store(path) if path else Store()
    store.extend(parse(PREFIXES + text, RdfFormat.TRIG))
    return store


def shapes_of(folder: Path, text: str, name: str = "mine.ttl") -> Shapes:
    """Read shapes written into a file of `folder`."""
    file = folder / name
    file.write_text(PREFIXES + text)
    return load_shapes([str(file)])


def found(store: Store, engine: Engine, shapes: Shapes, **options) -> dict[str, Portal]:
    """Judge a store; what was found, by portal."""
    source = Source(store, replaces=shapes.replaces, facts=shapes.facts, **options)
    return {
        portal.key: portal for portal in judge(source, engine, dict(shapes.rules), Wanted(Severity.INFO, 3))
    }


def names(portal: Portal) -> set[tuple[str, str]]:
    """Return rules that were broken, each with the resource of one example."""
    return {
        (f.rule.name, e.resource.rpartition("/")[2]) for f in portal.findings.values() for e in f.examples
    }
