"""A site over the demo's catalogue, and windows to look at it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.serve.support import Server, serving

PHONE: ViewportSize = {"width": 360, "height": 780}
DESK: ViewportSize = {"width": 1280, "height": 900}
Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def demo(demo_store: Path) -> Iterator[Server]:
    """A server over the demo's catalogue, that all tests of this folder may ask."""
    with serving(demo_store, "--access-log", "off", "--per-client", "64") as server:
        yield server


@pytest.fixture
def opened(browser: Browser, demo: Server) -> Iterator[Opener]:
    """Opens a path of the demo's site in a window of its own, which the test may read and click in.

    By keyword what `Browser.new_context` takes: `locale="fr-FR"`, `viewport=PHONE`, `color_scheme="dark"`,
    `java_script_enabled=False`. Nothing that the browser complains of may happen meanwhile.
    """
    complaints: list[str] = []
    with ExitStack() as stack:

        def open_(path: str, **context: Any) -> Page:
            options: dict[str, Any] = {"locale": "en-GB", "viewport": DESK, "base_url": demo.url, **context}
            page = stack.enter_context(browser.new_context(**options)).new_page()
            page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
            page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
            page.goto(path)
            return page

        yield open_
    assert complaints == []
