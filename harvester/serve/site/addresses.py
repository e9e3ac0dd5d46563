"""Where the pages of records lead: searches, queries, runs, other records."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from harvester.serve.html.links import resource_address
from harvester.vocab import PREFIXES, RUN

_EU = PREFIXES["eutheme"]


@dataclass(frozen=True)
class Addresses:
    """Makes addresses; `path` adds the prefix of a reverse proxy."""

    path: Callable[[str], str]

    def query(self, name: str, **values: str) -> str:
        """Return the address of a canned query with its parameters."""
        return self._with(f"/queries/{name}", values)

    def search(self, **values: str) -> str:
        """Return the address of a search."""
        return self._with("/search", values)

    def theme(self, kind: str, iri: str) -> str:
        """Return the address of a search in a theme, "" if records of that kind are not found by it.

        Datasets and services are found by the EU's themes, reuses by the topics of their portal.
        """
        if not iri or iri.startswith(_EU) == (kind == "reuse"):
            return ""
        return self.search(kind=kind, **{"topic" if kind == "reuse" else "theme": iri})

    def statements(self, iri: str) -> str:
        """Return the address of all statements about a resource."""
        return self._with("/statements", {"iri": iri})

    def record(self, iri: str) -> str:
        """Return the address of the page of a resource."""
        return resource_address(self.path, iri)

    def run(self, iri: str) -> str:
        """Return the address of a run's page, "" for what is none of our runs."""
        if not iri.startswith(RUN):
            return ""
        return self.path(f"/runs/{quote(iri.removeprefix(RUN), safe='')}")

    def _with(self, address: str, values: dict[str, str]) -> str:
        return self.path(address) + (f"?{urlencode(values)}" if values else "")
