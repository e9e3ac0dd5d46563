"""The commands of the README's quickstart run, on the demo's catalogue."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for line in re.findall(r"^(harvester .*)$", README, re.MULTILINE)
    if not line.startswith("harvester harvest")
]


def harvester(arguments: list[str], folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "harvester", *arguments]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("quickstart")
    assert harvester(["demo", "--store", "./catalogue"], path).returncode == 0
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_quickstart(command, folder):
    """Copied from the README, it works and shows something."""
    done = harvester(shlex.split(command)[1:], folder)

    assert done.returncode == 0, done.stderr
    assert done.stdout or (folder / "catalogue.ttl.gz").exists()
