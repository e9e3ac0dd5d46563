"""Memory does not grow with the catalogue."""

import tracemalloc
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from harvester.export import groups, reading, turtle
from harvester.export.dump import write_dump
from harvester.export.files import replacing
from harvester.export.syntax import syntax_of
from harvester.vocab import DCAT, DCT, SPDX, inferred_graph, record_graph, records_graph
from tests.export.stores import ALL

BATCH = 16
SMALL, LARGE = 160, 640
"""Datasets. The small catalogue already fills what is fetched ahead, nine batches."""


def catalogue(path: Path, datasets: int) -> Store:
    lines = []
    for number in range(datasets):
        iri = f"http://a.example/datasets/{number:08}"
        record, inferred = record_graph("a.example", iri), inferred_graph("a.example", iri)
        notes = records_graph("a.example")
        lines += [
            f"<http://a.example/catalog> <{DCAT}dataset> <{iri}> <{record}> .",
            *(f'<{iri}> <{DCAT}keyword> "word {number} {word}" <{record}> .' for word in range(20)),
            *(f"<{iri}> <{DCAT}distribution> <{iri}?file={file}> <{record}> ." for file in range(4)),
            *(f'<{iri}?file={file}> <{DCT}description> "{"text " * 40}" <{record}> .' for file in range(4)),
            *(f"<{iri}?file={file}> <{SPDX}checksum> _:c{number}x{file} <{record}> ." for file in range(4)),
            *(f'_:c{number}x{file} <{SPDX}checksumValue> "{number}" <{record}> .' for file in range(4)),
            f"<{iri}> <{DCAT}theme> <http://a.example/theme> <{inferred}> .",
            f'<{record}> <{DCT}identifier> "{number}" <{notes}> .',
        ]
    store = Store(path)
    store.bulk_load("\n".join(lines).encode(), RdfFormat.N_QUADS)
    return store


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory):
    """Catalogues of the two sizes."""
    path = tmp_path_factory.mktemp("memory")
    return [catalogue(path / str(size), size) for size in (SMALL, LARGE)]


def peak(store: Store, target: Path) -> int:
    """Return the most bytes that Python held at a time during a dump, what it fetched included."""
    tracemalloc.start()
    try:
        syntax = syntax_of(target.name)
        with replacing(target, syntax.compression) as output:
            write_dump(store, output, syntax, ALL)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["c.ttl", "c.jsonld", "c.nq"])
def test_memory_is_flat(catalogues, tmp_path, name, monkeypatch):
    """Four times the catalogue takes about the same memory: far less more than there is more in the file."""
    for module in (reading, groups, turtle):
        monkeypatch.setattr(module, "BATCH", BATCH)
    files = [tmp_path / f"{place}-{name}" for place in range(2)]
    small, large = map(peak, catalogues, files)

    assert large - small <= 0.6 * (files[1].stat().st_size - files[0].stat().st_size)
