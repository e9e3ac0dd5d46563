"""The words of searches: kinds of records, facets and what they mean, orders. Nothing here needs an index."""

from collections.abc import Mapping
from types import MappingProxyType

DATASET, REUSE, ORGANIZATION, SERVICE = "dataset", "reuse", "organization", "dataservice"
KINDS = (DATASET, REUSE, ORGANIZATION, SERVICE)
FACETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        DATASET: ("theme", "publisher", "format", "licence", "frequency", "reused", "high-value"),
        REUSE: ("type", "topic", "publisher"),
        SERVICE: ("theme", "publisher", "licence", "type"),
        ORGANIZATION: ("type",),
        "": ("theme", "publisher"),
    }
)
"""The facets that are counted, by the kind of records that is asked for; "" is any."""
SORTS = ("relevance", "newest", "reused", "title")
MOST_HITS = 100
"""Of a page."""
EU = "http://publications.europa.eu/resource/authority/"
LISTS: Mapping[str, str] = MappingProxyType(
    {"theme": "data-theme/", "format": "file-type/", "licence": "licence/", "frequency": "frequency/"}
)
"""Facets of which there is an EU list: where a code of it is known, it alone is a value."""
HVD = "http://data.europa.eu/eli/reg_impl/2023/138/oj"
"""The regulation by which a dataset is of high value."""
NO_INDEX = "no-search-index"
"""Slug of the refusal where a generation cannot be searched."""
