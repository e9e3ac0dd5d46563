"""How the words of a JSON-LD context may be used: only where they mean exactly what is to be said.

A portal's context can mislead: udata's maps `startDate` to schema:startDate though the data says
dcat:startDate, and gives `issued` a datatype that some values do not have. So each way of writing is tried
out by the library's parser, once per predicate and kind of value, and taken if the very statement comes back.
(The alternative is to write https://www.w3.org/TR/json-ld11-api/#expansion-algorithm once more.)
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from harvester.errors import UsageError
from harvester.export.tokens import STRING
from harvester.vocab import PREFIXES, RDF, XSD

Json = Any
TYPE = RDF + "type"
LINK, NODE, LANGUAGE, NUMBER, FLAG = "@id", "@node", "@language", "@number", "@flag"
"""Kinds of objects: an IRI, a blank node described in place, a text in a language, a bare JSON number, a bare
true or false. The kind of any other literal is the IRI of its datatype."""

_SUBJECT = "x-harvester-probe:s"
_SUBJECT_TERM = NamedNode(_SUBJECT)
_OBJECT = "x-harvester-probe:o"
_MOST_WAYS = 5_000
_MOST_CONTEXT = 100_000
"""Characters of a context that is tried out word by word: udata's has 2,000."""


class Way(NamedTuple):
    """A way to write a statement: the key, and whether the value may stand there bare."""

    key: str
    bare: bool


class Terms:
    """Chooses keys and values under one context.

    `context` is a JSON-LD context (an object), None for the harvester's own prefixes. Raises UsageError where
    the parser refuses it, as it does contexts that point to others on the web.
    """

    def __init__(self, context: Mapping[str, Json] | None = None) -> None:
        self.context = dict(PREFIXES if context is None else context)
        if len(json.dumps(self.context)) > _MOST_CONTEXT:
            raise _unusable(f"it has more than {_MOST_CONTEXT:,} characters")
        _parse(self.context, {"@context": None, "@id": _SUBJECT, "@type": _OBJECT})
        self._words: dict[str, list[str]] = {}
        for word, definition in self.context.items():
            # A scoped context would change the meaning of what stands inside.
            if word[:1] != "@" and not (isinstance(definition, dict) and "@context" in definition):
                for triple in _tried(self.context, {"@id": _SUBJECT, word: _OBJECT}):
                    self._words.setdefault(triple.predicate.value, []).append(word)
        self._namespaces = self._find_namespaces()
        self._ways: dict[tuple[str, str], Way | None] = {}
        self._types: dict[str, str | None] = {}

    def misreads(self, iri: str) -> bool:
        """Tell whether an IRI would be taken for a word of the context, such as the IRI `dct:title`."""
        return iri in self.context or iri.partition(":")[0] in self.context

    def type_name(self, iri: str) -> str | None:
        """Return how to write a class under `@type`, None if there is no way."""
        if iri not in self._types:
            wanted = Triple(_SUBJECT_TERM, NamedNode(TYPE), NamedNode(iri))
            names = (name for name in self._names(iri) if self._means({"@type": name}, wanted))
            self._remember(self._types, iri, next(names, None))
        return self._types[iri]

    def way(self, predicate: str, kind: str) -> Way | None:
        """Return how to write a statement, None if there is no way.

        `kind` is that of its object: LINK, NODE, LANGUAGE, NUMBER, FLAG or the IRI of a datatype.
        """
        if (predicate, kind) not in self._ways:
            self._remember(self._ways, (predicate, kind), next(self._possible(predicate, kind), None))
        return self._ways[predicate, kind]

    def _possible(self, predicate: str, kind: str) -> Iterator[Way]:
        term, bare, full = _samples(kind)
        wanted = Triple(_SUBJECT_TERM, NamedNode(predicate), term)
        names = list(self._names(predicate))
        for is_bare, value in ((True, bare), (False, full)):
            if value is not None:
                for name in names:
                    if not self._divides(name, value) and self._means({name: value}, wanted):
                        yield Way(name, is_bare)

    def _divides(self, word: str, value: Json) -> bool:
        """Tell whether libraries disagree on a value under this word.

        `0` under a word whose values are IRIs is a number by https://www.w3.org/TR/json-ld11-api/#value-expansion
        (step 1 and 2 are for strings), but rdflib gives it the datatype `@id`.
        """
        definition = self.context.get(word)
        links = isinstance(definition, dict) and definition.get("@type") in ("@id", "@vocab")
        return links and isinstance(value, int)

    def _names(self, iri: str) -> Iterator[str]:
        yield from self._words.get(iri, ())
        start = max(map(iri.rfind, "/#:")) + 1
        namespace, local = iri[:start], iri[start:]
        for prefix in self._namespaces.get(namespace, ()):
            if local:
                yield f"{prefix}:{local}" if prefix else local
        yield iri

    def _find_namespaces(self) -> dict[str, list[str]]:
        namespaces: dict[str, list[str]] = {}
        vocab = self.context.get("@vocab")
        if isinstance(vocab, str):
            namespaces[vocab] = [""]
        for iri, words in self._words.items():
            if iri[-1] in "/#:":
                namespaces.setdefault(iri, []).extend(words)
        return namespaces

    def _means(self, body: dict[str, Json], wanted: Triple) -> bool:
        return _tried(self.context, {"@id": _SUBJECT, **body}) == [wanted]

    @staticmethod
    def _remember(memory: dict[Any, Any], key: object, value: object) -> None:
        if len(memory) > _MOST_WAYS:
            memory.clear()
        memory[key] = value


def _samples(kind: str) -> tuple[NamedNode | Literal, Json, Json]:
    """Return an object of some kind, how it is written bare and in full; None where that cannot be."""
    match kind:
        case "@id":
            return NamedNode(_OBJECT), _OBJECT, {"@id": _OBJECT}
        case "@node":
            return NamedNode(_OBJECT), {"@id": _OBJECT}, None
        case "@language":
            return Literal("o", language="fr"), None, {"@value": "o", "@language": "fr"}
        case "@number":
            return Literal("7", datatype=NamedNode(XSD + "integer")), 7, None
        case "@flag":
            return Literal("true", datatype=NamedNode(XSD + "boolean")), True, None
    full = {"@value": "o"} if kind == STRING else {"@value": "o", "@type": kind}
    return Literal("o", datatype=NamedNode(kind)), "o", full


def _tried(context: Mapping[str, Json], node: Json) -> list[Triple]:
    try:
        return _parse(context, node)
    except UsageError:
        return []


def _parse(context: Mapping[str, Json], node: Json) -> list[Triple]:
    document = json.dumps({"@context": context, "@graph": [node]})
    try:
        return [quad.triple for quad in parse(document, RdfFormat.JSON_LD)]
    except (SyntaxError, ValueError) as error:
        raise _unusable(str(error)) from error


def _unusable(why: str) -> UsageError:
    return UsageError(
        f"the JSON-LD context of the portal cannot be used: {why}",
        fix="export another format; Turtle says the same",
    )
