"""Which mode a run takes, and why: a pure decision, said in the report."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from harvester.harvest.run import Options

MANY = 0.25
"""Share of a portal's datasets beyond which reading their pages costs less than reading each."""
_FEW = 100
"""Datasets that are read one by one, whatever share of the portal they are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run's mode, "full" or "delta", and the reason in a sentence."""

    mode: str
    reason: str


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of earlier runs: when the last full harvest began, and with the same settings or not.

    `incremental` tells whether the portal has a listing of changes, and pages of any size.
    """

    last_full: datetime | None
    same_settings: bool
    incremental: bool


def before(options: Options, past: Past, now: datetime) -> Plan:
    """Decide on a mode before anything is read; a delta may yet turn out to be of no use (`after`)."""
    if options.mode == "full":
        return Plan("full", "asked for by --mode full")
    reason = _hindrance(options, past)
    if reason:
        return Plan("full", reason)
    assert past.last_full is not None  # noqa: S101  # else it is a hindrance
    age = now - past.last_full
    if options.mode == "delta":
        return Plan("delta", "asked for by --mode delta")
    if not timedelta(0) <= age < timedelta(seconds=options.full_every_s):
        return Plan(
            "full", f"the last full harvest began at {past.last_full:%Y-%m-%d %H:%M} UTC (--full-every)"
        )
    return Plan("delta", f"the last full harvest, of {past.last_full:%Y-%m-%d %H:%M} UTC, is recent enough")


def after(plan: Plan, *, complete: bool, listed: int, stamped: int, moved: int) -> Plan:
    """Decide again after the census: of `listed` datasets so many have a stamp, and so many moved."""
    if plan.mode == "full":
        return plan
    if not complete:
        return Plan("full", "the portal's list of datasets is incomplete")
    if not stamped:
        return Plan("full", "the portal's list does not say when its datasets changed")
    if moved > max(_FEW, listed * MANY):
        return Plan("full", f"{moved:,} of {listed:,} datasets changed: their pages cost less")
    return Plan("delta", f"{plan.reason}; {moved:,} of {listed:,} datasets changed")


def _hindrance(options: Options, past: Past) -> str:
    if options.standalone and options.mode == "auto":
        return "a recording is made or replayed, and must stand by itself"
    if not past.incremental:
        return "the portal has no list of changes"
    if options.limit:
        return "--limit reads the first pages"
    if past.last_full is None:
        return "no full harvest is known"
    if not past.same_settings:
        return "the program, the mappings or the settings changed since the last run"
    return ""
