"""`--config`: several portals from a file, and what is wrong in one told by line and key."""

import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.cli.config_file import ConfigFile
from harvester.cli.config_options import read_plan
from harvester.cli.harvest import harvest as command
from harvester.store.generations import Catalogue
from tests.cli.harvesting import HARVESTER, LEAN_FILE, from_file, harvest
from tests.simulator import World, faults, serve
from tests.simulator.exchange import Delivery

WORLD = World(datasets=12, reuses=4)
PORTAL = '[[portal]]\nurl = "https://one.example"\n'
QUICK = (
    f"{LEAN_FILE}rate = 0\nattempts = 1\nread-timeout = 2\ntotal-timeout = 4\nmax-wait = 1\npage-size = 10\n"
)


def settings(tmp_path: Path, text: str, *, portal: int = 0, **asked) -> dict:
    """Return the values that hold for one of a file's portals."""
    path = tmp_path / "harvester.toml"
    path.write_text(text, encoding="utf-8")
    with command.make_context("harvest", ["--config", str(path)]) as ctx:
        return dict(read_plan(path, ctx, asked).targets[portal].given)


WRONG = {
    "unknown key": ("page-sise = 5\n" + PORTAL, 1, ["no setting page-sise", "did you mean page-size?"]),
    "unknown key of a portal": (PORTAL + "\nkep = 3\n", 4, ["no setting kep", "did you mean keep?"]),
    "nothing like it": (PORTAL + "zzzzzz = 1\n", 3, ["no setting zzzzzz", "--help"]),
    "unknown table": (PORTAL + "[defaults]\nkeep = 3\n", 3, ["no setting defaults"]),
    "wrong type": (PORTAL + 'keep = "three"\n', 3, ["keep is a string", "a whole number"]),
    "true is no number": (PORTAL + "keep = true\n", 3, ["keep is true or false", "a whole number"]),
    "a number is no switch": (PORTAL + "persons = 1\n", 3, ["persons is a number", "true or false"]),
    "nan": (PORTAL + "max-removal = nan\n", 3, ["max-removal is nan", "a number"]),
    "a list": (PORTAL + "contact = [\n'a',\n'b']\n", 3, ["contact is a list", "a string"]),
    "out of range": (PORTAL + "page_size = 1001\n", 3, ["page_size: 1001", "1<=x<=1000"]),
    "no choice": (PORTAL + 'format = "csv"\n', 3, ["format: 'csv'", "'jsonld'"]),
    "no duration": (PORTAL + 'full-every = "7 weeks"\n', 3, ["full-every: '7 weeks'", "6h or 7d"]),
    "a folder that is not there": (
        PORTAL + 'mappings = "nowhere"\n',
        3,
        ["mappings:", "nowhere", "not exist"],
    ),
    "no url": ("keep = 2\n\n[[portal]]\nkeep = 3\n", 3, ["has no url"]),
    "a url that is none": ('[[portal]]\nurl = "https://"\n', 2, ["https://"]),
    "a url that is a number": ("[[portal]]\nurl = 7\n", 2, ["url is a number"]),
    "a url at the top": ('url = "https://one.example"\n' + PORTAL, 1, ["belongs to a portal", "[[portal]]"]),
    "one portal twice": (
        PORTAL + '[[portal]]\nurl = "https://one.example/api/1/"\n',
        4,
        ["one.example", "the portal of line 2"],
    ),
    "one bracket": (
        'keep = 2\n[portal]\nurl = "https://one.example"\n',
        2,
        ["[portal] is one table", "[[portal]]"],
    ),
    "one bracket twice": ("[portal]\n\n[portal]\n", 3, ["twice", "[[portal]]"]),
    "a portal that is no table": ("portal = [1]\n", 1, ["no table"]),
    "said twice": (PORTAL + "page-size = 5\npage_size = 6\n", 4, ["page_size is said twice"]),
    "config": ('config = "other.toml"\n' + PORTAL, 1, ["config cannot be set in a file", "another"]),
    "every": (PORTAL + 'every = "6h"\n', 3, ["every cannot be set in a file", "command line"]),
    "full": ("full = true\n" + PORTAL, 1, ["full cannot be set in a file", 'mode = "full"']),
    "a store for one": (PORTAL + 'store = "elsewhere"\n', 3, ["store does not belong here", "top"]),
    "a recording for all": (
        'archive = "a.warc.gz"\n' + PORTAL,
        1,
        ["archive does not belong here", "[[portal]]"],
    ),
    "a report of two": (
        'report = "r.json"\n' + PORTAL + 'report = "./r.json"\n',
        2,
        ["report", "all portals together"],
    ),
    "a report that cannot be": (PORTAL + 'report = "no/such/folder/r.json"\n', 1, ["cannot be written"]),
    "two that exclude each other": (
        PORTAL + 'archive = "a.warc.gz"\nreplay = "harvester.toml"\n',
        1,
        ["--replay and --archive exclude"],
    ),
    "a webhook that is none": (PORTAL + 'webhook = "ftp://x"\n', 1, ["--webhook is not an http"]),
    "syntax": (PORTAL + "keep 3\n", "3, column 6", ["toml.io"]),
    "the end of a string": (PORTAL + 'contact = "', 3, ["toml.io"]),
    "after a long text": ('contact = """\n[[portal]]\nkep = 3\n"""\n' + PORTAL + "kep = 1\n", 7, ["kep"]),
}


@pytest.mark.parametrize(("text", "line", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_by_file_line_and_key(text, line, words, tmp_path):
    """Exit code 2, before anything is asked of any portal; with what is allowed instead."""
    path = tmp_path / "harvester.toml"
    path.write_text(text, encoding="utf-8")

    done = from_file(path)

    assert done.exit_code == 2
    assert f"{path}, line {line}" in done.stderr
    assert "Try: " in done.stderr
    for word in words:
        assert word in done.stderr


VALUES = ["1", '"[[portal]]"', "[\n1,\n2,\n]", '"""\n[[portal]]\nk0 = 1\n"""', "'''\n# no\n'''", "{a = 1}"]
BEFORE = ["", "\n", "# k0 = 1\n", "\n# [[portal]]\n\n"]


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(BEFORE), st.sampled_from(VALUES)), max_size=4),
        min_size=2,
        max_size=4,
    )
)
def test_the_line_of_a_key_is_where_it_begins(tables):
    """Whatever values of several lines, comments, and text that looks like settings stand before it."""
    text, expected = "", {}
    for number, table in enumerate(tables):
        if number:
            expected["portal", number - 1] = text.count("\n") + 1
            text += "[[portal]]\n"
        for key, (before, value) in enumerate(table):
            text += before
            where = (f"k{key}",) if number == 0 else ("portal", number - 1, f"k{key}")
            expected[where] = text.count("\n") + 1
            text += f"k{key} = {value}\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "harvester.toml")
        path.write_text(text, encoding="utf-8")
        file = ConfigFile(path)

    assert {where: file.line(where) for where in expected} == expected


WHOLE = {
    "empty": (b"", "names no portal"),
    "no portal": (b"keep = 2\n", "names no portal"),
    "an empty list": (b"portal = []\n", "list of portals is empty"),
    "not UTF-8": (b"\xff\xfe[[portal]]", "not UTF-8"),
    "endless": (b"#" * 300_000, "more than 256 KiB"),
    "deep": (b"a = " + b"[" * 5_000, "nested too deeply"),
}


@pytest.mark.parametrize(("content", "words"), WHOLE.values(), ids=WHOLE.keys())
def test_files_that_are_none_of_ours(content, words, tmp_path):
    """Told in a sentence, by name."""
    path = tmp_path / "harvester.toml"
    path.write_bytes(content)

    done = from_file(path)

    assert done.exit_code == 2
    assert str(path) in done.stderr
    assert words in done.stderr


def test_each_setting_comes_from_the_nearest_that_says_it(tmp_path):
    """Command line and environment, the portal's table, the top of the file, the default."""
    text = f'keep = 5\ngrace = 6\nrate = 7\n{PORTAL}grace = 8\nrate = 9\n[[portal]]\nurl = "two.example"\n'

    one, other = (settings(tmp_path, text, portal=number, rate=1.5) for number in (0, 1))

    names = ("rate", "grace", "keep", "attempts")
    assert [one[name] for name in names] == [1.5, 8, 5, 5]
    assert [other[name] for name in names] == [1.5, 6, 5, 5]


def test_the_environment_comes_before_the_file(tmp_path):
    """As with the command line: `HARVESTER_STORE` says where, whatever the file says."""
    path = tmp_path / "harvester.toml"
    with serve(WORLD) as portal:
        path.write_text(f'{QUICK}store = "in-file"\n[[portal]]\nurl = "{portal.site}"\n')
        done = from_file(path, HARVESTER_STORE=str(tmp_path / "in-environment"))

    assert done.exit_code == 0, done.stderr
    assert Catalogue(tmp_path / "in-environment").current()
    assert not (tmp_path / "in-file").exists()


def test_paths_are_relative_to_the_file(tmp_path):
    """Wherever the program is started."""
    (tmp_path / "own").mkdir()
    text = f'store = "c"\n{PORTAL}mappings = "own"\nreport = "r.json"\n'

    given = settings(tmp_path, text)

    assert (given["store"], given["mappings"], given["report"]) == (
        tmp_path / "c",
        tmp_path / "own",
        tmp_path / "r.json",
    )


@pytest.mark.parametrize(
    "option", [o for o in command.params if isinstance(o, click.Option)], ids=lambda o: o.name
)
def test_every_option_is_a_setting_or_refused_with_a_reason(option, tmp_path):
    """There is one list of settings: its long name, with either kind of dash, at its place in the file."""
    values = {"integer": 3, "float": 3.0, "boolean": True, "duration": "3h", "text": "https://hook.example"}
    values |= {"list": "none,topics"}
    (tmp_path / "d").mkdir()
    (tmp_path / "f").touch()
    key = option.opts[0].removeprefix("--").replace("-", "_")
    value = values.get(option.type.name.removesuffix(" range"), "d" if key in ("mappings", "store") else "f")
    if isinstance(option.type, click.Choice):
        value = option.type.choices[0]
    line = f"{key} = {json.dumps(value)}\n"
    if key in ("config", "every", "full", "report_schema"):
        path = tmp_path / "harvester.toml"
        path.write_text(line + PORTAL)
        assert f"{key} cannot be set in a file" in from_file(path).stderr
        return

    given = settings(tmp_path, line + PORTAL if key in ("store", "log_format") else PORTAL + line)

    expected = {"d": tmp_path / "d", "f": tmp_path / "f", "3h": 10_800.0, "none,topics": {"topics"}}.get(
        value, value
    )
    assert given[option.name] == expected


def test_a_portal_and_a_file_exclude_each_other(tmp_path):
    """And so do options that are of one portal only."""
    path = tmp_path / "harvester.toml"
    path.write_text(PORTAL)

    both = from_file(path, "https://two.example")
    archive = from_file(path, "--archive", tmp_path / "a.warc.gz")
    neither = harvest()

    assert [done.exit_code for done in (both, archive, neither)] == [2, 2, 2]
    assert "PORTAL and --config exclude each other" in both.stderr
    assert "--archive and --config exclude each other" in archive.stderr
    assert "no portal is named" in neither.stderr


def test_full_is_mode_full(tmp_path):
    """On the command line it comes before the file's mode; with another --mode it is refused."""
    assert "exclude each other" in harvest("x.example", "--full", "--mode", "delta").stderr
    with serve(WORLD) as portal:
        done = harvest(portal.site, "--full", "--store", tmp_path / "c", "--report", tmp_path / "r.json")

    assert done.exit_code == 0
    assert json.loads((tmp_path / "r.json").read_text())["mode"] == "full"


def test_one_portal_that_fails_does_not_stop_the_others(tmp_path):
    """Each publishes by itself; at the end a table, and the worst of the exit codes."""
    path = tmp_path / "harvester.toml"
    spoilt = [faults.malformed(faults.page(2)), faults.status(500, "/api/1/datasets/")]
    with serve(WORLD) as whole, serve(WORLD, spoilt) as skipping, serve(WORLD, [faults.status(503)]) as dead:
        portals = [dead, skipping, whole]
        tables = "".join(f'[[portal]]\nurl = "{portal.site}"\n' for portal in portals)
        path.write_text(f'{QUICK}store = "c"\n{tables}')
        done = from_file(path)

    names = [portal.site.removeprefix("http://") for portal in portals]
    rows = [
        line.split() for line in done.stdout.splitlines() if line.startswith("127.0.0.1") and ": " not in line
    ]
    assert done.exit_code == 3
    assert [(row[0], row[1]) for row in rows] == list(
        zip(names, ["failed", "published", "published"], strict=True)
    )
    assert "Error: " in done.stderr
    with Catalogue(tmp_path / "c").require().open() as store:
        graphs = {graph.value for graph in store.named_graphs()}
    for name, there in zip(names, [False, True, True], strict=True):
        assert any(name in graph for graph in graphs) == there


def test_a_bug_costs_its_portal_only(tmp_path, monkeypatch):
    """It is told as one, with its traceback; the others are harvested; exit code 1."""
    from harvester.cli.target import Target

    sound = Target.harvest
    path = tmp_path / "harvester.toml"
    with serve(WORLD) as portal:

        def harvested(target):
            return sound(target) if target.portal.site == portal.site else 1 / 0

        monkeypatch.setattr(Target, "harvest", harvested)
        path.write_text(f'{QUICK}store = "c"\nreport = "r.json"\n{PORTAL}[[portal]]\nurl = "{portal.site}"\n')
        done = from_file(path)

    assert done.exit_code == 1
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" in done.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    assert [run["outcome"] for run in report["runs"]] == ["failed", "published"]
    assert report["runs"][0]["error"]["kind"] == "Bug"


def test_an_account_that_fails_costs_itself_only(tmp_path, monkeypatch):
    """A bug while a report is written: told as one; the portal is published, the others are harvested."""

    def broken(*_args, **_settings):
        raise RuntimeError("a bug")

    monkeypatch.setattr("harvester.cli.run.changes", broken)
    path = tmp_path / "harvester.toml"
    with serve(WORLD) as one, serve(WORLD) as other:
        tables = f'[[portal]]\nurl = "{one.site}"\nreport = "r.json"\n[[portal]]\nurl = "{other.site}"\n'
        path.write_text(f'{QUICK}store = "c"\nmetrics = "m.prom"\n{tables}')
        done = from_file(path)

    assert done.exit_code == 1
    assert "RuntimeError: a bug" in done.stderr
    assert not (tmp_path / "r.json").exists()
    for portal in (one, other):
        name = portal.site.removeprefix("http://")
        assert f'harvester_run_exit_code{{portal="{name}"}} 0.0' in (tmp_path / "m.prom").read_text()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle(how, tmp_path):
    """Exit code 130; what was published before stays; the report tells of both, and nothing else is begun."""
    path = tmp_path / "harvester.toml"
    with (
        serve(WORLD) as one,
        serve(WORLD, [faults.delivered(Delivery.SILENT, faults.page(2, "[a-z]+"))]) as slow,
    ):
        tables = "".join(f'[[portal]]\nurl = "{p}"\n' for p in (one.site, slow.site, "https://never.example"))
        options = f"{LEAN_FILE}rate = 0\npage-size = 10\n"
        path.write_text(f'{options}store = "c"\nreport = "r.json"\nmetrics = "m.prom"\n{tables}')
        with subprocess.Popen(
            [*HARVESTER, "harvest", "--config", str(path)],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as run:
            while not slow.asked("page=2&"):
                time.sleep(0.02)
            os.kill(run.pid, how)
            out, errors = run.communicate(timeout=30)

    assert run.returncode == 130, errors
    assert "Traceback" not in errors
    assert "interrupted" in out
    report = json.loads((tmp_path / "r.json").read_text())
    assert [run["outcome"] for run in report["runs"]] == ["published", "interrupted"]
    assert report["exit_code"] == 130
    name = slow.site.removeprefix("http://")
    assert f'harvester_run_exit_code{{portal="{name}"}} 130.0' in (tmp_path / "m.prom").read_text()


def test_json_lines_for_machines(tmp_path):
    """Every line of both streams is a JSON object; the last one has the end of all."""
    path = tmp_path / "harvester.toml"
    with serve(WORLD) as one, serve(WORLD, [faults.status(503)]) as dead:
        tables = "".join(f'[[portal]]\nurl = "{portal.site}"\n' for portal in (dead, one))
        path.write_text(f'{QUICK}store = "c"\nlog-format = "json"\n{tables}')
        done = from_file(path)

    events = [json.loads(line) for line in done.output.splitlines()]
    assert {event["event"] for event in events} == {"notice", "progress", "summary", "error", "end"}
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["event"], last["exit_code"]) == ("end", 3)
    assert list(last["outcomes"].values()) == ["failed", "published"]
