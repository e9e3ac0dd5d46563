"""Templates are compiled once, and kept like Python's own modules; what is kept is never trusted blindly."""

import sys
from pathlib import Path

import pytest

from harvester.serve.html.templating import Templates

PROBLEM = {
    "title": "Not Found",
    "cause": "There is nothing",
    "fix": "begin at the start page",
    "status": 404,
    "here_url": "/nothing",
}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder where Python, and so the templates too, keep what they compile."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "kept"


def render() -> list[str]:
    """Make a page in each language, by templates that are read anew."""
    templates = Templates(lambda path: path)
    templates.warm()
    return [templates.render(language, "problem.html", PROBLEM) for language in ("en", "fr")]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_compiled_templates_are_kept_for_the_next_process(kept):
    """One file for each template, whatever the languages; the next time none of them is written again."""
    first = render()
    written = {path: path.stat().st_mtime_ns for path in files(kept)}

    assert len(written) > 20
    assert render() == first
    assert {path: path.stat().st_mtime_ns for path in files(kept)} == written


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", "cut"], ids=["empty", "rubbish", "cut short"])
def test_rubbish_in_the_folder_is_compiled_anew(kept, rubbish):
    """As after a kill, or a full disk."""
    first = render()
    for path in files(kept):
        path.write_bytes(path.read_bytes()[:-20] if rubbish == "cut" else rubbish)

    assert render() == first
    assert render() == first


def test_a_folder_that_cannot_be_written_is_no_matter(kept):
    """As where the program belongs to another user."""
    kept.write_text("a file where the folder would be")

    english, french = render()

    assert "There is nothing" in english
    assert 'lang="fr"' in french


def test_nothing_is_written_where_python_may_not_write(kept, monkeypatch):
    """PYTHONDONTWRITEBYTECODE holds for templates too."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    assert render()
    assert files(kept) == []
