"""Where a dump goes: a file that appears whole or not at all, with its checksum, or an open stream."""

import errno
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Protocol

import zstandard

from harvester.errors import StoreError, UsageError
from harvester.store.local import sync

COMPRESSIONS = ("", "gz", "zst")
_GZIP_LEVEL = 6
_ZSTD_LEVEL = 9
"""zstd packs a dump at this level in the time that gzip takes for its own, a fifth smaller."""

_NAMELESS_GZIP = 31
"""zlib's "gzip format, largest window". Its header holds neither name nor time: bytes are reproducible."""


_BUFFER = 1 << 20
_MISNAMED = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL)


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Verbatim:
    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def _compressor(compression: str) -> _Compressor:
    if compression == "gz":
        return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _NAMELESS_GZIP)
    if compression == "zst":
        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True).compressobj()
    return _Verbatim()


class Output:
    """Compresses what is written to it, and passes that on to `file`, which errors call `name`.

    Raises StoreError where the disk refuses; BrokenPipeError passes through.
    """

    def __init__(self, file: BinaryIO, name: str, compression: str) -> None:
        self.size = 0
        """Bytes passed on so far."""
        self._file = file
        self._name = name
        self._hash = sha256()
        self._compressor = _compressor(compression)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the bytes passed on so far."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Write `data`, before compression."""
        self._pass_on(self._compressor.compress(data))

    def finish(self) -> None:
        """Write what compression still holds back."""
        self._pass_on(self._compressor.flush())
        with _disk_errors(self._name):
            self._file.flush()

    def _pass_on(self, data: bytes) -> None:
        self._hash.update(data)
        self.size += len(data)
        with _disk_errors(self._name):
            self._file.write(data)


@contextmanager
def replacing(path: Path, compression: str = "") -> Iterator[Output]:
    """Write to a new file beside `path`, which takes its place at the end of the block.

    A checksum for `sha256sum -c` is put beside it. Whatever fails or dies on the way, `path` is the old file
    or the new one, whole, and a checksum that is there is its own. A device or a pipe is written to as it is.

    Raises UsageError where there is no such folder, StoreError where the disk refuses.
    """
    path = Path(os.path.realpath(path))
    unfinished = path.with_name(f".harvester-{token_hex(8)}.part")
    with _disk_errors(str(path)):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        in_place = path.exists() and not path.is_file()
        file = (path if in_place else unfinished).open("wb", buffering=_BUFFER)
    try:
        output = Output(file, str(path), compression)
        yield output
        output.finish()
        if not in_place:
            with _disk_errors(str(path)):
                os.fsync(file.fileno())
                _publish(unfinished, path, output.digest)
    finally:
        with suppress(OSError):  # what was to be kept is on the disk by now
            file.close()
        unfinished.unlink(missing_ok=True)


@contextmanager
def streaming(stream: BinaryIO, compression: str = "") -> Iterator[Output]:
    """Write to an open stream."""
    output = Output(stream, "standard output", compression)
    yield output
    output.finish()


def _publish(unfinished: Path, path: Path, digest: str) -> None:
    checksum = path.with_name(path.name + ".sha256")
    beside = unfinished.with_suffix(".sha256")
    try:
        beside.write_bytes(_checksum_line(digest, path.name))
        sync(beside)
        checksum.unlink(missing_ok=True)
        sync(path.parent)
        unfinished.replace(path)
        beside.replace(checksum)
        sync(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def _checksum_line(digest: str, name: str) -> bytes:
    """https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html (untagged)."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    mark = "\\" if escaped != name else ""
    return os.fsencode(f"{mark}{digest}  {escaped}\n")


@contextmanager
def _disk_errors(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        cause = f"{name} cannot be written: {error.strerror or error}"
        if error.errno in _MISNAMED:
            raise UsageError(cause, fix="name a file in a folder that exists") from error
        raise StoreError(
            cause, fix="make room or name a file elsewhere; what was there before is as it was"
        ) from error
