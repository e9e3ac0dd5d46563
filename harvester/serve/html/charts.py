"""What charts show: labels and numbers from the answer of a canned query, and a sentence that tells them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.query.chart import Chart
from harvester.serve.html.rows import Cell, Table
from harvester.serve.html.words import Words

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_MOST_MONTHS = 600
_LARGEST = 1e15
"""Beyond it a number is no count of things, and longer than a bar."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers under a name, None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn. `total` counts the rows, of which `labels` may be the first; `more`: it is not all."""

    kind: str
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    total: int
    more: bool = False

    def sentence(self, words: Words) -> str:
        """Say what the picture shows, for who does not see it."""
        series = self.series[0]
        known = [(value, n) for n, value in enumerate(series.values) if value is not None]
        value, at = max(known, key=lambda each: (each[0], -each[1]))
        said = {
            "title": self.title,
            "largest": self.labels[at],
            "number": words.number(value),
            "what": series.name,
        }
        text = words.gettext("Chart: %(title)s. Largest: %(largest)s, %(number)s (%(what)s).") % said
        return text if self.more else f"{text} {words.ngettext('%(num)s row', '%(num)s rows', self.total)}."


def plot_of(table: Table, chart: Chart, title: str, *, more: bool = False) -> Plot | None:
    """Return what a chart shows of an answer, None if there is nothing to draw."""
    at = {column.name: n for n, column in enumerate(table.columns)}
    if any(name not in at for _, name in chart.columns):
        return None
    rows = [row for row in table.rows if row[at[chart.x[0]]].text]
    shown = rows if chart.kind == "line" else rows[: chart.most]
    labels = _labels(shown, [at[name] for name in chart.x])
    series = [
        Series(table.columns[at[name]].label, tuple(_number(row[at[name]]) for row in shown))
        for name in chart.y
    ]
    if not any(value is not None for value in series[0].values):
        return None
    if chart.kind == "line" and (months := _months(labels)):
        series = [_over(months, labels, each) for each in series]
        labels = months
    return Plot(chart.kind, title, tuple(labels), tuple(series), len(rows), more)


def _labels(rows: Sequence[tuple[Cell, ...]], columns: Sequence[int]) -> list[str]:
    """Return what stands in these columns; one that says the same in every row tells nothing apart."""
    telling = [n for n in columns[1:] if len({row[n].text for row in rows}) > 1]
    return [" · ".join(row[n].text for n in (columns[0], *telling) if row[n].text) for row in rows]


def _months(labels: Sequence[str]) -> list[str]:
    """Return all months from the first to the last, nothing if the labels are not months in order.

    >>> _months(["2025-11", "2026-01"]), _months(["a", "b"])
    (['2025-11', '2025-12', '2026-01'], [])
    """
    if not all(map(_MONTH.fullmatch, labels)) or list(labels) != sorted(set(labels)):
        return []
    first, last = (int(label[:4]) * 12 + int(label[5:]) - 1 for label in (labels[0], labels[-1]))
    if last - first >= _MOST_MONTHS:
        return []
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, last + 1)]


def _over(months: Sequence[str], labels: Sequence[str], series: Series) -> Series:
    """Put 0 where a count of things per month has no row."""
    known = dict(zip(labels, series.values, strict=True))
    return Series(series.name, tuple(known.get(month, 0) for month in months))


def _number(cell: Cell) -> float | None:
    if cell.kind != "number":
        return None
    try:
        number = float(cell.whole)
    except ValueError:
        return None
    if not -_LARGEST < number < _LARGEST:
        return None
    return int(number) if number.is_integer() else number
