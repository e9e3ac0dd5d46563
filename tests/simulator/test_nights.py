"""What a portal shows of its change from night to night: light listings, dates, validators, its own pace."""

import json
import re
import time
from datetime import datetime
from random import Random

import pyoxigraph
import pytest
import requests

from tests.simulator import CACHED, Manners, Night, Portal, Truth, World, faults, serve
from tests.simulator.manners import Pace

WORLD = World(datasets=45, reuses=24)
LIGHT = "data{id,last_modified,internal,archived},next_page,total"
LIGHT_REUSES = "data{id,last_modified,datasets{id},dataservices{id},organization{id}},next_page,total"


def listed(portal: Portal, kind: str, mask: str, size: int = 1000) -> list[dict]:
    """Read a whole light listing."""
    items, url = [], f"{portal.api}/{kind}/?page_size={size}"
    while url:
        document = requests.get(url, headers={"X-Fields": mask}, timeout=10).json()
        assert document.keys() == {"data", "next_page", "total"}
        items += document["data"]
        url = document["next_page"]
    assert len(items) == document["total"]
    return items


def written(portal: Portal) -> dict[str, str]:
    return {
        item["id"]: item["internal"]["last_modified_internal"] for item in listed(portal, "datasets", LIGHT)
    }


def test_the_light_listing_has_the_order_of_the_catalogue():
    """Item n of the JSON list is dataset n of the catalogue's pages, also in pages of one."""
    with serve(WORLD) as portal:
        items = listed(portal, "datasets", LIGHT, size=7)
        truth = Truth(WORLD, portal.api)
        for place in (0, 1, 7, 44):
            url = f"{portal.api}/site/catalog.xml?page={place + 1}&page_size=1"
            page = pyoxigraph.parse(
                requests.get(url, timeout=10).content,
                pyoxigraph.RdfFormat.RDF_XML,
                lenient=True,
                base_iri=url,
            )
            members = [q.object.value for q in page if q.predicate.value.endswith("dcat#dataset")]
            assert members == [truth.names.dataset(WORLD.find(items[place]["id"]))]

    assert all(item.keys() == {"id", "last_modified", "internal", "archived"} for item in items)
    assert all(item["archived"] is None for item in items)


def test_a_light_listing_of_reuses_names_what_they_name():
    """A few bytes per reuse: when it was written, and the ids of what it hangs on."""
    with serve(WORLD) as portal:
        items = listed(portal, "reuses", LIGHT_REUSES, size=10)

    assert len(items) == 24
    assert all(
        item.keys() == {"id", "last_modified", "datasets", "dataservices", "organization"} for item in items
    )
    assert all(link.keys() == {"id"} for item in items for link in item["datasets"])
    assert any(item["organization"] for item in items)
    assert not all(item["organization"] for item in items)


def test_every_change_moves_a_date_and_nothing_else_does():
    """Over eight nights: a record whose date stands still has the same documents; a date never goes back."""
    draw, world, before = Random(5), World(datasets=15, reuses=8), {}
    night = Night(add=1, remove=1, edit=3, hide=1, archive=1, restore=1)
    with serve(world) as portal:
        for _ in range(8):
            dates = written(portal)
            documents = {id_: document(portal, id_) for id_ in dates}
            for id_ in dates.keys() & before.keys():
                old_date, old_document = before[id_]
                assert datetime.fromisoformat(dates[id_]) >= datetime.fromisoformat(old_date)
                assert (dates[id_] == old_date) == (documents[id_] == old_document)
            before |= {id_: (dates[id_], documents[id_]) for id_ in dates}
            portal.world = night.over(portal.world, draw)
        assert max(portal.world.versions.values()) > 2


def document(portal: Portal, id_: str) -> str:
    """What the portal says of a dataset in JSON and RDF, without labels of blank nodes."""
    api = f"{portal.api}/datasets/{id_}/"
    said = requests.get(f"{api}rdf.nt", timeout=10).text
    return requests.get(api, timeout=10).text + re.sub(r"_:N[0-9a-f]+", "_:b", said)


def test_edits_do_not_show_in_the_date_that_portals_sort_by():
    """last_update follows the files only: a reader who trusts it misses edits."""
    index = next(i for i in WORLD.listed if not WORLD.dataset(i).harvest)
    with serve(WORLD) as portal:
        url = f"{portal.api}/datasets/{WORLD.dataset_id(index)}/"
        before = requests.get(url, timeout=10).json()
        portal.world = WORLD.evolved(edit=(index,))
        after = requests.get(url, timeout=10).json()

    assert after["title"] != before["title"]
    assert after["last_update"] == before["last_update"]
    assert after["internal"]["last_modified_internal"] > before["internal"]["last_modified_internal"]


def test_growth_changes_nothing_that_was_there():
    """Owners, services and links hang on the portal's beginning, not on its size today."""
    grown = WORLD.evolved(add=200, add_reuses=30)

    assert [grown.dataset(i) for i in range(45)] == [WORLD.dataset(i) for i in range(45)]
    assert [grown.reuse(i) for i in range(24)] == [WORLD.reuse(i) for i in range(24)]
    assert (grown.services, grown.organizations) == (WORLD.services, WORLD.organizations)


def test_what_left_a_listing_can_come_back():
    """Made private, archived, listed again: with a later date each time."""
    with serve(WORLD) as portal:
        first = written(portal)
        private, archived = WORLD.listed[3], WORLD.listed[9]
        portal.world = WORLD.evolved(hide=[private], archive=[archived])
        gone = first.keys() - written(portal).keys()
        portal.world = portal.world.evolved(restore=[private, archived])
        back = written(portal)

    assert gone == {WORLD.dataset_id(private), WORLD.dataset_id(archived)}
    assert back.keys() == first.keys()
    assert {id_ for id_ in first if back[id_] != first[id_]} == gone


def test_an_index_may_lack_what_still_answers():
    """Unlisted datasets are in no listing and answer for themselves."""
    lost = WORLD.listed[:20]
    with serve(World(datasets=45, unlisted=frozenset(lost))) as portal:
        assert len(written(portal)) == 25
        url = f"{portal.api}/datasets/{WORLD.dataset_id(lost[0])}/"
        assert requests.get(url, timeout=10).json()["archived"] is None
        assert requests.get(f"{url}rdf.ttl", timeout=10).status_code == 200


def test_a_front_proxy_may_send_validators():
    """Strong ETags: the same bytes each time, 304 without a body while they hold, 200 when they do not."""
    with serve(WORLD, manners=CACHED) as portal:
        url = f"{portal.api}/site/catalog.ttl?page=1&page_size=10"
        first = requests.get(url, timeout=10)
        known = {"If-None-Match": f'"nope", {first.headers["ETag"]}'}
        again, same = requests.get(url, timeout=10), requests.get(url, headers=known, timeout=10)
        portal.world = WORLD.evolved(edit=[WORLD.listed[2]])
        changed = requests.get(url, headers=known, timeout=10)
        other = requests.get(f"{portal.api}/reuses/", timeout=10)

    assert first.content == again.content
    assert not first.headers["ETag"].startswith("W/")
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (changed.status_code, changed.headers["ETag"] != first.headers["ETag"]) == (200, True)
    assert "ETag" not in other.headers


@pytest.mark.parametrize(
    ("path", "due"),
    [
        ("site/catalog.ttl?page=1&page_size=10", 0.5),
        ("site/catalog.ttl?page=5&page_size=10", 0.25),
        ("datasets/?page_size=45", 0.45),
        (f"datasets/{WORLD.dataset_id(3)}/rdf.ttl", 0.3),
        ("site/", 0.0),
    ],
)
def test_a_portal_has_its_own_pace(path, due):
    """Seconds per dataset of a page, per item of a list, per document; the rest at once."""
    with serve(WORLD, manners=Manners(pace=Pace(0.05, 0.01, 0.3))) as portal:
        took = min(seconds(f"{portal.api}/{path}") for _ in range(1 if due else 10))

    assert took >= due
    assert due or took < 0.25


def seconds(url: str) -> float:
    begun = time.perf_counter()
    requests.get(url, timeout=10)
    return time.perf_counter() - begun


def test_a_running_portal_can_be_told_to_evolve():
    """POST /__evolve, with a seed: the same nights for the same seed, an error for words unknown."""
    told = "__evolve?edit=3&remove=2&add=1&seed=7&visits=5"
    worlds = []
    for _ in range(2):
        with serve(WORLD) as portal:
            answer = requests.post(f"{portal.site}/{told}", timeout=10)
            wrong = requests.post(f"{portal.site}/__evolve?edits=3", timeout=10)
            worlds.append(portal.world)

    assert (answer.status_code, answer.json()) == (200, {"datasets": 44})
    assert wrong.status_code == 404
    assert worlds[0] == worlds[1]
    assert (len(worlds[0].edits), len(worlds[0].removed), worlds[0].grown) == (3, 2, 1)
    assert worlds[0].visits == 5


def test_answers_are_made_once_and_only_for_their_state(tmp_path):
    """With a directory: lists and documents too, and an evolved portal makes new ones."""
    with serve(WORLD, directory=tmp_path) as portal:
        url = f"{portal.api}/datasets/?page_size=5"
        whole = requests.get(url, timeout=10).json()["data"]
        thin = [requests.get(url, headers={"X-Fields": "data{id}"}, timeout=10).json() for _ in range(2)]
        assert len(list(tmp_path.iterdir())) == 2
        portal.world = WORLD.evolved(edit=WORLD.listed[:1])
        new = requests.get(url, timeout=10).json()["data"]

    assert thin[0] == thin[1] == {"data": [{"id": item["id"]} for item in whole]}
    assert [new[0]["title"] == whole[0]["title"], new[1:] == whole[1:]] == [False, True]


def test_answers_may_come_late_and_portals_drift():
    """Late once, then at once; edited between two pages."""
    spoilt = [faults.late(0.3, faults.page(1), times=1), faults.drifts(1, edit=(5, 6))]
    with serve(WORLD, spoilt) as portal:
        first, *others = (seconds(f"{portal.api}/site/catalog.nt?page=1&page_size=10") for _ in range(10))

        assert first > 0.3 > min(others)
        assert json.dumps(portal.world.edits) == "[5, 6]"
