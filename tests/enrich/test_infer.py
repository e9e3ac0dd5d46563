"""Inferred triples: from said ones and what stands beside them, never what is said already."""

import re
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat

from harvester.enrich.infer import infer
from harvester.enrich.mappings import Mappings
from harvester.enrich.neighbourhood import Neighbourhood, Surroundings, code_lists, named_terms, of_use
from harvester.enrich.reuses import ReuseMapper
from harvester.enrich.rules import INFERENCE, Rule, read_rule
from harvester.errors import UsageError
from harvester.vocab import DCAT, DCT, HV, RDF, XSD
from tests.enrich.support import CATALOG, MAPPER, MAPPINGS, RECORDED, SITE, recorded, reuse

EU = "http://publications.europa.eu/resource/authority/data-theme/"
THEME = f"<{DCAT}theme>"
D1 = f"{SITE}/datasets/d1"
PREFIXES = f"PREFIX dcat: <{DCAT}>\nPREFIX dct: <{DCT}>\n"


def beside(documents: list[dict], mapper: ReuseMapper = MAPPER, **known: str) -> bytes:
    """Return what reuses say, as N-Triples."""
    return b"".join(
        record.nquads.replace(f" <{record.graph}> .\n".encode(), b" .\n")
        for record in mapper.map(documents, known).records
    )


def dataset(iri: str, *themes: str, catalog: str = CATALOG) -> bytes:
    lines = [f"<{catalog}> <{DCAT}dataset> <{iri}> .", f"<{iri}> <{RDF}type> <{DCAT}Dataset> ."]
    lines += [f"<{iri}> {THEME} <{theme}> ." for theme in themes]
    return "".join(f"{line}\n" for line in lines).encode()


def inferred(
    batch: Iterable[Surroundings], mappings: Mappings = MAPPINGS, catalog: str = CATALOG
) -> dict[str, set[tuple[str, str]]]:
    """Return (predicate, object) by resource."""
    codes = code_lists(mappings.codes).dump(format=RdfFormat.N_QUADS)
    found = infer(Neighbourhood(batch, codes), mappings, catalog)
    return {resource: {row[1:] for row in rows} for resource, rows in found.items()}


def with_rule(text: str) -> Mappings:
    rule = read_rule("rule.rq", f"#+ summary: x\n#+ infers: y\n#+ from: z\n{PREFIXES}{text}", INFERENCE)
    return Mappings(MAPPINGS.documents, MAPPINGS.crosswalks, MAPPINGS.agent, infer=(rule,))


def test_a_dataset_has_the_themes_and_the_number_of_its_reuses():
    """Themes of its reuses that are EU themes, how many they are and the date of the last."""
    documents = [
        reuse("r1", topic="health", created_at="2024-01-01T00:00:00Z", datasets=[{"id": "d1"}]),
        reuse(
            "r2", topic="environment_and_energy", created_at="2025-01-01T00:00:00Z", datasets=[{"id": "d1"}]
        ),
        reuse("r3", topic="others", datasets=[{"id": "d1"}, {"id": "d1"}]),
    ]

    found = inferred([Surroundings(D1, dataset(D1), beside(documents, d1=D1))])[D1]

    assert found >= {
        (THEME, f"<{EU}HEAL>"),
        (THEME, f"<{EU}ENVI>"),
        (THEME, f"<{EU}ENER>"),
        (f"<{HV}reuses>", f'"3"^^<{XSD}integer>'),
        (f"<{HV}lastReuse>", f'"2025-01-01T00:00:00Z"^^<{XSD}dateTime>'),
    }
    assert len([o for p, o in found if p == THEME]) == 3


def test_the_recorded_reuses_are_counted_per_dataset():
    """Counts worked out from the JSON of the recording."""
    documents = recorded("reuses.json")
    ids = {d["id"] for document in documents for d in document["datasets"]}
    iris = {portal_id: f"http://portal.test/datasets/{portal_id}" for portal_id in ids}
    mapper = ReuseMapper(MAPPINGS, RECORDED)
    around = beside(documents, mapper, **iris)
    batch = [Surroundings(iri, dataset(iri, catalog=RECORDED.catalog), around) for iri in iris.values()]

    found = inferred(batch, catalog=RECORDED.catalog)

    expected = {
        iri: sum(any(d["id"] == portal_id for d in document["datasets"]) for document in documents)
        for portal_id, iri in iris.items()
    }
    assert {iri: [o for p, o in rows if p == f"<{HV}reuses>"] for iri, rows in found.items()} == {
        iri: [f'"{count}"^^<{XSD}integer>'] for iri, count in expected.items()
    }


def test_what_is_said_is_not_inferred_again():
    """Each triple stands in one graph: a theme that the dataset's own record states is not repeated."""
    documents = [reuse("r1", topic="education_and_research", datasets=[{"id": "d1"}])]

    found = inferred([Surroundings(D1, dataset(D1, f"{EU}EDUC"), beside(documents, d1=D1))])

    assert [o for p, o in found[D1] if p == THEME] == [f"<{EU}TECH>"]


def test_what_stands_beside_is_not_inferred_either():
    """Details in JSON are said, too."""
    line = f"<{D1}> <{DCT}type> <urn:a> .\n".encode()
    rule = with_rule("CONSTRUCT { ?d dct:type <urn:a>, <urn:b> } WHERE { ?d a dcat:Dataset }")

    assert inferred([Surroundings(D1, dataset(D1), line)], rule) == {D1: {(f"<{DCT}type>", "<urn:b>")}}


def test_only_what_is_at_hand_is_described():
    """A reuse that names another dataset does not make a record of that one."""
    documents = [reuse("r1", topic="health", datasets=[{"id": "gone"}, {"id": "d1"}])]

    assert set(inferred([Surroundings(D1, dataset(D1), beside(documents, d1=D1))])) == {D1}


def test_what_is_inferred_of_a_distribution_goes_to_its_dataset():
    """A distribution has no graph of its own; that of another dataset is not mixed up with it."""
    said = {
        iri: dataset(iri)
        + f'<{iri}> <{DCAT}distribution> <{iri}/file> .\n<{iri}/file> <{DCT}format> "x" .\n'.encode()
        for iri in (D1, f"{SITE}/datasets/d2")
    }
    rule = with_rule("CONSTRUCT { ?f dct:type ?x } WHERE { ?f dct:format ?x }")
    codes = code_lists(()).dump(format=RdfFormat.N_QUADS)

    found = infer(
        Neighbourhood([Surroundings(iri, text) for iri, text in said.items()], codes), rule, CATALOG
    )

    assert found == {iri: [(f"<{iri}/file>", f"<{DCT}type>", '"x"')] for iri in said}


def test_later_rules_see_what_was_said_only():
    """No rule feeds another, so their order does not matter."""
    mappings = Mappings(
        MAPPINGS.documents,
        MAPPINGS.crosswalks,
        MAPPINGS.agent,
        infer=tuple(
            with_rule(text).infer[0]
            for text in (
                "CONSTRUCT { ?d dct:type <urn:a> } WHERE { ?d a dcat:Dataset }",
                "CONSTRUCT { ?d dct:type <urn:b> } WHERE { ?d dct:type <urn:a> }",
            )
        ),
    )

    assert inferred([Surroundings(D1, dataset(D1))], mappings) == {D1: {(f"<{DCT}type>", "<urn:a>")}}


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.text(st.sampled_from("aZ09-~éœ中\U00010000"), min_size=1, max_size=5), min_size=1, max_size=8)
)
def test_each_resource_has_its_own_triples(names: set[str]):
    """Whatever characters IRIs hold, what is inferred of one comes under its own name, and once."""
    iris = {f"d{n}": f"{SITE}/datasets/{name}" for n, name in enumerate(sorted(names))}
    documents = [reuse("r1", topic="health", datasets=[{"id": key} for key in iris])]
    around = beside(documents, **iris)

    found = inferred([Surroundings(iri, dataset(iri), around) for iri in iris.values()])

    assert set(found) == set(iris.values())
    assert all((f"<{HV}reuses>", f'"1"^^<{XSD}integer>') in rows for rows in found.values())


def test_a_rule_that_makes_blank_nodes_is_refused():
    """They would need labels that stay the same from run to run."""
    rule = with_rule("CONSTRUCT { ?d dct:type [] } WHERE { ?d a dcat:Dataset }")

    with pytest.raises(UsageError, match="blank nodes") as refused:
        inferred([Surroundings(D1, dataset(D1))], rule)

    assert "rule.rq" in refused.value.cause


def test_the_catalogue_is_the_empty_iri_of_a_rule():
    """`<>` in an inference rule is the portal's catalogue."""
    rule = with_rule("CONSTRUCT { ?d <urn:in> <> } WHERE { <> dcat:dataset ?d }")

    assert inferred([Surroundings(D1, dataset(D1))], rule) == {D1: {("<urn:in>", f"<{CATALOG}>")}}


@pytest.mark.parametrize("rule", MAPPINGS.infer, ids=lambda rule: rule.name.rpartition("/")[2])
def test_what_a_rule_names_is_not_filtered_out(rule: Rule):
    """Each predicate in a shipped rule, as a SPARQL parser finds them, is among those that rules see."""
    from rdflib.plugins.sparql import prepareQuery
    from rdflib.plugins.sparql.parserutils import CompValue
    from rdflib.term import URIRef

    predicates: set[URIRef] = set()

    def look(node: object) -> None:
        if isinstance(node, CompValue):
            for key, value in node.items():
                if key == "triples":
                    predicates.update(each for _, p, _ in value for each in _iris(p))
                elif key != "_vars":
                    look(value)
        elif isinstance(node, list | tuple):
            for each in node:
                look(each)

    look(prepareQuery(rule.text, base=CATALOG).algebra)

    assert {f"<{each}>".encode() for each in predicates} <= named_terms([rule.text])
    assert predicates


def _iris(path: object) -> set:
    """Return the IRIs in a predicate or property path."""
    return {
        f"{iri}"
        for iri in re.findall(r"https?://[^\s<>)|/]*/?[^\s<>)|]*[#/][\w-]+|urn:[^\s<>)|/]+", str(path))
    }


def test_statements_of_no_use_are_left_out():
    """Long texts, which no rule names, take no memory."""
    kept = of_use(b'<a> <p> <o> .\n<a> <q> "\\n<p> x" .\n<a> <p> _:b .\n', {b"<p>"})

    assert kept == b"<a> <p> <o> .\n<a> <p> _:b .\n"
