"""JSON documents of the API, with the keys of udata 17.18."""

from typing import Any

from tests.simulator import words
from tests.simulator.names import Names
from tests.simulator.records import Dataset, Organization, Owner, Person, Resource, Reuse, Service, State
from tests.simulator.world import EPOCH, World

JSON = dict[str, Any]


def utc(date: str | None) -> str | None:
    """Return a date as the API writes it: the RDF's, with the zone that RDF leaves out."""
    return f"{date}+00:00" if date else None


def site(world: World) -> JSON:
    """`metrics` are 0 until a job ran on the portal: not to be trusted as totals."""
    metrics = {"datasets": 0, "reuses": 0, "organizations": 0, "dataservices": 0}
    return {"feed_size": 20, "id": "sim", "metrics": metrics, "title": world.title, "version": "17.18.0"}


def labels(codes: dict[str, str], language: str | None) -> list[JSON]:
    english = words.ENGLISH if language == "en" else {}
    return [{"id": code, "label": english.get(code, label)} for code, label in codes.items()]


def dataset_reference(names: Names, dataset: Dataset) -> JSON:
    """The short form: `uri` and `page` carry the slug, and neither is the IRI in RDF."""
    return {
        "id": dataset.id,
        "page": names.page("datasets", dataset.slug),
        "title": dataset.title,
        "uri": f"{names.api}/datasets/{dataset.slug}/",
    }


def dataset(names: Names, record: Dataset) -> JSON:
    """The whole document. `harvest` leaves out the keys that have no value.

    Of the dates only `internal.last_modified_internal` moves with every change on the portal.
    """
    harvest = record.harvest
    known = harvest and {
        "backend": "dcat",
        "created_at": utc(harvest.created),
        "dct_identifier": harvest.identifier,
        "issued_at": utc(harvest.issued),
        "modified_at": utc(harvest.modified),
        "remote_url": harvest.page,
        "uri": harvest.uri,
    }
    period = record.period
    return {
        **dataset_reference(names, record),
        "acronym": record.acronym,
        "archived": utc(EPOCH.isoformat()) if record.state is State.ARCHIVED else None,
        "badges": [{"kind": "hvd"}] if record.hvd else [],
        "created_at": utc(record.created),
        "deleted": utc(EPOCH.isoformat()) if record.state is State.DELETED else None,
        "description": record.description,
        "extras": {},
        "featured": record.featured,
        "frequency": record.frequency,
        "harvest": known and {key: value for key, value in known.items() if value is not None},
        "internal": {
            "created_at_internal": utc(record.created),
            "last_modified_internal": utc(record.modified),
        },
        "last_modified": utc((harvest and harvest.modified) or record.modified),
        "last_update": utc((harvest and harvest.modified) or record.updated),
        "license": words.LICENSES[record.license][0] if record.license is not None else None,
        "metrics": {"followers": 0, "reuses": 0, "views": 0},
        **_owned(names, record.owner),
        "private": record.state is State.PRIVATE,
        "quality": {"score": 0.5},
        "resources": [_resource(names, resource) for resource in record.resources],
        "slug": record.slug,
        "tags": list(record.tags),
        "temporal_coverage": period and {"start": period[0], "end": period[1]},
    }


def service_reference(names: Names, record: Service) -> JSON:
    return {
        "class": "Dataservice",
        "id": record.id,
        "self_api_url": f"{names.api}/dataservices/{record.slug}/",
        "self_web_url": names.page("dataservices", record.slug),
        "title": record.title,
    }


def reuse(names: Names, world: World, record: Reuse, *, light: bool) -> JSON:
    """A reuse with its datasets, whole (17.18) or `light` (as the model declares).

    Deleted and private datasets are among them, with titles: the portal does not hide them here.
    """
    datasets = [world.dataset(index) for index in record.datasets]
    image = record.image and f"{world.cdata or names.api}/s/images/{record.image}"
    return {
        "archived": utc(EPOCH.isoformat()) if record.state is State.ARCHIVED else None,
        "badges": [],
        "created_at": utc(record.created),
        "dataservices": [service_reference(names, world.services[index]) for index in record.services],
        "datasets": [dataset_reference(names, d) if light else dataset(names, d) for d in datasets],
        "deleted": utc(EPOCH.isoformat()) if record.state is State.DELETED else None,
        "description": record.description,
        "extras": {},
        "featured": record.featured,
        "id": record.id,
        "image": image,
        "image_thumbnail": image and image.replace(".png", "-500.png"),
        "last_modified": utc(record.modified),
        "metrics": {"datasets": len(datasets), "discussions": 0, "followers": 3, "views": 42},
        **_owned(names, record.owner),
        "page": names.page("reuses", record.slug),
        "permissions": {"delete": False, "edit": False},
        "private": False,
        "slug": record.slug,
        "tags": list(record.tags),
        "title": record.title,
        "topic": record.topic,
        "type": record.type,
        "uri": f"{names.api}/reuses/{record.slug}/",
        "url": record.url,
    }


def _owned(names: Names, owner: Owner) -> JSON:
    return {
        "organization": _organization(names, owner) if isinstance(owner, Organization) else None,
        "owner": _person(names, owner) if isinstance(owner, Person) else None,
    }


def _organization(names: Names, record: Organization) -> JSON:
    return {
        "acronym": record.acronym,
        "badges": [],
        "class": "Organization",
        "id": record.id,
        "logo": None,
        "name": record.name,
        "page": names.page("organizations", record.slug),
        "slug": record.slug,
        "uri": f"{names.api}/organizations/{record.slug}/",
    }


def _person(names: Names, record: Person) -> JSON:
    return {
        "class": "User",
        "first_name": record.first_name,
        "id": record.id,
        "last_name": record.last_name,
        "page": names.page("users", record.slug),
        "slug": record.slug,
        "uri": f"{names.api}/users/{record.slug}/",
    }


def _resource(names: Names, record: Resource) -> JSON:
    return {
        "checksum": record.checksum and {"type": record.checksum[0], "value": record.checksum[1]},
        "created_at": utc(record.created),
        "description": record.description,
        "filesize": record.size,
        "format": record.format,
        "id": record.id,
        "last_modified": utc(record.modified),
        "latest": names.download(record),
        "mime": record.mime,
        "title": record.title,
        "type": "main",
        "url": record.url,
    }
