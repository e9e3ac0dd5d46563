"""An outcome as SARIF 2.1.0, for code scanning: a run for each portal, its examples as results.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
"""

from typing import Any

from harvester import __version__
from harvester.rdf.iris import is_valid
from harvester.validate.outcome import Example, Finding, Outcome, Portal
from harvester.validate.rules import Rule, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
"""https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html#_Toc34317648"""


def sarif(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as a SARIF log. A result stands for all of its rule: it tells how many there are."""
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [_run(portal, outcome) for portal in outcome.portals],
    }


def _run(portal: Portal, outcome: Outcome) -> dict[str, Any]:
    findings = portal.sorted()
    return {
        "automationDetails": {"id": f"harvester-validate/{portal.key or outcome.source}"},
        "tool": {
            "driver": {
                "name": "harvester validate",
                "semanticVersion": __version__,
                "informationUri": "https://www.w3.org/TR/shacl/",
                "rules": [_rule(finding.rule) for finding in findings],
            }
        },
        "results": [
            _result(index, finding, example, outcome)
            for index, finding in enumerate(findings)
            for example in finding.examples or [Example("", "", "")]
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    described = {
        "id": rule.name,
        "shortDescription": {"text": rule.asks() or rule.name},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }
    if rule.advises():
        described["help"] = {"text": rule.advises()}
    if is_valid(rule.see):
        described["helpUri"] = rule.see
    return described


def _result(index: int, finding: Finding, example: Example, outcome: Outcome) -> dict[str, Any]:
    found = f" Found: {example.value}." if example.value else ""
    text = f"{finding.message}{found} In all {finding.results:,} times, in {finding.records:,} records."
    where = example.resource if is_valid(example.resource) else outcome.source
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": where}}}
    if example.focus:
        location["logicalLocations"] = [{"fullyQualifiedName": example.focus, "kind": "resource"}]
    return {
        "ruleId": finding.rule.name,
        "ruleIndex": index,
        "level": _LEVELS[finding.rule.severity],
        "message": {"text": text},
        "locations": [location],
        "occurrenceCount": finding.results,
    }
