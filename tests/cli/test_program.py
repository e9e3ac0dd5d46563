"""Suggested commands can be copied: they name the program as the user can call it."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(sys.executable).parent / "harvester"


def advice(folder: Path, path: str, called: Path) -> str:
    command = [str(called), "status", "--store", "nothing-here"]
    return subprocess.run(
        command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=True
    ).stdout


def test_a_program_on_the_path_goes_by_its_name(tmp_path):
    """Activated or installed for all: `harvester …`."""
    shown = advice(tmp_path, f"{SCRIPT.parent}:/usr/bin:/bin", SCRIPT)

    assert "Next: harvester harvest " in shown


def test_a_program_off_the_path_goes_by_its_place(tmp_path):
    """As after make demo, where only .venv/bin has it."""
    shown = advice(tmp_path, "/usr/bin:/bin", SCRIPT)

    assert f"Next: {SCRIPT} harvest " in shown
