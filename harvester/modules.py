"""Python processes that this one starts find the same modules as it does."""

import os
import sys


def same_modules() -> dict[str, str]:
    """Return an environment in which Python finds the modules that this process uses, and no others.

    Without it `python -m` would look in the current folder first.
    """
    path = os.pathsep.join(filter(None, sys.path))
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
