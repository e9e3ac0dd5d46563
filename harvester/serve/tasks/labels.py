"""What things are called, looked up for pages."""

import json
from collections.abc import Iterable
from itertools import islice

from pyoxigraph import Literal, NamedNode, Store

from harvester.rdf.iris import is_valid
from harvester.rdf.languages import rank
from harvester.vocab import DCT, FOAF, RDFS, SCHEMA, SKOS, VCARD
from harvester.workers.task import Work

TITLES = (
    SKOS + "prefLabel",
    DCT + "title",
    FOAF + "name",
    VCARD + "fn",
    SCHEMA + "name",
    RDFS + "label",
)
"""Properties that name a thing, the first one that it has."""
_LONGEST = 500
_SAME = NamedNode(SKOS + "exactMatch")
_MOST_SAME = 20
_PREDICATES = [NamedNode(iri) for iri in TITLES]


def labels(work: Work, language: str, *iris: str) -> None:
    """Write `{iri: {"text": …, "language": …}}` for those that have a label, if possible in `language`."""
    found = {iri: label for iri in iris if (label := name_of(work.store, iri, language))}
    work.sink.begin("application/json")
    work.sink.write(json.dumps(found, ensure_ascii=False).encode())


def name_of(store: Store, iri: str, language: str) -> dict[str, str] | None:
    """Return the label of a thing, or that of a concept that says it is exactly the same; None without any.

    Code lists say so of the terms of other vocabularies, and of the addresses of licences.
    """
    label = label_of(store, iri, language)
    if label or not is_valid(iri):
        return label
    quads = store.quads_for_pattern(None, _SAME, NamedNode(iri), None)
    same = {quad.subject.value for quad in islice(quads, _MOST_SAME) if isinstance(quad.subject, NamedNode)}
    return next((label for other in sorted(same) if (label := label_of(store, other, language))), None)


def label_of(store: Store, iri: str, language: str) -> dict[str, str] | None:
    """Return text and language of the label that suits a reader best, None if there is none."""
    try:
        subject = NamedNode(iri)
    except ValueError:
        return None
    for predicate in _PREDICATES:
        quads = store.quads_for_pattern(subject, predicate, None, None)
        said = [quad.object for quad in quads if isinstance(quad.object, Literal) and quad.object.value]
        if said:
            best = _best(said, language)
            return {"text": best.value[:_LONGEST], "language": best.language or ""}
    return None


def _best(said: Iterable[Literal], language: str) -> Literal:
    """Prefer the reader's language, then none, then English, then what comes first by the alphabet."""
    return min(said, key=lambda each: (rank(language, each.language or ""), each.language or "", each.value))
