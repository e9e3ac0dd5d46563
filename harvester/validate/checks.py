"""A look at a shapes graph before an engine has it: engines pass over what they do not know, and die of some.

A misspelt constraint never fails, and thousands of shapes within each other end the process.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from harvester.errors import UsageError
from harvester.query.sparql import read
from harvester.validate.rules import SH, local
from harvester.vocab import PREFIXES, RDF, RDFS, XSD

MAX_DEPTH = 64
"""Most shapes and paths within each other."""
MAX_LIST = 1_000
"""Longest list: pyrudof recurses along lists, too, and dies of 20,000."""

_TARGETS = "targetClass targetNode targetObjectsOf targetSubjectsOf"
_PATHS = "path alternativePath inversePath oneOrMorePath zeroOrMorePath zeroOrOnePath"
_NESTED = "and in ignoredProperties languageIn node not or property qualifiedValueShape xone"
_CONSTRAINTS = (
    "class closed datatype disjoint equals flags hasValue lessThan lessThanOrEquals maxCount maxExclusive"
    " maxInclusive maxLength minCount minExclusive minInclusive minLength nodeKind pattern qualifiedMaxCount"
    " qualifiedMinCount qualifiedValueShapesDisjoint uniqueLang"
)
_WORDS = "deactivated defaultValue description entailment group message name order severity shapesGraph"
_SPARQL = (
    "ask declare labelTemplate namespace nodeValidator optional parameter prefix prefixes propertyValidator"
    " select sparql validator"
)
"""https://www.w3.org/TR/shacl/#sparql-constraints and sparql-constraint-components"""
_KNOWN = frozenset(f"{_TARGETS} {_PATHS} {_NESTED} {_CONSTRAINTS} {_WORDS} {_SPARQL}".split())
_ADVANCED = ("expression", "filterShape", "function", "js", "nodes", "rule", "target", "values")
"""Of https://www.w3.org/TR/shacl-af/ and shacl-js: what neither engine evaluates."""
_OF_PATHS = frozenset(SH + name for name in _PATHS.split())
_EDGES = frozenset(SH + name for name in f"{_PATHS} {_NESTED}".split()) | {RDF + "first", RDF + "rest"}
_QUERIES = (SH + "select", SH + "ask")
_BY_SPARQL = frozenset(SH + name for name in ("sparql", "validator", "nodeValidator", "propertyValidator"))
_IMPORTS = "http://www.w3.org/2002/07/owl#imports"
_USUAL = {"owl": "http://www.w3.org/2002/07/owl#", "rdf": RDF, "rdfs": RDFS, "sh": SH, "xsd": XSD}


def needs_sparql(triples: Sequence[Triple]) -> bool:
    """Tell whether a shapes graph has constraints written in SPARQL."""
    return any(triple.predicate.value in _BY_SPARQL for triple in triples)


def check_shapes(triples: Sequence[Triple], file: str) -> list[str]:
    """Return what engines will pass over in a shapes graph, in sentences; `file` names it.

    Raises UsageError for what an engine might not survive, or what would reach for the network.
    """
    _check_nesting(triples, file)
    _check_queries(triples, file)
    return [*_unknown(triples, file), *_pathless(triples, file), *_imports(triples, file)]


def _unknown(triples: Sequence[Triple], file: str) -> Iterator[str]:
    """Tell of terms that no engine knows, which it takes for no constraint at all."""
    terms = {triple.predicate.value for triple in triples if triple.predicate.value.startswith(SH)}
    for name in sorted(term.removeprefix(SH) for term in terms):
        if name in _ADVANCED:
            yield f"{file}: sh:{name} is not evaluated"
        elif name not in _KNOWN:
            close = get_close_matches(name, _KNOWN, n=1)
            hint = f"; did you mean sh:{close[0]}?" if close else ""
            yield f"{file}: sh:{name} is passed over, SHACL has no such term{hint}"


def _pathless(triples: Sequence[Triple], file: str) -> Iterator[str]:
    having = {triple.subject for triple in triples if triple.predicate.value == SH + "path"}
    owners = {
        str(triple.subject)
        for triple in triples
        if triple.predicate.value == SH + "property" and triple.object not in having
    }
    for owner in sorted(owners):
        yield f"{file}: a property shape of {owner} is passed over, it has no sh:path"


def _imports(triples: Sequence[Triple], file: str) -> Iterator[str]:
    for triple in triples:
        if triple.predicate.value == _IMPORTS:
            yield f"{file}: {triple.object} is not fetched (owl:imports); name a file of it by --shapes"


def _check_nesting(triples: Sequence[Triple], file: str) -> None:
    """Refuse shapes that contain themselves, lists too long, and shapes too deep within each other.

    What recursive shapes mean is undefined: https://www.w3.org/TR/shacl/#shapes-recursion
    """
    edges: dict[object, list[tuple[object, bool]]] = defaultdict(list)
    waiting: Counter[object] = Counter()
    for triple in triples:
        # A path that is an IRI is a property, which may have the name of its shape.
        kinds = BlankNode if triple.predicate.value in _OF_PATHS else NamedNode | BlankNode
        if triple.predicate.value in _EDGES and isinstance(triple.object, kinds):
            edges[triple.subject].append((triple.object, triple.predicate.value == RDF + "rest"))
            waiting[triple.object] += 1
    depth: Counter[object] = Counter()
    length: Counter[object] = Counter()
    ready = [node for node in edges if not waiting[node]]
    while ready:
        node = ready.pop()
        for target, is_rest in edges.get(node, ()):
            depth[target] = max(depth[target], depth[node] + (not is_rest))
            length[target] = max(length[target], length[node] + 1 if is_rest else 0)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    if loop := sorted(str(node) for node, left in waiting.items() if left):
        raise UsageError(f"{file}: {loop[0]} contains itself", fix="write shapes and lists without recursion")
    if max(depth.values(), default=0) > MAX_DEPTH:
        raise UsageError(f"{file} nests shapes more than {MAX_DEPTH} deep", fix="flatten them")
    if max(length.values(), default=0) > MAX_LIST:
        raise UsageError(f"{file} has a list of more than {MAX_LIST:,}", fix="say it by a pattern or a class")


def _check_queries(triples: Sequence[Triple], file: str) -> None:
    """Refuse queries that would ask other servers, or load what they name."""
    prefixes = _texts(triples, SH + "prefix")
    namespaces = {
        prefixes[node]: iri for node, iri in _texts(triples, SH + "namespace").items() if node in prefixes
    }
    for triple in triples:
        if triple.predicate.value not in _QUERIES or not isinstance(triple.object, Literal):
            continue
        try:
            query = read(triple.object.value, known=PREFIXES | _USUAL | namespaces)
        except UsageError as error:
            raise UsageError(
                f"{file}: sh:{local(triple.predicate.value)}: {error.cause}", fix=error.fix
            ) from error
        if query.names_dataset:
            raise UsageError(
                f"{file}: a query says FROM", fix="shapes speak of the data at hand: take it out"
            )


def _texts(triples: Sequence[Triple], predicate: str) -> dict[object, str]:
    """Return the literal that each subject has of a predicate."""
    return {
        t.subject: t.object.value
        for t in triples
        if t.predicate.value == predicate and isinstance(t.object, Literal)
    }
