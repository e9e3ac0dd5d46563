"""A page is split into records: every triple in exactly one, each where a reader would look for it."""

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse, serialize
from rdflib import Graph
from rdflib.compare import isomorphic

from harvester.model import Kind
from harvester.rdf.records import record_of, rows_of, split
from harvester.rdf.rows import read_ntriples

PAGE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix adms: <http://www.w3.org/ns/adms#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix spdx: <http://spdx.org/rdf/terms#> . @prefix e: <http://data.example/> .
@prefix b: <http://data.example/datasets/bbbbbbbbbbbbbbbbbbbbbbbb?resource_id=> .
e:catalog a dcat:Catalog ; dct:title "C" ; dct:publisher [ a foaf:Organization ; foaf:name "P" ] ;
  dcat:dataset <http://data.example/datasets/aaaaaaaaaaaaaaaaaaaaaaaa>,
    <http://up.example/b>, <http://up.example/listed-only> ;
  dcat:service e:service .
<http://data.example/datasets/aaaaaaaaaaaaaaaaaaaaaaaa> a dcat:Dataset ;
  dct:identifier "aaaaaaaaaaaaaaaaaaaaaaaa" ;
  dct:publisher e:org ; dct:accessRights e:public ; dcat:contactPoint e:contact ;
  dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2020" ] ;
  dcat:distribution <http://data.example/datasets/aaaaaaaaaaaaaaaaaaaaaaaa/file1>, e:shared .
<http://up.example/b> a dcat:Dataset ; dct:identifier "FR-1" ;
  dct:publisher e:org ; dct:accessRights e:public ;
  adms:identifier [ skos:notation "http://data.example/datasets/bbbbbbbbbbbbbbbbbbbbbbbb" ] ;
  dcat:distribution e:shared, b:398d42ab-2897-423c-99c6-5b2c74579e07 .
b:398d42ab-2897-423c-99c6-5b2c74579e07 a dcat:Distribution .
<http://data.example/datasets/aaaaaaaaaaaaaaaaaaaaaaaa/file1> a dcat:Distribution ;
  spdx:checksum [ spdx:checksumValue "1" ] ;
  dcat:accessService [ a dcat:DataService ; dct:title "WMS" ] .
e:shared a dcat:Distribution ; dct:title "one file of two datasets" .
e:service a dcat:DataService ; dcat:servesDataset <http://up.example/b> .
e:org a foaf:Organization . e:contact a vcard:Kind ; vcard:fn "Jeanne" . e:public a dct:RightsStatement .
[] foaf:name "nobody points at me" .
"""


def parsed(turtle: str):
    return read_ntriples(serialize(parse(turtle, RdfFormat.TURTLE), format=RdfFormat.N_QUADS).decode()).rows


def records():
    return {
        r.resource.removeprefix("http://data.example/"): r
        for r in split(parsed(PAGE), "data.example", "http://s/")
    }


def predicates(record) -> set[str]:
    return {q.predicate.value.split("#")[-1].split("/")[-1] for q in parse(record.nquads, RdfFormat.N_QUADS)}


def test_each_resource_has_its_record_and_its_kind():
    """Datasets, services, agents, contacts, the catalogue; anything else that has an IRI too."""
    kinds = {name: record.kind for name, record in records().items() if not name.startswith("urn:")}

    assert kinds == {
        "catalog": Kind.CATALOG,
        "datasets/aaaaaaaaaaaaaaaaaaaaaaaa": Kind.DATASET,
        "http://up.example/b": Kind.DATASET,
        "http://up.example/listed-only": Kind.DATASET,
        "service": Kind.SERVICE,
        "org": Kind.AGENT,
        "contact": Kind.CONTACT,
        "public": Kind.OTHER,
        "shared": Kind.OTHER,
    }


def test_distributions_periods_and_checksums_hang_from_their_dataset():
    """What only one dataset points at stands in its graph, a blank data service too."""
    said = predicates(records()["datasets/aaaaaaaaaaaaaaaaaaaaaaaa"])

    assert {"startDate", "checksumValue", "accessService", "title"} <= said


def test_a_distribution_that_is_not_named_for_its_dataset_is_a_record_of_its_own():
    """Another dataset may point at it too, and its triples would count twice in queries."""
    shared = records()["shared"]

    assert shared.triples == 2


def test_what_belongs_where_does_not_depend_on_pages():
    """Three datasets share a file: on one page or on three, the same records come out."""
    datasets = [
        f"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
        <http://d.example/{name}> a dcat:Dataset ;
          dcat:distribution <http://f.example/shared>, <http://f.example/{name}>,
            <http://d.example/{name}/own> .
        <http://f.example/{name}> a dcat:Distribution . <http://d.example/{name}/own> a dcat:Distribution .
        <http://f.example/shared> a dcat:Distribution ; dct:title "one file" ."""
        for name in ("a", "b", "c")
    ]

    together = split(parsed("\n".join(datasets)), "data.example", "http://s/")
    apart = {r for page in datasets for r in split(parsed(page), "data.example", "http://s/")}

    assert apart == set(together)


def test_membership_stands_with_the_member():
    """The catalogue's own record does not change because a dataset comes or goes."""
    by_name = records()

    assert "dataset" not in predicates(by_name["catalog"])
    assert "dataset" in predicates(by_name["http://up.example/b"])
    assert by_name["http://up.example/b"].listed
    assert predicates(by_name["http://up.example/listed-only"]) == {"dataset"}


def test_portal_ids_are_found_from_the_rdf():
    """By the IRI itself, or by adms:identifier where the dataset has an IRI from elsewhere."""
    by_name = records()

    assert by_name["datasets/aaaaaaaaaaaaaaaaaaaaaaaa"].ids == ("a" * 24,)
    assert by_name["http://up.example/b"].ids == ("b" * 24,)


def test_blank_nodes_that_nothing_points_at_are_kept():
    """Even a stray blank node has a place."""
    (stray,) = [record for name, record in records().items() if name.startswith("urn:x-harvester:blank:")]

    assert predicates(stray) == {"name"}


def test_the_same_description_gives_the_same_bytes_in_any_order():
    """Records do not depend on the order or the labels of the source."""
    rows = parsed(PAGE)

    first = split(rows, "data.example", "http://s/")
    second = split(parsed(PAGE)[::-1], "data.example", "http://s/")

    assert first == second


SUBJECTS = st.sampled_from(["<http://a/1>", "<http://a/2>", "<http://a/3>", "_:x", "_:y"])
OBJECTS = SUBJECTS | st.sampled_from(
    ['"text"', "<http://www.w3.org/ns/dcat#Dataset>", "<http://www.w3.org/ns/dcat#Distribution>"]
)
PREDICATES = st.sampled_from(
    [
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
        "<http://www.w3.org/ns/dcat#distribution>",
        "<http://www.w3.org/ns/dcat#dataset>",
        "<http://p/>",
    ]
)


@given(st.sets(st.tuples(SUBJECTS, PREDICATES, OBJECTS), max_size=12))
def test_no_triple_is_lost_or_doubled(rows):
    """The records of any page hold together exactly the triples of the page (rdflib as judge)."""
    found = split(list(rows), "data.example", "http://s/")

    assert sum(r.triples for r in found) == len(rows)
    assert len({r.graph for r in found}) == len(found)
    whole = Graph().parse(data="".join(f"{s} {p} {o} .\n" for s, p, o in rows), format="nt")
    triples = [q.triple for r in found for q in parse(r.nquads, RdfFormat.N_QUADS)]
    assert isomorphic(Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt"), whole)


def test_a_record_taken_apart_and_made_again_is_the_same():
    """So that something can be added to a record without moving the labels of its blank nodes."""
    for record in records().values():
        again = record_of(
            "data.example",
            record.kind,
            record.resource,
            rows_of(record),
            source=record.source,
            ids=record.ids,
            listed=record.listed,
        )

        assert again == record
