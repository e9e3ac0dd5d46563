"""What the tests of enrichment share: the shipped mappings, an invented portal, graphs to compare."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rdflib import Graph

from harvester.config import data_dir
from harvester.enrich.mappings import Mappings
from harvester.enrich.portal import PortalFacts
from harvester.enrich.reuses import ReuseMapper
from harvester.model import Record

DATA = Path(__file__).parent.parent / "data"
EXAMPLES = Path(__file__).parent / "examples"
SHIPPED = data_dir("mappings")
MAPPINGS = Mappings.load(SHIPPED)

SITE = "https://data.example"
API = f"{SITE}/api/1/"
CATALOG = f"{API}site/catalog"
PORTAL = PortalFacts(api=API, site=SITE, key="data.example", catalog=CATALOG)
MAPPER = ReuseMapper(MAPPINGS, PORTAL)

RECORDED_API = "http://portal.test/api/1/"
RECORDED = PortalFacts(
    api=RECORDED_API, site="http://portal.test", key="portal.test", catalog=f"{RECORDED_API}site/catalog"
)
RECORDED_API_URLS = PortalFacts(
    api=RECORDED_API, site="", key="portal.test", catalog=f"{RECORDED_API}site/catalog"
)


def recorded(name: str) -> list[dict[str, Any]]:
    """Return recorded reuses: answers of udata 17.18's list, cut down to some reuses."""
    data: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))["data"]
    return data


def reuse(portal_id: str = "6b01cc847190cb745d496be1", **keys: Any) -> dict[str, Any]:
    """Return the smallest document that is a reuse, with more `keys`."""
    return {"id": portal_id, "title": "Carte des bus", "type": "application", "topic": "others", **keys}


def graph_of(records: Iterable[Record]) -> Graph:
    """Return what records say, read by rdflib, without the names of their graphs."""
    graph = Graph()
    for record in records:
        graph.parse(data=record.nquads.decode().replace(f" <{record.graph}> .\n", " .\n"), format="nt")
    return graph


def mapped(document: object, **known: str) -> Graph:
    """Return the graph of one reuse of the invented portal."""
    return graph_of(MAPPER.map([document], known).records)


def turtle(text: str) -> Graph:
    """Read expected triples, with the usual prefixes and relative IRIs of the invented portal."""
    prefixes = """
        @prefix adms: <http://www.w3.org/ns/adms#> .
        @prefix dcat: <http://www.w3.org/ns/dcat#> .
        @prefix dcmitype: <http://purl.org/dc/dcmitype/> .
        @prefix dct: <http://purl.org/dc/terms/> .
        @prefix dqv: <http://www.w3.org/ns/dqv#> .
        @prefix eu: <http://publications.europa.eu/resource/authority/data-theme/> .
        @prefix foaf: <http://xmlns.com/foaf/0.1/> .
        @prefix geo: <http://www.opengis.net/ont/geosparql#> .
        @prefix geodcat: <http://data.europa.eu/930/> .
        @prefix hv: <urn:x-harvester:vocabulary#> .
        @prefix locn: <http://www.w3.org/ns/locn#> .
        @prefix odrl: <http://www.w3.org/ns/odrl/2/> .
        @prefix org: <http://www.w3.org/ns/org#> .
        @prefix prov: <http://www.w3.org/ns/prov#> .
        @prefix schema: <http://schema.org/> .
        @prefix sioc: <http://rdfs.org/sioc/ns#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix spdx: <http://spdx.org/rdf/terms#> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    """
    return Graph().parse(data=prefixes + text, format="turtle", publicID=f"{SITE}/")
