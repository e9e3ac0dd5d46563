"""`harvester serve`: a SPARQL endpoint, canned queries and linked data over HTTP."""

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click

from harvester.cli.options import Sectioned, store_option
from harvester.cli.serve_options import serve_options, serve_settings
from harvester.serve.core.settings import ServeSettings
from harvester.store.generations import Catalogue

_EPILOG = """\b
Examples:
  harvester serve --store ./catalogue
  harvester serve --port 9000 --workers 4 --access-log json
  harvester serve --public-url https://data.example/catalogue --trust-proxy 127.0.0.1
  HARVESTER_SERVE_HOST=0.0.0.0 HARVESTER_SERVE_MEMORY=256 harvester serve

\b
Then, from another terminal:
  curl http://127.0.0.1:8000/queries/most-reused-datasets.csv
  curl http://127.0.0.1:8000/sparql --data-urlencode 'query=ASK { ?dataset a dcat:Dataset }'

\b
Exit codes:
  0 stopped by SIGTERM or Ctrl-C      2 usage: an option, a token file, an address that cannot be had
  1 disk, store, or a bug
"""


@click.command(cls=Sectioned, epilog=_EPILOG, context_settings={"auto_envvar_prefix": "HARVESTER_SERVE"})
@store_option
@serve_options
def serve(store: Path, **given: Any) -> None:
    """Serve the catalogue: SPARQL endpoint, canned queries, pages, linked data, dumps.

    A published harvest is served within seconds, without a request lost. SIGTERM or Ctrl-C ends the server
    after the requests under way, a second one ends it at once.

    Every option can also be given as an environment variable: HARVESTER_SERVE_PORT for --port, and so on.
    """
    from harvester.serve.server import run  # noqa: PLC0415  # a web server, which no other command needs

    settings = serve_settings(store, given)
    for note in _notes(settings):
        click.echo(f"Note: {note}", err=True)
    run(settings, partial(click.echo, f"Serving {store} at {settings.base}/ (Ctrl-C stops)", err=True))


def _notes(settings: ServeSettings) -> Iterator[str]:
    """Yield what may not be what was meant. Raises StoreError for a folder that is no catalogue's."""
    catalogue = Catalogue(settings.store)
    if catalogue.current() is None:
        catalogue.check()
        yield f"{settings.store} holds no catalogue yet; what is harvested into it is served when it is there"
    if settings.everywhere and not settings.public_url:
        yield f"links in answers begin with {settings.base}: --public-url says how the world calls the server"
    if ip_address(settings.host).is_loopback and settings.public_url and not settings.trusted_proxies:
        yield "all that comes through a proxy counts as one client: --trust-proxy 127.0.0.1 tells them apart"
