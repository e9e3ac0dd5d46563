"""The rest of the synthetic API: how its lists behave, that relations hold, what portals lack, what moves."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.simulator import LEGACY, Manners, Portal, Surface, World, faults, serve
from tests.simulator.exchange import Delivery
from tests.simulator.manners import Pace
from tests.simulator.zones import zone

WORLD = World(datasets=400, reuses=60)
TOPIC = WORLD.society.topics[2]
LISTS = {
    "/api/1/organizations/": 16,
    "/api/1/dataservices/": 8,
    "/api/1/datasets/community_resources/": 8,
    "/api/2/topics/": 4,
    f"/api/2/topics/{TOPIC.id}/elements/": 14,
    "/api/1/posts/": 8,
    "/api/1/discussions/": 20,
    "/api/1/harvest/sources/": 5,
}
"""Path -> how many there are on a portal of 400 datasets."""
SURFACES = {
    Surface.ORGANIZATIONS: f"/api/1/organizations/{WORLD.organizations[0].id}/",
    Surface.SERVICES: f"/api/1/dataservices/{WORLD.services[0].id}/",
    Surface.COMMUNITY: f"/api/1/datasets/community_resources/{WORLD.society.community_resources[0].file.id}/",
    Surface.TOPICS: f"/api/2/topics/{TOPIC.slug}/",
    Surface.POSTS: f"/api/1/posts/{WORLD.society.posts[0].id}/",
    Surface.DISCUSSIONS: f"/api/1/discussions/{WORLD.society.discussions[0].id}/",
    Surface.SOURCES: f"/api/1/harvest/source/{WORLD.society.sources[0].id}/",
    Surface.ZONES: "/api/1/spatial/zones/country:fr/",
    Surface.CODES: "/api/1/datasets/licenses/",
}
PATHS = {
    "Dataset": "1/datasets",
    "Reuse": "1/reuses",
    "Dataservice": "1/dataservices",
    "Topic": "2/topics",
    "Post": "1/posts",
}


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with serve(WORLD) as running:
        yield running


@pytest.fixture(scope="module")
def datasets(portal) -> list[dict[str, Any]]:
    return whole(portal, "/api/1/datasets/")


def whole(portal: Portal, path: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{portal.site}{path}", params={"page_size": 1000}, timeout=30)
    items: list[dict[str, Any]] = answer.json()["data"]
    return items


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_paged_like_that_of_reuses(portal, path):
    """Following next_page finds each item once and as many as `total`; there is nothing past the end."""
    items, url = [], f"{portal.site}{path}?page_size=3"
    while url:
        page = requests.get(url, timeout=10).json()
        items, url = items + page["data"], page["next_page"]
    beyond = requests.get(f"{portal.site}{path}?page=99", timeout=10)
    wrong = requests.get(f"{portal.site}{path}?page=0", timeout=10)

    assert len({item["id"] for item in items}) == len(items) == page["total"] == LISTS[path]
    assert items == whole(portal, path)
    assert (beyond.status_code, beyond.json().keys()) == (404, {"message"})
    assert (wrong.status_code, wrong.json().keys()) == (400, {"errors", "message"})


@pytest.mark.parametrize("path", [*LISTS, *SURFACES.values(), "/api/1/datasets/", "/api/1/spatial/levels/"])
def test_a_missing_slash_is_a_redirect(portal, path):
    """308, to an absolute URL that keeps the query."""
    answer = requests.get(f"{portal.site}{path[:-1]}?page_size=2", allow_redirects=False, timeout=10)

    assert (answer.status_code, answer.headers["Location"]) == (308, f"{portal.site}{path}?page_size=2")


@pytest.mark.parametrize("path", LISTS)
def test_masks_thin_every_list(portal, path):
    """In both versions of the API: what X-Fields does not name is not there."""
    thin = requests.get(f"{portal.site}{path}", headers={"X-Fields": "data{id},total"}, timeout=10).json()
    broken = requests.get(f"{portal.site}{path}", headers={"X-Fields": "data{id"}, timeout=10)

    assert thin.keys() == {"data", "total"}
    assert all(item.keys() == {"id"} for item in thin["data"])
    assert broken.status_code == 400


@pytest.mark.parametrize(
    ("path", "fields", "thin"),
    [
        ("organizations/badges/", "certified", False),
        ("contacts/roles/", "id", False),
        ("access_type/reason_categories/", "value", False),
        ("datasets/extensions/", "id", False),
        ("spatial/zone/country:fr/", "id", False),
        ("spatial/zones/country:fr/", "features{id}", True),
        ("spatial/levels/", "id", True),
        ("datasets/licenses/", "id", True),
        (SURFACES[Surface.DISCUSSIONS].removeprefix("/api/1/"), "id", True),
    ],
)
def test_masks_work_where_they_do_on_a_real_portal(portal, path, fields, thin):
    """As observed: some code lists and the single zone do not heed X-Fields."""
    url = f"{portal.api}/{path}"

    masked = requests.get(url, headers={"X-Fields": fields}, timeout=10).json()

    assert (masked != requests.get(url, timeout=10).json()) is thin


def test_what_is_referred_to_exists(portal, datasets):
    """Datasets of community resources, subjects of discussions, elements of topics, datasets of posts."""
    resources = whole(portal, "/api/1/datasets/community_resources/")
    discussions, topics = whole(portal, "/api/1/discussions/"), whole(portal, "/api/2/topics/")
    elements = [item for topic in topics for item in whole(portal, f"/api/2/topics/{topic['id']}/elements/")]
    subjects = [item["subject"] for item in discussions]
    members = [item["element"] for item in elements if item["element"]]
    owners = {item["id"] for item in whole(portal, "/api/1/organizations/")}

    statuses = {
        requests.get(f"{portal.site}/api/{PATHS[subject['class']]}/{subject['id']}/", timeout=10).status_code
        for subject in (*subjects, *members)
    }
    assert statuses == {200}
    assert {subject["class"] for subject in subjects} == set(PATHS)
    assert {member["class"] for member in members} == {"Dataset", "Reuse", "Dataservice"}
    assert len(members) < len(elements) == sum(topic["elements"]["total"] for topic in topics)
    assert {item["dataset"]["id"] for item in resources} <= {item["id"] for item in datasets}
    assert {item["organization"]["id"] for item in resources if item["organization"]} <= owners
    assert {bool(item["owner"]) for item in resources} == {True, False}


def test_harvested_datasets_name_their_source(portal, datasets):
    """Its id, URL and backend; one source was deleted, and still is asked for by id."""
    sources = {item["id"]: item for item in whole(portal, "/api/1/harvest/sources/?deleted=true")}
    harvested = [item["harvest"] for item in datasets if item["harvest"]]
    gone = {id_ for id_, item in sources.items() if item["deleted"]}

    assert {item["source_id"] for item in harvested} == sources.keys()
    assert all(item["backend"] == sources[item["source_id"]]["backend"] for item in harvested)
    assert all(item["source_url"] == sources[item["source_id"]]["url"] for item in harvested)
    assert sources.keys() - {item["id"] for item in whole(portal, "/api/1/harvest/sources/")} == gone
    assert len(gone) == 1


def test_every_zone_is_known_and_one_unknown_spoils_all(portal, datasets):
    """Zones are asked for together, with or without the dates of old ids."""
    ids = sorted({id_ for item in datasets if item["spatial"] for id_ in item["spatial"]["zones"]})
    url = f"{portal.api}/spatial/zones/"
    found = requests.get(f"{url}{','.join(ids)}/", timeout=10).json()["features"]
    dated = requests.get(f"{url}{ids[0]}@1943-01-01/", timeout=10).json()["features"]
    spoilt = requests.get(f"{url}{ids[0]},fr:commune:99999/", timeout=10)

    assert [feature["id"] for feature in found] == ids
    assert [feature["id"] for feature in dated] == ids[:1]
    assert spoilt.status_code == 404
    assert spoilt.json() == {"message": "Unknown zone identifiers: fr:commune:99999"}


def test_zones_can_be_had_with_the_datasets(portal, datasets):
    """X-Get-Datasets-Full-Objects spells out what otherwise are ids."""
    headers = {"X-Get-Datasets-Full-Objects": "1", "X-Fields": "data{spatial}"}
    full = requests.get(f"{portal.api}/datasets/?page_size=400", headers=headers, timeout=30).json()["data"]

    for item, known in zip(full, datasets, strict=True):
        place, short = item["spatial"], known["spatial"]
        assert (place is None) is (short is None)
        if place:
            assert [found["id"] for found in place["zones"]] == short["zones"]
            assert place["granularity"]["id"] == short["granularity"]
            assert all(found["name"] == zone(found["id"]).name for found in place["zones"])


def test_metrics_count_what_is_listed(portal, datasets):
    """Reuses, discussions and services of a dataset; datasets and reuses of an organization."""
    reuses = whole(portal, "/api/1/reuses/")
    discussions = whole(portal, "/api/1/discussions/")
    services = whole(portal, "/api/1/dataservices/")
    named = Counter(link["id"] for item in reuses for link in item["datasets"])
    talk = Counter(item["subject"]["id"] for item in discussions)
    still = Counter(item["subject"]["id"] for item in discussions if not item["closed"])

    def owned(items: list[dict[str, Any]]) -> Counter[str]:
        return Counter(item["organization"]["id"] for item in items if item["organization"])

    for item in (*datasets, *reuses, *services):
        assert item["metrics"]["discussions"] == talk[item["id"]]
        assert item["metrics"]["discussions_open"] == still[item["id"]]
    assert all(item["metrics"]["reuses"] == named[item["id"]] for item in datasets)
    for kind, items in (("datasets", datasets), ("reuses", reuses), ("dataservices", services)):
        counts = {item["id"]: item["metrics"][kind] for item in whole(portal, "/api/1/organizations/")}
        assert Counter(counts) == owned(items)
    for item in services:
        assert len(whole(portal, f"/api/1/datasets/?dataservice={item['id']}")) == item["datasets"]["total"]


def test_a_dataset_weighs_what_it_weighs_on_a_real_portal(portal):
    """7.7 kB in JSON: what a benchmark of the API transfers is what a portal sends."""
    answer = requests.get(f"{portal.api}/datasets/?page_size=400", timeout=30)

    assert len(answer.content) / 400 == pytest.approx(7700, rel=0.1)


@pytest.mark.parametrize("lacking", Surface)
def test_portals_may_lack_any_surface(lacking):
    """Then its paths are 404, and the others are as they were."""
    offered = frozenset(Surface) - {lacking}
    with serve(WORLD, manners=Manners(surfaces=offered)) as portal:
        statuses = {
            surface: requests.get(f"{portal.site}{path}", timeout=10).status_code
            for surface, path in SURFACES.items()
        }

    assert statuses == {surface: 404 if surface is lacking else 200 for surface in Surface}


def test_an_old_portal_has_datasets_and_reuses_only():
    """Lists, documents, code lists, tags: nothing else answers."""
    with serve(WORLD, manners=LEGACY) as portal:
        paths = [*LISTS, *SURFACES.values(), "/api/1/site/tags.csv"]
        statuses = {requests.get(f"{portal.site}{path}", timeout=10).status_code for path in paths}
        kept = [len(whole(portal, f"/api/1/{kind}/")) for kind in ("datasets", "reuses")]

    assert statuses == {404}
    assert kept == [400, 60]


def test_details_move_with_edits_and_metrics_with_visits():
    """An edit shows in the details and in a date, visits in the metrics alone; nothing else moves."""
    index = next(i for i in WORLD.listed if i % 5 == 1)

    def told(world: World) -> dict[str, Any]:
        with serve(world) as portal:
            answer = requests.get(f"{portal.api}/datasets/{WORLD.dataset_id(index)}/", timeout=10)
            document: dict[str, Any] = json.loads(answer.text.replace(portal.site, ""))
        for file in document["resources"]:
            document["metrics"][file["id"]] = file.pop("metrics")
        return document

    def moved(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
        return {key for key in one if one[key] != other[key]}

    before = told(WORLD)
    edited, visited = told(WORLD.evolved(edit=(index,))), told(WORLD.evolved(visits=3))
    others = told(WORLD.evolved(edit=[i for i in WORLD.listed if i != index], add=5))

    assert {"internal", "spatial", "description_short", "title"} <= moved(before, edited)
    assert moved(before, visited) == {"metrics"}
    assert visited["metrics"]["views"] > before["metrics"]["views"]
    assert before == others


def test_the_rest_stays_as_it_was_in_the_beginning(portal):
    """Nights of additions, deletions and new reuses: topics, discussions and sources are the same."""
    later = WORLD.evolved(add=7, remove=WORLD.listed[:4], add_reuses=9, remove_reuses=(3,))
    still = [
        path
        for path in LISTS
        if "organizations" not in path and "services" not in path and "posts" not in path
    ]
    before = {path: whole(portal, path) for path in still}
    with serve(later) as evolved:
        text = json.dumps({path: whole(evolved, path) for path in still})

    assert json.loads(text.replace(evolved.site, portal.site)) == before


def test_a_portal_without_datasets_has_empty_lists():
    """Page 1 answers 200 with nothing on it."""
    with serve(World(datasets=0, reuses=0)) as portal:
        pages = {
            path: requests.get(f"{portal.site}{path}", timeout=10).json()["total"]
            for path in LISTS
            if TOPIC.id not in path and "organizations" not in path and "services" not in path
        }

    assert set(pages.values()) == {0}


@pytest.mark.parametrize("path", [*LISTS, *SURFACES.values()])
def test_faults_concern_every_path(path):
    """A refusal, a page of maintenance, half a document: as with the catalogue."""
    spoilt = [faults.status(503, re.escape(path), times=1), faults.halved(re.escape(path), times=2)]
    with serve(WORLD, spoilt) as portal:
        refused, half, good = (requests.get(f"{portal.site}{path}", timeout=10) for _ in range(3))
        portal.faults = [faults.delivered(Delivery.CUT, re.escape(path))]
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(f"{portal.site}{path}", timeout=10)

    assert refused.status_code == 503
    assert (half.status_code, len(half.content)) == (200, len(good.content) // 2)
    assert good.json()


def test_lists_take_their_time():
    """A portal's pace is that of every list and document."""
    with serve(WORLD, manners=Manners(pace=Pace(list_item=0.02, document=0.3))) as portal:
        for path, due in (("organizations/?page_size=15", 0.3), ("harvest/sources/", 0.1)):
            assert requests.get(f"{portal.api}/{path}", timeout=10).elapsed.total_seconds() >= due
        for path in (SURFACES[Surface.POSTS], SURFACES[Surface.ZONES]):
            assert requests.get(f"{portal.site}{path}", timeout=10).elapsed.total_seconds() >= 0.3


def test_lists_can_be_made_beforehand(tmp_path):
    """With a directory, the pages of a list are made once, each mask's by itself."""
    mask = "data{id,spatial},next_page,total"
    with serve(WORLD, directory=tmp_path) as portal:
        portal.render_list("/api/1/datasets/?page_size=150", mask)
        made = set(tmp_path.iterdir())
        url = f"{portal.api}/datasets/?page_size=150"
        while url:
            url = requests.get(url, headers={"X-Fields": mask}, timeout=10).json()["next_page"]

        assert len(made) == 3
        assert set(tmp_path.iterdir()) == made


def test_tags_are_a_table(portal, datasets):
    """Each tag with how many datasets and reuses have it, most used first."""
    answer = requests.get(f"{portal.api}/site/tags.csv", timeout=30)
    head, *rows = answer.text.splitlines()
    counts = {name.strip('"'): tuple(map(int, numbers)) for name, *numbers in (r.split(";") for r in rows)}

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert head == '"name";"datasets";"reuses";"total"'
    assert {tag: of for tag, (of, _, _) in counts.items()} == Counter(
        t for item in datasets for t in item["tags"]
    )
    assert all(of + by == total for of, by, total in counts.values())
    assert [total for *_, total in counts.values()] == sorted((t for *_, t in counts.values()), reverse=True)
