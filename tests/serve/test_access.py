"""The access log: whole lines, nobody else's words, and never in the way."""

import json
import os
import re
import shlex
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.serve.operate.access import AccessLog, as_json, plain

COMBINED = re.compile(
    r'(?P<host>\S+) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<request>[^"]*)" '
    r'(?P<status>\d{3}) (?P<bytes>\d+) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)" (?P<seconds>\d+\.\d{3})'
)
"""https://httpd.apache.org/docs/current/logs.html#combined, and the seconds."""
BYTES = st.binary(max_size=200)


def scope(path: bytes = b"/sparql", query: bytes = b"", **more: object) -> dict:
    return {
        "method": "GET",
        "http_version": "1.1",
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": [],
        "harvester.address": "1.2.3.4",
        **more,
    }


def test_a_plain_line_says_who_asked_what_and_what_came_of_it():
    """As programs that read logs of web servers expect it."""
    headers = [(b"referer", b"https://a.example/"), (b"user-agent", b"curl/8")]

    line = plain(scope(query=b"query=ASK%7B%7D", headers=headers), 200, 26, 0.01234)

    found = COMBINED.fullmatch(line)
    assert found["host"] == "1.2.3.4"
    assert found["user"] == "-"
    assert found["request"] == "GET /sparql?query=ASK%7B%7D HTTP/1.1"
    assert (found["status"], found["bytes"], found["seconds"]) == ("200", "26", "0.012")
    assert (found["referer"], found["agent"]) == ("https://a.example/", "curl/8")
    time.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z")


def test_a_json_line_says_the_same():
    """One object, with numbers as numbers."""
    known = scope(**{"harvester.user": "dashboard"})

    entry = json.loads(as_json(known, 429, 300, 0.5))

    assert entry["user"] == "dashboard"
    assert (entry["address"], entry["method"], entry["target"]) == ("1.2.3.4", "GET", "/sparql")
    assert (entry["status"], entry["bytes"], entry["seconds"]) == (429, 300, 0.5)


@given(BYTES, BYTES, BYTES, BYTES)
def test_nobody_writes_lines_of_his_own(path, query, referer, agent):
    """Whatever bytes a request has, a plain line keeps its fields and its one line, in printable ASCII."""
    line = plain(scope(path, query, headers=[(b"referer", referer), (b"user-agent", agent)]), 200, 1, 0.1)

    assert re.fullmatch(r"[ -~]+", line)
    assert COMBINED.fullmatch(line)


@given(BYTES, BYTES, BYTES)
def test_a_json_line_stays_one(path, query, agent):
    """Whatever bytes a request has; they can be read back."""
    line = as_json(scope(path, query, headers=[(b"user-agent", agent)]), 200, 1, 0.1)

    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["agent"] == agent.decode("latin-1")


@pytest.mark.parametrize("line", [plain, as_json])
def test_no_token_is_logged(line):
    """Not that of the header, nor one that somebody puts into the address in vain."""
    query = b"query=ASK&access_token=secret1&Token=secret2"
    request = scope(query=query, headers=[(b"authorization", b"Bearer secret3")])

    logged = line(request, 401, 300, 0.1)

    assert "secret" not in logged
    assert "query=ASK&access_token=REDACTED&Token=REDACTED" in logged


@pytest.mark.parametrize("line", [plain, as_json])
def test_a_line_has_an_end(line):
    """Requests may be long, and so may be what clients call themselves."""
    huge = [(b"user-agent", b"a" * 60_000), (b"referer", b"\x00" * 60_000)]

    assert len(line(scope(query=b"q" * 60_000, headers=huge), 200, 1, 0.1)) < 20_000


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_lines_arrive_in_their_order_and_the_last_ones_too(tmp_path):
    """Closing the log writes what was gathered."""
    with (tmp_path / "log").open("wb", buffering=0) as out:
        log = AccessLog(plain, out)
        for number in range(2_500):
            log.write(scope(b"/%d" % number), 200, 1, 0.1)
        log.close()

    assert [shlex.split(line)[5].split()[1] for line in lines_of(tmp_path / "log")] == [
        f"/{number}" for number in range(2_500)
    ]


def test_who_does_not_read_the_log_holds_nothing_up(caplog):
    """A pipe that is full: writing goes on at once, the oldest lines are lost, and that is said."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb", 0) as out:
        log = AccessLog(plain, out)
        log.write(scope(), 200, 1, 0.1)
        slowest = 0.0
        for number in range(30_000):
            begun = time.perf_counter()
            log.write(scope(b"/%d" % number), 200, 1, 0.1)
            slowest = max(slowest, time.perf_counter() - begun)
        assert slowest < 10

        last = b"/29999 "
        seen = b""
        while last not in seen:
            seen = seen[-100:] + os.read(reader.fileno(), 1 << 16)
        log.close()

    assert re.search(r"\d+ lines of the access log are lost", caplog.text)


def test_a_reader_that_is_gone_is_no_fault(caplog):
    """`harvester serve | head`: the log ends, the server does not."""
    read, write = os.pipe()
    with os.fdopen(write, "wb", 0) as out:
        os.close(read)
        log = AccessLog(plain, out)
        for _ in range(3):
            log.write(scope(), 200, 1, 0.1)
            log.close()

    assert caplog.text.count("no access log any more") == 1
