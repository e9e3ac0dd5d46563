"""What tests of the client share."""

from collections.abc import Callable

import pytest

from harvester.config import HttpSettings
from harvester.errors import FetchError
from harvester.portal.client import Client, Fetcher

Talk = Callable[..., Client]


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def quick(**changes: object) -> HttpSettings:
    """Settings that never wait for long."""
    return HttpSettings(
        **{"rate": 0.0, "backoff": 0.001, "read_timeout": 5.0, "max_spacing": 0.001, **changes}
    )


def fails(client: Fetcher, url: str, **how: object) -> FetchError:
    """Return the error that `url` gives; each names the URL and says what to do."""
    with pytest.raises(FetchError) as caught:
        client.get(url, **how)
    error = caught.value
    assert url.partition("?")[0] in error.cause
    assert error.fix
    return error
