"""Makes docs/images/site/*.jpg: each kind of page in both languages, light and dark, on desktop and phone.

Run it where the development environment and Chromium are: .venv/bin/python docs/screenshots.py [KIND …]
"""

import base64
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.serve.programs import program  # noqa: E402  # found by the line above
from tests.serve.support import Server, serving  # noqa: E402

FOLDER = ROOT / "docs" / "images" / "site"
DESKTOP, PHONE = (1280, 900), (360, 900)
SHOTS = (("en", "light", DESKTOP), ("fr", "dark", DESKTOP), ("fr", "light", PHONE), ("en", "dark", PHONE))
"""Each language, scheme and width meets each other one."""
LONGEST = 1_500
"""CSS pixels of a page that are shown."""
FIRST = "SELECT (STR(?thing) AS ?iri) { %s } LIMIT 1"
THINGS = {
    "dataset": "SELECT (STR(?d) AS ?iri) { ?d a dcat:Dataset ; dct:isReferencedBy ?r } GROUP BY ?d"
    " ORDER BY DESC(COUNT(?r)) ?d LIMIT 1",
    "reuse": FIRST % "?thing a dcat:Resource ; dct:title ?t . ?d dct:isReferencedBy ?thing",
    "publisher": "SELECT (STR(?o) AS ?iri) { ?d a dcat:Dataset ; dct:publisher ?o } GROUP BY ?o"
    " ORDER BY DESC(COUNT(?d)) ?o LIMIT 1",
    "data-service": FIRST % "?thing a dcat:DataService",
}
PAGES = {
    "start": "/",
    "search": "/search?q=v%C3%A9lo",
    "nothing-found": "/search?q=xylophone",
    "reuses": "/reuses",
    "queries": "/queries",
    "query": "/queries/themes-by-reuses",
    "sparql": "/sparql",
    "runs": "/runs",
    "api": "/api",
    "dumps": "/dumps/",
    "problem": "/no/such/page",
}


def main(kinds: list[str]) -> None:
    """Harvest the demo's recording, serve it, and take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = program("chromium", "chromium-browser", "google-chrome")
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "store")
        os.system(f"DEMO_NO_SERVE=1 {sys.executable} -m harvester demo --store {store} >/dev/null 2>&1")
        with serving(store) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium)
            for kind, path in pages(server).items():
                if not kinds or kind in kinds:
                    picture(browser, server.url + path, FOLDER / f"{kind}.jpg")
                    print(kind, (FOLDER / f"{kind}.jpg").stat().st_size // 1000, "kB")


def pages(server: Server) -> dict[str, str]:
    """Return the address of each kind of page."""
    found = dict(PAGES)
    for kind, query in THINGS.items():
        reply = server.ask("GET", f"/sparql?query={quote(query)}", {"Accept": "text/csv"})
        found[kind] = f"/resource?iri={quote(reply.body.decode().split()[1], safe='')}"
    found["statements"] = found["dataset"].replace("resource", "statements")
    reply = server.ask("GET", "/sparql?query=SELECT(STR(?r)AS?i){?r+a+prov:Activity}", {"Accept": "text/csv"})
    run = reply.body.decode().split()[1].rpartition(":")[2]
    found["run"] = f"/runs/{run}"
    return found


def picture(browser: Browser, url: str, path: Path) -> None:
    """Put the four shots of a page side by side."""
    shots = []
    for language, scheme, (width, height) in SHOTS:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale=language
        )
        page = context.new_page()
        page.goto(url)
        page.wait_for_load_state("networkidle")
        tall = min(LONGEST, page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": width, "height": tall})
        shots.append((page.screenshot(), width))
        context.close()
    images = "".join(
        f'<img style="width:{width / 2.4}px" src="data:image/png;base64,{base64.b64encode(shot).decode()}">'
        for shot, width in shots
    )
    sheet = browser.new_page(viewport={"width": 1440, "height": 10})
    sheet.set_content(
        '<body style="margin:8px;display:flex;gap:8px;align-items:flex-start;background:#999">' + images
    )
    sheet.screenshot(path=path, type="jpeg", quality=62, full_page=True)
    sheet.close()


if __name__ == "__main__":
    main(sys.argv[1:])
