"""Programs that people have, as clients of a real server: what the catalogue says arrives in each of them."""

import gzip
import json
import subprocess
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
import SPARQLWrapper
from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat
from rdflib import DCAT, DCTERMS, RDF, Literal
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import GET, POST, POSTDIRECTLY, URLENCODED
from SPARQLWrapper import SPARQLWrapper as Wrapper

from harvester.vocab import DETAILS_GRAPHS, RECORD_GRAPHS
from tests.harvest.support import said
from tests.serve.programs import installed, program
from tests.serve.support import Server, publish, serving
from tests.waiting import PATIENCE_S

EX = rdflib.Namespace("http://ex.example/")
NOTE = 'tab\t, "quotes"\nline <&> \\ 😀'
PREFIXES = f"@prefix ex: <{EX}> . @prefix dct: <{DCTERMS}> ."
ONE = """ex:a a ex:Thing ; dct:title "Été à Nîmes"@fr ; ex:size 12 ;
  ex:note "tab\\t, \\"quotes\\"\\nline <&> \\\\ 😀" ."""
TWO = """ex:b a ex:Thing ; dct:title "Bus" ; dct:relation ex:a ."""
TITLES = "PREFIX dct: <http://purl.org/dc/terms/> SELECT ?s ?t { ?s dct:title ?t } ORDER BY ?s"
ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
ASK = "PREFIX ex: <http://ex.example/> ASK { ex:b ?p ex:a }"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory):
    """A catalogue of seven triples."""
    folder = tmp_path_factory.mktemp("small")
    publish(folder, f"{PREFIXES} ex:g1 {{ {ONE} }} ex:g2 {{ {TWO} }}")
    with serving(folder) as server:
        yield server


@pytest.fixture(scope="module")
def known() -> rdflib.Graph:
    """What the small catalogue says, as rdflib reads it: the union of its graphs."""
    graph = rdflib.Graph().parse(data=f"{PREFIXES} {ONE} {TWO}")
    assert len(graph) == 7
    return graph


# SPARQLWrapper


def wrapped(server: Server, query: str, format_: str, method: str = GET, request: str = URLENCODED):
    client = Wrapper(f"{server.url}/sparql")
    client.setQuery(query)
    client.setReturnFormat(format_)
    client.setMethod(method)
    client.setRequestMethod(request)
    return client.queryAndConvert()


WAYS = pytest.mark.parametrize(
    ("method", "request_method"),
    [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)],
    ids=["get", "form", "direct"],
)


@WAYS
def test_sparqlwrapper_reads_rows_as_json(small, method, request_method):
    """Values, languages and datatypes."""
    query = f"""PREFIX dct: <{DCTERMS}> PREFIX ex: <{EX}>
    SELECT ?t ?n ?size {{ ?s dct:title ?t ; ex:size ?size ; ex:note ?n }}"""
    answer = wrapped(small, query, SPARQLWrapper.JSON, method, request_method)

    assert answer["head"]["vars"] == ["t", "n", "size"]
    assert answer["results"]["bindings"] == [
        {
            "t": {"type": "literal", "xml:lang": "fr", "value": "Été à Nîmes"},
            "n": {"type": "literal", "value": NOTE},
            "size": {
                "type": "literal",
                "datatype": "http://www.w3.org/2001/XMLSchema#integer",
                "value": "12",
            },
        }
    ]


@WAYS
def test_sparqlwrapper_reads_rows_as_xml(small, method, request_method):
    """Its answer is a DOM document."""
    document = wrapped(small, TITLES, SPARQLWrapper.XML, method, request_method)

    texts = [node.firstChild.data for node in document.getElementsByTagName("literal")]
    assert texts == ["Été à Nîmes", "Bus"]
    assert [node.firstChild.data for node in document.getElementsByTagName("uri")] == [str(EX.a), str(EX.b)]


@WAYS
def test_sparqlwrapper_reads_rows_as_csv_and_tsv(small, method, request_method):
    """Their forms are those of https://www.w3.org/TR/sparql11-results-csv-tsv/"""
    csv = wrapped(small, TITLES, SPARQLWrapper.CSV, method, request_method)
    tsv = wrapped(small, TITLES, SPARQLWrapper.TSV, method, request_method)

    assert csv.decode() == f"s,t\r\n{EX.a},Été à Nîmes\r\n{EX.b},Bus\r\n"
    assert tsv.decode() == f'?s\t?t\n<{EX.a}>\t"Été à Nîmes"@fr\n<{EX.b}>\t"Bus"\n'


@WAYS
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # SPARQLWrapper's own
@pytest.mark.parametrize(
    "format_", [SPARQLWrapper.TURTLE, SPARQLWrapper.N3, SPARQLWrapper.RDFXML, SPARQLWrapper.JSONLD]
)
def test_sparqlwrapper_reads_graphs(small, known, method, request_method, format_):
    """In all formats that it asks for."""
    answer = wrapped(small, ALL, format_, method, request_method)

    graph = answer if isinstance(answer, rdflib.Graph) else rdflib.Graph().parse(data=answer, format="turtle")
    assert {triple[:3] for triple in graph} == set(known)


@WAYS
def test_sparqlwrapper_reads_truth(small, method, request_method):
    """As JSON and as XML."""
    yes = wrapped(small, ASK, SPARQLWrapper.JSON, method, request_method)
    document = wrapped(small, ASK, SPARQLWrapper.XML, method, request_method)

    assert yes["boolean"] is True
    assert document.getElementsByTagName("boolean")[0].firstChild.data == "true"


def test_sparqlwrapper_chooses_graphs(small):
    """One as the default graph, another as the only named one."""
    client = Wrapper(f"{small.url}/sparql")
    client.setReturnFormat(SPARQLWrapper.JSON)
    client.addParameter("default-graph-uri", str(EX.g2))
    client.addParameter("named-graph-uri", str(EX.g1))
    client.setQuery("SELECT ?d ?n ?g { ?d a ?t GRAPH ?g { ?n a ?t } }")

    (row,) = client.queryAndConvert()["results"]["bindings"]
    assert {name: term["value"] for name, term in row.items()} == {
        "d": str(EX.b),
        "n": str(EX.a),
        "g": str(EX.g1),
    }


def test_sparqlwrapper_understands_mistakes(small):
    """What is wrong with a query is in the exception that it knows for that."""
    with pytest.raises(SPARQLWrapper.SPARQLExceptions.QueryBadFormed, match="line 1, column"):
        wrapped(small, "SELECT * { ?s ?p }", SPARQLWrapper.JSON)


# rdflib


@pytest.fixture(params=["GET", "POST", "POST_FORM"])
def remote(small, request) -> rdflib.Graph:
    """The catalogue as a graph of rdflib that stands elsewhere."""
    return rdflib.Graph(SPARQLStore(f"{small.url}/sparql", method=request.param))


def test_rdflib_walks_through_a_remote_graph(remote, known):
    """Iteration, patterns, length and membership are those of the same graph at hand."""
    assert set(remote) == set(known)
    assert len(remote) == len(known)
    assert set(remote.triples((None, RDF.type, None))) == set(known.triples((None, RDF.type, None)))
    assert remote.value(EX.a, DCTERMS.title) == Literal("Été à Nîmes", lang="fr")
    assert remote.value(EX.a, EX.note) == Literal(NOTE)
    assert (EX.b, DCTERMS.relation, EX.a) in remote
    assert (EX.a, DCTERMS.relation, EX.b) not in remote


def test_rdflib_asks_a_remote_graph(remote):
    """All query forms, with prefixes and values that it puts in."""
    rows = remote.query("SELECT ?s { ?s ex:size ?n }", initNs={"ex": EX}, initBindings={"n": Literal(12)})
    assert [row.s for row in rows] == [EX.a]
    assert remote.query(ASK).askAnswer is True
    triples = remote.query("CONSTRUCT { ?b <http://ex.example/from> ?a } WHERE { ?a dct:relation ?b }")
    assert list(triples) == [(EX.a, EX["from"], EX.b)]
    assert set(remote.query(f"DESCRIBE <{EX.b}>")) >= set(remote.triples((EX.b, None, None)))


@pytest.mark.parametrize("format_", ["xml", "json", "csv", "tsv"])
def test_rdflib_reads_rows_in_every_format(small, format_):
    """Whichever it is told to ask for."""
    remote = rdflib.Graph(SPARQLStore(f"{small.url}/sparql", returnFormat=format_))

    assert [(str(s), str(t)) for s, t in remote.query(TITLES)] == [
        (str(EX.a), "Été à Nîmes"),
        (str(EX.b), "Bus"),
    ]


def test_rdflib_sees_named_graphs(small):
    """They are listed, and each has its own triples."""
    store = SPARQLStore(f"{small.url}/sparql")
    second = rdflib.Graph(store, EX.g2)

    assert set(store.contexts()) == {EX.g1, EX.g2}
    assert set(second.subjects()) == {EX.b}
    assert list(second.query("SELECT ?s { ?s a ?t }")) == [(EX.b,)]


# pyoxigraph


@pytest.mark.parametrize("format_", [QueryResultsFormat.JSON, QueryResultsFormat.XML, QueryResultsFormat.TSV])
def test_pyoxigraph_reads_rows(small, format_):
    """Every term is what it was."""
    query = "SELECT ?p ?o { <http://ex.example/a> ?p ?o }"
    reply = small.ask(
        "POST",
        "/sparql",
        {"Accept": format_.media_type, "Content-Type": "application/sparql-query"},
        query.encode(),
    )
    solutions = pyoxigraph.parse_query_results(reply.body, format_)

    assert isinstance(solutions, QuerySolutions)
    said_of_it = pyoxigraph.parse(f"{PREFIXES} {ONE}".encode(), RdfFormat.TURTLE)
    assert {(row["p"], row["o"]) for row in solutions} == {
        (quad.predicate, quad.object) for quad in said_of_it
    }


@pytest.fixture(scope="module")
def portal_said(demo_store: Path) -> set[pyoxigraph.Triple]:
    """What the recorded portal says."""
    return {quad.triple for quad in said(demo_store)}


@pytest.mark.parametrize(
    "format_",
    [RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.RDF_XML, RdfFormat.JSON_LD],
    ids=lambda f: f.file_extension,
)
def test_pyoxigraph_reads_a_whole_catalogue(portal, portal_said, format_):
    """One CONSTRUCT gives all that the recorded portal said, in each format the same triples."""
    query = f"""CONSTRUCT {{ ?s ?p ?o }} WHERE {{
      GRAPH ?g {{ ?s ?p ?o }}
      FILTER(STRSTARTS(STR(?g), "{RECORD_GRAPHS}") || STRSTARTS(STR(?g), "{DETAILS_GRAPHS}"))
    }}"""
    headers = {
        "Accept": format_.media_type,
        "Content-Type": "application/sparql-query",
        "Accept-Encoding": "gzip",
    }
    reply = portal.ask("POST", "/sparql", headers, query.encode())

    assert reply.headers["Content-Encoding"] == "gzip"
    read = {quad.triple for quad in pyoxigraph.parse(gzip.decompress(reply.body), format_)}
    assert len(portal_said) > 20_000
    assert read == portal_said


# curl


def curl(*arguments: str) -> bytes:
    done = subprocess.run(
        [program("curl"), "--silent", "--show-error", "--max-time", str(PATIENCE_S), *arguments],
        capture_output=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--get", "--data-urlencode", f"query={ASK}"),
        ("--data-urlencode", f"query={ASK}"),
        ("--data-binary", ASK, "-H", "Content-Type: application/sparql-query"),
        ("--compressed", "--data-urlencode", f"query={ASK}"),
        ("--http1.0", "--data-urlencode", f"query={ASK}"),
    ],
    ids=["get", "form", "direct", "compressed", "http/1.0"],
)
def test_curl_asks(small, arguments):
    """As the README says, and in the other ways of the protocol."""
    assert json.loads(curl(f"{small.url}/sparql", *arguments))["boolean"] is True


def test_curl_takes_a_compressed_catalogue(portal, portal_said, tmp_path):
    """What --compressed receives is shorter on the way than in the end."""
    out = tmp_path / "all.nt"
    sizes = curl(
        f"{portal.url}/sparql", "--compressed", "--data-urlencode", f"query={ALL}",
        "-H", "Accept: application/n-triples",
        "--output", str(out), "--write-out", "%{size_download} %{http_code}",
    )  # fmt: skip

    size, status = map(int, sizes.split())
    assert status == 200
    assert size < out.stat().st_size / 3
    assert {quad.triple for quad in pyoxigraph.parse(path=out)} >= portal_said


def test_curl_looks_at_the_head_only(small):
    """-I: what GET would say, and no body."""
    address = f"{small.url}/sparql?query=ASK%7B%7D"
    head = curl("--head", address).decode().lower().split("\r\n")
    got = curl("--include", address).decode().lower().split("\r\n")

    assert head[0].split()[1] == "200"
    wanted = ("content-type", "content-length", "etag", "vary")
    assert [line for line in head if line.startswith(wanted)] == [
        line for line in got if line.startswith(wanted)
    ]
    assert head[-2:] == ["", ""]


def test_curl_keeps_what_did_not_change(small, tmp_path):
    """--etag-save and --etag-compare: the second answer is 304."""
    tag = str(tmp_path / "etag")
    address = f"{small.url}/sparql?query=ASK%7B%7D"
    curl("--etag-save", tag, address)

    answer = curl("--etag-compare", tag, address, "--write-out", "%{http_code}")
    assert answer == b"304"


# Comunica


def comunica(query: str, *sources: dict[str, str]):
    node = program("node")
    installed(Path(__file__).with_name("clients") / "node_modules", "the npm packages of tests/serve/clients")
    script = Path(__file__).with_name("clients") / "comunica.mjs"
    order = json.dumps({"query": query, "sources": sources})
    done = subprocess.run([node, script, order], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def endpoint(server: Server) -> dict[str, str]:
    return {"type": "sparql", "value": f"{server.url}/sparql"}


def test_comunica_selects(small):
    """Terms with their languages."""
    assert comunica(TITLES, endpoint(small)) == [
        {"s": ["NamedNode", str(EX.a), ""], "t": ["Literal", "Été à Nîmes", "fr"]},
        {"s": ["NamedNode", str(EX.b), ""], "t": ["Literal", "Bus", ""]},
    ]


def test_comunica_constructs(small, known):
    """All of it."""
    triples = comunica(ALL, endpoint(small))

    assert {tuple((value, language) for _, value, language in triple) for triple in triples} == {
        tuple((str(term), getattr(term, "language", None) or "") for term in triple) for triple in known
    }


def test_comunica_asks(small):
    """Both answers."""
    assert comunica(ASK, endpoint(small)) is True
    assert comunica("ASK { <http://ex.example/a> ?p <http://ex.example/b> }", endpoint(small)) is False


LOCAL = '@prefix ex: <http://ex.example/> . ex:a ex:colour "red" . ex:c ex:colour "blue" .'


def test_comunica_joins_us_with_a_file(small):
    """One query over two sources: what only both together know."""
    file = {"type": "serialized", "value": LOCAL, "mediaType": "text/turtle", "baseIRI": "http://ex.example/"}
    query = f"""PREFIX dct: <{DCTERMS}> PREFIX ex: <{EX}>
    SELECT ?t ?c {{ ?b dct:relation ?a ; dct:title ?t . ?a ex:colour ?c }}"""

    assert comunica(query, endpoint(small), file) == [
        {"t": ["Literal", "Bus", ""], "c": ["Literal", "red", ""]}
    ]


def test_comunica_joins_two_of_us(small, portal, portal_said):
    """Two endpoints, each asked for its part, though neither would call the other."""
    query = f"""PREFIX dct: <{DCTERMS}> PREFIX dcat: <{DCAT}> PREFIX ex: <{EX}>
    SELECT ?t (COUNT(DISTINCT ?d) AS ?n) {{ ex:b dct:title ?t . ?d a dcat:Dataset }} GROUP BY ?t"""
    (row,) = comunica(query, endpoint(small), endpoint(portal))

    datasets = {triple.subject for triple in portal_said if triple.object == NamedNode(str(DCAT.Dataset))}
    assert row["t"][1] == "Bus"
    assert row["n"][1] == str(len(datasets))
