"""Which network addresses may be connected to: public ones, and those like the portal's own.

A portal's pages and redirects name hosts. Without a guard they could make the harvester ask the machines of
its own network, or the metadata service of its cloud (https://cwe.mitre.org/data/definitions/918.html).
"""

import socket
from collections.abc import Callable
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Resolve = Callable[[str], list[str]]
"""Turn a host name into its numeric addresses; raises OSError when there are none."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""https://www.rfc-editor.org/rfc/rfc6052#section-2.1"""


class Reach(StrEnum):
    """Whom an address reaches."""

    PUBLIC = "public"
    PRIVATE = "private"
    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"
    MULTICAST = "multicast"
    RESERVED = "reserved"
    UNSPECIFIED = "unspecified"


class Forbidden(Exception):
    """A host that may not be connected to. Not an OSError: no library shall take it for a network failure."""

    def __init__(self, host: str, address: str, reach: Reach) -> None:
        where = f"{host} has" if host != address else "it names"
        super().__init__(f"{where} the {reach} address {address}")


def reach(address: str) -> Reach:
    """Classify a numeric address; one that carries an IPv4 address in IPv6 counts as the address it carries.

    >>> reach("93.184.216.34"), reach("::ffff:127.0.0.1")
    (<Reach.PUBLIC: 'public'>, <Reach.LOOPBACK: 'loopback'>)
    """
    ip = _carried(ip_address(address))
    if ip.is_unspecified:
        return Reach.UNSPECIFIED
    if ip.is_loopback:
        return Reach.LOOPBACK
    if ip.is_link_local:
        return Reach.LINK_LOCAL
    if ip.is_multicast:
        return Reach.MULTICAST
    if ip.is_reserved:
        return Reach.RESERVED
    if not ip.is_global or (isinstance(ip, IPv6Address) and ip.is_site_local):
        return Reach.PRIVATE
    return Reach.PUBLIC


def _carried(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def resolve(host: str) -> list[str]:
    """Ask the system for the addresses of `host`, in its order of preference."""
    return _addresses(host, 0)


def _addresses(host: str, flags: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=flags)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "not a valid host name") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard:
    """Lets through public addresses and those of the same reach as the portal's own.

    The user typed the portal's name, so what it resolves to is trusted, and with it addresses of that reach:
    a portal on loopback may lead to loopback, one in a private network to that network, neither to the other
    nor to a link-local metadata service. What the name means is fixed when first used: a public portal cannot
    turn into a private one during a run (DNS rebinding).
    """

    def __init__(self, portal_host: str, resolve: Resolve = resolve) -> None:
        self._portal_host = portal_host.strip("[]")
        self._resolve = resolve
        self._trusted: frozenset[Reach] | None = None

    def addresses(self, host: str) -> list[str]:
        """Resolve `host`; the caller connects to what is returned and never resolves again.

        Raises Forbidden when any of its addresses is not allowed, OSError when it has none.
        """
        host = host.strip("[]")
        trusted = self._portal_reach()
        found = self._resolve(host)
        for address in found:
            _check(host, address, trusted)
        return found

    def check_numeric(self, host: str) -> None:
        """Refuse `host` if it is a forbidden address itself, in any notation that systems understand.

        For requests through a proxy, which resolves names in our place.
        """
        for address in _numeric(host):
            _check(host, address, self._portal_reach())

    def _portal_reach(self) -> frozenset[Reach]:
        if self._trusted is None:
            try:
                self._trusted = frozenset(map(reach, self._resolve(self._portal_host)))
            except OSError:  # a name that means nothing now vouches for nothing, and may mean something later
                return frozenset()
        return self._trusted


def _check(host: str, address: str, trusted: frozenset[Reach]) -> None:
    found = reach(address)
    if found is not Reach.PUBLIC and found not in trusted:
        raise Forbidden(host, address, found)


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine, without asking a name server."""
    host = host.rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return any(reach(address) is Reach.LOOPBACK for address in _numeric(host))


def _numeric(host: str) -> list[str]:
    try:
        return _addresses(host.strip("[]"), socket.AI_NUMERICHOST)
    except socket.gaierror:
        return []
