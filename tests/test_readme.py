"""The commands of the README's quickstart run, on the demo's catalogue."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.once import copied
from tests.serve.support import serving

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for line in re.findall(r"^(harvester .*)$", README, re.MULTILINE)
    if not line.startswith(("harvester harvest", "harvester serve"))
]
(SERVE,) = re.findall(r"^harvester (serve .*)$", README, re.MULTILINE)
REQUESTS = re.findall(r"^curl (.*)$", README, re.MULTILINE)


def harvester(arguments: list[str], folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "harvester", *arguments]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def folder(demo_store, tmp_path_factory):
    path = tmp_path_factory.mktemp("quickstart")
    copied(demo_store, path / "catalogue")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_quickstart(command, folder):
    """Copied from the README, it works and shows something."""
    done = harvester(shlex.split(command)[1:], folder)

    assert done.returncode == 0, done.stderr
    assert done.stdout or (folder / "catalogue.ttl.gz").exists()


def test_the_server_answers_as_the_readme_says(folder):
    """Started by its command, asked by its requests: each gives something."""
    _, option, store = shlex.split(SERVE, comments=True)
    assert option == "--store"
    with serving(folder / store) as server:
        for arguments in map(shlex.split, REQUESTS):
            address, data = arguments[0], arguments[2:]
            assert arguments[1:2] in ([], ["--data-urlencode"])
            body = urlencode([tuple(value.split("=", 1)) for value in data]).encode() or None
            headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
            path = address.removeprefix("http://127.0.0.1:8000")
            reply = server.ask("POST" if body else "GET", path, headers, body)
            assert reply.status == 200, (address, reply.body)
            assert len(reply.body) > 100
    assert len(REQUESTS) >= 3
