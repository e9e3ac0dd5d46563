"""docs/mapping.md says what the files say, and its example works."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SKOS, Namespace

from harvester.enrich.mappings import Mappings
from harvester.enrich.reuses import ReuseMapper
from tests.enrich.support import API, MAPPINGS, PORTAL, SHIPPED, graph_of, recorded, reuse

DOCUMENT = Path(__file__).parents[2] / "docs" / "mapping.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
HV = Namespace("urn:x-harvester:vocabulary#")
SCHEMA = Namespace("http://schema.org/")
EU = "http://publications.europa.eu/resource/authority/data-theme/"
KEY = re.compile(r"`([a-z_]+)`")


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table(title: str) -> list[list[str]]:
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def blocks(title: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", section(title), re.DOTALL)


def crosswalk(name: str) -> Graph:
    return Graph(bind_namespaces="none").parse(SHIPPED / name, format="turtle", publicID=API)


def names(graph: Graph, subject: URIRef, predicate: URIRef) -> set[str]:
    return {str(graph.namespace_manager.curie(value)) for value in graph.objects(subject, predicate)}


@pytest.mark.parametrize("row", table("Types"), ids=lambda row: row[0])
def test_the_table_of_types_is_the_crosswalk(row):
    """What a reader sees for a type is what is done with it."""
    code, class_, links, status = row
    graph = crosswalk("reuse-types.ttl")
    subject = URIRef(f"{API}reuses/types/" + ("" if code == "*any other*" else f"#{code}"))

    assert names(graph, subject, HV["class"]) == {class_}
    assert names(graph, subject, HV.link) == set(links.split(", "))
    assert [str(value) for value in graph.objects(subject, HV.status)] == ([status] if status else [])


@pytest.mark.parametrize("row", table("Topics"), ids=lambda row: row[0])
def test_the_table_of_topics_is_the_crosswalk(row):
    """What a reader sees for a topic is what is done with it."""
    code, themes, match = row
    graph = crosswalk("reuse-topics.ttl")
    subject = URIRef(f"{API}reuses/topics/#{code}")
    said = {
        (str(p).partition("#")[2], str(o).removeprefix(EU))
        for p, o in graph.predicate_objects(subject)
        if EU in o
    }

    assert said == {(match, theme) for theme in themes.split(", ") if theme}


def test_no_code_is_missing_from_the_tables():
    """Each concept of a crosswalk has its row."""
    for name, title in (("reuse-types.ttl", "Types"), ("reuse-topics.ttl", "Topics")):
        graph = crosswalk(name)
        codes = {
            str(graph.value(concept, SKOS.notation)) for concept in graph.subjects(RDF.type, SKOS.Concept)
        }

        assert codes == {row[0] for row in table(title)} - {"*any other*"}


def test_each_key_of_a_recorded_reuse_is_mapped_or_left_out_with_a_reason():
    """Nothing that the portal says of a reuse is lost without a word."""
    mapped = {key for row in table("What becomes of each key") for key in KEY.findall(row[0])}
    left_out = {key for row in table("What is left out") for key in KEY.findall(row[0])}
    keys = {key for document in recorded("reuses.json") for key in document}

    assert keys <= mapped | left_out
    assert mapped == set(MAPPINGS.documents["reuse"].shape.terms)
    assert not left_out & mapped


def test_each_term_of_our_own_is_explained():
    """hv: terms in mapping files are in the table."""
    files = [path.read_text(encoding="utf-8") for path in SHIPPED.rglob("*.*")]
    used = {term for text in files for term in re.findall(r"\bhv:[A-Za-z]+", text)}

    assert used
    assert used <= set(re.findall(r"hv:[A-Za-z]+", section("Terms of our own")))


def test_a_property_is_added_in_five_minutes(tmp_path):
    """The steps of the example, done to a copy of the folder, give the triple that it shows, and no other."""
    title = "Add a property in five minutes"
    line, document = blocks(title, "json")
    (rule,) = blocks(title, "sparql")
    result, _ = blocks(title, "turtle")
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "my-mappings"))
    context = folder / "reuse.context.jsonld"
    context.write_text(
        context.read_text(encoding="utf-8").replace('"tags"', f'{line}"tags"', 1), encoding="utf-8"
    )
    (folder / "reuse" / "thumbnail.rq").write_text(rule, encoding="utf-8")
    mine = Mappings.load(folder)

    before, after = (
        graph_of(ReuseMapper(mappings, PORTAL).map([json.loads(document)], {}).records)
        for mappings in (MAPPINGS, mine)
    )

    assert set(after - before) == set(Graph().parse(data=result, format="turtle"))
    assert "image_thumbnail" in mine.documents["reuse"].fields().split(",")
    shown = set(_tried_out(title, tmp_path, document))
    assert shown - set(_tried_out(title, tmp_path, document, without="--mappings my-mappings")) == set(
        Graph().parse(data=result, format="turtle")
    )


def _tried_out(title: str, folder: Path, document: str, without: str = "") -> Graph:
    """Run the example's command on its document, in a folder that holds both it and the mappings."""
    (line,) = [line for block in blocks(title, "sh") for line in block.splitlines() if "reuse.json" in line]
    (folder / "reuse.json").write_text(document, encoding="utf-8")
    command = [sys.executable, "-m", *shlex.split(line.replace(without, ""))]
    shown = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=60)
    assert ("image_thumbnail" in shown.stderr.split("Mapped: ")[1].splitlines()[0]) is (without == "")
    return Graph().parse(data=shown.stdout, format="nt")


def test_a_type_is_added_to_a_crosswalk(tmp_path):
    """The example of a podcast gives such reuses a class and links; they are no longer unknown."""
    _, entry = blocks("Add a property in five minutes", "turtle")
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "my-mappings"))
    with (folder / "reuse-types.ttl").open("a", encoding="utf-8") as file:
        file.write(entry)

    result = ReuseMapper(Mappings.load(folder), PORTAL).map(
        [reuse(type="podcast", topic="health", datasets=[{"id": "d1"}])], {"d1": "https://up.example/d1"}
    )

    graph = graph_of(result.records)
    assert SCHEMA.PodcastEpisode in set(graph.objects(predicate=RDF.type))
    assert URIRef("https://up.example/d1") in set(graph.objects(predicate=SCHEMA.citation))
    assert Literal("podcast") not in set(graph.objects())
    assert result.unknown == {}
