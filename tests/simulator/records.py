"""What the synthetic portal knows, as plain frozen records. Dates are ISO 8601 in UTC without a zone."""

from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """Why a dataset or reuse is, or is not, in the listings."""

    PUBLIC = "public"
    DELETED = "deleted"
    PRIVATE = "private"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact point; `role` is udata's word for it."""

    id: str
    role: str
    name: str
    mail: str
    form: str | None


@dataclass(frozen=True, slots=True)
class Organization:
    id: str
    slug: str
    name: str
    acronym: str | None
    homepage: str | None
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    slug: str
    first_name: str
    last_name: str
    homepage: str | None


Owner = Organization | Person | None


@dataclass(frozen=True, slots=True)
class Resource:
    """A file or service of a dataset; a `checksum` is (algorithm, hex)."""

    id: str
    title: str
    description: str | None
    url: str
    format: str | None
    mime: str | None
    size: int | None
    checksum: tuple[str, str] | None
    created: str | None
    modified: str


@dataclass(frozen=True, slots=True)
class Harvest:
    """What udata keeps of the upstream catalogue; any of it can be missing."""

    uri: str | None
    identifier: str | None
    page: str | None
    created: str | None
    issued: str | None
    modified: str | None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset; `updated` is when its files last changed, `modified` when the portal last wrote it."""

    index: int
    id: str
    slug: str
    title: str
    description: str
    acronym: str | None
    owner: Owner
    contacts: tuple[Contact, ...]
    created: str
    updated: str
    modified: str
    frequency: str | None
    license: int | None
    tags: tuple[str, ...]
    period: tuple[str, str | None] | None
    closed: bool
    hvd: str | None
    harvest: Harvest | None
    resources: tuple[Resource, ...] = field(repr=False)
    state: State = State.PUBLIC
    featured: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A data service; `datasets` are indices."""

    index: int
    id: str
    slug: str
    title: str
    description: str
    url: str
    documentation: str | None
    uri: str | None
    tags: tuple[str, ...]
    datasets: tuple[int, ...]
    created: str
    modified: str


@dataclass(frozen=True, slots=True)
class Reuse:
    """A showcase; `datasets` are indices, of which some may be hidden."""

    index: int
    id: str
    slug: str
    title: str
    description: str
    url: str
    type: str
    topic: str
    datasets: tuple[int, ...]
    services: tuple[int, ...]
    tags: tuple[str, ...]
    owner: Owner
    image: str | None
    created: str
    modified: str
    state: State = State.PUBLIC
    featured: bool = False
