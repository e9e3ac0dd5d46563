"""How the answer of a canned query is drawn: the header's key `chart`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

KINDS = ("bar", "line")
MOST = 12
"""Bars that are drawn unless the header says how many."""
_LIMIT = 30
_KEYS = ("type", "x", "y", "most")


@dataclass(frozen=True, slots=True)
class Chart:
    """A `kind` of KINDS, one or two columns `x` of categories or moments, one or two `y` of numbers.

    Of bars the first `most` rows are drawn, of lines all.
    """

    kind: str
    x: tuple[str, ...]
    y: tuple[str, ...]
    most: int = MOST

    @property
    def columns(self) -> Iterator[tuple[str, str]]:
        """The columns that it needs, each with the key that names it."""
        for key, columns in (("x", self.x), ("y", self.y)):
            for column in columns:
                yield key, column


def read_chart(said: Mapping[str, str]) -> Chart:
    """Read the key's value. Raises ValueError for what cannot be drawn.

    >>> read_chart({"type": "bar", "x": "theme", "y": "datasets, reuses"}).y
    ('datasets', 'reuses')
    """
    if unknown := said.keys() - set(_KEYS):
        raise ValueError(f"{', '.join(sorted(unknown))}: a chart has {', '.join(_KEYS)}")
    if missing := {"type", "x", "y"} - said.keys():
        raise ValueError(f"a chart needs {', '.join(sorted(missing))}")
    if said["type"] not in KINDS:
        raise ValueError(f"{said['type']} is no type of chart; there are {', '.join(KINDS)}")
    x, y = _columns(said["x"]), _columns(said["y"])
    if not (all(x + y) and len(x) <= 2 and len(y) <= 2):
        raise ValueError("x and y are one column each, or two parted by a comma")
    most = said.get("most", str(MOST))
    if not (most.isascii() and most.isdigit() and 1 <= int(most) <= _LIMIT):
        raise ValueError(f"most is a number from 1 to {_LIMIT}")
    return Chart(said["type"], x, y, int(most))


def _columns(said: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in said.split(","))
