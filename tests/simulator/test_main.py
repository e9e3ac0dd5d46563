"""The portal can be run by hand, and by benchmarks, in a process of its own."""

import signal
import subprocess
import sys

import requests


def test_it_runs_as_a_command_until_interrupted():
    """It says when it is ready and where; Ctrl-C ends it cleanly."""
    command = [sys.executable, "-m", "tests.simulator", "--datasets", "20", "--port", "0", "--render", "ttl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        ready, site, *_ = process.stdout.readline().split()
        page = requests.get(f"{site}/api/1/site/catalog.ttl", timeout=10)
        stats = requests.get(f"{site}/__stats", timeout=10).json()
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=10)

    assert ready == "ready"
    assert page.text.count("a dcat:Dataset") == 20
    assert (stats["requests"], stats["200"]) == (1, 1)
    assert code == 0
