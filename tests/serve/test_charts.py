"""Charts: pictures of what queries answer, harmless, readable in any light, the numbers behind them."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from playwright.sync_api import sync_playwright

from harvester.query.chart import Chart, read_chart
from harvester.query.told import Told
from harvester.serve.html.charts import DARK, LIGHT, STYLE, Plot, Series, draw, plot_of
from harvester.serve.html.rows import read_table
from harvester.serve.html.words import words_in
from tests.serve.programs import program
from tests.serve.site import EVIL, get, get_json, page, site

SVG = "{http://www.w3.org/2000/svg}"
BAR = Chart("bar", "what", ("number",))
NASTY = [
    EVIL,
    "]]><!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    "\u202eevil\u202c \u2066x\u2069",
    "tab\tnew\nline\x00\x0b\ufffe\ud800",
    "long " * 2_000,
    "javascript:alert(1)",
    "{{ 7*7 }} %(x)s %s {0}",
]


def answer(rows: list[tuple[str, object]], datatype: str = "integer") -> bytes:
    """An answer in SPARQL's JSON."""
    kind = f"http://www.w3.org/2001/XMLSchema#{datatype}"
    bindings = [
        {
            "what": {"type": "literal", "value": what},
            "number": {"type": "literal", "value": str(number), "datatype": kind},
        }
        for what, number in rows
    ]
    return json.dumps({"head": {"vars": ["what", "number"]}, "results": {"bindings": bindings}}).encode()


def plot(rows: list[tuple[str, object]], chart: Chart = BAR) -> Plot:
    found = plot_of(read_table(answer(rows)), chart, "A title")
    assert found is not None
    return found


def texts(svg: bytes) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


def rectangles(svg: bytes) -> list[float]:
    """The lengths of the bars."""
    found = ET.fromstring(svg).iter(f"{SVG}rect")
    return [float(e.get("width", 0)) for e in found if "tooltip" in e.get("class", "")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with site(tmp_path_factory.mktemp("site")) as server:
        yield server


def test_bars_are_as_long_as_numbers_are_large():
    """From the top down in the answer's order, each with its value."""
    svg = draw(plot([("a", 40), ("b", 10), ("c", 20)]), words_in("en"))

    lengths = rectangles(svg)[::-1]
    assert lengths[0] / lengths[1] == pytest.approx(4, rel=0.01)
    assert lengths[2] / lengths[1] == pytest.approx(2, rel=0.01)
    assert {"a", "b", "c", "40", "10", "20"} <= set(texts(svg))
    heights = {text.text: float(text.get("y", 0)) for text in ET.fromstring(svg).iter(f"{SVG}text")}
    assert heights["a"] < heights["b"] < heights["c"]


def test_only_the_first_bars_are_drawn_and_it_is_said():
    """The sentence and the number of rows are of the whole."""
    found = plot([(f"row {n}", 100 - n) for n in range(50)])

    assert (len(found.labels), found.total) == (12, 50)
    assert "row 0" in found.sentence(words_in("en"))


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("kind", ["bar", "line"])
def test_labels_are_harmless(nasty, kind):
    """Whatever a label is, the document is well-formed, small, and has nothing but shapes and text."""
    found = replace(plot([("x", 3), ("y", 2)]), title=nasty, labels=(nasty, "y"), kind=kind)
    found = replace(found, series=(replace(found.series[0], name=nasty), Series(nasty, (1, 2))))
    svg = draw(found, words_in("en"))

    root = ET.fromstring(svg)
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= {"svg", "title", "style", "g", "rect", "path", "text", "circle"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", svg.decode())
    assert b"://" not in svg.replace(b'"http://www.w3.org/2000/svg"', b"")
    assert len(svg) < 30_000


@pytest.mark.parametrize("rows", [[], [("a", "NaN")], [("a", "many")], [("", 3)]], ids=str)
def test_what_is_no_number_is_not_drawn(rows):
    """No picture, and no crash."""
    assert plot_of(read_table(answer(rows, "double")), BAR, "t") is None
    assert plot_of(read_table(answer([("a", 1)])), Chart("bar", "other", ("number",)), "t") is None


def test_numbers_are_written_in_the_reader_s_language():
    """With the space that parts thousands in French."""
    assert "12,345" in texts(draw(plot([("a", 12_345)]), words_in("en")))
    assert "12\u202f345" in texts(draw(plot([("a", 12_345)]), words_in("fr")))


def test_months_without_anything_count_as_none():
    """A line must not lead over what is missing as if something were there."""
    found = plot([("2025-11", 4), ("2026-02", 2)], Chart("line", "what", ("number",)))

    assert found.labels == ("2025-11", "2025-12", "2026-01", "2026-02")
    assert found.series[0].values == (4, 0, 0, 2)


def test_the_same_answer_gives_the_same_bytes():
    """So that a browser may keep the picture."""
    assert draw(plot([("a", 1)]), words_in("en")) == draw(plot([("a", 1)]), words_in("en"))


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("colours", "paper"), [(LIGHT, "#ffffff"), (DARK, "#14181c")], ids=["light", "dark"])
def test_contrast(colours, paper):
    """Text 4.5:1, marks 3:1, and the second series is an outline of the first one's colour."""
    assert contrast(colours["INK"], paper) >= 4.5
    assert contrast(colours["FIRST"], paper) >= 3
    assert contrast(colours["FIRST"], colours["SECOND"]) >= 3
    assert not set(re.findall("[A-Z]{3,}", STYLE)) - {*colours, "OVERLAY"}


@pytest.mark.parametrize(
    "said",
    [
        {"type": "pie", "x": "a", "y": "b"},
        {"type": "bar", "x": "a"},
        {"type": "bar", "x": "a", "y": "b, c, d"},
        {"type": "bar", "x": "a", "y": "b,"},
        {"type": "bar", "x": "a", "y": "b", "most": "0"},
        {"type": "bar", "x": "a", "y": "b", "colour": "red"},
    ],
    ids=str,
)
def test_headers_that_cannot_be_drawn_are_refused(said):
    """By `harvester queries check`, before anybody sees a page."""
    with pytest.raises(ValueError, match=r"chart|most|type|column"):
        read_chart(said)


def test_a_picture_comes_with_its_own_policy(server):
    """It may style itself and nothing else; another language is another picture."""
    reply = get(server, "/charts/formats.svg")
    french = get(server, "/charts/formats.svg", accept_language="fr")

    assert (reply.status, reply.media_type) == (200, "image/svg+xml")
    policy = reply.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    rows = get_json(server, "/queries/formats.json")["results"]["bindings"]
    assert {row["format"]["value"] for row in rows[:12]} <= set(texts(reply.body))
    assert french.headers["Content-Language"] == "fr"
    assert get(server, "/charts/formats.svg", if_none_match=reply.headers["ETag"]).status == 304


@pytest.mark.parametrize("name", ["nothing", "truth", "no-such", "broken", "catalogue-totals/../formats"])
def test_there_is_no_picture_of_what_has_none(server, name):
    """And the answer says so; a broken file is the operator's."""
    assert get(server, f"/charts/{name}.svg").status in (404, 500, 503)


def test_the_page_of_a_query_shows_its_chart(server):
    """Once, described in words, above the table that has the numbers."""
    shown = page(server, "/queries/formats")
    image = shown.one("img", class_="chart")

    rows = get_json(server, "/queries/formats.json")["results"]["bindings"]
    assert rows[0]["format"]["value"] in image["alt"]
    assert get(server, image["src"]).status == 200
    assert int(image["width"]) > 0
    assert not page(server, "/queries/publisher-datasets").all("img", class_="chart")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it(server, scheme):
    """Under the page's policy, at the size that the page has kept for it, and nothing complains."""
    chromium = program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium) as browser:
        shown = browser.new_page(color_scheme=scheme, viewport={"width": 360, "height": 800})
        said: list[str] = []
        shown.on("console", lambda message: said.append(message.text))
        shown.goto(f"{server.url}/queries/formats")
        shown.locator("img.chart").scroll_into_view_if_needed()
        shown.wait_for_function("document.querySelector('img.chart').complete")
        size = shown.evaluate(
            "(e => [e.naturalWidth, e.naturalHeight, e.width])(document.querySelector('img.chart'))"
        )
        kept = [int(shown.get_attribute("img.chart", name) or 0) for name in ("width", "height")]
    assert size[:2] == kept
    assert 250 < size[2] <= 360
    assert said == []


def test_values_and_headings_of_a_query_are_in_the_words_of_its_header():
    """A chart's legend has a column's heading, not the name of a variable."""
    table = read_table(answer([("x", 1)])).told(Told(columns={"number": "jeux de données"}))
    found = plot_of(table, BAR, "t")

    assert found is not None
    assert found.series[0].name == "jeux de données"
