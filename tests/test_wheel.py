"""What is installed holds all that the program needs."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.serve.programs import installed
from tests.test_frontend import BUILT

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built as for PyPI but with the tools that are here."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.mark.heavy
def test_the_wheel_carries_mappings_queries_pages_and_the_demo(wheel, tmp_path):
    """Data files travel with the code, tests do not."""
    names = set(zipfile.ZipFile(wheel).namelist())

    for folder in ("mappings", "queries", "shapes"):
        files = {str(p.relative_to(ROOT)) for p in (ROOT / folder).rglob("*") if p.is_file()}
        assert {f"harvester/{file}" for file in files} <= names
    data = {
        str(p.relative_to(ROOT))
        for p in (ROOT / "harvester" / "serve").rglob("*.*")
        if p.parent.name != "__pycache__"
    }
    assert (
        {"harvester/serve/queries/openapi.yaml", "harvester/serve/html/templates/page.html"} < data <= names
    )
    assert "harvester/serve/html/static/style.css" in names
    assert not any("__pycache__" in name for name in names)
    assert "harvester/demo/portal.test.warc.gz" in names
    assert "harvester/schemas/report.schema.json" in names
    assert "harvester/py.typed" in names
    assert not any(name.startswith(("tests/", "benchmarks/", "frontend/")) for name in names)
    assert not any("node_modules" in name for name in names)
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(wheel).extractall(unpacked)
    show = "from harvester.config import data_dir; print(data_dir('queries'))"
    found = subprocess.run(
        [sys.executable, "-c", show], cwd=unpacked, capture_output=True, text=True, check=True
    )
    assert Path(found.stdout.strip()) == unpacked / "harvester" / "queries"


@pytest.mark.heavy
def test_the_wheel_carries_the_front_end_with_its_licences(wheel):
    """Npm is needed where it is built, not where it is installed."""
    installed(BUILT, "the SPARQL editor, which npm builds when harvester is installed")
    folder = str(BUILT.relative_to(ROOT))
    names = set(zipfile.ZipFile(wheel).namelist())
    manifest = json.loads(zipfile.ZipFile(wheel).read(f"{folder}/manifest.json"))

    assert {f"{folder}/{name}" for name in manifest.values()} <= names
    assert f"{folder}/THIRD-PARTY-LICENSES.txt" in names
