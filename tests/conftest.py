"""What holds for all tests; the demo's catalogue; for who looks at pages a browser, and a judge of them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.once import once
from tests.serve.programs import installed, program

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")  # a busy machine makes no test fail

Audit = Callable[[Page], list[str]]
_AXE = Path(__file__).parent / "serve" / "clients" / "node_modules" / "axe-core"
_RUN_AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter(each => ['serious', 'critical'].includes(each.impact))
  .flatMap(each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`))"""


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `harvester demo` ran, without network: its `store`, and what it said, `out`. For reading only."""

    def make(folder: Path) -> None:
        folder.mkdir()
        command = [sys.executable, "-m", "harvester", "demo", "--store", str(folder / "store")]
        offline = os.environ | {"HTTP_PROXY": "http://127.0.0.1:9"}
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, env=offline, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        (folder / "out").write_bytes(done.stdout)

    return once(tmp_path_factory, "demo", make)


@pytest.fixture(scope="session")
def demo_store(demo_folder: Path) -> Path:
    """The folder of the demo's catalogue, with its search index. For reading only."""
    return demo_folder / "store"


@pytest.fixture(scope="module")  # the loop that it runs in has room for one: it must not outlive the module
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    chromium = program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium) as browser:
        yield browser


@pytest.fixture(scope="session")
def audit() -> Audit:
    """Tells what axe-core finds serious or critical in a page (https://github.com/dequelabs/axe-core)."""
    source = (installed(_AXE, "axe-core") / "axe.min.js").read_text(encoding="utf-8")

    def audit(page: Page) -> list[str]:
        page.evaluate(source)
        found: list[str] = page.evaluate(_RUN_AXE)
        return found

    return audit
