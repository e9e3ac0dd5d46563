"""The quality of datasets, against a second reckoning in plain Python over rdflib's graphs."""

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, SKOS

from harvester.vocab import PREFIXES
from tests.enrich.quality_support import (
    CHECKS,
    FILE,
    HV,
    KNOWN,
    LINKS,
    METHODOLOGY,
    OWN,
    POINTS,
    TURTLE,
    D,
    dataset,
    scores,
)

CHOICES = [
    *((D, one) for one in (*OWN, "dcat:keyword ''", "dct:title <t>", "dct:accessRights 'open'")),
    *((f"{D}#{n}", one) for n in range(3) for one in FILE),
    *((f"{D}#{n}", one) for n in range(3) for one in (
        "dct:format 'csv'", "dct:format ft:PDF", "dcat:mediaType 'text/csv'", "dct:license <l>",
        "dcat:accessURL 'x'", "dct:issued '1'", "dct:modified '1'", "dcat:accessURL <https://b.example/gone>",
    )),
]  # fmt: skip
STATEMENTS = st.lists(st.sampled_from(CHOICES), max_size=30)
GONE = LINKS + " <https://b.example/gone> hv:httpStatus 404 ."
BASE = dataset((), (), (), ())


def write(statements: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<{subject}> {statement} .\n" for subject, statement in statements)


def read(text: str) -> Graph:
    return Graph().parse(data=TURTLE + text, format="turtle")


def reckon(graph: Graph) -> list[frozenset[str]]:
    """Return what the dataset meets with each of its distributions, told without SPARQL."""
    flags, links = read(KNOWN), read(GONE)
    at = "http://publications.europa.eu/resource/authority/"

    def values(subject, curie):
        prefix, _, name = curie.partition(":")
        return set(graph.objects(subject, URIRef(PREFIXES[prefix] + name)))

    def inside(found, prefix):
        return any(isinstance(one, URIRef) and one.startswith(prefix) for one in found)

    def answers(subject, curie):
        statuses = [int(s) for url in values(subject, curie) for s in links.objects(url, HV.httpStatus)]
        return any(200 <= status < 400 for status in statuses)

    def texts(subject, curie):
        return any(not isinstance(one, URIRef) and str(one) for one in values(subject, curie))

    def file(part):
        formats, types = values(part, "dct:format"), values(part, "dcat:mediaType")
        kinds = formats | {s for one in types for s in flags.subjects(SKOS.closeMatch, one)}
        return {
            "access-url-accessible": answers(part, "dcat:accessURL"),
            "download-url": values(part, "dcat:downloadURL"),
            "download-url-accessible": answers(part, "dcat:downloadURL"),
            "format": formats,
            "media-type": types,
            "format-vocabulary": inside(formats, f"{at}file-type/") and inside(types, "http://www.iana.org/"),
            "non-proprietary": any(flags.value(kind, HV.nonProprietary) for kind in kinds),
            "machine-readable": any(flags.value(kind, HV.machineReadable) for kind in kinds),
            "licence": values(part, "dct:license"),
            "licence-vocabulary": inside(values(part, "dct:license"), f"{at}licence/"),
            "rights": values(part, "dct:rights"),
            "byte-size": values(part, "dcat:byteSize"),
            "issued": values(part, "dct:issued") | values(whole, "dct:issued"),
            "modified": values(part, "dct:modified") | values(whole, "dct:modified"),
        }

    whole = URIRef(D)
    parts = list(graph.objects(whole, DCAT.distribution))
    reachable = all(any(isinstance(u, URIRef) for u in values(part, "dcat:accessURL")) for part in parts)
    own = {
        "keywords": any(str(one) for one in values(whole, "dcat:keyword")),
        "categories": values(whole, "dcat:theme"),
        "spatial": values(whole, "dct:spatial"),
        "temporal": values(whole, "dct:temporal"),
        "dcat-ap": texts(whole, "dct:title") and texts(whole, "dct:description") and reachable,
        "access-rights": values(whole, "dct:accessRights"),
        "access-rights-vocabulary": inside(values(whole, "dct:accessRights"), f"{at}access-right/"),
        "contact-point": values(whole, "dcat:contactPoint"),
        "publisher": values(whole, "dct:publisher"),
    }
    return [frozenset(name for name, has in (own | file(part)).items() if has) for part in parts]


@settings(max_examples=60, deadline=None)
@given(STATEMENTS, STATEMENTS)
def test_a_second_reckoning_comes_to_the_same(said, inferred):
    """Any statements, any inferred ones beside: the best of all distributions by points, in both states."""
    found = scores(BASE + write(said), inferred=write(inferred), details=GONE)

    for state, statements in ((found.said, said), (found.enriched, said + inferred)):
        candidates = reckon(read(BASE + write(statements)))
        assert state.met in candidates
        assert state.total == max(sum(POINTS[name] for name in met) for met in candidates)
        assert state.points == {
            dimension: sum(points for name, points in of.items() if name in state.met)
            for dimension, of in METHODOLOGY.items()
        }
    assert found.said.total <= found.enriched.total <= 405
    assert all(found.enriched.points[name] <= sum(of.values()) for name, of in METHODOLOGY.items())
    assert set(found.lacks) & found.enriched.met == set()
    assert set(POINTS) - CHECKS <= set(found.lacks) | found.enriched.met
