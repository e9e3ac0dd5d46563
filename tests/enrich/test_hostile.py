"""Nothing that a document says can raise, break RDF, or speak about anything but the reuse."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse

from harvester.vocab import DCAT, DCT
from tests.enrich.support import CATALOG, MAPPER, MAPPINGS, SITE, reuse

KNOWN = {"d1": "https://up.example/d1", "d2": f"{SITE}/datasets/d2", "s1": "https://up.example/s1"}
VICTIM = "https://victim.example/"
KEYWORDS = (
    "@id", "@context", "@graph", "@type", "@reverse", "@included", "@value", "@list", "@set", "@nest",
    "@base", "@vocab", "@language", "@import", "@index", "@direction", "@json",
)  # fmt: skip
KEYS = [
    *MAPPINGS.documents["reuse"].shape.terms,
    *KEYWORDS,
    "udata",
    "udata:title",
    "xsd",
    "http://evil.example/p",
    "name",
    "views",
]

texts = st.one_of(
    st.text(),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Zs", "Po", "L"]), max_size=8),
    st.sampled_from(
        [
            "_:b0",
            "@id",
            VICTIM,
            "udata:title",
            "https://a.example/é ü",
            'https://a.example/"<>\\^`{|}',
            "http://[",
            "javascript:alert(1)",
            "../../x",
            "#",
            "api",
            "idea",
            "health",
            "d1",
            "d2",
            "d3",
            "s1",
            "hier",
            "2024-01-01T00:00:00Z",
            "\ud800",
            "\x00",
            "https://a.example/\ud800",
            "https://doi.org/10.1000/ 1",
        ]
    ),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts, st.just(10**400))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4),
    ),
    max_leaves=8,
)
things = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["d1", "d2", "d3", "s1"])},
        optional=dict.fromkeys(("@id", "title", "name"), values),
    ),
    max_size=3,
)
documents = st.dictionaries(st.sampled_from(KEYS), values, max_size=12).flatmap(
    lambda junk: st.fixed_dictionaries(
        {"id": st.sampled_from(["r1", "r2", "r3"])},
        optional={
            "title": texts,
            "url": texts,
            "page": texts,
            "tags": st.lists(texts, max_size=3),
            "type": texts,
            "topic": texts,
            "created_at": texts,
            "datasets": things,
            "dataservices": things,
            "organization": things,
        },
    ).map(lambda shaped: {**junk, **shaped})
)


@settings(max_examples=75, deadline=None)
@given(st.lists(documents | values, max_size=4))
def test_no_document_breaks_the_mapping(batch: list[Any]):
    """Any JSON maps without an error to N-Quads that a strict parser reads in full."""
    result = MAPPER.map(batch, KNOWN)

    for record in (*result.records, *result.agents):
        quads = list(parse(record.nquads, RdfFormat.N_QUADS))
        assert len(quads) == record.triples == record.nquads.count(b"\n")
        assert {quad.graph_name.value for quad in quads} == {record.graph}


@settings(max_examples=75, deadline=None)
@given(documents)
def test_a_document_speaks_of_its_reuse_only(document: dict[str, Any]):
    """Subjects are the reuse, its blank nodes, its datasets (isReferencedBy) and the catalogue (resource)."""
    result = MAPPER.map([document], KNOWN)

    hidden = document.get("private") or document.get("deleted")
    assert len(result.records) == (0 if hidden else 1)
    for record in result.records:
        own = NamedNode(f"{SITE}/reuses/{document['id']}")
        assert record.resource == own.value
        quads = list(parse(record.nquads, RdfFormat.N_QUADS))
        reached = {quad.object for quad in quads}
        for quad in quads:
            match quad.subject:
                case BlankNode():
                    assert quad.subject in reached
                case NamedNode(value=value) if value == CATALOG:
                    assert (quad.predicate.value, quad.object) == (DCAT + "resource", own)
                case NamedNode(value=value) if value != own.value:
                    assert value in {*KNOWN.values(), f"{SITE}/datasets/d3"}
                    assert (quad.predicate.value, quad.object) == (DCT + "isReferencedBy", own)
    for agent in result.agents:
        assert {quad.subject.value for quad in parse(agent.nquads, RdfFormat.N_QUADS)} == {agent.resource}


@settings(max_examples=60, deadline=None)
@given(documents)
def test_a_bad_neighbour_costs_a_good_reuse_nothing(document: dict[str, Any]):
    """One bad item costs one item: the others of its batch come out byte for byte as without it."""
    good = reuse("6b01cc847190cb745d496be9", tags=["bus"], datasets=[{"id": "d1"}], metrics={"views": 1})
    alone = MAPPER.map([good], KNOWN).records[0]

    together = MAPPER.map([document, good], KNOWN).records

    assert alone in together


@settings(max_examples=75, deadline=None)
@given(texts)
def test_any_title_comes_back(title: str):
    """A title is stored as it is, but for characters that XML cannot hold: `?`, as in udata's own Turtle."""
    record = MAPPER.map([reuse(title=title)], {}).records[0]

    found = {
        quad.object.value
        for quad in parse(record.nquads, RdfFormat.N_QUADS)
        if quad.predicate.value == DCT + "title"
    }
    assert found == ({"".join(map(_storable, title))} if title else set())


def _storable(character: str) -> str:
    """https://www.w3.org/TR/xml/#charsets, production Char."""
    code = ord(character)
    if code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000:
        return character
    return "?"


def test_keywords_of_json_ld_have_no_effect_at_any_depth():
    """`@id`, `@context` and `@graph` of a document inject nothing, whichever key they hide under."""
    plain = reuse(
        organization={"id": "o1", "name": "O"}, datasets=[{"id": "d1", "title": "T"}], metrics={"views": 1}
    )
    attack: dict[str, Any] = {
        "@id": VICTIM,
        "@context": {"title": f"{VICTIM}p", "@vocab": VICTIM},
        "@graph": [{"@id": VICTIM, f"{VICTIM}p": "x"}],
        "@type": VICTIM,
        "@reverse": {f"{VICTIM}p": VICTIM},
        "@included": [{"@id": VICTIM, f"{VICTIM}p": "x"}],
    }
    attacked = {**plain, **attack}
    attacked["organization"] = {**plain["organization"], **attack}
    attacked["datasets"] = [{**plain["datasets"][0], **attack}]
    attacked["metrics"] = {**plain["metrics"], **attack}

    before, after = MAPPER.map([plain], KNOWN), MAPPER.map([attacked], KNOWN)

    assert VICTIM in json.dumps(attacked)
    assert (after.records, after.agents) == (before.records, before.agents)
