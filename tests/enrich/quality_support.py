"""What the tests of quality share: the shipped rules, the methodology's points, small datasets in Turtle."""

from collections.abc import Iterable

from pyoxigraph import RdfFormat, Store
from rdflib import Graph
from rdflib.namespace import Namespace

from harvester.config import data_dir
from harvester.enrich.neighbourhood import BESIDE, CODES, INFERRED, SAID
from harvester.enrich.quality import Scores, measure
from harvester.enrich.quality_rules import read_quality
from harvester.vocab import PREFIXES

SHIPPED = data_dir("mappings")
FILES = {
    str(path): path.read_text(encoding="utf-8")
    for path in sorted((SHIPPED / "quality").rglob("*"))
    if path.is_file()
}
RULES = read_quality(FILES)
DQV = Namespace("http://www.w3.org/ns/dqv#")
HV = Namespace("urn:x-harvester:vocabulary#")
D, E = "https://data.example/datasets/d", "https://data.example/datasets/e"
TURTLE = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + (
    "@base <https://data.example/> .\n"
    "@prefix ft: <http://publications.europa.eu/resource/authority/file-type/> .\n"
    "@prefix mt: <http://www.iana.org/assignments/media-types/text/> .\n"
    "@prefix lic: <http://publications.europa.eu/resource/authority/licence/> .\n"
    "@prefix acc: <http://publications.europa.eu/resource/authority/access-right/> .\n"
)
KNOWN = """
  ft:CSV hv:nonProprietary true ; hv:machineReadable true ; skos:closeMatch mt:csv .
  ft:PDF hv:nonProprietary true .
  ft:XLS hv:machineReadable true .
"""

METHODOLOGY = {
    "findability": {"keywords": 30, "categories": 30, "spatial": 20, "temporal": 20},
    "accessibility": {"access-url-accessible": 50, "download-url": 20, "download-url-accessible": 30},
    "interoperability": {
        "format": 20,
        "media-type": 10,
        "format-vocabulary": 10,
        "non-proprietary": 20,
        "machine-readable": 20,
        "dcat-ap": 30,
    },
    "reusability": {
        "licence": 20,
        "licence-vocabulary": 10,
        "access-rights": 10,
        "access-rights-vocabulary": 5,
        "contact-point": 20,
        "publisher": 10,
    },
    "contextuality": {"rights": 5, "byte-size": 5, "issued": 5, "modified": 5},
}
"""https://data.europa.eu/mqa/methodology"""
POINTS = {name: points for dimension in METHODOLOGY.values() for name, points in dimension.items()}
CHECKS = {"access-url-accessible", "download-url-accessible"}

OWN = (
    "dcat:keyword 'bus'",
    "dcat:theme eutheme:TRAN",
    "dct:spatial <place>",
    "dct:temporal [ ]",
    "dct:title 'Bus'",
    "dct:description 'Lignes'",
    "dct:accessRights acc:PUBLIC",
    "dcat:contactPoint <contact>",
    "dct:publisher <publisher>",
    "dct:issued '2026'",
    "dct:modified '2026'",
)
FILE = (
    "dcat:accessURL <https://a.example/page>",
    "dcat:downloadURL <https://a.example/file>",
    "dct:format ft:CSV",
    "dcat:mediaType mt:csv",
    "dct:license lic:CC_BY_4_0",
    "dct:rights 'cite us'",
    "dcat:byteSize 7",
)
LINKS = "<https://a.example/page> hv:httpStatus 200 . <https://a.example/file> hv:httpStatus 200 ."


def neighbourhood(said: str, *, inferred: str = "", details: str = "", codes: str = KNOWN) -> Store:
    store = Store()
    for graph, text in ((SAID, said), (INFERRED, inferred), (BESIDE, details), (CODES, codes)):
        store.load((TURTLE + text).encode(), RdfFormat.TURTLE, to_graph=graph)
    return store


def dataset(own: Iterable[str] = OWN, *files: Iterable[str], iri: str = D) -> str:
    """Write a dataset in Turtle: what is said of it, and of each of its distributions."""
    text = "".join(f"<{iri}> {statement} .\n" for statement in ("a dcat:Dataset", *own))
    for number, file in enumerate(files):
        text += f"<{iri}> dcat:distribution <{iri}#{number}> .\n"
        text += "".join(f"<{iri}#{number}> {statement} .\n" for statement in file)
    return text


def scores(said: str, **graphs: str) -> Scores:
    return measure(neighbourhood(said, **graphs), RULES)[D]


def graph_of(rows: Iterable[tuple[str, str, str]]) -> Graph:
    return Graph().parse(data="".join(f"{s} {p} {o} .\n" for s, p, o in rows), format="nt")
