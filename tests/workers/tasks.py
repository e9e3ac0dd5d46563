"""Tasks that misbehave, for workers in tests."""

import ctypes
import os
import socket
import time

from pyoxigraph import QueryResultsFormat

from harvester.errors import StoreError, UsageError
from harvester.workers.task import Refused


def echo(work, *words):
    work.sink.begin("text/plain", words=list(words))
    work.sink.write(" ".join(words).encode())


def whoami(work):
    work.sink.begin("text/plain")
    work.sink.write(str(os.getpid()).encode())


def priority(work, seconds):
    time.sleep(seconds)
    work.sink.begin("text/plain")
    work.sink.write(b"%d" % os.getpriority(os.PRIO_PROCESS, 0))


def sleep(work, seconds):
    time.sleep(seconds)
    work.sink.begin("text/plain")
    work.sink.write(b"slept")


def long(work, pieces):
    work.sink.begin("text/plain")
    for number in range(pieces):
        work.sink.write(b"%07d\n" % number * 8192)


def hoard(work):
    work.sink.begin("text/plain")
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


def crash(work):
    ctypes.string_at(0)


def fail(work, kind):
    raise {
        "usage": UsageError("not like this", fix="like that"),
        "store": StoreError("the disk is full", fix="make room"),
        "gone": Refused(410, "it was here", fix="look elsewhere", retry_after_s=7),
        "bug": ZeroDivisionError("division by zero"),
    }[kind]


def fail_late(work):
    work.sink.begin("text/plain")
    work.sink.write(b"x" * 200_000)
    raise UsageError("too late", fix="never mind")


def query(work, text):
    """Evaluate without any look at the query first: only the walls of the process are left."""
    work.sink.begin("application/json")
    work.store.query(text, use_default_graph_as_union=True).serialize(
        work.sink, format=QueryResultsFormat.JSON
    )


def connect(work, port):
    socket.create_connection(("127.0.0.1", port), 2).close()


def execute(work):
    os.execv("/bin/true", ["/bin/true"])


TASKS = {
    function.__name__: function
    for function in (
        echo,
        whoami,
        priority,
        sleep,
        long,
        hoard,
        crash,
        fail,
        fail_late,
        query,
        connect,
        execute,
    )
}
