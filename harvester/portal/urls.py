"""URLs as they are requested, and as they are written down."""

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests

SCHEMES = frozenset({"http", "https"})
MAX_LENGTH = 8192
"""Characters. A server need not take a longer one (RFC 9110, section 4.1)."""

Origin = tuple[str, str, int]

_USERINFO = re.compile(r"^(\s*[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*@")
_SECRET_PARAMETER = re.compile(
    r"(?i)([?&](?:[^=&#]*(?:token|secret|passw|api[-_]?key|signature)[^=&#]*|auth|key|sig)=)[^&#]*"
)


def clean(url: str) -> str:
    """Return `url` as it goes on the wire: percent-encoded, without user name, password and fragment.

    Raises ValueError with the reason, worded to follow the URL, for what may not be requested.

    >>> clean("https://me:secret@data.example/jeux de données#top")
    'https://data.example/jeux%20de%20donn%C3%A9es'
    """
    if len(url) > MAX_LENGTH:
        raise ValueError(f"is longer than {MAX_LENGTH} characters")
    try:
        scheme = urlsplit(url.lstrip()).scheme
        if scheme not in SCHEMES:
            raise ValueError("is not an http or https URL")
        prepared = requests.PreparedRequest()
        prepared.prepare_url(url, None)
        parts = urlsplit(prepared.url or "")
    except requests.RequestException as error:
        raise ValueError("is not a valid URL") from error
    if not parts.hostname:
        raise ValueError("names no host")
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))


def redact(url: str) -> str:
    """Return `url` without what must not be written down: user name, password, values of secret parameters.

    >>> redact("https://me:secret@data.example/api?page=2&access_token=abc")
    'https://data.example/api?page=2&access_token=REDACTED'
    """
    return _SECRET_PARAMETER.sub(r"\1REDACTED", _USERINFO.sub(r"\1//", url))


def origin(url: str) -> Origin:
    """Return scheme, host and port: what a password is good for (RFC 6454).

    >>> origin("https://Data.example/api") == origin("https://data.example:443/")
    True
    """
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def redirect_target(here: str, location: str) -> str:
    """Return where a redirect from `here` leads, ready to be requested.

    An answer that began on https does not go on in the clear: portals behind a proxy that ends TLS often
    redirect to http on their own host, and there https is kept; to another host it is refused.
    Raises ValueError with the reason, worded to follow the target.

    >>> redirect_target("https://data.example/site/catalog", "catalog.ttl?page=1")
    'https://data.example/site/catalog.ttl?page=1'
    >>> redirect_target("https://data.example/reuses", "http://data.example/reuses/")
    'https://data.example/reuses/'
    """
    target = clean(urljoin(here, location))
    before, after = urlsplit(here), urlsplit(target)
    if (before.scheme, after.scheme) != ("https", "http"):
        return target
    if before.hostname != after.hostname or after.port not in {None, 80}:
        raise ValueError("leaves https for http")
    return urlunsplit(("https", after.hostname or "", after.path, after.query, ""))
