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
    """Who publishes; `logo` is a file name, `number` the business number, `members` how many belong."""

    id: str
    slug: str
    name: str
    acronym: str | None
    homepage: str | None
    contacts: tuple[Contact, ...]
    description: str = field(repr=False)
    badges: tuple[str, ...]
    logo: str | None
    number: str | None
    members: int
    created: str
    modified: str


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    slug: str
    first_name: str
    last_name: str
    homepage: str | None


Owner = Organization | Person | None


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file or dataset follows: one of the portal's catalogue by name, or any by URL."""

    name: str | None
    version: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Who may have it; `audiences` are (role, condition), `url` is where to ask."""

    kind: str = "open"
    audiences: tuple[tuple[str, str], ...] = ()
    url: str | None = None
    category: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Spatial:
    """Where: zones by id, or a geometry (the coordinates of a GeoJSON MultiPolygon), never both."""

    zones: tuple[str, ...]
    geometry: list[list[list[list[float]]]] | None
    granularity: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A file or service of a dataset; a `checksum` is (algorithm, hex).

    Only JSON says what `kind` it is, whether it is kept by others (`remote`) and whether it was `available`
    when the portal last looked (None: it never did).
    """

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
    kind: str
    remote: bool
    available: bool | None
    schema: Schema | None


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
class Details:
    """What only the JSON says of a dataset; `short` is a summary, `due` when it will next be updated."""

    spatial: Spatial | None
    schema: Schema | None
    access: Access
    badges: tuple[str, ...]
    doi: str | None
    short: str | None
    due: str | None
    extras: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A data service; `datasets` are indices, `owner` is the number of an organization."""

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
    owner: int


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


@dataclass(frozen=True, slots=True)
class CommunityResource:
    """A file that someone else made of dataset number `dataset`; None: that dataset is no more."""

    index: int
    file: Resource
    dataset: int | None
    owner: Owner


Subject = tuple[str, int]
"""udata's class of a record (Dataset, Reuse, Dataservice, Topic, Post) and its number."""


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    text: str
    author: Person
    speaker: Organization | None
    date: str
    edited: str | None


@dataclass(frozen=True, slots=True)
class Discussion:
    """People talking about a record; the first message opens it."""

    index: int
    id: str
    title: str
    subject: Subject
    messages: tuple[Message, ...]
    closed: str | None


@dataclass(frozen=True, slots=True)
class Element:
    """A member of a topic; without a subject it is what the topic's editor misses."""

    id: str
    subject: Subject | None
    title: str | None
    description: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A curated collection."""

    index: int
    id: str
    slug: str
    name: str
    description: str | None
    tags: tuple[str, ...]
    owner: Owner
    featured: bool
    spatial: Spatial | None
    elements: tuple[Element, ...]
    created: str
    modified: str


@dataclass(frozen=True, slots=True)
class Post:
    """News, or a page of the site; `datasets` and `reuses` are indices, `body` is markdown, html or blocs."""

    index: int
    id: str
    slug: str
    name: str
    headline: str | None
    body: str
    page: bool
    parent: int | None
    tags: tuple[str, ...]
    owner: Person | None
    datasets: tuple[int, ...]
    reuses: tuple[int, ...]
    created: str
    published: str
    modified: str


@dataclass(frozen=True, slots=True)
class Source:
    """Another catalogue that the portal harvests; `harvests` says how many datasets its last run met."""

    index: int
    id: str
    slug: str
    name: str
    description: str | None
    url: str
    backend: str
    owner: Owner
    validator: Person | None
    harvests: int | None
    created: str
    deleted: str | None
