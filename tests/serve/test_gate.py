"""The gate: who asks, by whom it came, and how much at once."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.serve.core.gate import Gate, read_tokens
from harvester.serve.http.problem import Problem

TOKEN = "0123456789abcdef0123"


def scope(peer: str, *forwarded: str, **headers: str) -> dict:
    """A request from `peer`, as ASGI has it, with lines of X-Forwarded-For."""
    pairs = [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded]
    pairs += [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": (peer, 50000), "headers": pairs}


def gate(*proxies: str, per_client: int = 2) -> Gate:
    return Gate(per_client, {}, proxies)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("9.9.9.9", ["1.2.3.4"], "9.9.9.9"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("127.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ("127.0.0.1", ["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
        ("127.0.0.1", ["6.6.6.6", "1.2.3.4,10.3.3.3"], "1.2.3.4"),
        ("127.0.0.1", ["10.3.3.4, 10.3.3.3"], "10.3.3.4"),
        ("127.0.0.1", ["1.2.3.4:5678"], "1.2.3.4"),
        ("127.0.0.1", ["[2001:db8::7]:5678"], "2001:db8::7"),
        ("127.0.0.1", ["1.2.3.4, unknown"], "127.0.0.1"),
        ("::ffff:127.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("::ffff:9.9.9.9", ["1.2.3.4"], "9.9.9.9"),
    ],
)
def test_only_trusted_proxies_are_believed(peer, forwarded, address):
    """What a client wrote itself stands before what the proxies added, in one line or in several."""
    assert gate("127.0.0.1", "10.0.0.0/8").address(scope(peer, *forwarded)) == address


@given(st.lists(st.text(st.characters(codec="latin-1", exclude_characters="\r\n"))))
def test_nobody_speaks_for_another(said):
    """Whatever a client sends, a proxy that appends its address is believed about that."""
    assert gate("127.0.0.1").address(scope("127.0.0.1", *said, "1.2.3.4")) == "1.2.3.4"


@given(st.text(st.characters(codec="latin-1")))
def test_an_address_is_an_address(said):
    """Whatever a trusted proxy says: nothing else gets into the log, and the peer is known at least."""
    ip_address(gate("127.0.0.1").address(scope("127.0.0.1", said)))


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_a_network_of_ipv6_is_one_client(address, other):
    """A customer has at least 2^64 addresses: https://www.rfc-editor.org/rfc/rfc6177#section-2."""
    neighbour = ip_network((address, 64), strict=False)[other]
    if address.ipv4_mapped or neighbour.ipv4_mapped:
        return

    assert gate().client(scope(str(address))) == gate().client(scope(str(neighbour)))


def test_clients_are_told_apart():
    """Neighbours of IPv4, and networks of IPv6, are others."""
    names = {gate().client(scope(peer)) for peer in ("1.2.3.4", "1.2.3.5", "2001:db8::1", "2001:db8:0:1::1")}

    assert len(names) == 4


def test_each_client_may_have_so_many_requests_under_way():
    """The next is refused, with 429 and when to ask again; others are not concerned; done is done."""
    door = gate(per_client=2)
    door.enter("a")
    door.enter("a")

    with pytest.raises(Problem) as refused:
        door.enter("a")
    door.enter("b")
    door.leave("a")
    door.enter("a")

    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "1")


def tokens(tmp_path: Path, text: str) -> dict[bytes, str]:
    (tmp_path / "tokens").write_text(text, encoding="utf-8")
    return read_tokens(tmp_path / "tokens")


def test_a_token_names_its_client(tmp_path):
    """By the header of RFC 6750; the scheme's case does not matter; the log may have the name."""
    door = Gate(2, tokens(tmp_path, f"# ours\n\ndashboard: {TOKEN}\nother:{TOKEN}x\n"), ())
    request = scope("9.9.9.9", authorization=f"bearer {TOKEN}")

    assert door.client(request) == "dashboard"
    assert request["harvester.user"] == "dashboard"


@pytest.mark.parametrize(
    "authorization", [None, f"Bearer {TOKEN}y", "Bearer", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN[:-1]}"]
)
def test_who_has_no_token_is_told_how_to_send_one(tmp_path, authorization):
    """401, with the challenge that the standard asks for; the token is not repeated."""
    door = Gate(2, tokens(tmp_path, f"dashboard:{TOKEN}"), ())
    headers = {"authorization": authorization} if authorization else {}

    with pytest.raises(Problem) as refused:
        door.client(scope("9.9.9.9", **headers))

    assert refused.value.status == 401
    assert refused.value.headers["WWW-Authenticate"].startswith("Bearer ")
    assert TOKEN not in refused.value.cause + refused.value.fix


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", None),
        ("# nothing\n", None),
        (f"{TOKEN}\n", 1),
        ("a:short\n", 1),
        (f"a:{TOKEN}\nb c:{TOKEN}\n", 2),
        (f'a"b:{TOKEN}\n', 1),
        (f"a:{TOKEN} {TOKEN}\n", 1),
    ],
)
def test_a_file_of_tokens_that_is_wrong_is_refused(tmp_path, text, line):
    """With the line, what it should be, and nothing of the tokens."""
    with pytest.raises(UsageError) as refused:
        tokens(tmp_path, text)

    assert TOKEN not in str(refused.value)
    assert (f"line {line}:" in str(refused.value)) == (line is not None)


def test_a_file_of_tokens_that_cannot_be_read_is_refused(tmp_path):
    """One that is not there, and one that is no text."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    for path in (tmp_path / "nothing", tmp_path / "binary"):
        with pytest.raises(UsageError, match="cannot be read"):
            read_tokens(path)
