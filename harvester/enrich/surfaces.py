"""The surfaces of a portal's JSON API that are read beside its catalogue: what each is, and what it costs."""

from dataclasses import dataclass
from typing import Literal

from harvester.model import Kind

Naming = Literal["permalink", "catalogue", "api", "concept"]

_OWNER = frozenset({"owner"})


@dataclass(frozen=True, slots=True)
class Surface:
    """One list of the portal's API, whose documents the mapping `mapping` makes records of.

    `path` is that of the list below `/api/`, "" where it is not read as a list; a page of it has `size`
    documents. `naming` says how a document's resource gets its IRI: the portal's permalink; the IRI that the
    catalogue has for it, to which the document adds details; the document's own address; or a concept of the
    list. `personal` are keys that hold personal data, at any depth: neither asked for nor lifted unless
    persons are switched on. `default`: read unless switched off.
    """

    name: str
    mapping: str
    kind: Kind
    path: str
    naming: Naming = "permalink"
    personal: frozenset[str] = _OWNER
    default: bool = True
    size: int = 500

    @property
    def thing(self) -> str:
        """What one document is, in words."""
        return self.mapping.replace("-", " ").replace("dataservice", "data service")


REUSES = Surface("reuses", "reuse", Kind.REUSE, "1/reuses/")
ORGANIZATIONS = Surface(
    "organizations", "organization", Kind.ORGANIZATION_DETAILS, "1/organizations/", "catalogue"
)
DATASETS = Surface("datasets", "dataset", Kind.DATASET_DETAILS, "1/datasets/", "catalogue")
DATASERVICES = Surface("dataservices", "dataservice", Kind.SERVICE_DETAILS, "1/dataservices/", "catalogue")
COMMUNITY_RESOURCES = Surface(
    "community-resources",
    "community-resource",
    Kind.COMMUNITY_RESOURCE,
    "1/datasets/community_resources/",
    "api",
)
TOPICS = Surface("topics", "topic", Kind.TOPIC, "2/topics/")
POSTS = Surface("posts", "post", Kind.POST, "1/posts/")
DISCUSSIONS = Surface(
    "discussions",
    "discussion",
    Kind.DISCUSSION,
    "1/discussions/",
    "api",
    personal=frozenset({"user", "title", "content", "posted_by", "closed_by"}),
)
HARVEST_SOURCES = Surface(
    "harvest-sources", "harvest-source", Kind.HARVEST_SOURCE, "1/harvest/sources/", "api"
)
ZONES = Surface("zones", "zone", Kind.ZONE, "", "concept", size=50)

SURFACES = (
    ORGANIZATIONS,
    DATASETS,
    DATASERVICES,
    COMMUNITY_RESOURCES,
    TOPICS,
    POSTS,
    DISCUSSIONS,
    HARVEST_SOURCES,
    ZONES,
)
"""In the order in which they are read, after the catalogue and the reuses."""

BY_MAPPING = {surface.mapping: surface for surface in (REUSES, *SURFACES)}
