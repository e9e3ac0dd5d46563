"""The options of `harvester serve`, under headings, and the settings that they say."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from harvester.cli.options import Headed, options
from harvester.config import MEBIBYTE
from harvester.serve.core.settings import ServeSettings
from harvester.workers.limits import Limits

_KIBIBYTE = 1024
_SERVE = ServeSettings(Path())
_LIMITS = Limits()

_option = partial(click.option, cls=Headed, show_default=True)
_address = partial(_option, heading="Addresses")
_content = partial(_option, heading="Content")
_limit = partial(_option, heading="Limits for one request")
_total = partial(_option, heading="Limits for all together")
_client = partial(_option, heading="Clients")
_operation = partial(_option, heading="Operation")
_some = click.IntRange(1)

serve_options = options(
    _address(
        "--host", default=_SERVE.host, metavar="IP", help="Listen here; 0.0.0.0 or :: for all networks."
    ),
    _address("--port", type=click.IntRange(1, 65535), default=_SERVE.port, metavar="PORT"),
    _address(
        "--public-url",
        default="",
        show_default="http://HOST:PORT",
        metavar="URL",
        help="How the world calls the server, with the path that a reverse proxy gives it.",
    ),
    _address(
        "--trust-proxy",
        multiple=True,
        metavar="IP",
        help="A reverse proxy, or a network of them, whose X-Forwarded-For is believed; may be repeated.",
    ),
    _content(
        "--queries",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        multiple=True,
        envvar="HARVESTER_QUERIES",
        show_envvar=True,
        metavar="DIR",
        help="A folder of your own queries; those named as a shipped one take its place. May be repeated.",
    ),
    _content(
        "--dumps",
        type=click.Path(path_type=Path, file_okay=False),
        show_default="dumps in the catalogue's folder",
        metavar="DIR",
        help="Where dumps are kept.",
    ),
    _content(
        "--make-dumps/--no-dumps",
        default=True,
        help="Make dumps of each publication, which takes minutes for a large one, in a process of its own.",
    ),
    _limit(
        "--timeout",
        type=click.FloatRange(0.1, 3600),
        default=_LIMITS.time_s,
        metavar="SECONDS",
        help="Longest evaluation.",
    ),
    _limit(
        "--memory",
        type=click.IntRange(128),
        default=_LIMITS.memory // MEBIBYTE,
        metavar="MIB",
        help="Most memory of the process that evaluates it.",
    ),
    _limit("--max-rows", type=_some, default=_LIMITS.rows, metavar="ROWS", help="Most rows, or triples."),
    _limit(
        "--max-answer",
        type=_some,
        default=_LIMITS.answer // MEBIBYTE,
        metavar="MIB",
        help="Longest answer, before compression.",
    ),
    _limit(
        "--max-request",
        type=_some,
        default=_SERVE.request // _KIBIBYTE,
        metavar="KIB",
        help="Longest body of a request.",
    ),
    _total(
        "--workers",
        type=click.IntRange(1, 256),
        default=_LIMITS.workers,
        show_default="two for each processor, 4 at least",
        metavar="PROCESSES",
        help="For queries that take less than a second.",
    ),
    _total(
        "--slow-workers",
        type=click.IntRange(1, 256),
        default=_LIMITS.slow_workers,
        metavar="PROCESSES",
        help="For queries that take longer, with low priority; one client gets half of them.",
    ),
    _total(
        "--queue",
        type=click.IntRange(0),
        default=_LIMITS.queue,
        metavar="REQUESTS",
        help="How many may wait for a process; more are answered 429.",
    ),
    _total(
        "--cache",
        type=click.IntRange(0),
        default=_SERVE.cache // MEBIBYTE,
        metavar="MIB",
        help="Memory for answers that are kept until the next harvest is published.",
    ),
    _total(
        "--connections",
        type=_some,
        default=_SERVE.connections,
        metavar="CONNECTIONS",
        help="Open at a time; more wait.",
    ),
    _client(
        "--per-client",
        type=_some,
        default=_SERVE.per_client,
        metavar="REQUESTS",
        help="Under way at a time from one address, or with one token; more are answered 429.",
    ),
    _client(
        "--tokens",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Answer only requests with a token of this file, which has lines of `name:token`.",
    ),
    _operation(
        "--access-log",
        type=click.Choice(["plain", "json", "off"]),
        default=_SERVE.access_log,
        help="A line for each request on standard output.",
    ),
    _operation("--metrics/--no-metrics", default=_SERVE.metrics, help="For Prometheus, at /metrics."),
    _operation(
        "--stop-timeout",
        type=click.FloatRange(1, 3600),
        default=_SERVE.stop_s,
        metavar="SECONDS",
        help="How long requests under way may go on after SIGTERM or Ctrl-C.",
    ),
)
"""Gives a command the options of `ServeSettings`, but for the store."""


def serve_settings(store: Path, given: Mapping[str, Any]) -> ServeSettings:
    """Return the settings that the options say. Raises UsageError for what cannot be meant."""
    return ServeSettings(
        store=store,
        host=given["host"],
        port=given["port"],
        public_url=given["public_url"],
        trusted_proxies=given["trust_proxy"],
        queries=given["queries"],
        dumps=given["dumps"],
        makes_dumps=given["make_dumps"],
        limits=Limits(
            workers=given["workers"],
            slow_workers=given["slow_workers"],
            time_s=given["timeout"],
            memory=given["memory"] * MEBIBYTE,
            answer=given["max_answer"] * MEBIBYTE,
            rows=given["max_rows"],
            queue=given["queue"],
        ),
        per_client=given["per_client"],
        connections=given["connections"],
        cache=given["cache"] * MEBIBYTE,
        request=given["max_request"] * _KIBIBYTE,
        stop_s=given["stop_timeout"],
        tokens=given["tokens"],
        metrics=given["metrics"],
        access_log=given["access_log"],
    )
