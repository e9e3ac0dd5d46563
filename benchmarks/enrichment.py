"""What enrichment adds to the time of a full harvest: with and without it, in turns, in the same run."""

import shutil
from pathlib import Path

from benchmarks.measure import Measure, run
from benchmarks.portal import HARVESTER, synthetic_portal
from harvester.config import data_dir

_PACES = (0.0, 1.0)
"""A portal that answers at once; one that takes the times measured on a real udata, 4 s for 100 datasets."""
_STEPS = {
    "catalogue and reuses alone": ("--surfaces", "none"),
    "+ the rest of the API": (),
    "+ inference": (),
    "+ quality (the default)": (),
}
_LEFT_OUT = (("infer", "codes", "quality"), ("infer", "codes", "quality"), ("quality",), ())
"""Folders of mappings that each step does without."""


def compare_enrichment(datasets: int, rounds: int, work: Path) -> None:
    """Print ratios to the harvest without, for a portal that answers at once and one that takes its time."""
    for number, left_out in enumerate(_LEFT_OUT):
        shutil.copytree(data_dir("mappings"), work / f"mappings-{number}")
        for name in left_out:
            shutil.rmtree(work / f"mappings-{number}" / name)
    for pace in _PACES:
        with synthetic_portal(datasets, pace=pace) as site:
            for number in (0, len(_STEPS) - 1):  # so that the portal has made what it answers, once for all
                _harvest(site, work, number)
            measured = [
                [_harvest(site, work, number) for number in range(len(_STEPS))] for _ in range(rounds)
            ]
        print(f"Full harvest of {datasets:,} datasets, portal at {pace:g} of the times of a real one")
        for number, name in enumerate(_STEPS):
            ratios = sorted(each[number].wall / each[0].wall for each in measured)
            cpu = sorted(each[number].cpu / each[0].cpu for each in measured)
            middle = Measure.middle([each[number] for each in measured])
            half = len(ratios) // 2
            print(f"  {name:<28}{middle}  wall {ratios[half]:.2f}  processor {cpu[half]:.2f}")
        print()


def _harvest(site: str, work: Path, number: int) -> Measure:
    shutil.rmtree(work / "enriched", ignore_errors=True)
    options = ["--rate", "0", "--mappings", str(work / f"mappings-{number}"), *[*_STEPS.values()][number]]
    command = [HARVESTER, "harvest", site, "--store", str(work / "enriched"), *options]
    return run(command, work / "log")
