"""Connections that are made to checked addresses only and never outlive a deadline."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from socket import SocketIO, gaierror, socket
from typing import Any, cast

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from harvester.portal.address import Guard
from harvester.portal.exchange import Deadline

ADDRESSES_TRIED = 4
"""Of one host, before giving up: each may cost a connect timeout."""

_deadline: ContextVar[Deadline] = ContextVar("deadline")


@contextmanager
def until(deadline: Deadline) -> Iterator[None]:
    """Bound what is read in this block, in this thread, from connections of a `GuardedAdapter`."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


class GuardedAdapter(HTTPAdapter):
    """Makes connections that are guarded, or timed only when a proxy makes the real ones."""

    def __init__(self, guard: Guard, connections: int) -> None:
        self._guard = guard
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections (called by the base class)."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._guard)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Make the pools of connections through `proxy` (called by the base class)."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if isinstance(manager, urllib3.ProxyManager) and not proxy.startswith("socks"):
            manager.pool_classes_by_scheme = _pools(None)
        return manager


def _pools(guard: Guard | None) -> dict[str, type]:
    plain = type("Connection", (_Connection,), {"guard": guard})
    secure = type("SecureConnection", (_SecureConnection,), {"guard": guard})
    return {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


class _Until(io.RawIOBase):
    """Reads from a socket until a deadline, however slowly status, headers and body trickle in."""

    def __init__(self, source: SocketIO, sock: socket, deadline: Deadline) -> None:
        super().__init__()
        self._source = source
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.left()
        if left <= 0:
            raise TimeoutError("the time for the whole answer is over")
        patience = self._sock.gettimeout()
        self._sock.settimeout(left if patience is None else min(patience, left))
        try:
            return self._source.readinto(buffer)
        finally:
            self._sock.settimeout(patience)

    def close(self) -> None:
        self._source.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        source = cast("SocketIO", self.fp.detach())
        self.fp = io.BufferedReader(_Until(source, sock, _deadline.get()))


class _Connection(HTTPConnection):
    """Connects only to addresses that the guard has checked: the name is not resolved a second time."""

    guard: Guard | None = None
    response_class = _Response

    def _new_conn(self) -> socket:
        if self.guard is None:
            return super()._new_conn()
        name = self.host
        try:
            addresses = self.guard.addresses(name)[:ADDRESSES_TRIED]
        except gaierror as error:
            raise urllib3.exceptions.NameResolutionError(name, self, error) from error
        failure: urllib3.exceptions.HTTPError | None = None
        for address in addresses:
            self.host = address
            try:
                return super()._new_conn()
            except urllib3.exceptions.HTTPError as error:
                failure = error
            finally:
                self.host = name
        raise failure or urllib3.exceptions.NewConnectionError(self, "no address")


class _SecureConnection(_Connection, HTTPSConnection):
    pass
