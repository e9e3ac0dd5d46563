"""Charts: pictures of what queries answer, harmless, readable in any light, the numbers behind them."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from harvester.query.chart import Chart, read_chart
from harvester.query.told import Told
from harvester.serve.html.charts import Plot, Series, plot_of
from harvester.serve.html.drawing import DARK, LIGHT, STYLE, WIDTH, draw
from harvester.serve.html.rows import read_table
from harvester.serve.html.words import words_in
from tests.serve.site import EVIL, get, get_json, page

SVG = "{http://www.w3.org/2000/svg}"
BAR = Chart("bar", ("what",), ("number",))
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
    return [float(e.get("width", 0)) for e in found if e.get("class") == "reactive"]


@pytest.fixture(scope="module")
def server(shared_site):
    return shared_site


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
    assert names <= {"svg", "title", "style", "g", "rect", "path", "text", "circle", "desc"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", svg.decode())
    assert b"://" not in svg.replace(b'"http://www.w3.org/2000/svg"', b"")
    assert len(svg) < 30_000


@pytest.mark.parametrize("rows", [[], [("a", "NaN")], [("a", "many")], [("", 3)]], ids=str)
def test_what_is_no_number_is_not_drawn(rows):
    """No picture, and no crash."""
    assert plot_of(read_table(answer(rows, "double")), BAR, "t") is None
    assert plot_of(read_table(answer([("a", 1)])), Chart("bar", ("other",), ("number",)), "t") is None


def test_numbers_are_written_in_the_reader_s_language():
    """With the space that parts thousands in French."""
    assert "12,345" in texts(draw(plot([("a", 12_345)]), words_in("en")))
    assert "12\u202f345" in texts(draw(plot([("a", 12_345)]), words_in("fr")))


def test_months_without_anything_count_as_none():
    """A line must not lead over what is missing as if something were there."""
    found = plot([("2025-11", 4), ("2026-02", 2)], Chart("line", ("what",), ("number",)))

    assert found.labels == ("2025-11", "2025-12", "2026-01", "2026-02")
    assert found.series[0].values == (4, 0, 0, 2)


def test_numbers_stand_behind_their_bars():
    """Also behind those to the left of zero, and within the picture however long they are."""
    svg = draw(plot([("a", 987_654_321_012), ("b", -345_678_901_234), ("c", 0)]), words_in("en"))

    root = ET.fromstring(svg)
    bars = [
        (float(bar.get("x", 0)), float(bar.get("width", 0)))
        for bar in root.iter(f"{SVG}rect")
        if bar.get("class") == "reactive"
    ]
    values = [text for text in root.iter(f"{SVG}text") if text.get("class") == "value"]
    places = {text.text: float(text.get("x", 0)) for text in values}
    assert list(places) == ["0", "-345,678,901,234", "987,654,321,012"]  # from the bottom up
    for (start, width), place in zip(bars, places.values(), strict=True):
        assert 0 < place - (start + width) < 10
    (plot_at,) = {
        float(re.findall(r"[\d.]+", group.get("transform", ""))[0])
        for group in root.iter(f"{SVG}g")
        if "text-overlay" in group.get("class", "")
    }
    assert plot_at + max(places.values()) + 15 * 7 < WIDTH


@pytest.mark.parametrize("number", ["1e308", "1e15", "INF", "-INF", "NaN", ""])
def test_numbers_that_no_bar_can_show_are_left_out(number):
    """The others are drawn."""
    found = plot_of(read_table(answer([("a", number), ("b", 1)], "double")), BAR, "t")

    assert found is not None
    assert found.series[0].values == (None, 1)
    assert "1" in texts(draw(found, words_in("en")))


@pytest.mark.parametrize("rows", [[("a", 0)], [("a", 0), ("b", 0)], [("a", -1)]], ids=str)
@pytest.mark.parametrize("kind", ["bar", "line"])
def test_nothing_but_zeros_is_drawn_too(rows, kind):
    """It is an answer like others."""
    root = ET.fromstring(draw(plot(rows, replace(BAR, kind=kind)), words_in("en")))

    places = [
        float(each) for text in root.iter(f"{SVG}text") for each in (text.get("x"), text.get("y")) if each
    ]
    assert all(-WIDTH < place < WIDTH for place in places)


def test_a_label_that_is_cut_has_its_whole_text_as_a_title():
    """Cut at a word, by how wide its letters are; spaces that do not break count as spaces."""
    long = "Éducation, culture\u00a0et sport, avec tout ce qui s’y rattache"
    root = ET.fromstring(draw(plot([(long, 2), ("short", 1)]), words_in("fr")))

    titled = {
        (text.text, whole.text)
        for text in root.iter(f"{SVG}text")
        if (whole := text.find(f"{SVG}title")) is not None
    }
    assert titled == {("Éducation, culture et sport…", long.replace("\u00a0", " "))}
    wide = ET.fromstring(draw(plot([("M" * 40, 2)]), words_in("fr")))
    assert [text.text for text in wide.iter(f"{SVG}text") if "M" in (text.text or "")] == ["M" * 16 + "…"]


def test_two_columns_tell_bars_apart():
    """One that says the same in every row is not repeated."""
    columns = ("what", "where", "number")

    def rows(*places: str) -> bytes:
        values = [dict(zip(columns, (f"k{n}", place, "1"), strict=True)) for n, place in enumerate(places)]
        kind = "http://www.w3.org/2001/XMLSchema#integer"
        bindings = [
            {
                name: {"type": "literal", "value": text, **({"datatype": kind} if name == "number" else {})}
                for name, text in row.items()
            }
            for row in values
        ]
        return json.dumps({"head": {"vars": columns}, "results": {"bindings": bindings}}).encode()

    chart = read_chart({"type": "bar", "x": "what, where", "y": "number"})
    two, one = (
        plot_of(read_table(rows("A", "B")), chart, "t"),
        plot_of(read_table(rows("A", "A")), chart, "t"),
    )

    assert two is not None
    assert one is not None
    assert (two.labels, one.labels) == (("k0 · A", "k1 · B"), ("k0", "k1"))


def test_lines_are_told_apart_without_colour():
    """The second one is dashed, in the legend too."""
    found = replace(plot([("2025-01", 3), ("2025-02", 5)]), kind="line")
    found = replace(found, series=(found.series[0], Series("second", (1, 2))))
    root = ET.fromstring(draw(found, words_in("en")))

    assert re.search(r"\.color-1 path, path\.color-1 \{ stroke-dasharray", STYLE)
    assert [mark.get("class") for mark in root.findall(f"{SVG}path")] == [
        "color-0 reactive",
        "color-1 reactive",
    ]
    drawn = [
        g
        for g in root.iter(f"{SVG}g")
        if "color-1" in g.get("class", "") and g.find(f".//{SVG}path") is not None
    ]
    assert len(drawn) == 1


def test_the_largest_picture_is_small():
    """Thirty pairs of bars with the longest labels."""
    found = plot([(f"{n} " + "Œ" * 300, 10**14 - n) for n in range(30)], replace(BAR, most=30))
    found = replace(found, series=found.series * 2)

    assert len(draw(found, words_in("fr"))) < 30_000


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


def test_an_address_may_say_the_language(server):
    """Whatever the reader prefers; for labels of things as well as words. Another than ours is a mistake."""
    french = get(server, "/charts/themes-by-reuses.svg?language=fr", accept_language="en")
    english = get(server, "/charts/themes-by-reuses.svg", accept_language="en")

    assert {"réutilisations", "jeux de données utilisés"} <= set(texts(french.body))
    assert {"reuses", "datasets used"} <= set(texts(english.body))
    assert french.headers["Content-Language"] == "fr"
    assert get(server, "/charts/themes-by-reuses.svg?lang=fr&language=en").status == 200
    assert get(server, "/charts/themes-by-reuses.svg?language=de").status == 400
    assert get(server, "/charts/themes-by-reuses.svg?nope=1").status == 400


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


def test_it_is_said_which_rows_are_drawn(server):
    """Those of this page, and how many there are only where that is known."""
    first, second = (
        str(page(server, f"/queries/charted?{search}").one("div", class_="figure"))
        for search in ("", "page=2")
    )

    assert (first, second) == ("Rows 1 to 12", "Rows 21 to 25")
    whole = page(server, "/queries/whole").one("div", class_="figure")
    assert str(whole) == "The first 12 of 25."
    assert get(server, "/charts/charted.svg?page=2").body != get(server, "/charts/charted.svg").body


def test_a_picture_costs_no_second_evaluation(server):
    """The page has asked for the same answer already. Of four, as the start page is made meanwhile."""

    def costs(limit: int) -> float:
        image = page(server, f"/queries/most-reused-datasets?limit={limit}").one("img", class_="chart")["src"]
        before = evaluated(server)
        assert get(server, image).status == 200
        return evaluated(server) - before

    assert 0 in map(costs, (2, 3, 4, 5))
    before = evaluated(server)
    assert get(server, "/charts/most-reused-datasets.svg?limit=17").status == 200
    assert evaluated(server) > before


def evaluated(server) -> float:
    """How many tasks the server has given to workers."""
    counted = get(server, "/metrics").body.decode()
    return float(re.findall(r'harvester_answers_total\{source="worker"\} (\S+)', counted)[0])


@pytest.mark.parametrize("kind", ["bar", "line"])
def test_texts_stay_within_the_picture_and_apart(browser, kind):
    """Whatever their letters are, and however long the numbers."""
    labels = [
        "W" * 50,
        "ADMINISTRATION GÉNÉRALE DE L’ÉTAT",
        "統計データの目録" * 5,
        "مجموعة بيانات " * 5,
        "iii",
        "2026-01-31",
    ]
    found = plot(
        [(label, 10**12 // (n + 1)) for n, label in enumerate(labels * 3)], replace(BAR, kind=kind, most=18)
    )
    second = Series("à côté " * 30, tuple(-(value or 0) / 3 for value in found.series[0].values))
    svg = draw(replace(found, series=(*found.series, second)), words_in("fr"))

    with browser.new_context() as context:
        shown = context.new_page()
        shown.set_content(f"<style>body {{ margin: 0 }}</style>{svg.decode().partition('?>')[2]}")
        boxes = shown.evaluate("""[...document.querySelectorAll('svg, svg text')].map(e => {
            const box = e.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; })""")
    (left, top, right, bottom), *texts = boxes
    assert len(texts) > 8
    for box in texts:
        assert (left <= box[0], top <= box[1], box[2] <= right, box[3] <= bottom) == (True,) * 4, box
    for n, one in enumerate(texts):
        for other in texts[n + 1 :]:
            across = min(one[2], other[2]) - max(one[0], other[0])
            down = min(one[3], other[3]) - max(one[1], other[1])
            assert across <= 0 or down <= 3, (one, other)  # boxes are higher than letters


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it(server, browser, scheme):
    """Under the page's policy, at the size that the page has kept for it, and nothing complains."""
    with browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 800}) as context:
        shown = context.new_page()
        said: list[str] = []
        shown.on("console", lambda message: said.append(message.text))
        shown.goto(f"{server.url}/queries/formats")
        shown.locator("img.chart").scroll_into_view_if_needed()
        shown.evaluate("document.querySelector('img.chart').decode()")
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
