"""/runs: how the harvests went, and what one of them did, as the store tells it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from harvester.model import Category, Problem
from harvester.serve.html.words import words_in
from harvester.serve.site.run_rows import bars, change_groups, run_row
from harvester.store.activities import Activity, run_activity
from harvester.store.generations import Catalogue
from harvester.store.journal import Journal
from tests.serve.site import CATALOGUE, EVIL, Page, get, get_json, page
from tests.serve.support import Server, publish, serving
from tests.waiting import awaited

WHEN = datetime(2026, 2, 1, 2, tzinfo=UTC)
HOSTILE = Problem(Category.MALFORMED, "javascript:alert(1)", EVIL, EVIL, EVIL)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """A server over a store written by hand, with a run that failed and one that planted markup."""
    store = tmp_path_factory.mktemp("runs") / "store"
    said = {"outcome": "failed", "mode": "full", "error": EVIL}
    evil = Activity("E1", EVIL, "javascript:alert(1)", WHEN, WHEN, {"problems": 1}, [HOSTILE], said)
    publish(store, CATALOGUE.read_text(encoding="utf-8") + _trig(run_activity(evil)))
    with serving(store, "--access-log", "off") as server:
        yield server


def _trig(nquads: str) -> str:
    """Return N-Quads of the graph of runs as TriG."""
    graph = "<urn:x-harvester:runs>"
    return f"{graph} {{ {nquads.replace(f' {graph} .', ' .')} }}"


def row(shown: Page, name: str) -> str:
    """Return the text of the row of a table that begins with a name."""
    return next(str(each) for each in shown.all("tr") if str(each).startswith(name))


def test_the_runs_are_listed_newest_first(server):
    """When, how, how it ended and what it counted; each leads to its page."""
    shown = page(server, "/runs")

    links = [link["href"] for link in shown.all("a") if link["href"].startswith("/runs/")]
    assert links == [f"/runs/{name}" for name in ("E1", "B9", "B1", "A2", "A1")]
    cells = [str(each) for each in shown.all("td")]
    assert cells[27:36] == ["a.example", "published", "1", "1", "1", "7", "–", "5 min 00 s", "8"]
    assert cells[18:27] == ["b.example", "published", "5", "0", "0", "0", "full", "1 min 00 s", "4"]


def test_a_run_that_failed_stands_out_and_says_why(server):
    """By a word and a sign, not by its colour alone; on its own page too."""
    text = next(str(each) for each in page(server, "/runs").all("tr") if "b.example" in str(each))
    assert "✕ failed" in text
    assert "no answer" in text

    shown = page(server, "/runs/B9")
    alert = next(str(each) for each in shown.all("div") if each.attributes.get("class") == "alert")
    assert "no answer" in alert
    assert "published nothing" in alert


def test_one_portal_can_be_looked_at(server):
    """By links with the numbers of their runs."""
    shown = page(server, "/runs")
    link = next(each for each in shown.all("a") if str(each) == "b.example (2)")

    assert [str(each) for each in page(server, link["href"]).all("tr")][1].count("failed") == 1
    assert len(page(server, link["href"]).all("tr")) == 1 + 2
    assert "no run of this portal" in str(page(server, "/runs?portal=elsewhere").one("main"))


def test_what_one_run_did_is_told(nights):
    """Exactly the records that differ between the two generations, by kind and by name."""
    shown = page(nights.server, f"/runs/{nights.report.run_id}")

    told = [str(link) for link in shown.all("a") if link["href"].startswith("/resource?")]
    named = sorted(title for _, _, title in nights.changed if title)
    assert sorted(set(named)) == sorted({each for each in told if each in named})
    assert len(told) == len(nights.changed)
    for kind, counts in nights.report.kinds.items():
        if kind == "dataset":
            cells = row(shown, "datasets ").split()[1:]
            assert cells == [
                str(counts[name]) for name in ("seen", "added", "changed", "removed", "unchanged")
            ]


@pytest.mark.parametrize("change", ["added", "changed", "removed"])
def test_a_number_leads_to_its_records(nights, change):
    """Those of one kind that were added, changed or removed; their pages answer."""
    shown = page(nights.server, f"/runs/{nights.report.run_id}?kind=dataset&change={change}")

    links = [link for link in shown.all("a") if link["href"].startswith("/resource?")]
    expected = sorted(title for what, kind, title in nights.changed if (what, kind) == (change, "dataset"))
    assert expected
    assert sorted(map(str, links)) == expected
    for link in links:
        assert get(nights.server, link["href"], "text/html").status == 200


def test_every_number_has_its_query(nights):
    """The links behind the parts give what the page shows."""
    shown = page(nights.server, f"/runs/{nights.report.run_id}")
    links = [urlsplit(link["href"]) for link in shown.all("a") if link["href"].startswith("/queries/run-")]

    found = {
        link.path: get_json(nights.server, f"{link.path}.json?{link.query}")["results"]["bindings"]
        for link in links
    }
    assert set(found) == {f"/queries/run-{name}" for name in ("facts", "kinds", "changes", "problems")}
    assert len(found["/queries/run-changes"]) == len(nights.changed)
    assert int(found["/queries/run-facts"][0]["requests"]["value"]) > 0
    assert int(found["/queries/run-facts"][0]["problems"]["value"]) == sum(
        nights.report.problem_counts.values()
    )
    assert all(parse_qs(link.query)["run"] for link in links)


def test_problems_are_told_with_what_to_do(server):
    """By kind, with what, why, where and an advice."""
    shown = page(server, "/runs/A2")

    groups = [str(each) for each in shown.all("details")]
    assert len(groups) == 2
    assert "a link of r3" in groups[1]
    assert "no such dataset" in groups[1]
    assert "Try: tell its author" in groups[1]
    assert "http://a.example/datasets/d0" in groups[1]


def test_a_run_by_an_older_version_is_shown_as_far_as_it_is_told(server):
    """Without mode, outcome and counts by kind."""
    shown = page(server, "/runs/A1")

    assert "older version" in str(shown.one("section", id="kinds"))
    assert "Arrêts de bus" in str(shown.one("section", id="changes"))


def test_what_is_planted_stays_text(server):
    """In the error, the portal's name, its address, and the problems."""
    for path in ("/runs", "/runs/E1"):
        body = get(server, path, "text/html").body.decode()
        assert "&lt;script&gt;alert(1)" in body
        assert "<script" not in body
        assert "<img" not in body
        assert 'href="javascript:' not in body


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/runs/nobody", 404),
        ("/runs/A2%3E%20%7D", 404),
        ("/runs/" + "x" * 300, 404),
        ("/runs/A2?change=moved", 400),
        ("/runs?page=0", 404),
        ("/runs?page=x", 404),
        ("/runs/A2?page=21", 404),
    ],
)
def test_what_there_is_not_is_said(server, path, status):
    """A page that tells what to try."""
    page(server, path, status)


def test_beyond_the_last_run_there_is_nothing(server):
    """A page that says so, and leads back."""
    assert "no more runs" in str(page(server, "/runs?page=2").one("main"))


def test_a_store_without_runs_says_so(show):
    """Such as one that was not harvested, but loaded."""
    server = show("<urn:g> { <urn:a> <urn:b> <urn:c> }")
    assert "tells of no run" in str(page(server, "/runs").one("main"))


def test_one_run_has_no_timeline(show):
    """A single bar compares nothing."""
    only = Activity("O1", "o.example", "http://o.example/", WHEN, WHEN, {"added": 5}, [])
    server = show(_trig(run_activity(only)))
    shown = page(server, "/runs")
    assert len(shown.all("tr")) == 2
    assert shown.all("svg", class_="timeline") == []
    assert "o.example" in str(page(server, "/runs/O1").one("main"))


def test_many_runs_come_in_pages(show):
    """Fifty on each, the newest on the first; pages are small."""
    runs = "".join(
        run_activity(
            Activity(
                f"R{n:03}",
                "o.example",
                "http://o.example/",
                WHEN.replace(minute=n % 60, hour=n // 60),
                WHEN,
                {},
                [],
            )
        )
        for n in range(120)
    )
    server = show(_trig(runs))
    path, names = "/runs", []
    while path:
        shown = page(server, path)
        assert len(shown.reply.body) < 150_000
        names += [link["href"][6:] for link in shown.all("a") if link["href"].startswith("/runs/")]
        path = next((link["href"] for link in shown.all("a", rel="next")), "")
    assert names == [f"R{n:03}" for n in reversed(range(120))]


def test_a_first_run_does_not_hide_the_others():
    """Heights are logarithms, at least two pixels; a run that failed has a mark instead."""
    told = {"portal": "p", "mode": "", "requests": "", "problems": "", "ended": "", "error": ""}
    counts = (
        {"added": "1", "changed": "", "removed": "0"},
        {"added": "75000", "changed": "0", "removed": "0"},
    )
    rows = [
        {**told, **counts[0], "run": "urn:r:2", "started": "2026-02-02T02:00:00Z", "outcome": "published"},
        {**told, **counts[1], "run": "urn:r:F", "started": "2026-02-01T03:00:00Z", "outcome": "failed"},
        {**told, **counts[1], "run": "urn:r:1", "started": "2026-02-01T02:00:00Z", "outcome": ""},
    ]
    drawn = bars(words_in("en"), [run_row(words_in("en"), each) for each in rows])

    assert [(bar.lane, bar.height) for bar in drawn] == [("added", 30), ("failed", 0), ("added", 2)]
    assert drawn[0].x < drawn[1].x < drawn[2].x
    assert "75,000 added" in drawn[0].title


def test_datasets_come_before_what_hangs_from_them():
    """Of each change, what most readers look for first."""
    kinds = ("agent", "dataset details", "zone", "dataset", "reuse")
    rows = [
        {"change": "added", "kind": kind, "resource": "urn:x", "record": "urn:y", "title": kind}
        for kind in kinds
    ]
    groups = change_groups(words_in("en"), rows, {}, Path("/").joinpath and str)

    assert [group.records[0].name for group in groups] == [
        "dataset",
        "reuse",
        "agent",
        "zone",
        "dataset details",
    ]


def test_a_run_that_is_not_told_yet_is_announced(tmp_path):
    """One under way, or a portal's last one that failed; without its error, which may name our files."""
    only = Activity("O1", "o.example", "http://o.example/", WHEN, WHEN, {"added": 5}, [])
    publish(tmp_path, _trig(run_activity(only)))
    journal, secret = Journal(tmp_path), "/srv/secret cannot be written"
    facts = {
        "portal": "o.example",
        "exit_code": 3,
        "error": {"kind": "StoreError", "cause": secret, "fix": "-"},
    }
    journal.end({**facts, "run": "O1", "started": "2026-02-01T02:00:00+00:00", "outcome": "published"})
    journal.end({**facts, "run": "O2", "started": "2026-02-02T02:00:00+00:00", "outcome": "failed"})
    with serving(tmp_path, "--access-log", "off") as server:
        with Catalogue(tmp_path).lock("a test"):
            shown = told(server, "The last harvest of o.example failed; it began Feb 2, 2026")
            assert "secret" not in shown
            other = str(page(server, "/runs?portal=p.example").one("main"))
            assert "failed" not in other.partition("Behind")[0]
            journal.begin({**facts, "run": "O3", "started": "2026-02-03T02:00:00+00:00", "error": None})
            told(server, "A harvest of o.example is under way since Feb 3, 2026")
        told(server, "The last harvest of o.example failed")


def told(server: Server, words: str) -> str:
    """Return the text of the page of runs when it says so: within seconds it knows what the journal says."""
    return awaited(lambda: str(page(server, "/runs").one("main")), lambda shown: words in shown)
