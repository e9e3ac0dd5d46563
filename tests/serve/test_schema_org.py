"""What a dataset's page tells search engines: Google's Dataset Search, and any other reader of JSON-LD."""

import io
import json
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import rdflib
from pyoxigraph import NamedNode, Store

from harvester.config import data_dir
from harvester.enrich.view import View
from harvester.export.syntax import Syntax
from harvester.export.vocabulary import write_view
from harvester.serve.site.schema_org import dataset_block, in_script
from harvester.serve.tasks.dataset_facts import dataset
from harvester.serve.tasks.facts import Facts
from harvester.store.generations import Catalogue
from harvester.vocab import DCAT, RDF, SCHEMA
from tests.serve.site import page

ONE = "http://portal.test/datasets/6b0a51a22d3d4a16cb859810"
HERE = "https://site.example/resource?iri="
ADDRESSES = ("url", "sameAs", "license", "contentUrl")
CONTEXT = {"@vocab": SCHEMA, **{name: {"@type": "@id"} for name in ADDRESSES}}
"""What matters here of https://schema.org/docs/jsonldcontext.json ."""
COPIED = (
    *("name", "alternateName", "keywords", "identifier", "publisher", "creator", "isAccessibleForFree"),
    *("datePublished", "dateModified", "dateCreated", "temporalCoverage", "includedInDataCatalog", "version"),
    *("distribution", "contentUrl", "contentSize", "encodingFormat", "license", "inLanguage"),
)
"""Properties of datasets and files whose every value the vocabulary's own rules find too."""


@pytest.fixture(scope="module")
def store(demo_store: Path) -> Store:
    return Store.read_only(str(Catalogue(demo_store).require().path / "store"))


@pytest.fixture(scope="module")
def blocks(store: Store) -> dict[str, dict[str, Any]]:
    """The blocks of all datasets by their IRIs, as a page has them."""
    typed = store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(DCAT + "Dataset"), None)
    iris = sorted({quad.subject.value for quad in typed if isinstance(quad.subject, NamedNode)})
    facts = {iri: {**dataset(Facts(store, "en"), NamedNode(iri)), "resource": iri} for iri in iris}
    return {iri: json.loads(in_script(dataset_block(each, HERE + quote(iri)))) for iri, each in facts.items()}


def triples(block: dict[str, Any]) -> list[tuple[Any, Any, Any]]:
    """Read a block with another program, which fetches nothing."""
    document = {**block, "@context": CONTEXT}
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # of rdflib, about itself
        read = rdflib.Dataset().parse(data=json.dumps(document), format="json-ld")
        return [(s, p, o) for s, p, o, _ in read.quads()]


def test_a_page_has_one_block_and_it_is_about_the_dataset(portal):
    """At the page's own address."""
    shown = page(portal, f"/resource?iri={quote(ONE, safe='')}")
    script = shown.one("script", type="application/ld+json")
    block = json.loads("".join(script.text))

    assert (block["@context"], block["@type"], block["@id"]) == ("https://schema.org/", "Dataset", ONE)
    assert block["url"] == shown.one("link", rel="canonical")["href"]
    assert block["name"] == str(shown.one("h1"))


def test_every_block_has_what_google_requires(blocks):
    """A name, a description of 50 to 5,000 characters, and values of the kinds that it takes.

    https://developers.google.com/search/docs/appearance/structured-data/dataset#dataset
    """
    assert len(blocks) > 240
    for iri, block in blocks.items():
        assert block["name"].strip(), iri
        assert 50 <= len(block["description"]) <= 5_000, iri
        for name in ADDRESSES:
            values = block.get(name, [])
            for value in [values] if isinstance(values, str) else values:
                assert urlsplit(value).scheme in ("http", "https"), (iri, name)
        assert block.get("includedInDataCatalog", {}).get("@type", "DataCatalog") == "DataCatalog", iri
        for file in block.get("distribution", []):
            assert file["@type"] == "DataDownload"
        for name in ("datePublished", "dateModified", "dateCreated"):
            assert name not in block or datetime.fromisoformat(block[name]).tzinfo, iri
        assert len(json.dumps(block)) < 60_000


def test_most_blocks_have_what_google_recommends(blocks):
    """As far as the portal says it."""
    recommended = {
        *(
            "creator",
            "distribution",
            "identifier",
            "includedInDataCatalog",
            "isAccessibleForFree",
            "keywords",
        ),
        *("license", "sameAs", "spatialCoverage", "temporalCoverage", "url"),
    }
    shares = {name: sum(name in block for block in blocks.values()) / len(blocks) for name in recommended}

    for name in ("creator", "distribution", "identifier", "includedInDataCatalog", "sameAs", "url"):
        assert shares[name] > 0.9, shares
    assert all(share > 0.1 for share in shares.values()), shares
    files = [file for block in blocks.values() for file in block.get("distribution", [])]
    assert all("contentUrl" in file for file in files)
    assert sum("encodingFormat" in file for file in files) > 0.8 * len(files)


def test_the_blocks_say_what_the_vocabulary_s_rules_say(blocks, store):
    """Value by value: the page's short way and the rules of mappings/schema agree, for another program."""
    out = io.BytesIO()
    write_view(store, out, Syntax("nt"), View.load(data_dir("mappings")))
    view = rdflib.Graph().parse(data=out.getvalue(), format="nt")
    compared = 0
    for block in blocks.values():
        for subject, predicate, value in triples(block):
            name = str(predicate).removeprefix(SCHEMA)
            if isinstance(subject, rdflib.URIRef) and name in COPIED and (subject, None, None) in view:
                found = {_plain(each) for each in view.objects(subject, predicate)}
                assert _plain(value) in found, (subject, name, value, found)
                compared += 1

    assert compared > 5_000


def test_a_short_description_tells_more(blocks):
    """Nothing is made up: title, publisher and catalogue, which the page has as well."""
    short = [block for block in blocks.values() if block["name"] in block["description"]]

    assert short
    assert any("Portail de test" in block["description"] for block in short)


def test_a_block_holds_together_whatever_is_said():
    """Lists of one, addresses that are none, boxes and points."""
    nothing = {"text": "", "language": "", "iri": "", "known": False, "inferred": False}
    place = {**nothing, "text": "Nîmes"}
    facts = {
        **dict.fromkeys(("title", "description"), None),
        **{name: [] for name in ("publishers", "identifiers", "keywords", "landing", "languages", "access")},
        **{name: [] for name in ("common_licences", "persons", "catalogues", "files")},
        "resource": "urn:x:1",
        "acronym": "",
        "identifier": "",
        "version": "",
        "roles": {"creator": []},
        "instants": {"issued": "yesterday", "modified": "2026-01-31T00:00:00", "created": ""},
        "periods": [{"start": "2010", "end": "long after"}, {"start": "?", "end": ""}],
        "places": [
            {"name": place, "box": [4.2, 43.7, 4.5, 43.9]},
            {"name": nothing, "box": [2, 48, 2, 48]},
        ],
    }
    block = dataset_block(facts, "https://site.example/resource?iri=urn%3Ax%3A1")

    assert block["temporalCoverage"] == "2010/.."
    assert "datePublished" not in block
    assert block["dateModified"] == "2026-01-31T00:00:00Z"
    assert "sameAs" not in block
    assert len(block["description"]) >= 50
    box, point = block["spatialCoverage"]
    assert (box["name"], box["geo"]["box"]) == ("Nîmes", "43.7 4.2 43.9 4.5")
    assert point["geo"] == {"@type": "GeoCoordinates", "latitude": 48, "longitude": 2}
    assert triples(block)


def _plain(term: rdflib.term.Node) -> str:
    """A value without its datatype: in a block a date is a text, as consumers of schema.org want it."""
    text = str(term)
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return text
