"""Print ratios measured in this run: harvest, nights, enrichment, mapping, export … See benchmarks/README.md.

python -m benchmarks [--datasets 10000] [--larger 40000] [--rounds 3] [--skip-rdflib] [--only PART]
"""

import argparse
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.endpoint import compare_serving
from benchmarks.enrichment import compare_enrichment
from benchmarks.mapping import compare_mapping
from benchmarks.measure import Measure, run
from benchmarks.nights import compare_nights
from benchmarks.portal import synthetic_portal
from benchmarks.search import compare_search
from benchmarks.validation import compare_validation
from harvester.store.generations import Catalogue

BIN = Path(sys.executable).parent
HARVESTER, OXIGRAPH = str(BIN / "harvester"), str(BIN / "oxigraph")
PARTS = ("harvest", "nights", "export", "serve", "memory", "enrichment", "mapping", "validation", "search")
FORMATS = ("nq", "nt", "ttl", "trig", "jsonld", "rdf")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--datasets", type=int, default=10_000)
    parser.add_argument("--larger", type=int, default=40_000, help="for memory, beside --datasets")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--skip-rdflib", action="store_true", help="leave out the rdflib script, which takes minutes"
    )
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--searched", type=int, default=75_000, help="datasets, for the speed of search")
    parser.add_argument("--reuses", type=int, default=3_000, help="for the speed of mapping")
    parser.add_argument(
        "--morph-kgc", type=Path, metavar="PYTHON", help="that has it; else an environment is made"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        apart = {
            "nights": partial(compare_nights, given.datasets, given.rounds, work),
            "enrichment": partial(compare_enrichment, given.datasets, given.rounds, work),
            "mapping": partial(compare_mapping, given.reuses, given.rounds, work, given.morph_kgc),
            "validation": partial(compare_validation, work, given.rounds, copies=4),
            "search": partial(compare_search, given.searched, given.rounds, work),
        }
        for name, compare in apart.items():
            if given.only in (None, name):
                compare()
        if given.only in apart:
            return
        with synthetic_portal(given.datasets) as site:
            harvests = [harvest(site, work)]
            quads = dump(work)
            print(f"portal of {given.datasets:,} datasets: {quads:,} quads in the catalogue\n")
            if given.only in (None, "harvest"):
                compare_harvest(site, work, given.rounds, rdflib=not given.skip_rdflib)
        if given.only in (None, "export"):
            compare_export(work, given.rounds)
        if given.only in (None, "serve"):
            compare_serving(work, given.rounds)
        if given.only in (None, "memory"):
            compare_memory(harvests[0], given.datasets, given.larger, work)


def harvest(site: str, work: Path) -> Measure:
    """Harvest from scratch."""
    shutil.rmtree(work / "catalogue", ignore_errors=True)
    return run([HARVESTER, "harvest", site, "--store", str(work / "catalogue"), "--rate", "0"], work / "log")


def load(work: Path) -> Measure:
    """Load the same quads from one file with Oxigraph's own loader."""
    shutil.rmtree(work / "loaded", ignore_errors=True)
    return run(
        [OXIGRAPH, "load", "--location", str(work / "loaded"), "--file", str(work / "all.nq")], work / "log"
    )


def dump(work: Path) -> int:
    """Write the harvested quads to one file; return how many there are."""
    generation = Catalogue(work / "catalogue").require()
    with generation.open() as store:
        store.dump(str(work / "all.nq"))
        return len(store)


def compare_harvest(site: str, work: Path, rounds: int, *, rdflib: bool) -> None:
    pairs = [(harvest(site, work), load(work)) for _ in range(rounds)]
    ours, theirs = (Measure.middle([pair[i] for pair in pairs]) for i in (0, 1))
    print("Full harvest over loopback, against loading the same quads from one file")
    print(f"  harvester harvest     {ours}")
    print(f"  oxigraph load         {theirs}")
    ratios = sorted(a.wall / b.wall for a, b in pairs)
    print(
        f"  ratio of wall times   {ratios[len(ratios) // 2]:.2f}  ({', '.join(f'{r:.2f}' for r in ratios)})\n"
    )
    if not rdflib:
        return
    script = str(Path(__file__).parent / "rdflib_script.py")
    url = f"{site}/api/1/site/catalog.ttl?page=1&page_size=100"
    slow = run([sys.executable, script, url, str(work / "rdflib.nt")], work / "log")
    print("Full harvest, against a script with rdflib (parse, add, serialise; no reuses)")
    print(f"  rdflib script         {slow}")
    print(f"  harvester is          {slow.wall / ours.wall:.1f} times as fast\n")


def compare_export(work: Path, rounds: int) -> None:
    generation = Catalogue(work / "catalogue").require()
    print("Export of the whole catalogue, against oxigraph dump of the same store")
    for name in FORMATS:
        pairs = [
            (export(work, name), oxigraph_dump(generation.store_path, work, name)) for _ in range(rounds)
        ]
        ours, theirs = (Measure.middle([pair[i] for pair in pairs]) for i in (0, 1))
        speeds = sorted(b.wall / a.wall for a, b in pairs)
        print(f"  {name:<7} {ours}   dump {theirs}   speed {speeds[len(speeds) // 2]:.2f} of its")
    print()


def export(work: Path, name: str) -> Measure:
    target = str(work / f"out.{name}")
    return run([HARVESTER, "export", target, "--store", str(work / "catalogue")], work / "log")


def oxigraph_dump(store: Path, work: Path, name: str) -> Measure:
    """Dump with Oxigraph: all of it, so N-Quads where the format has no graphs."""
    name = {"nq": "nq", "trig": "trig", "jsonld": "jsonld"}.get(name, "nq")
    shutil.copytree(store, work / "copy", dirs_exist_ok=True)
    target = str(work / f"dump.{name}")
    return run([OXIGRAPH, "dump", "--location", str(work / "copy"), "--file", target], work / "log")


def compare_memory(small: Measure, datasets: int, larger: int, work: Path) -> None:
    with synthetic_portal(larger) as site:
        large = harvest(site, work)
    print("Peak memory of a harvest, all its processes together")
    print(f"  {datasets:>7,} datasets      {small}")
    print(f"  {larger:>7,} datasets      {large}")
    print(f"  ratio                 {large.peak / small.peak:.2f}\n")


if __name__ == "__main__":
    main()
