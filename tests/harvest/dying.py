"""The harvest command, killed in the middle: `python -m tests.harvest.dying LINE harvest http://…`.

It kills itself (SIGKILL) at line LINE of those that begin, index, verify, publish and tidy up generations.
With LINE 0 it lives, and prints in the end, as the last word on standard error, how many such lines it went
through.
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from harvester.cli import main
from harvester.search import building
from harvester.store import generations

_STORE = Path(generations.__file__).parent
_SEARCH = Path(building.__file__).parent
WATCHED = {
    *(str(_STORE / f"{name}.py") for name in ("generations", "generation", "stage", "local", "manifest")),
    *(str(_STORE / f"{name}.py") for name in ("lock", "journal")),
    *(str(_SEARCH / f"{name}.py") for name in ("building", "layout")),
    shutil.__file__,
}


def watch(line: int) -> list[int]:
    """Kill this process at so many lines; return where they are counted."""
    seen = [0]

    def trace(frame: FrameType, event: str, _arg: Any) -> Any:
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            seen[0] += 1
            if seen[0] == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    return seen


if __name__ == "__main__":
    counted = watch(int(sys.argv.pop(1)))
    try:
        main()
    finally:
        sys.settrace(None)
        print(counted[0], file=sys.stderr)
