"""Compare the two SHACL libraries on the same records: that they find the same, and what it takes them.

python -m benchmarks.validation [--copies 4] [--rounds 1]

The records are those of a recorded page of a udata portal, and more of their kind: copies under other IRIs.
"""

import argparse
import gzip
import hashlib
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Measure, run
from harvester.formats import BY_NAME
from harvester.model import Document
from harvester.rdf.page import Reading, read_rows
from harvester.validate.batches import ntriples
from harvester.validate.engine import PyShacl, Rudof
from harvester.validate.shapes import load_shapes

PAGE = Path(__file__).parent.parent / "tests" / "data" / "udata-17.18" / "catalog-page-1.ttl.gz"
ENGINES = {"pyrudof": Rudof, "pyshacl": PyShacl}


def compare_validation(work: Path, rounds: int, copies: int) -> None:
    """Print what both libraries need for a page, and for `copies` of it."""
    for number in dict.fromkeys((1, copies)):
        file = work / f"{number}.nt"
        file.write_bytes(b"".join(records(copy) for copy in range(number)))
        lines = file.read_bytes().count(b"\n")
        print(f"Validation of {number} recorded page(s), {lines:,} statements, against DCAT-AP 3")
        measures, told = {}, {}
        for name in ENGINES:
            command = [sys.executable, "-m", "benchmarks.validation", "--engine", name, str(file)]
            measures[name] = Measure.middle([run(command, work / name) for _ in range(rounds)])
            told[name] = (work / name).read_text().strip()
            print(f"  {name:<10} {measures[name]}  {told[name]}")
        print(
            f"  pyrudof takes 1/{measures['pyshacl'].cpu / measures['pyrudof'].cpu:.1f} of the processor time"
        )
        print(f"  the same results: {'yes' if len(set(told.values())) == 1 else 'NO'}\n")


def records(copy: int) -> bytes:
    """Return the statements of the page, repaired as a harvest does, with IRIs of their own in each copy."""
    body = gzip.decompress(PAGE.read_bytes()).replace(b"http://portal.test/", b"http://portal%d.test/" % copy)
    url = f"http://portal{copy}.test/api/1/site/catalog.ttl"
    document = Document(url, url, 200, "text/turtle", body)
    rows = read_rows(document, BY_NAME["ttl"], Reading("portal.test", BY_NAME["ttl"])).rows
    return b"".join(f"{' '.join(row).replace('_:', f'_:c{copy}')} .\n".encode() for row in rows)


def judge(engine: str, file: Path) -> None:
    """Print how many results an engine finds, and a digest of them without blank nodes and messages."""
    shapes = load_shapes()
    data = file.read_bytes() + ntriples(shapes.facts)
    results = ENGINES[engine](shapes).results(data)
    found = sorted(f"{r.focus} {r.shape} {r.component}" for r in results if not str(r.focus).startswith("_:"))
    print(f"{len(results):,} results, {hashlib.sha256(''.join(found).encode()).hexdigest()[:12]}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validation", description=__doc__)
    parser.add_argument("--copies", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--engine", choices=list(ENGINES), help=argparse.SUPPRESS)
    parser.add_argument("file", nargs="?", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        judge(given.engine, given.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare_validation(Path(folder), given.rounds, given.copies)


if __name__ == "__main__":
    main()
