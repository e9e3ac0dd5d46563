"""Who asks, whether they may, and how much at once."""

import hmac
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from starlette.types import Scope

from harvester.errors import UsageError
from harvester.serve.http.headers import header
from harvester.serve.http.problem import Problem
from harvester.workers.turns import count

CLIENT, ADDRESS, USER = "harvester.client", "harvester.address", "harvester.user"
"""Where a request's scope has who asks, from where, and the name of the token if any: found out once."""
_REMEMBERED = 4096
_LONGEST = 500
"""Bytes at the end of X-Forwarded-For that are looked at: a dozen proxies."""
_SHORTEST_TOKEN = 16
_TOKEN_LINE = re.compile(r"(?P<name>[\w.@-]+)\s*:\s*(?P<token>[\x21-\x7e]+)")
"""Names go into the log, where a space or a quotation mark would end the field."""
_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](:\d+)?|(?P<v4>[\d.]+):\d+")
"""Some proxies name the client's port too."""


class Gate:
    """Knows clients by their token or their address; `tokens` are the names of their SHA-256 digests.

    Without tokens everybody may ask. `proxies` are addresses and networks whose X-Forwarded-For is believed.
    """

    def __init__(self, per_client: int, tokens: dict[bytes, str], proxies: Iterable[str]) -> None:
        self._per_client = per_client
        self._tokens = tokens
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self._nearest = lru_cache(_REMEMBERED)(self._find_nearest)
        self._active: Counter[str] = Counter()

    def address(self, scope: Scope) -> str:
        """Return where a request comes from: the nearest address that is not a trusted proxy's."""
        peer = (scope.get("client") or ("",))[0]
        if not self._proxies:
            return _plain(peer)
        forwarded = b",".join(value for key, value in scope["headers"] if key == b"x-forwarded-for")
        return self._nearest(peer, forwarded[-_LONGEST:])

    def client(self, scope: Scope) -> str:
        """Name who asks: the limits are for all that go by one name.

        Raises Problem (401) for a request without a token, if tokens are asked for.
        """
        if self._tokens:
            return self._name_of_token(scope)
        return _customer(self.address(scope))

    def enter(self, client: str) -> None:
        """Count a request in. Raises Problem (429) if the client has too many under way."""
        if self._active[client] >= self._per_client:
            raise Problem(
                429,
                f"You have {self._active[client]} requests under way already",
                "wait for their answers before you ask for more",
                retry_after_s=1,
            )
        count(self._active, client, 1)

    def leave(self, client: str) -> None:
        """Count a request out."""
        count(self._active, client, -1)

    def _name_of_token(self, scope: Scope) -> str:
        scheme, _, token = header(scope, b"authorization").partition(b" ")
        digest = sha256(token.strip()).digest()
        if scheme.lower() == b"bearer":
            for known, name in self._tokens.items():
                if hmac.compare_digest(known, digest):
                    scope[USER] = name
                    return name
        raise Problem(
            401,
            "This server answers only requests with a token that it knows",
            "send the header `Authorization: Bearer TOKEN` (never in the address); ask the server's operator "
            "for a token",
            headers={"WWW-Authenticate": 'Bearer realm="harvester"'},
        )

    def _find_nearest(self, peer: str, forwarded: bytes) -> str:
        """Go back from proxy to proxy: each wrote whom it heard behind what it was told."""
        nearest = peer
        for said in reversed(forwarded.decode("latin-1").split(",")):
            if not self._is_proxy(nearest):
                break
            hop = _plain(said)
            if not hop:
                break
            nearest = hop
        return _plain(nearest)

    def _is_proxy(self, text: str) -> bool:
        address = _parsed(text)
        return address is not None and any(address in network for network in self._proxies)


def read_tokens(path: Path) -> dict[bytes, str]:
    """Read `name:token` lines: names by the SHA-256 of their tokens. Raises UsageError, without tokens."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"The tokens in {path} cannot be read: {why}", fix="check the file") from error
    tokens = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _TOKEN_LINE.fullmatch(line.strip())
        if match is None or len(match["token"]) < _SHORTEST_TOKEN:
            raise UsageError(
                f"{path}, line {number}: not a name, a colon and a token ({_SHORTEST_TOKEN} letters or more)",
                fix="write a line such as `dashboard:` and the output of `openssl rand -hex 24`",
            )
        tokens[sha256(match["token"].encode()).digest()] = match["name"]
    if not tokens:
        raise UsageError(f"{path} holds no tokens", fix="write `name:token` lines, or leave --tokens out")
    return tokens


@lru_cache(_REMEMBERED)
def _plain(text: str) -> str:
    """Return an address in its usual spelling and without a port, "" if it is none."""
    text = text.strip()
    if match := _PORT.fullmatch(text):
        text = match["v6"] or match["v4"]
    address = _parsed(text)
    return "" if address is None else str(address)


@lru_cache(_REMEMBERED)
def _customer(text: str) -> str:
    """Return what stands for one customer: an address, or the network that one gets of IPv6."""
    address = _parsed(text)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return text


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
