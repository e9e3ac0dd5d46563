"""Content codings: answers compressed, whole or as they stream (RFC 9110, section 8.4)."""

import zlib
from typing import Protocol

import zstandard

WORTHWHILE = 1_000
"""Bytes below which nothing is compressed: it would save no packet."""

_GZIP_LEVEL, _ZSTD_LEVEL = 5, 3
_GZIP_WINDOW = (
    31  # zlib's word for a gzip header: https://docs.python.org/3/library/zlib.html#zlib.compressobj
)


class Encoder(Protocol):
    """Compresses a stream."""

    def compress(self, data: bytes, /) -> bytes:
        """Take a piece; return what is ready to be sent, perhaps nothing."""

    def flush(self) -> bytes:
        """Return the end."""


def encoder(coding: str) -> Encoder:
    """Return an encoder for "gzip" or "zstd"."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(_ZSTD_LEVEL).compressobj()
    return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)


def encode(data: bytes, coding: str) -> bytes:
    """Return all of it in a coding."""
    whole = encoder(coding)
    return whole.compress(data) + whole.flush()
