"""Charts: the answer of a query as an SVG document, which pages show as a picture.

Drawn by pygal; its own style, scripts and notes are left out, as nothing here may run or be fetched, and the
same answer shall give the same bytes. Light or dark is chosen by the document's style sheet.
"""

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from harvester.query.chart import Chart
from harvester.serve.html.plotter import HorizontalBar, Line, Style
from harvester.serve.html.rows import Table, shorten
from harvester.serve.html.words import Words

WIDTH = 480
"""Of the drawing, in CSS pixels: letters stay readable on a phone, where it is scaled to about 330."""
_BAR, _GROUP, _FRAME = 17, 9, 12
"""Heights: of a bar, of what parts groups of bars, of the frame around them."""
_LINE_HEIGHT = 250
_LEGEND = 20
"""Height of a line of the legend."""
_LONGEST_LABEL = 30
_LONGEST_NAME = 60
_LABELS_OF_LINES = 6
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_MOST_MONTHS = 600
_DRAWN = frozenset(("g", "rect", "path", "text", "circle"))
"""Elements that are drawn; all else pygal adds for its own scripts."""

STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif }
text { fill: INK }
.background { fill: none }
.line, .guide { stroke: GRID; fill: none }
.axis.x text { text-anchor: middle }
.axis.y text, .horizontal-graph .axis.y text { text-anchor: end }
.text-overlay text { text-anchor: OVERLAY; font-weight: 600 }
rect.reactive, .color-0 rect { fill: FIRST; stroke: FIRST }
.color-1 rect, rect.color-1 { fill: SECOND; stroke: FIRST }
path.line.reactive { stroke: FIRST; stroke-width: 2.5 }
circle { fill: FIRST }
"""
LIGHT = {"INK": "#1b2026", "GRID": "#d8dde3", "FIRST": "#0a5c8c", "SECOND": "#ffffff"}
DARK = {"INK": "#e6e9ec", "GRID": "#3d4751", "FIRST": "#7dc1f2", "SECOND": "#14181c"}
"""The same colours as those of the pages (style.css); the second series is an outline: it needs no colour."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers under a name, None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn. `total` counts the rows, of which `labels` may be the first few."""

    kind: str
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    total: int

    @property
    def height(self) -> int:
        """Of the drawing, as WIDTH."""
        if self.kind == "line":
            return _LINE_HEIGHT + self.legend
        return len(self.labels) * (len(self.series) * _BAR + _GROUP) + 2 * _FRAME + self.legend

    @property
    def legend(self) -> int:
        """The part of the height that tells series apart."""
        return _LEGEND * len(self.series) if len(self.series) > 1 else 0

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
        text = words.gettext("Chart: %(title)s. Largest: %(largest)s, %(number)s (%(what)s).")
        return text % said


def plot_of(table: Table, chart: Chart, title: str) -> Plot | None:
    """Return what a chart shows of an answer, None if there is nothing to draw."""
    at = {column.name: n for n, column in enumerate(table.columns)}
    if any(name not in at for _, name in chart.columns):
        return None
    rows = [row for row in table.rows if row[at[chart.x]].text]
    shown = rows if chart.kind == "line" else rows[: chart.most]
    labels = [row[at[chart.x]].text for row in shown]
    series = [
        Series(table.columns[at[name]].label, tuple(_number(row[at[name]].whole) for row in shown))
        for name in chart.y
    ]
    if not any(value is not None for value in series[0].values):
        return None
    if chart.kind == "line" and (months := _months(labels)):
        series = [_over(months, labels, each) for each in series]
        labels = months
    return Plot(chart.kind, title, tuple(labels), tuple(series), len(rows))


def draw(plot: Plot, words: Words) -> bytes:
    """Return the SVG document of a plot."""
    drawn = _bars(plot, words) if plot.kind == "bar" else _line(plot, words)
    root = drawn.render_tree()
    _tidy(root, plot)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _bars(plot: Plot, words: Words) -> HorizontalBar | Line:
    highest = max(value for series in plot.series for value in series.values if value is not None)
    drawn = HorizontalBar(
        **_common(plot),
        print_values=True,
        print_values_position="top",
        formatter=lambda value: "" if value is None else words.number(value),
        range=(0, highest * 1.3 or 1),
        spacing=4,
        show_x_guides=False,
        show_y_guides=False,
        show_x_labels=False,
    )
    # pygal puts the first row to the bottom
    drawn.x_labels = [_label(label) for label in reversed(plot.labels)]
    for series in plot.series:
        drawn.add(_label(series.name), list(reversed(series.values)))
    return drawn


def _line(plot: Plot, words: Words) -> HorizontalBar | Line:
    every = max(1, -(-len(plot.labels) // _LABELS_OF_LINES))
    drawn = Line(
        **_common(plot),
        show_dots=len(plot.labels) < 2,
        include_x_axis=True,
        formatter=lambda value: "" if value is None else words.number(value),
        x_labels_major_every=every,
        show_minor_x_labels=False,
        y_labels_major_count=4,
        show_minor_y_labels=False,
    )
    drawn.x_labels = [_label(label) for label in plot.labels]
    for series in plot.series:
        drawn.add(_label(series.name), list(series.values))
    return drawn


def _common(plot: Plot) -> dict[str, object]:
    return {
        "width": WIDTH,
        "height": plot.height,
        "margin": _FRAME // 2,
        "js": [],
        "no_prefix": True,
        "margin_bottom": _FRAME // 2 + plot.legend,
        "show_legend": False,
        "truncate_label": -1,
        "style": Style(label_font_size=13, value_font_size=13),
        "classes": (),
    }


def _tidy(root: ET.Element, plot: Plot) -> None:
    """Leave what is drawn, with our style and a title: no scripts, no notes, nothing that changes."""
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag not in _DRAWN or "tooltip-overlay" in child.get("class", ""):
                parent.remove(child)
    root.attrib.pop("id", None)
    root.attrib.pop("class", None)
    root.set("width", str(WIDTH))
    root.set("height", str(plot.height))
    root.set("role", "img")
    title, style = ET.Element("title"), ET.Element("style")
    title.text, style.text = _clean(plot.title), _style(plot.kind)
    root[:0] = [title, style]
    root.extend(_legend(plot) if plot.legend else [])


def _legend(plot: Plot) -> list[ET.Element]:
    """Return a line for each series; pygal's own cuts names and lets them overlap."""
    lines = []
    for n, series in enumerate(plot.series):
        top = plot.height - plot.legend + n * _LEGEND
        mark = {"x": "8", "y": str(top), "width": "11", "height": "11", "class": f"color-{n} reactive"}
        text = ET.Element("text", {"x": "26", "y": str(top + 11)})
        text.text = _clean(series.name)[:_LONGEST_NAME]
        lines += [ET.Element("rect", mark), text]
    return lines


def _style(kind: str) -> str:
    overlay = {"OVERLAY": "start" if kind == "bar" else "middle"}
    return _filled(LIGHT | overlay) + "@media (prefers-color-scheme: dark) {" + _filled(DARK | overlay) + "}"


def _filled(values: dict[str, str]) -> str:
    text = STYLE
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def _label(text: str) -> str:
    return shorten(_clean(text), _LONGEST_LABEL)


def _clean(text: str) -> str:
    """Leave out what XML cannot hold, and what turns the direction of all that follows.

    https://www.w3.org/TR/xml/#charsets and https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings
    """
    return "".join(c for c in text if c.isprintable())


def _months(labels: list[str]) -> list[str]:
    """Return all months from the first to the last, nothing if the labels are not months in order.

    >>> _months(["2025-11", "2026-01"]), _months(["a", "b"])
    (['2025-11', '2025-12', '2026-01'], [])
    """
    if not all(map(_MONTH.fullmatch, labels)) or labels != sorted(set(labels)):
        return []
    first, last = (int(label[:4]) * 12 + int(label[5:]) - 1 for label in (labels[0], labels[-1]))
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, last + 1)][:_MOST_MONTHS]


def _over(months: list[str], labels: list[str], series: Series) -> Series:
    """Put 0 where a count of things per month has no row."""
    known = dict(zip(labels, series.values, strict=True))
    return Series(series.name, tuple(known.get(month, 0) for month in months))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if number != number or number in (float("inf"), float("-inf")):
        return None
    return int(number) if number.is_integer() else number
