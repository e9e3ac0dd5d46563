"""A page of another origin, in a real browser: it may read what everybody may, the bad news included.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.serve.support import Server, publish, serving

TOKEN = "more-than-sixteen-letters"
TRIG = "<http://ex.example/g> { <http://ex.example/a> <http://ex.example/p> 'été' , 'b' , 'c' . }"
NUMBERS = "#+ summary: Numbers\n#+ pagination: 2\nSELECT ?n { VALUES ?n { 1 2 3 4 5 } } ORDER BY ?n"
SELECT = "SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 1"
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(22))
FETCH = """async ([address, options]) => {
  const response = await fetch(address, options);
  const headers = Object.fromEntries(response.headers);
  return {status: response.status, headers, body: await response.text()};
}"""


class Elsewhere(BaseHTTPRequestHandler):
    """A site that knows nothing of us: one empty page, and no word about who may read it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Elsewhere</title>")

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """The port of another site on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield site.server_port
        site.shutdown()
        thread.join()


@pytest.fixture(scope="module", params=["localhost", "127.0.0.1"])
def page(request, browser, elsewhere) -> Iterator[Page]:
    """A page of that site, under each of its names: one is of another site than ours, one is not."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"http://{request.param}:{elsewhere}/")
        yield page


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    store, queries = tmp_path_factory.mktemp("store"), tmp_path_factory.mktemp("queries")
    publish(store, TRIG)
    (queries / "numbers.rq").write_text(NUMBERS)
    with serving(store, "--queries", str(queries), "--timeout", "5", "--per-client", "1") as server:
        yield server


def fetch(page: Page, address: str, **options: Any) -> dict[str, Any]:
    """Have the script of a page fetch an address; the headers are those that it may see."""
    answer: dict[str, Any] = page.evaluate(FETCH, [address, options])
    return answer


def logged(server: Server, words: str) -> bool:
    """Tell whether the access log says so, or will in a moment."""
    deadline = time.monotonic() + 5
    while words not in server.log.read_text():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_other_sites_cannot_be_read(page, elsewhere):
    """The browser does guard what does not say that it may be read: so the other tests show something."""
    name = "127.0.0.1" if "localhost" in page.url else "localhost"

    assert (
        page.evaluate("address => fetch(address).catch(error => error.name)", f"http://{name}:{elsewhere}/")
        == "TypeError"
    )


def test_a_page_reads_rows_by_get(page, server):
    """With the Accept of its choice, and the entity tag in its hands."""
    answer = fetch(
        page, f"{server.url}/sparql?query={SELECT}", headers={"Accept": "application/sparql-results+json"}
    )

    assert answer["status"] == 200
    assert json.loads(answer["body"])["results"]["bindings"] == [{"o": {"type": "literal", "value": "b"}}]
    assert answer["headers"]["content-type"] == "application/sparql-results+json"
    assert answer["headers"]["etag"].startswith('W/"')


def test_a_page_reads_a_graph_by_a_form(page, server):
    """A simple request: no preflight is needed."""
    form = "query=CONSTRUCT%20WHERE%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D"
    headers = {"Accept": "application/n-triples", "Content-Type": "application/x-www-form-urlencoded"}
    answer = fetch(page, f"{server.url}/sparql", method="POST", body=form, headers=headers)

    assert answer["status"] == 200
    assert '<http://ex.example/a> <http://ex.example/p> "été" .' in answer["body"]


def test_a_page_posts_a_bare_query(page, server):
    """The browser asks first whether this media type and Authorization may be sent."""
    headers = {
        "Accept": "text/csv",
        "Content-Type": "application/sparql-query",
        "Authorization": f"Bearer {TOKEN}",
    }
    answer = fetch(page, f"{server.url}/sparql", method="POST", body=SELECT, headers=headers)

    assert (answer["status"], answer["body"]) == (200, "o\r\nb\r\n")
    assert logged(server, '"OPTIONS /sparql')


def test_a_page_asks_for_what_changed(page, server):
    """If-None-Match goes through, and 304 comes back."""
    address = f"{server.url}/sparql?query=ASK%7B%7D"
    tag = fetch(page, address)["headers"]["etag"]
    answer = fetch(page, address, headers={"If-None-Match": tag}, cache="no-store")

    assert answer["status"] == 304


def test_a_page_turns_the_pages_of_a_query(page, server):
    """The Link header leads from one to the next."""
    answer = fetch(page, f"{server.url}/queries/numbers.csv")
    assert answer["body"] == "n\r\n1\r\n2\r\n"

    link = next(link for link in answer["headers"]["link"].split(",") if 'rel="next"' in link)
    address = page.evaluate(
        "([link, base]) => new URL(link, base).href", [link.split(">")[0].strip(" <"), server.url]
    )
    assert fetch(page, address)["body"] == "n\r\n3\r\n4\r\n"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/sparql?query=SELECT%20*%20%7B%20%3Fs", 400, "line 1, column"),
        ("/sparql?update=CLEAR%20ALL", 403, "read-only"),
        ("/nowhere", 404, "nothing at this address"),
        ("/queries/numbers.json?page=no", 400, "no page"),
    ],
)
def test_a_page_reads_what_went_wrong(page, server, path, status, words):
    """Problem details are for scripts too."""
    answer = fetch(page, server.url + path)
    problem = json.loads(answer["body"])

    assert answer["status"] == problem["status"] == status
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert words in problem["detail"]
    assert problem["fix"]


def test_a_page_learns_when_to_come_back(page, server):
    """Of two long queries at once one is too many here: it is told so, the other that it took too long."""
    script = f"""async ([address, queries]) => {{
      const one = {FETCH};
      const headers = {{'Content-Type': 'application/sparql-query'}};
      return Promise.all(queries.map(body => one([address, {{method: 'POST', headers, body}}])));
    }}"""
    queries = [f"{ENDLESS} FILTER({number} > 0) }}" for number in (1, 2)]
    slow, refused = sorted(
        page.evaluate(script, [f"{server.url}/sparql", queries]), key=lambda answer: -answer["status"]
    )

    assert (slow["status"], refused["status"]) == (504, 429)
    assert int(refused["headers"]["retry-after"]) >= 1
    assert all(json.loads(answer["body"])["fix"] for answer in (slow, refused))


def test_a_page_with_a_token_is_let_in(browser, elsewhere, tmp_path):
    """Preflights carry no token and pass; without one the script may at least read why it is refused."""
    publish(tmp_path / "store", TRIG)
    (tmp_path / "tokens").write_text(f"page:{TOKEN}\n")
    with (
        serving(tmp_path / "store", "--tokens", str(tmp_path / "tokens")) as server,
        browser.new_context() as context,
    ):
        page = context.new_page()
        page.goto(f"http://localhost:{elsewhere}/")
        address = f"{server.url}/sparql?query=ASK%7B%7D"
        refused = fetch(page, address)
        answer = fetch(page, address, headers={"Authorization": f"Bearer {TOKEN}"})

    assert refused["status"] == 401
    assert "Authorization" in json.loads(refused["body"])["fix"]
    assert (answer["status"], json.loads(answer["body"])["boolean"]) == (200, True)


def test_our_own_pages_work_under_their_policy(browser, server):
    """The browser blocks nothing of them, at a second visit neither, and the editor shows the answer."""
    complaints: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for path in ("/", "/queries", "/queries/numbers", "/api", "/sparql") * 2:  # then from its cache
            reply = page.goto(server.url + path)
            assert reply is not None
            assert reply.status == 200, path
        page.get_by_role("textbox", name="Query").focus()  # the plain field, or the editor in its place
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(SELECT)
        page.locator("form:has(textarea) [type=submit], form:has(textarea) button").first.click()
        page.wait_for_selector("table")
        cells = page.locator("table td").all_inner_texts()

    assert "b" in [cell.strip() for cell in cells]
    assert complaints == []
