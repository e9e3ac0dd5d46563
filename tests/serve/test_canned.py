"""The canned queries over HTTP, as programs ask them."""

import csv
import io
import json
import re
from urllib.parse import quote, urlencode

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from tests.serve.site import QUERIES, get, get_json, site

D1 = "http://a.example/datasets/d1"
ROW_FORMATS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
GRAPH_FORMATS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "xml": "application/rdf+xml",
}


@pytest.fixture(scope="module")
def server(shared_site):
    return shared_site


def problem(reply, status):
    """What a reply tells went wrong."""
    assert (reply.status, reply.media_type) == (status, "application/problem+json"), reply.body
    return json.loads(reply.body)


def bindings(server, path):
    return get_json(server, path)["results"]["bindings"]


def test_the_list_tells_all_that_a_client_needs(server):
    """Name, address, formats and typed parameters of every query that can be used; shipped and own alike."""
    queries = {query["name"]: query for query in get_json(server, "/queries")["queries"]}

    assert {"publishers", "describe-resource", "numbers"} <= set(queries)
    assert queries["publishers"]["url"] == f"{server.url}/queries/publishers"
    assert queries["publishers"]["pagination"] == 50
    assert set(queries["publishers"]["formats"]) == {*ROW_FORMATS, "html"}
    assert queries["publishers"]["parameters"] == [
        {
            "name": "by",
            "required": False,
            "description": "a text",
            "schema": {"type": "string", "enum": ["datasets", "reuses"], "default": "datasets"},
        }
    ]
    assert queries["dataset-reuses"]["parameters"][0]["required"] is True


def test_the_list_comes_by_suffix_and_by_tag(server):
    """`/queries.json` is JSON for whoever asks; `?tag=` keeps the queries that have it."""
    assert get(server, "/queries.json", "text/html").media_type == "application/json"
    tagged = get_json(server, "/queries?tag=runs")["queries"]
    assert {"run-history", "last-run-changes"} <= {query["name"] for query in tagged}
    assert all("runs" in query["tags"] for query in tagged)
    problem(get(server, "/queries", "image/png"), 406)


@pytest.mark.parametrize(("name", "media_type"), ROW_FORMATS.items())
def test_rows_come_in_every_format_by_every_way_to_ask(server, name, media_type):
    """Suffix, ?format= and Accept give the same bytes; the suffix goes before the others."""
    by_suffix = get(server, f"/queries/publishers.{name}?by=reuses", "text/html")
    by_format = get(server, f"/queries/publishers?format={name}&by=reuses", "text/html")
    by_accept = get(server, "/queries/publishers?by=reuses", media_type)

    assert {reply.status for reply in (by_suffix, by_format, by_accept)} == {200}
    assert by_suffix.media_type == by_format.media_type == by_accept.media_type == media_type
    assert by_suffix.body == by_format.body == by_accept.body
    assert "Accept" in re.split(", *", by_accept.headers["Vary"])


def test_csv_says_what_json_says(server):
    """The same rows in the same order."""
    rows = list(csv.DictReader(io.StringIO(get(server, "/queries/publishers.csv").body.decode())))
    expected = [
        {name: term["value"] for name, term in row.items()} for row in bindings(server, "/queries/publishers")
    ]

    assert rows == expected
    assert rows


def test_graphs_are_the_same_in_every_format(server):
    """Whatever the syntax, the graph is that of the resource."""
    graphs = []
    for name, media_type in GRAPH_FORMATS.items():
        reply = get(server, f"/queries/describe-resource.{name}?resource={quote(D1, safe='')}")
        assert (reply.status, reply.media_type) == (200, media_type)
        graph = Dataset(quad for quad in parse(reply.body, RdfFormat.from_media_type(media_type)))
        graph.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        graphs.append(set(graph))

    assert graphs[0]
    assert all(graph == graphs[0] for graph in graphs)


def test_a_truth_value_is_an_answer(server):
    """ASK comes in the formats of rows that can hold it."""
    assert get_json(server, "/queries/truth")["boolean"] is True


@pytest.mark.parametrize(
    ("path", "accept", "fits"),
    [
        ("/queries/publishers.ttl", "*/*", "json, csv, tsv, xml, html"),
        ("/queries/publishers?format=ttl", "*/*", "json, csv, tsv, xml, html"),
        ("/queries/publishers?format=pdf", "*/*", "json, csv, tsv, xml, html"),
        ("/queries/publishers", "image/png", "json, csv, tsv, xml, html"),
        (f"/queries/describe-resource.csv?resource={D1}", "*/*", "ttl, jsonld, nt, xml"),
        (f"/queries/describe-resource?resource={D1}", "text/csv", "ttl, jsonld, nt, xml"),
    ],
)
def test_a_format_that_cannot_hold_the_answer_is_refused_with_those_that_can(server, path, accept, fits):
    """406, and nothing is evaluated for it."""
    assert fits in problem(get(server, path, accept), 406)["fix"]


@pytest.mark.parametrize("accept", ["*/*", "", "application/json", "application/*;q=0.3"])
def test_programs_get_json_unless_they_ask_for_more(server, accept):
    """A page is for those who say text/html."""
    assert get(server, "/queries/publishers", accept).media_type == "application/sparql-results+json"


def test_values_are_terms(server):
    """They narrow the answer by their type, and cannot change the query."""
    reuses = bindings(server, f"/queries/dataset-reuses?{urlencode({'dataset': D1})}")
    assert len(reuses) == 3  # r1, r2, r5, as catalogue.trig says
    for text in ('" } #', '") FILTER(true) } #', "\\", "}{", "\u0000"):
        assert bindings(server, f"/queries/search-titles?{urlencode({'text': text})}") == []


@pytest.mark.parametrize(
    ("search", "cause"),
    [
        ("bye=reuses", "did you mean by?"),
        ("by=reuses&by=datasets", "by is given twice"),
        ("by=views", "'views' is not one of its choices"),
        ("page=0", "There is no page '0'"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_by_name(server, search, cause):
    """Unknown, repeated, not of its type: each says what was expected."""
    assert cause in problem(get(server, f"/queries/publishers?{search}"), 400)["detail"]


def test_a_missing_parameter_is_named(server):
    """With an address that would do."""
    told = problem(get(server, "/queries/search-titles.json"), 400)

    assert told["detail"] == "The query search-titles needs text"
    assert "?text=word" in told["fix"]


def test_an_unknown_query_is_404_with_the_nearest(server):
    """And tells nothing about commands of the operator."""
    told = problem(get(server, "/queries/publisher"), 404)

    assert "did you mean publishers" in told["detail"]
    assert f"{server.url}/queries" in told["fix"]
    problem(get(server, "/queries/publishers.pdf"), 404)


def test_pages_are_walked_by_their_links(server):
    """Each row comes once; the last page has no next; nobody says which is the last."""
    seen, path, pages = [], "/queries/numbers.csv", 0
    while path:
        reply = get(server, path)
        seen += reply.body.decode().split()[1:]
        links = dict(re.findall(r'<([^>]*)>; rel="(\w+)"', reply.headers["Link"]))
        links = {rel: to for to, rel in links.items()}
        assert set(links) <= {"first", "prev", "next"}
        path = links.get("next", "").removeprefix(server.url)
        pages += 1

    assert seen == [str(n) for n in range(25)]
    assert (pages, links["first"]) == (3, f"{server.url}/queries/numbers.csv")
    assert links["prev"] == f"{server.url}/queries/numbers.csv?page=2"


def test_links_keep_values_and_format(server):
    """The next page is asked like this one."""
    reply = get(server, "/queries/numbers?format=tsv&page=2")

    assert f'<{server.url}/queries/numbers?page=3&format=tsv>; rel="next"' in reply.headers["Link"]


def test_an_answer_without_pages_is_cut_and_says_so(server):
    """10,000 rows; the mark is in the header of every format, and in JSON itself."""
    as_json = get(server, "/queries/many.json")
    as_csv = get(server, "/queries/many.csv")

    assert as_json.headers["X-Truncated"] == as_csv.headers["X-Truncated"] == "true"
    document = json.loads(as_json.body)
    assert document["truncated"] is True
    assert len(document["results"]["bindings"]) == 10_000
    assert len(as_csv.body.splitlines()) == 10_001


def test_an_answer_that_is_whole_has_no_mark(server):
    """Neither in the header nor in the document."""
    reply = get(server, "/queries/few.json")

    assert reply.headers["X-Truncated"] is None
    assert "truncated" not in json.loads(reply.body)


def test_a_client_that_has_the_answer_is_told_so(server):
    """304 without a body, for data and for pages; another query or format has another tag."""
    for path, accept in (("/queries/publishers.csv", "*/*"), ("/queries/publishers", "text/html")):
        tag = get(server, path, accept).headers["ETag"]
        again = get(server, path, accept, If_None_Match=tag)
        assert (again.status, again.body) == (304, b"")
    tags = {
        get(server, f"/queries/publishers.{name}?by={by}").headers["ETag"]
        for name in ROW_FORMATS
        for by in ("reuses", "datasets")
    }
    assert len(tags) == 8


@pytest.mark.parametrize(
    "path", ["/queries", "/queries/publishers.csv", "/queries/many.json", "/openapi.json", "/"]
)
def test_head_is_get_without_the_body(server, path):
    """The headers are the same."""
    head, whole = server.ask("HEAD", path), server.ask("GET", path)

    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Type", "ETag", "Link", "X-Truncated"):
        assert head.headers[name] == whole.headers[name]


def test_a_query_may_have_a_format_and_a_page_of_its_own(server):
    """Ours then are _format and _page, also in links."""
    reply = get(server, "/queries/own-names?format=CSV&page=7&_format=json")

    rows = json.loads(reply.body)["results"]["bindings"]
    assert [(row["x"]["value"], row["y"]["value"], row["n"]["value"]) for row in rows] == [
        ("CSV", "7", "1"),
        ("CSV", "7", "2"),
    ]
    assert "/queries/own-names?format=CSV&page=7&_page=2&_format=json>" in reply.headers["Link"]


def test_a_query_that_says_post_takes_a_form(server):
    """And GET all the same; other queries are asked by GET only."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    text = "é" * 20_000
    posted = server.ask("POST", "/queries/posted.csv", form, urlencode({"text": text}).encode())
    assert posted.body.split() == [b"length", b"20000"]
    assert get(server, "/queries/posted.csv?text=word").body.split() == [b"length", b"4"]

    refused = server.ask("POST", "/queries/publishers", form, b"by=reuses")
    assert refused.headers["Allow"] == "GET, HEAD"
    problem(refused, 405)
    problem(server.ask("POST", "/queries/posted", {"Content-Type": "text/plain"}, b"word"), 415)
    problem(server.ask("POST", "/queries/posted", form, b"text=" + b"x" * 2_000_000), 413)
    problem(server.ask("DELETE", "/queries/posted"), 405)


def test_a_broken_file_costs_only_itself(server):
    """It is left out of the list; who asks for it learns nothing about the operator's disk."""
    assert "broken" not in {query["name"] for query in get_json(server, "/queries")["queries"]}

    told = problem(get(server, "/queries/broken"), 500)

    assert "broken cannot be used" in told["detail"]
    assert "/" not in told["detail"] + told["fix"]
    assert "pagination" in server.log.read_text()  # the operator is told


def test_a_file_is_read_again_when_it_has_changed(tmp_path):
    """No restart for a corrected query."""
    with site(tmp_path) as server:
        assert get(server, "/queries/truth").status == 200
        changed = QUERIES["truth"].replace("ASK { ", "ASK { FILTER(false) ")
        (tmp_path / "queries" / "truth.rq").write_text(changed)

        assert get_json(server, "/queries/truth")["boolean"] is False
