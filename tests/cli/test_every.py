"""`--every`: runs in processes of their own, again and again, until told to end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from harvester.store.generations import Catalogue
from tests.cli.harvesting import HARVESTER, LEAN, harvest
from tests.simulator import World, faults, serve
from tests.simulator.exchange import Delivery
from tests.waiting import PATIENCE_S, wait_for

ATTEMPTS = 4
"""A busy machine may delay the beginning of a run; not each time."""
REPEAT = """
import sys
from harvester.cli.every import Repeater
interval, command = float(sys.argv[1]), [sys.executable, "-c", *sys.argv[2:]]
sys.exit(Repeater(command, interval, lambda text: print(text, flush=True)).run())
"""
RUN = """
import pathlib, signal, sys, time
log = pathlib.Path(sys.argv[1])
runs = len(log.read_text().splitlines()) if log.exists() else 0
with log.open("a") as file:
    print(time.monotonic(), file=file)
"""
"""A run that notes when it began; `runs` is how many there were before."""
ORDERLY = RUN + "signal.signal(15, lambda *_: sys.exit(130))\nlog.with_suffix('.up').touch()\ntime.sleep(60)"


def starts(log: Path) -> list[float]:
    return [float(line) for line in log.read_text().splitlines()] if log.exists() else []


def repeating(interval: float, run: str, log: Path, **how) -> subprocess.Popen:
    command = [sys.executable, "-c", REPEAT, str(interval), run, str(log)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how)


def said_of_timely(run: str, folder: Path, times: int, timely: Callable[[list[float]], bool]) -> str:
    """Have a run begin again each second, so many times; return what is said of it.

    `timely` tells whether they began when they should: in one of the attempts they do.
    """
    seen = []
    for attempt in range(ATTEMPTS):
        log = folder / f"log-{attempt}"
        with repeating(1.0, run, log) as repeater:
            wait_for(lambda log=log: len(starts(log)) >= times)
            repeater.terminate()
            out, _ = repeater.communicate(timeout=PATIENCE_S)
        seen.append(starts(log)[:times])
        if timely(seen[-1]):
            return out
    raise AssertionError(seen)


def test_from_start_to_start_whatever_becomes_of_each(tmp_path):
    """A run that failed, one that was killed: the next one comes at its time, which is said."""

    def timely(begun: list[float]) -> bool:
        first, *later = begun
        return all(n - 0.3 < start - first < n + 0.9 for n, start in enumerate(later, 1))

    run = RUN + "sys.exit(3) if runs == 0 else signal.raise_signal(9) if runs == 1 else None"
    lines = said_of_timely(run, tmp_path, 4, timely).splitlines()
    assert lines[0].startswith("The run ended with exit code 3; the next one begins at 20")
    assert lines[1].startswith("The run was ended by SIGKILL; the next one begins at 20")
    assert lines[2].startswith("The run ended with exit code 0; the next one begins at 20")


def test_slots_that_a_long_run_took_are_left_out(tmp_path):
    """Runs never overlap, nor do they come at once to make up for lost time."""

    def timely(begun: list[float]) -> bool:
        first, second, third = begun
        return 1.7 < second - first < 2.7 and 0.5 < third - second < 1.7

    said_of_timely(RUN + "time.sleep(1.5 if runs == 0 else 0)", tmp_path, 3, timely)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_between_runs_it_ends_at_once(how, tmp_path):
    """Exit code 0: it was told to."""
    log = tmp_path / "log"
    with repeating(3600.0, RUN, log) as repeater:
        assert "the next one begins at" in repeater.stdout.readline()
        begun = time.monotonic()
        repeater.send_signal(how)
        assert repeater.wait(PATIENCE_S) == 0
        assert time.monotonic() - begun < PATIENCE_S
    assert len(starts(log)) == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_run_under_way_is_told_to_end(how, tmp_path):
    """It ends in its own way, and its exit code is that of all; no other run begins."""
    log = tmp_path / "log"
    with repeating(0.1, ORDERLY, log) as repeater:
        wait_for(log.with_suffix(".up").exists)
        repeater.send_signal(how)
        assert repeater.wait(PATIENCE_S) == 130
    assert len(starts(log)) == 1


def test_ctrl_c_in_a_terminal_reaches_a_run_once(tmp_path):
    """It goes to all processes that the terminal's user started: the run hears of it from the loop only."""
    log = tmp_path / "log"
    counting = RUN + "signal.signal(signal.SIGINT, lambda *_: sys.exit(99))\n" + ORDERLY.removeprefix(RUN)
    with repeating(0.1, counting, log, process_group=0) as repeater:
        wait_for(log.with_suffix(".up").exists)
        os.killpg(repeater.pid, signal.SIGINT)
        assert repeater.wait(PATIENCE_S) == 130


def test_who_asks_twice_does_not_wait(tmp_path):
    """A run that does not end when told to is killed then."""
    log = tmp_path / "log"
    deaf = RUN + "signal.signal(signal.SIGTERM, lambda *_: log.with_suffix('.told').touch());"
    with repeating(0.1, deaf + "log.with_suffix('.up').touch()\nwhile True: time.sleep(60)", log) as repeater:
        wait_for(log.with_suffix(".up").exists)
        (run,) = psutil.Process(repeater.pid).children()
        repeater.terminate()
        wait_for(log.with_suffix(".told").exists)
        repeater.terminate()
        assert repeater.wait(PATIENCE_S) == 130
        assert not run.is_running()


def test_the_clock_on_the_wall_does_not_matter(tmp_path):
    """One that jumps by a day and back between runs changes nothing."""
    jumping = REPEAT.replace(
        "import sys",
        "import sys, time, itertools\n"
        "days, real = itertools.cycle([0, 86400, -86400]), time.time\n"
        "time.time = lambda: real() + next(days)",
    )
    log = tmp_path / "log"
    command = [sys.executable, "-c", jumping, "0.5", RUN, str(log)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as repeater:
        wait_for(lambda: len(starts(log)) >= 4)
        repeater.terminate()

    first, *_, last = starts(log)[:4]
    assert 1.0 < last - first < 3.0


def test_harvests_of_its_own(tmp_path):
    """The same command line without --every, in a process of its own; told to end, a run ends in order."""
    store, out = tmp_path / "c", tmp_path / "out"
    slow = faults.delivered(Delivery.SILENT, faults.page(2, "[a-z]+"))
    with serve(World(datasets=12, reuses=4), [slow]) as portal, out.open("w") as stream:
        options = [
            "--store",
            str(store),
            "--page-size",
            "10",
            "--every=1h",
            *LEAN,
            "--report",
            str(tmp_path / "r.json"),
        ]
        with subprocess.Popen(
            [*HARVESTER, "harvest", portal.site, *options], stdout=stream, stderr=stream
        ) as loop:
            wait_for(lambda: portal.asked("page=2&"))
            (run,) = psutil.Process(loop.pid).children()
            command = run.cmdline()
            loop.send_signal(signal.SIGINT)
            assert loop.wait(PATIENCE_S) == 130

        assert command[1:] == ["-m", "harvester", "harvest", portal.site, *options[:4], *options[5:]]
        assert '"outcome": "interrupted"' in (tmp_path / "r.json").read_text()
        assert "Traceback" not in out.read_text()
        portal.faults = []
        with subprocess.Popen(
            [*HARVESTER, "harvest", portal.site, *options], stdout=stream, stderr=stream, env=os.environ
        ) as loop:
            wait_for(lambda: "the next one begins at" in out.read_text())
            assert Catalogue(store).current()
            loop.terminate()
            assert loop.wait(PATIENCE_S) == 0


def test_what_is_wrong_is_told_before_the_first_run(tmp_path):
    """An interval too short, a file that is not right: exit code 2 at once."""
    config = tmp_path / "harvester.toml"
    config.write_text("[portal]\n")

    short = harvest("https://one.example", "--every", "30s")
    wrong = harvest("--config", config, "--every", "6h")

    assert (short.exit_code, wrong.exit_code) == (2, 2)
    assert "at least 1m" in short.stderr
    assert "line 1" in wrong.stderr


@pytest.mark.parametrize(
    ("written", "seconds"),
    {"90s": 90, "30m": 1_800, "6h": 21_600, "7d": 604_800, "1.5h": 5_400, "0": 0}.items(),
)
def test_durations(written, seconds):
    """As people write them."""
    from harvester.cli.durations import Duration

    assert Duration().convert(written, None, None) == seconds


@pytest.mark.parametrize(
    "written", ["", "6", "h", "-1h", "6 weeks", "1h30m", "nan", "infh", "9" * 400 + "d", "６h"]
)
def test_what_is_no_duration(written):
    """Refused with what is one."""
    done = harvest("https://one.example", "--full-every", written)

    assert done.exit_code == 2
    assert "--full-every" in done.stderr
