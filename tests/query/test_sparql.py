"""What is refused before anything is evaluated, and where the message points."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from pyoxigraph import Store

from harvester.errors import UsageError
from harvester.query.results import JSON
from harvester.query.sparql import MAX_NESTING, MAX_OPERATORS, Form, read
from harvester.query.worker import evaluate


@pytest.fixture
def canary():
    """A server on loopback that a query must never call: its URL, and the calls it got."""
    calls = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            calls.append(self.path)
            self.send_error(500)

        def log_message(self, *arguments):
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/sparql", calls
    server.shutdown()
    thread.join()
    server.server_close()


DISGUISES = (
    "ASK { SERVICE <URL> { ?s ?p ?o } }",
    "ASK { service<URL>{ ?s ?p ?o } }",
    "ASK { SeRvIcE SILENT <URL> { ?s ?p ?o } }",
    "ASK { SERVICE # a comment\n <URL> { ?s ?p ?o } }",
    "# it's only\nASK { # a \"comment\nSERVICE <URL> { ?s ?p ?o } }",
    r"ASK { \u0053ERVICE <URL> { ?s ?p ?o } }",
    r"ASK { SERV\U00000049CE <URL> { ?s ?p ?o } }",
    "ASK { ?s ?p '''it's''' SERVICE <URL> { ?s ?p ?o } }",
    'ASK { ?s ?p "\\\\" . SERVICE <URL> { ?s ?p "}" } }',
    "ASK { FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "PREFIX x: <URL> ASK { SERVICE x: { ?s ?p ?o } }",
    "ASK { VALUES ?where { <URL> } SERVICE ?where { ?s ?p ?o } }",
    "ASK { VALUES ?a { 1 } FILTER(?a<2)SERVICE<URL>{ ?s ?p ?o } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "PREFIX e: <http://e.example/> ASK { ?s e:it\\'s ?o SERVICE <URL> { ?s ?p ?o FILTER(?o != '') } }",
    # the engine needs no space between words, and reads again what it could not read as one name or string
    "ASK { VALUES ?where { <URL> } FILTER(true) . ?s ?p trueSERVICE?where { ?s ?p ?o } }",
    "ASK { SERVICESILENT<URL> { ?s ?p ?o } }",
    "PREFIX e: <URL> PREFIX SERVICEe: <http://e.example/> ASK { SERVICEe: { ?s ?p ?o } }",
    "PREFIX : <URL> PREFIX SERVICE: <http://e.example/> ASK { SERVICE: { ?s ?p ?o } }",
    "PREFIX e: <http://e.example:> ASK { VALUES ?e { e:SERVICE } ?s ?p e:SERVICE <URL> { ?s ?p ?o } }",
    "PREFIX e: <http://e.example:> ASK { ?s ?p e:SERVICESILENT<URL> { ?s ?p ?o } }",
)
LOOKALIKES = (
    "ASK { FILTER('SERVICE <URL> { }' != '') }",
    'ASK { FILTER("""SERVICE\n<URL> { }""" != \'\') }',
    "ASK { } # SERVICE <URL> { ?s ?p ?o }",
    "SELECT ?service { VALUES ?service { 1 } }",
    "PREFIX service: <http://e.example/> ASK { ?s service:SERVICE ?o }",
    "PREFIX service: <a:> ASK { { ?s service:SERVICE ?o } UNION { ?s dcat:accessService ?o } }",
    "ASK { ?s <http://e.example/#SERVICE> ?o }",
    "ASK { ?s ?p 'it\\'s SERVICE' }",
)


@pytest.mark.parametrize("query", DISGUISES)
def test_service_is_refused_in_every_disguise(canary, store, query):
    """No query calls another server, however its SERVICE is written."""
    url, calls = canary

    with pytest.raises(UsageError, match="SERVICE would have this catalogue call other servers"):
        evaluate(store, read(query.replace("URL", url)), JSON, BytesIO())

    assert calls == []


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("bad", [r"\q", r"\u12", r"\uD800", r"\U00110000"])
def test_a_string_that_the_engine_cannot_read_hides_nothing(canary, store, quote, bad):
    """Of a long string with a bad escape the engine makes an empty one and a short one, and reads on."""
    url, calls = canary
    broken = f"{quote * 3}a{quote} }} SERVICE <{url}> {{ ?s ?p {quote}b{quote} }} #{bad}{quote * 3}"

    with pytest.raises(UsageError, match="this string is not closed"):
        evaluate(store, read(f"ASK {{ VALUES ?x {{ {broken}\n}}"), JSON, BytesIO())

    assert calls == []


def test_the_canary_would_have_sung(canary, store):
    """Without the refusal the engine does call out: the tests above can fail."""
    url, calls = canary
    with pytest.raises(OSError, match="500"):
        evaluate(store, read(DISGUISES[0].replace("URL", url), service=True), JSON, BytesIO())
    assert calls == ["/sparql"]


@pytest.mark.parametrize("query", LOOKALIKES)
def test_the_word_service_elsewhere_is_just_a_word(canary, store, query):
    """In strings, comments, IRIs and names it means nothing, and the query runs."""
    url, calls = canary

    evaluate(store, read(query.replace("URL", url)), JSON, BytesIO())

    assert calls == []


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <a:a> <a:b> 1 }",
        "PREFIX a: <a:> delete where { ?s ?p ?o }",
        "# SELECT\nCLEAR ALL",
        r"\u0044ROP ALL",
        "BASE <http://e.example/> LOAD <x>",
        "WITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_updates_are_refused(update):
    """The catalogue is read-only; the message says so."""
    with pytest.raises(UsageError, match="is an update; the catalogue is read-only"):
        read(update)


N = MAX_NESTING + 1
M = MAX_OPERATORS + 1
DEEP = {
    "groups": "SELECT * " + "{" * N + "}" * N,
    "parentheses": "ASK { FILTER(" + "(" * N + "1" + ")" * N + ") }",
    "calls": "ASK { FILTER(" + "STR(" * N + "1" + ")" * N + ") }",
    "blank nodes": "ASK { ?s ?p " + "[ ?p " * N + "1" + "]" * N + "}",
    "lists": "ASK { ?s ?p " + "(" * N + "1" + ")" * N + "}",
    "subqueries": "SELECT * " + "{ SELECT * " * N + "{}" + "}" * N,
    "EXISTS": "ASK {" + "FILTER EXISTS {" * N + "}" * N + "}",
}
LONG = {
    "MINUS": "ASK { ?s ?p ?o " + "MINUS { ?s ?p 2 } " * M + "}",
    "UNION": "ASK {" + " UNION ".join(["{ ?s ?p ?o }"] * (M + 1)) + "}",
    "BIND": "ASK {" + "".join(f"BIND(1 AS ?x{n}) " for n in range(M)) + "}",
    "select expressions": "SELECT " + " ".join(f"(1 AS ?x{n})" for n in range(M)) + "{}",
    "or": "ASK { FILTER(" + " || ".join(["true"] * (M + 1)) + ") }",
    "not": "ASK { FILTER(" + "!" * M + "true) }",
    "path": "ASK { ?s " + "/".join(["<a:b>"] * (M + 1)) + " ?o }",
}


@pytest.mark.parametrize(("query", "why"), [(query, "brackets deep") for query in DEEP.values()]
                         + [(query, "operators") for query in LONG.values()], ids=[*DEEP, *LONG])  # fmt: skip
def test_what_would_overflow_the_engines_stack_is_refused(query, why):
    """The engine aborts its process from a few times these sizes on: we do not let it come near."""
    with pytest.raises(UsageError, match=why):
        read(query)


def test_wide_queries_are_fine(store):
    """Many values, many columns and much text are no depth."""
    values = [f"'-{n} / {n} UNION'" for n in range(2_000)]
    listed, spaced = ", ".join(values), " ".join(values)
    query = f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {spaced} }} FILTER(?x IN ({listed})) }}"
    out = BytesIO()

    evaluate(store, read(query), JSON, out)

    assert b'"value":"2000"' in out.getvalue()


MISTAKES = (
    # (query, line, column, reason): where a person would put the finger
    ("SELECT * {\n ?a ?b ?c .\n FILTER(?a = )\n}", 3, 14, ") does not fit here"),
    ("SELECT ?a WHERE {\n ?a ?b ?c .\n FITLER(?a = 1)\n}", 3, 2, "FITLER does not fit here"),
    ("SELECT * { ?a ?b ?c } LIMIT ?x", 1, 29, "?x does not fit here"),
    ("SELECT * { ?a ?b ?c } ODER BY ?a", 1, 23, "ODER does not fit here"),
    ("SELECT * {\n  ?s dct:title ?t\n     dct:publisher ?p .\n}", 3, 6, "dct:publisher does not fit here"),
    ("SELECT ?a COUNT(?b) { ?a ?b ?c }", 1, 11, "COUNT does not fit here"),
    ("SELECT ?a (COUNT(?b) AS ?n) { ?a ?b ?c }", 1, 41, "The SELECT contains a variable that is unbound"),
    ("SELECT * {\n { ?s ?p ?o \n}", 1, 10, "this { is never closed"),
    ("SELECT * { ?s ?p ?o } }", 1, 23, "this } closes nothing"),
    ("SELECT * { ?s ?p (1] }", 1, 20, "this ] closes nothing"),
    ("SELECT * { ?s ex:p ?o }", 1, 15, "the prefix ex: is not declared"),
    ("SELECT * { ?s dcatt:p ?o }", 1, 15, "the prefix dcatt: is not declared; did you mean dcat: ?"),
    ("SELEC * {}", 1, 1, "SELECT, ASK, CONSTRUCT or DESCRIBE expected instead of SELEC"),
    ("PREFIX a: <http://a.example/>\n", 2, 1, "there is no query"),
    ("", 1, 1, "there is no query"),
    ("SELECT * { ?s ?p 'é\u2028' ; \n ?p ?o ; ; FITLER(1) }", 2, 12, "FITLER does not fit here"),
)  # fmt: skip


@pytest.mark.parametrize(("query", "line", "column", "why"), MISTAKES)
def test_a_mistake_is_shown_where_it_is(store, query, line, column, why):
    """Line, column, reason, and the line with a caret; whoever finds the mistake, we or the engine."""
    with pytest.raises(UsageError) as refused:
        evaluate(store, read(query), JSON, BytesIO())

    message, shown, caret = refused.value.cause.split("\n")
    assert message == f"The query cannot be used, line {line}, column {column}: {why}"
    assert shown == "    " + query.split("\n")[line - 1]
    assert caret == " " * (3 + column) + "^"


def test_an_unknown_function_is_a_mistake_of_the_query(store):
    """The engine finds it only when the function is called."""
    with pytest.raises(UsageError, match=r"custom function <http://e\.example/f> is not supported"):
        evaluate(store, read("SELECT (<http://e.example/f>(?s) AS ?x) { ?s ?p ?o }"), JSON, BytesIO())


@pytest.mark.parametrize(
    ("query", "form", "names_dataset"),
    [
        ("SELECT * FROM <a:g> {}", Form.SELECT, True),
        ("SELECT * FROM NAMED <a:g> {}", Form.SELECT, True),
        (
            "BASE <http://e.example/> PREFIX ask: <x> # ASK\nconstruct where { ?s ask:from 'FROM' }",
            Form.CONSTRUCT,
            False,
        ),
        ("describe <a:FROM>", Form.DESCRIBE, False),
        ("ASK { ?from ?p ?o }", Form.ASK, False),
    ],
)
def test_form_and_dataset_are_recognised(query, form, names_dataset):
    """By keywords, not by words in comments, strings, IRIs and names."""
    found = read(query)
    assert (found.form, found.names_dataset) == (form, names_dataset)


def test_known_prefixes_need_no_declaration_but_may_have_one():
    """An own declaration wins; others are added for engines that know only the standard."""
    found = read("PREFIX dct: <http://own.example/> ASK { ?s dct:title ?t ; a dcat:Dataset }")

    assert found.prefixes == {"dcat": "http://www.w3.org/ns/dcat#"}
    assert found.standalone.startswith("PREFIX dcat: <http://www.w3.org/ns/dcat#>\nPREFIX dct: <http://own")
    Store().query(found.standalone)


GRAPH = "urn:x-harvester:record:b.example:http://b.example/organizations/p1"


@pytest.mark.parametrize(
    ("clause", "organizations"),
    [("", 4), (f"FROM <{GRAPH}>", 1), (f"FROM NAMED <{GRAPH}>", 0)],
    ids=["none", "FROM", "FROM NAMED"],
)
def test_a_query_is_over_all_graphs_unless_it_names_some(store, clause, organizations):
    """The union is the default; FROM means exactly the graphs that it names."""
    out = BytesIO()
    evaluate(store, read(f"SELECT (COUNT(*) AS ?n) {clause} {{ ?s a foaf:Organization }}"), JSON, out)
    assert f'"value":"{organizations}"'.encode() in out.getvalue()
