"""What a validation found, counted: by portal and rule, with some examples of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from harvester.validate.engine import Result, Term
from harvester.validate.rules import Rule, Severity, local

_MAX_VALUE = 200


@dataclass(frozen=True, slots=True)
class Example:
    """One result: of which resource, where in it, and the value at fault ("" if one is missing).

    `focus` is the resource itself, the IRI of a part of it, or the label of a blank node.
    """

    resource: str
    focus: str
    value: str


@dataclass(slots=True)
class Finding:
    """The results of one rule: how many, in how many records, and some of them, of different resources."""

    rule: Rule
    message: str
    results: int = 0
    records: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class Portal:
    """What was found at one portal; `key` is "" for a file that does not tell."""

    key: str
    records: int = 0
    datasets: int = 0
    findings: dict[str, Finding] = field(default_factory=dict)

    def add(self, owned: Iterable[tuple[Result, str]], rules: dict[str, Rule], examples: int) -> None:
        """Count results of one batch, each with the resource that it belongs to."""
        met: set[tuple[str, str]] = set()
        for result, resource in owned:
            rule = rules[result.shape]
            finding = self.findings.setdefault(rule.shape, Finding(rule, rule.asks() or result.message))
            finding.results += 1
            if (rule.shape, resource) in met:
                continue
            met.add((rule.shape, resource))
            finding.records += 1
            if len(finding.examples) < examples:
                value = "" if result.value == result.focus else shown(result.value)
                finding.examples.append(Example(resource, shown(result.focus), value))

    def sorted(self) -> list[Finding]:
        """Return the findings, the heaviest and most frequent first."""
        return sorted(
            self.findings.values(),
            key=lambda finding: (finding.rule.severity.rank, -finding.results, finding.rule.name),
        )

    def count(self, severity: Severity) -> int:
        """Return how many results have this severity."""
        return sum(f.results for f in self.findings.values() if f.rule.severity is severity)

    def per_100_datasets(self, severity: Severity) -> float | None:
        """Return the results of a severity per 100 datasets, None where there are no datasets."""
        return 100 * self.count(severity) / self.datasets if self.datasets else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a validation found at each portal. `shapes` are the files that it was held against."""

    shapes: tuple[str, ...]
    source: str
    rules: tuple[Rule, ...]
    portals: Sequence[Portal]

    def conforms(self, least: Severity = Severity.INFO) -> bool:
        """Tell whether nothing of this severity or a heavier one was found."""
        heavy = [severity for severity in Severity if severity.rank <= least.rank]
        return not any(portal.count(severity) for portal in self.portals for severity in heavy)


def rule_of(result: Result) -> Rule:
    """Make a rule for a result whose shape the shapes graph does not tell of."""
    return Rule(result.shape, local(result.component), Severity.VIOLATION, {"": result.message}, {})


def shown(term: Term | None) -> str:
    """Return a term as people read it, cut: a literal's text in quotes, an IRI, a label, "" for none."""
    if term is None:
        return ""
    if isinstance(term, Literal):
        text = f'"{term.value}"'
    else:
        text = term.value if isinstance(term, NamedNode) else str(term)
    return text if len(text) <= _MAX_VALUE else text[: _MAX_VALUE - 1] + "…"
