"""The code lists in mappings/codes are sound SKOS and say what the authorities say."""

from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, RDF, SKOS, Namespace

from tests.enrich.support import SHIPPED

HV = Namespace("urn:x-harvester:vocabulary#")
EU = "http://publications.europa.eu/resource/authority/"
BNA = "http://data.europa.eu/bna/"
IANA = "http://www.iana.org/assignments/media-types/"
NOWHERE = "https://nowhere.invalid/"

DOCUMENT = (Path(__file__).parents[2] / "docs" / "inference.md").read_text(encoding="utf-8")
FILES = sorted((SHIPPED / "codes").glob("*.ttl"))
SCHEMES = {
    "access-rights": f"{EU}access-right",
    "data-themes": f"{EU}data-theme",
    "file-types": f"{EU}file-type",
    "frequencies": f"{EU}frequency",
    "hvd-categories": f"{BNA}asd487ae75",
    "languages": f"{EU}language",
    "licences": f"{EU}licence",
    "media-types": IANA.rstrip("/"),
    "planned-availability": f"{EU}planned-availability",
}
LISTS = {path.stem: Graph().parse(path, format="turtle", publicID=NOWHERE) for path in FILES}
BOTH = set().union(*(set(graph) for graph in LISTS.values()))


def concepts(name: str) -> list[URIRef]:
    return sorted(LISTS[name].subjects(RDF.type, SKOS.Concept))


def codes(name: str) -> set[str]:
    return {str(code) for code in LISTS[name].objects(None, SKOS.notation)}


def spelled(name: str, word: str) -> set[str]:
    """Return the codes that a word, spelled as it is looked up, stands for."""
    graph = LISTS[name]
    found = graph.subjects(SKOS.hiddenLabel, Literal(word))
    return {str(graph.value(concept, SKOS.notation)) for concept in found}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_list_is_one_scheme_whose_concepts_have_absolute_addresses(path: Path):
    """Oxigraph and rdflib read the same from it, wherever they read it."""
    graph = LISTS[path.stem]
    triples = "\n".join(
        f"{quad.triple} ." for quad in parse(path.read_bytes(), RdfFormat.TURTLE, base_iri=NOWHERE)
    )

    assert isomorphic(Graph().parse(data=triples, format="nt"), graph)
    assert NOWHERE not in triples
    assert list(graph.subjects(RDF.type, SKOS.ConceptScheme)) == [URIRef(SCHEMES[path.stem])]
    assert set(graph.objects(None, SKOS.inScheme)) == {URIRef(SCHEMES[path.stem])}
    assert set(graph.subjects(RDF.type, SKOS.Concept)) == set(graph.subjects(SKOS.inScheme))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_list_is_documented(path: Path):
    """With the address of its scheme, and where it comes from."""
    assert f"| `{path.name}` | `{SCHEMES[path.stem]}` | [" in DOCUMENT


@pytest.mark.parametrize("name", LISTS)
def test_each_concept_has_its_code_and_a_label_in_both_languages(name):
    """One label per language (SKOS S14), also of the list, with its title; its address ends in the code."""
    graph = LISTS[name]
    labels = {
        subject: Counter(label.language for label in graph.objects(subject, SKOS.prefLabel))
        for subject in [URIRef(SCHEMES[name]), *concepts(name)]
    }
    scheme = URIRef(SCHEMES[name])

    assert set(map(frozenset, (c.items() for c in labels.values()))) == {frozenset({("en", 1), ("fr", 1)})}
    assert set(graph.objects(scheme, DCTERMS.title)) == set(graph.objects(scheme, SKOS.prefLabel))
    for concept in concepts(name):
        (code,) = graph.objects(concept, SKOS.notation)
        assert str(concept) == f"{IANA if name == 'media-types' else concept.rpartition('/')[0] + '/'}{code}"


@pytest.mark.parametrize("name", LISTS)
def test_what_is_looked_up_is_spelled_as_rules_spell_it(name):
    """Lower case, no spaces at the ends, no language; never also a label (SKOS S13)."""
    graph = LISTS[name]
    words = list(graph.objects(None, SKOS.hiddenLabel))

    assert [w for w in words if w != Literal(str(w).strip().lower())] == []
    for concept in concepts(name):
        labels = {*graph.objects(concept, SKOS.prefLabel), *graph.objects(concept, SKOS.altLabel)}
        assert not labels & set(graph.objects(concept, SKOS.hiddenLabel))


@pytest.mark.parametrize("name", LISTS)
def test_a_word_stands_for_one_concept(name):
    """Only a keyword may tell two data themes: road safety is both transport and justice."""
    spellings = Counter(str(word) for word in LISTS[name].objects(None, SKOS.hiddenLabel))

    assert max(spellings.values()) == (2 if name == "data-themes" else 1)


def test_links_lead_to_concepts_of_the_lists():
    """Parts to their whole, file types to media types."""
    targets = {
        o
        for _, p, o in BOTH
        if p == SKOS.broader or (p == SKOS.closeMatch and o.startswith(IANA)) or p == SKOS.inScheme
    }
    known = {s for s, p, _ in BOTH if p == RDF.type}

    assert targets - known == set()


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (
            "nonProprietary",
            (
                "BMP CSV DBF GEOJSON GZIP HTML ICS JPEG2000 JSON JSON_LD KML KMZ NETCDF ODS PNG RDF_N_QUADS "
                "RDF_N_TRIPLES RDF_TRIG RDF_TURTLE RDF_XML RSS RTF TAR TIFF TSV TXT WMS_SRVC XML ZIP"
            ),
        ),
        (
            "machineReadable",
            (
                "CSV GEOJSON ICS JSON JSON_LD KML KMZ NETCDF ODS RDFA RDF_N_QUADS RDF_N_TRIPLES RDF_TRIG "
                "RDF_TURTLE RDF_XML RSS SHP XLS XLSX XML"
            ),
        ),
    ],
)
def test_file_types_are_marked_as_data_europa_eu_marks_them(term, expected):
    """By the lists of its quality assessment: gitlab.com/european-data-portal/edp-vocabularies."""
    graph = LISTS["file-types"]
    marked = {str(graph.value(s, SKOS.notation)) for s in graph.subjects(HV[term], Literal(True))}

    assert marked == set(expected.split())


def test_high_value_categories_are_those_of_the_regulation():
    """Six categories; each part in one of them, or in a part of one (EU 2023/138, annex)."""
    graph = LISTS["hvd-categories"]
    top = {
        str(graph.value(c, SKOS.prefLabel, any=True)): str(c).removeprefix(BNA)
        for c in concepts("hvd-categories")
        if not list(graph.objects(c, SKOS.broader))
    }
    english = {
        str(label): str(c).removeprefix(BNA)
        for c in concepts("hvd-categories")
        for label in graph.objects(c, SKOS.prefLabel)
        if label.language == "en"
    }

    assert set(top.values()) == {
        english[name]
        for name in (
            "Geospatial",
            "Earth observation and environment",
            "Meteorological",
            "Statistics",
            "Companies and company ownership",
            "Mobility",
        )
    }
    assert english["Meteorological"] == "c_164e0bf5"
    assert english["Companies and company ownership"] == "c_a9135398"
    assert english["Geospatial"] == "c_ac64a52d"
    assert english["Mobility"] == "c_b79e35eb"
    assert english["Earth observation and environment"] == "c_dd313021"
    assert english["Statistics"] == "c_e1da4e07"


def test_every_frequency_of_udata_is_known():
    """By its code, its term of Dublin Core or its id: udata 17.18, core/dataset/constants.py."""
    said = {
        "continuous": "CONT", "oneMinute": "1MIN", "fiveMinutes": "5MIN", "tenMinutes": "10MIN",
        "fifteenMinutes": "15MIN", "thirtyMinutes": "30MIN", "hourly": "HOURLY", "bihourly": "BIHOURLY",
        "trihourly": "TRIHOURLY", "twelveHours": "12HRS", "severalTimesADay": "CONT",
        "threeTimesADay": "DAILY_3", "semidaily": "DAILY_2", "daily": "DAILY", "fiveTimesAWeek": "WEEKLY_5",
        "threeTimesAWeek": "WEEKLY_3", "semiweekly": "WEEKLY_2", "weekly": "WEEKLY", "biweekly": "BIWEEKLY",
        "threeTimesAMonth": "MONTHLY_3", "semimonthly": "MONTHLY_2", "monthly": "MONTHLY",
        "bimonthly": "BIMONTHLY", "quarterly": "QUARTERLY", "threeTimesAYear": "ANNUAL_3",
        "semiannual": "ANNUAL_2", "annual": "ANNUAL", "biennial": "BIENNIAL", "triennial": "TRIENNIAL",
        "quadrennial": "QUADRENNIAL", "quinquennial": "QUINQUENNIAL", "decennial": "DECENNIAL",
        "bidecennial": "BIDECENNIAL", "tridecennial": "TRIDECENNIAL", "punctual": "AS_NEEDED",
        "irregular": "IRREG", "never": "NEVER", "notPlanned": "NOT_PLANNED", "other": "OTHER",
        "unknown": "UNKNOWN",
    }  # fmt: skip

    assert {word: spelled("frequencies", word.lower()) for word in said} == {
        word: {code} for word, code in said.items()
    }


def test_the_terms_of_dublin_core_are_all_matched():
    """https://www.dublincore.org/specifications/dublin-core/collection-description/frequency/."""
    terms = (
        "annual biennial bimonthly biweekly continuous daily irregular monthly quarterly semiannual "
        "semimonthly semiweekly threeTimesAMonth threeTimesAWeek threeTimesAYear triennial weekly"
    )

    assert {
        str(iri).rpartition("/")[2] for iri in LISTS["frequencies"].objects(None, SKOS.exactMatch)
    } == set(terms.split())


def test_the_official_languages_of_the_union_are_known_by_each_of_their_codes():
    """ISO 639-1, 639-2/T and, where it differs, 639-2/B."""
    official = (
        "bg/bul cs/ces/cze da/dan de/deu/ger el/ell/gre en/eng es/spa et/est fi/fin fr/fra/fre ga/gle hr/hrv "
        "hu/hun it/ita lt/lit lv/lav mt/mlt nl/nld/dut pl/pol pt/por ro/ron/rum sk/slk/slo sl/slv sv/swe"
    )

    for language in official.split():
        two, three, *bibliographic = language.split("/")
        assert {frozenset(spelled("languages", c)) for c in (two, three, *bibliographic)} == {
            frozenset({three.upper()})
        }


def test_words_that_mean_several_things_stand_for_none():
    """`rest` is no Esri service, `tab` may be a table, `odf` any OpenDocument file."""
    words = ("rest", "api", "grid", "tab", "odf", "iso", "gdf", "excel", "other", "")

    assert {word: spelled("file-types", word) for word in words} == {word: set() for word in words}


def test_the_first_open_licence_of_france_is_not_taken_for_the_second():
    """The EU has a code for version 2.0 only; the texts differ."""
    address = "etalab.gouv.fr/wp-content/uploads/2014/05/licence_ouverte.pdf"

    assert spelled("licences", address) == spelled("licences", "fr-lo") == set()
    assert spelled("licences", "lov2") == {"ETALAB_2_0"}


def test_the_data_themes_are_all_there():
    """Thirteen themes and the code for provisional data: the EU's authority table."""
    table = "AGRI ECON EDUC ENER ENVI GOVE HEAL INTR JUST OP_DATPRO REGI SOCI TECH TRAN"

    assert codes("data-themes") == set(table.split())
