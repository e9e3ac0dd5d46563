"""Documents of reuses."""

from tests.simulator.counts import popularity
from tests.simulator.docs.datasets import dataset
from tests.simulator.docs.shared import (
    JSON,
    Scene,
    dataset_head,
    denied,
    discussions,
    owned,
    service_reference,
    utc,
)
from tests.simulator.names import Names
from tests.simulator.parts import EPOCH
from tests.simulator.records import Dataset, Reuse, State


def reuse(scene: Scene, record: Reuse) -> JSON:
    """A reuse with its datasets, whole (17.18) or `light` (as the model declares).

    Deleted and private datasets are among them, with titles: the portal does not hide them here.
    """
    world, names = scene.world, scene.names
    datasets = [world.dataset(index) for index in record.datasets]
    image = record.image and f"{world.cdata or names.api}/s/images/{record.image}"
    return {
        "archived": utc(EPOCH.isoformat()) if record.state is State.ARCHIVED else None,
        "badges": [],
        "created_at": utc(record.created),
        "dataservices": [service_reference(names, world.services[index]) for index in record.services],
        "datasets": [_thin(names, d) if scene.light else dataset(scene, d) for d in datasets],
        "deleted": utc(EPOCH.isoformat()) if record.state is State.DELETED else None,
        "description": record.description,
        "extras": {},
        "featured": record.featured,
        "id": record.id,
        "image": image,
        "image_thumbnail": image and image.replace(".png", "-500.png"),
        "last_modified": utc(record.modified),
        "metrics": {
            "datasets": len(datasets),
            **discussions(world, "Reuse", record.index),
            **popularity("reuse", record.index, world.visits),
        },
        **owned(names, record.owner),
        "page": names.page("reuses", record.slug),
        "permissions": denied("delete", "edit"),
        "private": False,
        "slug": record.slug,
        "tags": list(record.tags),
        "title": record.title,
        "topic": record.topic,
        "type": record.type,
        "uri": f"{names.api}/reuses/{record.slug}/",
        "url": record.url,
    }


def _thin(names: Names, record: Dataset) -> JSON:
    head = dataset_head(names, record)
    return {key: head[key] for key in ("id", "page", "title", "uri")}
