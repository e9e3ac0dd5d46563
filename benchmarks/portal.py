"""The synthetic portal, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HARVESTER = str(Path(sys.executable).parent / "harvester")


@contextmanager
def synthetic_portal(datasets: int, reuses: int | None = None, pace: float = 0.0) -> Iterator[str]:
    """Serve a portal of so many datasets on loopback; yield its address.

    A tenth as many `reuses`, unless told otherwise; `pace` 1 is as slow as a real portal was measured to be.
    """
    command = [sys.executable, "-m", "tests.simulator", "--port", "0", "--render", "ttl"]
    number = datasets // 10 if reuses is None else reuses
    given = ["--datasets", str(datasets), "--reuses", str(number), "--pace", str(pace)]
    with subprocess.Popen([*command, *given], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.startswith("ready "):
                raise RuntimeError(f"the portal did not start: {line}")
            yield line.split()[1]
        finally:
            process.terminate()
