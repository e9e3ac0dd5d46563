"""The pages, as a browser without script gets them."""

import re
from itertools import pairwise
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from tests.serve.site import EVIL, get, page, site

D1 = "http://a.example/datasets/d1"
EVERY_PAGE = (
    "/",
    "/search",
    "/search?q=velo&theme=x",
    "/search?q=nowhere-to-be-found",
    "/search?kind=all",
    "/reuses",
    "/queries",
    "/queries?tag=runs",
    "/queries/publishers",
    "/queries/search-titles",
    "/queries/search-titles?text=velo",
    f"/queries/describe-resource?resource={quote(D1, safe='')}",
    "/queries/typed",
    "/queries/hostile",
    "/queries/nothing",
    "/sparql",
    "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D",
    "/api",
)


@pytest.fixture(scope="module")
def server(shared_site):
    return shared_site


def sparql(query: str) -> str:
    return f"/sparql?{urlencode({'query': query})}"


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_page_has_the_frame(server, path):
    """Language, title, one heading, a link past the navigation, and a policy against foreign code."""
    shown = page(server, path)

    assert shown.one("html", lang="en")
    assert str(shown.one("title"))
    assert len(shown.all("h1")) == 1
    assert shown.one("a", class_="skip")["href"] == "#main"
    assert shown.one("main", id="main")
    assert "default-src 'none'" in shown.reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_no_page_needs_what_its_policy_forbids(server, path):
    """No script, no style and no handler within the page, nothing loaded from elsewhere."""
    shown = page(server, path)

    for element in shown.elements:
        assert element.tag not in ("style", "iframe", "object", "base")
        if element.tag == "img":
            assert urlsplit(element["src"])[:2] == ("", "")
            assert element["alt"]
        if element.tag == "script":
            assert urlsplit(element["src"]).path.startswith("/static/vendor/")
            assert (urlsplit(element["src"]).netloc, str(element)) == ("", "")
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")]
        if element.tag == "link":
            assert urlsplit(element["href"]).netloc == ""


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_headings_leave_no_level_out(server, path):
    """A screen reader's outline of the page has no holes."""
    levels = [
        int(element.tag[1]) for element in page(server, path).elements if re.fullmatch("h[1-6]", element.tag)
    ]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_field_has_a_label_and_every_id_is_unique(server, path):
    """For those who do not see the page."""
    shown = page(server, path)

    ids = [element["id"] for element in shown.elements if "id" in element.attributes]
    labelled = {label["for"] for label in shown.all("label")}
    fields = [each for tag in ("input", "select", "textarea") for each in shown.all(tag)]
    fields = [each for each in fields if each.attributes.get("type") != "hidden"]
    assert len(ids) == len(set(ids))
    assert {field["id"] for field in fields} <= labelled
    for field in fields:
        assert set(field.attributes.get("aria-describedby", "").split()) <= set(ids)


def test_every_link_of_the_site_leads_somewhere(server):
    """From every page, each address of ours answers."""
    links = {
        element["href"]
        for path in EVERY_PAGE
        for element in page(server, path).elements
        if element.attributes.get("href", "").startswith("/")
    }
    links = {
        link for link in links if not link.startswith("/resource?")
    }  # of some the catalogue says nothing

    answers = {link: get(server, link.partition("#")[0], "text/html, */*;q=0.1").status for link in links}

    wrong = {link: status for link, status in answers.items() if status != 200}
    assert {link for link, status in wrong.items() if (status, link[:10]) != (303, "/language/")} == set()
    assert len(answers) > 50


def test_the_list_groups_queries_by_tag(server):
    """Under headings, each with its summary; a tag shows all that have it."""
    shown = page(server, "/queries")

    headings = [str(element) for element in shown.all("h2")]
    assert {"Reuses", "Runs"} <= set(headings)
    summaries = [str(element) for element in shown.all("h3")]
    assert len(summaries) == len(set(summaries)) > 30
    assert "/queries?tag=runs" in {link["href"] for link in shown.all("a", class_="tag")}
    assert "Run history" in [str(element) for element in page(server, "/queries?tag=runs").all("h2")]


def test_rows_are_a_table(server):
    """Numbers to the right, IRIs linked, each with a link to what the catalogue says of it."""
    shown = page(server, "/queries/publishers?by=reuses")

    assert [str(head) for head in shown.all("th")] == ["publisher", "datasets", "reused", "reuses", "iri"]
    assert [head.attributes.get("class") for head in shown.all("th")] == [
        None,
        "number",
        "number",
        "number",
        None,
    ]
    organization = "http://a.example/organizations/o1"
    assert shown.all("a", href=organization)
    about = next(
        link
        for link in shown.all("a", class_="about")
        if organization in parse_qs(urlsplit(link["href"]).query)["iri"]
    )
    assert page(server, about["href"])


def test_downloads_are_the_same_answer(server):
    """In every format, with the same values, and without the page's own."""
    shown = page(server, "/queries/publishers?by=reuses&format=html")

    downloads = [link["href"] for link in shown.all("a") if "type" in link.attributes]
    assert downloads == [f"/queries/publishers.{name}?by=reuses" for name in ("json", "csv", "tsv", "xml")]


def test_pages_are_turned_by_links(server):
    """Previous and next with what rows are shown; beyond the end it says so."""
    first, last = page(server, "/queries/numbers"), page(server, "/queries/numbers?page=3")

    assert [str(each) for each in first.all("h2")] == ["Rows 1 to 10"]
    assert [link["href"] for link in first.all("a", rel="next")] == ["/queries/numbers?page=2"]
    assert first.all("a", rel="prev") == []
    assert [str(each) for each in last.all("h2")] == ["Rows 21 to 25"]
    assert [link["href"] for link in last.all("a", rel="prev")] == ["/queries/numbers?page=2"]
    assert last.all("a", rel="next") == []
    assert "There is no page 9" in str(page(server, "/queries/numbers?page=9").one("main"))


def test_a_form_asks_for_what_is_missing(server):
    """Without a required value the page is the form, with an example that has an answer."""
    shown = page(server, "/queries/dataset-reuses")

    form = shown.all("form")[-1]
    assert (form["method"], form["action"]) == ("get", "/queries/dataset-reuses")
    field = shown.one("input", name="dataset")
    assert ("required" in field.attributes, field["type"]) == (True, "url")
    assert shown.one("input", name="lang")["value"] == "en"
    assert shown.all("table") == []
    example = next(link["href"] for link in shown.all("a") if str(link) == "Try an example")
    assert page(server, example).all("table")


def test_a_form_that_is_sent_with_empty_fields_works(server):
    """A browser sends them all; empty is as good as not there."""
    shown = page(server, "/queries/used-datasets-by-theme?theme=&lang=")

    assert shown.all("table")
    assert shown.one("input", name="lang")["value"] == "en"


def test_a_mistake_is_told_at_its_field(server):
    """400, the form as it was filled in, the reason beside the field and above."""
    shown = page(server, "/queries/stale-datasets?asOf=yesterday", 400)

    field = shown.one("input", name="asOf")
    assert (field["value"], field["aria-invalid"]) == ("yesterday", "true")
    assert "'yesterday' is not a date" in str(shown.one("small", id=field["aria-describedby"]))
    assert "'yesterday' is not a date" in str(shown.one("div", role="alert"))
    assert "no parameter &#39;nope&#39;" not in str(
        page(server, "/queries/publishers?nope=1", 400).one("main")
    )


def test_an_answer_cut_for_the_page_says_how_to_get_the_rest(server):
    """The first 200 rows of an answer without pages."""
    shown = page(server, "/queries/many")

    assert len(shown.all("tr")) == 201
    assert [str(each) for each in shown.all("h2")] == ["The first 200 rows"]
    note = str(shown.one("p", class_="note"))
    assert "up to 10,000 rows" in note
    assert "SPARQL endpoint" in note


def test_an_answer_too_long_for_a_page_is_there_as_a_file(server):
    """More than a mebibyte in 200 rows: the page says so, and still links the files and the editor."""
    text = "x" * 6_000
    shown = page(server, f"/queries/long?text={text}", 503)

    assert "too long for a page" in str(shown.one("div", role="alert"))
    files = [link["href"] for link in shown.all("a") if "type" in link.attributes]
    assert files[1] == f"/queries/long.csv?text={text}"
    assert len(get(server, files[1]).body) > 1 << 20


def test_a_graph_is_shown_in_turtle(server):
    """And a truth value as a word, and nothing as a sentence."""
    graph = page(server, f"/queries/describe-resource?resource={quote(D1, safe='')}")
    assert "Vélos en libre-service" in str(graph.all("pre")[0])
    assert [str(each) for each in page(server, "/queries/truth").all("h2")] == ["Yes"]
    assert "Nothing in the catalogue fits" in str(page(server, "/queries/nothing").one("main"))


def test_the_query_can_be_read_and_taken_to_the_editor(server):
    """With the values in place, without its header; what it gives there is what it gave here."""
    shown = page(server, "/queries/publishers?by=reuses")

    text = str(shown.all("pre")[-1])
    assert text.startswith("PREFIX")
    link = next(link["href"] for link in shown.all("a") if str(link) == "Open in the SPARQL editor")
    editor = page(server, link)
    assert '"reuses"' in str(editor.one("textarea"))
    assert [str(cell) for cell in editor.all("td")] == [str(cell) for cell in shown.all("td")]


def test_the_editor_offers_a_start(server):
    """A first query that has an answer, prefixes, formats, and examples that can be opened."""
    shown = page(server, "/sparql")

    first = str(shown.one("textarea"))
    assert page(server, sparql(first)).all("td")
    assert {"html", "csv", "ttl"} <= {option["value"] for option in shown.all("option")}
    assert "dcat:" in str(shown.one("dl"))
    assert len([link for link in shown.all("a") if link["href"].startswith("/sparql?query=")]) > 20


def test_the_editor_shows_the_mistake_where_it_is(server):
    """400, the query kept, line and column with a caret under the place."""
    query = "SELECT ?title {\n  ?d dct:title ?title FILTR\n}"

    shown = page(server, sparql(query), 400)

    assert "".join(shown.one("textarea").text) == "\n" + query  # a browser drops the first line end
    alert = shown.one("div", role="alert")
    assert "line 2" in str(alert)
    marked = "".join(shown.one("pre", class_="caret").text).splitlines()
    assert marked[1].index("^") == marked[0].index("FILTR")


def test_the_editor_shows_the_beginning_of_a_long_answer(server):
    """200 rows or triples, and where all of them are."""
    rows = page(
        server,
        sparql(
            "SELECT * { VALUES ?a { 1 2 3 4 5 6 7 } VALUES ?b { 1 2 3 4 5 6 } VALUES ?c { 1 2 3 4 5 6 } }"
        ),
    )
    assert len(rows.all("tr")) == 201
    assert "the files hold all of it" in str(rows.one("p", class_="note"))
    graph = page(server, sparql("DESCRIBE <http://a.example/datasets/d1>"))
    assert "Vélos en libre-service" in str(graph.all("pre")[0])


def test_downloads_of_the_editor_are_whole(server):
    """Each link gives the answer in the format that it says."""
    shown = page(server, sparql("SELECT ?title { ?d dct:title ?title }"))

    for link in [link for link in shown.all("a") if "type" in link.attributes]:
        reply = get(server, link["href"], "text/html,*/*;q=0.8")
        assert (reply.status, reply.media_type) == (200, link["type"].partition(";")[0])


@pytest.mark.parametrize(
    "path",
    [
        "/queries/hostile",
        "/queries/hostile?" + urlencode({"text": EVIL, "word": EVIL, "kind": EVIL}),
        "/queries?" + urlencode({"tag": EVIL}),
        "/queries/search-titles?" + urlencode({"text": EVIL}),
        "/search?" + urlencode({"q": EVIL, "theme": EVIL, "format": EVIL, "sort": "title"}),
        "/search?" + urlencode({"q": "alert", "kind": "all"}),
        "/search?" + urlencode({"kind": EVIL}),
        "/reuses?" + urlencode({"q": EVIL, "type": EVIL}),
        "/queries/publishers?" + urlencode({EVIL: "x"}),
        "/queries/" + quote(EVIL, safe=""),
        "/queries",
        "/api",
        sparql("SELECT ?p ?o { <http://c.example/d> ?p ?o }"),
        sparql(f'SELECT ("""{EVIL}""" AS ?x) {{}}'),
        sparql(EVIL),
        sparql(f"</textarea>{EVIL}"),
        "/" + quote(EVIL),
    ],
)
def test_what_is_planted_stays_text(server, path):
    """In labels, IRIs, parameters, names, query files and addresses: no element, attribute or link of it."""
    reply = get(server, path, "text/html")
    assert reply.media_type == "text/html"
    body = re.sub(r'<script src="/static/vendor/editor-\w+\.js" defer></script>', "", reply.body.decode())

    assert "<script" not in body
    assert "<img" not in body
    assert "onerror" not in re.sub(r"onerror=alert\(2\)&gt;", "", re.sub("onerror%(25)?3D", "", body))
    assert not re.search(r"""(href|action|src)=["']?\s*(javascript|data):""", body, re.IGNORECASE)


def test_what_is_planted_is_shown(server):
    """Harmless, but whole."""
    shown = page(server, sparql("SELECT ?o { <http://c.example/d> dct:title|dct:relation ?o }"))

    cells = [str(cell) for cell in shown.all("td")]
    assert EVIL in cells
    assert any(cell.startswith("javascript:alert(1)") for cell in cells)


def test_problems_are_pages_for_people_and_data_for_programs(server):
    """The same problem, by Accept."""
    shown = page(server, "/nowhere", 404)

    assert "HTTP status 404" in str(shown.one("main"))
    assert get(server, "/nowhere", "application/json").media_type == "application/problem+json"


def test_under_a_prefix_every_link_has_it(tmp_path):
    """Behind a reverse proxy that gives the site a path: pages stay within it, data name its address."""
    public = "https://data.example/catalogue"
    with site(tmp_path, "--public-url", public) as server:
        for path in (
            "/",
            "/search?q=velo",
            "/reuses",
            "/queries",
            "/queries/publishers?by=reuses",
            "/sparql",
            "/api",
        ):
            shown = page(server, "/catalogue" + path)
            links = [
                element.attributes[name]
                for element in shown.elements
                for name in ("href", "action")
                if element.attributes.get(name, "").startswith("/")
            ]
            assert links
            assert [link for link in links if not link.startswith("/catalogue/")] == []
        assert (
            f"<{public}/queries/numbers?page=2>" in get(server, "/catalogue/queries/numbers").headers["Link"]
        )
        assert f'"{public}"' in get(server, "/catalogue/openapi.json").body.decode()
