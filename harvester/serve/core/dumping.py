"""Makes the dump of one generation: a process of its own, which takes no time from those that answer.

`python -m harvester.serve.core.dumping GENERATION FOLDER` says in lines of JSON how it goes:
`{"doing": words}`, and at last `{"cause": …, "fix": …}` if it failed. It ends with the server that
started it.
"""

import json
import os
import sys
from pathlib import Path

from harvester.config import MEBIBYTE
from harvester.errors import HarvesterError
from harvester.export.dumps import make_dump
from harvester.workers.sandbox import confine

_MEMORY = 1024 * MEBIBYTE
_NICENESS = 19


def main(generation: str, folder: str) -> int:
    """Make a dump and tell how it goes; return the exit status."""
    os.nice(_NICENESS)
    confine(_MEMORY)
    try:
        make_dump(Path(generation), Path(folder), lambda words: _say(doing=words))
    except HarvesterError as error:
        _say(cause=error.cause, fix=error.fix)
        return error.exit_code
    return 0


def _say(**values: str) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
