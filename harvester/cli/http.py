"""Options that say how to behave towards a portal."""

from collections.abc import Mapping
from typing import Any

import click

from harvester.cli.options import options
from harvester.config import MEBIBYTE, HttpSettings

_DEFAULTS = HttpSettings()

http_options = options(
    click.option(
        "--contact",
        default=_DEFAULTS.contact,
        envvar="HARVESTER_CONTACT",
        show_envvar=True,
        metavar="ADDRESS",
        help="Mail address or URL for the User-Agent, so that the portal can reach you.",
    ),
    click.option(
        "--rate",
        type=click.FloatRange(0),
        default=_DEFAULTS.rate,
        show_default=True,
        envvar="HARVESTER_RATE",
        metavar="REQUESTS",
        help="Most requests per second to one host; 0: no limit.",
    ),
    click.option(
        "--concurrency",
        type=click.IntRange(1, 16),
        default=_DEFAULTS.concurrency,
        show_default=True,
        envvar="HARVESTER_CONCURRENCY",
        metavar="REQUESTS",
        help="Most requests under way to one host.",
    ),
    click.option(
        "--attempts",
        type=click.IntRange(1, 20),
        default=_DEFAULTS.attempts,
        show_default=True,
        metavar="TIMES",
        help="How often to ask before giving up; only what heals by itself is asked again.",
    ),
    click.option(
        "--connect-timeout",
        type=click.FloatRange(0.1),
        default=_DEFAULTS.connect_timeout,
        show_default=True,
        metavar="SECONDS",
        help="Longest wait for a connection.",
    ),
    click.option(
        "--read-timeout",
        type=click.FloatRange(0.1),
        default=_DEFAULTS.read_timeout,
        show_default=True,
        metavar="SECONDS",
        help="Longest silence within an answer.",
    ),
    click.option(
        "--total-timeout",
        type=click.FloatRange(0.1),
        default=_DEFAULTS.total_timeout,
        show_default=True,
        metavar="SECONDS",
        help="Longest time for one answer.",
    ),
    click.option(
        "--max-wait",
        type=click.FloatRange(0),
        default=_DEFAULTS.max_wait,
        show_default=True,
        metavar="SECONDS",
        help="Longest wait before asking again, whatever Retry-After says.",
    ),
    click.option(
        "--max-body",
        type=click.IntRange(1),
        default=_DEFAULTS.max_body // MEBIBYTE,
        show_default=True,
        metavar="MIB",
        help="Largest answer.",
    ),
    click.option(
        "--max-requests",
        type=click.IntRange(0),
        default=_DEFAULTS.max_requests,
        show_default=True,
        metavar="REQUESTS",
        help="Most requests of one run, retries included; 0: no limit.",
    ),
    click.option(
        "--max-transfer",
        type=click.IntRange(0),
        default=_DEFAULTS.max_transfer // MEBIBYTE,
        show_default=True,
        metavar="MIB",
        help="Most data that one run may receive, as it comes; 0: no limit.",
    ),
)
"""Gives a command the options of `HttpSettings`."""


def http_settings(given: Mapping[str, Any]) -> HttpSettings:
    """Return the settings that the options of a command say."""
    return HttpSettings(
        connect_timeout=given["connect_timeout"],
        read_timeout=given["read_timeout"],
        total_timeout=given["total_timeout"],
        attempts=given["attempts"],
        max_wait=given["max_wait"],
        max_body=given["max_body"] * MEBIBYTE,
        rate=given["rate"],
        concurrency=given["concurrency"],
        max_requests=given["max_requests"],
        max_transfer=given["max_transfer"] * MEBIBYTE,
        contact=given["contact"],
    )
