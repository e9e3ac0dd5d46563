"""A harvest as the command does it: of one portal, or of several in turn."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from harvester.cli.config_options import Plan
from harvester.cli.notices import notice
from harvester.cli.outlets.metrics import Metrics
from harvester.cli.outlets.report_file import RunsFile, check_writable
from harvester.cli.program import printable
from harvester.cli.run import Ended, Outlet, account, outlets, run, tell_failure, to_metrics, worst
from harvester.cli.summary import print_summary
from harvester.cli.table import print_table
from harvester.cli.target import Target
from harvester.errors import EXIT_INTERRUPTED

_COUNTS = ("added", "changed", "removed", "skipped")

Row = tuple[str, Mapping[str, Any]]
"""A portal's name, and the report of its run."""


def harvest_one(target: Target) -> int:
    """Harvest a portal; return the exit code. Raises what the run failed by, once all is told."""
    ended = run(target, compared=bool(target.given["report"]))
    _show(ended, target.given["report"])
    code = account(ended, outlets(target))
    if ended.error is not None:
        raise ended.error
    return code


def harvest_all(plan: Plan) -> int:
    """Harvest portals in turn, whatever becomes of each; return the worst exit code.

    Raises KeyboardInterrupt, once what was done is told.
    """
    rows: list[Row] = []
    codes: list[int] = []
    log_format = plan.common["log_format"]
    with ExitStack() as stack:
        file = _runs_file(stack, plan)
        shared = _shared(plan, file)
        for number, target in enumerate(plan.targets, 1):
            notice(f"Portal {number} of {len(plan.targets)}: {target.portal.site}", log_format)
            code, facts = _harvest_next(target, shared, plan.common["report"])
            codes.append(code)
            rows.append((target.portal.key, facts))
            if facts["exit_code"] == EXIT_INTERRUPTED:
                break
        if file:
            file.exit_code = worst(codes)
        _print_end(rows, worst(codes), log_format)
    if EXIT_INTERRUPTED in codes:
        raise KeyboardInterrupt
    return worst(codes)


def _harvest_next(target: Target, shared: list[Outlet], common: Path | None) -> tuple[int, Mapping[str, Any]]:
    """Harvest one of several; return its exit code and its report."""
    # A function of its own: nothing of a run, such as its hold on generations, stays for the next one.
    file = target.given["report"] or common
    ended = run(target, compared=bool(file))
    _show(ended, file, following=False)
    tell_failure(ended.error, target.given["log_format"])
    return account(ended, [*outlets(target), *shared]), ended.facts


def _runs_file(stack: ExitStack, plan: Plan) -> RunsFile | None:
    path = plan.common["report"]
    return stack.enter_context(RunsFile(path)) if path else None


def _shared(plan: Plan, file: RunsFile | None) -> list[Outlet]:
    """Return the outlets that take the account of all runs."""
    found: list[Outlet] = []
    if file:
        found.append(lambda ended: file.add(ended.facts, ended.changes()))
    if path := plan.common["metrics"]:
        check_writable(path)
        found.append(to_metrics(Metrics(path, [target.portal.key for target in plan.targets])))
    return found


def _show(ended: Ended, file: Path | None, *, following: bool = True) -> None:
    """Print the end of a run on stdout, if it has something to say there."""
    given = ended.target.given
    if given["log_format"] == "json":
        click.echo(json.dumps({"event": "summary", **ended.facts, "problems": []}, ensure_ascii=False))
    elif ended.report is not None:
        print_summary(ended.report, given["store"], file, following=following)


def _print_end(rows: list[Row], exit_code: int, log_format: str) -> None:
    if log_format == "json":
        outcomes = {portal: facts["outcome"] for portal, facts in rows}
        click.echo(json.dumps({"event": "end", "exit_code": exit_code, "outcomes": outcomes}))
        return
    head = ("portal", "outcome", *_COUNTS, "seconds", "what to do")
    lines = [
        (
            portal,
            facts["outcome"],
            *(f"{facts['counts'][name]:,}" for name in _COUNTS),
            f"{facts['seconds']:,.1f}",
            _to_do(facts),
        )
        for portal, facts in rows
    ]
    print_table(head, lines, numeric=range(2, len(head) - 1))


def _to_do(facts: Mapping[str, Any]) -> str:
    if facts["error"]:
        return printable(facts["error"]["fix"])
    return "see its report for what was skipped" if facts["counts"]["skipped"] else ""
