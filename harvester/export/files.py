"""Where a dump goes: a file that appears whole or not at all, with its checksum, or an open stream."""

import errno
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Protocol

import zstandard

from harvester.errors import HarvesterError, StoreError, UsageError
from harvester.store.local import sync

COMPRESSIONS = ("", "gz", "zst")
_GZIP_LEVEL = 6
_ZSTD_LEVEL = 9
"""zstd packs a dump at this level in the time that gzip takes for its own, a fifth smaller."""

_NAMELESS_GZIP = 31
"""zlib's "gzip format, largest window": its header holds neither name nor time, so that bytes are reproducible."""


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
    """Compresses what is written, passes it on, and knows `size` and `digest` (SHA-256, hex) of what was passed on."""

    def __init__(self, file: BinaryIO, compression: str) -> None:
        self.size = 0
        self._file = file
        self._hash = sha256()
        self._compressor = _compressor(compression)

    @property
    def digest(self) -> str:
        """SHA-256 of all bytes so far."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Write `data`, before compression."""
        self._pass_on(self._compressor.compress(data))

    def finish(self) -> None:
        """Write what compression still holds back."""
        self._pass_on(self._compressor.flush())
        self._file.flush()

    def _pass_on(self, data: bytes) -> None:
        self._hash.update(data)
        self.size += len(data)
        self._file.write(data)


@contextmanager
def replacing(path: Path, compression: str = "") -> Iterator[Output]:
    """Write to a new file beside `path`, which takes its place at the end of the block.

    A checksum for `sha256sum -c` is put beside it. Whatever fails or dies on the way, `path` is the old file with
    its checksum or without, or the new one likewise: never one with the other's checksum. A device or a pipe is
    written to as it is. Raises UsageError where there is no such folder, StoreError where the disk
    refuses; errors of the block itself pass through.
    """
    path = Path(os.path.realpath(path))
    if _is_special(path):
        with _disk_errors(path), path.open("wb") as file:
            yield from _filled(Output(file, compression))
        return
    unfinished = path.with_name(f".harvester-{token_hex(8)}.part")
    try:
        with _disk_errors(path), unfinished.open("xb", buffering=1 << 20) as file:
            yield from _filled(output := Output(file, compression))
            os.fsync(file.fileno())
        with _disk_errors(path):
            _publish(unfinished, path, output.digest)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def streaming(stream: BinaryIO, compression: str = "") -> Iterator[Output]:
    """Write to an open stream."""
    yield from _filled(Output(stream, compression))


def _filled(output: Output) -> Iterator[Output]:
    yield output
    output.finish()
