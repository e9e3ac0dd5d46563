"""Dumps for DCAT-AP: inferred codes in place of what they were inferred from, and nothing else changed."""

import pytest
from pyoxigraph import Quad, Store, parse

from harvester.export.profile import dcat_ap
from harvester.export.selection import Selection
from tests.export.stores import PARSED_AS, QUAD_FORMATS, canonical, dumped, read, store_of

SAID = """
record:d1 {
  :d1 a dcat:Dataset ; dct:title "D"@fr ; dcat:distribution :f ;
    dct:issued "2024-01-01T00:00:00"^^xsd:dateTime ;
    dct:modified "2024"^^xsd:gYear .
  :f dct:format "csv" ; dcat:mediaType "text/csv" ; dct:license <http://licence.example/> ; dcat:byteSize 7 ;
    dct:rights "Autre (Ouverte)" , <http://law.example/> .
}
details:d1 { :d1 dct:accessRights "open" ; dct:temporal [ dcat:startDate "2024"^^xsd:gYear ] . }
inferred:d1 {
  :d1 dct:issued "2024-01-01T00:00:00Z"^^xsd:dateTime ; dct:accessRights eu:access-right\\/PUBLIC .
  :f dct:format eu:file-type\\/CSV ; dct:license eu:licence\\/CC0 ; dct:rights :other-open .
  :d1 dct:title "Not asked for" .
}
quality:d1 { :d1 <urn:x:score> 7 . }
record:d2 { :d2 a dcat:Dataset ; dcat:distribution :g . :g dct:format "csv" . }
other:d1 { :d1 a dcat:Dataset ; dct:accessRights "nobody inferred of it" . }
"""
PREFIXES = """
@prefix details: <urn:x-harvester:details:a.example:http://a.example/> .
@prefix quality: <urn:x-harvester:quality:a.example:http://a.example/> .
@prefix eu: <http://publications.europa.eu/resource/authority/> .
"""
GIVE_WAY = """
:d1 dct:issued "2024-01-01T00:00:00"^^xsd:dateTime ; dct:accessRights "open" .
:f dct:format "csv" ; dct:license <http://licence.example/> ; dct:rights "Autre (Ouverte)" .
"""
FOR_DCAT_AP = Selection(stand_ins=dcat_ap())


@pytest.fixture
def store(tmp_path) -> Store:
    return store_of(PREFIXES + SAID, tmp_path)


@pytest.mark.parametrize("format_", PARSED_AS)
def test_inferred_values_stand_in_for_said_ones(store, format_):
    """Of the properties that the shapes name; all else is there, whoever said it."""
    away = {quad.triple for quad in store_of(GIVE_WAY)}
    kept = [quad for quad in store if quad.triple not in away]

    text, summary = dumped(store, format_, FOR_DCAT_AP)

    assert len(kept) == len(store) - 5
    if format_ not in QUAD_FORMATS:
        kept = [Quad(*triple) for triple in {quad.triple for quad in kept}]
    assert read(text, format_) == canonical(kept)
    assert summary.statements == len(kept)


@pytest.mark.parametrize("resource", ["http://a.example/d1", "http://a.example/f"])
@pytest.mark.parametrize("format_", ["nt", "nq"])
def test_of_one_resource_too(store, format_, resource):
    """Of a dataset, or of a part of it."""
    text, _ = dumped(store, format_, FOR_DCAT_AP, resource=resource)
    whole, _ = dumped(store, format_, Selection(), resource=resource)

    away = {quad.triple for quad in store_of(GIVE_WAY)}
    said, everything = ({f"{quad.triple}" for quad in parse(t, PARSED_AS[format_])} for t in (text, whole))
    assert everything - said == {f"{triple}" for triple in away} & everything != set()
    assert said <= everything


def test_nothing_is_lost_where_nothing_was_inferred(tmp_path):
    """Then it is the dump of all."""
    text = "record:d { :d a dcat:Dataset ; dct:language 'fr' . :f dct:format 'x' , 'y' . }"
    store = store_of(text, tmp_path)

    for format_ in ("ttl", "trig", "jsonld"):
        assert dumped(store, format_, FOR_DCAT_AP) == dumped(store, format_, Selection())
