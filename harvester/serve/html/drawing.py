"""Charts as SVG documents, which pages show as pictures.

Drawn by pygal; its own style, scripts and notes are left out, as nothing here may run or be fetched, and the
same answer shall give the same bytes. Light or dark is chosen by the document's style sheet.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

from harvester.serve.html.charts import Plot
from harvester.serve.html.plotter import HorizontalBar, Line, Style
from harvester.serve.html.words import Words

WIDTH = 420
"""Of the drawing, in CSS pixels: letters stay readable on a phone, where it is scaled to about 330."""
_BAR, _GROUP, _FRAME = 17, 9, 12
"""Heights: of a bar, of what parts groups of bars, of the frame around them."""
_LINE_HEIGHT = 240
_LEGEND = 20
"""Height of a line of the legend."""
_FONT = 13
_PYGAL_LETTER, _PYGAL_GAP = 0.6 * _FONT, 4
"""What pygal reckons that a letter needs, and puts between a label and the plot."""
_WIDEST_LABEL, _WIDEST_NAME, _WIDEST_TICK = 222.0, 340.0, 84.0
"""Pixels of a label at a bar, of a name in the legend, of a label under a line."""
_SHORTEST = 100
"""Pixels that labels and numbers leave to the bars."""
_LONGEST_TITLE, _LONGEST_DESCRIPTION, _LONGEST_INPUT = 120, 500, 1_000
_DRAWN = frozenset(("g", "rect", "path", "text", "circle"))
"""Elements that are drawn; all else pygal adds for its own scripts."""
_PLACES = frozenset(("x", "y", "width", "height", "d", "cx", "cy"))
_FRACTION = re.compile(r"(\d\.\d)\d+")
"""Places to a tenth of a pixel; pygal's have fifteen digits."""

STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif }
text { fill: INK }
.background { fill: none }
.line, .guide { stroke: GRID; fill: none }
.axis.x text { text-anchor: middle }
.axis.y text { text-anchor: end }
.text-overlay text { text-anchor: start; font-weight: 600 }
rect.reactive, .color-0 rect { fill: FIRST; stroke: FIRST }
.color-1 rect, rect.color-1 { fill: SECOND; stroke: FIRST }
path.reactive { stroke: FIRST; stroke-width: 2.5; fill: none }
.color-1 path, path.color-1 { stroke-dasharray: 6 4 }
circle { fill: FIRST }
"""
LIGHT = {"INK": "#1b2026", "GRID": "#d8dde3", "FIRST": "#0a5c8c", "SECOND": "#ffffff"}
DARK = {"INK": "#e6e9ec", "GRID": "#3d4751", "FIRST": "#7dc1f2", "SECOND": "#14181c"}
"""The same colours as those of the pages (style.css); the second series is an outline: it needs no colour."""


def height(plot: Plot) -> int:
    """Return the height of the drawing, as WIDTH."""
    if plot.kind == "line":
        return _LINE_HEIGHT + _legend_height(plot)
    return len(plot.labels) * (len(plot.series) * _BAR + _GROUP) + 2 * _FRAME + _legend_height(plot)


@lru_cache(maxsize=256)
def draw(plot: Plot, words: Words) -> bytes:
    """Return the SVG document of a plot. It takes some 10 ms, once."""
    widest = (
        min(_WIDEST_LABEL, WIDTH - _room(plot, words) - _SHORTEST) if plot.kind == "bar" else _WIDEST_TICK
    )
    labels = [_fit(label, widest) for label in plot.labels]
    drawn = (_bars if plot.kind == "bar" else _line)(plot, labels, words)
    root = drawn.render_tree()
    _strip(root)
    _finish(root, plot, words)
    if plot.kind == "bar":
        _place_values(root)
        _tell_whole(root, plot, labels)
    root.extend(_legend(plot))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _bars(plot: Plot, labels: list[str], words: Words) -> Any:
    left, room = max(map(_width, labels)) + _FRAME, _room(plot, words)
    values = _values(plot)
    lowest, highest = min(0, *values), max(0, *values)
    # behind the longest bar there is room for its number
    end = lowest + (highest - lowest or 1) * (WIDTH - left) / (WIDTH - left - room)
    drawn = HorizontalBar(
        **_common(plot),
        margin_left=left - _PYGAL_GAP - max(map(len, labels)) * _PYGAL_LETTER,
        print_values=True,
        print_values_position="top",
        formatter=lambda value: "" if value is None else words.number(value),
        range=(lowest, end),
        show_x_guides=False,
        show_y_guides=False,
        show_x_labels=False,
    )
    # pygal puts the first row to the bottom
    drawn.x_labels = labels[::-1]
    for n, series in enumerate(plot.series):
        drawn.add(str(n), list(series.values[::-1]))
    return drawn


def _room(plot: Plot, words: Words) -> float:
    """Return how many pixels the numbers behind the bars need; they are written in bold."""
    return max(_width(words.number(value)) for value in _values(plot)) * 1.15 + 10


def _values(plot: Plot) -> list[float]:
    return [value for series in plot.series for value in series.values if value is not None]


def _line(plot: Plot, labels: list[str], words: Words) -> Any:
    ticks = max(2, int((WIDTH - 60) / (max(map(_width, labels)) + 14)))
    drawn = Line(
        **_common(plot),
        show_dots=len(labels) < 2,
        include_x_axis=True,
        formatter=lambda value: "" if value is None else words.number(value),
        x_labels_major_every=max(1, -(-len(labels) // ticks)),
        show_minor_x_labels=False,
        y_labels_major_count=4,
        show_minor_y_labels=False,
    )
    drawn.x_labels = labels
    for n, series in enumerate(plot.series):
        drawn.add(str(n), list(series.values))
    return drawn


def _common(plot: Plot) -> dict[str, object]:
    return {
        "width": WIDTH,
        "height": height(plot),
        "margin": _FRAME // 2,
        "margin_right": _FRAME // 2 if plot.kind == "bar" else 2 * _FRAME,
        "margin_bottom": _FRAME // 2 + _legend_height(plot),
        "spacing": _PYGAL_GAP,
        "js": [],
        "no_prefix": True,
        "show_legend": False,
        "truncate_label": -1,
        "style": Style(label_font_size=_FONT, value_font_size=_FONT),
        "classes": (),
    }


def _strip(root: ET.Element) -> None:
    """Leave what is drawn: no scripts, no notes, nothing that changes."""
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag not in _DRAWN or "tooltip-overlay" in child.get("class", ""):
                parent.remove(child)
    for element in root.iter():
        for name in _PLACES & element.attrib.keys():
            element.set(name, _FRACTION.sub(r"\1", element.attrib[name]))
        if element.get("class") == "rect reactive tooltip-trigger":
            element.set("class", "reactive")


def _finish(root: ET.Element, plot: Plot, words: Words) -> None:
    """Give the document its size, its words and its style."""
    root.attrib.pop("id", None)
    root.attrib.pop("class", None)
    root.attrib |= {"width": str(WIDTH), "height": str(height(plot)), "role": "img", "lang": words.language}
    said = {
        "title": _clean(plot.title)[:_LONGEST_TITLE],
        "desc": _clean(plot.sentence(words))[:_LONGEST_DESCRIPTION],
        "style": f"{_filled(LIGHT)}@media (prefers-color-scheme: dark) {{{_filled(DARK)}}}",
    }
    for n, (tag, text) in enumerate(said.items()):
        element = ET.Element(tag)
        element.text = text
        root.insert(n, element)


def _place_values(root: ET.Element) -> None:
    """Put each number behind its bar: pygal puts it around the bar's end, over a short or negative one."""
    values = root.findall(".//g[@class='plot text-overlay']//text")
    for bar, value in zip(root.findall(".//g[@class='bar']/rect"), values, strict=True):
        value.set("x", f"{float(bar.get('x', 0)) + float(bar.get('width', 0)) + 6:.1f}")


def _tell_whole(root: ET.Element, plot: Plot, labels: list[str]) -> None:
    """Give labels that were cut their whole text as a title."""
    texts = root.findall(".//g[@class='axis y']//text")
    for element, cut, whole in zip(texts, labels[::-1], plot.labels[::-1], strict=True):
        if cut != _clean(whole):
            ET.SubElement(element, "title").text = _clean(whole)[:_LONGEST_TITLE]


def _legend(plot: Plot) -> list[ET.Element]:
    """Return a line for each of several series; pygal's own cuts names and lets them overlap."""
    lines = []
    for n, series in enumerate(plot.series if len(plot.series) > 1 else ()):
        top = height(plot) - _legend_height(plot) + n * _LEGEND
        if plot.kind == "bar":
            mark = ET.Element("rect", {"x": "8", "y": str(top), "width": "11", "height": "11"})
        else:
            mark = ET.Element("path", {"d": f"M0 {top + 6}h22"})
        mark.set("class", f"color-{n} reactive")
        text = ET.Element("text", {"x": "28", "y": str(top + 11)})
        text.text = _fit(series.name, _WIDEST_NAME)
        lines += [mark, text]
    return lines


def _legend_height(plot: Plot) -> int:
    return _LEGEND * len(plot.series) if len(plot.series) > 1 else 0


def _filled(colours: dict[str, str]) -> str:
    text = STYLE
    for name, colour in colours.items():
        text = text.replace(name, colour)
    return text


def _fit(text: str, pixels: float) -> str:
    """Cut a text at a word so that it needs no more than some pixels.

    >>> _fit("Licence Ouverte / Open Licence", 222), _fit("Licence Ouverte / Open Licence", 130)
    ('Licence Ouverte / Open Licence', 'Licence Ouverte…')
    """
    text = _clean(text[:_LONGEST_INPUT])
    if _width(text) <= pixels:
        return text
    kept, used = "", _width("…")
    for letter in text:
        used += _width(letter)
        if used > pixels:
            break
        kept += letter
    words = kept if text[len(kept)] == " " else kept.rpartition(" ")[0]
    return (words if 2 * len(words) >= len(kept) else kept).rstrip(" ,;:/-–—·(«") + "…"


def _width(text: str) -> float:
    """Reckon how many pixels a text needs in one of the wider fonts."""
    return sum(map(_advance, text)) * _FONT


@lru_cache(maxsize=4_000)
def _advance(letter: str) -> float:
    """Return how wide a letter is, in parts of its font's size."""
    if unicodedata.east_asian_width(letter) in "WF" or letter in "mMW@%—…":
        return 1.0
    if letter in "fijlrtI.,:;'’|!()[] ":
        return 0.38
    if letter.isdigit():
        return 0.64
    return 0.74 if letter.isupper() or letter == "w" else 0.6


def _clean(text: str) -> str:
    """Leave out what XML cannot hold, and what turns the direction of all that follows.

    https://www.w3.org/TR/xml/#charsets and https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings
    """
    return "".join(c for c in " ".join(text.split()) if c.isprintable())
