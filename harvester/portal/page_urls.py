"""URLs of pages: numbered, compared, and followed only within the portal."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from harvester.portal.urls import origin, redirect_target

_PAGE = re.compile(r"(?<=[?&])page=(\d{1,9})(?=&|$)")
_SIZE = re.compile(r"(?<=[?&])page_size=(\d{1,6})(?=&|$)")


def follow(here: str, link: str) -> str:
    """Return where a paging link on the page `here` leads, ready to be requested.

    Only within the portal: a page elsewhere is not this portal's word, and could be any address. http and
    https of one host are one portal (proxies that end TLS confuse them), and https is kept.
    Raises ValueError with the reason, worded to follow the link.
    """
    target = redirect_target(here, link)
    (_, host, port), (_, other, other_port) = origin(here), origin(target)
    if host != other or (port != other_port and {port, other_port} != {80, 443}):
        raise ValueError("leaves the portal, and was not followed")
    return target


def same_page(one: str, other: str) -> bool:
    """Tell whether two URLs are spellings of one.

    >>> same_page("http://H.example:80/c%C3%A9?a=1&b=2", "http://h.example/cé?b=2&a=1#top")
    True
    """
    return spelling(one) == spelling(other)


def spelling(url: str) -> str:
    """Return one spelling for all URLs that differ in ports, escapes or order of parameters only."""
    scheme, host, port = origin(url)
    parts = urlsplit(url)
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{scheme}://{host}:{port}{quote(unquote(parts.path) or '/')}?{query}"


def page_of(url: str) -> int:
    """Return the number in the parameter `page`; a URL without is the first page.

    >>> page_of("http://h/c.ttl?page_size=9&page=12"), page_of("http://h/c.ttl")
    (12, 1)
    """
    match = _PAGE.search(url)
    return int(match[1]) if match else 1


def page_size_of(url: str, default: int = 20) -> int:
    """Return the number in the parameter `page_size`; udata's own default for lists is 20.

    >>> page_size_of("http://h/reuses/?page=2&page_size=9"), page_size_of("http://h/reuses/")
    (9, 20)
    """
    match = _SIZE.search(url)
    return max(1, int(match[1])) if match else default


def with_page(url: str, number: int) -> str:
    """Return the URL of another page of the same listing.

    >>> with_page("http://h/c.ttl?page=2&page_size=9", 3), with_page("http://h/c.ttl", 2)
    ('http://h/c.ttl?page=3&page_size=9', 'http://h/c.ttl?page=2')
    """
    if _PAGE.search(url):
        return _PAGE.sub(f"page={number}", url, count=1)
    return f"{url}{'&' if urlsplit(url).query else '?'}page={number}"


def stretch(url: str, number: int, size: int) -> str | None:
    """Return the URL of a page of another size of the same listing, None where the URL names no size.

    >>> stretch("http://h/c.ttl?page=1&page_size=100", 7, 10)
    'http://h/c.ttl?page=7&page_size=10'
    """
    if not _SIZE.search(url):
        return None
    return with_page(_SIZE.sub(f"page_size={size}", url, count=1), number)


def finer(url: str) -> tuple[str, ...]:
    """Return the same stretch of a listing in smaller pages, to find the item that spoils it.

    >>> finer("http://h/l/?page=2&page_size=20")[0], len(finer("http://h/l/?page=2&page_size=20"))
    ('http://h/l/?page=11&page_size=2', 10)
    >>> finer("http://h/l/?page=40&page_size=1")
    ()
    """
    size = page_size_of(url, default=1)
    parts = 10 if size % 10 == 0 else size
    if size < 2 or parts > 10:
        return ()
    start = (page_of(url) - 1) * parts
    pages = (stretch(url, start + number, size // parts) for number in range(1, parts + 1))
    return tuple(page for page in pages if page)
