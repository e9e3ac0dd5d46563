"""What every endpoint has at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request

from harvester.query.canned import Library
from harvester.serve.core.dumps import Dumps
from harvester.serve.core.engine import Engine
from harvester.serve.core.gate import Gate
from harvester.serve.core.settings import ServeSettings


class Renderer(Protocol):
    """Makes pages of templates."""

    def render(self, language: str, name: str, context: Mapping[str, Any]) -> str:
        """Return the page that the template `name` makes of values."""

    def warm(self) -> None:
        """Load all templates."""


@dataclass(frozen=True)
class Serving:
    """The parts of a running server."""

    settings: ServeSettings
    gate: Gate
    engine: Engine
    library: Library
    templates: Renderer
    dumps: Dumps

    def url(self, path: str) -> str:
        """Return the absolute URL of a path that begins with a slash."""
        return self.settings.base + path

    def path(self, path: str) -> str:
        """Return a path as links in pages have it: with the prefix of a reverse proxy."""
        return self.settings.prefix + path


def serving_of(request: Request) -> Serving:
    """Return the parts of the server that a request came to."""
    serving: Serving = request.app.state.serving
    return serving
