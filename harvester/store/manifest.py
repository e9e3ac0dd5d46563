"""The manifest of a generation: what it is, who made it, and which files it consists of."""

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from harvester import __version__
from harvester.errors import StoreError

FORMAT = 1
"""The layout of a generation that this program writes, and the newest that it can read."""

NAME = "manifest.json"
JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a generation. `crc32` guards against damage, not against malice; 8 hex digits."""

    path: str
    size: int
    crc32: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself. `facts` are those of the run that published it."""

    id: str
    created: datetime
    run: str
    quads: int
    facts: Mapping[str, JSON] = field(default_factory=dict)
    files: tuple[File, ...] = field(default=(), repr=False)
    harvester: str = __version__
    pyoxigraph: str = field(default_factory=lambda: version("pyoxigraph"))
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write the manifest into the generation's folder. Raises OSError."""
        text = json.dumps(asdict(self) | {"created": self.created.isoformat()}, indent=1, ensure_ascii=False)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of a generation.

        Raises StoreError if it is damaged, or if a newer program wrote it, and OSError.
        """
        try:
            return cls._from_json(json.loads((folder / NAME).read_text(encoding="utf-8")), folder)
        except (FileNotFoundError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise StoreError(
                f"{folder / NAME} is missing or damaged ({error})",
                fix="go back to another generation, or harvest again",
            ) from error

    @classmethod
    def _from_json(cls, data: dict[str, Any], folder: Path) -> Self:
        if data["format"] > FORMAT:
            raise StoreError(
                f"{folder} was written by harvester {data.get('harvester')} in format {data['format']};"
                f" this one ({__version__}) reads up to {FORMAT}",
                fix="upgrade: pip install -U catalog-harvester",
            )
        known = {name: data[name] for name in cls.__dataclass_fields__}
        created = datetime.fromisoformat(data["created"]).astimezone(UTC)
        files = tuple(File(**file) for file in data["files"])
        expected = {"id": str, "run": str, "quads": int, "facts": dict, "harvester": str}
        wrong = [name for name, kind in expected.items() if not isinstance(known[name], kind)]
        if wrong or not all(isinstance(file.path, str) for file in files):
            raise TypeError(f"wrong type of {', '.join(wrong) or 'a path'}")
        return cls(**known | {"created": created, "files": files})


def list_files(folder: Path, base: Path | None = None) -> Iterator[File]:
    """Yield each file below `folder` but the manifest itself, by path, with size and checksum.

    Files that are hard links to those of the generation in `base` are not read again.
    """
    known = _links(base) if base else {}
    for path in walk(folder):
        status = path.stat()
        file = known.get((status.st_dev, status.st_ino))
        size, crc32 = (file.size, file.crc32) if file and file.size == status.st_size else size_and_sum(path)
        yield File(path.relative_to(folder).as_posix(), size, crc32)


def walk(folder: Path) -> list[Path]:
    """Return all files below `folder` but the manifest itself, sorted. Raises OSError."""
    paths: list[Path] = []
    for parent, _folders, names in os.walk(folder, onerror=_raise):
        paths += [Path(parent, name) for name in names]
    return sorted(path for path in paths if path != folder / NAME)


def size_and_sum(path: Path) -> tuple[int, str]:
    """Return a file's size in bytes and its CRC-32, 8 hex digits. Raises OSError."""
    size = total = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            size += len(piece)
            total = zlib.crc32(piece, total)
    return size, f"{total:08x}"


def _links(base: Path) -> dict[tuple[int, int], File]:
    """Return the files of a generation that are as its manifest found them, by device and inode."""
    known = {}
    try:
        files, written = Manifest.read(base).files, (base / NAME).stat().st_mtime_ns
        for file in files:
            status = (base / file.path).stat()
            # Written to since its sum was taken, it has to be read again.
            if status.st_size == file.size and status.st_mtime_ns <= written:
                known[status.st_dev, status.st_ino] = file
    except (OSError, StoreError):
        return {}
    return known


def _raise(error: OSError) -> None:
    raise error
