"""Every document of the synthetic API has the keys of a real udata's, at every depth."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator import Portal, World, serve
from tests.simulator.zones import coverage

RECORDED = Path(__file__).parents[1] / "data" / "udata-17.18"
FREE = ("extras", "config", "ext")
"""Keys under which anything can stand."""

WORLD = World(datasets=400, reuses=40)
LISTS = {
    "datasets": "/api/1/datasets/",
    "organizations": "/api/1/organizations/",
    "dataservices": "/api/1/dataservices/",
    "community-resources": "/api/1/datasets/community_resources/",
    "topics": "/api/2/topics/",
    "topic-elements": f"/api/2/topics/{WORLD.society.topics[2].id}/elements/",
    "posts": "/api/1/posts/",
    "discussions": "/api/1/discussions/",
    "harvest-sources": "/api/1/harvest/sources/",
}


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with serve(WORLD) as running:
        yield running


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))


def shapes(value: object, path: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Where in a document objects are, and the keys of each; months are not keys."""
    if isinstance(value, list):
        for item in value:
            yield from shapes(item, f"{path}[]")
    elif isinstance(value, dict):
        yield path, frozenset(value)
        for key, inner in value.items():
            if key not in FREE and not key.endswith("_by_months"):
                yield from shapes(inner, f"{path}.{key}")


def keys(value: object) -> dict[str, set[str]]:
    """Place in a document -> the keys that objects there have, one or another."""
    found: dict[str, set[str]] = {}
    for path, names in shapes(value):
        found.setdefault(path, set()).update(names)
    return found


def same(simulated: object, real: object, at_least: set[str]) -> None:
    one, other = keys(simulated), keys(real)
    both = one.keys() & other.keys()
    assert {path: one[path] for path in both} == {path: other[path] for path in both}
    assert at_least <= both


PLACES = {
    "datasets": {
        ".data[].resources[].harvest",
        ".data[].resources[].checksum",
        ".data[].resources[].schema",
        ".data[].resources[].internal",
        ".data[].contact_points[].organization.permissions",
        ".data[].access_audiences[]",
        ".data[].harvest",
        ".data[].quality",
        ".data[].metrics",
        ".data[].schema",
        ".data[].spatial.geom",
        ".data[].organization.badges[]",
        ".data[].temporal_coverage",
    },
    "organizations": {".data[].members[].user", ".data[].metrics", ".data[].badges[]"},
    "dataservices": {".data[].harvest", ".data[].metrics", ".data[].datasets", ".data[].organization"},
    "community-resources": {
        ".data[].dataset",
        ".data[].organization",
        ".data[].owner",
        ".data[].permissions",
    },
    "topics": {".data[].elements", ".data[].spatial", ".data[].organization", ".data[].owner"},
    "topic-elements": {".data[].element"},
    "posts": {".data[].owner", ".data[].reuses[]", ".data[].parent", ".data[].ancestors[]"},
    "discussions": {".data[].discussion[].posted_by", ".data[].subject", ".data[].user", ".data[].closed_by"},
    "harvest-sources": {".data[].last_job.items.by_status", ".data[].validation.by", ".data[].organization"},
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_have_the_keys_of_the_recording(portal, name):
    """The items of a list and everything in them: nothing is missing, and nothing is invented."""
    answer = requests.get(f"{portal.site}{LISTS[name]}?page_size=400", timeout=30)

    assert answer.headers["Content-Type"] == "application/json"
    same(answer.json(), recorded(name), {"", ".data[]"} | PLACES[name])


def test_single_documents_have_the_keys_of_the_recording(portal):
    """A post alone has its blocs; zones have a geometry in lists only; the site counts nothing."""
    post = next(found for found in WORLD.society.posts if found.body == "blocs")
    ids = ",".join(coverage(4).zones)
    for path, name, places in (
        (f"posts/{post.slug}/", "post", {"", ".blocs[]"}),
        (f"spatial/zones/{ids}/", "zones", {"", ".features[].geometry", ".features[].properties"}),
        (f"spatial/zone/{coverage(4).zones[0]}/", "zone", {"", ".properties"}),
        ("site/", "site", {"", ".metrics"}),
    ):
        same(requests.get(f"{portal.api}/{path}", timeout=10).json(), recorded(name), places)


@pytest.mark.parametrize("name", [name for name in LISTS if name not in ("topic-elements", "datasets")])
def test_a_record_alone_is_as_in_its_list(portal, name):
    """By id and by slug, and without what lists add."""
    items = requests.get(f"{portal.site}{LISTS[name]}?page_size=400", timeout=30).json()["data"]
    base = portal.site + LISTS[name].replace("harvest/sources/", "harvest/source/")
    for item in (items[0], items[-1]):
        for key in filter(None, (item["id"], item.get("slug"))):
            alone = requests.get(f"{base}{key}/", timeout=10).json()
            assert {key: alone[key] for key in item} == item


@pytest.mark.parametrize("path", recorded("codes"))
def test_code_lists_are_those_of_the_recording(portal, path):
    """In French, in English on demand, with the codes that the datasets use."""
    url, known = f"{portal.api}/{path}", recorded("codes")[path]

    assert requests.get(url, timeout=10).json() == known["fr"]
    assert requests.get(f"{url}?lang=en", timeout=10).json() == known.get("en", known["fr"])


def test_records_use_the_codes_of_the_lists(portal):
    """Licences, frequencies, kinds, badges, granularities, roles, reasons, schemas: all are in the lists."""
    lists = {path: known["fr"] for path, known in recorded("codes").items()}
    datasets = requests.get(f"{portal.api}/datasets/?page_size=400", timeout=30).json()["data"]
    organizations = requests.get(f"{portal.api}/organizations/?page_size=400", timeout=30).json()["data"]

    def codes(path: str, key: str = "id") -> set[str]:
        return {item if isinstance(item, str) else item[key] for item in lists[path]}

    files = [file for item in datasets for file in item["resources"]]
    places = [item["spatial"] for item in datasets if item["spatial"]]
    schemas = {file["schema"]["name"] for file in files if file["schema"] and not file["schema"]["url"]}
    assert {item["license"] for item in datasets} <= codes("datasets/licenses/")
    assert {item["frequency"] for item in datasets} <= codes("datasets/frequencies/")
    assert {file["type"] for file in files} == codes("datasets/resource_types/")
    assert {badge["kind"] for item in datasets for badge in item["badges"]} == codes("datasets/badges/")
    assert {place["granularity"] for place in places} <= codes("spatial/granularities/")
    assert {zone.rpartition(":")[0] for place in places for zone in place["zones"]} <= codes(
        "spatial/levels/"
    )
    assert {contact["role"] for item in datasets for contact in item["contact_points"]} <= codes(
        "contacts/roles/"
    )
    assert {badge["kind"] for item in organizations for badge in item["badges"]} == codes(
        "organizations/badges/"
    )
    reasons = {item["access_type_reason_category"] for item in datasets} - {None}
    assert reasons <= codes("access_type/reason_categories/", "value")
    assert schemas == codes("datasets/schemas/", "name")
    assert {file["format"] for file in files} - {None, "ogc:wms", "wfs"} <= codes("datasets/extensions/")
