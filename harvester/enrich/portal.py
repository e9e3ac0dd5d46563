"""What enrichment must know of a portal, and how a portal names its own things."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_SLUG_PAGE = re.compile(r"(https?://[^\s<>\"{}|\\^`?#]+)/reuses/[^/?#]+/?")


@dataclass(frozen=True, slots=True)
class PortalFacts:
    """One portal.

    `api` is the API root (`https://data.example/api/1/`). `site` is the base of the portal's permalinks
    (`https://data.example`), "" where the portal mints API URLs: see `site_of`. `key` names the portal's
    graphs, `catalog` is the IRI of its catalogue, `language` the tag of its texts.
    """

    api: str
    site: str
    key: str
    catalog: str
    language: str = "fr"

    @property
    def root(self) -> str:
        """The API root, with one slash at its end."""
        return self.api.rstrip("/") + "/"

    def permalink(self, path: str, portal_id: str) -> str:
        """Name a thing by its id, as udata does in its RDF (slugs change, ids do not).

        >>> PortalFacts("https://a.example/api/1", "https://a.example", "a", "").permalink("reuses/", "7")
        'https://a.example/reuses/7'
        >>> PortalFacts("https://a.example/api/1", "", "a", "").permalink("reuses/", "7")
        'https://a.example/api/1/reuses/7/'
        """
        if self.site:
            return f"{self.site.rstrip('/')}/{path}{portal_id}"
        return f"{self.root}{path}{portal_id}/"

    def distribution(self, dataset_id: str, resource_id: str) -> str:
        """Name a file of a dataset as udata does in its RDF.

        >>> PortalFacts("https://a.example/api/1", "https://a.example", "a", "").distribution("7", "x")
        'https://a.example/datasets/7?resource_id=x'
        >>> PortalFacts("https://a.example/api/1", "", "a", "").distribution("7", "x")
        'https://a.example/api/1/datasets/r/x'
        """
        if self.site:
            return f"{self.permalink('datasets/', dataset_id)}?resource_id={resource_id}"
        return f"{self.root}datasets/r/{resource_id}"


def site_of(documents: Iterable[Mapping[str, Any]]) -> str:
    """Return the base of the portal's permalinks, "" where there is none.

    A portal with a site of its own (udata's CDATA_BASE_URL) gives each reuse a `page` there and names its
    things there; one without gives no `page` and names them by API URL. The majority decides.

    >>> site_of([{"page": "https://www.data.example/reuses/carte-des-bus"}, {"page": None}])
    'https://www.data.example'
    """
    pages = (document.get("page") for document in documents)
    bases = Counter(
        match[1] for page in pages if isinstance(page, str) and (match := _SLUG_PAGE.fullmatch(page))
    )
    return max(bases, key=lambda base: (bases[base], base), default="")
