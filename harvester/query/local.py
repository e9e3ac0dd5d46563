"""Evaluate queries over a store on this machine, in a process that can be stopped.

pyoxigraph has no time limit, and some queries make it end its process: either costs only the child's.
A child takes about 0.15 s to start.
"""

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO

from harvester.errors import HarvesterError, QueryError, UsageError
from harvester.modules import same_modules
from harvester.query import worker
from harvester.query.endpoint import PatientStream
from harvester.query.results import Answer, Output
from harvester.query.sparql import Sparql


@dataclass(frozen=True, slots=True)
class LocalEndpoint:
    """An Oxigraph store in a folder that does not change. An Endpoint.

    `timeout_s`: seconds that an answer may take; time in which nobody reads it does not count.
    """

    folder: Path
    timeout_s: float = 60.0

    @contextmanager
    def ask(self, query: Sparql, output: Output) -> Iterator[Answer]:
        """See Endpoint. The child is killed when the `with` block ends."""
        with (
            tempfile.TemporaryFile() as complaints,
            subprocess.Popen(  # noqa: S603  # the command is ours; the query goes by its standard input
                [sys.executable, "-m", worker.__name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env=same_modules(),
            ) as child,
        ):
            try:
                stream = _Output(child, complaints, self.timeout_s)
                stream.send(worker.request(self.folder, query, output))
                yield Answer(output, BufferedReader(stream, 1 << 16))
            finally:
                child.kill()


class _Output(PatientStream):
    """The standard output of the child, and at its end the error that the child ended with, if any."""

    def __init__(self, child: subprocess.Popen[bytes], complaints: IO[bytes], timeout_s: float) -> None:
        super().__init__(timeout_s)
        self._child = child
        self._complaints = complaints

    def send(self, request: bytes) -> None:
        """Hand the request over."""
        assert self._child.stdin  # noqa: S101  # for mypy: it is a pipe
        try:
            self._child.stdin.write(request)
            self._child.stdin.close()
        except BrokenPipeError:
            self._raise_error()

    def _receive(self, size: int, timeout_s: float) -> bytes:
        assert self._child.stdout  # noqa: S101  # for mypy: it is a pipe
        with selectors.DefaultSelector() as selector:
            selector.register(self._child.stdout, selectors.EVENT_READ)
            if not selector.select(timeout_s):
                raise TimeoutError
        data = os.read(self._child.stdout.fileno(), size)
        if not data and self._child.wait(timeout_s) != 0:
            self._raise_error()
        return data

    def _raise_error(self) -> None:
        status = self._child.wait()
        self._complaints.seek(0)
        complaint = self._complaints.read(100_000).decode(errors="replace").strip()
        raise _as_error(status, complaint)


def _as_error(status: int, complaint: str) -> HarvesterError:
    try:
        name, cause, fix = json.loads(complaint.rpartition("\n")[2])
        return worker.RAISED[name](cause, fix=fix)
    except (ValueError, KeyError):
        pass  # it died without a word, or with a traceback
    if status < 0:
        return UsageError(
            f"The query brought the engine down (signal {-status}): it is too deep, or needs too much memory",
            fix="make it simpler or ask for less",
        )
    return QueryError(f"The query's process failed: {complaint[-2000:]}", fix="report this, with the query")
