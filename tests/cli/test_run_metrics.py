"""`--metrics`: the last runs as Prometheus reads them from a text file."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from harvester.store.generations import Catalogue
from tests.cli.harvesting import LEAN_FILE, from_file, harvest
from tests.simulator import World, faults, serve

WORLD = World(datasets=12, reuses=4)

Samples = dict[tuple[str, ...], float]


def samples(path: Path) -> Samples:
    """Return each sample by its name and the values of its labels."""
    found: Samples = {}
    for family in text_string_to_metric_families(path.read_text(encoding="utf-8")):
        assert family.type == "gauge"
        assert family.documentation
        assert re.fullmatch(r"harvester_run_[a-z_]+", family.name)
        for sample in family.samples:
            labels = (sample.labels[name] for name in sorted(sample.labels) if name != "portal")
            found[(sample.labels["portal"], sample.name.removeprefix("harvester_run_"), *labels)] = (
                sample.value
            )
    return found


def of(portal) -> str:
    return portal.site.removeprefix("http://")


def test_the_numbers_are_those_of_the_report(tmp_path):
    """And the times in seconds since 1970."""
    spoilt = [faults.malformed(faults.page(2)), faults.status(500, "/api/1/datasets/")]
    with serve(WORLD, spoilt) as portal:
        files = ["--metrics", tmp_path / "m.prom", "--report", tmp_path / "r.json", "--surfaces", "default"]
        done = harvest(portal.site, "--store", tmp_path / "c", *files)

    report, found = json.loads((tmp_path / "r.json").read_text()), samples(tmp_path / "m.prom")
    told = {name[1:]: value for name, value in found.items() if name[0] == of(portal)}
    started, ended = (datetime.fromisoformat(report[key]).timestamp() for key in ("started", "ended"))
    assert done.exit_code == 5
    assert told == {
        ("start_timestamp_seconds",): started,
        ("end_timestamp_seconds",): ended,
        ("last_success_timestamp_seconds",): ended,
        ("exit_code",): 5,
        ("duration_seconds",): report["seconds"],
        ("requests",): len(portal.requests),
        ("members",): report["members"],
        ("skipped",): report["counts"]["skipped"],
        ("quads",): Catalogue(tmp_path / "c").require().manifest.quads,
        **{("records", kind): counts["seen"] for kind, counts in report["kinds"].items()},
        **{("changes", change): report["counts"][change] for change in ("added", "changed", "removed")},
        **{("problems", category): number for category, number in report["problem_counts"].items()},
        **{
            ("outcome", outcome): outcome == "published"
            for outcome in ("published", "unchanged", "tried", "failed", "interrupted")
        },
    }


def test_a_failed_run_keeps_the_last_success(tmp_path):
    """And what the catalogue holds; all else is of the run that failed."""
    files = ["--store", tmp_path / "c", "--metrics", tmp_path / "m.prom"]
    with serve(WORLD) as portal:
        harvest(portal.site, *files)
        before = samples(tmp_path / "m.prom")
        portal.faults = [faults.status(503)]
        assert harvest(portal.site, *files).exit_code == 3
        after = samples(tmp_path / "m.prom")

    def same(name: str) -> bool:
        return before[of(portal), name] == after[of(portal), name]

    assert same("last_success_timestamp_seconds")
    assert same("quads")
    assert before[of(portal), "end_timestamp_seconds"] < after[of(portal), "end_timestamp_seconds"]
    assert after[of(portal), "exit_code"] == 3
    assert (after[of(portal), "outcome", "failed"], after[of(portal), "outcome", "published"]) == (1, 0)
    assert (of(portal), "records", "dataset") in before.keys() - after.keys()


def test_an_unchanged_run_is_a_success(tmp_path):
    """It says so later than the one before, and the catalogue is as large as it was."""
    files = ["--store", tmp_path / "c", "--metrics", tmp_path / "m.prom"]
    with serve(WORLD) as portal:
        harvest(portal.site, *files)
        before = samples(tmp_path / "m.prom")
        harvest(portal.site, *files)
        after = samples(tmp_path / "m.prom")

    assert after[of(portal), "outcome", "unchanged"] == 1
    success = (of(portal), "last_success_timestamp_seconds")
    assert before[success] < after[success]
    assert before[of(portal), "quads"] == after[of(portal), "quads"]


def test_one_file_for_all_portals_of_a_file(tmp_path):
    """Those that are no longer harvested are no longer told of."""
    config = tmp_path / "harvester.toml"
    text = f'{LEAN_FILE}store = "c"\nmetrics = "m.prom"\nattempts = 1\nrate = 0\n'
    with serve(WORLD) as one, serve(WORLD, [faults.status(503)]) as other:
        tables = [f'[[portal]]\nurl = "{portal.site}"\n' for portal in (one, other)]
        config.write_text(text + "".join(tables))
        from_file(config)
        both = samples(tmp_path / "m.prom")
        config.write_text(text + tables[0])
        from_file(config)
        left = samples(tmp_path / "m.prom")

    assert {name[0]: value for name, value in both.items() if name[1] == "exit_code"} == {
        of(one): 0,
        of(other): 3,
    }
    assert (of(other), "last_success_timestamp_seconds") not in both
    assert {name[0] for name in left} == {of(one)}


@pytest.mark.parametrize("content", [b"", b"no metrics { at all\n", b"\xff\xfe", b"other_metric 1\n"])
def test_a_file_that_is_none_of_ours_is_replaced(content, tmp_path):
    """What was there costs nothing."""
    (tmp_path / "m.prom").write_bytes(content)
    with serve(WORLD, [faults.status(503)]) as portal:
        done = harvest(portal.site, "--store", tmp_path / "c", "--metrics", tmp_path / "m.prom")

    assert done.exit_code == 3
    assert samples(tmp_path / "m.prom")[of(portal), "exit_code"] == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "m.prom"]


def test_metrics_that_cannot_be_written_are_told_before_the_run(tmp_path):
    """Nothing is asked."""
    with serve(WORLD) as portal:
        done = harvest(portal.site, "--store", tmp_path / "c", "--metrics", tmp_path / "no" / "m.prom")

        assert portal.requests == []
    assert done.exit_code == 2
