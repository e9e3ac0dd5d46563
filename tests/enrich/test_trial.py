"""Documents by themselves: what they are and whose is found out from them, and each key is accounted for."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.enrich import trial
from harvester.enrich.portal import PortalFacts
from harvester.enrich.surfaces import BY_MAPPING
from harvester.errors import UsageError
from harvester.portal.udata import Portal
from tests.enrich.documents import documents
from tests.enrich.support import MAPPINGS, PORTAL, SHIPPED, SITE, recorded, reuse

ADDRESSES = ("uri", "url", "page", "self_api_url", "self_web_url")
SHAPE = MAPPINGS.documents["reuse"].shape


@pytest.mark.parametrize("name", BY_MAPPING)
def test_the_kind_of_a_recorded_document_is_found_out(name):
    """By its address, or where it has none (or its keys are all that is left) by its keys."""
    for document in documents(name):
        bare = {key: value for key, value in document.items() if key not in ADDRESSES}

        assert trial.guess_mapping([document], MAPPINGS).value == name
        assert trial.guess_mapping([bare], MAPPINGS) == trial.Guess(name, "keys")


@pytest.mark.parametrize("document", [{}, {"id": "6b01"}, {"colour": "red"}, None, 7, "x", []])
def test_what_is_like_nothing_is_not_guessed(document):
    """The names of the mappings are offered."""
    with pytest.raises(UsageError) as refused:
        trial.guess_mapping([document], MAPPINGS)

    assert "--mapping" in refused.value.fix
    assert set(BY_MAPPING) <= set(refused.value.fix.replace(",", " ").split())


def test_what_a_reuse_links_to_does_not_tell_what_it_is():
    """An application may be the portal's own API, or a page of another portal."""
    document = reuse(url="https://other.example/api/1/datasets/some-dataset/")

    assert trial.guess_mapping([document], MAPPINGS) == trial.Guess("reuse", "keys")
    assert trial.guess_portal([document]) == trial.Guess(trial.NOWHERE, "")


@pytest.mark.parametrize(
    ("document", "address"),
    [
        ({"uri": "https://a.example/api/1/reuses/x/"}, "https://a.example/api/1"),
        ({"self_api_url": "https://a.example/data/api/1/dataservices/x/"}, "https://a.example/data/api/1"),
        ({"uri": "https://a.example/api/2/topics/x/"}, "https://a.example/api/1"),
        ({"uri": None, "page": "https://a.example/reuses/x"}, "https://a.example"),
        ({"id": "d1", "url": "https://a.example:8080/api/1/discussions/d1/"}, "https://a.example:8080/api/1"),
        ({"dataset": {"uri": "https://a.example/api/1/datasets/x/"}}, "https://a.example/api/1"),
        ({"uri": "ftp://a.example/api/1/reuses/x/", "page": "javascript:x"}, trial.NOWHERE),
        ({"uri": "https://user:secret@a.example/api/1/reuses/x/"}, trial.NOWHERE),
        ({"uri": "https:///api/1/reuses/x/", "page": "http://[/"}, trial.NOWHERE),
        ({"uri": "https://a.example/api/1/" * 2000}, trial.NOWHERE),
    ],
)
def test_the_portal_is_found_out_from_addresses(document, address):
    """That of the API goes before that of a page; what can be no portal's is passed over."""
    assert trial.guess_portal([None, document]).value == address


def test_documents_show_the_base_of_permalinks():
    """As a harvest finds out: `page` is null where a portal has no site of its own, else shows the base."""
    api_urls, site = recorded("reuses-api-urls.json"), recorded("reuses.json")
    portal = Portal.at("http://portal.test")
    elsewhere = reuse(page="https://www.data.example/fr/reuses/carte")

    assert trial.facts_of(portal, site, SHAPE, "fr") == PortalFacts(
        "http://portal.test/api/1",
        "http://portal.test",
        "portal.test",
        "http://portal.test/api/1/site/catalog",
    )
    assert trial.facts_of(portal, api_urls, SHAPE, "fr").site == ""
    assert trial.facts_of(portal, [reuse(), elsewhere], SHAPE, "fr").site == "https://www.data.example/fr"
    assert trial.facts_of(portal, [reuse()], SHAPE, "pt").site == "http://portal.test"
    assert trial.facts_of(portal, [reuse()], SHAPE, "pt").language == "pt"


def test_things_are_named_as_the_portal_names_them_in_rdf():
    """A dataset that was harvested has the IRI of its origin, repaired; all else its permalink."""
    document = reuse(
        "r1",
        datasets=[
            {"id": "d1", "harvest": {"uri": "https://up.example/jeu de données/1"}},
            {"id": "d2", "harvest": {"uri": "http://a:b/"}},
            {"id": "d3", "harvest": None},
            {"id": "a/b"},
            "d4",
            None,
        ],
        organization={"id": "o1"},
    )

    assert trial.named_things(SHAPE, [document, None, {"id": 7}], PORTAL) == {
        "r1": f"{SITE}/reuses/r1",
        "d1": "https://up.example/jeu%20de%20donn%C3%A9es/1",
        "d2": f"{SITE}/datasets/d2",
        "d3": f"{SITE}/datasets/d3",
        "o1": f"{SITE}/organizations/o1",
    }


def test_things_of_several_classes_have_their_own_paths():
    """What a discussion is about may be a dataset or a reuse."""
    shape = MAPPINGS.documents["discussion"].shape
    about = [{"id": "x1", "subject": {"class": kind, "id": kind}} for kind in ("Dataset", "Reuse", "Other")]

    assert trial.named_things(shape, about, PORTAL) == {
        "x1": f"{SITE}/discussions/x1",
        "Dataset": f"{SITE}/datasets/Dataset",
        "Reuse": f"{SITE}/reuses/Reuse",
    }


def explained(document: object, name: str = "reuse", folder: Path = SHIPPED, **more) -> trial.Explanation:
    options = {"personal": BY_MAPPING[name].personal, "reasons": trial.read_reasons(folder, name), **more}
    return trial.explain(MAPPINGS, name, [document], **options)


@pytest.mark.parametrize("name", BY_MAPPING)
def test_each_recorded_key_is_accounted_for(name):
    """No key of a real document is unknown, and none that a context lifts is of no use to a rule."""
    for document in documents(name):
        told = explained(document, name)

        assert (told.unnamed, told.idle) == ([], [])


def test_what_becomes_of_keys():
    """One of each: told by its path, once, whatever the list it stands in."""
    document = reuse(
        url="https://a.example/",
        image=None,
        private=False,
        slug="x",
        colour={"a": 1},
        owner={"id": "u1"},
        organization={"id": "o1", "name": "O", "slug": "o"},
        datasets=[{"id": "d1", "title": "T"}, {"id": "d2", "size": 7}],
    )

    told = explained(document, reasons={"slug": "it changes", "organization.*": "elsewhere"})

    assert told.mapped == [
        "datasets", "datasets.id", "id", "organization", "organization.id", "organization.name", "title",
        "topic", "type", "url",
    ]  # fmt: skip
    assert told.read == ["datasets.title", "private"]
    assert told.personal == ["owner"]
    assert told.left_out == {"elsewhere": ["organization.slug"], "it changes": ["slug"]}
    assert told.unnamed == ["colour", "datasets.size"]
    assert told.empty == ["image"]
    assert "owner" in explained(document, personal=frozenset()).mapped


def test_reasons_may_stand_below_a_key_that_is_not_named():
    """`harvest` of a dataset is left out part by part."""
    reasons = {"ext.a": "why a", "ext.b.*": "why b"}

    told = explained(reuse(ext=[{"a": 1, "b": {"x": 1}, "c": 2}]), reasons=reasons)

    assert told.left_out == {"why a": ["ext.a"], "why b": ["ext.b.x"]}
    assert told.unnamed == ["ext.c"]


def test_a_key_that_no_rule_takes_up_is_told():
    """Whoever adds a property in the context alone learns what is missing."""
    reuses = MAPPINGS.documents["reuse"]
    rules = tuple(rule for rule in reuses.rules if "udata:featured" not in rule.text)
    lacking = replace(MAPPINGS, documents={"reuse": replace(reuses, rules=rules)})

    told = trial.explain(lacking, "reuse", [reuse(featured=True)], personal=frozenset(), reasons={})

    assert told.idle == ["featured"]
    assert "featured" in explained(reuse(featured=True)).mapped


@pytest.mark.parametrize("text", ["reuse: [", "- a", "reuse: [a]", "reuse: {why: 7}", "\xe9"])
def test_a_list_of_reasons_that_cannot_serve_is_refused(tmp_path, text):
    """By its name; a folder without it gives no reasons."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "mappings"))
    (folder / "left-out.yaml").write_text(text, encoding="latin-1")

    with pytest.raises(UsageError, match=r"left-out\.yaml"):
        trial.read_reasons(folder, "reuse")

    (folder / "left-out.yaml").unlink()
    assert trial.read_reasons(folder, "reuse") == {}
