"""The quality of datasets: points told by hand, in both states, and under hostile input."""

import re
from pathlib import Path

import pytest

from harvester.enrich.quality import measure
from harvester.enrich.quality_rules import QualityRules, read_quality
from tests.enrich.quality_support import (
    CHECKS,
    FILE,
    LINKS,
    METHODOLOGY,
    OWN,
    POINTS,
    RULES,
    D,
    E,
    dataset,
    neighbourhood,
    scores,
)

DOCUMENT = (Path(__file__).parents[2] / "docs" / "quality.md").read_text(encoding="utf-8")


def test_the_points_are_those_of_the_methodology():
    """23 indicators in five dimensions: 100, 100, 110, 75 and 20 points."""
    shipped: dict[str, dict[str, int]] = {name: {} for name in METHODOLOGY}
    for indicator in RULES.indicators:
        shipped[indicator.dimension][indicator.name] = indicator.points

    assert shipped == METHODOLOGY
    assert list(RULES.dimensions.values()) == [100, 100, 110, 75, 20]


def test_a_dataset_that_has_everything_has_405_points():
    """Nothing lacks, in either state: what the links came to is no enrichment."""
    found = scores(dataset(OWN, FILE), details=LINKS)

    assert found.said == found.enriched
    assert found.said.points == {name: sum(points.values()) for name, points in METHODOLOGY.items()}
    assert found.said.total == 405
    assert found.lacks == ()


def test_a_dataset_of_which_nothing_is_said_has_no_points():
    """It lacks all that can be known: not the answers of links that it has not."""
    found = scores(f"<{D}> a dcat:Dataset .")

    assert found.said.total == found.enriched.total == 0
    assert set(found.lacks) == set(POINTS) - CHECKS


@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        ("dcat:keyword 'bus'", {"keywords"}),
        ("dcat:theme eutheme:TRAN", {"categories"}),
        ("dct:spatial <place>", {"spatial"}),
        ("dct:temporal [ ]", {"temporal"}),
        ("dct:title 'Bus'", {"dcat-ap"}),
        ("dct:description 'Lignes'", {"dcat-ap"}),
        ("dct:accessRights acc:PUBLIC", {"access-rights", "access-rights-vocabulary"}),
        ("dcat:contactPoint <contact>", {"contact-point"}),
        ("dct:publisher <publisher>", {"publisher"}),
        ("dct:issued '2026'", {"issued"}),
        ("dct:modified '2026'", {"modified"}),
        ("dcat:accessURL <https://a.example/page>", {"access-url-accessible", "dcat-ap"}),
        ("dcat:downloadURL <https://a.example/file>", {"download-url", "download-url-accessible"}),
        ("dct:format ft:CSV", {"format", "format-vocabulary"}),  # the media type tells that it is CSV
        ("dcat:mediaType mt:csv", {"media-type", "format-vocabulary"}),
        ("dct:license lic:CC_BY_4_0", {"licence", "licence-vocabulary"}),
        ("dct:rights 'cite us'", {"rights"}),
        ("dcat:byteSize 7", {"byte-size"}),
    ],
)
def test_what_is_not_said_costs_its_points_and_no_more(statement, lost):
    """One statement less than everything."""
    own = [one for one in OWN if one != statement]
    file = [one for one in FILE if one != statement]

    found = scores(dataset(own, file), details=LINKS)

    assert found.enriched.met == set(POINTS) - lost
    assert found.enriched.total == 405 - sum(POINTS[name] for name in lost)
    assert set(found.lacks) == lost - CHECKS


@pytest.mark.parametrize(
    ("file", "met"),
    [
        (["dct:format ft:PDF"], {"format", "non-proprietary"}),
        (["dct:format ft:XLS"], {"format", "machine-readable"}),
        (
            ["dct:format ft:NEW", "dcat:mediaType mt:plain"],
            {"format", "media-type", "format-vocabulary"},
        ),
        (["dcat:mediaType mt:csv"], {"media-type", "non-proprietary", "machine-readable"}),
        (["dct:format 'CSV'", "dcat:mediaType 'text/csv'"], {"format", "media-type"}),
        (["dct:format 'http://publications.europa.eu/resource/authority/file-type/CSV'"], {"format"}),
        (["dct:license <https://licence.example/>"], {"licence"}),
        (["dct:license 'http://publications.europa.eu/resource/authority/licence/CC0'"], {"licence"}),
    ],
)  # fmt: skip
def test_values_of_the_vocabularies_are_iris(file, met):
    """A word for a format is a format, and no value of the vocabulary; nor is an IRI in a text."""
    assert scores(dataset((), file)).said.met == met


@pytest.mark.parametrize(
    ("own", "files", "complies"),
    [
        (("dct:title 'a'", "dct:description 'b'"), (), True),
        (("dct:title 'a'@fr", "dct:description 'b'@fr"), (["dcat:accessURL <x>"],), True),
        (("dct:title 'a'", "dct:description 'b'"), (["dcat:accessURL <x>"], ["dct:title 'y'"]), False),
        (("dct:title 'a'", "dct:description 'b'"), (["dcat:accessURL 'x'"],), False),
        (("dct:title 'a'", "dct:description 'b'"), (["dcat:accessURL 'x', <x>"],), True),
        (("dct:title 'a'", "dct:description ''"), (), False),
        (("dct:title <a>", "dct:description 'b'"), (), False),
        (("dct:title 'a'",), (), False),
    ],
)
def test_dcat_ap_asks_for_title_description_and_access_urls(own, files, complies):
    """https://semiceu.github.io/DCAT-AP/releases/3.0.0/#Dataset and #Distribution: mandatory properties."""
    assert ("dcat-ap" in scores(dataset(own, *files)).said.met) is complies


def test_the_best_distribution_counts_alone():
    """80 points of format before 30 of licence: they are not added up, whatever each distribution has."""
    licence = ["dct:license lic:CC_BY_4_0"]
    file = ["dct:format ft:CSV", "dcat:mediaType mt:csv"]

    found = scores(dataset((), licence, file))

    assert found.said.points == {
        "findability": 0, "accessibility": 0, "interoperability": 80, "reusability": 0, "contextuality": 0
    }  # fmt: skip
    assert {"licence", "licence-vocabulary"} <= set(found.lacks)
    assert not {"format", "media-type"} & set(found.lacks)


def test_of_equal_distributions_content_decides():
    """20 points of a licence, 20 of a format: the same one counts in whichever order they come."""
    licence, file = ["dct:license <l>"], ["dct:format 'x'"]

    assert scores(dataset((), licence, file)) == scores(dataset((), file, licence))


def test_a_date_may_be_the_datasets_or_the_distributions():
    """It counts once, and does not choose between distributions if the dataset has it."""
    assert scores(dataset(["dct:issued '1'"], ["dct:issued '1'"])).said.total == 5
    assert scores(dataset((), ["dct:issued '1'"])).said.total == 5
    assert scores(dataset((), ["dct:issued '1'"], ["dct:format 'x'"])).said.met == {"format"}
    assert scores(dataset(["dct:issued '1'"], ["dct:issued '1'"], ["dcat:byteSize 1"])).said.total == 10


def test_distributions_without_a_name_count_too():
    """Blank nodes, as in the descriptions of some portals; of two datasets, each has its own."""
    said = f"""
      <{D}> a dcat:Dataset ; dcat:distribution [ dct:format "x" ], [ dcat:byteSize 1 ] .
      <{E}> a dcat:Dataset ; dcat:distribution [ dct:rights "x" ] .
    """

    found = measure(neighbourhood(said), RULES)

    assert {iri: one.said.met for iri, one in found.items()} == {D: {"format"}, E: {"rights"}}


def test_enrichment_adds_points_that_the_portal_does_not_have():
    """Values of vocabularies that were inferred, an area from the JSON; as said remains what was said."""
    said = dataset((), ["dct:format 'csv'", "dcat:mediaType 'text/csv'", "dct:license <l>"])
    inferred = f"<{D}#0> dct:format ft:CSV ; dcat:mediaType mt:csv ; dct:license lic:ETALAB_2_0 ."

    found = scores(said, inferred=inferred, details=f"<{D}> dct:spatial <place> .")

    assert found.said.met == {"format", "media-type", "licence"}
    assert found.enriched.met - found.said.met == {
        "spatial", "format-vocabulary", "non-proprietary", "machine-readable", "licence-vocabulary"
    }  # fmt: skip
    assert (found.said.total, found.enriched.total) == (50, 130)


def test_only_datasets_that_the_catalogue_describes_are_measured():
    """Neither what only details know of, nor distributions, data services or datasets without a name."""
    said = dataset((), FILE) + "[] a dcat:Dataset . <s> a dcat:DataService ."

    assert set(measure(neighbourhood(said, details=f"<{E}> a dcat:Dataset ."), RULES)) == {D}


@pytest.mark.parametrize(
    ("statuses", "met", "lacks"),
    [
        ([], False, False),
        ([200], True, False),
        ([399], True, False),
        ([199], False, True),
        ([400], False, True),
        ([404], False, True),
        ([0], False, True),  # no answer
        ([404, 200], True, False),  # one address of two
        (["'soon'"], False, False),
    ],
)
def test_links_count_by_what_they_came_to(statuses, met, lacks):
    """Of links that were not checked nothing is known: no points, and nothing that lacks."""
    urls = [f"<https://a.example/{number}>" for number in range(max(len(statuses), 1))]
    details = " ".join(f"{url} hv:httpStatus {status} ." for url, status in zip(urls, statuses, strict=False))

    found = scores(dataset((), [f"dcat:accessURL {url}" for url in urls]), details=details)

    assert ("access-url-accessible" in found.said.met) is met
    assert ("access-url-accessible" in found.enriched.met) is met
    assert ("access-url-accessible" in found.lacks) is lacks


def test_a_portal_cannot_praise_itself():
    """What codes are worth, and what links came to, is not for those to say who are measured."""
    said = dataset((), ["dct:format <mine>", "dcat:accessURL <https://a.example/>"])
    said += (
        "<mine> hv:nonProprietary true ; hv:machineReadable true . <https://a.example/> hv:httpStatus 200 ."
    )

    assert scores(said).enriched.met == {"format"}


@pytest.mark.parametrize("text", ["\\n", "a\\tb", "\\u0000", '\\"', "<x>\\n<y>\\t", "?dataset", "é\\u2028"])
def test_literals_may_hold_anything(text):
    """Tabs, line ends and quotes in a literal do not break the rows of an answer."""
    said = dataset([f'dcat:keyword "{text}"'], [f'dct:format "{text}"', f'dcat:mediaType "{text}"@fr'])
    said += f'<{D}> dcat:distribution "{text}" .'

    assert scores(said).said.met == {"keywords", "format", "media-type"}


def test_odd_links_between_datasets_and_distributions_do_no_harm():
    """A distribution of two datasets, a dataset that is its own distribution, a distribution of nobody."""
    said = f"""
      <{D}> a dcat:Dataset ; dcat:distribution <f>, <{D}> ; dct:issued "1" .
      <{E}> a dcat:Dataset ; dcat:distribution <f> .
      <f> dct:format "x" . <nobody> dct:license <l> .
    """

    found = measure(neighbourhood(said), RULES)

    assert {iri: one.said.met for iri, one in found.items()} == {D: {"format", "issued"}, E: {"format"}}


def test_names_may_hold_other_letters():
    """IRIs are what they were, in any script."""
    iri = "https://data.example/é/中?x=%C3%A9&y=~"

    assert set(measure(neighbourhood(dataset(iri=iri)), RULES)) == {iri}


def test_without_rules_nothing_is_measured():
    """A mapping folder need not have any."""
    assert measure(neighbourhood(dataset(OWN, FILE)), QualityRules()) == {}
    assert read_quality({}) == QualityRules()


def test_the_table_of_indicators_is_what_the_rules_say():
    """docs/quality.md repeats their headers."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| (\w+) \| (.*) \|$", DOCUMENT, re.MULTILINE)

    assert sorted(rows) == sorted(
        (one.name, str(one.points), one.reference.partition("#")[2], one.summary) for one in RULES.indicators
    )
