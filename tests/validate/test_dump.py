"""Dump files: read by their names, refused with their line, gone when they were looked at."""

import gzip
import tempfile
from pathlib import Path

import pytest
import zstandard
from pyoxigraph import Quad, RdfFormat, parse, serialize

from harvester.errors import UsageError
from harvester.validate import dump
from harvester.validate.dump import opened
from tests.validate.stores import PREFIXES

TEXT = f"{PREFIXES} :d a dcat:Dataset ; dct:title 'Vélos'@fr ; dct:publisher [ a foaf:Agent ] ."
FORMATS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
PACK = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


def content(format_: str) -> bytes:
    triples = (quad.triple for quad in parse(TEXT, RdfFormat.TURTLE))
    if format_ in ("nq", "trig", "jsonld"):
        return serialize((Quad(*triple) for triple in triples), format=FORMATS[format_])
    return serialize(triples, format=FORMATS[format_])


@pytest.mark.parametrize("packed", PACK)
@pytest.mark.parametrize("format_", FORMATS)
def test_each_format(format_, packed, tmp_path):
    """Plain or packed; nothing is left behind."""
    file = tmp_path / f"c.{format_}{packed}"
    file.write_bytes(PACK[packed](content(format_)))
    with opened(file) as store:
        assert len(store) == 4
        assert len(left()) == 1

    assert left() == []


def left() -> list[Path]:
    """Return the folders of stores that are still there."""
    return list(Path(tempfile.gettempdir()).glob("harvester-validate-*"))


@pytest.fixture(autouse=True)
def own_folder(tmp_path_factory, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("tmp")))


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("c.ttl", b"\n\n<urn:a> <urn:b> .", "line 3"),
        ("c.nq", b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <http://a b> <urn:c> .\n", "line 2"),
        ("c.ttl", b"<html>", "line 1"),
        ("c.jsonld", b'{"@graph": ' * 100 + b"}" * 100, "nests more than"),
        ("c.rdf", b"<a>" * 100, "nests more than"),
        ("c.ttl.gz", b"no gzip", "is damaged"),
        ("c.ttl.gz", gzip.compress(b"<urn:a> <urn:b> <urn:c> ." * 1000, mtime=0)[:50], "is damaged"),
        ("c.ttl.zst", b"no zstandard", "is damaged"),
        ("c.csv", b"a,b", "does not tell in which format"),
        ("c", b"", "does not tell in which format"),
    ],
)
def test_what_is_no_dump_is_refused(name, body, why, tmp_path):
    """With the file's name, and the line if it is about one."""
    (tmp_path / name).write_bytes(body)
    with pytest.raises(UsageError, match=why) as refused, opened(tmp_path / name):
        pass

    assert name in refused.value.cause
    assert left() == []


@pytest.mark.parametrize(("format_", "limit"), [("nq", "MAX_BYTES"), ("jsonld", "MAX_NESTED")])
def test_a_file_that_grows_without_end_is_refused(format_, limit, tmp_path, monkeypatch):
    """Bounded by what it holds unpacked."""
    monkeypatch.setattr(dump, limit, 100)
    file = tmp_path / f"c.{format_}.gz"
    file.write_bytes(gzip.compress(content(format_)))
    with pytest.raises(UsageError, match="than 100 bytes"), opened(file):
        pass
