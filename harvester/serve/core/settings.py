"""Settings of the server, each with its unit and default, checked when they are put together."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from harvester.config import MEBIBYTE
from harvester.errors import UsageError
from harvester.workers.limits import Limits

_OURS = (
    *("api", "catalog", "changes", "charts", "dumps", "health", "language", "metrics", "queries", "resource"),
    *("reuses", "runs", "search", "sparql", "statements", "static"),
)
"""What paths of ours begin with: as a proxy's prefix they could not be told from it."""
_PUBLIC_URL = re.compile(
    r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?((/[A-Za-z0-9_~.-]+)*)/?"
)
"""The path is one that nobody has to encode, or could encode in two ways."""


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """How to serve the catalogue in the folder `store`. Times in seconds, sizes in bytes.

    Raises UsageError for what cannot be meant.
    """

    store: Path
    host: str = "127.0.0.1"
    """The IP address to listen at."""
    port: int = 8000
    public_url: str = ""
    """Where the world finds the server: scheme, host, and the prefix that a reverse proxy gives it.

    Every absolute URL in an answer begins with it. The Host header of a request is never believed."""
    limits: Limits = field(default_factory=Limits)
    per_client: int = 16
    """Requests of one client that may be worked on or wait at once; cached answers do not count."""
    connections: int = 2048
    """Connections that may be open at once; more wait to be accepted."""
    cache: int = 64 * MEBIBYTE
    """Most memory for answers that are kept while their generation is current."""
    entry: int = MEBIBYTE
    """Longest answer that is kept, and shared between those who ask for it at the same time."""
    request: int = MEBIBYTE
    """Longest body of a request."""
    request_s: float = 15.0
    """Longest time for the head, and again for the body, of a request to arrive."""
    stall_s: float = 30.0
    """Longest time in which a client takes nothing of its answer."""
    stop_s: float = 30.0
    """How long requests under way may go on when the server is told to stop."""
    tokens: Path | None = None
    """A file of `name:token` lines; if there is one, requests must carry one of the tokens."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose X-Forwarded-For is believed."""
    metrics: bool = True
    """Whether there is /metrics."""
    access_log: str = "plain"
    """`plain`, `json` or `off`."""
    dumps: Path | None = None
    """Folder of the dumps; by default `dumps` in the catalogue's."""
    makes_dumps: bool = True
    """Those that are there are offered in any case."""
    queries: tuple[Path, ...] = ()
    """Folders with canned queries besides those that are shipped."""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        try:
            ip_address(self.host)
        except ValueError as error:
            fix = "127.0.0.1 for this machine only, 0.0.0.0 or :: for all its networks"
            raise UsageError(f"{self.host!r} is no IP address to listen at", fix=fix) from error
        _check_public_url(self.public_url)
        for proxy in self.trusted_proxies:
            try:
                ip_network(proxy)
            except ValueError as error:
                fix = "--trust-proxy 127.0.0.1, or a network such as 10.0.0.0/8"
                raise UsageError(f"{proxy!r} is no proxy that can be trusted: {error}", fix=fix) from error

    @property
    def everywhere(self) -> bool:
        """Whether the server listens at all addresses of the machine."""
        return ip_address(self.host).is_unspecified

    @property
    def base(self) -> str:
        """The public URL without a slash at its end."""
        host = "localhost" if self.everywhere else self.host
        return (self.public_url or f"http://{f'[{host}]' if ':' in host else host}:{self.port}").rstrip("/")

    @property
    def prefix(self) -> str:
        """The path of the public URL: "" or `/something`."""
        return urlsplit(self.base).path


def _check_public_url(url: str) -> None:
    """Raise UsageError if a URL cannot be the beginning of others."""
    match = _PUBLIC_URL.fullmatch(url)
    if url and (match is None or {".", ".."} & set(match[3].split("/"))):
        raise UsageError(
            f"--public-url {url!r} is not an http or https address that others can begin with",
            fix="scheme, host and, behind a proxy, a path of plain letters: https://data.example/catalogue",
        )
    first = match[3].split("/")[1] if match and match[3] else ""
    if first in _OURS:
        raise UsageError(
            f"--public-url {url!r} has the path of a page of ours, /{first}",
            fix="have the proxy use another path, such as /opendata",
        )
