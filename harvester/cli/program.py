"""How the user calls the program, for the commands that messages suggest."""

import shutil
import sys
from pathlib import Path


def program() -> str:
    """Return `harvester` where the shell finds it by that name, else the path by which it was called.

    After `make demo` that is `.venv/bin/harvester`.
    """
    called = Path(sys.argv[0])
    found = shutil.which("harvester")
    if called.name != "harvester" or (found and Path(found).resolve() == called.resolve()):
        return "harvester"
    try:
        return str(called.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(called)
