"""One run on one portal, and the account of it to all who want one."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harvester.cli.notices import notice
from harvester.cli.outlets.metrics import Metrics
from harvester.cli.outlets.report_file import write_report
from harvester.cli.outlets.schema import advice
from harvester.cli.outlets.webhook import NotTold
from harvester.cli.target import Target
from harvester.errors import EXIT_INTERRUPTED, HarvesterError, Locked
from harvester.harvest.report import Report
from harvester.store.changes import Change, changes
from harvester.store.generations import Generation
from harvester.store.journal import Journal

WORST_FIRST = (EXIT_INTERRUPTED, 1, 2, 3, 4, 6, 5, 0)
"""Exit codes of runs, in the order in which they should wake someone."""


class Bug(HarvesterError):
    """What nobody has foreseen."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that has ended. `facts` is its report but for the changes; `error` what it failed by.

    `report` is None if it failed. The generations are the one before, and the one that it published.
    """

    target: Target
    facts: Mapping[str, Any] = field(repr=False)
    report: Report | None = None
    error: BaseException | None = None
    before: Generation | None = None
    after: Generation | None = None

    @property
    def exit_code(self) -> int:
        """The run's own."""
        return int(self.facts["exit_code"])

    def changes(self) -> Iterator[Change]:
        """Yield the records that the run changed. Raises StoreError."""
        if self.after is not None:
            yield from changes(self.before, self.after, portal=self.facts["portal"])


Outlet = Callable[[Ended], None]
"""Takes the account of a run somewhere. Raises HarvesterError."""


def run(target: Target, *, compared: bool) -> Ended:
    """Harvest, and never raise: a failure, of whatever kind, is a run's end as well.

    If its changes are asked for later (`compared`), the generation before is held on to.
    """
    started = datetime.now(UTC)
    before = after = report = error = None
    try:
        before = target.catalogue.current() if compared else None
        report = target.harvest()
        if compared and report.generation:
            after = target.catalogue.find(report.generation)
    except (Exception, KeyboardInterrupt) as caught:  # noqa: BLE001  # told, and raised again where it may be
        error = caught
    return Ended(target, _facts(target, started, report, error), report, error, before, after)


def account(ended: Ended, outlets: list[Outlet]) -> int:
    """Take the account of a run to all outlets, whatever becomes of each; return the run's exit code.

    A file that cannot be written counts as a failure of the run, a webhook that does not answer does not.
    """
    codes = [ended.exit_code]
    for outlet in outlets:
        try:
            outlet(ended)
        except Exception as error:  # noqa: BLE001  # told as what it is, and the next outlet has its turn
            failure = tell_failure(error, ended.target.given["log_format"])
            if failure and not isinstance(failure, NotTold):
                codes.append(failure.exit_code)
    return worst(codes)


def tell_failure(error: BaseException | None, log_format: str) -> HarvesterError | None:
    """Say why something failed, a bug with its traceback, and return it as an error of ours."""
    failure = known(error)
    if isinstance(failure, Bug) and error is not None:
        notice("".join(traceback.format_exception(error)), log_format, "bug")
    if failure:
        notice(f"Error: {failure}", log_format, "error")
    return failure


def outlets(target: Target) -> list[Outlet]:
    """Return those that a portal's own options name."""
    given = target.given
    found = []
    if given["report"]:
        found.append(_to_file(given["report"]))
    if given["metrics"]:
        found.append(to_metrics(Metrics(given["metrics"], [target.portal.key])))
    if webhook := target.webhook:

        def tell(ended: Ended) -> None:
            if webhook.wants(ended.facts):
                webhook.tell(ended.facts, attempts=1 if ended.exit_code == EXIT_INTERRUPTED else 3)

        found.append(tell)
    return found


def to_metrics(metrics: Metrics) -> Outlet:
    """Return an outlet into a file of metrics."""
    return lambda ended: metrics.note(ended.target.portal.key, ended.facts)


def _to_file(path: Path) -> Outlet:
    return lambda ended: write_report(path, ended.facts, ended.changes())


def worst(codes: list[int]) -> int:
    """Return the exit code that counts most.

    >>> worst([0, 5, 3, 0])
    3
    """
    return min(codes, key=WORST_FIRST.index, default=0)


def known(error: BaseException | None) -> HarvesterError | None:
    """Return what a run failed by as an error of ours; None if it did not fail, or was interrupted."""
    if error is None or isinstance(error, HarvesterError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return None
    return Bug(
        f"a bug of the program: {type(error).__name__}: {error}",
        fix="report it, with the traceback in the log",
    )


def _facts(
    target: Target, started: datetime, report: Report | None, error: BaseException | None
) -> dict[str, Any]:
    """Return the run's report; of one that failed, what the journal has of it."""
    if report is not None:
        facts = report.as_json()
    else:
        facts = _journalled(target, started, error) or _begun(target, started).as_json()
    if error is not None:
        failure = known(error)
        facts |= {
            "outcome": "failed" if failure else "interrupted",
            "error": failure and {"kind": type(failure).__name__, "cause": failure.cause, "fix": failure.fix},
            "exit_code": failure.exit_code if failure else EXIT_INTERRUPTED,
        }
    if facts["ended"] is None:
        ended = datetime.now(UTC)
        facts |= {"ended": ended.isoformat(), "seconds": round((ended - started).total_seconds(), 3)}
    said = advice()
    return facts | {"advice": {category: said[category] for category in facts["problem_counts"]}}


def _journalled(target: Target, started: datetime, error: BaseException | None) -> dict[str, Any] | None:
    """Return the report of the run that began since, if the journal has it."""
    if isinstance(error, Locked):
        return None  # what it has is of the run that holds the catalogue
    newest = next(iter(Journal(target.given["store"]).entries()), None)
    if newest is None or newest.started < started or "counts" not in newest.facts:
        return None
    return {key: value for key, value in newest.facts.items() if key != "process"}


def _begun(target: Target, started: datetime) -> Report:
    """Return the report of a run that did not come far."""
    return Report(
        run_id=f"{started:%Y%m%dT%H%M%SZ}",
        portal=target.portal.key,
        url=target.portal.site,
        started=started,
        dry_run=target.given["dry_run"],
    )
