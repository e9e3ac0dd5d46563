"""An outcome as JUnit XML, for CI: a suite for each portal, a test for each rule.

https://github.com/testmoapp/junitxml writes down what tools agree on.
"""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harvester.validate.outcome import Finding, Outcome, Portal
from harvester.validate.rules import Rule, Severity

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""https://www.w3.org/TR/xml/#charsets"""


def junit(outcome: Outcome, fail_on: Severity | None) -> bytes:
    """Return an outcome as JUnit XML in UTF-8. Rules of severity `fail_on` or heavier fail; None: none do."""
    root = Element("testsuites", name="harvester validate")
    for portal in outcome.portals:
        _suite(root, portal, outcome, fail_on)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _suite(root: Element, portal: Portal, outcome: Outcome, fail_on: Severity | None) -> None:
    rules = {rule.shape: rule for rule in outcome.rules}
    rules |= {shape: finding.rule for shape, finding in portal.findings.items()}
    failed = [f for f in portal.findings.values() if fail_on and f.rule.severity.rank <= fail_on.rank]
    suite = SubElement(root, "testsuite", name=_clean(portal.key or outcome.source))
    suite.set("tests", str(len(rules)))
    suite.set("failures", str(len(failed)))
    suite.set("errors", "0")
    for rule in sorted(rules.values(), key=lambda rule: rule.name):
        case = SubElement(suite, "testcase", name=_clean(rule.name), classname=_clean(_class(rule)))
        if finding := portal.findings.get(rule.shape):
            text = _clean(_text(finding))
            if finding in failed:
                message = f"{finding.results} times: {finding.message}"
                SubElement(case, "failure", message=_clean(message), type=rule.severity.value).text = text
            else:
                SubElement(case, "system-out").text = text


def _class(rule: Rule) -> str:
    return rule.name.partition(".")[0]


def _text(finding: Finding) -> str:
    lines = [f"{finding.rule.severity}: {finding.message}", finding.rule.advises()]
    lines.append(f"{finding.results} results in {finding.records} records, such as")
    for example in finding.examples:
        about = "" if example.focus == example.resource else f" ({example.focus})"
        lines.append(f"  {example.resource}{about}{': ' if example.value else ''}{example.value}")
    return "\n".join(filter(None, lines))


def _clean(text: str) -> str:
    """Leave out what no XML document may hold."""
    return _NO_XML.sub("\ufffd", text)
