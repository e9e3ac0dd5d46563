"""The recorded traffic of a real udata server: all it lists arrives, in whichever format, as rdflib reads it.

Expected sets come from the portal's JSON (tests/data/recorded/*.json), graphs from rdflib.
"""

import json
import re
from pathlib import Path
from urllib.parse import quote, urljoin

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse
from rdflib import BNode, Graph, URIRef
from rdflib import Dataset as Quads
from warcio.archiveiterator import ArchiveIterator

from harvester.model import Category
from tests.harvest.support import JSON_ONLY, THOROUGH, ask, instances, replay, said

RECORDED = Path(__file__).parent.parent / "data" / "recorded"
DEMO = Path(__file__).parent.parent.parent / "harvester" / "demo" / "portal.test.warc.gz"
RECORDINGS = {name: RECORDED / f"{name}.warc.gz" for name in ("n3", "nt", "trig", "xml", "jsonld")} | {
    "ttl": DEMO
}
DCAT, DCT, FOAF = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/", "http://xmlns.com/foaf/0.1/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"
ARCHIVED = "http://amont.exemple.fr/ds/255#dataset"
"""Not listed, but a reuse names it and its own document still answers: 250 datasets and this one."""
COERCED = ("@id", "dataset", "distribution", "downloadURL", "accessURL", "publisher", "homepage")
"""Keys that hold IRIs by the portal's JSON-LD context."""


@pytest.fixture(scope="module", params=sorted(RECORDINGS) if THOROUGH else ["jsonld", "ttl"])
def harvested(request, tmp_path_factory):
    """(format, report, store) of a replayed harvest.

    In Turtle and JSON-LD: the others differ from Turtle in nothing, as another test finds.
    """
    store = tmp_path_factory.mktemp(request.param) / "catalogue"
    return request.param, replay(RECORDINGS[request.param], store, format=request.param), store


def api(name: str) -> list[dict]:
    return json.loads((RECORDED / f"{name}.json").read_text())["data"]


def iri(raw: str) -> str:
    """Name a resource as the portal's Turtle does, resolved and valid (portal contract: identity)."""
    encoded = quote(raw, safe=":/?#[]@!$&'()*+,;=") if re.search(r'[<>" {}|\\^`]', raw) else raw
    return (
        urljoin("http://portal.test/api/1/site/catalog.ttl", encoded).replace("[", "%5B").replace("]", "%5D")
    )


def dataset_iri(dataset: dict) -> str:
    uri = (dataset["harvest"] or {}).get("uri")
    return iri(uri or f"http://portal.test/datasets/{dataset['id']}")


def test_every_listed_dataset_is_there(harvested):
    """250 datasets under 249 IRIs, and no dataset that the portal hides, but for what reuses name."""
    _, report, store = harvested

    found = instances(said(store), DCAT + "Dataset")

    assert found == {dataset_iri(d) for d in api("datasets")} | {ARCHIVED}
    assert (report.members, report.total_items, report.complete) == (250, 250, True)
    assert report.exit_code == 0


def test_every_service_organization_and_reuse_is_there(harvested):
    """What the portal's JSON lists is what the store holds."""
    _, _, store = harvested
    quads = said(store)
    services = {
        iri(s["harvest"]["uri"] or f"http://portal.test/dataservices/{s['id']}") for s in api("dataservices")
    }

    assert instances(quads, DCAT + "DataService") == services
    assert {f"http://portal.test/organizations/{o['id']}" for o in api("organizations")} <= instances(
        quads, FOAF + "Organization"
    )
    assert {row[0] for row in ask(store, f"SELECT ?r {{ ?r a <{DCAT}Resource> }}")} == {
        f"http://portal.test/reuses/{r['id']}" for r in api("reuses")
    }


def test_every_link_of_a_reuse_resolves_or_is_reported(harvested):
    """A link leads to an IRI that the catalogue uses, or it is in the report as dangling."""
    _, report, store = harvested
    by_id = {d["id"]: dataset_iri(d) for d in api("datasets")}
    by_id[json.loads((RECORDED / "ids.json").read_text())["archived"][0]] = ARCHIVED
    links = {(f"http://portal.test/reuses/{r['id']}", d["id"]) for r in api("reuses") for d in r["datasets"]}
    dangling = {(reuse, id_) for reuse, id_ in links if id_ not in by_id}

    rows = ask(
        store, f"SELECT ?r ?d {{ ?r a <{DCAT}Resource> ; <{DCT}references> ?d . ?d a <{DCAT}Dataset> }}"
    )

    assert {tuple(row) for row in rows} == {(reuse, by_id[id_]) for reuse, id_ in links - dangling}
    assert report.dangling == len(dangling) == 2
    assert {id_ for _, id_ in dangling} == {
        re.search("[0-9a-f]{24}", p.what)[0] for p in report.problems if p.category == "dangling link"
    }


def rdf_documents(recording: Path) -> list[tuple[str, bytes]]:
    """Return (URL, body) of the RDF that was harvested: pages, and datasets asked for by themselves."""
    found = {}
    with recording.open("rb") as file:
        for record in ArchiveIterator(file):
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            wanted = ("/site/catalog." in url and "page_size=100" in url) or re.search(
                "/datasets/.*/rdf", url
            )
            if record.rec_type == "response" and wanted and record.http_headers.get_statuscode() == "200":
                found[url] = record.content_stream().read()
    return list(found.items())


def as_rdflib_reads(recording: Path, name: str) -> Dataset:
    """Return the statements of all documents as rdflib parses them, without paging controls."""
    syntax = {"ttl": "turtle", "jsonld": "json-ld"}.get(name, name)
    quads = Dataset()
    for number, (url, body) in enumerate(rdf_documents(recording)):
        whole = Quads()
        whole.parse(data=_readable(body, name, url), format=syntax, publicID=url)
        graph = Graph()
        for s, p, o, _ in whole.quads():
            graph.add((s, p, o))
        for s, p, o in graph:
            if p.startswith(HYDRA) or o.startswith(HYDRA):
                continue
            if number and _is_catalog_publisher(graph, s, p):
                continue  # a blank node on every page, the same for whoever compares what pages say
            quads.add(Quad(_term(s, number, url), _term(p, number, url), _term(o, number, url)))
    return quads


def _readable(body: bytes, name: str, url: str) -> bytes:
    """Spare rdflib what it cannot read: a relative IRI in N-Triples, invalid IRIs in JSON-LD."""
    if name == "nt":
        return body.replace(b"<pas%20une%20iri>", f"<{urljoin(url, 'pas%20une%20iri')}>".encode())
    if name == "jsonld":
        return json.dumps(_with_valid_iris(json.loads(body), "")).encode()
    return body


def _with_valid_iris(value, key: str):
    if isinstance(value, dict):
        return {k: v if k == "@context" else _with_valid_iris(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_valid_iris(item, key) for item in value]
    return iri(value) if key in COERCED and not value.startswith("_:") else value


def _is_catalog_publisher(graph: Graph, s, p) -> bool:
    catalog = URIRef("http://portal.test/api/1/site/catalog")
    if s == catalog:
        return str(p) == DCT + "publisher"
    return isinstance(s, BNode) and (catalog, URIRef(DCT + "publisher"), s) in graph


def _term(term, number: int, url: str):
    """Return rdflib's term as pyoxigraph's: blank nodes apart by page, IRIs and dates in canonical form."""
    if isinstance(term, BNode):
        text = f"_:d{number}{re.sub('[^A-Za-z0-9]', '', str(term))}"
    elif isinstance(term, URIRef):
        text = f"<{urljoin(url, iri(str(term)))}>"
    else:
        text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "?", term.n3())
        if str(term.datatype) == XSD + "dateTime":
            text = re.sub(r"(\.\d*?)0+\"", r'\1"', text).replace('."', '"')
    return next(parse(f"<http://x/> <http://x/> {text} .", RdfFormat.TURTLE)).object


def canonical(quads: Dataset) -> set[Quad]:
    """Name blank nodes by RDFC-1.0, so that graphs compare as sets."""
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(quads)


# rdflib's own parsers use what rdflib deprecates
@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_the_graph_is_what_rdflib_reads_from_the_same_pages(harvested, caplog):
    """Nothing is lost, nothing is added, in any of the six formats."""
    caplog.set_level("ERROR", logger="rdflib.term")  # it warns of every invalid IRI
    name, _, store = harvested
    ours = Dataset(
        Quad(q.subject, q.predicate, q.object)
        for q in said(store)
        if not JSON_ONLY.fullmatch(q.graph_name.value)
    )

    expected = canonical(as_rdflib_reads(RECORDINGS[name], name))

    assert canonical(ours) == expected


def test_each_triple_stands_in_one_graph(harvested):
    """Oxigraph's union default graph is not a set: a triple in two graphs would count twice."""
    _, _, store = harvested
    quads = said(store)

    assert len({(q.subject, q.predicate, q.object) for q in quads}) == len(quads)


def test_another_format_the_next_night_changes_nothing(tmp_path):
    """The same portal in Turtle and then in each other lossless format: not one record differs."""
    first = replay(RECORDINGS["ttl"], tmp_path, format="ttl")
    for name in ("n3", "nt", "trig", "xml"):
        report = replay(RECORDINGS[name], tmp_path, format=name)

        assert (report.format, report.members, report.complete) == (name, 250, True)
        assert report.count("unchanged") == first.count("added")
        assert (report.outcome, report.writes) == ("unchanged", 0)


def test_the_losses_of_json_ld_are_reported(harvested):
    """JSON-LD works, and the report says that it is not the format to choose."""
    name, report, _ = harvested

    assert report.problem_counts[Category.LOSSY] == (name == "jsonld")
