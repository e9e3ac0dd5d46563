"""`--metrics FILE`: the last runs for Prometheus, by the textfile collector of its node_exporter.

https://github.com/prometheus/node_exporter#textfile-collector
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample as Read

from harvester.cli.outlets.report_file import writing

_PREFIX = "harvester_run_"
_SUCCESS = _PREFIX + "last_success_timestamp_seconds"
_QUADS = _PREFIX + "quads"
_LASTING = (_SUCCESS, _QUADS)
"""What stays true after a run that has nothing to say about it."""

OUTCOMES = ("published", "unchanged", "tried", "failed", "interrupted")
_SUCCESSES = ("published", "unchanged")
_MAX_BYTES = 16 * 1024 * 1024

METRICS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    _PREFIX + "start_timestamp_seconds": ("When the last run began.", ()),
    _PREFIX + "end_timestamp_seconds": ("When the last run ended.", ()),
    _SUCCESS: ("When the last run ended that published, or found nothing changed.", ()),
    _PREFIX + "exit_code": ("Exit code of the last run.", ()),
    _PREFIX + "outcome": ("1 for what came of the last run, 0 for the others.", ("outcome",)),
    _PREFIX + "duration_seconds": ("How long the last run took.", ()),
    _PREFIX + "requests": ("HTTP requests of the last run.", ()),
    _PREFIX + "members": ("Datasets that the catalogue listed.", ()),
    _PREFIX + "records": ("Records that the last run saw.", ("kind",)),
    _PREFIX + "changes": ("Records that the last run added, changed or removed.", ("change",)),
    _PREFIX + "skipped": ("Items that the last run could not harvest.", ()),
    _PREFIX + "problems": ("Problems of the last run.", ("category",)),
    _QUADS: ("Statements in the generation that was published last.", ()),
}
"""Each metric with its explanation and its labels, beside `portal`."""

Sample = tuple[str, tuple[str, ...], float]
"""Name, values of its labels without the portal, value."""


class Metrics:
    """The metrics of some portals in a file, of which runs before have written a version already, perhaps."""

    def __init__(self, path: Path, portals: Iterable[str]) -> None:
        self._path = path
        self._samples: dict[str, list[Sample]] = {portal: [] for portal in portals}
        for portal, sample in _read(path):
            if portal in self._samples:
                self._samples[portal].append(sample)

    def note(self, portal: str, facts: Mapping[str, Any]) -> None:
        """Put the run of a portal in the place of its last one, and write. Raises UsageError."""
        new = list(_samples(facts))
        said = {name for name, _labels, _value in new}
        old = self._samples.get(portal, [])
        lasting = [sample for sample in old if sample[0] in _LASTING and sample[0] not in said]
        self._samples[portal] = new + lasting
        self._write()

    def _write(self) -> None:
        registry = CollectorRegistry()
        gauges = {
            name: Gauge(name, explanation, ["portal", *labels], registry=registry)
            for name, (explanation, labels) in METRICS.items()
        }
        for portal, samples in self._samples.items():
            for name, labels, value in samples:
                gauges[name].labels(portal, *labels).set(value)
        with writing(self._path):
            write_to_textfile(str(self._path), registry)


def _samples(facts: Mapping[str, Any]) -> Iterator[Sample]:
    """Yield what a report says of its run."""
    ended = datetime.fromisoformat(facts["ended"]).timestamp()
    yield _PREFIX + "start_timestamp_seconds", (), datetime.fromisoformat(facts["started"]).timestamp()
    yield _PREFIX + "end_timestamp_seconds", (), ended
    if facts["outcome"] in _SUCCESSES:
        yield _SUCCESS, (), ended
    yield _PREFIX + "exit_code", (), facts["exit_code"]
    for outcome in OUTCOMES:
        yield _PREFIX + "outcome", (outcome,), float(outcome == facts["outcome"])
    yield _PREFIX + "duration_seconds", (), facts["seconds"]
    yield _PREFIX + "requests", (), facts["requests"]
    yield _PREFIX + "members", (), facts["members"]
    for kind, counts in facts["kinds"].items():
        yield _PREFIX + "records", (kind,), counts.get("seen", 0)
    for change in ("added", "changed", "removed"):
        yield _PREFIX + "changes", (change,), facts["counts"][change]
    yield _PREFIX + "skipped", (), facts["counts"]["skipped"]
    for category, number in facts["problem_counts"].items():
        yield _PREFIX + "problems", (category,), number
    if facts["quads"] is not None:
        yield _QUADS, (), facts["quads"]


def _read(path: Path) -> list[tuple[str, Sample]]:
    """Return what a file of ours says, by portal; nothing where there is none, or another's."""
    try:
        with path.open(encoding="utf-8") as file:
            families = list(text_string_to_metric_families(file.read(_MAX_BYTES)))
    except (OSError, ValueError):
        return []
    return [
        (sample.labels.get("portal", ""), (sample.name, _labels(sample), sample.value))
        for family in families
        for sample in family.samples
        if sample.name in METRICS
    ]


def _labels(sample: Read) -> tuple[str, ...]:
    return tuple(sample.labels.get(label, "") for label in METRICS[sample.name][1])
