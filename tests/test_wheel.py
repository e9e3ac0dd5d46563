"""What is installed holds all that the program needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.heavy
def test_the_wheel_carries_mappings_queries_pages_and_the_demo(tmp_path):
    """Built as for PyPI; data files travel with the code, tests do not."""
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())

    for folder in ("mappings", "queries", "shapes"):
        files = {str(p.relative_to(ROOT)) for p in (ROOT / folder).rglob("*") if p.is_file()}
        assert {f"harvester/{file}" for file in files} <= names
    data = {
        str(p.relative_to(ROOT)) for p in (ROOT / "harvester" / "serve").rglob("*.*") if p.suffix != ".pyc"
    }
    assert (
        {"harvester/serve/queries/openapi.yaml", "harvester/serve/html/templates/page.html"} < data <= names
    )
    assert "harvester/serve/html/static/style.css" in names
    assert "harvester/demo/portal.test.warc.gz" in names
    assert "harvester/schemas/report.schema.json" in names
    assert "harvester/py.typed" in names
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in names)
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(wheel).extractall(unpacked)
    show = "from harvester.config import data_dir; print(data_dir('queries'))"
    found = subprocess.run(
        [sys.executable, "-c", show], cwd=unpacked, capture_output=True, text=True, check=True
    )
    assert Path(found.stdout.strip()) == unpacked / "harvester" / "queries"
