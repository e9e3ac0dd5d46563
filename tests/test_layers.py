"""The folders are the architecture: imports go down the drawing only."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "harvester"
LAYERS = [
    {"errors", "model", "vocab", "formats", "config", "ahead", "batches", "libyaml", "modules"},
    {"portal"},
    {"rdf"},
    {"enrich"},
    {"store"},
    {"search"},
    {"query", "export", "harvest"},
    {"workers", "validate"},
    {"serve"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
SERVE = [
    {"http"},
    {"tasks"},
    {"core"},
    {"html"},
    {"queries", "data", "operate"},
    {"sparql", "site", "feeds"},
    {"app"},
    {"server"},
]
SERVE_RANK = {name: rank for rank, layer in enumerate(SERVE) for name in layer}
PURE = {"batches", "errors", "model", "vocab", "formats", "rdf"}
"""Places that touch no network and no disk."""
OUTSIDE = {"requests", "socket", "http", "urllib3", "subprocess", "shutil", "tempfile", "os"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def place(path: Path) -> str:
    """Return the folder or top-level module that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downwards(path):
    """A module knows the layers below its own, never its siblings' or those above."""
    own = place(path)
    used = {name.split(".")[1] for name in imports(path) if name.startswith("harvester.")}

    wrong = {name for name in used if name != own and RANK[name] >= RANK[own] and RANK[own] > 0}

    assert wrong == set()


@pytest.mark.parametrize(
    "path",
    [p for p in modules() if place(p) == "serve" and p.parent.name != "serve"],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_the_server_has_layers_too(path):
    """A folder of the server knows those below its own."""
    own = path.parent.name
    used = {name.split(".")[2] for name in imports(path) if name.startswith("harvester.serve.")}

    assert {name for name in used if name != own and SERVE_RANK[name] >= SERVE_RANK[own]} == set()


@pytest.mark.parametrize(
    "path", [p for p in modules() if place(p) in PURE], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_pure_places_touch_neither_network_nor_disk(path):
    """Meaning is apart from input and output."""
    assert {name.split(".")[0] for name in imports(path)} & OUTSIDE == set()


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_stay_small(path):
    """One noun per module: who needs more than 350 lines has two."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350
