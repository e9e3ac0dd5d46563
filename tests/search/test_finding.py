"""Facets, orders, pages and languages of searches, beside what SPARQL counts."""

import shutil
import tempfile
import threading
from contextlib import suppress

import pytest
from pyoxigraph import Literal

from harvester.errors import UsageError
from harvester.search.finding import Finder, Search
from harvester.search.layout import NOTE, NoIndex
from harvester.search.terms import FACETS
from harvester.serve.tasks.labels import name_of
from harvester.store.generation import SEARCH
from harvester.store.generations import Catalogue
from tests.harvest.support import select
from tests.search.support import catalogue, index, no_label, titled, titles, write_manifest

DATASETS = """
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX hv: <urn:x-harvester:vocabulary#> PREFIX dqv: <http://www.w3.org/ns/dqv#>
PREFIX dcatap: <http://data.europa.eu/r5r/>
"""
EU = "http://publications.europa.eu/resource/authority"
VALUES = {
    "theme": f'?dataset dcat:theme ?value FILTER(STRSTARTS(STR(?value), "{EU}/data-theme/"))',
    "publisher": "?dataset dct:publisher ?value",
    "format": "?dataset dcat:distribution/dct:format ?value"
    f' FILTER(STRSTARTS(STR(?value), "{EU}/file-type/"))',
    "licence": "{ ?dataset dct:license ?value } UNION { ?dataset dcat:distribution/dct:license ?value }"
    f' FILTER(STRSTARTS(STR(?value), "{EU}/licence/"))',
    "frequency": f'?dataset dct:accrualPeriodicity ?value FILTER(STRSTARTS(STR(?value), "{EU}/frequency/"))',
    "reused": 'OPTIONAL { ?dataset hv:reuses ?n } BIND(IF(BOUND(?n) && ?n > 0, "yes", "no") AS ?value)',
    "high-value": "OPTIONAL { ?dataset dcatap:hvdCategory ?c }"
    " OPTIONAL { ?dataset dcatap:applicableLegislation ?l"
    " FILTER(?l = <http://data.europa.eu/eli/reg_impl/2023/138/oj>) }"
    ' BIND(IF(BOUND(?c) || BOUND(?l), "yes", "no") AS ?value)',
}


@pytest.fixture(scope="module")
def recorded(demo_store):
    """The recorded portal's catalogue: its current generation, and its store."""
    generation = Catalogue(demo_store).require()
    with generation.open() as store:
        yield generation, store


@pytest.fixture(scope="module")
def finder(recorded):
    generation, store = recorded
    return Finder(
        generation.path, lambda iri, language: (name_of(store, iri, language) or {"text": ""})["text"]
    )


def facet(found, name):
    return next(each for each in found["facets"] if each["name"] == name)


def counted(store, name, where=""):
    """What SPARQL counts: the values of a facet of datasets."""
    query = f"{DATASETS} SELECT ?value (COUNT(DISTINCT ?dataset) AS ?n) {{ ?dataset a dcat:Dataset . {where}"
    return {value: int(n) for value, n in select(store, f"{query} {VALUES[name]} }} GROUP BY ?value")}


@pytest.mark.parametrize("name", FACETS["dataset"])
def test_facets_count_as_sparql_does(recorded, finder, name):
    """Of the recorded portal, whose words and codes are as mixed as a real one's."""
    found = facet(finder.find(Search(kind="dataset")), name)
    truth = counted(recorded[1], name)
    # Where no code is known, the word that is said is a value too.
    shown = {each["value"]: each["count"] for each in found["values"] if each["value"] in truth}

    assert shown
    assert shown == {value: truth[value] for value in shown}
    most = sorted(truth.values(), reverse=True)[: 20 if found["more"] else None]
    assert sorted(shown.values(), reverse=True)[:10] == most[:10]


def test_a_choice_counts_for_the_other_facets_only(recorded, finder):
    """So that one sees what else could be chosen; two values of one facet are one or the other."""
    theme = f"{EU}/data-theme/TRAN"
    other = f"{EU}/data-theme/HEAL"
    one = finder.find(Search(kind="dataset", facets=(("theme", theme),)))
    two = finder.find(Search(kind="dataset", facets=(("theme", theme), ("theme", other), ("reused", "yes"))))
    where = f"?dataset dcat:theme ?t FILTER(?t IN (<{theme}>, <{other}>))"

    assert one["total"] == counted(recorded[1], "theme")[theme]
    assert {v["value"]: v["count"] for v in facet(one, "theme")["values"]} == counted(recorded[1], "theme")
    assert {v["value"]: v["count"] for v in facet(one, "reused")["values"]} == counted(
        recorded[1], "reused", f"?dataset dcat:theme <{theme}> ."
    )
    assert two["total"] == counted(recorded[1], "reused", where)["yes"]
    assert [v["value"] for v in facet(two, "theme")["values"] if v["chosen"]]


@pytest.mark.parametrize(
    "datasets_of",
    [lambda n: 1, lambda n: 1 + n % 7, lambda n: 1 + (n < 20), lambda n: 1 + (n < 19), lambda n: 1 + n // 20],
    ids=["all as many", "seven sizes", "twenty have two", "nineteen have two", "steps"],
)
def test_the_most_frequent_of_many_values_are_told(datasets_of, tmp_path):
    """Of hundreds of publishers the first twenty, those as frequent by name; and a choice, however rare."""
    sizes = {f"http://a.example/org/{n:03}": datasets_of(n) for n in range(230)}
    store = catalogue(
        "\n".join(
            f"GRAPH <urn:g:{at}-{n}> {{ <{org}#{n}> a dcat:Dataset ; dct:title 'x' ; dct:publisher <{org}> }}"
            for at, (org, size) in enumerate(sizes.items())
            for n in range(size)
        )
    )
    finder = index(tmp_path / "g", store)
    first = sorted(sizes, key=lambda org: (-sizes[org], org))
    told = facet(finder.find(Search(kind="dataset")), "publisher")
    chosen = facet(finder.find(Search(kind="dataset", facets=(("publisher", first[-1]),))), "publisher")

    assert {each["value"]: each["count"] for each in told["values"]} == {
        org: sizes[org] for org in first[:20]
    }
    assert told["more"]
    assert {each["value"]: each["count"] for each in chosen["values"]} == {
        org: sizes[org] for org in [*first[:20], first[-1]]
    }


def test_kinds_are_counted_whichever_is_asked_for(recorded, finder):
    """As many as the store has of each."""
    classes = {"dataset": "dcat:Dataset", "dataservice": "dcat:DataService", "reuse": "dcat:Resource"}
    truth = {
        kind: int(
            select(
                recorded[1],
                f"{DATASETS} SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a {name} FILTER(isIRI(?s)) }}",
            )[0][0]
        )
        for kind, name in classes.items()
    }

    kinds = finder.find(Search(kind="reuse"))["kinds"]

    assert {kind: kinds[kind] for kind in truth} == truth
    assert finder.find(Search())["total"] == sum(kinds.values())


def test_labels_are_in_the_language_asked_for(finder):
    """Of facets and of hits."""
    french, english = (
        finder.find(Search(kind="dataset", language=language, facets=(("theme", f"{EU}/data-theme/TRAN"),)))
        for language in ("fr", "en")
    )

    assert "Santé" in {each["label"] for each in facet(french, "theme")["values"]}
    assert "Health" in {each["label"] for each in facet(english, "theme")["values"]}
    assert "Transports" in french["hits"][0]["themes"]
    assert "Transport" in english["hits"][0]["themes"]


def test_hits_tell_what_the_store_says(recorded, finder):
    """Numbers of a reuse and of an organization are those that SPARQL counts."""
    newest = finder.find(Search(kind="reuse", sort="newest", size=100))["hits"]
    reuse = next(each for each in newest if each["picture"] and each["datasets"])
    owner = finder.find(Search(kind="organization", sort="reused", size=1))["hits"][0]
    datasets = (
        f"SELECT (COUNT(DISTINCT ?d) AS ?n) {{ <{reuse['iri']}> dct:references ?d . ?d a dcat:Dataset }}"
    )
    reuses = f"""SELECT (COUNT(DISTINCT ?d) AS ?n) (COUNT(DISTINCT ?r) AS ?m) {{
        ?d dct:publisher <{owner["iri"]}>  ; a dcat:Dataset
        OPTIONAL {{ ?d dct:isReferencedBy ?r . ?r a dcat:Resource }} }}"""

    assert [reuse["datasets"]] == [int(n) for (n,) in select(recorded[1], DATASETS + datasets)]
    assert [[owner["datasets"], owner["reuses"]]] == [
        [int(n), int(m)] for n, m in select(recorded[1], DATASETS + reuses)
    ]
    assert owner["reuses"] > 0
    assert reuse["picture"].startswith("http")
    assert reuse["type"]


@pytest.mark.parametrize(
    ("sort", "key", "reverse"),
    [("newest", "modified", True), ("reused", "reuses", True)],
)
def test_hits_are_in_the_order_asked_for(finder, sort, key, reverse):
    """All of them, over pages."""
    pages = [finder.find(Search(kind="dataset", sort=sort, page=page, size=100)) for page in (1, 2, 3, 4)]
    hits = [hit for found in pages for hit in found["hits"]]

    assert len(hits) == len({hit["iri"] for hit in hits}) == pages[0]["total"]
    assert [hit[key] for hit in hits] == sorted((hit[key] for hit in hits), reverse=reverse)


def test_titles_are_sorted_without_regard_to_case_and_accents(tmp_path):
    """As a reader looks for them."""
    finder = index(tmp_path / "g", titled("zone", "Écoles", "eau", "École", "Abeilles"))

    assert titles(finder, "", sort="title") == ["Abeilles", "eau", "École", "Écoles", "zone"]


def test_what_is_reused_more_comes_first_among_equals(tmp_path):
    """Reuses lift a record a little: never above one whose title has what the other mentions."""
    store = catalogue(
        """GRAPH <urn:g> {
        :a a dcat:Dataset ; dct:title "Forêts de France" ; hv:reuses 3 .
        :b a dcat:Dataset ; dct:title "Forêts de Corse" ; hv:reuses 40 .
        :c a dcat:Dataset ; dct:title "Arbres" ; dct:description "Toutes les forêts." ; hv:reuses 900 . }"""
    )

    assert titles(index(tmp_path / "g", store), "forêts") == ["Forêts de Corse", "Forêts de France", "Arbres"]


def test_the_reader_s_language_is_shown_and_all_are_searched(tmp_path):
    """Of titles in several; HTML and Markdown are gone from summaries."""
    store = titled(Literal("Health map", language="en"))
    store.extend(
        catalogue(
            """GRAPH <urn:g> { <http://a.example/0> dct:title "Carte de la santé"@fr ;
            dct:description "## Où ?\\n\\n**Partout** <script>alert(1)</script>, [là](https://e.fr)"@fr }"""
        )
    )
    finder = index(tmp_path / "g", store)
    french = finder.find(Search("health", language="fr"))["hits"][0]

    assert (french["title"], french["title_language"]) == ("Carte de la santé", "fr")
    assert french["summary"] == "Où ? Partout , là"
    assert titles(finder, "sante", language="en") == ["Health map"]


def test_an_id_or_iri_finds_what_has_it_and_nothing_else(recorded, finder):
    """Pasted as it is."""
    (iri, id_), *_ = select(
        recorded[1],
        f"{DATASETS} SELECT ?s ?id {{ ?s a dcat:Dataset ; dct:identifier ?id }} ORDER BY ?s LIMIT 1",
    )

    assert [hit["iri"] for hit in finder.find(Search(id_))["hits"]] == [iri]
    assert [hit["iri"] for hit in finder.find(Search(f" {iri} "))["hits"]] == [iri]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "topic"},
        {"sort": "date"},
        {"facets": (("iri", "x"),)},
        {"facets": (("theme", "x"),) * 101},
        {"page": 0},
        {"size": 0},
        {"size": 101},
    ],
    ids=repr,
)
def test_what_there_is_not_is_refused(wrong):
    """With what there is instead."""
    with pytest.raises(UsageError) as error:
        Search(**wrong)

    assert error.value.fix


@pytest.mark.parametrize("page", [4, 10**6, 10**30])
def test_pages_beyond_the_last_are_empty(finder, page):
    """However far: they cost nothing, and tell the total."""
    found = finder.find(Search(kind="dataset", page=page, size=100))

    assert (found["hits"], found["total"]) == ([], 250)


def test_values_that_no_record_has_find_nothing(finder):
    """And are told as chosen, so that they can be taken back."""
    found = finder.find(Search(kind="dataset", facets=(("licence", "\ud800" + "x" * 100_000),)))

    assert found["total"] == 0
    assert [each["count"] for each in facet(found, "licence")["values"] if each["chosen"]] == [0]


def damaged(folder, damage):
    match damage:
        case "no folder":
            shutil.rmtree(folder)
        case "no note":
            (folder / NOTE).unlink()
        case "garbled note":
            (folder / NOTE).write_text("[]")
        case "another layout":
            (folder / NOTE).write_text('{"layout": 0, "run": "run"}')
        case "another run":
            write_manifest(folder.parent, "another")
        case "no meta":
            (folder / "meta.json").unlink()
        case "garbled meta":
            (folder / "meta.json").write_text("{")
        case _:
            for path in folder.glob(f"*.{damage.split()[1]}"):
                path.write_bytes(
                    path.read_bytes()[: len(path.read_bytes()) // 2] if "half" in damage else b""
                )


@pytest.mark.parametrize(
    "damage",
    ["no folder", "no note", "garbled note", "another layout", "another run", "no meta", "garbled meta"]
    + [f"{how} {what}" for how in ("half", "empty") for what in ("term", "idx", "store", "fast", "pos")],
)
def test_an_index_that_cannot_be_read_says_so(tmp_path, damage):
    """And what to do about it, whatever of it is damaged: never another answer, or a dead worker."""
    index(tmp_path / "g", titled("Le vélo en ville", "Écoles"))
    damaged(tmp_path / "g" / SEARCH, damage)

    with pytest.raises(NoIndex, match=r"index") as error:
        Finder(tmp_path / "g", no_label).find(Search('"vélo en ville"', kind="dataset"))

    assert "harvest again" in error.value.fix


def test_an_index_is_opened_whatever_is_made_beside_it(tmp_path, monkeypatch):
    """A thread of tantivy's makes a lock in the folder of links, also while that is removed: nobody minds."""
    index(tmp_path / "g", titled("Écoles"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    over = threading.Event()

    def make_locks() -> None:
        while not over.is_set():
            for folder in scratch.iterdir():
                with suppress(OSError):
                    (folder / ".tantivy-meta.lock").touch()

    thread = threading.Thread(target=make_locks)
    thread.start()
    try:
        for _ in range(50):
            assert Finder(tmp_path / "g", no_label).find(Search("écoles"))["total"] == 1
    finally:
        over.set()
        thread.join()

    assert list(scratch.iterdir()) == []
