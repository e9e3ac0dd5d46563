"""The guard, against the classification of the standard library (IANA registries)."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.portal.address import Forbidden, Guard, Reach, is_loopback, reach

V4 = st.ip_addresses(v=4)
V6 = st.ip_addresses(v=6)


def world(**names: str):
    """A name server: names use _ for a dot; numeric hosts are their own address."""

    def resolve(host: str) -> list[str]:
        if host.replace(".", "_") in names:
            return names[host.replace(".", "_")].split()
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            raise socket.gaierror(socket.EAI_NONAME, "unknown") from None

    return resolve


def allowed(guard: Guard, host: str) -> bool:
    try:
        guard.addresses(host)
    except Forbidden:
        return False
    return True


@given(V4)
def test_public_is_what_is_global_and_for_one_host(ip: ipaddress.IPv4Address):
    expected = ip.is_global and not (ip.is_multicast or ip.is_reserved)

    assert (reach(str(ip)) is Reach.PUBLIC) == expected


@given(V6)
def test_public_in_ipv6_is_at_most_what_is_global(ip: ipaddress.IPv6Address):
    special = ip.is_multicast or ip.is_reserved or ip.is_link_local or ip.is_site_local or not ip.is_global
    carries_another = ip.ipv4_mapped or ip.sixtofour or str(ip).startswith("64:ff9b::")

    if not carries_another:
        assert (reach(str(ip)) is Reach.PUBLIC) == (not special)


@given(V4)
def test_an_ipv4_address_in_ipv6_counts_as_itself(ip: ipaddress.IPv4Address):
    """Mapped, translated (NAT64) and tunnelled (6to4) forms cannot hide an address."""
    number = int(ip)
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | number)
    nat64 = ipaddress.IPv6Address((0x0064FF9B << 96) | number)
    six_to_four = ipaddress.IPv6Address((0x2002 << 112) | (number << 80))

    assert {reach(str(mapped)), reach(str(nat64)), reach(str(six_to_four))} == {reach(str(ip))}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", Reach.PUBLIC),
        ("2001:4860:4860::8888", Reach.PUBLIC),
        ("10.1.2.3", Reach.PRIVATE),
        ("172.16.0.1", Reach.PRIVATE),
        ("192.168.0.1", Reach.PRIVATE),
        ("100.64.0.1", Reach.PRIVATE),
        ("fd00::1", Reach.PRIVATE),
        ("fec0::1", Reach.PRIVATE),
        ("127.9.9.9", Reach.LOOPBACK),
        ("::1", Reach.LOOPBACK),
        ("169.254.169.254", Reach.LINK_LOCAL),
        ("fe80::1%eth0", Reach.LINK_LOCAL),
        ("224.0.0.1", Reach.MULTICAST),
        ("ff02::1", Reach.MULTICAST),
        ("240.0.0.1", Reach.RESERVED),
        ("255.255.255.255", Reach.RESERVED),
        ("0.0.0.0", Reach.UNSPECIFIED),
        ("::", Reach.UNSPECIFIED),
    ],
)
def test_each_reach_is_known(address: str, expected: Reach):
    """https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sister."""
    assert reach(address) is expected


@given(st.one_of(V4, V6))
def test_a_public_portal_leads_to_public_hosts_only(ip: ipaddress.IPv4Address | ipaddress.IPv6Address):
    guard = Guard("portal.example", world(portal_example="93.184.216.34"))

    assert allowed(guard, str(ip)) == (reach(str(ip)) is Reach.PUBLIC)


@pytest.mark.parametrize(
    ("portal", "reached", "refused"),
    [
        ("127.0.0.1", ["127.0.0.2", "::1", "8.8.8.8"], ["10.0.0.1", "169.254.169.254", "0.0.0.0"]),
        ("10.0.0.1", ["192.168.1.1", "fd00::1", "8.8.8.8"], ["127.0.0.1", "169.254.169.254"]),
        ("intra.example", ["10.9.9.9", "8.8.8.8"], ["127.0.0.1"]),
        ("[::1]", ["127.0.0.1", "[::1]"], ["10.0.0.1"]),
    ],
)
def test_a_portal_leads_to_hosts_like_itself(portal: str, reached: list[str], refused: list[str]):
    """What the user typed is trusted, by number or by name, and with it its own kind of network."""
    guard = Guard(portal, world(intra_example="10.0.0.5"))

    assert [host for host in reached if not allowed(guard, host)] == []
    assert [host for host in refused if allowed(guard, host)] == []


def test_all_addresses_of_a_host_count():
    guard = Guard("portal.example", world(portal_example="8.8.8.8", evil_example="8.8.4.4 10.0.0.1"))

    with pytest.raises(Forbidden, match=r"10\.0\.0\.1"):
        guard.addresses("evil.example")


def test_a_public_portal_does_not_become_private_during_a_run():
    """Its name is looked up again for each connection, but the first answer says what it may mean."""
    answers = iter([["93.184.216.34"], ["93.184.216.34"], ["10.0.0.1"]])
    guard = Guard("portal.example", lambda host: next(answers))

    assert guard.addresses("portal.example") == ["93.184.216.34"]
    with pytest.raises(Forbidden):
        guard.addresses("portal.example")


def test_a_portal_that_cannot_be_resolved_vouches_for_nothing():
    """Yet its name may mean something a moment later."""
    names = {"10.0.0.1": ["10.0.0.1"]}

    def resolve(host: str) -> list[str]:
        if host not in names:
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        return names[host]

    guard = Guard("portal.example", resolve)

    assert not allowed(guard, "10.0.0.1")
    names["portal.example"] = ["10.0.0.9"]
    assert allowed(guard, "10.0.0.1")


@pytest.mark.parametrize("host", ["10.0.0.1", "167772161", "0x0a000001", "012.0.0.1", "10.1", "[fd00::1]"])
def test_numbers_are_refused_without_a_name_server(host: str):
    """In every notation that a system understands: a proxy would understand it as well."""
    guard = Guard("portal.example", world(portal_example="8.8.8.8"))

    with pytest.raises(Forbidden):
        guard.check_numeric(host)


def test_names_are_left_to_the_proxy():
    Guard("portal.example", world()).check_numeric("portal.example")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("localhost.", True),
        ("127.0.0.1", True),
        ("127.1", True),
        ("::1", True),
        ("localhost.example", False),
        ("10.0.0.1", False),
    ],
)
def test_this_machine_is_recognised(host: str, expected: bool):
    assert is_loopback(host) == expected


def test_a_host_name_that_cannot_be_one_is_an_os_error():
    """Also where Python would raise UnicodeError: labels have at most 63 characters."""
    with pytest.raises(OSError, match="not a valid host name"):
        Guard("a" * 64 + ".example").addresses("a" * 64 + ".example")
