"""The SPARQL editor in a real browser: what people do with it, and what must not be done to them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.serve.programs import installed
from tests.serve.site import EVIL
from tests.serve.support import Server

BUILT = Path(__file__).parents[2] / "harvester" / "serve" / "html" / "static" / "vendor"
PLANTED = "SELECT ?o { <http://c.example/d> dct:title|dct:relation ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(22)) + " }"
PATIENCE_MS = 20_000
MOST_SENT = 160_000
"""Bytes of the whole editor as a browser gets it."""


@pytest.fixture(scope="module")
def server(shared_site: Server) -> Server:
    installed(BUILT, "the SPARQL editor, which npm builds when harvester is installed")
    return shared_site


class Watched:
    """A page, what it complained of, and what it asked for."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.server = server
        self.complaints: list[str] = []
        self.requests: list[Request] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._note)
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def _note(self, request: Request) -> None:
        self.requests.append(request)

    @property
    def editor(self):
        return self.page.get_by_role("textbox", name="Query")

    def open(self, query: str = "") -> Page:
        """Go to the editor."""
        self.page.goto(f"{self.server.url}/sparql" + (f"?query={quote(query)}" if query else ""))
        return self.page

    def write(self, query: str) -> None:
        """Type a query in place of what is there."""
        self.editor.focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(query)

    def ask(self, query: str) -> None:
        """Write a query as by pasting it, and run it."""
        self.editor.focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(query)
        self.page.keyboard.press("Control+Enter")

    def text(self) -> str:
        """What is in the editor."""
        text: str = self.page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()")
        return text

    def assert_calm(self) -> None:
        """Nothing was blocked, nothing broke, nobody else was asked."""
        assert self.complaints == []
        assert {urlsplit(request.url).netloc for request in self.requests} <= {
            f"{self.server.host}:{self.server.port}"
        }


@contextmanager
def watched(browser: Browser, server: Server, **options) -> Iterator[Watched]:
    with browser.new_context(**options) as context:
        yield Watched(context, server)


@pytest.fixture
def tab(browser, server) -> Iterator[Watched]:
    with watched(browser, server) as tab:
        yield tab


def test_a_query_is_typed_completed_run_and_shared(browser, server, tab):
    """A class by a part of its name, a property likewise; rows below; and the address opens it all again."""
    page = tab.open()
    tab.write("SELECT ?d ?t { ?d a Dataset")
    expect(page.locator(".CodeMirror-hint").first).to_contain_text("dcat:Dataset")
    page.keyboard.press("Enter")
    page.keyboard.type(" ; titl")
    expect(page.locator(".CodeMirror-hint").first).to_contain_text("dct:title")
    page.keyboard.press("Enter")
    page.keyboard.type(" ?t } ORDER BY ?t ")

    assert tab.text() == "SELECT ?d ?t { ?d a dcat:Dataset ; dct:title ?t } ORDER BY ?t "
    page.keyboard.press("Control+Enter")
    expect(page.locator("#outcome table")).to_be_visible()
    rows = page.locator("#outcome tbody tr").all_inner_texts()
    expect(page.get_by_role("status")).to_contain_text(f"{len(rows)} rows")
    shared = page.url
    tab.assert_calm()

    assert parse_qs(urlsplit(shared).query)["query"] == [tab.text()]
    with watched(browser, server) as other:
        other.page.goto(shared)
        assert other.page.locator("#outcome tbody tr").all_inner_texts() == rows
        assert other.text() == tab.text()
        other.assert_calm()


def test_prefixes_are_completed_and_declared(tab):
    """Those of this endpoint; a query written for it can be made fit for any other."""
    page = tab.open()
    tab.write("PREFIX dca")
    expect(page.locator(".CodeMirror-hint").first).to_contain_text("dcat: <http://www.w3.org/ns/dcat#>")

    page.keyboard.press("Escape")
    tab.ask("SELECT ?d { ?d a dcat:Dataset ; dct:title ?t }")
    expect(page.locator("#outcome table")).to_be_visible()
    page.get_by_role("button", name="Declare prefixes").click()
    assert tab.text().startswith(
        "PREFIX dcat: <http://www.w3.org/ns/dcat#>\nPREFIX dct: <http://purl.org/dc/terms/>\nSELECT"
    )
    page.get_by_role("button", name="Declare prefixes").click()
    expect(page.get_by_role("status")).to_have_text("All prefixes in it are declared.")
    tab.assert_calm()


def test_the_whole_answer_is_downloaded(tab):
    """By a link beside the answer, or as the form says; the link copied is the address."""
    page = tab.open()
    tab.ask("SELECT ?n { VALUES ?n { 1 2 } }")
    with page.expect_download() as begun:
        page.get_by_role("link", name="CSV").click()
    assert Path(begun.value.path()).read_bytes() == b"n\r\n1\r\n2\r\n"

    page.get_by_label("Answer as").select_option("tsv")
    with page.expect_download() as begun:
        page.get_by_role("button", name="Run").click()
    assert Path(begun.value.path()).read_bytes() == b"?n\n1\n2\n"
    tab.assert_calm()


def test_the_answer_is_shown_as_programs_get_it(tab):
    """On demand, as it is."""
    page = tab.open("SELECT ?n { VALUES ?n { 1 } }")
    page.get_by_text("The answer as programs get it").click()
    raw = page.locator(".raw pre")
    expect(raw).to_contain_text("bindings")

    answer = json.loads(raw.inner_text())
    assert [row["n"]["value"] for row in answer["results"]["bindings"]] == ["1"]
    tab.assert_calm()


def test_without_script_there_is_a_form(browser, server):
    """It asks the same."""
    with watched(browser, server, java_script_enabled=False) as tab:
        page = tab.open()
        page.get_by_label("Query", exact=True).fill("SELECT ?n { VALUES ?n { 7 } }")
        page.get_by_role("button", name="Run").click()

        assert page.locator("#outcome td").all_inner_texts() == ["7"]
        tab.assert_calm()


def test_the_keyboard_alone_is_enough(tab):
    """Tab goes into the editor and out of it, both ways; Enter at the button runs."""
    page = tab.open()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "query-editor":
            break
    expect(tab.editor).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("SELECT ?n { VALUES ?n { 3 } }")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(tab.editor).to_be_focused()
    page.keyboard.press("Escape")
    expect(tab.editor).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#outcome td")).to_have_text("3")
    tab.assert_calm()


def test_who_prefers_a_plain_field_keeps_it(tab):
    """With what was written; it is as it would be without script, and is chosen once."""
    page = tab.open("SELECT ?n { VALUES ?n { 4 } }")
    page.get_by_role("button", name="Plain field").click()
    page.locator("textarea#query").fill("SELECT ?n { VALUES ?n { 5 } }")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#outcome td")).to_have_text("5")
    page.reload()
    expect(page.locator("textarea#query")).to_have_value("SELECT ?n { VALUES ?n { 5 } }")

    page.get_by_role("button", name="Editor").click()
    expect(tab.editor).to_be_attached()
    assert tab.text() == "SELECT ?n { VALUES ?n { 5 } }"
    assert page.evaluate("localStorage.getItem('harvester.plain')") is None
    tab.assert_calm()


def test_a_mistake_is_told_and_mended(tab):
    """While it is written, by its line; when it is run, by what the server says of it."""
    page = tab.open()
    tab.ask("SELECT ?n {\n  VALUES ?n { 1 }\n  ?n }")
    expect(page.locator(".syntax")).to_contain_text("Line 3")
    expect(page.get_by_role("alert")).to_contain_text("line 3")
    assert page.evaluate("document.querySelector('#outcome h1')") is None

    tab.complaints.clear()  # a browser notes the status 400
    tab.ask("SELECT ?n { VALUES ?n { 1 } }")
    expect(page.locator("#outcome td")).to_have_text("1")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".syntax")).to_have_text("")
    tab.assert_calm()


def test_back_leads_to_the_query_before(tab):
    """Each query that was run has its place in the browser's history."""
    page = tab.open()
    for number in (1, 2):
        tab.ask(f"SELECT ?n {{ VALUES ?n {{ {number} }} }}")
        expect(page.locator("#outcome td")).to_have_text(str(number))
    page.go_back()

    expect(page.locator("#outcome td")).to_have_text("1")
    assert "{ 1 }" in tab.text()
    page.go_forward()
    expect(page.locator("#outcome td")).to_have_text("2")
    tab.assert_calm()


def test_a_query_can_be_stopped(tab):
    """The server then stops too: it tells that nothing is under way."""
    page = tab.open()
    tab.ask(ENDLESS)
    page.get_by_role("button", name="Stop").click()

    expect(page.get_by_role("status")).to_have_text("The query was stopped.")
    expect(page.get_by_role("button", name="Run")).to_be_visible()
    tab.assert_calm()


def test_examples_open_in_the_editor(tab):
    """And are run there, without a new page; what was there before is one undo away."""
    page = tab.open()
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Whether there are datasets").click()
    expect(page.locator("#outcome h2")).to_have_text("Yes")

    assert "ASK" in tab.text()
    assert page.evaluate("window.same")
    tab.editor.focus()
    page.keyboard.press("Control+z")
    assert "?reuse_title" in tab.text()
    tab.assert_calm()


def test_what_was_run_is_remembered_here_and_forgotten_here(tab):
    """In the browser, and nowhere else."""
    page = tab.open()
    tab.ask("SELECT ?n { VALUES ?n { 41 } }")
    expect(page.locator("#outcome td")).to_have_text("41")
    tab.open()
    page.get_by_text("Queries run in this browser").click()
    page.get_by_role("button", name="VALUES ?n { 41 }").click()
    expect(page.locator("#outcome td")).to_have_text("41")

    page.get_by_role("button", name="Forget them").click()
    expect(page.get_by_text("Queries run in this browser")).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0
    assert page.context.cookies() == []
    tab.assert_calm()


@pytest.mark.parametrize(
    "query", [PLANTED, f"SELECT ('''{EVIL}'''^^rdf:HTML AS ?x) {{}}"], ids=["store", "html"]
)
def test_what_is_planted_in_the_catalogue_stays_text(tab, query):
    """HTML in texts, also where it says that it is HTML, and IRIs that are script."""
    page = tab.open()
    tab.ask(query)
    expect(page.locator("#outcome tbody")).to_contain_text("<script>alert(1)</script>")
    page.get_by_text("The answer as programs get it").click()
    expect(page.locator(".raw pre")).to_contain_text("alert(1)")

    assert page.locator("#outcome :is(script, img, [onerror], [onclick])").count() == 0
    links = page.locator("#outcome a").evaluate_all("all => all.map(each => new URL(each.href).protocol)")
    assert set(links) == {"http:"} or links == []
    tab.assert_calm()


@pytest.mark.parametrize(
    "query", [EVIL, f"</textarea>{EVIL}", f"SELECT * {{ ?s ?p '''{EVIL}''' }} # \" ' --> ]]>"], ids=range(3)
)
def test_what_is_planted_in_an_address_stays_text(tab, query):
    """In the field, the editor, the list of what was run, and what the server says of it."""
    page = tab.open(query)
    tab.complaints.clear()  # a browser notes the status 400
    assert tab.text() == query
    page.evaluate("document.querySelector('form.editor').requestSubmit()")
    expect(page.get_by_role("button", name="Run")).to_be_visible()
    page.get_by_text("Queries run in this browser").click()

    assert page.locator("main :is(script, img, [onerror])").count() == 0
    assert [each for each in tab.complaints if "400" not in each] == []


def test_the_editor_weighs_little_and_is_kept(tab):
    """Compressed; asked for once; no other page has it."""
    page = tab.open()
    page.wait_for_load_state("networkidle")
    vendored = [request for request in tab.requests if "/vendor/" in request.url]
    sizes = [request.sizes()["responseBodySize"] for request in vendored]
    assert len(vendored) == 2
    assert 50_000 < sum(sizes) < MOST_SENT
    assert all("immutable" in request.response().headers["cache-control"] for request in vendored)

    tab.requests.clear()
    for path in ("/", "/queries", "/api"):
        page.goto(tab.server.url + path)
    assert not [request for request in tab.requests if "/vendor/" in request.url]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_nothing_serious(browser, server, audit, language):
    """With an answer, a list of completions and a mistake on the page; in both schemes and languages."""
    with watched(browser, server, locale=language) as tab:
        page = tab.open("SELECT ?d ?t { ?d a dcat:Dataset ; dct:title ?t } # comment")
        page.locator("#query-editor").focus()
        page.keyboard.press("Control+End")
        page.keyboard.type("\n'text' 12 <http://a.example/> } ?s ")
        page.keyboard.press("Control+Home")
        page.keyboard.type("\n")
        page.keyboard.press("Control+Home")
        page.keyboard.type("SELECT ?x { ?x a dcat:")
        expect(page.locator(".CodeMirror-hint").first).to_be_visible()
        expect(page.locator(".syntax")).not_to_have_text("")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert audit(page) == [], scheme
