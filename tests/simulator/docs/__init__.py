"""JSON documents of the API, with the keys of udata 17.18; each is made of a scene and a record.

What udata keeps null, empty or 0 for a portal that does not use it is so here: avatars, banners, previews.
"""

from tests.simulator.docs.agents import organization
from tests.simulator.docs.community import community_resource, discussion
from tests.simulator.docs.datasets import dataset
from tests.simulator.docs.editorial import element, post, post_alone, topic
from tests.simulator.docs.portal import codes, labels, site, tags
from tests.simulator.docs.reuses import reuse
from tests.simulator.docs.services import service
from tests.simulator.docs.shared import JSON, Scene, dataset_reference, utc
from tests.simulator.docs.sources import source
from tests.simulator.docs.zones import zone, zones

__all__ = [
    "JSON",
    "Scene",
    "codes",
    "community_resource",
    "dataset",
    "dataset_reference",
    "discussion",
    "element",
    "labels",
    "organization",
    "post",
    "post_alone",
    "reuse",
    "service",
    "site",
    "source",
    "tags",
    "topic",
    "utc",
    "zone",
    "zones",
]
