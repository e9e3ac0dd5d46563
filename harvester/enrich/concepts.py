"""Concept schemes: the portal's code lists with its own labels, and the vocabularies that they match."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from harvester.enrich.lift import concept_iri
from harvester.enrich.portal import PortalFacts
from harvester.model import Kind, Record
from harvester.rdf.iris import repair
from harvester.rdf.records import record_of
from harvester.rdf.rows import Row, read_ntriples
from harvester.vocab import DCT, HV, RDF, SHARED, SKOS

_NONE: Mapping[str, str] = MappingProxyType({})
_TYPE = NamedNode(RDF + "type")
_SCHEME = NamedNode(SKOS + "ConceptScheme")
_IN_SCHEME = NamedNode(SKOS + "inScheme")
_TITLE = NamedNode(DCT + "title")
_PREF_LABEL = NamedNode(SKOS + "prefLabel")
_NOTATION = NamedNode(SKOS + "notation")
_MAPS = tuple(
    NamedNode(iri) for iri in (HV + "class", *(f"{SKOS}{m}Match" for m in ("exact", "close", "broad")))
)


def mapped_concepts(crosswalk: Store) -> frozenset[str]:
    """Return the IRIs of the concepts that the crosswalk takes somewhere."""
    return frozenset(subject for maps in _MAPS for subject in _subjects(crosswalk, maps))


def portal_scheme(
    portal: PortalFacts,
    path: str,
    crosswalk: Store,
    labels: Mapping[str, Sequence[object]],
    used: Iterable[str] = (),
    matches: Mapping[str, str] = _NONE,
) -> Record:
    """Describe the code list at `path` below the portal's API root.

    `labels` holds, by language, the list as the portal gives it (`[{"id", "label"}, …]`). If it gives none,
    the crosswalk's concepts and labels serve. `used` are concepts that things have, listed or not; `matches`
    the addresses by which some codes are known elsewhere, such as those of licences.
    """
    scheme = f"{portal.root}{path}"
    listed = _labels(portal, path, labels)
    concepts = {
        *(listed or _subjects(crosswalk, _IN_SCHEME, NamedNode(scheme))),
        *(iri for iri in used if iri.startswith(f"{scheme}#")),
    }
    lines = [f"<{scheme}> {_TYPE} {_SCHEME} .", *_said(crosswalk, scheme)]
    for iri in sorted(concepts):
        own, code = listed.get(iri, {}), unquote(iri.split("#", 1)[1])
        lines += [f"<{iri}> {_TYPE} <{SKOS}Concept> .", f"<{iri}> {_IN_SCHEME} <{scheme}> ."]
        lines += [f"<{iri}> {_NOTATION} {Literal(code)} .", *_said(crosswalk, iri, own.keys())]
        lines += [f"<{iri}> {_PREF_LABEL} {Literal(own[tag], language=tag)} ." for tag in own]
        match = repair(matches[code]) if code in matches else None
        lines += [f"<{iri}> <{SKOS}exactMatch> <{match}> ."] if match else []
    return _record(portal.key, scheme, lines, source=scheme)


def portal_paths(portal: PortalFacts, crosswalk: Store) -> set[str]:
    """Return the paths below the portal's API root of the code lists whose codes the crosswalk describes."""
    schemes = {str(quad.object)[1:-1] for quad in crosswalk.quads_for_pattern(None, _IN_SCHEME, None)}
    return {scheme.removeprefix(portal.root) for scheme in schemes if scheme.startswith(portal.root)}


@lru_cache(maxsize=8)
def shared_schemes(root: str, lists: tuple[bytes, ...]) -> tuple[Record, ...]:
    """Describe the schemes in Turtle files that are not the portal's own, the EU's data themes for one.

    `root` is that of the portal's API, "/" where it has none. Remembered, since it takes a tenth of a run in
    which nothing changed.
    """
    concepts = Store()
    for text in lists:
        concepts.load(text, RdfFormat.TURTLE, base_iri=root if ":" in root else None)
    records = []
    for scheme in sorted(_subjects(concepts, _TYPE, _SCHEME)):
        if not scheme.startswith(root):
            subjects = [scheme, *sorted(_subjects(concepts, _IN_SCHEME, NamedNode(scheme)))]
            lines = [line for subject in subjects for line in _said(concepts, subject)]
            records.append(_record(SHARED, scheme, lines, source=scheme))
    return tuple(records)


def _subjects(crosswalk: Store, predicate: NamedNode, value: NamedNode | None = None) -> set[str]:
    quads = crosswalk.quads_for_pattern(None, predicate, value)
    return {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}


def _said(crosswalk: Store, subject: str, translated: Iterable[str] = ()) -> list[str]:
    """Return what the crosswalk says in SKOS, with titles of schemes, less the labels that the portal has.

    Its hv: hints are for the rules only.
    """
    own = tuple(f"@{language}" for language in translated)
    quads = crosswalk.quads_for_pattern(NamedNode(subject), None, None)
    return [
        f"{q.subject} {q.predicate} {q.object} ."
        for q in quads
        if q.predicate in (_TYPE, _TITLE) or q.predicate.value.startswith(SKOS)
        if not (q.predicate == _PREF_LABEL and str(q.object).endswith(own))
    ]


def _labels(
    portal: PortalFacts, path: str, labels: Mapping[str, Sequence[object]]
) -> dict[str, dict[str, str]]:
    """Return concept IRI → language → label, for the well-formed items of the portal's lists."""
    found: dict[str, dict[str, str]] = {}
    for language, items in labels.items():
        for item in items:
            iri = concept_iri(portal, path, item.get("id")) if isinstance(item, dict) else None
            if iri and isinstance(item, dict):
                names = found.setdefault(iri, {})
                if isinstance(label := item.get("label"), str) and label:
                    names[language] = label.encode(errors="replace").decode()
    return found


def _record(key: str, scheme: str, lines: Iterable[str], *, source: str) -> Record:
    rows: list[Row] = read_ntriples("".join(f"{line}\n" for line in lines)).rows
    return record_of(key, Kind.CONCEPTS, scheme, rows, source=source, ids=())
