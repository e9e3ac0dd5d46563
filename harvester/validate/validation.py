"""One validation: batches of a source through an engine, results counted and handed on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harvester.export.reading import ahead
from harvester.validate.batches import Batch, Source
from harvester.validate.engine import Engine, Result
from harvester.validate.outcome import Portal, rule_of
from harvester.validate.rules import Rule, Severity

Sink = Callable[[Result, Rule], object]
Listener = Callable[[int, int], None]
"""Is told after each batch how many records were judged, and how many results there are."""


def _silent(_records: int, _results: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to report: results of this severity or heavier, with so many examples of each rule."""

    least: Severity = Severity.INFO
    examples: int = 3


def judge(
    source: Source,
    engine: Engine,
    rules: dict[str, Rule],
    wanted: Wanted,
    *,
    sink: Sink | None = None,
    listener: Listener = _silent,
) -> list[Portal]:
    """Judge all records of a source, some batches at a time: memory is flat.

    `sink` gets each result that is wanted, with its rule. Returns what was found by portal, in the order of
    their keys; `rules` gains those that the shapes do not name.
    """
    portals: dict[str, Portal] = {}
    records = results = 0
    for batch, found in ahead(lambda batch: (batch, engine.results(batch.data)), source.batches()):
        portal = portals.setdefault(batch.portal, Portal(batch.portal))
        portal.records += batch.records
        portal.datasets += batch.datasets
        owned = []
        for result, resource in _owned(found, batch):
            rule = rules.setdefault(result.shape, rule_of(result))
            if rule.severity.rank <= wanted.least.rank:
                owned.append((result, resource))
                if sink:
                    sink(result, rule)
        portal.add(owned, rules, wanted.examples)
        records += batch.records
        results += len(owned)
        listener(records, results)
    return [portals[key] for key in sorted(portals)]


def _owned(results: list[Result], batch: Batch) -> Iterator[tuple[Result, str]]:
    """Yield the results that are the batch's own, with the resource that each belongs to."""
    for result in results:
        resource = batch.owners.get(result.focus)
        if resource is not None:
            yield result, resource
