"""Shapes files, read into one shapes graph that engines can take and people can be told about."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import BlankNode, NamedNode, Triple, parse

from harvester.config import MEBIBYTE, data_dir
from harvester.errors import UsageError
from harvester.formats import BY_NAME
from harvester.rdf.depth import TooDeep, check_depth
from harvester.rdf.stand_ins import StandIns
from harvester.validate.batches import ntriples
from harvester.validate.checks import MAX_DEPTH, check_shapes, needs_sparql
from harvester.validate.rules import SH, Rule, local, read_rules
from harvester.vocab import RDFS

SHIPPED = "dcat-ap-3"
MAX_FILE = 16 * MEBIBYTE
_PROPERTY = NamedNode(SH + "property")
_PATH = NamedNode(SH + "path")
_SHAPE_TYPES = (NamedNode(SH + "NodeShape"), NamedNode(SH + "PropertyShape"))


@dataclass(frozen=True, slots=True)
class Shapes:
    """A shapes graph.

    `ntriples` is all of it in UTF-8, `rules` its shapes that results come from, by IRI; `facts` those of its
    triples that are data, too (rdfs:subClassOf); `replaces` the properties whose inferred values stand in
    for said ones; `sparql` whether it has constraints in SPARQL; `notices` tell what of it is passed over.
    """

    ntriples: bytes = field(repr=False)
    rules: Mapping[str, Rule] = field(repr=False)
    facts: tuple[Triple, ...] = field(repr=False)
    replaces: StandIns
    sparql: bool
    notices: tuple[str, ...]


def load_shapes(files: Sequence[str] = (SHIPPED,)) -> Shapes:
    """Read shapes files into one graph; "dcat-ap-3" is the shipped one, unless there is a file of that name.

    Raises UsageError for what is no RDF, with its line, and for shapes that cannot be applied.
    """
    triples: list[Triple] = []
    notices: list[str] = []
    for file in files:
        found = list(_named(_read(file), Path(file).stem))
        notices += check_shapes(found, file)
        if not read_rules(found):
            raise UsageError(
                f"{file} holds no shapes", fix="name a file with a sh:NodeShape that has a target"
            )
        triples += found
    return Shapes(
        ntriples=ntriples(triples),
        rules=read_rules(triples),
        facts=tuple(triple for triple in triples if triple.predicate.value == RDFS + "subClassOf"),
        replaces=StandIns.read(triples),
        sparql=needs_sparql(triples),
        notices=tuple(notices),
    )


def _read(file: str) -> list[Triple]:
    path = Path(file)
    if file == SHIPPED and not path.exists():
        path = data_dir("shapes") / f"{SHIPPED}.ttl"
    format_ = BY_NAME.get(path.suffix[1:].lower(), BY_NAME["ttl"]).rdf
    try:
        if path.stat().st_size > MAX_FILE:
            too_large = f"{file} is larger than {MAX_FILE:,} bytes"
            raise UsageError(too_large, fix="name a file of shapes, not of data")
        body = path.read_bytes()
        check_depth(body, format_, MAX_DEPTH)
        base = path.resolve().as_uri()
        return [quad.triple for quad in parse(body, format_, base_iri=base, rename_blank_nodes=True)]
    except OSError as error:
        cause = f"{file} cannot be read: {error.strerror or error}"
        raise UsageError(cause, fix="name a shapes file") from error
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise UsageError(f"{file}{line}: {error.msg}", fix="correct the file") from error
    except TooDeep as error:
        raise UsageError(f"{file} {error}", fix="flatten it") from error


def _named(triples: Sequence[Triple], stem: str) -> Iterator[Triple]:
    """Give names to shapes without one: results tell of their shape, and engines rename blank nodes."""
    names = _names(triples, f"urn:x-harvester:shapes:{quote(stem)}#")
    for triple in triples:
        subject, object_ = names.get(triple.subject, triple.subject), names.get(triple.object, triple.object)
        yield Triple(subject, triple.predicate, object_)


def _names(triples: Sequence[Triple], namespace: str) -> dict[object, NamedNode]:
    """Name shapes that are blank nodes for the shape that they belong to and their property."""
    parents: dict[object, str] = {}
    paths: dict[object, str] = {}
    for triple in triples:
        if triple.predicate == _PROPERTY:
            parents[triple.object] = _local(triple.subject)
        elif triple.predicate == _PATH:
            paths[triple.subject] = _local(triple.object)
        elif triple.predicate.value.startswith(SH + "target") or triple.object in _SHAPE_TYPES:
            parents.setdefault(triple.subject, "")
    names: dict[object, NamedNode] = {}
    taken: Counter[str] = Counter()
    for node, parent in parents.items():
        if isinstance(node, BlankNode):
            name = ".".join(filter(None, (parent, paths.get(node, "")))) or "shape"
            taken[name] += 1
            names[node] = NamedNode(namespace + name + (f"-{taken[name]}" if taken[name] > 1 else ""))
    return names


def _local(term: object) -> str:
    return local(term.value) if isinstance(term, NamedNode) else ""
