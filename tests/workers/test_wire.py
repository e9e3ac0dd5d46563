"""Frames between a worker and the server, however the socket cuts them."""

import asyncio
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.workers.frames import DATA, END, PREFIX, as_head, frame, receive_task, task_frame
from harvester.workers.sink import Sink
from harvester.workers.task import Refused, Task
from harvester.workers.wire import Wire

FRAMES = st.lists(st.tuples(st.sampled_from([b"D", b"H", b"E", b"X"]), st.binary(max_size=300)), max_size=8)


class Transport:
    """Remembers whether the reader asked for a pause."""

    paused = False

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


@given(FRAMES, st.lists(st.integers(1, 50), max_size=30))
def test_frames_arrive_whole_however_they_are_cut(frames, cuts):
    """Pieces of any size give the frames that were sent, in order, and then the end."""
    sent = b"".join(frame(kind, payload) for kind, payload in frames)

    async def received() -> list[tuple[bytes, bytes]]:
        wire = Wire()
        wire.connection_made(Transport())  # type: ignore[arg-type]
        rest = sent
        for cut in cuts:
            wire.data_received(rest[:cut])
            rest = rest[cut:]
        wire.data_received(rest)
        wire.connection_lost(None)
        found = [await wire.frame() for _ in frames]
        with pytest.raises(EOFError):
            await wire.frame()
        return found

    assert asyncio.run(received()) == frames


def test_a_reader_that_is_behind_holds_the_worker_up():
    """Only a few frames wait in the server's memory; reading them lets more come."""

    async def test() -> None:
        wire, transport = Wire(), Transport()
        wire.connection_made(transport)  # type: ignore[arg-type]
        for _ in range(10):
            wire.data_received(frame(DATA, b"x" * 1000))
        assert transport.paused
        for _ in range(10):
            await wire.frame()
        waiting = asyncio.ensure_future(wire.frame())
        await asyncio.sleep(0)
        assert not transport.paused
        wire.data_received(frame(END))
        assert await waiting == (END, b"")

    asyncio.run(test())


@given(st.text(), st.lists(st.text() | st.integers() | st.none()).map(tuple))
def test_a_task_crosses_to_the_worker(name, arguments):
    """What the server asks for is what the worker reads."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(task_frame(Task(name, arguments)))
        assert receive_task(theirs) == (name, arguments)


def test_a_long_task_crosses_in_many_pieces():
    """A query of a megabyte is read to its end."""
    ours, theirs = socket.socketpair()
    task = Task("sparql", ("x" * 1_000_000,))
    with ours, theirs:
        sender = threading.Thread(target=ours.sendall, args=[task_frame(task)])
        sender.start()
        assert receive_task(theirs) == (task.name, task.arguments)
        sender.join()


def test_a_worker_notices_that_the_server_is_gone():
    """The end of the socket, also midway in a task, is no task."""
    for sent in (b"", b"T\x00", task_frame(Task("a", ()))[:9]):
        ours, theirs = socket.socketpair()
        with theirs:
            with ours:
                ours.sendall(sent)
            assert receive_task(theirs) is None


class Connection:
    """Collects what is sent."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def sendall(self, data: bytearray) -> None:
        self.pieces.append(bytes(data))


def test_a_small_answer_is_sent_at_once():
    """Head, data and end are one write."""
    connection = Connection()
    sink = Sink(connection, 1000)  # type: ignore[arg-type]
    sink.begin("text/plain", more=True)
    sink.write(b"one ")
    sink.write(b"two")
    sink.end()
    head = connection.pieces[0][5 : 5 + connection.pieces[0][4]]

    assert len(connection.pieces) == 1
    assert as_head(head) == {"type": "text/plain", "more": True}
    assert connection.pieces[0].endswith(frame(DATA, b"one two") + frame(END))


@given(st.lists(st.integers(0, 200_000), max_size=6))
def test_an_answer_is_bounded(sizes):
    """Up to the limit all is passed on; the write beyond it is refused."""
    limit = 300_000
    connection = Connection()
    sink = Sink(connection, limit)  # type: ignore[arg-type]
    written = 0
    for size in sizes:
        written += size
        if written > limit:
            with pytest.raises(Refused):
                sink.write(b"x" * size)
            return
        sink.write(b"x" * size)
    sink.end()
    sent = b"".join(connection.pieces)
    received = 0
    while sent:
        kind, length = PREFIX.unpack_from(sent)
        received += length if kind == DATA else 0
        sent = sent[PREFIX.size + length :]

    assert received == written
