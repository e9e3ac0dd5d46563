"""shapes/dcat-ap-3.ttl says what the tables of DCAT-AP 3.0.1 say: no less, no more."""

from collections import Counter
from collections.abc import Iterator

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from harvester.validate.batches import ntriples
from harvester.validate.engine import PyShacl, Rudof
from harvester.validate.rules import Severity, local
from harvester.validate.shapes import load_shapes
from tests.validate.specification import (
    AT_LEAST_ONE,
    CLASSES,
    DEPRECATED,
    LEGAL,
    MAY,
    MUST,
    PROPERTIES,
    RECOMMENDED,
    VALUES,
    Property,
)

PREFIXES = """
@prefix : <http://a.example/> .
@prefix adms: <http://www.w3.org/ns/adms#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix eli: <http://data.europa.eu/eli/ontology#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix locn: <http://www.w3.org/ns/locn#> . @prefix odrl: <http://www.w3.org/ns/odrl/2/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix time: <http://www.w3.org/2006/time#> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
HVD = "<http://data.europa.eu/eli/reg_impl/2023/138/oj>"
SHAPES = load_shapes()
ENGINE = Rudof(SHAPES)
BY_NAME = {rule.name: rule for rule in SHAPES.rules.values()}
LITERALS = {
    "Literal": '"Vélos"@fr',
    "TemporalLiteral": '"2024-05-17"^^xsd:date',
    "xsd:decimal": '"12.5"^^xsd:decimal',
    "xsd:duration": '"P1D"^^xsd:duration',
    "xsd:hexBinary": '"0AFF"^^xsd:hexBinary',
    "xsd:nonNegativeInteger": '"120"^^xsd:nonNegativeInteger',
}


def name(row: Property) -> str:
    """Return the name of the rule for a row."""
    return f"{row.of}.{'otherIdentifier' if row.path == 'adms:identifier' else local(row.path)}"


def value(row: Property, number: int = 0) -> str:
    """Return a value that the row allows."""
    if (row.of, row.path) in VALUES:
        return f"<{VALUES[row.of, row.path]}>"
    if row.range in LITERALS:
        return LITERALS[row.range]
    return f":{row.range.replace(':', '-')}{number or ''}" if ":" in row.range else "<http://a.example/page>"


def full(of: str, subject: str, without: str = "") -> str:
    """Describe something by all properties that its class has, but for one."""
    said = [f"{subject} a {CLASSES[of]} ."]
    said += [
        f"{subject} {row.path} {value(row)} ." for row in PROPERTIES if row.of == of and row.path != without
    ]
    if of == "Kind":
        said.append(f"{subject} vcard:hasEmail <mailto:a@a.example> .")
    return "\n".join(said)


NAMED = {row.range for row in PROPERTIES if ":" in row.range and not row.range.startswith("xsd:")}
"""What values are described, each as what it should be: by `full`, or as of its class only."""
WORLD = (
    "\n".join(
        full(next(of for of, iri in CLASSES.items() if iri == range_), f":{range_.replace(':', '-')}")
        if range_ in CLASSES.values()
        else f":{range_.replace(':', '-')} a {range_} ."
        for range_ in sorted(NAMED - {"dcat:Resource"})
    )
    + "\n:dcat-Resource a dcat:Dataset ; dct:title 'x'@en ; dct:description 'x'@en ."
    + "\n:of-another-class a :Thing ."
)


Case = tuple[str, str, Severity]
"""What is given for a property ("": nothing), the rule that must object, and how much it weighs."""


def broken() -> dict[str, tuple[str, str, Severity]]:
    """Return failing examples by subject: description, the rule that must object, how much it weighs."""
    cases = [(row.of, row.path, *case) for row in PROPERTIES for case in (*_by_range(row), *_by_prose(row))]
    for vocabulary, severity in (
        (MUST, Severity.VIOLATION),
        (AT_LEAST_ONE, Severity.VIOLATION),
        (RECOMMENDED, Severity.WARNING),
        (LEGAL, Severity.WARNING),
        (MAY, Severity.INFO),
    ):
        for of, path in vocabulary:
            rule = f"{of}.{local(path)}.vocabulary"
            cases.append((of, path, "<http://a.example/code>", rule, severity))
            cases.append((of, path, '"code"', rule, severity))
    found = {}
    for number, (of, path, values, rule, severity) in enumerate(cases):
        subject = f":broken-{number}"
        text = full(of, subject, without=path) + (f"\n{subject} {path} {values} ." if values else "")
        found[f"http://a.example/broken-{number}"] = (text, rule, severity)
    return found


def _by_range(row: Property) -> Iterator[Case]:
    """Yield what the row's cardinality and range forbid."""
    wrong = "<http://a.example/page>" if row.range == "Literal" else '"text"'
    if row.least:
        yield "", name(row), Severity.VIOLATION
    if row.level == "R":
        yield "", f"{name(row)}.recommended", Severity.WARNING
    if row.most:
        yield f"{value(row)} , {_other(row)}", name(row), Severity.VIOLATION
    if (row.of, row.path) not in MUST:
        yield wrong, name(row), Severity.VIOLATION
        if ":" in row.range and row.range not in LITERALS:
            yield ":of-another-class", name(row), Severity.VIOLATION


def _by_prose(row: Property) -> Iterator[Case]:
    """Yield what the text beside the tables advises against."""
    if row.range == "TemporalLiteral":
        yield '"2024-05-17T08:00:00"^^xsd:dateTime', f"{name(row)}.timezone", Severity.INFO
    if f"{name(row)}.language" in BY_NAME and row.range == "Literal":
        yield '"Vélos"', f"{name(row)}.language", Severity.INFO
    if f"{name(row)}.described" in BY_NAME:
        yield ":nobody-tells", f"{name(row)}.described", Severity.INFO


def _other(row: Property) -> str:
    """Return another value that would do as well."""
    others = {
        "Literal": '"Bicycles"@en',
        "TemporalLiteral": '"2024"^^xsd:gYear',
        "xsd:decimal": '"1.0"^^xsd:decimal',
        "xsd:duration": '"P2D"^^xsd:duration',
        "xsd:hexBinary": '"0B"^^xsd:hexBinary',
        "xsd:nonNegativeInteger": '"7"^^xsd:nonNegativeInteger',
    }
    if (row.of, row.path) in VALUES:
        return (
            f"<{VALUES[row.of, row.path]}2>" if row.path != "spdx:algorithm" else "spdx:checksumAlgorithm_md5"
        )
    return others.get(row.range, "<http://a.example/another>")


SPECIAL = {
    "Catalogue.empty": (
        full("Catalogue", ":s").replace("dcat:dataset", "dct:x").replace("dcat:service", "dct:x"),
        Severity.WARNING,
    ),
    "Dataset.hvdCategory": (
        full("Dataset", ":s") + f":s dcatap:applicableLegislation {HVD} .",
        Severity.VIOLATION,
    ),
    "DataService.hvdCategory": (
        full("DataService", ":s") + f":s dcatap:applicableLegislation {HVD} .",
        Severity.VIOLATION,
    ),
    "Dataset.hvdCategory.vocabulary": (
        full("Dataset", ":s") + ":s dcatap:hvdCategory 'geospatial' .",
        Severity.VIOLATION,
    ),
    "DataService.hvdCategory.vocabulary": (
        full("DataService", ":s") + ":s dcatap:hvdCategory :geo .",
        Severity.VIOLATION,
    ),
    "Kind.hasEmail": (full("Kind", ":s") + ":s vcard:hasEmail 'a@a.example' .", Severity.WARNING),
    "Kind.reachable": (":s a vcard:Kind ; vcard:fn 'Service'@fr .", Severity.INFO),
    **{
        f"Dataset.{local(path)}.deprecated": (full("Dataset", ":s") + f":s {path} '1' .", Severity.WARNING)
        for path in DEPRECATED
    },
}
"""Rules that stand in no table: prose, the annex of high-value datasets, deprecations; each broken."""
BROKEN = broken() | {
    f"http://a.example/s{number}": (text.replace(":s ", f":s{number} "), rule, severity)
    for number, (rule, (text, severity)) in enumerate(SPECIAL.items())
}


def data(*texts: str) -> bytes:
    """Return descriptions in a world where what they name is described, with what shapes tell of classes."""
    described = parse("\n".join((PREFIXES, WORLD, *texts)), RdfFormat.TURTLE)
    return ntriples([*{quad.triple for quad in described}, *SHAPES.facts])


@pytest.fixture(scope="module")
def everything() -> bytes:
    return data(*(text for text, _rule, _severity in BROKEN.values()))


@pytest.fixture(scope="module")
def objections(everything) -> dict[str, set[str]]:
    """Names of the rules that object to each broken description, in one run over all of them."""
    found: dict[str, set[str]] = {}
    for result in ENGINE.results(everything):
        if isinstance(result.focus, NamedNode):
            found.setdefault(result.focus.value, set()).add(SHAPES.rules[result.shape].name)
    return found


@pytest.mark.parametrize("of", CLASSES)
def test_a_full_description_is_faultless(of):
    """With every property of the class, each with a value of its range and vocabulary."""
    text = data(full(of, ":it"))

    assert [r for r in ENGINE.results(text) if r.focus == NamedNode("http://a.example/it")] == []


@pytest.mark.parametrize("subject", BROKEN)
def test_what_breaks_a_rule_is_found_by_it(subject, objections):
    """And weighs as much as the specification gives it."""
    _text, rule, severity = BROKEN[subject]

    assert rule in objections.get(subject, set())
    assert BY_NAME[rule].severity is severity


def test_a_fault_is_told_once(everything):
    """By one result of one rule, whatever it is that is wrong with a value."""
    told = Counter((str(r.focus), r.shape, str(r.value)) for r in ENGINE.results(everything))

    assert [fault for fault, times in told.items() if times > 1] == []


def test_each_rule_has_an_example_that_breaks_it():
    """All of the file, but for the shapes of classes, which only hold rules together."""
    rules = set(BY_NAME) - set(CLASSES)

    assert rules == {rule for _text, rule, _severity in BROKEN.values()}


def test_each_rule_speaks_two_languages_and_names_its_clause():
    """Messages and advice for publishers, whether they read English or French."""
    for rule in BY_NAME.values():
        if rule.name in CLASSES:
            continue
        assert set(rule.messages) == set(rule.advice) == {"en", "fr"}, rule.name
        assert rule.see.startswith("https://"), rule.name
        assert all(text[0].isupper() and text.endswith(".") for text in rule.messages.values()), rule.name


@pytest.mark.parametrize(
    "date",
    [
        '"2024"^^xsd:gYear',
        '"2024-05"^^xsd:gYearMonth',
        '"2024-05-17"^^xsd:date',
        '"2024-05-17T08:00:00Z"^^xsd:dateTime',
    ],
)
def test_dates_are_of_four_types(date):
    """TemporalLiteral: years, months, days, or times."""
    text = data(f"{full('Dataset', ':it', without='dct:issued')}\n:it dct:issued {date} .")

    assert [r for r in ENGINE.results(text) if r.focus == NamedNode("http://a.example/it")] == []


@pytest.mark.parametrize("engine", [ENGINE, PyShacl(SHAPES)], ids=["rudof", "pyshacl"])
@pytest.mark.parametrize(
    ("size", "good"),
    [
        ('"0"^^xsd:nonNegativeInteger', True),
        ('"7"^^xsd:integer', True),
        ('"0"^^xsd:integer', True),
        ('"-1"^^xsd:integer', False),
        ('"-1"^^xsd:nonNegativeInteger', False),
        ('"7"', False),
        ('"7.0"^^xsd:decimal', False),
        ('"seven"^^xsd:integer', False),
        ("<http://a.example/seven>", False),
    ],
)
def test_sizes_are_whole_numbers_from_nought(engine, size, good):
    """A store keeps xsd:nonNegativeInteger as xsd:integer: either will do. What is wrong is told once."""
    text = data(f"{full('Distribution', ':it', without='dcat:byteSize')}\n:it dcat:byteSize {size} .")
    told = [
        SHAPES.rules[r.shape].name
        for r in engine.results(text)
        if r.focus == NamedNode("http://a.example/it")
    ]

    assert told == ([] if good else ["Distribution.byteSize"])


def test_narrower_classes_will_do():
    """An organisation is an agent; so it must have a name."""
    text = data(":it a dcat:Dataset ; dct:publisher :ministry . :ministry a foaf:Organization .")
    found = {(str(r.focus), SHAPES.rules[r.shape].name) for r in ENGINE.results(text)}

    assert ("<http://a.example/ministry>", "Agent.name") in found
    assert ("<http://a.example/it>", "Dataset.publisher") not in found


def test_a_code_of_the_eu_may_be_described_as_a_concept():
    """Code lists that a catalogue holds make them that; it does not make a licence wrong."""
    licence = VALUES["Distribution", "dct:license"]
    text = data(full("Distribution", ":it"), f"<{licence}> a skos:Concept ; skos:prefLabel 'CC BY'@en .")

    assert [r for r in ENGINE.results(text) if r.focus == NamedNode("http://a.example/it")] == []


@pytest.mark.heavy
def test_the_other_library_agrees(everything):
    """pySHACL finds exactly the same in all examples."""
    one, other = ENGINE.results(everything), PyShacl(SHAPES).results(everything)

    def facts(results):
        return Counter(
            (str(r.focus), r.path, r.shape, r.component) for r in results if isinstance(r.focus, NamedNode)
        )

    assert facts(one) == facts(other)
    assert len(one) > 400
