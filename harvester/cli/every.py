"""`--every`: the same run again and again, each in a process of its own, for those without a scheduler."""

import math
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from types import FrameType

from harvester.errors import EXIT_INTERRUPTED

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_LONGEST_NAP_S = 3_600.0


class Repeater:
    """Runs `command` every `interval_s` seconds, from start to start.

    Slots that pass while a run goes on are left out, so runs never overlap. The monotonic clock decides,
    which nobody sets. Signals end it: at once between runs; else the run under way is told to end, too.
    """

    def __init__(self, command: Sequence[str], interval_s: float, say: Callable[[str], None]) -> None:
        self._command = command
        self._interval = interval_s
        self._say = say
        self._told = False
        self._running: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Go on until told to end; return 0, or the exit code of a run that was under way then."""
        with self._listening() as wake:
            begun = time.monotonic()
            while True:
                how = self._once()
                if self._told:
                    return how if how >= 0 else EXIT_INTERRUPTED
                slot = math.floor((time.monotonic() - begun) / self._interval) + 1
                left = begun + slot * self._interval - time.monotonic()
                when = datetime.now().astimezone() + timedelta(seconds=left)
                self._say(f"{_ended(how)}; the next one begins at {when:%Y-%m-%d %H:%M:%S %Z}")
                self._wait(wake, begun + slot * self._interval)
                if self._told:
                    return 0

    def _once(self) -> int:
        """Return the exit code of a run; minus the signal's number if one killed it."""
        # In a group of its own, so that Ctrl-C reaches it once: from us.
        try:
            self._running = subprocess.Popen(  # noqa: S603  # our own command line
                self._command, process_group=0, stdin=subprocess.DEVNULL
            )
        except OSError as error:  # no memory, no processes: that may be better next time
            self._say(f"the run could not be started: {error}")
            return 1
        if self._told:
            self._running.terminate()
        how = self._running.wait()
        self._running = None
        return how

    def _wait(self, wake: socket.socket, until: float) -> None:
        while not self._told and (left := until - time.monotonic()) > 0:
            select.select([wake], [], [], min(left, _LONGEST_NAP_S))

    @contextmanager
    def _listening(self) -> Iterator[socket.socket]:
        """Take signals; the socket that is yielded becomes readable when one comes."""
        wake, woken = socket.socketpair()
        with closing(wake), closing(woken):
            woken.setblocking(False)
            before = {number: signal.getsignal(number) for number in _ENDING}
            descriptor = signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
            for number, handler in before.items():
                if number is not signal.SIGHUP or handler is not signal.SIG_IGN:  # nohup
                    signal.signal(number, self._tell)
            try:
                yield wake
            finally:
                signal.set_wakeup_fd(descriptor)
                for number, handler in before.items():
                    signal.signal(number, handler)

    def _tell(self, _number: int, _frame: FrameType | None) -> None:
        running = self._running
        if running is not None:
            running.kill() if self._told else running.terminate()
        self._told = True


def once_command() -> list[str]:
    """Return this process' own command, without --every."""
    return [sys.executable, *without_every(sys.orig_argv[1:])]


def without_every(arguments: Sequence[str]) -> list[str]:
    """Return a command line without --every and its value.

    >>> without_every(["harvest", "--every", "6h", "--every=1h", "https://data.example", "--", "--every"])
    ['harvest', 'https://data.example', '--', '--every']
    """
    left: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            return [*left, argument, *rest]
        if argument == "--every":
            next(rest, None)
        elif not argument.startswith("--every="):
            left.append(argument)
    return left


def _ended(how: int) -> str:
    """Say how a run ended.

    >>> _ended(-9), _ended(3)
    ('The run was ended by SIGKILL', 'The run ended with exit code 3')
    """
    by = f"was ended by {signal.Signals(-how).name}" if how < 0 else f"ended with exit code {how}"
    return f"The run {by}"
