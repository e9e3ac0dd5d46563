"""The shipped queries: what each must find in catalogue.trig, told by eye."""

import warnings
from dataclasses import replace
from io import BytesIO

import pytest
from pyoxigraph import RdfFormat, Store, parse
from rdflib import Dataset, Literal

from harvester.query.bind import bind
from harvester.query.check import check
from harvester.query.results import CSV, JSON, N_TRIPLES, Answer, one_page, read_rows
from harvester.query.sparql import read
from harvester.query.worker import evaluate
from tests.query.api_cases import API_CASES
from tests.query.conftest import CATALOGUE, InProcess
from tests.query.news_cases import NEWS_CASES
from tests.query.quality_cases import QUALITY_CASES
from tests.query.run_cases import RUN_CASES

D1, D2, D3 = "http://a.example/datasets/d1", "http://a.example/datasets/d2", "urn:uuid:d3"
D0, D9 = "http://a.example/datasets/d0", "http://a.example/datasets/d9"
E1 = "http://b.example/datasets/e1"
R1, R2, R3 = (f"http://a.example/reuses/r{number}" for number in (1, 2, 3))
R4, R5 = (f"http://b.example/reuses/r{number}" for number in (4, 5))
S1, T1 = "http://a.example/dataservices/s1", "http://b.example/dataservices/t1"
O1, O2, P1 = (
    "http://a.example/organizations/o1",
    "http://a.example/organizations/o2",
    "http://b.example/organizations/p1",
)
C1, C2 = "http://a.example/api/1/contacts/c1/", "http://a.example/api/1/contacts/c2/"
RUN = "urn:x-harvester:run:"
THEME = "http://publications.europa.eu/resource/authority/data-theme/"
VELOS, BUS, BUDGET, FORETS = "Vélos en libre-service", "Arrêts de bus", "Budget primitif", "Forêts"
TRANSPORT, ENVIRONMENT = "Transport and mobility", "Environment and energy"
A1 = [
    "2026-01-30T02:00:00Z",
    "2026-01-30T02:04:00Z",
    "a.example",
    "",
    "",
    "",
    12,
    12,
    0,
    0,
    0,
    1,
    3,
    0,
    9,
    1,
    f"{RUN}A1",
]
A2 = [
    "2026-01-31T02:00:00Z",
    "2026-01-31T02:05:00Z",
    "a.example",
    "",
    "",
    "",
    12,
    1,
    1,
    10,
    1,
    0,
    3,
    1,
    8,
    2,
    f"{RUN}A2",
]
B9 = ["2026-01-31T03:30:00Z", "2026-01-31T03:31:00Z", "b.example", "delta", "failed", "no answer"]
B9 += [*([""] * 8), 5, 0, f"{RUN}B9"]
B1 = [
    "2026-01-31T03:00:00Z",
    "2026-01-31T03:01:00Z",
    "b.example",
    "full",
    "published",
    "",
    5,
    5,
    0,
    0,
    0,
    0,
    0,
    0,
    4,
    0,
    f"{RUN}B1",
]

CASES = (
    # (query, its values, its rows in order; "" where a variable is unbound)
    (
        "most-reused-datasets",
        {},
        [(VELOS, "Ville", "3", D1), (BUS, "Ville", "1", D2), (FORETS, "Office", "1", E1)],
    ),
    ("most-reused-datasets", {"limit": "1"}, [(VELOS, "Ville", "3", D1)]),
    (
        "dataset-reuses",
        {"dataset": D1},
        [
            ("Billet", "Post", "", "2025-12-24T08:00:00Z", "", R5),
            ("Carte", "Visualization", "", "2025-03-20T08:00:00Z", "", R2),
            ("Appli vélo", "Application", "Agence", "2025-03-05T08:00:00Z", "http://appli.example/", R1),
        ],
    ),
    (
        "dataset-reuses",
        {"dataset": D0, "lang": "en"},  # no English label: the code serves
        [("Étude", "paper", "", "2024-11-02T08:00:00Z", "http://etude.example/", R3)],
    ),
    ("dataset-reuses", {"dataset": D3}, []),
    (
        "dataset-distributions",
        {"dataset": D1},
        [
            ("En direct", "", "", "", "", f"{D1}?resource_id=f2"),
            ("Stations", "csv", "100", "", "", f"{D1}?resource_id=f1"),
        ],
    ),
    ("reuse-datasets", {"reuse": R1}, [("API Vélos", "", S1), (VELOS, "Ville", D1)]),
    ("reuse-datasets", {"reuse": R3}, [("", "", D0)]),
    (
        "publisher-datasets",
        {"publisher": O1},
        [(BUS, "2025-06-01T08:00:00Z"[:-1], "1", D2), (VELOS, "2026-01-10T08:00:00.039", "3", D1)],
    ),
    (
        "publishers",
        {},
        [
            ("Ville", "2", "2", "3", O1),
            ("Agence", "1", "0", "0", O2),
            ("Bureau du budget", "1", "0", "0", C2),
            ("Office", "1", "1", "1", P1),
        ],
    ),
    (
        "publishers",
        {"by": "reuses"},
        [
            ("Ville", "2", "2", "3", O1),
            ("Office", "1", "1", "1", P1),
            ("Agence", "1", "0", "0", O2),
            ("Bureau du budget", "1", "0", "0", C2),
        ],
    ),
    (
        "datasets-by-theme",
        {},
        [
            ("ENER", BUS, D2),
            ("ENER", VELOS, D1),
            ("ENVI", BUS, D2),
            ("ENVI", FORETS, E1),
            ("ENVI", VELOS, D1),
            ("TRAN", VELOS, D1),
        ],
    ),
    ("datasets-by-theme", {"theme": "TRAN"}, [("TRAN", VELOS, D1)]),
    (
        "used-datasets-by-theme",
        {"theme": "TRAN"},  # d1 is about transport because r1 is: all its uses count, on whatever topic
        [
            ("TRAN", VELOS, "Application", TRANSPORT, "Appli vélo", D1, R1),
            ("TRAN", VELOS, "Post", ENVIRONMENT, "Billet", D1, R5),
            ("TRAN", VELOS, "Visualization", ENVIRONMENT, "Carte", D1, R2),
        ],
    ),
    (
        "used-datasets-by-theme",
        {"theme": "ENER", "lang": "fr"},
        [
            ("ENER", BUS, "Visualisation", "Environnement et énergie", "Carte", D2, R2),
            ("ENER", VELOS, "Application", "Transports et mobilité", "Appli vélo", D1, R1),
            ("ENER", VELOS, "Article de blog", "Environnement et énergie", "Billet", D1, R5),
            ("ENER", VELOS, "Visualisation", "Environnement et énergie", "Carte", D1, R2),
        ],
    ),
    ("used-datasets-by-theme", {"theme": "HEAL"}, []),
    (
        "themes-by-reuses",
        {},  # ENER has no label: its code serves
        [
            ("Environment", "2", "3", "2", f"{THEME}ENVI"),
            ("Transport", "2", "1", "0", f"{THEME}TRAN"),
            ("ENER", "1", "2", "1", f"{THEME}ENER"),
        ],
    ),
    (
        "themes-by-datasets",
        {},  # d1 has the themes of its reuses, too
        [
            ("Environment", "3", "3", f"{THEME}ENVI"),
            ("ENER", "2", "2", f"{THEME}ENER"),
            ("Transport", "1", "1", f"{THEME}TRAN"),
        ],
    ),
    (
        "reuses-by-type-and-topic",
        {},
        [
            ("Application", TRANSPORT, "1"),
            ("Idea", TRANSPORT, "1"),
            ("Post", ENVIRONMENT, "1"),
            ("Visualization", ENVIRONMENT, "1"),
            ("paper", "Others", "1"),
        ],
    ),
    ("reuses-over-time", {}, [("2024-11", "1"), ("2025-03", "2"), ("2025-12", "1"), ("2026-02", "1")]),
    ("formats", {}, [("csv", "2", "2"), ("application/json", "1", "1"), ("shp", "1", "1")]),
    (
        "licences",
        {},
        [
            ("https://www.etalab.gouv.fr/licence-ouverte-open-licence", "2", "2"),
            ("Autre (Ouverte)", "1", "1"),
            ("License Not Specified", "1", "1"),
        ],
    ),
    ("update-frequencies", {}, [("monthly", "2"), ("(none)", "1"), ("annual", "1")]),
    (
        "stale-datasets",
        {
            "asOf": "2026-03-01"
        },  # 31 days: e1 of 1 January is 59 days old, d1 of 10 January 50; d2: 273 of 366
        [(FORETS, "monthly", "2026-01-01", "28", E1), (VELOS, "monthly", "2026-01-10", "19", D1)],
    ),
    ("stale-datasets", {"asOf": "2026-02-10"}, [(FORETS, "monthly", "2026-01-01", "9", E1)]),
    ("stale-datasets", {"asOf": "2026-01-10"}, []),
    ("high-value-datasets", {}, [(BUS, "http://data.europa.eu/bna/c_b79e35eb", "Ville", "1", D2)]),
    ("datasets-without-reuse", {}, [(BUDGET, "Agence", "", D3)]),
    ("datasets-without-licence", {}, [(BUDGET, "Agence", "0", D3)]),
    (
        "distributions-per-dataset",
        {},
        [(VELOS, "2", "100", D1), (BUS, "1", "50", D2), (FORETS, "1", "0", E1), (BUDGET, "0", "0", D3)],
    ),
    ("spatial-coverage", {}, [("Vosges", "1")]),
    (
        "temporal-coverage",
        {},
        [
            (FORETS, "1990-01-01", "1999-12-31", E1),
            (VELOS, "2015-01-01", "2016-12-31", D1),
            (BUS, "2016-01-01", "", D2),
        ],
    ),
    (
        "temporal-coverage",
        {"year": "2016"},
        [(VELOS, "2015-01-01", "2016-12-31", D1), (BUS, "2016-01-01", "", D2)],
    ),
    ("temporal-coverage", {"year": "2020"}, [(BUS, "2016-01-01", "", D2)]),
    (
        "search-titles",
        {"text": "VELO"},
        [
            ("data service", "API Vélos", "0", S1),
            ("dataset", VELOS, "3", D1),
            ("reuse", "Appli vélo", "0", R1),
        ],
    ),
    ("search-titles", {"text": "forêts"}, [("dataset", FORETS, "1", E1)]),
    ("search-titles", {"text": ".*"}, []),
    ("dangling-links", {}, [("Étude", R3, D0)]),
    ("reuses-without-dataset", {}, [("Idée", "", "0", R4), ("Étude", "http://etude.example/", "1", R3)]),
    ("most-viewed-reuses", {}, [("Idée", "99", R4), ("Appli vélo", "40", R1), ("Carte", "7", R2)]),
    ("contact-points", {}, [("Service données", "donnees@a.example", "http://a.example/contact", "3", C1)]),
    (
        "data-services",
        {},
        [
            ("API Vélos", "http://api.a.example/v1", "", S1, D9),
            ("API Vélos", "http://api.a.example/v1", VELOS, S1, D1),
            ("API sans jeu", "", "", T1, ""),
        ],
    ),
    (
        "last-run-changes",
        {},
        [
            ("a.example", "added", "reuse", "Carte", R2),
            ("a.example", "changed", "dataset", VELOS, D1),
            ("a.example", "removed", "dataset", "", D0),
            ("b.example", "added", "dataset", FORETS, E1),
        ],
    ),
    ("last-run-changes", {"portal": "b.example"}, [("b.example", "added", "dataset", FORETS, E1)]),
    ("last-run-changes", {"kind": "reuse"}, [("a.example", "added", "reuse", "Carte", R2)]),
    (
        "last-run-problems",
        {},
        [
            ("a.example", "conflict", "two ids", "one IRI", "none", ""),
            ("a.example", "dangling link", "a link of r3", "no such dataset", "tell its author", D0),
        ],
    ),
    ("run-history", {}, [tuple(map(str, run)) for run in (B9, B1, A2, A1)]),
    (
        "failed-runs",
        {},
        [("2026-01-31T03:30:00Z", "b.example", "failed", "no answer", "5", f"{RUN}B9")],
    ),
    ("absent-records", {}, [("archived", "2026-01-30T02:04:00Z", "1", "dataset", BUS, D2)]),
    ("shared-resources", {}, [("dataset", VELOS, D1, "2")]),
    (
        "catalogue-totals",
        {},
        [
            ("catalogues", "2"),
            ("datasets", "4"),
            ("datasets reused", "3"),
            ("distributions", "4"),
            ("data services", "2"),
            ("organizations", "3"),
            ("contact points", "1"),
            ("reuses", "5"),
            ("links from reuses to datasets", "5"),
            ("runs", "4"),
        ],
    ),
    *QUALITY_CASES,
    *API_CASES,
    *RUN_CASES,
    *NEWS_CASES,
)
IDS = [f"{name} {' '.join(values.values())}".strip() for name, values, _ in CASES]


@pytest.mark.parametrize(("name", "values", "expected"), CASES, ids=IDS)
def test_a_query_finds_what_is_there(store, library, name, values, expected):
    """Row by row, in order."""
    out = BytesIO()
    evaluate(store, read(bind(library[name], values), known={}), JSON, out)
    rows = read_rows(Answer(JSON, BytesIO(out.getvalue()))).rows
    assert [tuple("" if term is None else term.value for term in row) for row in rows] == expected


@pytest.fixture(scope="module")
def second_engine():
    """The same catalogue in rdflib, whose SPARQL engine has nothing in common with Oxigraph's."""
    with warnings.catch_warnings(action="ignore"):
        dataset = Dataset(default_union=True)
        dataset.parse(CATALOGUE, format="trig")
    return dataset


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own, within rdflib
@pytest.mark.parametrize(("name", "values", "expected"), CASES, ids=IDS)
def test_another_engine_finds_the_same(second_engine, library, name, values, expected):
    """The queries say what they mean in standard SPARQL, so that they run on any endpoint."""

    def plain(term):
        spelled = "" if term is None else str(term)
        if isinstance(term, Literal) and str(term.datatype).endswith("dateTime"):
            spelled = spelled.replace("+00:00", "Z").replace(".039000", ".039")  # rdflib normalises
        return spelled

    rows = second_engine.query(bind(library[name], values))

    assert [tuple(map(plain, row)) for row in rows] == expected


def test_the_description_of_a_dataset_is_all_that_is_said_of_it(store, library):
    """Its own record with all that hangs from it, what is inferred, and who refers to it; nothing twice."""
    out = BytesIO()
    evaluate(store, read(bind(library["describe-resource"], {"resource": D2})), N_TRIPLES, out)
    found = [quad.triple for quad in parse(out.getvalue(), format=RdfFormat.N_TRIPLES)]

    record = f"<urn:x-harvester:record:a.example:{D2}>"
    expected = [
        quad.triple
        for quad in parse(path=str(CATALOGUE), format=RdfFormat.TRIG)
        if str(quad.graph_name) == record
        or quad.subject.value == D2
        or (quad.object.value == D2 and not quad.predicate.value.endswith("primaryTopic"))
    ]
    assert len(found) == len(expected) == 33
    assert sorted(without_labels(found)) == sorted(without_labels(expected))


def test_a_theme_has_datasets_that_nobody_reuses(library):
    """They count among its datasets, and not among those reused."""
    store = Store()
    store.load(
        b"""PREFIX : <http://a.example/> PREFIX dct: <http://purl.org/dc/terms/>
        PREFIX dcat: <http://www.w3.org/ns/dcat#>
        PREFIX theme: <http://publications.europa.eu/resource/authority/data-theme/>
        :g {
          :idle a dcat:Dataset ; dcat:theme theme:TRAN .
          :other a dcat:Dataset ; dct:isReferencedBy :paper .
          :used a dcat:Dataset ; dcat:theme theme:TRAN ; dct:isReferencedBy :app , :paper .
          :app dcat:theme theme:ENVI .
        }""",
        format=RdfFormat.TRIG,
    )
    with InProcess(store).ask(read(bind(library["themes-by-datasets"], {})), CSV) as answer:
        rows = answer.stream.read().decode().split()

    assert rows[1:] == [f"TRAN,2,1,{THEME}TRAN", f"ENVI,1,1,{THEME}ENVI"]


def test_the_words_of_both_vocabularies_for_one_frequency_count_together(library):
    """Dublin Core's and the EU's, in the EU's words."""
    store = Store()
    store.load(
        b"""PREFIX : <http://a.example/> PREFIX dct: <http://purl.org/dc/terms/> PREFIX f: <http://purl.org/cld/freq/>
        PREFIX dcat: <http://www.w3.org/ns/dcat#>
        PREFIX eu: <http://publications.europa.eu/resource/authority/frequency/>
        :g {
          :a a dcat:Dataset ; dct:accrualPeriodicity f:semiannual .
          :b a dcat:Dataset ; dct:accrualPeriodicity eu:ANNUAL_2 .
          :c a dcat:Dataset ; dct:accrualPeriodicity f:monthly .
          :d a dcat:Dataset ; dct:accrualPeriodicity eu:MONTHLY .
          :e a dcat:Dataset ; dct:accrualPeriodicity eu:MONTHLY .
        }""",
        format=RdfFormat.TRIG,
    )
    with InProcess(store).ask(read(bind(library["update-frequencies"], {})), CSV) as answer:
        rows = answer.stream.read().decode().split()

    assert rows[1:] == ["monthly,3", "annual_2,2"]


def without_labels(triples):
    for triple in triples:
        yield " ".join("_:" if str(term).startswith("_:") else str(term) for term in triple)


def test_every_query_is_tested_here(library):
    """A new query comes with what it must find."""
    assert {name for name, _, _ in CASES} | {"describe-resource"} == set(library.paths)


def test_the_list_that_was_promised_is_there(library):
    """At least 26 queries, each with a description and an expectation, none with a warning."""
    assert len(library.paths) >= 26
    for query in library:
        assert query.header.description
        assert "min_rows" in query.header.expect
        assert query.header.tags
        assert query.header.warnings == ()
        assert all(line.rstrip() == line and len(line) <= 120 for line in query.text.splitlines())


def test_pages_put_together_are_the_whole(store, library):
    """Page after page of any size, nothing is missed and nothing comes twice."""
    query = library["datasets-by-theme"]
    query = replace(query, header=replace(query.header, pagination=4))
    endpoint = InProcess(store)
    rows, page, more = [], 1, True
    while more:
        with endpoint.ask(read(bind(query, {}, page=page)), JSON) as answer:
            found, more = one_page(answer, 4)
        rows += list(read_rows(found).rows)
        page += 1
    assert page == 3
    whole = next(expected for name, values, expected in CASES if name == query.name and not values)
    assert [tuple(term.value for term in row) for row in rows] == whole


def test_the_self_test_passes_on_what_it_can_expect_here(store, library):
    """Expectations are for the demo's catalogue; those of a single row hold on this small one too."""
    small = {query.name for query in library if query.header.expect["min_rows"] <= 1}
    failed = {
        checked.name: checked.problem
        for checked in check(library, InProcess(store), small)
        if checked.problem
    }
    assert failed == {}
