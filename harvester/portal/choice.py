"""Which of the portal's formats to pull: found out by asking for a page with one dataset."""

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.errors import FetchError, PortalUnreachable, UsageError
from harvester.formats import BY_MEDIA_TYPE, BY_NAME, Format
from harvester.model import Category, Document
from harvester.portal.client import Fetcher
from harvester.portal.documents import is_html
from harvester.portal.plain import format_of
from harvester.portal.udata import PAGE_SIZE, Portal
from harvester.portal.urls import origin, redact

AUTO = tuple(BY_NAME[name] for name in ("ttl", "n3", "trig", "xml", "nt", "jsonld"))
"""Cheapest first: 73, 73, 79, 105 and 178 bytes per triple; last, of 82, the one that loses triples."""

_OVERLOADED = frozenset({429, 502, 503, 504})
"""Statuses that speak of the whole portal; 500 is how udata answers for a format that it cannot write."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A format that the portal serves: its first page at `url`, to be asked for with `accept`.

    `portal` is the portal under the host that it redirects to: the host that its IRIs and links will have.
    `reason` says why this format.
    """

    portal: Portal
    format: Format
    url: str
    accept: str
    reason: str


def choose_format(
    fetcher: Fetcher, portal: Portal, wanted: Sequence[Format] = AUTO, page_size: int = PAGE_SIZE
) -> Choice:
    """Return the first of `wanted` that the portal serves: by extension, or else by content negotiation.

    A site that is no udata may still have a plain catalogue in pages.
    Raises PortalUnreachable if no server answers, or if it serves no catalogue in any of these formats.
    """
    refused: list[str] = []
    choice = _choose(fetcher, portal, _given_first(portal, wanted), page_size, refused)
    if choice is None and not portal.pages:
        choice = _choose(fetcher, portal.plain(), wanted, page_size, [])
    if choice is None:
        raise PortalUnreachable(
            f"{redact(portal.pages) or portal.api} serves no catalogue ({'; '.join(refused)})",
            fix="check the address: give the portal's site, the root of its API, which ends in /api/1, or the"
            " URL of a catalogue in pages, such as https://data.example/catalog.ttl",
        )
    return choice


def _given_first(portal: Portal, wanted: Sequence[Format]) -> Sequence[Format]:
    """Put the format first that the address of a plain catalogue names."""
    given = format_of(portal.pages)
    return sorted(wanted, key=lambda format_: format_ is not given) if given in wanted else wanted


def _choose(
    fetcher: Fetcher, portal: Portal, wanted: Sequence[Format], page_size: int, refused: list[str]
) -> Choice | None:
    """See `choose_format`; `refused` is filled with what was asked for in vain."""
    for format_ in wanted:
        extension = format_.extensions[0]
        document, why = _probe(fetcher, portal.catalog(extension, 1), _accept([format_]), [format_])
        if document is not None:
            home = _after_redirects(portal, document)
            url = home.catalog(extension, page_size)
            return Choice(home, format_, url, _accept([format_]), _reason(format_, "by extension", refused))
        refused.append(f"{format_.name}: {why}")
    url = portal.pages or f"{portal.negotiated_catalog}?page=1&page_size={page_size}"
    document, why = _probe(fetcher, url, _accept(wanted), wanted)
    if document is None:
        refused.append(f"by negotiation: {why}")
        return None
    format_ = BY_MEDIA_TYPE.get(document.media_type, wanted[0])
    home = _after_redirects(portal, document)
    return Choice(
        home, format_, document.url, _accept([format_]), _reason(format_, "by negotiation", refused)
    )


def _probe(fetcher: Fetcher, url: str, accept: str, wanted: Sequence[Format]) -> tuple[Document | None, str]:
    """Return the document at `url` if it may be in one of the formats, else None and why not."""
    try:
        document = fetcher.get(url, accept=accept)
    except FetchError as error:
        silent = error.status is None and error.category in (Category.UNREACHABLE, Category.TOO_SLOW)
        if silent or error.status in _OVERLOADED:
            raise PortalUnreachable(error.cause, fix=error.fix) from error
        return None, f"answered {error.status}" if error.status else error.cause
    named = BY_MEDIA_TYPE.get(document.media_type)
    if is_html(document):
        return None, "an HTML page"
    if named not in wanted and (named is not None or len(wanted) > 1):
        return None, f"came as {document.media_type or 'no media type'}"
    return document, ""


def _after_redirects(portal: Portal, document: Document) -> Portal:
    """Return the portal by the host that answered, if it is another: IRIs follow the host asked."""
    if origin(document.url) == origin(portal.site):
        return portal
    try:
        return Portal.at(document.url if portal.pages else document.url.partition("?")[0])
    except UsageError:
        return portal


def _accept(formats: Sequence[Format]) -> str:
    """Return an Accept header that prefers earlier formats.

    >>> _accept(AUTO[:2])
    'text/turtle, application/x-turtle, text/n3;q=0.9'
    """
    preferences = []
    for rank, format_ in enumerate(formats):
        weight = f";q={1 - rank / 10:.1f}" if rank else ""
        preferences += [f"{media_type}{weight}" for media_type in format_.media_types]
    return ", ".join(preferences)


def _reason(format_: Format, how: str, refused: Sequence[str]) -> str:
    served = f"{format_.name} is served {how}"
    return f"{served}, not so {'; '.join(refused)}" if refused else served
