"""The schema.org view: what its rules make of a catalogue, in terms that schema.org publishes."""

import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse, serialize
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.compare import graph_diff, isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF

from harvester.enrich.functions import bounds
from harvester.enrich.infer import infer
from harvester.enrich.mappings import Mappings
from harvester.enrich.neighbourhood import (
    BESIDE,
    CODES,
    INFERRED,
    SAID,
    Neighbourhood,
    Surroundings,
    code_lists,
)
from harvester.enrich.rules import Rule
from harvester.enrich.view import View, describe
from harvester.errors import UsageError
from harvester.model import Record
from harvester.rdf.records import split
from harvester.rdf.rows import Row, read_ntriples
from harvester.store.material import ntriples_of
from harvester.vocab import PREFIXES, SCHEMA
from tests.enrich.schema_terms import DOMAINS, RANGES, kinds
from tests.enrich.support import DATA, MAPPINGS, RECORDED, SHIPPED

SDO = Namespace(SCHEMA)
BASE = "https://data.example/"
TURTLE_PREFIXES = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
VIEW = View.load(SHIPPED)
RULES = {Path(rule.name).stem: rule for rule in VIEW.rules}
ALL_CODES = code_lists(MAPPINGS.codes).dump(format=RdfFormat.N_QUADS)
DOCUMENT = (Path(__file__).parents[2] / "docs" / "schema-org.md").read_text(encoding="utf-8")
PAGE = gzip.decompress((DATA / "udata-17.18" / "catalog-page-1.ttl.gz").read_bytes())
CLASSES = {
    "dataset": ("dcat:Dataset",),
    "distribution": ("dcat:Distribution",),
    "catalogue": ("dcat:Catalog",),
    "data service": ("dcat:DataService",),
    "agent": ("foaf:Agent", "foaf:Organization", "foaf:Person"),
    "contact point": ("vcard:Kind",),
    "place": ("dct:Location",),
}


def ntriples(turtle: str) -> bytes:
    return serialize(
        parse(TURTLE_PREFIXES + turtle, RdfFormat.TURTLE, base_iri=BASE), format=RdfFormat.N_TRIPLES
    )


def graph(lines: Iterable[str]) -> Graph:
    return Graph().parse(data="".join(f"{line}\n" for line in lines), format="nt")


def graph_of(rows: Iterable[Row]) -> Graph:
    return graph(" ".join((*row, ".")) for row in rows)


def view_of(batch: Iterable[Surroundings], codes: bytes = VIEW.codes) -> dict[str, list[Row]]:
    return dict(describe(Neighbourhood(batch, codes), VIEW.rules, BASE))


def page_records() -> list[Record]:
    """Return the records of a recorded catalogue page, as the harvester splits it."""
    quads = parse(PAGE, RdfFormat.TURTLE, base_iri=RECORDED.catalog, lenient=True)
    rows = read_ntriples(serialize(quads, format=RdfFormat.N_TRIPLES).decode()).rows
    kept = [row for row in rows if "hydra" not in "".join(row)]
    return split(kept, RECORDED.key, "http://portal.test/catalog.ttl")


RECORDS = {record.resource: b"".join(ntriples_of(record)) for record in page_records()}
SURROUNDINGS = [Surroundings(resource, said) for resource, said in RECORDS.items()]


@pytest.fixture(scope="module")
def view() -> dict[str, list[Row]]:
    """The view of the recorded page, inference included."""
    around = Neighbourhood(SURROUNDINGS, ALL_CODES)
    infer(around, MAPPINGS, RECORDED.catalog)
    return dict(describe(around, MAPPINGS.schema, RECORDED.catalog))


@pytest.fixture(scope="module")
def whole(view) -> Graph:
    """All of it."""
    return graph_of(row for rows in view.values() for row in rows)


@pytest.mark.parametrize("rule", VIEW.rules, ids=list(RULES))
def test_a_rule_does_what_its_example_says(rule: Rule):
    """From the graph before, the graph after and nothing else."""
    around = Neighbourhood([Surroundings(f"{BASE}x", ntriples(rule.example["before"]))], VIEW.codes)

    made = graph(around.ntriples(rule, BASE, [SAID, BESIDE, INFERRED, CODES]))

    expected = Graph().parse(data=TURTLE_PREFIXES + rule.example["after"], format="turtle", publicID=BASE)
    assert isomorphic(made, expected), graph_diff(made, expected)


def test_the_example_of_the_document():
    """The dataset that docs/schema-org.md shows becomes the JSON-LD beside it."""
    (said,) = re.findall(r"```turtle\n(.*?)```", DOCUMENT, re.DOTALL)
    (expected,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    dataset = f"{BASE}datasets/6b01"

    found = view_of([Surroundings(dataset, ntriples(said))])

    assert list(found) == [dataset]
    lines = serialize(parse(expected, RdfFormat.JSON_LD), format=RdfFormat.N_QUADS).decode().splitlines()
    assert isomorphic(graph_of(found[dataset]), graph(lines))


def test_only_terms_of_schema_org_and_those_where_they_belong(whole):
    """Each property on a thing that has it, with a value that it may have, as schema.org publishes them."""
    classes = {
        subject: kinds(*(str(class_).removeprefix(SCHEMA) for class_ in whole.objects(subject, RDF.type)))
        for subject in set(whole.subjects())
    }

    for subject, predicate, value in whole:
        if predicate == RDF.type:
            assert str(value).removeprefix(SCHEMA) in kinds(str(value).removeprefix(SCHEMA)) - {"Thing"}
            continue
        name = str(predicate).removeprefix(SCHEMA)
        assert classes[subject] & DOMAINS[name], (name, classes[subject])
        if isinstance(value, Literal):
            fits = {"Text", "Boolean", "Number", "Date", "DateTime"}
        else:
            fits = {"URL", "Thing", *classes.get(value, RANGES[name])}
        assert fits & RANGES[name], (name, value)


def test_every_term_of_the_rules_is_known(whole):
    """The table of published terms has all that rules can make, met in the recording or not."""
    text = "".join(rule.text.partition("CONSTRUCT")[2] for rule in VIEW.rules)
    used = set(re.findall(r"schema:([A-Za-z0-9]+)", text))

    assert {term for term in used if term[0].islower()} == set(DOMAINS)
    assert {term for term in used if term[0].isupper()} - {"Product"} <= kinds(*used) - {"Thing"}


def test_each_resource_is_described_alike_alone_and_in_company():
    """So that it does not matter which others change in the same night."""
    together = view_of(SURROUNDINGS)

    for each in SURROUNDINGS[::9]:
        assert view_of([each]) == {r: rows for r, rows in together.items() if r == each.resource}


def test_nothing_is_described_but_the_resource_and_its_parts():
    """What other records say of it bears on it; what they say of themselves is theirs to tell."""
    said = "<d> a dcat:Dataset ; dct:publisher <o> ; dcat:distribution <f> . <f> a dcat:Distribution ."
    beside = """<d> dcat:distribution <c> ; dct:isReferencedBy <r> . <r> a dcat:Resource, schema:NewsArticle .
        <c> a dcat:Distribution ; dct:title "community" . <o> a foaf:Organization ; foaf:name "O" ."""

    found = view_of([Surroundings(f"{BASE}d", ntriples(said), ntriples(beside))])

    rows = found.pop(f"{BASE}d")
    assert found == {}
    assert {subject for subject, _, _ in rows} == {f"<{BASE}d>", f"<{BASE}f>"}
    assert (f"<{BASE}d>", f"<{SCHEMA}distribution>", f"<{BASE}c>") in rows
    assert (f"<{BASE}d>", f"<{SCHEMA}subjectOf>", f"<{BASE}r>") in rows


def test_blank_nodes_have_the_labels_of_their_content():
    """Whatever labels the said ones have; and other labels in the description of another resource."""
    place = "<%s> a dcat:Dataset ; dct:spatial _:%s . _:%s a dct:Location ; skos:prefLabel 'Here' ."

    one, same, other = (
        view_of([Surroundings(f"{BASE}{name}", ntriples(place % (name, label, label)))])[f"{BASE}{name}"]
        for name, label in (("d", "x"), ("d", "y"), ("e", "x"))
    )

    assert one == same
    assert {o for _, _, o in one if o[0] == "_"}.isdisjoint(o for _, _, o in other if o[0] == "_")


def test_blank_nodes_that_say_nothing_are_left_out():
    """What stands beside may point at such as are described elsewhere, or nowhere."""
    said, beside = "<d> a dcat:Dataset .", "<d> dcat:distribution [] ; dct:publisher [ foaf:nick 'x' ] ."

    found = view_of([Surroundings(f"{BASE}d", ntriples(said), ntriples(beside))])

    assert found == {f"{BASE}d": [(f"<{BASE}d>", f"<{RDF.type}>", f"<{SCHEMA}Dataset>")]}


def test_what_is_said_twice_is_described_once():
    """In the record and beside it: a service that answers at one address has one channel."""
    said = ntriples("<s> a dcat:DataService ; dcat:endpointURL <https://api.example/> .")

    once, twice = (view_of([Surroundings(f"{BASE}s", said, beside)]) for beside in (b"", said))

    assert once == twice


def test_what_search_engines_require(whole):
    """https://developers.google.com/search/docs/appearance/structured-data/dataset, as far as it is said.

    Name and description as the publisher wrote them; who made it, its catalogue, its licence and its files.
    """
    page = graph(line for said in RECORDS.values() for line in said.decode().splitlines())
    for dataset in page.subjects(RDF.type, DCAT.Dataset):
        assert set(whole.objects(dataset, SDO.name)) == set(page.objects(dataset, DCTERMS.title))
        assert set(whole.objects(dataset, SDO.description)) == set(page.objects(dataset, DCTERMS.description))
        if page.value(dataset, DCTERMS.publisher, any=True):
            assert whole.value(dataset, SDO.creator, any=True)
        assert set(whole.objects(dataset, SDO.includedInDataCatalog)) == {URIRef(RECORDED.catalog)}
        files = set(page.objects(dataset, DCAT.distribution)) & set(page.subjects(DCAT.downloadURL))
        assert files <= set(whole.objects(dataset, SDO.distribution))
        for file in files:
            assert whole.value(file, SDO.contentUrl, any=True)
            if page.value(file, DCTERMS.format, any=True) or page.value(file, DCAT.mediaType, any=True):
                assert whole.value(file, SDO.encodingFormat, any=True)
        licences = [
            set(page.objects(file, DCTERMS.license)) for file in page.objects(dataset, DCAT.distribution)
        ]
        if licences and set.intersection(*licences):
            assert set.intersection(*licences) == set(whole.objects(dataset, SDO.license))


def table(title: str) -> list[tuple[str, str]]:
    """Return (class, property) of each row under a heading of the document."""
    section = DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")][2:]
    return [(row[0].strip(), name) for row in rows for name in re.findall(r"`([^`]+)`", row[1])]


MAPPED, LEFT_OUT = table("What becomes of what"), table("What is left out")


def expanded(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"<{PREFIXES[prefix]}{local}>"


def with_class(*names: str) -> dict[str, tuple[str, set[str]]]:
    """Return of the recorded records those with instances of a class, by resource: lines, and their tokens.

    Of data services only those that have records of their own.
    """
    ends = tuple(f" <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> {expanded(name)} ." for name in names)
    found = {}
    for resource, said in RECORDS.items():
        text = said.decode()
        tokens = {line.split(" ", 1)[0] for line in text.splitlines() if line.endswith(ends)}
        if names == ("dcat:DataService",):
            tokens &= {f"<{resource}>"}
        if tokens:
            found[resource] = text, tokens
    return found


def holding(class_: str, predicate: str) -> list[tuple[Surroundings, Surroundings]]:
    """Return some records that say `predicate` of instances of a class, and the same without that."""
    pairs = []
    for resource, (text, tokens) in with_class(*CLASSES[class_]).items():
        lines = text.splitlines(keepends=True)
        kept = [
            line
            for line in lines
            if not (line.split(" ", 2)[1] == predicate and line.split(" ", 1)[0] in tokens)
        ]
        if len(kept) < len(lines):
            pairs.append(
                (Surroundings(resource, text.encode()), Surroundings(resource, "".join(kept).encode()))
            )
    return pairs[:40]


@pytest.mark.parametrize("class_", [name for name in CLASSES if name != "place"])
def test_each_property_of_the_recording_is_mapped_or_left_out_with_a_reason(class_):
    """No row of the document is missing; none is in both tables."""
    met = {
        line.split(" ", 2)[1]
        for text, tokens in with_class(*CLASSES[class_]).values()
        for line in text.splitlines()
        if line.split(" ", 1)[0] in tokens
    }

    mapped = {expanded(name) for of, name in MAPPED if of == class_}
    left_out = {expanded(name) for of, name in LEFT_OUT if of == class_}
    assert met
    assert met <= mapped | left_out
    assert not mapped & left_out


@pytest.mark.parametrize(("class_", "name"), MAPPED)
def test_what_the_document_says_is_mapped_is(class_, name):
    """Without the property the view of a record that has it, or else a rule's example, says less."""
    predicate = expanded(name)
    pairs = holding(class_, predicate)
    if pairs:
        full, less = (view_of(each) for each in zip(*pairs, strict=True))
        assert any(set(full[resource]) - set(less.get(resource, ())) for resource in full)
    else:
        assert any(example_needs(rule, predicate) for rule in VIEW.rules)


def example_needs(rule: Rule, predicate: str) -> bool:
    """Tell whether a rule makes less of its example without a property."""
    lines = ntriples(rule.example["before"]).decode().splitlines(keepends=True)
    kept = [line for line in lines if line.split(" ", 2)[1] != predicate]
    full, less = (
        Neighbourhood([Surroundings(f"{BASE}x", "".join(each).encode())], VIEW.codes).ntriples(
            rule, BASE, [SAID, CODES]
        )
        for each in (lines, kept)
    )
    return len(less) < len(full)


@pytest.mark.parametrize(("class_", "name"), LEFT_OUT)
def test_what_the_document_says_is_left_out_is(class_, name):
    """With or without the property, said in the recording or added to it, the view is the same."""
    predicate = expanded(name)
    pairs = holding(class_, predicate)
    resource, (text, tokens) = next(iter(with_class(*CLASSES[class_]).items()))
    added = f"{text}{min(tokens)} {predicate} <https://added.example/> .\n"
    pairs.append((Surroundings(resource, added.encode()), Surroundings(resource, text.encode())))

    assert all(view_of([said]) == view_of([without]) for said, without in pairs[-8:])


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("POINT (2.35 48.85)", (2.35, 48.85, 2.35, 48.85)),
        ("POLYGON((2 48,3 48,3 49,2 48),(2.1 48.1,2.2 48.1,2.2 48.2,2.1 48.1))", (2, 48, 3, 49)),
        ("LINESTRING Z (1 2 300, -4.5 6 7)", (-4.5, 2, 1, 6)),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(48.85 2.35)", (2.35, 48.85, 2.35, 48.85)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(2.35 48.85)", (2.35, 48.85, 2.35, 48.85)),
        ("<http://www.opengis.net/def/crs/EPSG/0/2154> POINT(652000 6862000)", None),
        ("POINT (652000 6862000)", None),
        ("POINT EMPTY", None),
        ("no geometry", None),
        ("", None),
        ("POINT(" + "1 " * 600_000, None),
    ],
)
def test_how_far_a_geometry_reaches(wkt, expected):
    """By GeoSPARQL's definition of WKT literals; None for what is none, or in a system that is not known."""
    assert bounds(wkt) == expected


def test_a_view_is_stored_only_if_asked_for():
    """Without, no statement is kept for its rules; with it, all is made anew."""
    without, with_view = (MAPPINGS.storing(schema_org=on) for on in (False, True))

    assert without.schema == ()
    assert without.fingerprint == MAPPINGS.fingerprint != with_view.fingerprint
    assert set(with_view.derivations) - set(without.derivations) == {rule.text for rule in VIEW.rules}


def test_mappings_without_a_view_say_so(tmp_path):
    """A folder of one's own may lack the rules, unless one asks for them."""
    mappings = Mappings(MAPPINGS.documents, MAPPINGS.crosswalks, MAPPINGS.agent)

    with pytest.raises(UsageError, match=r"no rules for schema\.org"):
        mappings.storing(schema_org=True)
    with pytest.raises(UsageError, match="holds no rules"):
        View.load(tmp_path)


def test_the_context_of_json_in_the_document_is_plain():
    """Its example can be pasted into a page: one context, and no IRIs for keys."""
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)

    assert all(":" not in key for key in json.loads(example))
