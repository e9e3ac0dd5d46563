"""Oxigraph stores on disk: the only place that opens them, and the words for what a disk may answer."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import Store

from harvester.errors import StoreError

_ROCKSDB = ("IO error", "Corruption", "Invalid argument", "NotFound", "Resource busy")
"""How RocksDB's messages begin: https://github.com/facebook/rocksdb/blob/main/util/status.cc"""

_CAUSES = (
    # (errno, what RocksDB writes when it hides the number, cause, fix)
    (
        (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
        ("No space left", "quota exceeded", "File too large"),
        "the disk takes no more",
        "make room on it, or name a folder on another disk by --store; nothing that was published is lost",
    ),
    (
        (errno.EROFS,),
        ("Read-only file system",),
        "the disk is read-only",
        "mount it for writing, or name another folder by --store",
    ),
    (
        (errno.EACCES, errno.EPERM),
        ("Permission denied", "Operation not permitted"),
        "permission denied",
        "run as the user who owns the catalogue, or name another folder by --store",
    ),
    (
        (errno.ENOTDIR, errno.EEXIST),
        ("Not a directory", "is not a directory"),
        "a file stands where a folder is needed",
        "name another folder by --store",
    ),
    (
        (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP),
        (),
        "this file system has no file locks",
        "keep the catalogue on a local disk, not on a network share",
    ),
    (
        (errno.EMFILE, errno.ENFILE),
        ("file descriptors", "Too many open files"),
        "too few files may be open at once",
        "allow more by `ulimit -n 4096`",
    ),
    (
        (),
        ("Corruption", "No such file"),
        "files of the store are missing or damaged",
        "check the disk, then take the catalogue from a backup or harvest into a new folder",
    ),
)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what goes wrong in a block that does nothing but use the disk at `path` into a StoreError."""
    try:
        yield
    except OSError as error:
        raise _translated(error, path) from error
    except RuntimeError as error:
        if translated := as_store_error(error, path):
            raise translated from error
        raise


def as_store_error(error: BaseException | None, path: Path) -> StoreError | None:
    """Return a StoreError for an error of RocksDB, None for any other.

    pyoxigraph hands on RocksDB's errors as OSError (mostly without errno) and RuntimeError, with its text.
    """
    if isinstance(error, OSError | RuntimeError) and str(error).startswith(_ROCKSDB):
        return _translated(error, path)
    return None


def _translated(error: OSError | RuntimeError, path: Path) -> StoreError:
    text = getattr(error, "strerror", None) or str(error)
    number = getattr(error, "errno", None)
    for numbers, words, cause, fix in _CAUSES:
        if number in numbers or any(word in text for word in words):
            return StoreError(f"{path}: {cause} ({text})", fix=fix)
    return StoreError(f"{path}: {text}", fix="check the disk and the folder's permissions")


def open_read_only(path: Path) -> Store:
    """Open a store that nobody changes any more; no file of it is touched.

    Raises StoreError if it cannot be read. Files of the store are opened as queries need them, so it must
    not be removed meanwhile: `Generation.open` sees to that.
    """
    with disk_errors(path):
        return Store.read_only(str(path))


def open_writable(path: Path) -> Store:
    """Open or create a store to change it. Raises StoreError if that cannot be done."""
    with disk_errors(path):
        return Store(path)


def sync_tree(folder: Path) -> None:
    """Ask the disk to keep `folder`, all files and folders in it, through a loss of power."""
    for parent, _folders, files in os.walk(folder):
        for name in files:
            sync(Path(parent, name))
        sync(Path(parent))


def sync(path: Path) -> None:
    """Ask the disk to keep one file's content, or one folder's list of names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def link_tree(source: Path, target: Path) -> None:
    """Make a new folder `target` of the files in `source`: hard links, or copies where there can be none."""
    target.mkdir()
    for path in source.iterdir():
        try:
            os.link(path, target / path.name)
        except OSError:
            shutil.copyfile(path, target / path.name)


def remove_tree(folder: Path) -> None:
    """Remove a folder as far as that is possible; a store in it may still be open and busy with its files."""
    for _attempt in range(3):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def disk_use(folder: Path) -> int:
    """Return the bytes that `folder` takes on disk; files that its generations share count once."""
    blocks: dict[tuple[int, int], int] = {}
    for parent, _folders, files in os.walk(folder):
        for name in files:
            try:
                status = os.lstat(Path(parent, name))
            except FileNotFoundError:  # a run goes on meanwhile
                continue
            blocks[status.st_dev, status.st_ino] = status.st_blocks * 512  # POSIX: st_blocks counts 512 bytes
    return sum(blocks.values())
