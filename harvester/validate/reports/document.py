"""An outcome as JSON; docs/validation.md lists the keys."""

from typing import Any

from harvester.validate.outcome import Finding, Outcome, Portal
from harvester.validate.rules import Severity


def document(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as a JSON document."""
    return {
        "conforms": outcome.conforms(),
        "source": outcome.source,
        "shapes": list(outcome.shapes),
        "portals": [_portal(portal) for portal in outcome.portals],
    }


def _portal(portal: Portal) -> dict[str, Any]:
    return {
        "portal": portal.key,
        "records": portal.records,
        "datasets": portal.datasets,
        "results": {severity.value: portal.count(severity) for severity in Severity},
        "violations_per_100_datasets": portal.per_100_datasets(Severity.VIOLATION),
        "rules": [_finding(finding) for finding in portal.sorted()],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    rule = finding.rule
    return {
        "rule": rule.name,
        "shape": rule.shape,
        "severity": rule.severity.value,
        "message": dict(rule.messages) or {"": finding.message},
        "advice": dict(rule.advice),
        "see": rule.see,
        "results": finding.results,
        "records": finding.records,
        "examples": [
            {"resource": example.resource, "focus": example.focus, "value": example.value}
            for example in finding.examples
        ],
    }
