"""Connections whose client takes nothing: the kernel drops them, since nobody else can."""

import os
import socket
import stat
import sys
from contextlib import suppress
from pathlib import Path

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_UNSENT = 1 << 16
"""Bytes of an answer that the kernel takes ahead of the client; by itself it takes megabytes."""


def drop_stalled(seconds: float) -> int:
    """Have the kernel drop connections on which nothing moves for so long; return at how many ports.

    It is set on the sockets at which this process listens; what they accept from now on inherits it. So a
    client that asks for a long answer and never reads it does not hold one of the bounded connections for
    good. Linux only: https://www.rfc-editor.org/rfc/rfc5482 and tcp(7).
    """
    if sys.platform != "linux":
        return 0
    found = 0
    for name in Path("/proc/self/fd").iterdir():
        descriptor = int(name.name)
        with suppress(OSError):  # one that is gone meanwhile
            found += stat.S_ISSOCK(os.fstat(descriptor).st_mode) and _limit(descriptor, seconds)
    return found


def _limit(descriptor: int, seconds: float) -> bool:
    """Set it on a socket if that listens to the network; tell whether it does."""
    with socket.socket(fileno=os.dup(descriptor)) as found:
        listens = found.family in _INTERNET and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if listens:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1000))
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
    return bool(listens)
