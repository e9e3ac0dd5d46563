"""Durations as people write them: 30m, 6h, 7d."""

import re
from typing import Any

import click

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])", re.ASCII)


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """A number of seconds, minutes, hours or days, as seconds; "0" where `least` is 0.

    >>> Duration().convert("6h", None, None)
    21600.0
    """

    name = "duration"

    def __init__(self, least: float = 0.0) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds that `value` says; a number is seconds already."""
        if isinstance(value, int | float):
            seconds = float(value)
        elif value.strip() == "0":
            seconds = 0.0
        elif written := _WRITTEN.fullmatch(value.strip()):
            seconds = float(written[1]) * _UNITS[written[2]]
        else:
            self.fail(f"{value!r} is not a duration: write 90s, 30m, 6h or 7d.", param, ctx)
        if not self.least <= seconds < float("inf"):
            self.fail(f"{value} is too short: at least {spoken(self.least)}.", param, ctx)
        return seconds


def spoken(seconds: float) -> str:
    """Return a duration as it is written, in its largest whole unit.

    >>> spoken(604800), spoken(5400), spoken(0)
    ('7d', '90m', '0')
    """
    for unit, length in reversed(_UNITS.items()):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s" if seconds else "0"
