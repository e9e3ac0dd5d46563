"""What runs in a worker: one task after the other, until the server is gone."""

import gc
import importlib
import multiprocessing
import os
import signal
import socket
import threading
from pathlib import Path

from harvester.errors import HarvesterError, UsageError
from harvester.store.generation import STORE
from harvester.store.local import open_read_only
from harvester.workers.frames import READY, error_frame, frame, receive_task
from harvester.workers.limits import Limits
from harvester.workers.sandbox import confine
from harvester.workers.sink import Sink
from harvester.workers.task import HEAVY, INTERNAL, Handler, Refused, Work

_NO_WALL = b"the kernel does not keep queries from the network here: only the look at them does"
_BUG = "report this, with the request"


def main(connection: socket.socket, folder: Path, limits: Limits, table: str) -> None:
    """Open the generation in `folder` and do what `connection` asks for.

    `table` names the module whose TASKS are known: Handlers by name. A task may kill the process, by hunger
    for memory or an overflow of the stack: nobody but its asker notices.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the server says when to end
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # last words of an engine that aborts
    walled = confine(limits.memory)
    try:
        tasks: dict[str, Handler] = importlib.import_module(table).TASKS
        store = open_read_only(folder / STORE)
    except Exception as error:  # noqa: BLE001  # told to the server, which tells its log
        connection.sendall(error_frame(_refused(error)))
        return
    gc.freeze()
    threading.Thread(target=_end_with_server, name="server", daemon=True).start()
    connection.sendall(frame(READY, b"" if walled else _NO_WALL))
    while request := receive_task(connection):
        name, arguments = request
        sink = Sink(connection, limits.answer)
        try:
            tasks[name](Work(folder, store, sink, limits), *arguments)
            sink.end()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer to this request only
            sink.fail(_refused(error))


def _end_with_server() -> None:
    """End when the server is gone, also in the middle of a task: evaluation lets other threads run.

    The kernel would do it at the end of the fork server; but that lives as long as any of its children.
    """
    server = multiprocessing.parent_process()
    if server:
        server.join()
        os._exit(1)


def _refused(error: Exception) -> Refused:
    match error:
        case Refused():
            return error
        case UsageError():
            return Refused(400, error.cause, fix=error.fix)
        case HarvesterError():
            return Refused(503, error.cause, fix=error.fix, slug=INTERNAL)
        case MemoryError():
            return Refused(
                503, "The query needs more memory than it may have", fix="ask for less", slug=HEAVY
            )
    return Refused(503, f"{type(error).__name__}: {error}"[:2000], fix=_BUG, slug=INTERNAL)
