"""A mapping folder is checked when it is read: what cannot serve is refused, naming file and line."""

import shutil
from pathlib import Path

import pytest
from rdflib import Graph, Literal, Namespace
from rdflib.namespace import RDF, SKOS

from harvester.enrich.concepts import shared_schemes
from harvester.enrich.mappings import Mappings
from harvester.enrich.reuses import ReuseMapper
from harvester.errors import UsageError
from harvester.model import Category
from tests.enrich.support import API, MAPPINGS, PORTAL, SHIPPED, graph_of, reuse

EU_THEMES = Namespace("http://publications.europa.eu/resource/authority/data-theme/")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped mapping folder, to change."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "mappings"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "why"),
    [
        ("reuse.context.jsonld", '"@version": 1.1,', '"@version": 1.1', 4, "not JSON"),
        ("reuse.context.jsonld", '"@context"', '"context"', 1, "no @context"),
        ("reuse.context.jsonld", '"udata:title"', '{"@reverse": "udata:title"}', 9, "@reverse"),
        ("reuse.context.jsonld", '"udata:title"', '"@type"', 9, "title"),
        ("reuse.context.jsonld", '"udata:title"', '"@graph"', 9, "title"),
        ("reuse.context.jsonld", '"udata:title"', '{"@id": "u:t", "@container": "@graph"}', 9, "@graph"),
        ("reuse.context.jsonld", '"udata:tags"', '{"@id": "udata:tags", "@type": "@vocab"}', 11, "@vocab"),
        ("reuse.context.jsonld", '{"views": "udata:views"}', '"https://a.example/context"', 23, "in place"),
        ("reuse.context.jsonld", '{"views": "udata:views"}', '{"@vocab": "udata:"}', 23, "@vocab"),
        ("reuse.context.jsonld", '"udata:tags"', '{"@id": "udata:tags", "@language": 7}', 11, "tags is not"),
        ("reuse.context.jsonld", '"@base": "reuses/"', '"@base": "https://a.example/"', 4, "@base"),
        ("reuse.context.jsonld", '"tags":', '"a,b\\n":', 11, "cannot be used"),
        ("reuse-types.ttl", '"Types of reuse"@en,', '"Types of reuse"@en;;,', 16, "not Turtle"),
        ("reuse/links.rq", "?dataset dct:isReferencedBy", "?dataset isReferencedBy", 8, "query"),
        ("reuse/links.rq", "PREFIX dct:", "PREFIX other:", 7, "query"),
        ("reuse/links.rq", "#+ summary: Links", "#+ summary: Links: all", 1, "YAML"),
        ("reuse/links.rq", "#+ summary", "#+ sumary", 1, "lacks summary"),
        ("reuse/links.rq", "#+ summary", "#+ colour: red\n#+ summary", 1, "colour"),
        ("reuse/links.rq", "?reuse udata:datasets ?dataset .", "SERVICE <urn:x> { ?a ?b ?c }", 12, "SERVICE"),
        ("reuse/links.rq", "?reuse udata:datasets ?dataset .", "\\u0053ervice<urn:x>{ ?a ?b ?c }", 12, ""),
        ("reuse/views.rq", "DATATYPE(?views)", "<urn:no-such-function>(?views)", 1, "function"),
        ("infer/reuses.rq", "#+ infers:", "#+ infer:", 1, "lacks infers"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_serve_is_named_with_its_line(folder, name, old, new, line, why):
    """One mistake in one file: the message says which file, which line and what to do."""
    change(folder / name, old, new)

    with pytest.raises(UsageError) as refused:
        Mappings.load(folder)

    assert f"{folder / name}, line {line}: " in refused.value.cause
    assert why in refused.value.cause
    assert refused.value.fix


@pytest.mark.parametrize("query", ["SELECT * WHERE { ?s ?p ?o }", "ASK { ?s ?p ?o }"])
def test_a_rule_makes_triples(folder, query):
    """Only CONSTRUCT queries are rules."""
    (folder / "reuse" / "links.rq").write_text(f"#+ summary: x\n{query}")

    with pytest.raises(UsageError, match="CONSTRUCT"):
        Mappings.load(folder)


@pytest.mark.parametrize(
    "text",
    [
        '"SERVICE"',
        "'''SERVICE\nSERVICE'''",
        "?service",
        "<urn:SERVICE>",
        '"""a"SERVICE"b"""',
        "udata:service",
    ],
)
def test_service_in_a_name_or_text_is_no_service(folder, text):
    """Strings, IRIs, names and comments may say SERVICE."""
    rule = folder / "reuse" / "more.rq"
    rule.write_text(
        "#+ summary: x\nPREFIX udata: <urn:x-udata:> # SERVICE\n"
        f"CONSTRUCT {{ ?reuse udata:x ?x }} WHERE {{ ?reuse udata:x ?x FILTER(?x = {text}) }}"
    )

    assert str(rule) in {rule.name for rule in Mappings.load(folder).documents["reuse"].rules}


@pytest.mark.parametrize(
    "before",
    [
        r"?a ?b <urn:\u0041#x> .",
        r"?a ?b udata:a\#x .",
        r'?a ?b "\"#" .',
        r"""?a ?b '''#''' .""",
        "?a ?b 1 FILTER(?a<?b) #>\n",
    ],
)
def test_service_does_not_hide_behind_what_looks_like_a_comment(folder, before):
    """`#` begins a comment only outside IRIs, names and strings: a rule sends nothing elsewhere."""
    (folder / "reuse" / "more.rq").write_text(
        "#+ summary: x\nPREFIX udata: <urn:x-udata:>\n"
        f"CONSTRUCT {{ ?a ?b ?c }} WHERE {{ {before} service <urn:y> {{ ?a ?b ?c }} }}"
    )

    with pytest.raises(UsageError, match="SERVICE would call another server"):
        Mappings.load(folder)


@pytest.mark.parametrize("missing", ["reuse.context.jsonld", "reuse", "agent", "."])
def test_a_folder_that_lacks_a_part_is_refused(folder, missing):
    """`--mappings DIR` puts a whole folder in place of the shipped one."""
    victim = folder / missing
    shutil.rmtree(victim) if victim.is_dir() else victim.unlink()

    with pytest.raises(UsageError) as refused:
        Mappings.load(folder)

    assert str(victim) in refused.value.cause


def test_bytes_that_are_no_text_are_refused(folder):
    """Files are UTF-8; the line of the first byte that is not is named."""
    path = folder / "reuse-topics.ttl"
    path.write_bytes(b"# one\n# \xe9\n")

    with pytest.raises(UsageError, match="line 2: not UTF-8"):
        Mappings.load(path.parent)


def test_a_folder_without_inference_infers_nothing(folder):
    """Inference rules are optional."""
    shutil.rmtree(folder / "infer")

    assert Mappings.load(folder).infer == ()


def test_a_rule_that_describes_something_else_is_reported(folder):
    """A rule may describe the reuse and what points at it: the rest would stand in a wrong graph."""
    (folder / "reuse" / "stray.rq").write_text(
        "#+ summary: x\nPREFIX udata: <urn:x-udata:>\n"
        "CONSTRUCT { <urn:elsewhere> udata:title ?title } WHERE { ?reuse udata:title ?title }"
    )

    result = ReuseMapper(Mappings.load(folder), PORTAL).map([reuse()], {})

    assert [(p.category, p.url) for p in result.problems] == [(Category.CONFLICT, "urn:elsewhere")]
    assert b"elsewhere" not in result.records[0].nquads


def test_the_mask_asks_for_what_the_context_lifts():
    """A key that is added to the context is asked from the portal by the next run."""
    assert MAPPINGS.documents["reuse"].fields() == (
        "archived,created_at,dataservices{id,title},datasets{id,title},deleted,description,featured,id,image,"
        "last_modified,metrics{views},organization{id,name},page,private,tags,title,topic,type,url"
    )


def test_codes_of_the_crosswalks_are_the_names_of_their_concepts():
    """skos:notation is the portal's code; the IRI is the portal's own concept of that code."""
    for name, path in (("reuse-types.ttl", "reuses/types/"), ("reuse-topics.ttl", "reuses/topics/")):
        graph = Graph().parse(SHIPPED / name, format="turtle", publicID=API)
        concepts = set(graph.subjects(RDF.type, SKOS.Concept))

        assert concepts
        for concept in concepts:
            assert str(concept) == f"{API}{path}#{graph.value(concept, SKOS.notation)}"
            assert {label.language for label in graph.objects(concept, SKOS.prefLabel)} == {"en", "fr"}


TYPES = [
    {"id": "api", "label": "API"},
    {"id": "hardware", "label": "Objet branché"},
    {"id": "neu f", "label": "Neuf"},
]
TYPES_EN = [{"id": "api", "label": "API"}, {"id": "hardware", "label": "Gadget"}]
TOPICS = [{"id": "health", "label": "Santé"}, {"id": 7}, None, {"label": "x"}]


def test_schemes_hold_the_portals_list_with_its_own_labels():
    """The portal's labels go before the crosswalk's; concepts that it does not list are not in its scheme."""
    records = ReuseMapper(MAPPINGS, PORTAL).schemes(TYPES, TOPICS, english=(TYPES_EN, []))

    types, topics = records
    graph = graph_of(records)
    scheme = Namespace(f"{API}reuses/types/")[""]
    assert types.resource == str(scheme)
    assert set(graph.subjects(SKOS.inScheme, scheme)) == {
        scheme + "#api", scheme + "#hardware", scheme + "#neu%20f"
    }  # fmt: skip
    hardware = scheme + "#hardware"
    assert set(graph.objects(hardware, SKOS.prefLabel)) == {
        Literal("Objet branché", lang="fr"),
        Literal("Gadget", lang="en"),
    }
    assert set(graph.objects(scheme + "#neu%20f", SKOS.notation)) == {Literal("neu f")}
    health = Namespace(f"{API}reuses/topics/#")["health"]
    assert set(graph.objects(health, SKOS.prefLabel)) == {
        Literal("Santé", lang="fr"),
        Literal("Health", lang="en"),
    }
    assert set(graph.objects(health, SKOS.exactMatch)) == {EU_THEMES.HEAL}
    assert not any("x-harvester:vocabulary" in str(predicate) for predicate in graph.predicates())
    assert topics.resource == f"{API}reuses/topics/"


def test_the_code_lists_of_others_are_described_too():
    """One record a scheme, with labels in English and French and no hints for rules only."""
    records = {record.resource: record for record in shared_schemes(PORTAL.root, MAPPINGS.codes)}
    graph = graph_of([records[str(EU_THEMES)[:-1]]])

    assert Literal("Santé", lang="fr") in set(graph.objects(EU_THEMES.HEAL, SKOS.prefLabel))
    assert Literal("Health", lang="en") in set(graph.objects(EU_THEMES.HEAL, SKOS.prefLabel))
    assert len(records) > 5
    assert all(b"x-harvester:vocabulary" not in record.nquads for record in records.values())


def test_schemes_without_the_portals_lists_are_those_of_the_crosswalks():
    """A portal whose lists cannot be fetched has its terms described; so have terms that it does not list."""
    podcast = f"{API}reuses/types/#podcast"
    graph = graph_of(ReuseMapper(MAPPINGS, PORTAL).schemes([], [], used=[podcast]))

    scheme = Namespace(f"{API}reuses/types/")[""]
    codes = {str(graph.value(concept, SKOS.notation)) for concept in graph.subjects(SKOS.inScheme, scheme)}
    assert codes == {
        "api", "application", "idea", "news_article", "paper", "post", "visualization", "hardware", "podcast"
    }  # fmt: skip
