"""The examples in docstrings hold.

pytest's own doctest plugin looks for them in every object of every module, which takes each process of the
tests longer than all else that it collects.
"""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WITH_EXAMPLES = sorted(
    str(path.relative_to(ROOT))
    for folder in ("harvester", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if path != Path(__file__) and ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("path", WITH_EXAMPLES)
def test_the_examples_of_a_module_hold(path, capsys):
    """All of them, each as it stands."""
    results = doctest.testmod(import_module(path.removesuffix(".py").replace("/", ".")))

    assert results.failed == 0, capsys.readouterr().out
    assert results.attempted > 0
