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
    """A `kind` of KINDS, the column `x` of categories or moments, and one or two columns `y` of numbers.

    Of bars the first `most` rows are drawn, of lines all.
    """

    kind: str
    x: str
    y: tuple[str, ...]
    most: int = MOST

    @property
    def columns(self) -> Iterator[tuple[str, str]]:
        """The columns that it needs, each with the key that names it."""
        yield "x", self.x
        for column in self.y:
            yield "y", column


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
    y = tuple(name.strip() for name in said["y"].split(","))
    if not (said["x"] and all(y) and len(y) <= 2):
        raise ValueError("x is one column, y one or two, parted by a comma")
    most = said.get("most", str(MOST))
    if not (most.isascii() and most.isdigit() and 1 <= int(most) <= _LIMIT):
        raise ValueError(f"most is a number from 1 to {_LIMIT}")
    return Chart(said["type"], said["x"], y, int(most))
