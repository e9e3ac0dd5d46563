"""Runs the server: granian speaks HTTP and calls the application in one process, which has the workers."""

import errno
import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Event
from tempfile import TemporaryDirectory
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server.mp import MPServer, WorkerProcess

from harvester.config import data_dir
from harvester.errors import HarvesterError, UsageError
from harvester.query.canned import Library
from harvester.serve.app import App
from harvester.serve.core.dumps import Dumps
from harvester.serve.core.editions import TASKS_MODULE
from harvester.serve.core.engine import Engine
from harvester.serve.core.gate import Gate, read_tokens
from harvester.serve.core.serving import Serving
from harvester.serve.core.settings import ServeSettings
from harvester.serve.html.templating import Templates
from harvester.workers.worker import preload

_log = logging.getLogger(__name__)
_FILES = 256
"""Files that are open besides connections."""
_HEAD_BYTES = 65_536
"""Longest request line and headers."""
_LISTENS_S = 1.0
"""A process that can answer listens within this time."""

_REFUSALS = {
    errno.EADDRINUSE: ("another program does", "another --port, or stop the other program"),
    errno.EACCES: (
        "ports below 1024 are for the administrator",
        "--port 8000, and a reverse proxy in front (docs/server.md)",
    ),
    errno.EADDRNOTAVAIL: (
        "this machine has no such address",
        "--host 127.0.0.1 for this machine only, 0.0.0.0 for all its networks",
    ),
}
"""What the system says of an address, and what to do."""


def run(settings: ServeSettings, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called in the process that answers, when it can.

    Raises UsageError for settings that cannot be used, HarvesterError if the server ends by itself.
    """
    build(settings)  # so that what is wrong is said here, before anything starts
    _check_address(settings.host, settings.port)
    _allow_files(settings.connections + _FILES)
    server = _Server(settings)
    with TemporaryDirectory(prefix="hs-") as folder:  # short: the path of a socket has some 100 bytes
        os.environ["TMPDIR"] = tempfile.tempdir = folder  # what a process that is killed leaves goes with it
        try:
            server.serve(target_loader=partial(_load, settings, ready, server.answers), wrap_loader=False)
        except SystemExit as end:
            if end.code:
                fix = "read what it wrote before; too little memory is a common cause"
                raise HarvesterError("The server ended by itself, twice within seconds", fix=fix) from end


def build(settings: ServeSettings, ready: Callable[[], None] = lambda: None) -> App:
    """Put the application together. Raises UsageError."""
    tokens = read_tokens(settings.tokens) if settings.tokens else {}
    gate = Gate(settings.per_client, tokens, settings.trusted_proxies)
    serving = Serving(
        settings=settings,
        gate=gate,
        engine=Engine(settings, gate),
        library=Library.of(data_dir("queries"), *settings.queries),
        templates=Templates(lambda path: settings.prefix + path),
        dumps=Dumps(settings),
    )
    return App(serving, ready)


class _Server(MPServer):
    """Starts the process that answers, and again if it dies; has the signals."""

    def __init__(self, settings: ServeSettings) -> None:
        super().__init__(
            "harvester",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGI,
            loop=Loops.auto,
            http=HTTPModes.http1,
            websockets=False,
            backpressure=settings.connections,
            http1_settings=HTTP1Settings(
                header_read_timeout=round(settings.request_s * 1000), max_buffer_size=_HEAD_BYTES
            ),
            log_enabled=False,
            respawn_failed_workers=True,
            respawn_interval=_LISTENS_S,
            workers_kill_timeout=max(1, round(settings.stop_s)),
        )
        self._settings = settings
        self._at_terminal = sys.stderr.isatty()
        self._awaited = False
        self.answers = multiprocessing.Event()
        """Set by a process that can answer."""

    def signal_handler_interrupt(self, *signal_and_frame: Any) -> None:
        """Stop; the second time without waiting for requests under way."""
        if self.interrupt_signal:
            for worker in self.wrks:
                worker.kill()
        super().signal_handler_interrupt(*signal_and_frame)  # type: ignore[no-untyped-call]

    def signal_handler_reload(self, *signal_and_frame: Any) -> None:
        """Have another process take over, which reads all files again; or stop, if a terminal was closed."""
        if self._at_terminal:
            self.signal_handler_interrupt(*signal_and_frame)
            return
        try:
            build(self._settings)
        except HarvesterError as error:
            _log.error("what was there before goes on: %s", error)
        else:
            super().signal_handler_reload(*signal_and_frame)  # type: ignore[no-untyped-call]

    def _respawn_workers(self, workers: Any, target: Any, loader: Any, delay: float = 0) -> None:
        """Start a process for one that died, or with a `delay` one that takes over from another."""
        self._awaited = delay > 0
        super()._respawn_workers(workers, target, loader, delay)

    def _spawn_worker(self, *arguments: Any, **named: Any) -> WorkerProcess:
        """Return a process, which starts; who takes over has to answer first: until then the old one does."""
        worker = super()._spawn_worker(*arguments, **named)
        if self._awaited:
            worker.start = partial(self._start, worker)  # type: ignore[method-assign]
        return worker

    def _start(self, worker: WorkerProcess) -> None:
        self.answers.clear()
        WorkerProcess.start(worker)
        while not self.answers.wait(0.05) and worker.is_alive() and not self.interrupt_signal:
            pass


def _load(settings: ServeSettings, ready: Callable[[], None], answers: Event) -> App:
    """Begin in the process that answers."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    threading.Thread(target=_end_with_parent, args=(settings.stop_s,), name="parent", daemon=True).start()
    preload(TASKS_MODULE)

    def begin() -> None:
        ready()
        answers.set()

    return build(settings, begin)


def _end_with_parent(patience_s: float) -> None:
    """Stop when the process that started this one is killed: nobody else would tell, nor lose patience."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience_s)
        os.kill(os.getpid(), signal.SIGKILL)


def _allow_files(wanted: int) -> None:
    """Raise the bound on open files, which many systems set to 1,024, so that connections fit in."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _check_address(host: str, port: int) -> None:
    """Find out whether the address can be had. Raises UsageError.

    granian would share it with a server of ours that has it (SO_REUSEPORT): each would get some requests.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            cause, fix = _REFUSALS.get(
                error.errno or 0, (error.strerror or "refused", "another --host or --port")
            )
            raise UsageError(f"Cannot listen at {host}, port {port}: {cause}", fix=fix) from error
