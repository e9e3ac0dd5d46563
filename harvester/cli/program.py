"""What messages are made of: how the user calls the program, and text from outside made harmless."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

_CONTROL = {code: f"\\u{code:04X}" for code in range(0x7F, 0xA0)}


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


def as_json(value: Any, indent: int | None = 1) -> str:
    r"""Return a value as JSON with letters of all languages as they are, control characters as escapes.

    >>> as_json({"title": "é" + chr(0x9B)}, indent=None)
    '{"title": "é\\u009B"}'
    """
    return json.dumps(value, indent=indent, ensure_ascii=False).translate(_CONTROL)
