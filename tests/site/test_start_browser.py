"""The main path in a browser: from the start page to a dataset; with and without script, desk and phone."""

import pytest

from tests.conftest import Audit
from tests.serve.support import Server
from tests.site.conftest import DESK, PHONE, Opener

PATHS = ["/", "/search?q=velo", "/search?q=nothing-like-it&format=x", "/reuses", "/api", "/queries"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_the_start_to_a_dataset_and_its_data(opened: Opener, demo: Server, script: bool):
    """Search, narrow, open the dataset, and come back to what was found."""
    page = opened("/", java_script_enabled=script)
    page.get_by_role("searchbox").fill("vélo")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**/search?q=*")
    before = int(page.get_by_role("status").inner_text().split()[0])
    page.get_by_role("navigation", name="Filters").get_by_role("link", name="GeoJSON").click()
    page.wait_for_url("**format=*")
    after = int(page.get_by_role("status").inner_text().split()[0])
    assert 0 < after < before
    first = page.locator("ol.hits h2 a").first
    title = first.inner_text()
    first.click()
    page.wait_for_url("**/resource?*")
    assert page.get_by_role("heading", level=1).inner_text() == title
    page.go_back()
    page.get_by_role("link", name="take it away").first.click()
    page.wait_for_url(f"{demo.url}/search?q=*")
    assert int(page.get_by_role("status").inner_text().split()[0]) == before


def test_a_number_leads_to_its_query(opened: Opener):
    """From a total to the rows and to the query in SPARQL."""
    page = opened("/")
    total = page.locator(".totals a").filter(has_text="reuses").first
    number = total.locator("strong").inner_text()
    total.click()
    page.wait_for_url("**/queries/*")
    assert int(number) > 1
    assert page.locator("tbody tr").count() > 1
    assert page.locator("details.source").inner_text().startswith("The query in SPARQL")


def test_filters_are_folded_on_a_phone_and_open_on_a_desk(opened: Opener):
    """Where there is no room beside the results, they come when they are asked for."""
    desk, phone = opened("/search"), opened("/search", viewport=PHONE)

    assert desk.get_by_role("heading", name="Theme").is_visible()
    assert not phone.get_by_role("heading", name="Theme").is_visible()
    phone.locator("summary", has_text="Filters").click()
    assert phone.get_by_role("heading", name="Theme").is_visible()


SMALL = """() => [...document.querySelectorAll(
    'nav a, button, input, select, summary, .chosen a, header a, footer a')]
  .filter(each => each.type !== 'hidden' && !each.matches('.skip'))
  .filter(each => each.checkVisibility({checkVisibilityCSS: true, contentVisibilityAuto: true}))
  .map(each => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
  .filter(([, box]) => box.height > 0 && (box.height < 24 || box.width < 24))
  .map(([html, box]) => `${html} ${box.width} ${box.height}`)"""


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_wider_than_the_window_or_too_small_to_press(opened: Opener, path: str):
    """No page scrolls sideways, from a phone to a wide screen.

    On a phone what is pressed has 24 px each way, but for links within text
    (https://www.w3.org/TR/WCAG22/#target-size-minimum).
    """
    page = opened(path, viewport=PHONE)

    assert page.evaluate(SMALL) == []
    for width in (360, 768, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_serious(opened: Opener, audit: Audit, path: str):
    """In both schemes, on a desk and on a phone, contrast included."""
    page = opened(path, locale="fr-FR")

    for view, scheme in ((DESK, "light"), (DESK, "dark"), (PHONE, "dark")):
        page.set_viewport_size(view)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert audit(page) == [], (view, scheme)


def test_the_keyboard_reaches_the_search_first(opened: Opener):
    """After the link past the navigation, which appears when it is reached."""
    page = opened("/")
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    assert skip.evaluate("each => each === document.activeElement && each.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
