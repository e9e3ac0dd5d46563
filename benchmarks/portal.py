"""The synthetic portal, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def synthetic_portal(datasets: int) -> Iterator[str]:
    """Serve a portal of so many datasets, and a tenth as many reuses, on loopback; yield its address."""
    command = [sys.executable, "-m", "tests.simulator", "--port", "0", "--render", "ttl"]
    sizes = ["--datasets", str(datasets), "--reuses", str(datasets // 10)]
    with subprocess.Popen([*command, *sizes], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.startswith("ready "):
                raise RuntimeError(f"the portal did not start: {line}")
            yield line.split()[1]
        finally:
            process.terminate()
