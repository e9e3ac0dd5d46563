"""What the second night costs, and a night with a few changes, against the first harvest, in the same run."""

import json
import resource
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.portal import synthetic_portal

_HARVESTER = str(Path(sys.executable).parent / "harvester")
_PACE = 0.25
"""Of the times measured on a real udata: pages of 100 datasets in 1 s instead of 4."""
_PACED_DATASETS = 2_000


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds of wall and of processor time (all processes), requests that the portal counted."""

    wall: float
    cpu: float
    requests: int

    def __str__(self) -> str:
        return f"{self.wall:7.2f} s wall  {self.cpu:6.2f} s cpu  {self.requests:6,} requests"


def middle(runs: list[Run]) -> Run:
    """Return the median of each figure."""
    return Run(
        median(r.wall for r in runs), median(r.cpu for r in runs), int(median(r.requests for r in runs))
    )


@dataclass(frozen=True, slots=True)
class Bench:
    """A portal at `site` and a folder for its catalogues."""

    site: str
    work: Path

    def harvest(self, name: str, *options: str) -> Run:
        """Harvest into the catalogue `name`."""
        store = ["--store", str(self.work / name), "--report", str(self.work / f"{name}.json")]
        asked, begun = self._requests(), time.perf_counter()
        with (self.work / "nights.log").open("wb") as log:
            command = [_HARVESTER, "harvest", self.site, *store, "--rate", "0", *options]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(command, stdout=log, stderr=log, check=False)
        wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            said = (self.work / "nights.log").read_text(errors="replace")
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {said[-2000:]}")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Run(wall, cpu, self._requests() - asked)

    def evolve(self, datasets: int) -> None:
        """Let 1 % of the datasets be edited, 0.2 % be deleted and as many be added."""
        few = max(1, datasets // 500)
        query = f"edit={datasets // 100}&remove={few}&add={few}&seed=7"
        request = urllib.request.Request(f"{self.site}/__evolve?{query}", method="POST")
        urllib.request.urlopen(request, timeout=60).close()

    def copy(self, name: str, to: str) -> None:
        """Copy a catalogue."""
        self.drop(to)
        shutil.copytree(self.work / name, self.work / to, symlinks=True)

    def drop(self, *names: str) -> None:
        """Remove catalogues."""
        for name in names:
            shutil.rmtree(self.work / name, ignore_errors=True)

    def mode(self, name: str) -> str:
        """Return which mode the last run into a catalogue took."""
        return str(json.loads((self.work / f"{name}.json").read_text())["mode"])

    def data(self, name: str) -> bytes:
        """Return the data of a catalogue as sorted N-Quads."""
        target = self.work / f"{name}.nq"
        export = [_HARVESTER, "export", str(target), "--no-provenance", "--store", str(self.work / name)]
        subprocess.run(export, check=True, capture_output=True)
        return target.read_bytes()

    def _requests(self) -> int:
        with urllib.request.urlopen(f"{self.site}/__stats", timeout=60) as answer:
            return int(json.load(answer)["requests"])


def compare_nights(datasets: int, rounds: int, work: Path) -> None:
    """Print what nights cost: with a portal that answers at once, and with one as slow as real ones."""
    print(f"Nights: {datasets:,} datasets, {datasets * 3 // 10:,} reuses; the portal answers at once")
    with _bench(datasets, 0.0, work) as bench:
        delta = _compare(bench, datasets, rounds)
        in_full = bench.harvest("all", "--datasets-rdf", "all")
        ratios = f"wall {delta.wall / in_full.wall:.3f}, requests {delta.requests / in_full.requests:.3f}"
        print(f"  first run, --datasets-rdf all           {in_full}")
        print(f"  the night of changes, against this      {ratios}\n")
    few = min(datasets, _PACED_DATASETS)
    print(f"Nights: {few:,} datasets; answers take {_PACE:.0%} of the times measured on a real portal")
    with _bench(few, _PACE, work) as bench:
        _compare(bench, few, 1)


def _compare(bench: Bench, datasets: int, rounds: int) -> Run:
    """Print the comparison; return the night of changes."""
    bench.drop("first", "night", "fresh")
    for _ in ("all of it", "the listings of changes"):
        bench.harvest("first")  # the portal makes each answer once: not part of the comparison
    firsts, seconds, fulls, deltas = [], [], [], []
    for _ in range(rounds):
        bench.drop("first")
        firsts.append(bench.harvest("first"))
        seconds.append(bench.harvest("first"))
        fulls.append(bench.harvest("first", "--mode", "full"))
    bench.evolve(datasets)
    bench.copy("first", "night")
    bench.harvest("night")
    for _ in range(rounds):
        bench.copy("first", "night")
        deltas.append(bench.harvest("night"))
    first = middle(firsts)
    print(f"  first run                               {first}")
    for name, runs in (
        ("nothing changed", seconds),
        ("nothing changed, --mode full", fulls),
        (f"a night of changes, by {bench.mode('night')}", deltas),
    ):
        run = middle(runs)
        ratios = f"wall {run.wall / first.wall:.3f}, cpu {run.cpu / first.cpu:.3f}"
        print(f"  {name:<38}  {run}   {ratios}, requests {run.requests / first.requests:.2f} of the first")
    bench.harvest("fresh", "--mode", "full")
    same = "equals" if bench.data("night") == bench.data("fresh") else "DIFFERS FROM"
    print(f"  the store after that night {same} a full harvest from scratch\n")
    return middle(deltas)


@contextmanager
def _bench(datasets: int, pace: float, work: Path) -> Iterator[Bench]:
    folder = work / f"nights{datasets}-{pace:g}"
    folder.mkdir()
    with synthetic_portal(datasets, datasets * 3 // 10, pace) as site:
        yield Bench(site, folder)
    shutil.rmtree(folder)
