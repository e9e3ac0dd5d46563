"""Sentences on stderr, for people or as JSON lines."""

import json
import time

import click

from harvester.cli.program import printable

_LONGEST = 20_000
"""Characters: a traceback tells the most at its end."""


def notice(text: str, log_format: str, event: str = "notice") -> None:
    """Tell something beside the progress; `log_format` is "text" or "json"."""
    if log_format == "json":
        line = {"event": event, "time": round(time.time(), 3), "text": text}
        click.echo(json.dumps(line, ensure_ascii=False), err=True)
    else:
        click.echo(printable(text, longest=_LONGEST), err=True)
