"""Documents of what editors add: topics with their elements, and posts."""

from tests.simulator.docs.community import identify
from tests.simulator.docs.datasets import dataset
from tests.simulator.docs.shared import (
    JSON,
    Scene,
    owned,
    person_reference,
    reuse_reference,
    subsection,
    utc,
)
from tests.simulator.docs.zones import spatial
from tests.simulator.records import Element, Post, Topic
from tests.simulator.text import digest, uuid

TEXTS = {
    "markdown": "## Titre\n\nUn texte avec `code`, un [lien](https://exemple.fr/p?a=1&b=2) et une œuvre.",
    "html": "<p>Un paragraphe <b>gras</b> &amp; un lien.</p>",
    "blocs": None,
}


def topic(scene: Scene, record: Topic) -> JSON:
    """A topic, of version 2 of the API; its elements are a link to a list of them."""
    names = scene.names
    elements = f"{names.api2}/topics/{record.id}/elements/?page=1&page_size=20"
    return {
        "id": record.id,
        **owned(names, record.owner),
        "created_at": utc(record.created),
        "last_modified": utc(record.modified),
        "name": record.name,
        "slug": record.slug,
        "description": record.description,
        "tags": list(record.tags),
        "color": None,
        "featured": record.featured,
        "private": False,
        "extras": {},
        "spatial": spatial(record.spatial),
        "page": names.page("topics", record.slug),
        "uri": f"{names.api2}/topics/{record.slug}/",
        "elements": subsection(elements, len(record.elements)),
    }


def element(scene: Scene, record: Element) -> JSON:
    """A member of a topic; `element` is null for what the editor misses."""
    about = record.subject
    return {
        "id": record.id,
        "title": record.title,
        "description": record.description,
        "tags": list(record.tags),
        "extras": {},
        "element": about and {"class": about[0], "id": identify(scene.world, about)},
    }


def post(scene: Scene, record: Post) -> JSON:
    """A post as in the list: with whole datasets, and without the blocs that its own document has."""
    world, names = scene.world, scene.names
    above = None if record.parent is None else world.society.posts[record.parent]
    path = f"{above.slug}/{record.slug}" if above else record.slug
    parent = above and {"id": above.id, "name": above.name, "page": names.page("pages", above.slug)}
    credited = record.index % 6 == 1
    return {
        "ancestors": [parent] if parent else [],
        "body_type": record.body,
        "content": TEXTS[record.body],
        "created_at": utc(record.created),
        "credit_to": "Photo : Zoé" if credited else None,
        "credit_url": "https://exemple.fr/photo" if credited else None,
        "datasets": [dataset(scene, world.dataset(index)) for index in record.datasets],
        "headline": record.headline,
        "id": record.id,
        "image": None,
        "image_thumbnail": None,
        "image_url": "https://exemple.fr/affiche.png" if credited else None,
        "kind": "page" if record.page else "news",
        "last_modified": utc(record.modified),
        "name": record.name,
        "owner": record.owner and person_reference(names, record.owner),
        "page": names.page("pages" if record.page else "posts", path),
        "parent": parent,
        "published": utc(record.published),
        "reuses": [reuse_reference(names, world.reuse(index)) for index in record.reuses],
        "sidemenu": record.page,
        "slug": record.slug,
        "tags": list(record.tags),
        "uri": f"{names.api}/posts/{record.slug}/",
    }


def post_alone(scene: Scene, record: Post) -> JSON:
    """A post's own document: with the blocs that it is made of, if it is."""
    pieces = _blocs(record) if record.body == "blocs" else []
    return {**post(scene, record), "blocs": pieces}


def _blocs(record: Post) -> list[JSON]:
    def bloc_id(place: int) -> str:
        return uuid(digest(record.id, place))

    return [
        {"class": "TitleBloc", "id": bloc_id(0), "subtitle": None, "title": record.name, "width": None},
        {
            "class": "MarkdownBloc",
            "content": "**Texte**",
            "id": bloc_id(1),
            "subtitle": None,
            "title": None,
            "width": None,
        },
    ]
