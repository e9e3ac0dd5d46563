"""What the catalogue says of a thing, as pages show it: values with labels, who said them, never too many."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from harvester.rdf.languages import rank
from harvester.serve.tasks.labels import TITLES, label_of, name_of
from harvester.vocab import DERIVED_GRAPHS, RDF

MOST_VALUES = 200
"""Values of one property of one thing that are read for a page."""
MOST_TEXT = 2_000
"""Characters of a text that stands in a line."""
MOST_DESCRIPTION = 15_000
"""Characters of a text of several paragraphs."""

Subject = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal | Triple
JsonObject = dict[str, Any]


class Said(NamedTuple):
    """A term, and whether only the harvester says so."""

    term: Term
    inferred: bool


class Facts:
    """Looks things up in a store for a reader of one language.

    A value is `{"text", "language", "iri", "known", "inferred"}`: a text with its language; or an IRI with
    the label that it has, if any, and whether the catalogue describes it.
    """

    def __init__(self, store: Store, language: str) -> None:
        self.store = store
        self.language = language
        self._labels: dict[str, JsonObject] = {}

    def about(self, subject: Subject, *, whole: bool = False) -> "About":
        """Return what is said of a subject; `whole` reads it at once, where most of it is wanted."""
        return About(self, subject, whole=whole)

    def subjects(self, predicate: str, object_: Subject, most: int = MOST_VALUES) -> list[NamedNode]:
        """Return what has such a property with this value: distinct, with IRIs, in their order."""
        quads = self.store.quads_for_pattern(None, NamedNode(predicate), object_, None)
        found = {quad.subject for quad in islice(quads, most) if isinstance(quad.subject, NamedNode)}
        return sorted(found, key=lambda node: node.value)

    def value(self, said: Said, most: int = MOST_TEXT) -> JsonObject:
        """Return a value of a page; of a blank node its name, if it has one."""
        term, inferred = said
        if isinstance(term, NamedNode):
            return {**self._named(term), "inferred": inferred}
        if isinstance(term, Literal):
            return {**_text(term, most), "iri": "", "known": False, "inferred": inferred}
        name = self.about(term).text(*TITLES) if isinstance(term, BlankNode) else None
        name = name or {"text": "", "language": "", "iri": "", "known": False}
        return {**name, "inferred": inferred}

    def value_of(self, subject: Subject) -> JsonObject:
        """Return the value that a thing is, shown by its name."""
        return self.value(Said(subject, inferred=False))

    def known(self, subject: Subject) -> bool:
        """Tell whether anything is said of a subject."""
        return next(iter(self.store.quads_for_pattern(subject, None, None, None)), None) is not None

    def _named(self, node: NamedNode) -> JsonObject:
        if node.value not in self._labels:
            label = label_of(self.store, node.value, self.language)
            known = label is not None or self.known(node)
            label = label or name_of(self.store, node.value, self.language)
            self._labels[node.value] = {
                "text": label["text"] if label else "",
                "language": label["language"] if label else "",
                "iri": node.value,
                "known": known,
            }
        return self._labels[node.value]


class About:
    """What is said of one subject, by predicate."""

    def __init__(self, facts: Facts, subject: Subject, *, whole: bool) -> None:
        self.subject = subject
        self._facts = facts
        self._all: dict[str, list[Said]] | None = None
        if whole:
            quads = islice(facts.store.quads_for_pattern(subject, None, None, None), MOST_VALUES)
            found: dict[str, list[Quad]] = {}
            for quad in quads:
                found.setdefault(quad.predicate.value, []).append(quad)
            self._all = {predicate: _merged(quads) for predicate, quads in found.items()}

    def said(self, *predicates: str, most: int = MOST_VALUES) -> list[Said]:
        """Return the values of properties, each once: what was said first, then what was inferred."""
        if self._all is not None:
            told = [self._all[predicate] for predicate in predicates if predicate in self._all]
            return _ordered(chain(*told)) if len(told) > 1 else told[0] if told else []
        quads = (islice(self._quads(predicate), most) for predicate in predicates)
        return _merged(list(chain.from_iterable(quads)))

    def nodes(self, *predicates: str, most: int = MOST_VALUES) -> list[NamedNode]:
        """Return those values that are IRIs."""
        return [term for term, _ in self.said(*predicates, most=most) if isinstance(term, NamedNode)]

    def parts(self, *predicates: str, most: int = MOST_VALUES) -> Iterator["About"]:
        """Yield what is said of those values that are no texts."""
        for term, _ in self.said(*predicates, most=most):
            if isinstance(term, NamedNode | BlankNode):
                yield self._facts.about(term)

    def values(self, *predicates: str, most: int = MOST_VALUES) -> list[JsonObject]:
        """Return values to show, none twice: of two with the same words the first, which was rather said."""
        return distinct(map(self._facts.value, self.said(*predicates, most=most)))

    def settled(self, *predicates: str) -> list[JsonObject]:
        """Return what was said, and what was inferred only where nothing was."""
        values = self.values(*predicates)
        return [value for value in values if not value["inferred"]] or values

    def text(self, *predicates: str, most: int = MOST_TEXT) -> JsonObject | None:
        """Return the text of the first property that has one, in the reader's language if possible."""
        for predicate in predicates:
            texts = [
                said for said in self.said(predicate) if isinstance(said.term, Literal) and said.term.value
            ]
            if texts:
                return self._facts.value(min(texts, key=self._preference), most)
        return None

    def plain(self, *predicates: str) -> str:
        """Return a value of the first of these properties that has one as a bare text, else ""."""
        for predicate in predicates:
            for term, _ in self.said(predicate):
                return "" if isinstance(term, Triple) else term.value[:MOST_TEXT]
        return ""

    def address(self, *predicates: str) -> str:
        """Return the IRI that is the value of the first of these properties that has one, else ""."""
        return next((node.value for each in predicates for node in self.nodes(each)), "")

    def number(self, *predicates: str) -> float | None:
        """Return the first value that is a number."""
        for term, _ in self.said(*predicates):
            if isinstance(term, Literal) and (number := _number(term.value)) is not None:
                return number
        return None

    def has(self, predicate: str, object_: Term) -> bool:
        """Tell whether something is said."""
        if self._all is not None:
            return any(term == object_ for term, _ in self._all.get(predicate, ()))
        quads = self._facts.store.quads_for_pattern(self.subject, NamedNode(predicate), object_, None)
        return next(iter(quads), None) is not None

    def is_a(self, *classes: str) -> bool:
        """Tell whether it is of one of these classes."""
        return any(self.has(RDF + "type", NamedNode(each)) for each in classes)

    def _quads(self, predicate: str) -> Iterable[Quad]:
        return self._facts.store.quads_for_pattern(self.subject, NamedNode(predicate), None, None)

    def _preference(self, said: Said) -> tuple[int, bool, str]:
        tag = said.term.language or "" if isinstance(said.term, Literal) else ""
        return rank(self._facts.language, tag), said.inferred, str(said.term)


def _merged(quads: list[Quad]) -> list[Said]:
    """Return values, each once, what was said first."""
    return _ordered(Said(quad.object, _is_inferred(quad)) for quad in quads)


def _ordered(told: Iterable[Said]) -> list[Said]:
    values = list(told)
    if len(values) < 2:
        return values
    found: dict[Term, bool] = {}
    for term, inferred in values:
        found[term] = found.get(term, True) and inferred
    if len(found) < 2:
        return [Said(*each) for each in found.items()]
    ordered = sorted(found.items(), key=lambda each: (each[1], str(each[0])))
    return [Said(*each) for each in ordered]


def _is_inferred(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.startswith(DERIVED_GRAPHS)


def distinct(values: Iterable[JsonObject]) -> list[JsonObject]:
    """Return values that can be shown, of several with the same words the first."""
    found: dict[str, JsonObject] = {}
    for value in values:
        if words := value["text"] or value["iri"]:
            found.setdefault(words.casefold(), value)
    return list(found.values())


def address_value(node: NamedNode) -> JsonObject:
    """Return the value of an address that is shown as it stands."""
    return {"text": "", "language": "", "iri": node.value, "known": False, "inferred": False}


def _text(term: Literal, most: int) -> JsonObject:
    text = term.value if len(term.value) <= most else term.value[:most].rstrip() + "…"
    return {"text": text, "language": term.language or ""}


def _number(text: str) -> float | None:
    try:
        number = float(text[:40])
    except ValueError:
        return None
    return number if abs(number) < 1e18 else None
