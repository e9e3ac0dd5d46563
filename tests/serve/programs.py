"""Programs that some tests drive, and that not every machine has. In CI all of them must be there."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

HOW = "CONTRIBUTING.md says how to get it; .ci/run does it on Debian"


def program(*names: str) -> str:
    """Find the first of these programs. Without any of them the test is skipped; in CI (CI=true) it fails."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or _missing(names[0])


def installed(folder: Path, what: str) -> Path:
    """Return a folder of packages that was installed beside the tests; as `program` if it was not."""
    if not folder.is_dir():
        _missing(what)
    return folder


def _missing(what: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {what}: {HOW}", pytrace=False)
    pytest.skip(f"not run, for want of {what}: {HOW}")
