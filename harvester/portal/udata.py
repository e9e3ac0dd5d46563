"""What a udata portal offers, and where: its URLs and its small JSON documents.

Measured on udata 17.18; older and newer portals may lack any of it, and nothing here relies on more than that
what comes is JSON. A portal of other software is a catalogue in pages and no more (see `plain`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import quote, urlsplit

from harvester.errors import FetchError, ItemError, UsageError
from harvester.formats import Format
from harvester.model import Document, Problem
from harvester.portal.client import Fetcher
from harvester.portal.documents import MAX_BYTES, JsonObject, read_json, read_list, read_object
from harvester.portal.listing import json_pages
from harvester.portal.plain import in_format, is_catalogue, name_of
from harvester.portal.urls import clean, origin

PAGE_SIZE = 100
"""Datasets on a catalogue page: udata's own default, 0.3 to 1.9 MB. Larger pages run into front timeouts."""
LIST_SIZE = 500
"""Items on a page of a JSON list: 1.6 MB of reuses (3 kB each) with the mask, 16 MB where it is ignored."""

LIGHT_SIZE = 1000
"""Items on a page of a light listing, ids and dates only: 150 to 300 kB."""

Listed = Literal["datasets", "reuses"]
CodeList = Literal["types", "topics", "badges"]

_API = "/api/1"
_CODES, _LABELS = ("id", "value"), ("label", "title", "name")
_LANGUAGE = re.compile(r"/[a-z]{2}(-[A-Za-z]{2})?")


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal, by its `site` and the root of its `api`, both without a final slash.

    `key` is the host and, if it is not the usual one, the port: the portal's name in the catalogue.
    Where there is no udata, but a catalogue in pages, `pages` is its URL, `api` is "", and `key` goes on with
    what tells it from others on its host.
    """

    site: str
    api: str
    key: str
    pages: str = ""

    @classmethod
    def at(cls, address: str) -> Self:
        """Return the portal at a site or API URL, or at a catalogue's; https if it says nothing else.

        >>> Portal.at("www.data.gouv.fr/fr/").api
        'https://www.data.gouv.fr/api/1'
        >>> Portal.at("http://127.0.0.1:7000/api/1/site/catalog").key
        '127.0.0.1:7000'
        >>> Portal.at("https://ckan.example/data/catalog.ttl").key
        'ckan.example/data'
        """
        url = _checked(address.strip())
        scheme, host, port = origin(url)
        usual = port == (443 if scheme == "https" else 80)
        host = f"[{host}]" if ":" in host else host
        key = host if usual else f"{host}:{port}"
        path, query = urlsplit(url).path, urlsplit(url).query
        before, mark, after = path.partition(_API)
        if mark and after[:1] in ("", "/"):
            prefix = before
        elif is_catalogue(url):
            return cls(f"{scheme}://{key}", "", key + name_of(url), url)
        elif path.rstrip("/") == "" or _LANGUAGE.fullmatch(path.rstrip("/")):
            prefix = ""
        else:
            raise _unusable(
                f"{url} is a page of a portal, or the portal is not at the root of its host",
                f"give the site, {scheme}://{key}, the API's root, such as {scheme}://{key}/…{_API}, or a"
                f" catalogue in pages, such as {scheme}://{key}/…/catalog.ttl",
            )
        if query:
            raise _unusable(f"the portal's address {address[:200]!r} holds a query", _EXAMPLE)
        site = f"{scheme}://{key}{prefix}"
        return cls(site, site + _API, key)

    def plain(self) -> Self:
        """Return the catalogue in pages of a site that is no udata, where CKAN has it, and we ourselves."""
        return type(self)(self.site, "", self.key, f"{self.site}/catalog")

    def catalog(self, extension: str, page_size: int = PAGE_SIZE) -> str:
        """Return the URL of the catalogue's first page. How large that is, only a udata lets us choose."""
        if self.pages:
            return in_format(self.pages, extension)
        return f"{self.api}/site/catalog.{extension}?page=1&page_size={page_size}"

    @property
    def negotiated_catalog(self) -> str:
        """The catalogue's URL for content negotiation."""
        return self.pages or f"{self.api}/site/catalog"

    @property
    def context(self) -> str:
        """The JSON-LD context that pages may name by URL."""
        return f"{self.api}/site/context.jsonld"

    def dataset_rdf(self, dataset_id: str, format_: Format) -> str:
        """Return the URL of one dataset's own document: 410 if deleted, 404 if private, 200 if archived."""
        return f"{self.api}/datasets/{quote(dataset_id, safe='')}/rdf.{format_.extensions[0]}"

    def dataset(self, dataset_id: str) -> str:
        """Return the URL of what the portal's JSON says of one dataset."""
        return f"{self.api}/datasets/{quote(dataset_id, safe='')}/"

    def reuse(self, reuse_id: str) -> str:
        """Return the URL of one reuse's own document: 410 if deleted, 404 if private."""
        return f"{self.api}/reuses/{quote(reuse_id, safe='')}/"

    def service_rdf(self, service_id: str, format_: Format) -> str:
        """Return the URL of one data service's own document."""
        return f"{self.api}/dataservices/{quote(service_id, safe='')}/rdf.{format_.extensions[0]}"

    def listing(self, kind: Listed, page_size: int = LIST_SIZE) -> str:
        """Return the URL of the first page of a JSON list."""
        return f"{self.api}/{kind}/?page=1&page_size={page_size}"

    def surface(self, path: str, page_size: int) -> str:
        """Return the URL of the first page of the list at `path` below the API, its version included."""
        root = self.api.removesuffix(_API) + "/api"
        return f"{root}/{path}?page=1&page_size={page_size}"

    def code_list(self, path: str) -> str:
        """Return the URL of the code list at `path` below the API's root."""
        return f"{self.api}/{path}"

    def codes(self, name: CodeList, language: str | None = None) -> str:
        """Return the URL of a code list of reuses; the portal knows languages by `lang`, not by header."""
        query = f"?lang={quote(language, safe='')}" if language else ""
        return f"{self.api}/reuses/{name}/{query}"

    @property
    def about(self) -> str:
        """The portal's description of itself."""
        return f"{self.api}/site/"

    def home(self, kind: Listed) -> str:
        """Return the URL of what the home page shows; gone from udata since 10.9 (404)."""
        return f"{self.api}/site/home/{kind}/"


@dataclass(frozen=True, slots=True)
class About:
    """What a portal says of itself, "" where it says nothing. Its metrics are not to be trusted."""

    title: str
    version: str


def read_about(document: Document) -> About:
    """Read the answer of `Portal.about`."""
    content = read_object(document)
    title, version = content.get("title"), content.get("version")
    return About(title if isinstance(title, str) else "", version if isinstance(version, str) else "")


def read_codes(document: Document) -> dict[str, str]:
    """Read the answer of `Portal.codes`: code -> label.

    A list of {id, label}, or an object (code -> label), which is how udata shows badges. In some lists the
    code is called `value`, the label `title` or `name`.
    """
    content = read_json(document)
    if isinstance(content, dict):
        pairs = [*content.items()]
    else:
        entries = [entry for entry in read_list(document) if isinstance(entry, dict)]
        pairs = [(_first(entry, _CODES), _first(entry, _LABELS)) for entry in entries]
    return {code: label for code, label in pairs if isinstance(code, str) and isinstance(label, str)}


def read_addresses(document: Document) -> dict[str, str]:
    """Read from a code list the addresses that some of its codes have: code -> URL."""
    content = read_json(document)
    entries = [entry for entry in content if isinstance(entry, dict)] if isinstance(content, list) else []
    pairs = [(_first(entry, _CODES), entry.get("url")) for entry in entries]
    return {code: url for code, url in pairs if isinstance(code, str) and isinstance(url, str)}


def _first(entry: JsonObject, keys: tuple[str, ...]) -> object:
    return next((entry[key] for key in keys if entry.get(key) is not None), None)


def featured(fetcher: Fetcher, portal: Portal, kind: Listed) -> Iterator[str | Problem]:
    """Yield the ids of what the portal shows on its home page, or else of what it marks as featured."""
    try:
        document = fetcher.get(
            portal.home(kind), accept="application/json", headers={"X-Fields": "id"}, max_body=MAX_BYTES
        )
        shown = read_list(document)
    except ItemError as error:
        if not (isinstance(error, FetchError) and error.status == 404):
            yield error.problem(f"the {kind} of the home page were left out")
            return
    else:
        yield from _ids(entry for entry in shown if isinstance(entry, dict))
        return
    url = f"{portal.listing(kind, PAGE_SIZE)}&featured=true"
    for page in json_pages(fetcher, url, "id,featured"):
        if isinstance(page, Problem):
            yield page
            continue
        yield from _ids(entry for entry in page.items if entry.get("featured") is True)
        if any(entry.get("featured") is not True for entry in page.items):
            return  # the portal does not know the filter: its whole listing would follow


def _ids(entries: Iterator[JsonObject]) -> Iterator[str]:
    return (entry["id"] for entry in entries if isinstance(entry.get("id"), str))


def _checked(address: str) -> str:
    """Return `address` as a clean URL; refuse what cannot name a portal."""
    if "@" in address:  # not repeated in the message: it may hold a password
        raise _unusable("the portal's address holds a user name or password", "give it without")
    url = address if "://" in address else f"https://{address}"
    try:
        cleaned = clean(url)
        fragment = urlsplit(url).fragment
    except ValueError as error:
        raise _unusable(f"the portal's address {address[:200]!r} {error}", _EXAMPLE) from error
    if fragment:
        raise _unusable(f"the portal's address {address[:200]!r} holds a fragment", _EXAMPLE)
    return cleaned


_EXAMPLE = "give the site, such as https://www.data.gouv.fr, or the root of its API, which ends in /api/1"


def _unusable(cause: str, fix: str) -> UsageError:
    return UsageError(cause, fix=fix)
