"""Documents of what the public adds: community resources and discussions."""

from tests.simulator.docs.datasets import file
from tests.simulator.docs.shared import (
    JSON,
    Scene,
    dataset_reference,
    denied,
    organization_reference,
    owned,
    person_reference,
    utc,
)
from tests.simulator.records import (
    CommunityResource,
    Discussion,
    Message,
    Post,
    Service,
    Subject,
    Topic,
)
from tests.simulator.world import World

PATHS = {
    "Dataset": "datasets",
    "Reuse": "reuses",
    "Dataservice": "dataservices",
    "Topic": "topics",
    "Post": "posts",
}


def community_resource(scene: Scene, record: CommunityResource) -> JSON:
    """A file with who made it of which dataset."""
    names, number = scene.names, record.dataset
    parent = None if number is None else dataset_reference(names, scene.world.dataset(number))
    return {
        **file(scene, record.file),
        "dataset": parent,
        "metrics": {},
        **owned(names, record.owner),
        "permissions": denied("delete", "edit"),
    }


def discussion(scene: Scene, record: Discussion) -> JSON:
    """A discussion with all that people wrote, and their names."""
    names, first = scene.names, record.messages[0]
    kind, _ = record.subject
    page = names.page(PATHS[kind], _slug(scene.world, record.subject))
    closer = record.messages[-1]
    return {
        "closed": utc(record.closed),
        "closed_by": person_reference(names, closer.author) if record.closed else None,
        "closed_by_organization": None,
        "created": utc(first.date),
        "discussion": [_message(scene, message) for message in record.messages],
        "extras": {},
        "id": record.id,
        "organization": None,
        "permissions": denied("close", "delete", "edit"),
        "self_web_url": page and f"{page}/discussions?discussion_id={record.id}",
        "subject": {"class": kind, "id": identify(scene.world, record.subject)},
        "title": record.title,
        "url": f"{names.api}/discussions/{record.id}/",
        "user": person_reference(names, first.author),
    }


def identify(world: World, record: Subject) -> str:
    """Return the id of what something is about."""
    kind, number = record
    match kind:
        case "Dataset":
            return world.dataset_id(number)
        case "Reuse":
            return world.reuse_id(number)
    return _kept(world, record).id


def _slug(world: World, record: Subject) -> str:
    kind, number = record
    match kind:
        case "Dataset":
            return world.dataset(number).slug
        case "Reuse":
            return world.reuse(number).slug
    return _kept(world, record).slug


def _kept(world: World, record: Subject) -> Service | Topic | Post:
    kind, number = record
    match kind:
        case "Dataservice":
            return world.services[number]
        case "Topic":
            return world.society.topics[number]
    return world.society.posts[number]


def _message(scene: Scene, record: Message) -> JSON:
    speaker = record.speaker
    return {
        "content": record.text,
        "id": record.id,
        "last_modified_at": utc(record.edited),
        "permissions": denied("delete", "edit"),
        "posted_by": person_reference(scene.names, record.author),
        "posted_by_organization": speaker and organization_reference(scene.names, speaker),
        "posted_on": utc(record.date),
    }
