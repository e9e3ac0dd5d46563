"""The frozen values that cross the borders between stages."""

from dataclasses import dataclass, field
from enum import StrEnum


class Category(StrEnum):
    """What kind of problem it is, in a user's words."""

    UNREACHABLE = "unreachable"
    TOO_SLOW = "too slow"
    REFUSED = "refused by limits"
    NOT_RDF = "not RDF"
    NOT_JSON = "not JSON"
    INVALID_IRI = "invalid IRI"
    INCOMPLETE = "incomplete listing"
    CONFLICT = "conflict"
    DANGLING = "dangling link"
    GONE = "gone"
    LOSSY = "lossy format"
    UNKNOWN_TERM = "unknown term"
    MALFORMED = "malformed item"


class Kind(StrEnum):
    """What a record describes."""

    CATALOG = "catalog"
    DATASET = "dataset"
    SERVICE = "data service"
    AGENT = "agent"
    CONTACT = "contact point"
    REUSE = "reuse"
    CONCEPTS = "concept scheme"
    ORGANIZATION_DETAILS = "organization details"
    DATASET_DETAILS = "dataset details"
    SERVICE_DETAILS = "data service details"
    COMMUNITY_RESOURCE = "community resource"
    TOPIC = "topic"
    POST = "post"
    DISCUSSION = "discussion"
    HARVEST_SOURCE = "harvest source"
    ZONE = "zone"
    OTHER = "other resource"


@dataclass(frozen=True, slots=True)
class Document:
    """One HTTP answer, read whole and decoded from its Content-Encoding.

    `url` is where the answer came from (after redirects), `requested` what was asked for.
    `media_type` is lower case, without parameters; "" when the server named none.
    `etag` and `last_modified` are its validators as sent, "" when absent. Status 304 with an empty body
    means unchanged since those were sent (https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2).
    """

    requested: str
    url: str
    status: int
    media_type: str
    body: bytes = field(repr=False)
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong and cost only itself: listed in the report."""

    category: Category
    url: str
    what: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Record:
    """One resource and all that hangs from it, ready for its named graph.

    `nquads` are its statements as N-Quads in UTF-8, all in the graph `graph`: sorted, first those without
    blank nodes, which end at byte `plain_bytes`. Blank nodes have stable labels, so the same description
    always gives the same bytes.
    `digest` is the SHA-256 (hex) of the statements with volatile ones left out.
    `ids` are the portal's own identifiers for the resource (udata: 24 hex digits), mostly one.
    `source` is the URL of the document it was read from; `listed` tells whether the catalogue lists it.
    """

    kind: Kind
    resource: str
    graph: str
    nquads: bytes = field(repr=False)
    plain_bytes: int
    triples: int
    digest: str
    source: str
    ids: tuple[str, ...] = ()
    listed: bool = False


@dataclass(frozen=True, slots=True)
class HydraView:
    """The paging controls of one catalogue page; None where the page does not say.

    https://www.hydra-cg.com/spec/latest/core/#hydra:PartialCollectionView
    """

    next: str | None = None
    last: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What one RDF document said: its records and its paging controls."""

    records: tuple[Record, ...]
    view: HydraView
    members: int = 0
    """Resources listed by the catalogue on this page (dcat:dataset)."""
    repaired: int = 0
    problems: tuple[Problem, ...] = ()
