"""`--webhook`: the report, sent to an address; nothing that goes wrong there concerns the harvest."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jsonschema
import pytest

from harvester.cli.outlets.webhook import NotTold, Webhook
from tests.cli.harvesting import LEAN_FILE, from_file, harvest
from tests.simulator import World, faults, serve

WORLD = World(datasets=12, reuses=4)
SCHEMA = json.loads(harvest("--report-schema").stdout)
TOKEN = "a-token-of-ours"


class Hook:
    """A running receiver: what it got, and the statuses with which it answers, the last one for good."""

    def __init__(self, port: int, statuses: Sequence[int]) -> None:
        self.url = f"http://127.0.0.1:{port}/a-secret-path"
        self.got: list[tuple[str, dict[str, str], dict]] = []
        self.statuses = list(statuses)

    @property
    def reports(self) -> list[dict]:
        return [body for _path, _headers, body in self.got]


@contextmanager
def hook(*statuses: int) -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            running.got.append((self.path, dict(self.headers), body))
            status = running.statuses.pop(0) if len(running.statuses) > 1 else running.statuses[0]
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running = Hook(server.server_port, statuses or [204])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()


def test_the_report_arrives(tmp_path):
    """As the schema says, with the token; neither it nor the address is shown."""
    with serve(WORLD) as portal, hook() as receiver:
        files = ["--store", tmp_path / "c", "--report", tmp_path / "r.json"]
        done = harvest(portal.site, *files, "--webhook", receiver.url, HARVESTER_WEBHOOK_TOKEN=TOKEN)

    ((path, headers, body),) = receiver.got
    assert path == "/a-secret-path"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Type"] == "application/json"
    jsonschema.validate(body, SCHEMA)
    written = json.loads((tmp_path / "r.json").read_text())
    assert body == {key: value for key, value in written.items() if key != "changes"}
    assert TOKEN not in done.output
    assert "secret" not in done.output


def test_a_failed_run_is_told_of(tmp_path):
    """With its error and its exit code."""
    with serve(WORLD, [faults.status(503)]) as portal, hook() as receiver:
        harvest(portal.site, "--store", tmp_path / "c", "--webhook", receiver.url)

    (body,) = receiver.reports
    assert (body["outcome"], body["exit_code"], body["error"]["kind"]) == ("failed", 3, "PortalUnreachable")
    assert "Authorization" not in receiver.got[0][1]


WANTED = {
    "always": ["published", "unchanged", "failed"],
    "change": ["published", "failed"],
    "failure": ["failed"],
}


@pytest.mark.parametrize(("on", "outcomes"), WANTED.items(), ids=WANTED.keys())
def test_who_is_told_of_what(on, outcomes, tmp_path):
    """Of a run that published, one that found nothing changed, and one that failed."""
    with serve(WORLD) as portal, hook() as receiver:
        arguments = [portal.site, "--store", tmp_path / "c", "--webhook", receiver.url, "--webhook-on", on]
        harvest(*arguments)
        harvest(*arguments)
        portal.faults = [faults.status(503)]
        harvest(*arguments)

    assert [body["outcome"] for body in receiver.reports] == outcomes


def test_each_portal_of_a_file_is_told_of(tmp_path):
    """By itself, when its run has ended."""
    with serve(WORLD) as one, serve(WORLD, [faults.status(503)]) as other, hook() as receiver:
        tables = "".join(f'[[portal]]\nurl = "{portal.site}"\n' for portal in (one, other))
        config = tmp_path / "harvester.toml"
        options = f'{LEAN_FILE}store = "c"\nattempts = 1\nrate = 0\nwebhook = "{receiver.url}"\n'
        config.write_text(options + tables)
        from_file(config)

    assert [body["url"] for body in receiver.reports] == [one.site, other.site]


FAILING = {"broken": (500, 3), "refused": (403, 1), "redirected": (302, 1), "gone": (404, 1)}


@pytest.mark.parametrize(("status", "times"), FAILING.values(), ids=FAILING.keys())
def test_what_does_not_take_it_is_asked_again_where_that_may_help(status, times):
    """No redirect is followed."""
    with hook(status) as receiver:
        message = rf"127\.0\.0\.1 did not take the report: it answered {status}"
        with pytest.raises(NotTold, match=message) as caught:
            Webhook(receiver.url, backoff_s=0.01).tell({"problems": []})

    assert [path for path, _headers, _body in receiver.got] == times * ["/a-secret-path"]
    assert "secret" not in str(caught.value)


def test_what_does_not_take_it_is_told_and_changes_nothing(tmp_path):
    """The harvest publishes, and its exit code is that without a webhook."""
    with serve(WORLD) as portal, hook(403) as receiver:
        done = harvest(portal.site, "--store", tmp_path / "c", "--webhook", receiver.url)

    assert done.exit_code == 0
    assert len(receiver.got) == 1
    assert "127.0.0.1 did not take the report: it answered 403" in done.stderr
    assert "secret" not in done.output


def test_what_heals_is_asked_again():
    """Twice at most."""
    with hook(503, 429, 200) as receiver:
        Webhook(receiver.url, backoff_s=0.01).tell({"problems": [], "n": 1})

    assert receiver.reports == 3 * [{"problems": [], "n": 1}]


def test_it_gets_a_hundred_problems_at_most():
    """Their counts say how many there were."""
    problems = [{"url": str(number)} for number in range(250)]
    with hook() as receiver:
        Webhook(receiver.url).tell({"problems": problems, "problem_counts": {"gone": 250}})

    assert receiver.reports == [{"problems": problems[:100], "problem_counts": {"gone": 250}}]


def test_nobody_there():
    """A sentence without the address' path."""
    with hook() as receiver:
        url = receiver.url
    with pytest.raises(NotTold, match=r"127\.0\.0\.1 did not take the report: no connection") as caught:
        Webhook(url, backoff_s=0.01).tell({"problems": []})

    assert "secret" not in str(caught.value)


def test_one_that_answers_drop_by_drop_is_left(monkeypatch):
    """The time is for the whole answer."""
    monkeypatch.setattr("harvester.cli.outlets.webhook._TIMEOUT_S", 0.5)
    ended = threading.Event()

    class Dripping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            while not ended.wait(0.1):
                self.wfile.write(b"H")

    with ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        begun = time.monotonic()
        with pytest.raises(NotTold, match=r"no answer within 0\.5 s"):
            Webhook(f"http://127.0.0.1:{server.server_port}/").tell({"problems": []}, attempts=1)
        took = time.monotonic() - begun
        ended.set()
        server.shutdown()
        thread.join()

    assert took < 30


REFUSED = {
    "no URL": ("ftp://hooks.example/secret", "", "not an http or https URL"),
    "a password in it": ("https://me:secret@hooks.example/", "", "user name or password"),
    "a token of two lines": ("https://hooks.example/", "secret\nsecret", "HARVESTER_WEBHOOK_TOKEN"),
}


@pytest.mark.parametrize(("url", "token", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_meant_is_told_before_the_run(url, token, words, tmp_path):
    """Nothing is asked of the portal, and no secret is shown."""
    with serve(WORLD) as portal:
        done = harvest(
            portal.site, "--webhook", url, "--store", tmp_path / "c", HARVESTER_WEBHOOK_TOKEN=token
        )

        assert portal.requests == []
    assert done.exit_code == 2
    assert words in done.stderr
    assert "secret" not in done.output
