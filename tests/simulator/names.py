"""How the portal names things: IRIs in RDF, URLs and pages in JSON."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urljoin

from tests.simulator.records import Contact, Dataset, Organization, Person, Resource, Reuse, Service

_FORBIDDEN = re.compile(r'[<>" {}|\\^`]')


@dataclass(frozen=True, slots=True)
class Names:
    """IRIs under `cdata` (udata's CDATA_BASE_URL) where it is set, else under the API, with a final slash.

    >>> Names("http://h/api/1", "http://site").permalink("datasets", "12ab")
    'http://site/datasets/12ab'
    >>> Names("http://h/api/1", None).permalink("datasets", "12ab")
    'http://h/api/1/datasets/12ab/'
    """

    api: str
    cdata: str | None

    def permalink(self, kind: str, key: str) -> str:
        return f"{self.cdata}/{kind}/{key}" if self.cdata else f"{self.api}/{kind}/{key}/"

    def page(self, kind: str, slug: str) -> str | None:
        """The web page; unknown to a portal without CDATA_BASE_URL."""
        return f"{self.cdata}/{kind}/{slug}" if self.cdata else None

    @property
    def api2(self) -> str:
        """The root of version 2, beside that of version 1."""
        return f"{self.api.removesuffix('1')}2"

    @property
    def catalog(self) -> str:
        return f"{self.api}/site/catalog"

    @property
    def home(self) -> str:
        return self.cdata or f"{self.api}/site/"

    def dataset(self, dataset: Dataset) -> str:
        """The dataset's IRI as stored: the upstream's, whatever it is, else the permalink by id."""
        if dataset.harvest and dataset.harvest.uri:
            return dataset.harvest.uri
        return self.permalink("datasets", dataset.id)

    def resource(self, dataset: Dataset, resource: Resource) -> str:
        if self.cdata:
            return f"{self.cdata}/datasets/{dataset.id}?resource_id={resource.id}"
        return self.download(resource)

    def download(self, resource: Resource) -> str:
        return f"{self.api}/datasets/r/{resource.id}"

    def service(self, service: Service) -> str:
        return service.uri or self.permalink("dataservices", service.id)

    def owner(self, owner: Organization | Person) -> str:
        return self.permalink("organizations" if isinstance(owner, Organization) else "users", owner.id)

    def contact(self, contact: Contact) -> str:
        return f"{self.api}/contacts/{contact.id}/"

    def reuse(self, reuse: Reuse) -> str:
        return self.permalink("reuses", reuse.id)


def percent_encoded(iri: str) -> str:
    """Return `iri` as udata writes it in Turtle, N-Triples, N3 and TriG.

    Only IRIs with a forbidden character are touched, but those in full: `%` and accents too.

    >>> percent_encoded("https://h/é"), percent_encoded("https://h/a b%20é")
    ('https://h/é', 'https://h/a%20b%2520%C3%A9')
    """
    return quote(iri, safe=":/?#[]@!$&'()*+,;=") if _FORBIDDEN.search(iri) else iri


@lru_cache(maxsize=1 << 14)
def repaired(iri: str, base: str) -> str:
    """Return the valid IRI that a harvester should make of what the portal publishes as `iri`.

    What Turtle shows, resolved against the page it is on (RFC 3986 section 5), with square brackets
    percent-encoded, which RFC 3986 allows around IPv6 addresses only.
    """
    return urljoin(base, percent_encoded(iri)).replace("[", "%5B").replace("]", "%5D")
