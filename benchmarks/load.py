"""Ask a server as fast as it answers, with wrk (https://github.com/wg/wrk), which leaves it the processor."""

import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

_JSON = "application/sparql-results+json"
_SCRIPT = """
local queries = { %s }
local stamp, count = "%s", 0
request = function()
  count = count + 1
  local path = "%s" .. queries[count %% #queries + 1] .. (stamp == "" and "" or "%%23" .. stamp .. count)
  return wrk.format("GET", path, { Accept = "%s" })
end
"""


def throughput(endpoint: str, queries: list[str], work: Path, seconds: int, *, fresh: bool) -> float:
    """Return how many queries per second 16 connections get answered; raise if any was not.

    `fresh`: each is made a new one by a comment, so that no answer is known already.
    """
    path = endpoint[endpoint.index("/", 8) :]
    stamp = str(time.monotonic_ns()) if fresh else ""
    listed = ", ".join(f'"{quote(query)}"' for query in queries)
    script = work / "wrk.lua"
    script.write_text(_SCRIPT % (listed, stamp, path + "?query=", _JSON))
    command = [_wrk(), "-t1", "-c16", f"-d{seconds}s", "--timeout", "60s", "-s", str(script), endpoint]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{endpoint} failed to answer some requests:\n{said}")
    found = re.search(r"Requests/sec:\s*([\d.]+)", said)
    assert found
    return float(found[1])


def latency(endpoint: str, query: str) -> float:
    """Return the seconds until the whole answer to a query was read."""
    begun = time.perf_counter()
    rows(endpoint, query)
    return time.perf_counter() - begun


def rows(endpoint: str, query: str) -> list[dict[str, str]]:
    """Return the rows of a small answer."""
    request = urllib.request.Request(f"{endpoint}?query={quote(query)}", headers={"Accept": _JSON})
    with urllib.request.urlopen(request, timeout=120) as answer:
        bindings = json.load(answer)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


def wait_for_dumps(server: str) -> None:
    """Wait until a server of ours has made its dumps, which takes a processor for a while."""
    request = urllib.request.Request(f"{server}/dumps/", headers={"Accept": "application/json"})
    for _ in range(300):
        with urllib.request.urlopen(request, timeout=30) as answer:
            if json.load(answer)["files"]:
                return
        time.sleep(1)


@contextmanager
def serving(command: list[str], alive: str, log: Path) -> Iterator[None]:
    """Run a server until the block ends; begin when the URL `alive` answers."""
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(alive, timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(60)


def _wrk() -> str:
    found = shutil.which("wrk")
    if not found:
        raise SystemExit("The benchmark of the server needs wrk: on Debian or Ubuntu, apt install wrk")
    return found
