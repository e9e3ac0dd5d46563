"""Harvests as a user starts them: in this process, or in one of their own."""

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from harvester.cli.main import main

HARVESTER = [sys.executable, "-m", "harvester"]
QUICK = ["--attempts", "1", "--read-timeout", "2", "--total-timeout", "4", "--max-wait", "1", "--rate", "0"]
LEAN = ["--surfaces", "none"]
"""Catalogue and reuses alone: in half the time, where the rest of the API makes no difference."""
LEAN_FILE = 'surfaces = "none"\n'
"""The same at the top of a file of settings."""


def harvest(*arguments: object, **environment: str) -> Result:
    """Run `harvester harvest` in this process, LEAN unless `arguments` say otherwise."""
    command = ["harvest", *QUICK, *LEAN, "--page-size", "10", *map(str, arguments)]
    return CliRunner(env=environment).invoke(main, command)


def from_file(path: Path, *arguments: object, **environment: str) -> Result:
    """Run it for the portals of a file of settings, and nothing on the command line that is not said."""
    command = ["harvest", "--config", str(path), *map(str, arguments)]
    return CliRunner(env=environment).invoke(main, command)


def process(*arguments: object, **how) -> subprocess.CompletedProcess:
    """Run `harvester` in a process of its own."""
    command = [*HARVESTER, *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, **how)
