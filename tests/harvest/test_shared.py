"""A file that datasets on several pages share ends in a graph of its own."""

from pyoxigraph import RdfFormat, parse, serialize

from harvester.harvest.bookkeeping import separate_shared
from harvester.harvest.intake import Intake
from harvester.harvest.report import Report
from harvester.rdf.records import split
from harvester.rdf.rows import read_ntriples
from harvester.store.ledger import Ledger
from harvester.store.local import open_writable
from harvester.store.writer import Writer
from tests.store.test_records import WHEN

PAGES = [
    f"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
    @prefix spdx: <http://spdx.org/rdf/terms#> .
    <http://d.example/{name}> a dcat:Dataset ;
      dcat:distribution <http://f.example/shared>, <http://f.example/{name}> .
    <http://f.example/{name}> a dcat:Distribution .
    <http://f.example/shared> a dcat:Distribution ; dct:title "one file" ."""
    for name in ("a", "b", "c")
]


def test_shared_files_are_described_once(tmp_path):
    """Three pages, three datasets, one file: every triple stands in one graph, and none is lost."""
    store = open_writable(tmp_path / "store")
    ledger = Ledger(tmp_path / "ledger.sqlite")
    triples = set()
    with Writer(store) as writer:
        intake = Intake(ledger, writer, Report("r", "p", "http://p.example", WHEN))
        for page in PAGES:
            triples |= {q.triple for q in parse(page, RdfFormat.TURTLE)}
            text = serialize(parse(page, RdfFormat.TURTLE), format=RdfFormat.N_QUADS).decode()
            intake.take(split(read_ntriples(text).rows, "p", "http://p.example/page"))
        writer.flush()

    separate_shared(store, "p", ledger.shared_files())
    ledger.close()

    said = [q for q in store if q.graph_name.value.startswith("urn:x-harvester:record:")]
    assert {q.triple for q in said} == triples
    assert len(said) == len(triples)
