"""What messages are made of: how the user calls the program, and text from outside made harmless."""

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


def printable(text: str, longest: int = 2000) -> str:
    """Return text from outside fit for a terminal: no control characters, which could steer it, nor endless.

    >>> printable("a" + chr(27) + "[31mb")
    'a?[31mb'
    """
    shown = text if len(text) <= longest else text[:longest] + "…"
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in shown)
