"""A dump file, loaded into a store on disk for as long as it is looked at."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, cast

import zstandard
from pyoxigraph import RdfFormat, Store

from harvester.config import MEBIBYTE, RdfLimits
from harvester.errors import UsageError
from harvester.formats import BY_NAME, Format
from harvester.rdf.depth import TooDeep, check_depth
from harvester.store.local import as_store_error, open_writable

MAX_BYTES = 64 * 1024 * MEBIBYTE
"""Largest file, decompressed."""
MAX_NESTED = 1024 * MEBIBYTE
"""Largest one whose nesting must be looked at first: JSON-LD and RDF/XML, which are read whole for that."""


@contextmanager
def opened(file: Path) -> Iterator[Store]:
    """Yield a store with the content of a dump; its name tells its format and compression.

    Raises UsageError for what is no such file, with the line at fault; StoreError where the disk refuses.
    """
    format_ = _format(file)
    with TemporaryDirectory(prefix="harvester-validate-") as folder:
        store = open_writable(Path(folder) / "store")
        try:
            with _decompressed(file) as stream:
                _load(store, _checked(stream, format_, file), format_, file)
        except SyntaxError as error:
            line = f", line {error.lineno}" if error.lineno else ""
            raise UsageError(f"{file}{line}: {error.msg}", fix="correct the file, or name another") from error
        except (zlib.error, zstandard.ZstdError, EOFError, gzip.BadGzipFile) as error:
            raise UsageError(f"{file} is damaged: {error}", fix="make it again") from error
        except (OSError, RuntimeError) as error:
            if translated := as_store_error(error, Path(folder)):
                raise translated from error
            raise UsageError(f"{file} cannot be read: {error}", fix="name a dump that can be read") from error
        yield store


def _format(file: Path) -> Format:
    name = Path(file.stem if file.suffix in (".gz", ".zst") else file.name)
    if format_ := BY_NAME.get(name.suffix[1:].lower()):
        return format_
    raise UsageError(
        f"the name {file.name!r} does not tell in which format the file is",
        fix="end it in .ttl, .nt, .nq, .trig, .jsonld or .rdf, each also with .gz or .zst",
    )


def _decompressed(file: Path) -> IO[bytes]:
    match file.suffix:
        case ".gz":
            return cast("IO[bytes]", gzip.open(file))
        case ".zst":
            return cast("IO[bytes]", zstandard.open(file))
        case _:
            return file.open("rb")


def _checked(stream: IO[bytes], format_: Format, file: Path) -> IO[bytes]:
    if format_.rdf not in (RdfFormat.JSON_LD, RdfFormat.RDF_XML):
        return cast("IO[bytes]", _Bounded(stream, file))
    body = stream.read(MAX_NESTED + 1)
    if len(body) > MAX_NESTED:
        raise UsageError(f"{file} is larger than {MAX_NESTED:,} bytes", fix="make an .nq or .ttl of it")
    try:
        check_depth(body, format_.rdf, RdfLimits().max_depth)
    except TooDeep as error:
        raise UsageError(f"{file} {error}", fix="make an .nq or .ttl of it") from error
    return io.BytesIO(body)


class _Bounded(io.RawIOBase):
    """A stream that ends in an error past MAX_BYTES."""

    def __init__(self, stream: IO[bytes], file: Path) -> None:
        self._stream, self._file, self._read = stream, file, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self._read += len(data)
        if self._read > MAX_BYTES:
            raise UsageError(f"{self._file} holds more than {MAX_BYTES:,} bytes", fix="name a smaller dump")
        return data


def _load(store: Store, stream: IO[bytes], format_: Format, file: Path) -> None:
    store.bulk_load(stream, format_.rdf, base_iri=file.resolve().as_uri())
