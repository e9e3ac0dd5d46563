"""`harvester serve` as a user meets it: help, settings, and what it says of those that cannot be meant."""

import re
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from harvester.cli import main
from harvester.cli.serve import serve
from harvester.cli.serve_options import serve_settings
from harvester.config import MEBIBYTE
from harvester.serve.core.settings import ServeSettings
from harvester.store.generations import Catalogue
from tests.serve.support import await_answer, free_port, started
from tests.store.catalogues import publish


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve") / "c"
    publish(Catalogue(folder), 1)
    return folder


def settings(*options: str, **environment: str) -> ServeSettings:
    """What the options of a command line say, and variables of the environment."""
    context = serve.make_context("serve", list(options), auto_envvar_prefix="HARVESTER_SERVE")
    given = dict(context.params)
    return serve_settings(given.pop("store"), given)


def run(store: Path, *options: str) -> Result:
    """Run the command where it must end by itself."""
    return CliRunner().invoke(main, ["serve", "--store", str(store), *options])


def test_without_options_the_settings_are_the_defaults():
    """The command line has no opinions of its own."""
    assert settings() == ServeSettings(Path("catalogue"))


def test_sizes_are_in_the_units_that_the_help_names():
    """Mebibytes and kibibytes outside, bytes inside."""
    found = settings("--memory", "256", "--max-answer", "2", "--max-request", "3", "--cache", "0")

    assert found.limits.memory == 256 * MEBIBYTE
    assert found.limits.answer == 2 * MEBIBYTE
    assert found.request == 3 * 1024
    assert found.cache == 0


def test_every_option_is_a_variable_too(monkeypatch, tmp_path):
    """As containers are told things; what is given twice is separated as the shell does."""
    monkeypatch.setenv("HARVESTER_SERVE_HOST", "0.0.0.0")
    monkeypatch.setenv("HARVESTER_SERVE_TRUST_PROXY", "10.0.0.0/8 127.0.0.1")
    monkeypatch.setenv("HARVESTER_SERVE_METRICS", "no")
    monkeypatch.setenv("HARVESTER_SERVE_ACCESS_LOG", "json")
    monkeypatch.setenv("HARVESTER_QUERIES", str(tmp_path))
    monkeypatch.setenv("HARVESTER_STORE", "/data")

    found = settings()

    assert (found.host, found.metrics, found.access_log) == ("0.0.0.0", False, "json")
    assert found.trusted_proxies == ("10.0.0.0/8", "127.0.0.1")
    assert (found.store, found.queries) == (Path("/data"), (tmp_path,))


def test_the_help_has_all_options_under_headings():
    """Each with its words, and its unit where it has one."""
    text = CliRunner().invoke(main, ["serve", "--help"], terminal_width=100).output

    headings = re.findall(r"^(\S.*):$", text, re.MULTILINE)
    assert len(headings) >= 5
    for option in serve.params:
        assert isinstance(option, click.Option)
        assert f"  {option.opts[0]}" in text
        assert option.help or option.name == "port"
        if isinstance(option.type, click.IntRange | click.FloatRange):
            assert option.metavar, option.name
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--host", "localhost"], "127.0.0.1"),
        (["--host", "192.0.2.1"], "no such address"),
        (["--public-url", "data.example/catalogue"], "https://data.example/catalogue"),
        (["--public-url", "https://data.example/a?b"], "https://data.example/catalogue"),
        (["--public-url", "https://me:secret@data.example"], "https://data.example/catalogue"),
        (["--public-url", "https://data.example/a/../b"], "https://data.example/catalogue"),
        (["--public-url", "https://data.example/catalog"], "/opendata"),
        (["--trust-proxy", "proxy.example"], "--trust-proxy 127.0.0.1"),
        (["--trust-proxy", "10.0.0.1/8"], "host bits"),
        (["--tokens", "/nothing/there"], "/nothing/there"),
        (["--port", "0"], "--port"),
        (["--timeout", "0"], "--timeout"),
        (["--memory", "1"], "--memory"),
        (["--queries", "/nothing/there"], "--queries"),
    ],
)
def test_what_cannot_be_meant_is_refused(store, options, words):
    """With 2, and with what to write instead."""
    result = run(store, *options)

    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_port_that_is_taken_is_named(store):
    """Also when a server like this one has it: the system would share it between the two."""
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run(store, "--port", str(port))
    with started(store) as server:
        again = run(store, "--port", str(server.port))

    assert result.exit_code == again.exit_code == 2
    assert f"port {port}" in result.stderr
    assert f"port {server.port}" in again.stderr
    assert "--port" in again.stderr


@pytest.mark.parametrize("name", ["passwd", "."])
def test_a_folder_with_other_things_is_not_served(tmp_path, name):
    """With 1, as for every store that cannot be used; nothing is made in it."""
    (tmp_path / "passwd").write_text("root:x:0:0")

    result = run(tmp_path / name)

    assert result.exit_code == 1
    assert "--store" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["passwd"]


def test_what_may_not_be_meant_is_said(store, tmp_path):
    """A catalogue that is not there yet, links that lead nowhere, clients that cannot be told apart."""
    with closing(socket.socket()) as other:  # so that the command ends by itself
        other.bind(("0.0.0.0", 0))
        other.listen()
        taken = ["--port", str(other.getsockname()[1])]
        empty = run(tmp_path / "nothing", *taken)
        everywhere = run(store, "--host", "0.0.0.0", *taken)
        proxied = run(store, "--public-url", "https://data.example", *taken)
        right = run(store, "--public-url", "https://data.example", "--trust-proxy", "127.0.0.1", *taken)

    assert "holds no catalogue yet" in empty.stderr
    assert "--public-url" in everywhere.stderr
    assert "--trust-proxy 127.0.0.1" in proxied.stderr
    assert "Note" not in right.stderr


def test_a_server_is_stopped_by_ctrl_c(store):
    """It says where it is, and ends with 0."""
    port = free_port()
    command = [sys.executable, "-m", "harvester", "serve", "--store", str(store), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        said = ""
        while f"http://127.0.0.1:{port}/" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        await_answer(port)
        process.send_signal(2)
        assert process.wait(30) == 0
