"""A catalogue in pages that is all there is of a portal: CKAN's, our own, any DCAT with Hydra paging.

Its URL is all that is known of it. An extension, if it has one, names the format, and others are found by
changing it: ckanext-dcat and we ourselves serve `/catalog.ttl`, `/catalog.xml` and so on.
"""

import re
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvester.formats import BY_NAME, Format
from harvester.portal.urls import redact

_NAMES = frozenset({"catalog", "catalogue", "dcat"})
"""Last parts of a path that name a catalogue without any extension."""
_USUAL = "/catalog"
_PAGING = frozenset({"page", "page_size"})


def is_catalogue(url: str) -> bool:
    """Tell whether a URL names a catalogue, and not a portal's site.

    >>> is_catalogue("https://data.example/export/all.rdf"), is_catalogue("https://data.example/fr")
    (True, False)
    """
    path = PurePosixPath(urlsplit(url).path)
    return format_of(url) is not None or path.name.lower() in _NAMES


def format_of(url: str) -> Format | None:
    """Return the format that the extension in a URL names, None if it has none that is known."""
    return BY_NAME.get(PurePosixPath(urlsplit(url).path).suffix[1:].lower())


def in_format(url: str, extension: str) -> str:
    """Return the URL of the same catalogue in the format of an extension; as it is if that names it already.

    >>> in_format("http://h/catalog.ttl?q=bus", "xml"), in_format("http://h/dcat", "xml")
    ('http://h/catalog.xml?q=bus', 'http://h/dcat.xml')
    """
    if format_of(url) is BY_NAME[extension]:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{_stem(url)}.{extension}"))


def name_of(url: str) -> str:
    """Tell a catalogue from others on its host: path and query, less format, paging and the usual name.

    >>> [name_of(f"http://h{path}") for path in ("/catalog.ttl?page_size=9", "/dcat/catalog?q=bus", "/a.rdf")]
    ['', '/dcat?q=bus', '/a']
    """
    query = urlencode([pair for pair in parse_qsl(urlsplit(redact(url)).query) if pair[0] not in _PAGING])
    return _stem(url).removesuffix(_USUAL) + (f"?{query}" if query else "")


def _stem(url: str) -> str:
    path = urlsplit(url).path.rstrip("/")
    return re.sub(r"\.[^./]*$", "", path) if format_of(url) else path
