"""What a page shows of measured quality: points by dimension, and what is missing."""

from typing import Any

from pyoxigraph import NamedNode

from harvester.serve.tasks.facts import About, Facts, JsonObject
from harvester.vocab import DQV, HV, SKOS

DIMENSIONS = ("findability", "accessibility", "interoperability", "reusability", "contextuality")
_AS_SAID = "AsSaid"


def quality(facts: Facts, about: About) -> JsonObject | None:
    """Return points as enriched and as said, and what is missing; None if nobody measured."""
    measured = _measured(about)
    if "score" not in measured:
        return None
    score = measured["score"]
    return {
        "score": score["value"],
        "as_said": measured.get("score" + _AS_SAID, score)["value"],
        "most": facts.about(NamedNode(HV + "score")).number(HV + "points") or 405,
        "rating": score["rating"],
        "dimensions": [_dimension(facts, name, measured) for name in DIMENSIONS if name in measured],
        "missing": _missing(facts, about),
    }


def _measured(about: About) -> dict[str, Any]:
    found = {}
    for measurement in about.parts(DQV + "hasQualityMeasurement", most=100):
        value = measurement.number(DQV + "value")
        for metric in measurement.nodes(DQV + "isMeasurementOf"):
            if metric.value.startswith(HV) and value is not None:
                found[metric.value.removeprefix(HV)] = {
                    "value": value,
                    "rating": measurement.values(HV + "rating"),
                }
    return found


def _dimension(facts: Facts, name: str, measured: dict[str, Any]) -> JsonObject:
    node = NamedNode(f"{HV}dimension-{name}")
    about = facts.about(node)
    return {
        "name": facts.value_of(node),
        "meaning": about.text(SKOS + "definition"),
        "points": measured[name]["value"],
        "as_said": measured.get(name + _AS_SAID, measured[name])["value"],
        "most": about.number(HV + "points") or 100,
    }


def _missing(facts: Facts, about: About) -> list[JsonObject]:
    """Return what a dataset lacks, what brings most points first."""
    found = []
    for node in about.nodes(HV + "lacks"):
        indicator = facts.about(node)
        found.append(
            {
                "name": facts.value_of(node),
                "points": int(indicator.number(HV + "points") or 0),
                "advice": indicator.text(HV + "advice"),
            }
        )
    return sorted(found, key=lambda each: (-each["points"], each["name"]["text"]))
