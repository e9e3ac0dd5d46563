"""Is a generation what its manifest says? What is not is told as values: nothing here raises for damage."""

import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harvester.errors import StoreError
from harvester.store.generation import Generation
from harvester.store.generations import Catalogue
from harvester.store.manifest import NAME, File, Manifest, size_and_sum, walk


class Damage(StrEnum):
    """What is wrong, in a user's words."""

    CURRENT = "current"
    MANIFEST = "manifest"
    MISSING = "missing file"
    EXTRA = "extra file"
    SIZE = "wrong size"
    CONTENT = "wrong checksum"
    UNREADABLE = "unreadable"
    STORE = "store"
    QUADS = "number of quads"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a generation, or ("") the catalogue. `path` is a file in its folder."""

    generation: str
    damage: Damage
    path: str
    why: str


def check(generation: Generation) -> tuple[Finding, ...]:
    """Verify a generation's files by size and checksum, then whether its store holds what it should.

    Returns what is wrong, nothing if all is well. A store with a file that is not as it was written is not
    opened: what RocksDB makes of it tells nothing new.
    """
    try:
        manifest = generation.manifest
    except StoreError as error:
        return (Finding(generation.id, Damage.MANIFEST, NAME, error.cause),)
    findings = _compare_files(generation, manifest)
    if manifest.id != generation.id:
        why = f"it is that of generation {manifest.id}"
        findings.append(Finding(generation.id, Damage.MANIFEST, NAME, why))
    if not any(finding.path.startswith(generation.store_path.name) for finding in findings):
        findings += _open_store(generation, manifest)
    return tuple(findings)


def check_current(catalogue: Catalogue) -> tuple[Finding, ...]:
    """Verify that readers are sent to a generation: return what is wrong, nothing if all is well."""
    try:
        catalogue.current()
    except StoreError as error:
        return (Finding("", Damage.CURRENT, "current", error.cause),)
    return ()


def _compare_files(generation: Generation, manifest: Manifest) -> list[Finding]:
    listed = {file.path: file for file in manifest.files}
    try:
        found = {path.relative_to(generation.path).as_posix(): path for path in walk(generation.path)}
    except OSError as error:
        return [Finding(generation.id, Damage.UNREADABLE, "store", str(error))]
    findings = []
    for name in sorted({*listed, *found}):
        if name not in found:
            told: tuple[Damage, str] | None = (Damage.MISSING, "the manifest lists it, it is not there")
        elif name not in listed:
            told = Damage.EXTRA, "the manifest does not list it"
        else:
            told = _compare(found[name], listed[name])
        if told:
            findings.append(Finding(generation.id, told[0], name, told[1]))
    return findings


def _compare(path: Path, file: File) -> tuple[Damage, str] | None:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would keep us waiting
            return Damage.UNREADABLE, "it is not a regular file"
        if status.st_size != file.size:
            return Damage.SIZE, f"{status.st_size:,} bytes, {file.size:,} when it was published"
        _, crc32 = size_and_sum(path)
    except OSError as error:
        return Damage.UNREADABLE, error.strerror or str(error)
    if crc32 != file.crc32:
        return Damage.CONTENT, f"CRC-32 {crc32}, {file.crc32} when it was published"
    return None


def _open_store(generation: Generation, manifest: Manifest) -> list[Finding]:
    name = generation.store_path.name
    try:
        with generation.open() as store:
            quads = len(store)
    except StoreError as error:
        return [Finding(generation.id, Damage.STORE, name, error.cause)]
    except (OSError, RuntimeError) as error:  # as RocksDB puts it
        return [Finding(generation.id, Damage.STORE, name, str(error))]
    if quads != manifest.quads:
        why = f"it holds {quads:,}, {manifest.quads:,} when it was published"
        return [Finding(generation.id, Damage.QUADS, name, why)]
    return []
