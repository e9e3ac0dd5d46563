"""The lists and single documents of the JSON API, by path, and which of them a portal may lack."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from tests.simulator import docs
from tests.simulator.docs import JSON, Scene
from tests.simulator.exchange import Refused, missing
from tests.simulator.manners import Manners, Surface
from tests.simulator.text import number_of
from tests.simulator.world import FEATURED, World
from tests.simulator.zones import zone


class Known(Protocol):
    """A record that can be found by its id, and most by their slug too."""

    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Known)


@dataclass(frozen=True, slots=True)
class Listing:
    """A paged list: its rows in order (`query` may choose among them), and how one row is told."""

    surface: Surface | None
    rows: Callable[[World, Mapping[str, str]], Sequence[Any]]
    document: Callable[[Scene, Any], JSON]


@dataclass(frozen=True, slots=True)
class Single:
    """A document by its key. Whether X-Fields is heeded differs."""

    surface: Surface
    pattern: re.Pattern[str]
    document: Callable[[Scene, str], JSON]
    masks: bool = True


def known(path: str, manners: Manners) -> bool:
    """Tell whether there is a list, a document or a code list at a path, which ends with a slash."""
    if _ELEMENTS.fullmatch(path):
        return _offered(Surface.TOPICS, manners)
    listing = LISTINGS.get(path)
    if listing is not None and _offered(listing.surface, manners):
        return True
    return single_at(path, manners) is not None or codes_at(path, None, manners) is not None


def listing_at(path: str, world: World, manners: Manners) -> Listing | None:
    """Return the list at a path of the API, unless the portal lacks it."""
    found = LISTINGS.get(path)
    if match := _ELEMENTS.fullmatch(path):
        topic = _found(world.society.topics, match[1])
        found = Listing(Surface.TOPICS, lambda *_: topic.elements, docs.element)
    return found if found is not None and _offered(found.surface, manners) else None


def single_at(path: str, manners: Manners) -> tuple[Single, str] | None:
    """Return how to make the document at a path, and its key."""
    for found in SINGLES:
        match = found.pattern.fullmatch(path)
        if match and _offered(found.surface, manners):
            return found, match[1]
    return None


UNMASKED = re.compile(r".*/(badges|extensions|contacts/roles|reason_categories)/")
"""Code lists that X-Fields does not change."""


def codes_at(path: str, language: str | None, manners: Manners) -> Any | None:
    """Return the code list at a path, with French labels unless the language is English."""
    found = docs.codes().get(path.removeprefix("/api/1/"))
    if found is None or not _offered(Surface.CODES, manners):
        return None
    return found.get(language or "fr", found["fr"])


def _offered(surface: Surface | None, manners: Manners) -> bool:
    return surface is None or surface in manners.surfaces


def _found(records: Sequence[T], key: str) -> T:
    """Return the record with this id or slug, both of which end with its place among `records`."""
    number = number_of(key)
    if 0 <= number < len(records):
        record = records[number]
        if key in (record.id, getattr(record, "slug", None)):
            return record
    raise missing()


def _datasets(world: World, query: Mapping[str, str]) -> Sequence[int]:
    if query.get("featured") == "true":
        return [index for index in world.listed if index in FEATURED]
    if key := query.get("dataservice"):
        served = set(_found(world.services, key).datasets)
        return [index for index in world.listed if index in served]
    return world.listed


def _reuses(world: World, query: Mapping[str, str]) -> Sequence[int]:
    if query.get("featured") == "true":
        return [index for index in world.listed_reuses if world.reuse(index).featured]
    return world.listed_reuses


def _sources(world: World, query: Mapping[str, str]) -> Sequence[Any]:
    every = world.society.sources[::-1]
    return every if query.get("deleted") else [found for found in every if found.deleted is None]


LISTINGS = {
    "/api/1/datasets/": Listing(None, _datasets, lambda s, i: docs.dataset(s, s.world.dataset(i))),
    "/api/1/reuses/": Listing(None, _reuses, lambda s, i: docs.reuse(s, s.world.reuse(i))),
    "/api/1/organizations/": Listing(
        Surface.ORGANIZATIONS, lambda w, _: w.organizations[::-1], docs.organization
    ),
    "/api/1/dataservices/": Listing(Surface.SERVICES, lambda w, _: w.services, docs.service),
    "/api/1/datasets/community_resources/": Listing(
        Surface.COMMUNITY, lambda w, _: w.society.community_resources[::-1], docs.community_resource
    ),
    "/api/2/topics/": Listing(Surface.TOPICS, lambda w, _: w.society.topics[::-1], docs.topic),
    "/api/1/posts/": Listing(Surface.POSTS, lambda w, _: w.society.posts[::-1], docs.post),
    "/api/1/discussions/": Listing(
        Surface.DISCUSSIONS, lambda w, _: w.society.discussions[::-1], docs.discussion
    ),
    "/api/1/harvest/sources/": Listing(Surface.SOURCES, _sources, docs.source),
}
"""Newest first, but for data services, which a real portal gives in no order."""

_ELEMENTS = re.compile(r"/api/2/topics/([^/]+)/elements/")


def _zone(scene: Scene, key: str) -> JSON:
    found = zone(_undated(key))
    if found is None:
        raise missing()
    return docs.zone(found)


def _zones(scene: Scene, keys: str) -> JSON:
    ids = [_undated(key) for key in keys.split(",")]
    unknown = [id_ for id_ in ids if zone(id_) is None]
    if unknown:  # one is enough to get none
        raise Refused(404, {"message": f"Unknown zone identifiers: {', '.join(unknown)}"})
    return docs.zones([found for id_ in ids if (found := zone(id_))])


def _undated(key: str) -> str:
    """Return a zone's id without the date of validity that old ones have."""
    return re.sub(r"@\d{4}-\d\d-\d\d$", "", key)


def _community(scene: Scene, key: str) -> JSON:
    records = scene.world.society.community_resources
    place = int(key[-8:], 16) if re.fullmatch("[0-9a-f-]{36}", key) else len(records)
    if place >= len(records) or records[place].file.id != key:
        raise missing()
    return docs.community_resource(scene, records[place])


SINGLES = (
    Single(
        Surface.COMMUNITY,
        re.compile(r"/api/1/datasets/community_resources/([^/]+)/"),
        _community,
    ),
    Single(
        Surface.ORGANIZATIONS,
        re.compile(r"/api/1/organizations/([^/]+)/"),
        lambda s, key: docs.organization(s, _found(s.world.organizations, key)),
    ),
    Single(
        Surface.SERVICES,
        re.compile(r"/api/1/dataservices/([^/]+)/"),
        lambda s, key: docs.service(s, _found(s.world.services, key)),
    ),
    Single(
        Surface.TOPICS,
        re.compile(r"/api/2/topics/([^/]+)/"),
        lambda s, key: docs.topic(s, _found(s.world.society.topics, key)),
    ),
    Single(
        Surface.POSTS,
        re.compile(r"/api/1/posts/([^/]+)/"),
        lambda s, key: docs.post_alone(s, _found(s.world.society.posts, key)),
    ),
    Single(
        Surface.DISCUSSIONS,
        re.compile(r"/api/1/discussions/([^/]+)/"),
        lambda s, key: docs.discussion(s, _found(s.world.society.discussions, key)),
    ),
    Single(
        Surface.SOURCES,
        re.compile(r"/api/1/harvest/source/([^/]+)/"),
        lambda s, key: docs.source(s, _found(s.world.society.sources, key)),
    ),
    Single(Surface.ZONES, re.compile(r"/api/1/spatial/zones/([^/]+)/"), _zones),
    Single(Surface.ZONES, re.compile(r"/api/1/spatial/zone/([^/]+)/"), _zone, masks=False),
)
