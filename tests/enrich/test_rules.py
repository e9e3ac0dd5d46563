"""Inference rules: each does what its example says, and makes nothing of what no code list knows.

Run by Oxigraph without the engine around them; expectations are the authority tables' codes.
"""

import gzip
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store
from rdflib import Graph
from rdflib.compare import graph_diff, to_isomorphic

from harvester.vocab import PREFIXES
from tests.enrich.support import DATA, SHIPPED

CATALOG = "https://data.example/api/1/site/catalog"
EU = "http://publications.europa.eu/resource/authority/"
IANA = "http://www.iana.org/assignments/media-types/"
CODES = NamedNode("urn:x-harvester:codes")
DOCUMENT = (Path(__file__).parents[2] / "docs" / "inference.md").read_text(encoding="utf-8")
RULES = sorted((SHIPPED / "infer").glob("*.rq"))
TURTLE = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
LISTS: list[Quad] = []
for _path in (SHIPPED / "codes").glob("*.ttl"):
    _store = Store()
    _store.load(_path.read_bytes(), RdfFormat.TURTLE, to_graph=CODES)
    LISTS += _store
AS_RDFLIB = Graph().parse(data="".join(f"{quad.triple} .\n" for quad in LISTS), format="nt")


def header(path: Path) -> dict[str, Any]:
    lines = path.read_text(encoding="utf-8").splitlines()
    data: dict[str, Any] = yaml.safe_load("\n".join(line[3:] for line in lines if line.startswith("#+")))
    return data


def store_of(turtle: str) -> Store:
    store = Store()
    store.extend(LISTS)
    store.load((TURTLE + turtle).encode(), RdfFormat.TURTLE, base_iri=CATALOG)
    return store


def infer(name: str, store: Store, catalog: str = CATALOG) -> Graph:
    """Return what one rule infers, as rdflib reads it; `<>` is the catalogue."""
    rule = (SHIPPED / "infer" / f"{name}.rq").read_text(encoding="utf-8")
    triples = store.query(rule, base_iri=catalog, default_graph=[DefaultGraph(), CODES])
    return Graph().parse(data=triples.serialize(format=RdfFormat.N_TRIPLES), format="nt")


def expected(turtle: str) -> Graph:
    return Graph().parse(data=TURTLE + turtle, format="turtle", publicID=CATALOG)


def assert_same(actual: Graph, wanted: Graph) -> None:
    _, more, less = graph_diff(to_isomorphic(actual), to_isomorphic(wanted))
    assert (sorted(more), sorted(less)) == ([], [])


def codes(graph: Graph) -> list[str]:
    """Return the objects, less the addresses of the lists."""
    return sorted(str(o).removeprefix(IANA).removeprefix(EU) for o in graph.objects())


def of(name: str, predicate: str, value: str) -> list[str]:
    """Return the codes that a rule infers where `<thing> predicate value` is said."""
    return codes(infer(name, store_of(f"<thing> {predicate} {value} .")))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_a_rule_does_what_its_example_says(path):
    """What the header shows before and after is what happens: no more, no less."""
    example = header(path)["example"]

    assert_same(infer(path.stem, store_of(example["before"])), expected(example["after"]))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_another_engine_infers_the_same(path):
    """rdflib's, with the code lists in the same graph: rules are standard SPARQL."""
    example = header(path)["example"]
    graph = Graph() + AS_RDFLIB
    graph.parse(data=TURTLE + example["before"], format="turtle", publicID=CATALOG)

    inferred = graph.query(path.read_text(encoding="utf-8"), base=CATALOG).graph

    assert inferred is not None
    assert_same(inferred, expected(example["after"]))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_a_rule_says_what_it_infers_and_from_what(path):
    """In texts, and with an example that infers something."""
    said = header(path)

    assert all(said[key].strip() for key in ("summary", "infers", "from"))
    assert said.keys() == {"summary", "infers", "from", "example"}
    assert len(expected(said["example"]["after"])) > 0


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_a_rule_is_documented_as_its_header_says(path):
    """In the table of docs/inference.md, and with its example."""
    said = header(path)
    section = DOCUMENT.split(f"\n### {path.stem}\n")[1].split("\n## ")[0].split("\n### ")[0]
    examples = re.findall(r"```turtle\n(.*?)\n```", section, re.DOTALL)

    assert f"| [{path.stem}](#{path.stem}) | {said['infers']} | {said['from']} |" in DOCUMENT
    assert section.startswith(said["summary"])
    assert examples == [said["example"][key].strip() for key in ("before", "after")]


def test_the_documented_way_to_teach_a_word_works():
    """The lines of docs/inference.md, added to the shipped list."""
    section = DOCUMENT.split("\n## Teach a code list a word\n")[1]
    (lines,) = re.findall(r"```turtle\n(.*?)```", section.split("\n## ")[0], re.DOTALL)
    (word,) = re.findall(r'"(\w+)"', lines)
    taught = f"@prefix filetype: <{EU}file-type/> . {lines} <thing> dct:format {word!r} ."

    assert of("file-type", "dct:format", repr(word)) == []
    assert codes(infer("file-type", store_of(taught))) == ["file-type/ODS"]


STRANGE = (
    '"", " ", ";", ".", "\\n", "no list has this", "csv csv", "application/x-no-such-type", 42, true,'
    ' <urn:x>, <mailto:a@b.example>, <https://portal.example/terms>, [], [ rdfs:label "CSV" ], "é"@fr'
)


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_nothing_is_made_of_what_no_list_knows(path):
    """Odd texts, numbers, addresses and blank nodes: no failure, no code."""
    properties = (
        "dct:format dcat:mediaType dct:license dct:rights dct:accrualPeriodicity dct:language "
        "dct:accessRights dcat:keyword dcat:theme dct:issued dct:modified dct:created dct:conformsTo "
        "dcat:accessService dcatap:hvdCategory dct:isReferencedBy"
    )
    said = " ; ".join(f"{name} {STRANGE}" for name in properties.split())

    assert_same(
        infer(path.stem, store_of(f"<> dct:language {STRANGE} . <d> a dcat:Dataset ; {said} .")), Graph()
    )


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_nothing_is_said_of_what_has_no_address(path):
    """The example with blank nodes for its subjects: they could not be described in a graph apart."""
    subjects = re.compile(r"<(?!>)(?!http)\w+>")
    before = subjects.sub(lambda match: f"_:{match[0][1:-1]}", header(path)["example"]["before"])

    assert_same(infer(path.stem, store_of(before)), Graph())


def test_keys_are_always_bound():
    """Without COALESCE Oxigraph compares each value with each label: thirty times slower and more."""
    looked_up = [path for path in RULES if "skos:hiddenLabel ?key" in path.read_text(encoding="utf-8")]

    assert len(looked_up) > 10
    for path in looked_up:
        text = path.read_text(encoding="utf-8")
        assert re.search(r"BIND\(COALESCE\((?:(?!BIND).)*, \"\"\) AS \?key\)", text, re.DOTALL), path.name


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ('"csv"', "CSV"),
        ('"CSV "', "CSV"),
        ('"\\t.Csv"', "CSV"),
        ('"csv"@fr', "CSV"),
        ('"text/csv; header=present; charset=utf-8"', "CSV"),
        (f"<{IANA}text/csv>", "CSV"),
        (f"<https{IANA[4:]}text/csv>", "CSV"),
        (f"<https{EU[4:]}file-type/CSV>", "CSV"),
        (f"<https://op.europa.eu/web/eu-vocabularies/concept/-/resource?uri={EU}file-type/GPKG>", "GPKG"),
        ('"ogc:wms"', "WMS_SRVC"),
        ('"OGC:WFS"', "WFS_SRVC"),
        ('"wmts"', "WMTS_SRVC"),
        ('"xls"', "XLS"),
        ('"XLSX"', "XLSX"),
        ('"application/vnd.ms-excel"', "XLS"),
        ('"shp"', "SHP"),
        ('"Esri Shapefile"', "SHP"),
        ('"geojson"', "GEOJSON"),
        ('"application/vnd.geo+json"', "GEOJSON"),
        ('"json-ld"', "JSON_LD"),
        ('"ttl"', "RDF_TURTLE"),
        ('"gtfs"', "GTFS"),
        ('"tar.gz"', "TAR_GZ"),
        ('"7z"', "7Z"),
    ],
)
def test_a_file_type_is_found_however_it_is_spelled(value, code):
    """Case, spaces, dots, parameters, languages, addresses of lists."""
    assert of("file-type", "dct:format", value) == [f"file-type/{code}"]


def test_a_media_type_tells_the_file_type_only_where_no_format_is_said():
    """What a publisher says of the format comes first, known or not."""
    store = store_of(
        '<a> dcat:mediaType "application/json" . <b> dcat:mediaType "application/json" ; dct:format "own" .'
    )

    assert_same(infer("file-type-from-media-type", store), expected(f"<a> dct:format <{EU}file-type/JSON> ."))


FORMATS = ("file-type", "file-type-from-service", "file-type-from-media-type")
MAP = "dcat:accessService [ dct:conformsTo <http://www.opengeospatial.org/standards/wms> ]"
API = "dcat:accessService [ dct:conformsTo <https://own.example/api> ]"


@pytest.mark.parametrize(
    ("said", "type_"),
    [
        (f'dct:format "csv" ; dcat:mediaType "application/zip" ; {MAP}', "CSV"),
        (f'dct:format "own" ; dcat:mediaType "image/png" ; {MAP}', None),
        (f'dcat:mediaType "image/png" ; {MAP}', "WMS_SRVC"),
        (f'dcat:mediaType "image/png" ; {API}', "PNG"),
    ],
)
def test_one_rule_tells_the_file_type(said, type_):
    """DCAT-AP allows one format: what is said of it, else the service's, else that of the media type."""
    inferred = [code for rule in FORMATS for code in codes(infer(rule, store_of(f"<d> {said} .")))]

    assert inferred == ([f"file-type/{type_}"] if type_ else [])


def test_only_datasets_get_time_zones():
    """Distributions have eight dates for each dataset's three: their dates stay as they are said."""
    store = store_of("<f> a dcat:Distribution ; dct:modified '2021-06-19T08:00:00'^^xsd:dateTime .")

    assert_same(infer("dates", store), Graph())


@pytest.mark.parametrize(
    ("rights", "code"),
    [
        ("Autre (Ouverte)", "other-open"),
        ("Other (Public Domain)", "other-pd"),
        ("License Not Specified", "notspecified"),
        ("autre (ouverte)", None),
        ("Licence Ouverte / Open Licence", None),
    ],
)
def test_rights_are_entries_of_the_portals_list(rights, code):
    """Titles as udata gives those of its licences that have no address; not at portals of another kind."""
    store = store_of(f'<f> dct:rights "{rights}", "Ask us" .')
    found = [str(o) for o in infer("rights", store).objects()]

    assert found == ([f"https://data.example/api/1/datasets/licenses/#{code}"] if code else [])
    assert_same(infer("rights", store, catalog="https://data.example/catalog.ttl"), Graph())


@pytest.mark.parametrize(
    ("value", "types"),
    [
        ('"text/csv"', ["text/csv"]),
        ('" APPLICATION/ZIP;charset=binary"', ["application/zip"]),
        ('"application/x-zip-compressed"', ["application/zip"]),
        (
            '"application/vnd.ms-excel.sheet.macroEnabled.12"',
            ["application/vnd.ms-excel.sheet.macroEnabled.12"],
        ),
        (f"<https{IANA[4:]}application/json>", ["application/json"]),
        ('"application/x-shapefile"', ["application/vnd.shp"]),
        ('"application/x-no-such-type"', []),
        ('"application/x-gzip"', ["application/gzip"]),
        ('"csv"', []),
    ],
)
def test_only_registered_media_types_are_inferred(value, types):
    """https://www.iana.org/assignments/media-types/: of shapefiles the main file's, application/vnd.shp."""
    assert of("media-type", "dcat:mediaType", value) == types


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("https://www.etalab.gouv.fr/licence-ouverte-open-licence", "ETALAB_2_0"),
        ("http://www.etalab.gouv.fr/licence-ouverte-open-licence/", "ETALAB_2_0"),
        ("https://spdx.org/licenses/etalab-2.0.html", "ETALAB_2_0"),
        ("http://opendatacommons.org/licenses/odbl/summary/", "ODC_BL"),
        ("https://opendatacommons.org/licenses/odbl/1-0/", "ODC_BL"),
        ("http://opendatacommons.org/licenses/odbl/1.0/", "ODC_BL"),
        ("https://spdx.org/licenses/ODbL-1.0", "ODC_BL"),
        ("https://opendatacommons.org/licenses/by/1.0/", "ODC_BY"),
        ("https://opendatacommons.org/licenses/pddl/", "ODC_PDDL"),
        ("http://www.opendefinition.org/licenses/cc-by", "CC_BY"),
        ("http://creativecommons.org/licenses/by/4.0/", "CC_BY_4_0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.fr", "CC_BY_4_0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode", "CC_BY_4_0"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.fr", "CC_BY_4_0"),
        ("https://creativecommons.org/licenses/by-nc-sa/3.0/deed.en", "CC_BYNCSA_3_0"),
        ("https://creativecommons.org/licenses/by-nd-nc/1.0/", "CC_BYNCND_1_0"),
        ("https://creativecommons.org/licenses/by/3.0/at/legalcode", "CC_BY_3_0_AT"),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.fr", "CC0"),
        ("https://www.gnu.org/licenses/gpl-3.0.html", "GPL_3_0"),
        ("https://www.apache.org/licenses/LICENSE-2.0.txt", "APACHE_2_0"),
        ("https://opensource.org/licenses/MIT", "MIT"),
        ("https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf", None),
        ("https://creativecommons.org/licenses/by/3.0/fr/", None),
        ("https://creativecommons.org/licenses/", None),
        ("https://portal.example/licence-ouverte-open-licence", None),
    ],
)
def test_a_licence_is_found_by_any_of_its_addresses(address, code):
    """And by no other: national versions without a code of the EU, other sites' pages."""
    assert of("licence", "dct:license", f"<{address}>") == ([f"licence/{code}"] if code else [])


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Licence Ouverte / Open Licence version 2.0", "ETALAB_2_0"),
        ("licence ouverte v2.0 (Etalab)", "ETALAB_2_0"),
        ("Open Data Commons Open Database License (ODbL)", "ODC_BL"),
        ("Creative Commons Attribution-ShareAlike 4.0 International", "CC_BYSA_4_0"),
        ("CC-BY-4.0", "CC_BY_4_0"),
        ("Licence Ouverte / Open Licence", None),
        ("License Not Specified", None),
        ("Autre (Ouverte)", None),
        ("Autre (Attribution)", None),
    ],
)
def test_rights_tell_a_licence_only_by_its_full_title(title, code):
    """Titles of udata's licences: those without a version, or without a text, tell none."""
    assert of("licence-from-rights", "dct:rights", f'"{title}"') == ([f"licence/{code}"] if code else [])


def test_a_community_resource_does_not_have_the_licence_of_the_dataset():
    """It is someone else's."""
    store = store_of(
        "<d> dct:license <https://spdx.org/licenses/etalab-2.0> ; dcat:distribution <own>, <other>, <said> ."
        " <other> a hv:CommunityResource . <said> dct:license <urn:x> ."
    )

    assert_same(
        infer("licence-of-dataset", store),
        expected(f"<own> dct:license <https://spdx.org/licenses/etalab-2.0>, <{EU}licence/ETALAB_2_0> ."),
    )


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("cldfreq:biweekly", "BIWEEKLY"),
        ("cldfreq:bimonthly", "BIMONTHLY"),
        ("cldfreq:continuous", "CONT"),
        ("<http://inspire.ec.europa.eu/metadata-codelist/MaintenanceFrequency/biannually>", "ANNUAL_2"),
        ('"R/P1M"', "MONTHLY"),
        ('"Tous les ans"', None),
        ("<https://portal.example/frequency/biweekly>", None),
    ],
)
def test_a_frequency_is_found_in_known_vocabularies_only(value, code):
    """biweekly is twice a week elsewhere."""
    assert of("frequency", "dct:accrualPeriodicity", value) == ([f"frequency/{code}"] if code else [])


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('"fr"', ["FRA"]),
        ('"FR-fr"', ["FRA"]),
        ('"en_GB"', ["ENG"]),
        ('"fre"', ["FRA"]),
        ('"Français"@fr', ["FRA"]),
        ("<http://id.loc.gov/vocabulary/iso639-1/de>", ["DEU"]),
        ("<http://lexvo.org/id/iso639-3/bre>", ["BRE"]),
        ('"fr", "en"', ["ENG", "FRA"]),
        ('"fr;en"', []),
        ('"f"', []),
    ],
)
def test_a_language_is_found_by_any_of_its_codes(value, found):
    """ISO 639-1 to 639-3, tags of BCP 47, names; a list in one text is none."""
    assert of("language", "dct:language", value) == [f"language/{code}" for code in found]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ('"PUBLIC"', "PUBLIC"),
        ('"open"', "PUBLIC"),
        ("<info:eu-repo/semantics/openAccess>", "PUBLIC"),
        ("<http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations>", "PUBLIC"),
        (f"<https{EU[4:]}access-right/NON_PUBLIC>", "NON_PUBLIC"),
        (
            "<http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/INSPIRE_Directive_Article13_1a>",
            None,
        ),
    ],
)
def test_access_rights_are_found_in_other_vocabularies(value, code):
    """OpenAIRE's, INSPIRE's; a ground of refusal is no degree of access."""
    assert of("access-rights", "dct:accessRights", value) == ([f"access-right/{code}"] if code else [])


@pytest.mark.parametrize(
    ("keywords", "themes"),
    [
        ('"transport"', ["TRAN"]),
        ('"Transports en commun"@fr', ["TRAN"]),
        ('"SANTÉ"', ["HEAL"]),
        ('"qualite-de-lair"', ["ENVI"]),
        ('"accidents-de-la-route"', ["JUST", "TRAN"]),
        ('"logement", "budget", "elections"', ["ECON", "GOVE", "REGI"]),
        ('"open-data", "donnees-ouvertes", "2024", "transporter"', []),
    ],
)
def test_keywords_tell_data_themes(keywords, themes):
    """However they are written; words for anything tell none."""
    store = store_of(
        f"<d> a dcat:Dataset ; dcat:keyword {keywords} . <r> a dcat:Resource ; dcat:keyword {keywords} ."
    )

    assert codes(infer("themes-from-keywords", store)) == [f"data-theme/{theme}" for theme in themes]


def test_a_category_needs_the_mark_of_a_high_value_dataset():
    """`statistiques` alone is an ordinary keyword; a category that is said is not doubled."""
    store = store_of(
        '<a> dcat:keyword "hvd", "statistiques" . <b> dcat:keyword "statistiques" .'
        ' <c> dcat:keyword "hvd", "mobilite" ; dcatap:hvdCategory <http://data.europa.eu/bna/c_4b74ea13> .'
    )

    assert_same(
        infer("hvd-categories", store),
        expected("<a> dcatap:hvdCategory <http://data.europa.eu/bna/c_e1da4e07> ."),
    )


@pytest.mark.parametrize(
    ("date", "zoned"),
    [
        ('"2021-06-19T08:00:00"^^xsd:dateTime', '"2021-06-19T08:00:00Z"^^xsd:dateTime'),
        ('"2026-09-23T07:59:21.039000"^^xsd:dateTime', '"2026-09-23T07:59:21.039Z"^^xsd:dateTime'),
        ('"2021-06-19T08:00:00"', '"2021-06-19T08:00:00Z"^^xsd:dateTime'),
        ('"2021-06-19T08:00:00Z"^^xsd:dateTime', None),
        ('"2021-06-19T08:00:00+02:00"^^xsd:dateTime', None),
        ('"2021-06-19"^^xsd:date', None),
        ('"2021"^^xsd:gYear', None),
        ('"hier"', None),
    ],
)
def test_only_a_time_without_zone_gets_one(date, zoned):
    """udata writes UTC; days and years have no need of a zone, and what has one keeps it."""
    inferred = infer("dates", store_of(f"<d> a dcat:Dataset ; dct:modified {date} ."))

    assert_same(inferred, expected(f"<d> dct:modified {zoned} ." if zoned else ""))


def test_what_udata_really_says_is_understood():
    """The recorded page of udata 17.18: each format, each registered media type, each licence with a code."""
    page = gzip.decompress((DATA / "udata-17.18" / "catalog-page-1.ttl.gz").read_bytes())
    catalog = "http://portal.test/api/1/site/catalog"
    store = Store()
    store.extend(LISTS)
    store.bulk_load(page, RdfFormat.TURTLE, base_iri="http://portal.test/", lenient=True)

    def counted(name: str) -> Counter[str]:
        return Counter(code.rpartition("/")[2] for code in codes(infer(name, store, catalog)))

    def said(predicate: str) -> Counter[str]:
        quads = store.quads_for_pattern(None, NamedNode(predicate), None)
        return Counter(str(quad.object.value) for quad in quads)

    formats = said(f"{PREFIXES['dct']}format")
    own = {"ogc:wms": "WMS_SRVC", "wfs": "WFS_SRVC"}
    assert counted("file-type") == {own.get(f, f.upper()): count for f, count in formats.items()}
    assert counted("file-type-from-service") == {"WMTS_SRVC": 24}
    registered = said(f"{PREFIXES['dcat']}mediaType")
    registered["vnd.shp"] = registered.pop("application/x-shapefile")
    assert counted("media-type") == {name.rpartition("/")[2]: count for name, count in registered.items()}
    assert set(counted("licence")) == {"ETALAB_2_0", "CC_BY", "ODC_BL"}
    assert set(counted("language-of-catalogue")) == {"FRA"}
    assert counted("classes") == {"Agent": 48}
