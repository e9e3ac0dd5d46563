"""Record pages in a real browser: its policy is kept, its accessibility tree is sound, nothing overflows."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.serve import planted
from tests.serve.support import Server, publish, serving
from tests.serve.test_resource_pages import KINDS


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    store = tmp_path_factory.mktemp("evil") / "store"
    publish(store, planted.planted())
    with serving(store, "--access-log", "off") as server:
        yield server


def shown(browser: Browser, server: Server, iri: str, **options: object) -> tuple[Page, list[str]]:
    """Open the page of a record; what the browser complains of, and what would be an alert, is noted."""
    opened = browser.new_page(**options)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
    opened.goto(f"{server.url}/resource?iri={quote(iri, safe='')}")
    return opened, complaints


def test_the_block_for_search_engines_is_no_script_for_the_browser(browser, portal):
    """Our policy forbids scripts in pages; a block of data is none, and is there to be read."""
    opened, complaints = shown(browser, portal, KINDS["dataset"])
    block = json.loads(opened.text_content("script[type='application/ld+json']") or "")

    assert block["name"] == opened.text_content("h1")
    assert complaints == []
    opened.close()


@pytest.mark.parametrize("kind", planted.CLASSES)
def test_nothing_planted_runs(browser, evil, kind):
    """No dialog, no violation of the policy: there is nothing that it would have to stop."""
    opened, complaints = shown(browser, evil, planted.iri_of(kind))
    for link in opened.query_selector_all("main a"):
        assert (link.get_attribute("href") or "").partition(":")[0] in ("http", "https", "mailto") or (
            link.get_attribute("href") or ""
        ).startswith("/")

    assert complaints == []
    opened.close()


@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_window(browser, portal, audit, name):
    """In both schemes, for their contrasts differ, and from a small phone on."""
    opened, _ = shown(browser, portal, KINDS[name])

    for scheme in ("light", "dark"):
        opened.emulate_media(color_scheme=scheme)
        assert audit(opened) == [], scheme
    for width in (320, 1280):
        opened.set_viewport_size({"width": width, "height": 800})
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
    opened.close()


def test_the_rest_of_150_files_unfolds_by_keyboard(browser, portal):
    """Without any script."""
    opened, _ = shown(browser, portal, KINDS["many-files"], java_script_enabled=False)
    hidden = opened.locator("details .files a").first
    assert not hidden.is_visible()

    opened.locator("details summary").first.focus()
    opened.keyboard.press("Enter")

    assert hidden.is_visible()
    opened.close()
