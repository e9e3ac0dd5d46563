"""What documents have in common: references to others, owners, permissions, dates."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.simulator.names import Names
from tests.simulator.records import (
    Access,
    Contact,
    Dataset,
    Organization,
    Owner,
    Person,
    Reuse,
    Schema,
    Service,
)
from tests.simulator.world import World

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """Who tells, and how: `light` reuses name their datasets only; `full` spells zones out in datasets."""

    world: World
    names: Names
    light: bool = False
    full: bool = False


def utc(date: str | None) -> str | None:
    """Return a date as the API writes it: the RDF's, with the zone that RDF leaves out."""
    return f"{date}+00:00" if date else None


def denied(*deeds: str) -> JSON:
    """Return what someone who is not logged in may do: nothing."""
    return dict.fromkeys(deeds, False)


def subsection(url: str, total: int) -> JSON:
    """Return a link to a list that the document leaves out."""
    return {"href": url, "rel": "subsection", "total": total, "type": "GET"}


def kinds(badges: tuple[str, ...]) -> list[JSON]:
    return [{"kind": kind} for kind in badges]


def dataset_reference(names: Names, record: Dataset) -> JSON:
    """The short form."""
    return {"class": "Dataset", **dataset_head(names, record)}


def dataset_head(names: Names, record: Dataset) -> JSON:
    """What every form has: `uri` and `page` carry the slug, and neither is the IRI in RDF."""
    return {
        "acronym": record.acronym,
        "id": record.id,
        "page": names.page("datasets", record.slug),
        "title": record.title,
        "uri": f"{names.api}/datasets/{record.slug}/",
    }


def service_reference(names: Names, record: Service) -> JSON:
    return {
        "class": "Dataservice",
        "id": record.id,
        "self_api_url": f"{names.api}/dataservices/{record.slug}/",
        "self_web_url": names.page("dataservices", record.slug),
        "title": record.title,
    }


def reuse_reference(names: Names, record: Reuse) -> JSON:
    return {
        "class": "Reuse",
        "id": record.id,
        "image": None,
        "image_thumbnail": None,
        "page": names.page("reuses", record.slug),
        "title": record.title,
        "uri": f"{names.api}/reuses/{record.slug}/",
    }


@lru_cache(maxsize=2048)
def organization_reference(names: Names, record: Organization) -> JSON:
    """The short form, which every dataset and contact point repeats."""
    logo, thumbnail = logos(names, record)
    return {
        "acronym": record.acronym,
        "badges": kinds(record.badges),
        "class": "Organization",
        "id": record.id,
        "logo": logo,
        "logo_thumbnail": thumbnail,
        "name": record.name,
        "page": names.page("organizations", record.slug),
        "permissions": denied("delete", "edit", "harvest", "members", "private"),
        "slug": record.slug,
        "uri": f"{names.api}/organizations/{record.slug}/",
    }


def logos(names: Names, record: Organization) -> tuple[str | None, str | None]:
    """Return the URLs of a logo and of its small version."""
    if record.logo is None:
        return None, None
    url = f"{names.cdata or names.api}/s/avatars/{record.logo}"
    return f"{url}.png", f"{url}-100.png"


def person_reference(names: Names, record: Person) -> JSON:
    return {
        "avatar": None,
        "avatar_thumbnail": None,
        "class": "User",
        "deleted": None,
        "first_name": record.first_name,
        "id": record.id,
        "last_name": record.last_name,
        "page": names.page("users", record.slug),
        "slug": record.slug,
        "uri": f"{names.api}/users/{record.slug}/",
    }


def owned(names: Names, owner: Owner) -> JSON:
    return {
        "organization": organization_reference(names, owner) if isinstance(owner, Organization) else None,
        "owner": person_reference(names, owner) if isinstance(owner, Person) else None,
    }


def contact_point(names: Names, record: Contact, owner: Owner) -> JSON:
    return {
        "contact_form": record.form,
        "email": record.mail,
        "id": record.id,
        "name": record.name,
        **owned(names, owner),
        "role": record.role,
    }


def accessible(access: Access) -> JSON:
    return {
        "access_audiences": [{"condition": condition, "role": role} for role, condition in access.audiences],
        "access_type": access.kind,
        "access_type_reason": access.reason,
        "access_type_reason_category": access.category,
        "authorization_request_url": access.url,
    }


def discussions(world: World, kind: str, number: int) -> JSON:
    """Return the part of metrics that counts discussions of a record."""
    every, still = world.society.discussed.get((kind, number), (0, 0))
    return {"discussions": every, "discussions_open": still}


def schema(record: Schema | None) -> JSON | None:
    return {"name": record.name, "url": record.url, "version": record.version} if record else None
