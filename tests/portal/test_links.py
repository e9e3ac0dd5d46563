"""Links are checked as a polite guest would, and nothing that a server does can stop or mislead the run."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.portal.exchange import Answer
from harvester.portal.links import Link, LinkChecker, LinkSettings, Report, host_of
from harvester.portal.steps import MOST_WAITING, Lanes, Step, after
from harvester.store.links import LinkCache
from tests.portal.helpers import Time
from tests.portal.loopback import (
    Behaviour,
    Handler,
    Loopback,
    cut,
    drip,
    raw,
    redirect,
    reply,
    silence,
)

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
INSIDE = {"inside.test": ["10.0.0.1"], "10.0.0.1": ["10.0.0.1"], "169.254.169.254": ["169.254.169.254"]}
PARTIAL = reply(b"x", 206, Content_Range="bytes 0-0/9")


def resolve(host: str) -> list[str]:
    """A name server: all names are this machine, but for some inside of the network."""
    return INSIDE.get(host, ["127.0.0.1"])


class Asked(Handler):
    """Answers HEAD as well: its behaviours are scripted for "HEAD /path", else it is good."""

    def do_HEAD(self) -> None:  # noqa: N802  # so it is called
        self.path = f"HEAD {self.path}"
        self.do_GET()


class Web(Loopback):
    """Many hosts, one machine: which was asked is in the header Host."""

    def __init__(self) -> None:
        super().__init__()
        self._server.RequestHandlerClass = Asked

    def link(self, path: str, host: str = "a.test") -> str:
        return f"http://{host}:{self.port}{path}"

    def behaviour(self, path: str) -> Behaviour:
        return reply() if path.startswith("HEAD") and path not in self._scripts else super().behaviour(path)

    @property
    def asked(self) -> list[str]:
        return [seen.path for seen in self.seen]


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        yield server


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[LinkCache]:
    with LinkCache(tmp_path) as links:
        yield links


def settings(**changes: float | str) -> LinkSettings:
    return LinkSettings(**{"rate": 0.0, "timeout": 30.0, "max_wait": 0.0, "threads": 4, **changes})


def checker(world: dict[str, object] | None = None, **changes: float | str) -> LinkChecker:
    """A quick one, whose portal is on this machine, so that it may ask this machine."""
    return LinkChecker(
        settings(**changes),
        "http://portal.test",
        **{"resolve": resolve, "now": lambda: MONDAY, **(world or {})},
    )


def check(cache: LinkCache, *urls: str, **changes: float | str) -> Report:
    return checker(**changes).check(urls, cache)


def outcome(cache: LinkCache, url: str, **changes: float | str) -> tuple[int, str]:
    """Check one link; return its status and why."""
    check(cache, url, **changes)
    link = cache.status([url])[url]
    return link.status, link.why


def test_a_link_that_answers_head_is_asked_nothing_else(web: Web, cache: LinkCache):
    """One request, by name, and the result is kept with the time."""
    url = web.link("/a.csv?x=1")

    report = check(cache, url, contact="me@example.org")

    assert report == Report(
        links=1,
        skipped=0,
        fresh=0,
        checked=1,
        answered=1,
        postponed=0,
        requests=1,
        hosts_left=0,
        ended="",
    )
    assert cache.status([url]) == {url: Link(url, 200, "", MONDAY)}
    assert web.asked == ["HEAD /a.csv?x=1"]
    assert "mailto:me@example.org" in web.seen[0].headers["user-agent"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501])
def test_where_head_is_refused_the_first_byte_is_asked_for(web: Web, cache: LinkCache, status: int):
    """A 206 means that the whole would come with 200."""
    web.on("HEAD /a", reply(status=status))
    web.on("/a", PARTIAL)

    assert outcome(cache, web.link("/a")) == (200, "")
    assert web.asked == ["HEAD /a", "/a"]
    assert web.seen[1].headers["range"] == "bytes=0-0"
    assert "range" not in web.seen[0].headers


@pytest.mark.parametrize(
    "behaviour", [raw(b""), cut(b"", 9, reset=True), raw(b"SSH-2.0-x\r\n"), raw(b"\0" * 99)]
)
def test_a_connection_that_ends_at_head_is_no_verdict(web: Web, cache: LinkCache, behaviour: Behaviour):
    """Some servers close on HEAD, or answer nonsense."""
    web.on("HEAD /a", behaviour)
    web.on("/a", PARTIAL)

    assert outcome(cache, web.link("/a")) == (200, "")


def test_an_empty_file_answers(web: Web, cache: LinkCache):
    """It has no first byte (416), yet it is there."""
    web.on("HEAD /a", reply(status=405))
    web.on("/a", reply(status=416), reply())

    assert outcome(cache, web.link("/a")) == (200, "")
    assert "range" not in web.seen[2].headers


@pytest.mark.parametrize(("status", "requests"), [(401, 1), (410, 1), (404, 2), (502, 1)])
def test_a_link_that_is_broken_has_its_status(web: Web, cache: LinkCache, status: int, requests: int):
    """HEAD is believed where GET would say the same."""
    web.on("HEAD /a", reply(status=status))
    web.on("/a", reply(b"no", status))

    found, why = outcome(cache, web.link("/a"))

    assert found == status
    assert why.startswith(str(status))
    assert len(web.seen) == requests


def test_of_a_body_nothing_is_waited_for(web: Web, cache: LinkCache):
    """A server that ignores Range and never ends is hung up on."""
    hung_up = threading.Event()

    def endless(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while not handler.stopping.is_set():
                handler.wfile.write(b"x" * 65536)
        except OSError:
            hung_up.set()

    web.on("HEAD /a", reply(status=405))
    web.on("/a", endless)

    assert outcome(cache, web.link("/a")) == (200, "")
    assert hung_up.wait(5)


@pytest.mark.parametrize(
    "behaviour",
    [silence, drip(b"HTTP/1.1 200 OK\r\nX: ", b"y", 0.02), drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"", 1)],
)
def test_a_server_that_hangs_is_given_up(web: Web, cache: LinkCache, behaviour: Behaviour):
    """However lively it looks."""
    web.on("HEAD /a", behaviour)

    status, why = outcome(cache, web.link("/a"), timeout=0.2)

    assert status == 0
    assert "0.2 s" in why


def test_who_takes_no_connection_is_asked_once(cache: LinkCache):
    """GET would not be answered either."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    report = check(cache, url := f"http://a.test:{port}/?token=abc&{'x' * 300}")

    assert report.requests == 1
    assert cache.status([url])[url].status == 0
    assert "refused" in cache.status([url])[url].why
    assert "abc" not in cache.status([url])[url].why


def test_redirects_are_followed(web: Web, cache: LinkCache):
    """Among hosts too; the end decides, and each hop is asked gently."""
    web.on("HEAD /a", redirect(web.link("/b", "b.test"), 301))
    web.on("HEAD /b", redirect("c", 307))
    web.on("HEAD /c", reply(status=403))
    web.on("/c", reply(b"gone", 410))

    assert outcome(cache, web.link("/a"))[0] == 410
    assert web.asked == ["HEAD /a", "HEAD /b", "HEAD /c", "/c"]
    assert web.seen[1].headers["host"] == f"b.test:{web.port}"


def test_a_redirect_loop_is_no_answer(web: Web, cache: LinkCache):
    web.on("HEAD /a", redirect("/b"))
    web.on("HEAD /b", redirect("/a#again"))

    status, why = outcome(cache, web.link("/a"))

    assert status == 0
    assert "loop" in why
    assert len(web.seen) == 2


@pytest.mark.parametrize(("most", "status"), [(3, 200), (2, 0)])
def test_redirects_are_bounded(web: Web, cache: LinkCache, most: int, status: int):
    for number in range(3):
        web.on(f"HEAD /{number}", redirect(f"/{number + 1}"))

    assert outcome(cache, web.link("/0"), max_redirects=most)[0] == status


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "http://inside.test/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "ftp://a.test/",
        "http://[::1",
        "http://",
        "http://a.test:99999/",
        "/" + "a" * 10_000,
    ],
)
def test_a_redirect_to_where_nobody_should_go_is_no_answer(web: Web, cache: LinkCache, location: str):
    """Nothing is sent there, and the run goes on."""
    web.on("HEAD /a", redirect(location))

    status, why = outcome(cache, web.link("/a"), timeout=0.5)

    assert status == 0
    assert 0 < len(why) <= 200
    assert len(web.seen) == 1
    assert outcome(cache, web.link("/b")) == (200, "")


@pytest.mark.parametrize("url", ["http://inside.test/a", "http://10.0.0.1/", "http://169.254.169.254/"])
def test_an_inside_address_is_not_connected_to(cache: LinkCache, url: str, monkeypatch: pytest.MonkeyPatch):
    """A publisher's link must not reach what only we can reach."""
    monkeypatch.setattr(socket.socket, "connect", lambda *args: pytest.fail("connected"))

    status, why = outcome(cache, url)

    assert status == 0
    assert "address" in why


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.test/x",
        "mailto:a@a.test",
        "urn:x",
        "/relative",
        "",
        "http://",
        "http://[::1",
        "http://me:secret@a.test/",
        "http://me@a.test/",
        "http://a.test/" + "a" * 9000,
        "http://a.test/\ud800",
        "http://a.test/\r\nHost: b",
    ],
)
def test_what_is_no_plain_web_link_is_not_checked(cache: LinkCache, url: str):
    """It is counted, and not kept."""
    report = check(cache, url)

    assert (report.links, report.skipped, report.requests) == (0, 1, 0)
    assert cache.status([url]) == {}


@given(st.text())
def test_any_text_is_a_link_or_none(text: str):
    """Whatever is written where a URL should be."""
    assert isinstance(host_of(text) + host_of(f"http://{text}"), str)


def test_a_link_that_a_thousand_distributions_share_is_asked_once(web: Web, cache: LinkCache):
    """Fragments do not make another link; each spelling finds its result."""
    url = web.link("/a")
    urls = [f"{url}#{number}" for number in range(1000)]

    assert check(cache, *urls).links == 1
    assert len(web.seen) == 1
    assert {link.status for link in cache.status(urls).values()} == {200}
    assert len(cache.status(urls)) == 1000


def test_a_busy_host_has_the_rest_that_it_asks_for(web: Web, cache: LinkCache):
    """Then the link is asked again: 429 says nothing of it."""
    time = Time()
    began = time.now
    web.on("HEAD /a", reply(status=429, Retry_After="7"), reply())

    patient = checker({"clock": time.clock, "sleep": time.sleep}, max_wait=120.0)
    report = patient.check([web.link("/a"), web.link("/b")], cache)

    assert time.now - began >= 7
    assert sorted(web.asked) == ["HEAD /a", "HEAD /a", "HEAD /b"]
    assert (report.answered, report.hosts_left) == (2, 0)


def test_a_host_that_asks_for_too_long_a_rest_is_left(web: Web, cache: LinkCache):
    """Other hosts are still asked."""
    web.on("HEAD /a", reply(status=503, Retry_After="3600"))

    report = check(cache, web.link("/a"), web.link("/b"), web.link("/c", "b.test"), max_wait=120.0)

    assert sorted(web.asked) == ["HEAD /a", "HEAD /c"]
    assert (report.checked, report.postponed, report.hosts_left) == (2, 1, 1)
    assert cache.status([web.link("/a")])[web.link("/a")].status == 503


def test_a_host_that_stays_busy_is_not_pressed(web: Web, cache: LinkCache):
    """Two requests for one link, then its status is what it is."""
    web.on("HEAD /a", reply(status=429))

    assert outcome(cache, web.link("/a"))[0] == 429
    assert len(web.seen) == 2


def test_a_host_that_fails_again_and_again_is_left(web: Web, cache: LinkCache):
    """For this run; what it was not asked stays unknown."""
    bad = [web.link(f"/{number}", "bad.test") for number in range(9)]
    for number in range(9):
        web.on(f"HEAD /{number}", silence)

    report = check(cache, *bad, web.link("/good"), timeout=0.05, max_failures=3)

    assert (report.requests, report.checked, report.postponed, report.hosts_left) == (4, 4, 6, 1)
    assert len(cache.status(bad)) == 3


def test_one_host_is_asked_one_thing_at_a_time(web: Web, cache: LinkCache):
    """However many threads there are; and its connection is used again, HEAD leaving nothing in it."""
    check(cache, *(web.link(f"/{number}") for number in range(20)), threads=8)

    assert web.peak == 1
    assert len(web.seen) == 20
    assert len({seen.client for seen in web.seen}) == 1


def test_several_hosts_are_asked_at_once(web: Web, cache: LinkCache):
    """Each answers only when the other has been asked."""
    both = threading.Barrier(2, timeout=5)

    def together(handler: Handler) -> None:
        both.wait()
        reply()(handler)

    web.on("HEAD /a", together)

    assert check(cache, web.link("/a"), web.link("/a", "b.test")).answered == 2


def test_a_slow_host_does_not_keep_the_others_waiting(web: Web, cache: LinkCache):
    """It answers when all others were asked; else it would be given up."""
    others = 30
    met = threading.Semaphore(0)

    def slow(handler: Handler) -> None:
        for _ in range(others):
            met.acquire(timeout=5)
        reply()(handler)

    def quick(handler: Handler) -> None:
        met.release()
        reply()(handler)

    web.on("HEAD /slow", slow)
    web.on("HEAD /quick", quick)
    urls = [web.link("/quick", f"h{number}.test") for number in range(others)]

    assert check(cache, web.link("/slow"), *urls, threads=2).answered == others + 1


def test_a_budget_of_requests_is_kept(web: Web, cache: LinkCache):
    """The rest has its turn in the next run, before what is known."""
    urls = [web.link(f"/{number}") for number in range(5)]

    first = check(cache, *urls, max_requests=3)
    second = check(cache, *urls, max_requests=3, fresh_days=0.0)

    assert (first.requests, first.checked, first.postponed, first.ended) == (3, 3, 2, "requests")
    assert set(web.asked[:3]) | set(web.asked[3:5]) == {f"HEAD /{number}" for number in range(5)}
    assert (second.requests, second.fresh) == (3, 0)


def test_a_budget_of_seconds_is_kept(web: Web, cache: LinkCache):
    """What is under way is waited for, nothing else is begun."""
    time = Time()

    def lasting(handler: Handler) -> None:
        time.now += 100
        reply()(handler)

    for number in range(5):
        web.on(f"HEAD /{number}", lasting)
    hurried = checker({"clock": time.clock, "sleep": time.sleep}, max_seconds=150.0, timeout=1e6, threads=1)

    report = hurried.check([web.link(f"/{number}") for number in range(5)], cache)

    assert (report.requests, report.checked, report.ended) == (2, 2, "seconds")


@pytest.mark.parametrize(
    ("status", "days", "again"), [(200, 29, False), (200, 30, True), (404, 2, False), (404, 3, True)]
)
def test_results_are_taken_from_the_cache_while_they_are_fresh(
    web: Web, cache: LinkCache, status: int, days: int, again: bool
):
    """Broken links are asked again sooner."""
    url = web.link("/a")
    web.on("HEAD /a", reply(status=status))
    web.on("/a", reply(status=status))
    check(cache, url)
    before = len(web.seen)

    report = checker({"now": lambda: MONDAY + timedelta(days=days)}).check([url], cache)

    assert (len(web.seen) > before) == again
    assert (report.checked, report.fresh) == ((1, 0) if again else (0, 1))


def test_a_link_that_no_catalogue_names_any_more_is_forgotten(web: Web, cache: LinkCache):
    """After half a year."""
    old, used = web.link("/old"), web.link("/used")
    check(cache, old, used)
    for days in (100, 179):
        checker({"now": lambda days=days: MONDAY + timedelta(days=days)}).check([used], cache)
        assert set(cache.status([old, used])) == {old, used}

    checker({"now": lambda: MONDAY + timedelta(days=181)}).check([used], cache)

    assert set(cache.status([old, used])) == {used}


@pytest.mark.parametrize(("number", "known"), [(socket.EAI_AGAIN, False), (socket.EAI_NONAME, True)])
def test_a_name_server_that_fails_for_the_moment_breaks_no_link(cache: LinkCache, number: int, known: bool):
    """A name that does not exist does."""

    def failing(host: str) -> list[str]:
        if host == "portal.test":
            return ["127.0.0.1"]
        raise socket.gaierror(number, "no")

    report = checker({"resolve": failing}).check(["http://a.test/"], cache)

    assert (report.checked == 1) == known
    assert bool(cache.status(["http://a.test/"])) == known


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 404 " + b"n" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 404 \x1b[31m\x00red\r\n\r\n",
        b"HTTP/1.1 999 odd\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation:\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 99999999999 OK\r\n\r\n",
        b"HTTP/1.1 429 Slow\r\nRetry-After: " + b"9" * 400 + b"\r\n\r\n",
        b"HTTP/9.9 abc\r\n\r\n",
    ],
)
def test_nonsense_costs_one_link_only(web: Web, cache: LinkCache, head: bytes):
    """Whatever a server writes, the result is short and fit to be printed."""
    web.on("HEAD /a", raw(head))
    web.on("/a", raw(head))

    status, why = outcome(cache, web.link("/a"))

    assert 0 <= status <= 999
    assert len(why) <= 200
    assert why.isprintable()
    assert outcome(cache, web.link("/b", "b.test")) == (200, "")


def test_ctrl_c_keeps_what_was_checked(web: Web, cache: LinkCache):
    """And does not wait for the host that hangs."""

    def interrupting(handler: Handler) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        silence(handler)

    web.on("HEAD /b", interrupting)

    with pytest.raises(KeyboardInterrupt):
        check(cache, web.link("/a"), web.link("/b"), timeout=60.0)

    assert set(cache.status([web.link("/a"), web.link("/b")])) == {web.link("/a")}


KILLED = """
import sys
from pathlib import Path
from harvester.portal.links import LinkChecker, LinkSettings
from harvester.store.links import LinkCache

with LinkCache(Path(sys.argv[1])) as cache:
    LinkChecker(LinkSettings(rate=0.0), "http://127.0.0.1").check(sys.argv[2:], cache)
"""


def test_a_kill_keeps_what_was_checked(web: Web, tmp_path: Path):
    """The next run goes on from there."""
    reached = threading.Event()

    def dead_end(handler: Handler) -> None:
        reached.set()
        silence(handler)

    web.on("HEAD /b", dead_end, reply())
    urls = [web.url("/a"), web.url("/b")]
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path), *urls]) as process:
        assert reached.wait(30)
        process.kill()

    with LinkCache(tmp_path) as cache:
        assert set(cache.status(urls)) == {web.url("/a")}
        assert checker({"now": lambda: datetime.now(UTC)}).check(urls, cache).checked == 1
    assert web.asked == ["HEAD /a", "HEAD /b", "HEAD /b"]


def test_a_redirect_from_https_to_http_is_followed():
    """As browsers do: the link works, and nothing secret is sent."""
    here = Step("https://a.test/", 1, "a.test", "https://a.test/")
    answer = Answer(302, "Found", (("Location", "http://b.test/x"),), b"", b"")

    following = after(here, answer, 5)

    assert isinstance(following, Step)
    assert (following.url, following.asked, following.host) == (
        "https://a.test/",
        "http://b.test/x",
        "b.test",
    )


def step(number: int, host: str = "h") -> Step:
    url = f"http://{host}/{number}"
    return Step(url, number, host, url)


def lanes(plan: dict[str, list[int]], spacing: float = 1.0, patience: int = 3) -> Lanes:
    def following(host: str, after: int) -> Step | None:
        return next((step(number, host) for number in plan[host] if number > after), None)

    made = Lanes(spacing, longest=30.0, patience=patience, following=following)
    for host in plan:
        made.open(host)
    return made


def taken(queue: Lanes, now: float) -> list[int]:
    """Take all that may be begun at once."""
    return [found.number for found in iter(lambda: queue.take(now), None)]


def test_the_lowest_places_come_first_among_the_hosts_that_are_free():
    """One of each host; then each rests, from when it was asked."""
    queue = lanes({"a": [1, 2, 7], "b": [5, 6], "c": [3]})

    assert taken(queue, 0.0) == [1, 3, 5]
    assert queue.rest(0.0) is None
    for host in "cba":
        queue.answered(host, well=True)
    assert taken(queue, 0.25) == []
    assert queue.rest(0.25) == 0.75
    assert taken(queue, 1.0) == [2, 6]


def test_a_host_is_not_asked_while_it_has_not_answered():
    """However long it takes."""
    queue = lanes({"a": [1, 2]})

    assert taken(queue, 0.0) == [1]
    assert taken(queue, 100.0) == []
    queue.answered("a", well=False)
    assert taken(queue, 100.0) == [2]


def test_what_is_half_done_goes_before_the_plan():
    """A redirect leads to a host that may have links of its own, or none."""
    queue = lanes({"a": [1, 2]})
    assert taken(queue, 0.0) == [1]
    assert queue.add(step(9, "a"))
    assert queue.add(step(1, "new"))

    assert taken(queue, 100.0) == [1], "the host a has not answered yet"
    queue.answered("a", well=True)
    assert taken(queue, 100.0) == [9]


def test_redirects_cannot_pile_up_before_one_host():
    """What has no room is left to a later run."""
    queue = lanes({})

    assert [queue.add(step(number)) for number in range(MOST_WAITING + 1)] == [True] * MOST_WAITING + [False]


@pytest.mark.parametrize(
    "end", [Lanes.failed, lambda queue, host: queue.busy(host, 0.0, 0.0)], ids=["failed", "busy"]
)
def test_failures_in_a_row_count(end: Callable[[Lanes, str], None]):
    """An answer begins the count anew; a host that is left takes nothing any more."""
    queue = lanes({"a": list(range(1, 9))}, patience=3)
    now = 0.0
    for well in (False, False, True, False, False, False):
        now += 100
        assert len(taken(queue, now)) == 1
        if well:
            queue.answered("a", well=True)
        else:
            end(queue, "a")

    assert taken(queue, now + 100) == []
    assert not queue.add(step(9, "a"))
    assert queue.left == 1


def test_a_busy_host_is_asked_at_a_slower_pace():
    """Half as often, and not before its rest is over."""
    queue = lanes({"a": [1, 2, 3]})
    assert taken(queue, 0.0) == [1]
    queue.busy("a", 0.0, 5.0)

    assert taken(queue, 4.9) == []
    assert taken(queue, 5.0) == [2]
    queue.answered("a", well=False)
    assert taken(queue, 6.9) == []
    assert taken(queue, 7.0) == [3]
