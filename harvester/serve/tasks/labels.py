"""What things are called, looked up for pages."""

import json
from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Store

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
_PREDICATES = [NamedNode(iri) for iri in TITLES]


def labels(work: Work, language: str, *iris: str) -> None:
    """Write `{iri: {"text": …, "language": …}}` for those that have a label, if possible in `language`."""
    found = {iri: label for iri in iris if (label := label_of(work.store, iri, language))}
    work.sink.begin("application/json")
    work.sink.write(json.dumps(found, ensure_ascii=False).encode())


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
    order = [language, "", "en"]
    return min(said, key=lambda each: (_place(order, each.language or ""), each.language or "", each.value))


def _place(order: list[str], tag: str) -> int:
    main = tag.partition("-")[0].lower()
    return order.index(main) if main in order else len(order)
