"""Queries about the rest of a portal's API, on a few records told by eye; two engines find the same."""

import warnings

import pytest
from pyoxigraph import RdfFormat, Store
from rdflib import Dataset

from harvester.config import data_dir
from harvester.query.bind import bind
from harvester.query.canned import load

LICENCE = "http://publications.europa.eu/resource/authority/licence/"
TRIG = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcmitype: <http://purl.org/dc/dcmitype/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix hv: <urn:x-harvester:vocabulary#> .
@prefix lic: <http://publications.europa.eu/resource/authority/licence/> .
@prefix schema: <http://schema.org/> .
@prefix sioc: <http://rdfs.org/sioc/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix type: <http://publications.europa.eu/resource/authority/file-type/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<urn:g:d> {
  <urn:d> a dcat:Dataset ; dct:title "Vélos" ; dcat:distribution <urn:f1>, <urn:f2> .
  <urn:f1> dct:format "csv" ; dct:license <urn:lov2> .
  <urn:f2> dct:format "weird" .
  <urn:e> a dcat:Dataset ; dct:title "Eau" .
}
<urn:g:inferred> { <urn:f1> dct:format type:CSV ; dct:license lic:ETALAB_2_0 . }
<urn:g:codes> { lic:ETALAB_2_0 skos:prefLabel "Open Licence 2.0"@en, "Licence Ouverte 2.0"@fr . }
<urn:g:details> {
  <urn:d> dct:spatial <urn:zone>,
    [ a dct:Location ; dcat:bbox "POLYGON ((2 48, 3 49, 2 48))"^^geo:wktLiteral ] .
}
<urn:g:service> { <urn:s> a dcat:DataService ; dct:title "API" ; dcat:endpointURL <http://api.example/v1> ;
  dcat:servesDataset <urn:d>, <urn:gone> ; hv:availability 99.5 . }
<urn:g:community> { <urn:d> dcat:distribution <urn:c> . <urn:c> a hv:CommunityResource, dcat:Distribution ;
  dct:title "Carte" ; dct:creator <urn:o> ; dct:modified "2026-01-02T00:00:00Z"^^xsd:dateTime ;
  dcat:downloadURL <http://files.example/c> ; dct:format type:PDF ; dct:license lic:ETALAB_2_0 . }
<urn:g:o> { <urn:o> foaf:name "Association" . }
<urn:g:talk1> { <urn:t1> a schema:Conversation ; schema:about <urn:d> ; schema:commentCount 3 ;
  sioc:last_activity_date "2026-01-05T00:00:00Z"^^xsd:dateTime . }
<urn:g:talk2> { <urn:t2> a schema:Conversation ; schema:about <urn:d> ; schema:commentCount 1 ;
  hv:closed "2026-01-03T00:00:00Z"^^xsd:dateTime ;
  sioc:last_activity_date "2026-01-02T00:00:00Z"^^xsd:dateTime . }
<urn:g:talk3> { <urn:t3> a schema:Conversation ; schema:about <urn:reuse> ; schema:commentCount 9 . }
<urn:g:topic> { <urn:k> a dcmitype:Collection ; dct:title "Ville"@fr ;
  dct:hasPart <urn:d>, <urn:e>, <urn:reuse> . }
"""
CASES = {
    "licences-in-eu-codes": [
        ("Open Licence 2.0", "1", "2", f"{LICENCE}ETALAB_2_0"),
        ("(none of the list)", "1", "1", ""),
    ],
    "community-resources": [
        ("Carte", "Vélos", "Association", "2026-01-02T00:00:00Z", "http://files.example/c", "urn:d"),
    ],
    "services-behind-datasets": [("API", "Vélos", "http://api.example/v1", "99.5", "urn:d")],
    "coverage-map": [("Vélos", "POLYGON ((2 48, 3 49, 2 48))", "urn:d")],
    "discussed-datasets": [("Vélos", "2", "1", "4", "2026-01-05T00:00:00Z", "urn:d")],
    "formats-without-code": [("weird", "1")],
    "topics": [("Ville", "3", "2", "urn:k")],
}


def text_of(name: str) -> str:
    return bind(load(data_dir("queries") / f"{name}.rq"), {})


@pytest.mark.parametrize("name", CASES)
def test_a_query_finds_what_is_there(name):
    """Row by row, in order, over the union of all graphs."""
    store = Store()
    store.load(TRIG.encode(), RdfFormat.TRIG)

    rows = store.query(text_of(name), use_default_graph_as_union=True)

    assert [tuple("" if term is None else term.value for term in row) for row in rows] == CASES[name]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own, within rdflib
@pytest.mark.parametrize("name", CASES)
def test_another_engine_finds_the_same(name):
    """They are standard SPARQL."""
    with warnings.catch_warnings(action="ignore"):
        dataset = Dataset(default_union=True)
        dataset.parse(data=TRIG, format="trig")

    rows = [tuple("" if term is None else str(term) for term in row) for row in dataset.query(text_of(name))]

    assert [tuple(term.replace("+00:00", "Z") for term in row) for row in rows] == CASES[name]
