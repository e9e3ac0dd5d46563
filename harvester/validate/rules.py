"""Rules: the shapes of a shapes graph that results come from, with what they tell people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pyoxigraph import Literal, NamedNode, Triple

from harvester.vocab import HV, RDF, RDFS

SH = "http://www.w3.org/ns/shacl#"


class Severity(StrEnum):
    """How much a result weighs (https://www.w3.org/TR/shacl/#severity), the heaviest first."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the heaviest."""
        return list(Severity).index(self)

    @property
    def term(self) -> NamedNode:
        """SHACL's word for it."""
        return NamedNode(SH + self.value.capitalize())


@dataclass(frozen=True, slots=True)
class Rule:
    """A shape that results may come from.

    `shape` is its IRI, `name` a short word for it, `messages` what it asks and `advice` what to tell the
    publisher, by language ("" for none); `see` the clause it comes from, "" if it does not say.
    """

    shape: str
    name: str
    severity: Severity
    messages: Mapping[str, str]
    advice: Mapping[str, str]
    see: str = ""

    def asks(self, language: str = "en") -> str:
        """Return what it asks, in `language` if it can."""
        return _choose(self.messages, language)

    def advises(self, language: str = "en") -> str:
        """Return what to tell the publisher, in `language` if it can; "" if it does not say."""
        return _choose(self.advice, language)


def read_rules(triples: Iterable[Triple]) -> dict[str, Rule]:
    """Return the rules of a shapes graph by IRI: shapes with a target, and the property shapes of those."""
    told: dict[str, dict[str, list[Triple]]] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode):
            of = told.setdefault(triple.subject.value, {})
            of.setdefault(triple.predicate.value, []).append(triple)
    waiting = [shape for shape, of in told.items() if _has_target(of)]
    rules = set(waiting)
    while waiting:
        parts = {
            str(getattr(t.object, "value", "")) for t in told.get(waiting.pop(), {}).get(SH + "property", ())
        }
        waiting += parts - rules
        rules |= parts
    names = _names(rules)
    return {shape: _rule(shape, names[shape], told.get(shape, {})) for shape in sorted(rules)}


def _has_target(told: Mapping[str, list[Triple]]) -> bool:
    """Tell whether a shape has a target, or is a class: https://www.w3.org/TR/shacl/#implicit-targetClass."""
    types = {str(triple.object) for triple in told.get(RDF + "type", ())}
    return f"<{RDFS}Class>" in types or any(predicate.startswith(SH + "target") for predicate in told)


def local(iri: str) -> str:
    """Return what follows the namespace of an IRI.

    >>> local("urn:x-harvester:shapes:dcat-ap-3#Dataset.title")
    'Dataset.title'
    """
    before, mark, after = iri.partition("#")
    return after if mark and after else before.rstrip("/").replace(":", "/").rpartition("/")[2] or iri


def _names(shapes: Iterable[str]) -> dict[str, str]:
    """Name shapes shortly where that tells them apart."""
    short: dict[str, list[str]] = {}
    for shape in shapes:
        short.setdefault(local(shape), []).append(shape)
    return {shape: name if len(same) == 1 else shape for name, same in short.items() for shape in same}


def _rule(shape: str, name: str, told: Mapping[str, list[Triple]]) -> Rule:
    def texts(predicate: str) -> dict[str, str]:
        values = [triple.object for triple in told.get(predicate, ())]
        return {value.language or "": value.value for value in values if isinstance(value, Literal)}

    severity = next(
        (
            local(str(t.object.value)).lower()
            for t in told.get(SH + "severity", ())
            if isinstance(t.object, NamedNode)
        ),
        "",
    )
    see = next(
        (t.object.value for t in told.get(RDFS + "seeAlso", ()) if isinstance(t.object, NamedNode)), ""
    )
    return Rule(
        shape,
        name,
        Severity(severity) if severity in list(Severity) else Severity.VIOLATION,
        texts(SH + "message") or texts(SH + "description") or texts(SH + "name"),
        texts(HV + "advice"),
        see,
    )


def _choose(texts: Mapping[str, str], language: str) -> str:
    return next((texts[key] for key in (language, "en", "") if key in texts), next(iter(texts.values()), ""))
