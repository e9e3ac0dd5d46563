"""Replaying files that other tools made, or that something broke."""

import contextlib
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from harvester.errors import FetchError, UsageError
from harvester.portal.warc import Replayer
from tests.portal.helpers import fails, quick

TURTLE = b"<urn:s> <urn:p> 'caf\xc3\xa9' .\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.warc.gz"


def test_a_recording_of_another_tool_is_read(tmp_path: Path):
    """Requests before responses which name them, chunks as on the wire, other methods, ranges."""
    path = tmp_path / "other.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file)

        def write(kind: str, url: str, head: str, body: bytes, **headers: str) -> str:
            request = kind == "request"
            line, *rest = head.split("\n")
            pairs = [tuple(item.split(": ", 1)) for item in rest]
            protocol = "" if request else "HTTP/1.1"
            record = writer.create_warc_record(
                url,
                kind,
                payload=io.BytesIO(body),
                length=len(body),
                http_headers=StatusAndHeaders(line, pairs, protocol=protocol, is_http_request=request),
                warc_headers_dict={name.replace("_", "-"): value for name, value in headers.items()},
            )
            writer.write_record(record)
            return record.rec_headers.get_header("WARC-Record-ID")

        url = "http://portal.example/a"
        asked = write("request", url, "GET /a HTTP/1.1\nHost: portal.example\nAccept: text/turtle", b"")
        answer = "200 OK\nContent-Type: text/turtle\nTransfer-Encoding: chunked"
        write("response", url, answer, b"3\r\nabc\r\n0\r\n\r\n", WARC_Concurrent_To=asked)
        head = write("request", url, "HEAD /a HTTP/1.1\nHost: portal.example", b"")
        write("response", url, "200 OK\nContent-Length: 3", b"", WARC_Concurrent_To=head)
        write("response", "http://portal.example/b", "404 Not Found\nContent-Length: 0", b"")
        part = write("request", url, "GET /a HTTP/1.1\nRange: bytes=0-0", b"")
        write("response", url, "200 OK", b"a", WARC_Concurrent_To=part)

    with Replayer(path, quick()) as replayer:
        assert replayer.get(url, accept="text/turtle").body == b"abc"
        assert fails(replayer, "http://portal.example/b").status == 404
        with pytest.raises(UsageError, match="holds no answer"):
            replayer.get(url, accept="application/json")


def sample() -> bytes:
    """Return a small recording, not compressed."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False)
    for name in ("a", "b"):
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/turtle")], protocol="HTTP/1.1")
        body = TURTLE * 20
        record = writer.create_warc_record(
            f"http://h/{name}", "response", payload=io.BytesIO(body), length=len(body), http_headers=head
        )
        writer.write_record(record)
    return out.getvalue()


SAMPLE = sample()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x1f\x8b",
        b"<html>not a recording</html>",
        b"WARC/1.0\r\n\r\n",
        SAMPLE[:-100],
        gzip.compress(SAMPLE),
        SAMPLE.replace(b"'caf", b"'cof", 1),
        gzip.compress(SAMPLE.partition(b"\r\n\r\nWARC")[0] + b"\r\n\r\n")[:-30],
    ],
    ids=["empty", "magic", "html", "head", "truncated", "one member", "changed", "gzip truncated"],
)
def test_a_file_that_cannot_be_replayed_is_a_usage_error(path: Path, capfd, data: bytes):
    """It is noticed before the run starts, named, and nothing else is printed."""
    path.write_bytes(data)

    with pytest.raises(UsageError, match=path.name):
        Replayer(path, quick())
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_not_there_is_a_usage_error(path: Path):
    with pytest.raises(UsageError, match="No such file"):
        Replayer(path, quick())


@settings(max_examples=200)
@given(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255), st.booleans())
def test_damage_is_noticed_or_harmless(tmp_path_factory, position: int, byte: int, cut_off: bool):
    """One wrong byte, or an end too soon: a usage error, an answer as recorded, or none; never another."""
    path = tmp_path_factory.getbasetemp() / "damaged.warc"
    damaged = SAMPLE[:position] if cut_off else SAMPLE[:position] + bytes([byte]) + SAMPLE[position + 1 :]
    path.write_bytes(damaged)
    try:
        replayer = Replayer(path, quick())
    except UsageError:
        return
    with replayer:
        for url in ("http://h/a", "http://h/b"):
            with contextlib.suppress(FetchError, UsageError):
                assert replayer.get(url).body == TURTLE * 20
