"""Inferred triples: from said ones, about listed resources, never what is said already."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store

from harvester.enrich.infer import infer
from harvester.enrich.mappings import Mappings
from harvester.enrich.portal import PortalFacts
from harvester.enrich.reuses import ReuseMapper
from harvester.enrich.rules import INFERENCE, read_rule
from harvester.errors import UsageError
from harvester.model import Kind
from harvester.rdf.records import record_of
from harvester.vocab import DCAT, HV, inferred_graph
from tests.enrich.support import API, CATALOG, MAPPER, MAPPINGS, PORTAL, RECORDED, SITE, recorded, reuse

EU = "http://publications.europa.eu/resource/authority/data-theme/"
THEME = f"<{DCAT}theme>"
XSD_INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"


def dataset(iri: str, *themes: str, catalog: str = CATALOG, key: str = PORTAL.key) -> bytes:
    rows = [
        (f"<{catalog}>", f"<{DCAT}dataset>", f"<{iri}>"),
        *((f"<{iri}>", THEME, f"<{t}>") for t in themes),
    ]
    return record_of(key, Kind.DATASET, iri, rows, source="").nquads


def store_of(parts: Iterable[bytes]) -> Store:
    store = Store()
    store.load(b"".join(parts), RdfFormat.N_QUADS)
    return store


def reuses(documents: list[dict], mapper: ReuseMapper = MAPPER, **known: str) -> bytes:
    return b"".join(record.nquads for record in mapper.map(documents, known).records)


def with_rule(text: str) -> Mappings:
    rule = read_rule("rule.rq", f"#+ summary: x\n#+ infers: y\n#+ from: z\n{text}", INFERENCE)
    return Mappings(
        MAPPINGS.context, MAPPINGS.shape, MAPPINGS.crosswalks, MAPPINGS.reuse, MAPPINGS.agent, (rule,)
    )


def test_a_dataset_has_the_themes_and_the_number_of_its_reuses():
    """Themes of its reuses that are EU themes, how many they are and the date of the last."""
    documents = [
        reuse("r1", topic="health", created_at="2024-01-01T00:00:00Z", datasets=[{"id": "d1"}, {"id": "d2"}]),
        reuse(
            "r2", topic="environment_and_energy", created_at="2025-01-01T00:00:00Z", datasets=[{"id": "d1"}]
        ),
        reuse("r3", topic="others", datasets=[{"id": "d1"}, {"id": "d1"}]),
    ]
    iris = {name: f"{SITE}/datasets/{name}" for name in ("d1", "d2", "d3")}
    store = store_of([*map(dataset, iris.values()), reuses(documents, **iris)])

    inferred = dict(infer(store, MAPPINGS, PORTAL))

    date = '"{}T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
    assert list(inferred) == [iris["d1"], iris["d2"]]
    assert {row[1:] for row in inferred[iris["d1"]]} == {
        (THEME, f"<{EU}HEAL>"),
        (THEME, f"<{EU}ENVI>"),
        (THEME, f"<{EU}ENER>"),
        (f"<{HV}reuses>", f'"3"^^{XSD_INTEGER}'),
        (f"<{HV}lastReuse>", date.format("2025-01-01")),
    }
    assert {row[1:] for row in inferred[iris["d2"]]} == {
        (THEME, f"<{EU}HEAL>"),
        (f"<{HV}reuses>", f'"1"^^{XSD_INTEGER}'),
        (f"<{HV}lastReuse>", date.format("2024-01-01")),
    }


def test_the_recorded_reuses_are_counted_per_dataset():
    """Counts worked out from the JSON of the recording."""
    documents = recorded("reuses.json")
    ids = {d["id"] for document in documents for d in document["datasets"]}
    iris = {portal_id: f"http://portal.test/datasets/{portal_id}" for portal_id in ids}
    mapper = ReuseMapper(MAPPINGS, RECORDED)
    parts = [dataset(iri, catalog=RECORDED.catalog, key=RECORDED.key) for iri in iris.values()]
    store = store_of([*parts, reuses(documents, mapper, **iris)])

    counts = {
        subject: next(o for _, p, o in rows if p == f"<{HV}reuses>")
        for subject, rows in infer(store, MAPPINGS, RECORDED)
    }

    expected = {
        iri: sum(any(d["id"] == portal_id for d in document["datasets"]) for document in documents)
        for portal_id, iri in iris.items()
    }
    assert counts == {iri: f'"{count}"^^{XSD_INTEGER}' for iri, count in expected.items()}


def test_what_is_said_is_not_inferred_again():
    """Each triple stands in one graph: a theme that the dataset's own record states is not repeated."""
    iri = f"{SITE}/datasets/d1"
    documents = [reuse("r1", topic="education_and_research", datasets=[{"id": "d1"}])]
    store = store_of([dataset(iri, f"{EU}EDUC"), reuses(documents, d1=iri)])

    rows = dict(infer(store, MAPPINGS, PORTAL))[iri]

    assert [o for _, p, o in rows if p == THEME] == [f"<{EU}TECH>"]


def test_a_second_run_infers_the_same():
    """What inference wrote into its own graphs before does not count as said."""
    iri = f"{SITE}/datasets/d1"
    store = store_of([dataset(iri), reuses([reuse("r1", topic="health", datasets=[{"id": "d1"}])], d1=iri)])
    first = list(infer(store, MAPPINGS, PORTAL))
    graph = inferred_graph(PORTAL.key, iri)
    lines = "".join(f"{s} {p} {o} <{graph}> .\n" for _, rows in first for s, p, o in rows)
    store.load(lines.encode(), RdfFormat.N_QUADS)

    assert list(infer(store, MAPPINGS, PORTAL)) == first


def test_only_what_the_catalogue_lists_is_described():
    """A dangling link does not make its target a dataset of the portal."""
    documents = [reuse("r1", topic="health", datasets=[{"id": "gone"}, {"id": "d1"}])]
    store = store_of([dataset(f"{SITE}/datasets/d1"), reuses(documents, d1=f"{SITE}/datasets/d1")])

    assert [subject for subject, _ in infer(store, MAPPINGS, PORTAL)] == [f"{SITE}/datasets/d1"]


def test_reuses_of_another_portal_do_not_count():
    """Two portals may list one dataset: each counts its own reuses."""
    shared = "https://up.example/shared"
    other = PortalFacts(
        "https://other.example/api/1/", "https://other.example", "other", "https://other.example/c"
    )
    documents = [reuse(f"r{n}", topic="health", datasets=[{"id": "d1"}]) for n in range(3)]
    store = store_of(
        [
            dataset(shared),
            dataset(shared, catalog=other.catalog, key=other.key),
            reuses(documents[:1], d1=shared),
            reuses(documents, ReuseMapper(MAPPINGS, other), d1=shared),
        ]
    )

    counts = [
        [o for _, rows in infer(store, MAPPINGS, portal) for _, p, o in rows if p == f"<{HV}reuses>"]
        for portal in (PORTAL, other)
    ]

    assert counts == [[f'"1"^^{XSD_INTEGER}'], [f'"3"^^{XSD_INTEGER}']]


@settings(max_examples=40, deadline=None)
@given(
    st.sets(
        st.text(st.sampled_from("aZ09-~éœ\ue000中\U00010000\U000e0100"), min_size=1, max_size=5), max_size=8
    )
)
def test_subjects_come_in_order_each_once(names: set[str]):
    """Answers of several rules are merged by subject, whatever characters IRIs hold."""
    iris = {f"d{n}": f"{SITE}/datasets/{name}" for n, name in enumerate(sorted(names))}
    valid = {key: iri for key, iri in iris.items() if not set(iri) & {"\ue000", "\U000e0100"}}
    documents = [reuse("r1", topic="health", datasets=[{"id": key} for key in valid])]
    store = store_of([*map(dataset, valid.values()), reuses(documents, **valid)])

    assert [subject for subject, _ in infer(store, MAPPINGS, PORTAL)] == sorted(valid.values())


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (
            "CONSTRUCT { ?d <urn:p> 1 } { <> <http://www.w3.org/ns/dcat#dataset> ?d } ORDER BY DESC(?d)",
            "does not keep the order",
        ),
        (
            "CONSTRUCT { ?d <urn:p> [] } WHERE { ?c <http://www.w3.org/ns/dcat#dataset> ?d } ORDER BY ?d",
            "blank nodes",
        ),
    ],
)
def test_a_rule_that_cannot_be_streamed_is_refused(rule, why):
    """Order lets answers be merged without keeping them; blank nodes would need labels of their own."""
    store = store_of([dataset(f"{SITE}/datasets/d1"), dataset(f"{SITE}/datasets/d2")])

    with pytest.raises(UsageError, match=why) as refused:
        list(infer(store, with_rule(rule), PORTAL))

    assert "rule.rq" in refused.value.cause


def test_the_catalogue_is_the_empty_iri_of_a_rule():
    """`<>` in an inference rule is the portal's catalogue."""
    store = store_of([dataset(f"{SITE}/datasets/d1")])
    rule = "CONSTRUCT { ?d <urn:in> <> } WHERE { <> <http://www.w3.org/ns/dcat#dataset> ?d } ORDER BY ?d"

    assert dict(infer(store, with_rule(rule), PORTAL)) == {
        f"{SITE}/datasets/d1": [(f"<{SITE}/datasets/d1>", "<urn:in>", f"<{API}site/catalog>")]
    }
